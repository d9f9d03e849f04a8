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
const RULES: [&str; 5] = [
    "RRULE:FREQ=WEEKLY;BYDAY=MO,WE",
    "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=40",
    "RRULE:FREQ=WEEKLY",
    "RRULE:FREQ=MONTHLY;BYDAY=2TU",
    "RRULE:FREQ=YEARLY",
];

impl World {
    /// 50,000 events (masters, exceptions and single ones) in 20 calendars of `ana@example.com`,
    /// within a year and a half on either side of 2026-11-25, the same for the same seed.
    pub fn large(seed: u64) -> World {
        World::of_size(20, 2500, 540, seed)
    }

    /// 100,000 events in 250 calendars of `ana@example.com`.
    pub fn huge(seed: u64) -> World {
        World::of_size(250, 400, 540, seed)
    }

    /// `calendars` calendars of `ana@example.com`, each with about six events a day for `days` days
    /// from 2026-11-25 on.
    pub fn many_calendars(calendars: usize, days: u32, seed: u64) -> World {
        let mut build = Build::new(seed, calendars);
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
        let mut build = Build::new(seed, calendars);
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
    count: u64,
}

impl Build {
    fn new(seed: u64, calendars: usize) -> Build {
        let start: DateTime<Utc> = middle().and_hms_opt(9, 40, 0).unwrap_or_default().and_utc();
        let mut world = World::empty(start, seed);
        if calendars > 0 {
            world.add_account(EMAIL, "Ana Lindqvist", ZONES[0]);
        }
        Build {
            world,
            dice: Dice::new(seed),
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

    fn fill(&mut self, id: &str, each: usize, days: u32) {
        let mut left = each;
        while left > 0 {
            let offset = self.dice.below(u64::from(days) * 2);
            let date = middle() - Days::new(u64::from(days)) + Days::new(offset);
            if left >= 4 && self.dice.chance(4) {
                left -= self.series(id, date);
            } else {
                let spec = self.single(date);
                self.put(id, spec);
                left -= 1;
            }
        }
    }

    /// A series with a moved, a renamed and a deleted occurrence: four events in all.
    fn series(&mut self, id: &str, date: NaiveDate) -> usize {
        let rule = *self.dice.pick(&RULES);
        let zone = *self.dice.pick(&ZONES);
        let start = self.time_of_day(date);
        let title = *self.dice.pick(&TITLES);
        let series = self.put(id, EventSpec::at(title, zone, start, 45).repeat(rule));
        let slots = self.first_slots(id, &series, 8);
        let mut made = 1;
        for (index, slot) in slots
            .into_iter()
            .enumerate()
            .filter(|(index, _)| index % 2 == 1)
        {
            let exception = match index {
                1 => EventSpec::exception(&series, slot).moved_to(
                    zone,
                    slot + TimeDelta::minutes(90),
                    30,
                ),
                3 => EventSpec::cancelled(&series, slot),
                5 => EventSpec::exception(&series, slot).title("Moved by hand"),
                _ => continue,
            };
            self.put(id, exception);
            made += 1;
        }
        made
    }

    fn first_slots(&self, id: &str, series: &str, count: usize) -> Vec<NaiveDateTime> {
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
        let spans = event.spans(from, from + TimeDelta::days(400), &calendar.zone);
        spans
            .into_iter()
            .take(count)
            .map(|span| span.wall())
            .collect()
    }

    fn single(&mut self, date: NaiveDate) -> EventSpec {
        self.count += 1;
        let title = format!("{} {}", self.dice.pick(&TITLES), self.count);
        if self.dice.chance(4) {
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
            let number = self.dice.below(400);
            spec = spec
                .guest(
                    &format!("guest{number}@example.com"),
                    &format!("Guest {number}"),
                    "accepted",
                )
                .location("Room 4, 2nd floor")
                .description("Agenda: what was done, what is next, what is in the way.");
        }
        spec
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
