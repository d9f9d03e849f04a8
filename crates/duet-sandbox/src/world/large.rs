//! Worlds for measuring: many events, many calendars, one seed. Owns the generators; what is
//! measured with them is the bench's business.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use crate::{
    dice::Dice,
    event::EventSpec,
    world::{AccessRole, World},
};

const EMAIL: &str = "ana@example.com";
const ZONES: [&str; 6] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Europe/Lisbon",
];
const TITLES: [&str; 12] = [
    "Stand-up",
    "Planning",
    "Review",
    "1:1",
    "Customer call",
    "Workshop",
    "Interview",
    "Lunch",
    "Focus time",
    "Retro",
    "Travel",
    "Sync with the platform group",
];
/// How a series repeats, and how far its occurrences lie apart at most, in days.
const RULES: [(&str, u32); 6] = [
    ("RRULE:FREQ=WEEKLY", 7),
    ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE", 7),
    ("RRULE:FREQ=WEEKLY;INTERVAL=2", 14),
    ("RRULE:FREQ=DAILY;INTERVAL=2", 2),
    ("RRULE:FREQ=MONTHLY;BYDAY=2TU", 35),
    ("RRULE:FREQ=YEARLY", 366),
];

impl World {
    /// 50,000 events (masters, exceptions and single ones) in 50 calendars of `ana@example.com`,
    /// within two years on either side of 2026-11-25, the same for the same seed.
    pub fn large(seed: u64) -> World {
        World::large_around(middle(), seed)
    }

    /// The same around another day.
    pub fn large_around(day: NaiveDate, seed: u64) -> World {
        World::of_size_around(day, (50, 1000), 730, seed)
    }

    /// 100,000 events in 250 calendars of `ana@example.com`, within five years on either side of
    /// 2026-11-25: what somebody gathers who never deletes anything.
    pub fn huge(seed: u64) -> World {
        World::huge_around(middle(), seed)
    }

    /// The same around another day.
    pub fn huge_around(day: NaiveDate, seed: u64) -> World {
        World::of_size_around(day, (250, 400), 1825, seed)
    }

    /// `calendars` calendars of `ana@example.com`, each with about six events a day for `days` days
    /// from 2026-11-25 on.
    pub fn many_calendars(calendars: usize, days: u32, seed: u64) -> World {
        let mut build = Build::new(middle(), seed, calendars);
        for index in 0..calendars {
            let id = build.calendar(index);
            for day in 0..days {
                for _ in 0..6 {
                    let date = middle() + Days::new(u64::from(day));
                    let spec = build.single(date);
                    build.put(&id, spec);
                }
            }
        }
        build.world
    }

    /// `calendars` calendars of `ana@example.com` with `each` events, spread over `days` days on
    /// either side of 2026-11-25.
    pub fn of_size(calendars: usize, each: usize, days: u32, seed: u64) -> World {
        World::of_size_around(middle(), (calendars, each), days, seed)
    }

    fn of_size_around(
        day: NaiveDate,
        (calendars, each): (usize, usize),
        days: u32,
        seed: u64,
    ) -> World {
        let mut build = Build::new(day, seed, calendars);
        for index in 0..calendars {
            let id = build.calendar(index);
            build.fill(&id, each, days);
        }
        build.world
    }
}

fn middle() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 25).unwrap_or_default()
}

struct Build {
    world: World,
    dice: Dice,
    day: NaiveDate,
    count: u64,
}

impl Build {
    fn new(day: NaiveDate, seed: u64, calendars: usize) -> Build {
        let start: DateTime<Utc> = day.and_hms_opt(9, 40, 0).unwrap_or_default().and_utc();
        let mut world = World::empty(start, seed);
        if calendars > 0 {
            world.add_account(EMAIL, "Ana Lindqvist", ZONES[0]);
        }
        Build {
            world,
            dice: Dice::new(seed),
            day,
            count: 0,
        }
    }

    /// The first calendar is the primary one; the others are named by their number.
    fn calendar(&mut self, index: usize) -> String {
        if index == 0 {
            return EMAIL.to_owned();
        }
        let id = format!("c_{index:03}@group.calendar.google.com");
        self.world.add_calendar(
            &id,
            &format!("Calendar {index}"),
            ZONES[index % ZONES.len()],
        );
        let listed = self
            .world
            .list_calendar(EMAIL, &id, AccessRole::Owner, true);
        debug_assert_eq!(listed, Ok(()), "the account was added first");
        id
    }

    /// About 15 % are masters of series and as many exceptions.
    fn fill(&mut self, id: &str, each: usize, days: u32) {
        let mut left = each;
        while left > 0 {
            let offset = self.dice.below(u64::from(days) * 2);
            let date = self.day - Days::new(u64::from(days)) + Days::new(offset);
            if left >= 4 && self.dice.chance(18) {
                left -= self.series(id, date);
            } else {
                let spec = self.single(date);
                self.put(id, spec);
                left -= 1;
            }
        }
    }

    /// A series, half of them with up to three exceptions: a moved, a deleted and a renamed
    /// occurrence. How many events that is.
    fn series(&mut self, id: &str, date: NaiveDate) -> usize {
        let (rule, apart) = *self.dice.pick(&RULES);
        let zone = *self.dice.pick(&ZONES);
        let start = self.time_of_day(date);
        // Few meetings go on for ever; most are a project's, or were ended when somebody left.
        let rule = match self.dice.below(50) {
            0 => rule.to_owned(),
            1..=10 => {
                let last = date + Days::new(u64::from(apart) * (8 + self.dice.below(40)));
                format!("{rule};UNTIL={}T235959Z", last.format("%Y%m%d"))
            }
            _ => format!("{rule};COUNT={}", 8 + self.dice.below(24)),
        };
        let title = *self.dice.pick(&TITLES);
        let mut spec = EventSpec::at(title, zone, start, 45).repeat(&rule);
        if self.dice.chance(40) {
            spec = self.with_guests(spec);
        }
        let series = self.put(id, spec);
        let exceptions = match self.dice.below(20) {
            0..10 => 0,
            10..14 => 1,
            14..17 => 2,
            _ => 3,
        };
        if exceptions == 0 {
            return 1;
        }
        let slots = self.first_slots(id, &series, apart);
        let mut made = 1;
        for (kind, slot) in slots.into_iter().skip(1).take(exceptions).enumerate() {
            let exception = match kind {
                0 => EventSpec::exception(&series, slot).moved_to(
                    zone,
                    slot + TimeDelta::minutes(90),
                    30,
                ),
                1 => EventSpec::cancelled(&series, slot),
                _ => EventSpec::exception(&series, slot).title("Moved by hand"),
            };
            self.put(id, exception);
            made += 1;
        }
        made
    }

    /// The first few slots of a series whose occurrences lie at most so many days apart.
    fn first_slots(&self, id: &str, series: &str, apart: u32) -> Vec<NaiveDateTime> {
        let Some(calendar) = self.world.calendar(id) else {
            return Vec::new();
        };
        let Some(event) = calendar.events.get(series) else {
            return Vec::new();
        };
        let Some(span) = &event.span else {
            return Vec::new();
        };
        let (from, _) = span.instants(&calendar.zone);
        let to = from + TimeDelta::days(i64::from(apart) * 4);
        let spans = event.spans(from, to, &calendar.zone);
        spans.into_iter().map(|span| span.wall()).collect()
    }

    fn single(&mut self, date: NaiveDate) -> EventSpec {
        self.count += 1;
        let title = format!("{} {}", self.dice.pick(&TITLES), self.count);
        if self.dice.chance(8) {
            let days = 1 + u32::try_from(self.dice.below(3)).unwrap_or(0);
            return EventSpec::all_day(&title, date, days);
        }
        let zone = *self.dice.pick(&ZONES);
        let start = self.time_of_day(date);
        let length = [15, 30, 45, 60, 90, 120][usize::try_from(self.dice.below(6)).unwrap_or(0)];
        let mut spec = EventSpec::at(&title, zone, start, length);
        match self.dice.below(20) {
            0 => spec = spec.transparent(),
            1 => spec = spec.tentative(),
            2 => spec = spec.guest(EMAIL, "Ana Lindqvist", "declined"),
            3 => spec = spec.guest(EMAIL, "Ana Lindqvist", "needsAction"),
            4 => spec = spec.private(),
            _ => {}
        }
        if self.dice.chance(30) {
            spec = self.with_guests(spec);
        }
        spec
    }

    /// What a meeting has: guests, a room, an agenda, often a video link.
    fn with_guests(&mut self, mut spec: EventSpec) -> EventSpec {
        let answers = ["accepted", "accepted", "needsAction", "declined"];
        for _ in 0..1 + self.dice.below(6) {
            let number = self.dice.below(400);
            spec = spec.guest(
                &format!("guest{number}@example.com"),
                &format!("Guest {number}"),
                self.dice.pick::<&str>(&answers),
            );
        }
        if self.dice.chance(60) {
            let code = format!("abc-{:04}-xyz", self.dice.below(10_000));
            let link = format!("https://meet.google.com/{code}");
            spec = spec.field("hangoutLink", link.clone()).field(
                "conferenceData",
                serde_json::json!({"conferenceId": code,
                    "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
                    "entryPoints": [{"entryPointType": "video", "uri": link}]}),
            );
        }
        spec.location("Room 4, 2nd floor")
            .description("Agenda: what was done, what is next, what is in the way.")
    }

    fn time_of_day(&mut self, date: NaiveDate) -> NaiveDateTime {
        let quarter = u32::try_from(self.dice.below(44)).unwrap_or(0);
        date.and_hms_opt(7 + quarter / 4, quarter % 4 * 15, 0)
            .unwrap_or_default()
    }

    fn put(&mut self, calendar: &str, spec: EventSpec) -> String {
        let added = self.world.add_event(calendar, spec);
        debug_assert!(
            added.is_ok(),
            "calendar and series were made before: {added:?}"
        );
        added.unwrap_or_default()
    }
}
