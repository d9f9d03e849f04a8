//! `World::small`: two people's working lives around a given day. The demo account and most tests
//! live here, so it shows every kind of event once in the week of that day, and looks real.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use crate::{
    event::EventSpec,
    world::{AccessRole, FreeBusyMode, World},
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.org";
const TEAM: &str = "c_team_berlin@group.calendar.google.com";
const FAMILY: &str = "family09712345@group.calendar.google.com";
const STUDIO: &str = "studio@example.com";
const CHOIR: &str = "c_choir@group.calendar.google.com";
const HOLIDAYS: &str = "en.german#holiday@group.v.calendar.google.com";
const ARCHIVE: &str = "c_archive_2019@group.calendar.google.com";
const BERLIN: &str = "Europe/Berlin";
const LISBON: &str = "Europe/Lisbon";

impl World {
    /// Two accounts, `ana@example.com` (Berlin) and `ben@example.org` (Lisbon), with some three months
    /// of events around `today`: series with exceptions across the clock changes, whole days, declined,
    /// tentative and transparent ones, focus time, out of office, working location, birthdays, a
    /// calendar shared by its times only, holidays, and a hidden calendar.
    pub fn small(today: NaiveDate) -> World {
        World::small_in(today, BERLIN)
    }

    /// The same life lived in another zone than Berlin: for the demo, whose days should begin when
    /// the person's do. A zone that nobody knows is taken for Berlin.
    pub fn small_in(today: NaiveDate, zone: &str) -> World {
        let zone = if crate::zone::known(zone) {
            zone
        } else {
            BERLIN
        };
        let start = today.and_hms_opt(9, 40, 0).map_or_else(
            || today.and_time(NaiveTime::MIN).and_utc(),
            |wall| wall.and_utc(),
        );
        let mut world = World::empty(start, 20_26);
        let mut build = Builder {
            world: &mut world,
            monday: monday_of(today),
            zone,
        };
        build.people();
        build.ana();
        build.team();
        build.family();
        build.studio();
        build.ben();
        build.holidays();
        world
    }
}

struct Builder<'a> {
    world: &'a mut World,
    monday: NaiveDate,
    zone: &'a str,
}

impl Builder<'_> {
    fn people(&mut self) {
        let world = &mut *self.world;
        world.add_account(ANA, "Ana Lindqvist", self.zone);
        world.add_account(BEN, "Ben Carvalho", LISBON);
        let shared = [
            (
                TEAM,
                "Team Berlin",
                self.zone,
                ANA,
                AccessRole::Writer,
                true,
            ),
            (FAMILY, "Family", self.zone, ANA, AccessRole::Owner, true),
            (
                STUDIO,
                "Studio",
                self.zone,
                ANA,
                AccessRole::FreeBusyReader,
                true,
            ),
            (
                HOLIDAYS,
                "Holidays in Germany",
                self.zone,
                ANA,
                AccessRole::Reader,
                true,
            ),
            (
                ARCHIVE,
                "Archive 2019",
                self.zone,
                ANA,
                AccessRole::Owner,
                false,
            ),
            (
                TEAM,
                "Team Berlin",
                self.zone,
                BEN,
                AccessRole::Reader,
                true,
            ),
            (CHOIR, "Choir", LISBON, BEN, AccessRole::Owner, true),
            (ANA, ANA, self.zone, BEN, AccessRole::FreeBusyReader, true),
        ];
        for (id, name, zone, email, role, selected) in shared {
            if world.calendar(id).is_none() {
                world.add_calendar(id, name, zone);
            }
            let listed = world.list_calendar(email, id, role, selected);
            debug_assert_eq!(listed, Ok(()), "the calendar was just made");
        }
        let hidden = world.hide_calendar(ANA, ARCHIVE, true);
        debug_assert_eq!(hidden, Ok(()), "the archive is on the list");
        for id in [ANA, BEN] {
            if let Ok(calendar) = world.calendar_mut(id) {
                calendar.open_times = true;
            }
        }
    }

    fn ana(&mut self) {
        let standup = self.put(
            ANA,
            EventSpec::at("Stand-up", self.zone, self.at(-84, 9, 0), 30)
                .id("standup0ana")
                .repeat("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
                .location("https://meet.google.com/abc-defg-hij"),
        );
        // Moved to the afternoon on one day, left out on another, and long ago renamed.
        self.put(
            ANA,
            EventSpec::exception(&standup, self.at(3, 9, 0))
                .moved_to(self.zone, self.at(3, 9, 30), 30)
                .title("Stand-up (later today)"),
        );
        self.put(ANA, EventSpec::cancelled(&standup, self.at(8, 9, 0)));
        self.put(
            ANA,
            EventSpec::exception(&standup, self.at(-11, 9, 0)).title("Stand-up with the board"),
        );
        let guests = |spec: EventSpec, answer: &str| {
            spec.guest(ANA, "Ana Lindqvist", answer)
                .guest("mo.adeyemi@example.com", "Mo Adeyemi", "accepted")
                .guest("li.wei@example.com", "Li Wei", "needsAction")
        };
        self.put(
            ANA,
            guests(
                EventSpec::at("Roadmap", self.zone, self.at(0, 10, 0), 120).tentative(),
                "tentative",
            )
            .organizer("mo.adeyemi@example.com", "Mo Adeyemi"),
        );
        self.put(
            ANA,
            guests(
                EventSpec::at("Design review", self.zone, self.at(-82, 10, 0), 90)
                    .repeat("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=WE")
                    .location("Room 4, 2nd floor")
                    .description("<p>Bring <b>two</b> sketches each.</p>"),
                "accepted",
            ),
        );
        self.put(
            ANA,
            guests(
                EventSpec::at("All hands", self.zone, self.at(3, 16, 0), 60),
                "declined",
            )
            .organizer("office@example.com", "Office"),
        );
        self.put(
            ANA,
            guests(
                EventSpec::at("Hiring sync", self.zone, self.at(2, 15, 0), 60),
                "needsAction",
            )
            .organizer("li.wei@example.com", "Li Wei"),
        );
        self.put(
            ANA,
            EventSpec::at("Customer call", self.zone, self.at(3, 10, 30), 90)
                .guest(ANA, "Ana Lindqvist", "accepted")
                .guest("buyer@customer.example", "J. Buyer", "accepted")
                .field(
                    "conferenceData",
                    serde_json::json!({"conferenceSolution": {"name": "Google Meet"},
                        "entryPoints": [{"entryPointType": "video",
                            "uri": "https://meet.google.com/xyz-abcd-efg"}]}),
                ),
        );
        self.put(
            ANA,
            EventSpec::at("Focus time", self.zone, self.at(-80, 10, 0), 120)
                .repeat("RRULE:FREQ=WEEKLY;BYDAY=FR")
                .kind("focusTime"),
        );
        self.put(
            ANA,
            EventSpec::at("1:1 with Ben", self.zone, self.at(-83, 14, 0), 45)
                .repeat("RRULE:FREQ=WEEKLY;BYDAY=TU")
                .guest(ANA, "Ana Lindqvist", "accepted")
                .guest(BEN, "Ben Carvalho", "accepted"),
        );
        self.put(
            ANA,
            EventSpec::at("Salary talk", self.zone, self.at(1, 16, 0), 30).private(),
        );
        self.put(
            ANA,
            EventSpec::at(
                "Lunch walk (skip if it rains)",
                self.zone,
                self.at(2, 12, 15),
                45,
            )
            .transparent(),
        );
        self.put(
            ANA,
            EventSpec::at("Night train to Wien", self.zone, self.at(11, 21, 30), 600),
        );
        self.put(
            ANA,
            EventSpec::at(
                "Out of office",
                self.zone,
                self.at(25, 9, 0),
                3 * 1440 - 900,
            )
            .kind("outOfOffice"),
        );
        self.put(
            ANA,
            EventSpec::all_day("Office", self.day(0), 1)
                .repeat("RRULE:FREQ=WEEKLY;BYDAY=MO,TU")
                .kind("workingLocation")
                .transparent(),
        );
        self.put(
            ANA,
            EventSpec::all_day("Mo's birthday", self.day(3), 1)
                .repeat("RRULE:FREQ=YEARLY")
                .kind("birthday")
                .transparent(),
        );
        self.put(
            ANA,
            EventSpec::at(
                "Retro with Sydney",
                "Australia/Sydney",
                self.at(-81, 18, 30),
                30,
            )
            .repeat("RRULE:FREQ=WEEKLY;BYDAY=TH"),
        );
        self.put(
            ANA,
            EventSpec::at("Board numbers due", self.zone, self.last_friday(17), 30)
                .repeat("RRULE:FREQ=MONTHLY;BYDAY=-1FR"),
        );
        self.put(
            ANA,
            EventSpec::at("Dentist", self.zone, self.at(-15, 8, 15), 45),
        );
        self.put(
            ANA,
            EventSpec::at("Product day", self.zone, self.at(16, 9, 30), 450),
        );
        self.put(
            ANA,
            EventSpec::at("Quarter planning", self.zone, self.at(36, 10, 0), 240),
        );
    }

    fn team(&mut self) {
        self.put(
            TEAM,
            EventSpec::all_day("Offsite, Leipzig", self.day(0), 2).transparent(),
        );
        self.put(TEAM, EventSpec::all_day("Release freeze", self.day(21), 3));
        self.put(
            TEAM,
            EventSpec::at("Retro", self.zone, self.at(-80, 16, 0), 60)
                .repeat("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        );
        self.put(
            TEAM,
            EventSpec::at("Team lunch", self.zone, self.first_wednesday(12), 60)
                .repeat("RRULE:FREQ=MONTHLY;BYDAY=1WE"),
        );
        self.put(
            TEAM,
            EventSpec::at("On-call handover", self.zone, self.at(-84, 11, 0), 15)
                .repeat("RRULE:FREQ=WEEKLY;BYDAY=MO"),
        );
        self.put(
            TEAM,
            EventSpec::at("Maintenance window", self.zone, self.at(9, 22, 0), 180).tentative(),
        );
    }

    fn family(&mut self) {
        self.put(
            FAMILY,
            EventSpec::at("Piano lesson", self.zone, self.at(-82, 10, 30), 60)
                .repeat("RRULE:FREQ=WEEKLY;BYDAY=WE"),
        );
        self.put(
            FAMILY,
            EventSpec::at("Lunch with Mo", self.zone, self.at(2, 13, 0), 60),
        );
        self.put(
            FAMILY,
            EventSpec::all_day("Grandparents visit", self.day(5), 2),
        );
        self.put(
            FAMILY,
            EventSpec::at("Swimming", self.zone, self.at(-79, 9, 0), 90)
                .repeat("RRULE:FREQ=WEEKLY;BYDAY=SA"),
        );
        self.put(
            FAMILY,
            EventSpec::at("School play 🎭", self.zone, self.at(10, 18, 0), 120),
        );
        self.put(FAMILY, EventSpec::all_day("Ski trip", self.day(54), 7));
        self.put(
            FAMILY,
            EventSpec::at("Parents' evening", self.zone, self.at(-6, 19, 0), 90),
        );
    }

    fn studio(&mut self) {
        for (day, hour, minutes) in [
            (-3, 14, 120),
            (1, 11, 90),
            (3, 13, 150),
            (4, 13, 120),
            (8, 10, 240),
            (15, 9, 180),
        ] {
            let booked = EventSpec::at("Booked", self.zone, self.at(day, hour, 0), minutes);
            self.put(STUDIO, booked);
        }
        self.put(
            STUDIO,
            EventSpec::at("Cleaning", self.zone, self.at(-83, 7, 0), 60)
                .repeat("RRULE:FREQ=WEEKLY;BYDAY=TU,FR"),
        );
        self.put(
            ARCHIVE,
            EventSpec::at("Old kick-off", self.zone, self.at(-80, 10, 0), 60),
        );
    }

    fn ben(&mut self) {
        self.put(
            BEN,
            EventSpec::at("Stand-up", LISBON, self.at(-84, 9, 0), 15)
                .repeat("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        );
        self.put(
            BEN,
            EventSpec::at("Architecture", LISBON, self.at(2, 9, 0), 90),
        );
        self.put(
            BEN,
            EventSpec::at("Interview", LISBON, self.at(1, 10, 0), 90),
        );
        self.put(
            BEN,
            EventSpec::at("1:1 with Ana", LISBON, self.at(-83, 13, 0), 45)
                .repeat("RRULE:FREQ=WEEKLY;BYDAY=TU")
                .organizer(ANA, "Ana Lindqvist")
                .guest(ANA, "Ana Lindqvist", "accepted")
                .guest(BEN, "Ben Carvalho", "accepted"),
        );
        self.put(
            BEN,
            EventSpec::at("Deep work", LISBON, self.at(4, 8, 0), 180).kind("focusTime"),
        );
        self.put(
            BEN,
            EventSpec::at("Physio", LISBON, self.at(0, 17, 30), 45).private(),
        );
        self.put(BEN, EventSpec::all_day("Moving house", self.day(18), 2));
        self.put(
            CHOIR,
            EventSpec::at("Choir", LISBON, self.at(-83, 19, 0), 120)
                .repeat("RRULE:FREQ=WEEKLY;BYDAY=TU"),
        );
        self.put(
            CHOIR,
            EventSpec::at("Concert", LISBON, self.at(20, 19, 30), 150),
        );
    }

    fn holidays(&mut self) {
        let year = self.monday.year();
        for year in [year - 1, year, year + 1] {
            let days = [
                (1, 1, "New Year's Day"),
                (5, 1, "Labour Day"),
                (10, 3, "German Unity Day"),
                (12, 25, "Christmas Day"),
                (12, 26, "Boxing Day"),
            ];
            for (month, day, name) in days {
                if let Some(date) = NaiveDate::from_ymd_opt(year, month, day) {
                    self.put(HOLIDAYS, EventSpec::all_day(name, date, 1).transparent());
                }
            }
        }
        if let Ok(calendar) = self.world.calendar_mut(HOLIDAYS) {
            // As at Google: a holiday calendar never answers the free/busy query.
            calendar.free_busy = FreeBusyMode::Error("notFound".to_owned());
        }
    }

    fn put(&mut self, calendar: &str, spec: EventSpec) -> String {
        let added = self.world.add_event(calendar, spec);
        debug_assert!(
            added.is_ok(),
            "every calendar and series named here exists: {added:?}"
        );
        added.unwrap_or_default()
    }

    /// A wall-clock time, counted in days from the Monday of this week.
    fn at(&self, day: i64, hour: u32, minute: u32) -> NaiveDateTime {
        self.day(day)
            .and_hms_opt(hour, minute, 0)
            .unwrap_or_default()
    }

    /// A series has to begin on a day its rule names: the last Friday of some month back then.
    fn last_friday(&self, hour: u32) -> NaiveDateTime {
        let is_last = |day: &NaiveDate| (*day + Days::new(7)).month() != day.month();
        let fridays = (-80..-30).step_by(7).map(|day| self.day(day));
        let friday = fridays.into_iter().find(is_last).unwrap_or(self.monday);
        friday.and_hms_opt(hour, 0, 0).unwrap_or_default()
    }

    fn first_wednesday(&self, hour: u32) -> NaiveDateTime {
        let wednesdays = (-82..-30).step_by(7).map(|day| self.day(day));
        let first = wednesdays
            .into_iter()
            .find(|day| day.day() <= 7)
            .unwrap_or(self.monday);
        first.and_hms_opt(hour, 30, 0).unwrap_or_default()
    }

    fn day(&self, day: i64) -> NaiveDate {
        self.monday + chrono::TimeDelta::days(day)
    }
}

fn monday_of(date: NaiveDate) -> NaiveDate {
    date - Days::new(u64::from(date.weekday().days_since(Weekday::Mon)))
}
