//! Free and busy equals brute force: events, their series and rules, and the combined picture, against
//! a list of minutes that is filled in by code which knows none of it.
//!
//! The brute force asks each minute what a clock shows (the one thing it shares with Duet, and
//! `cargo xtask oracle` holds zones against other data), finds the minute at which a series begins by
//! looking through them, and decides whether a day is one of a rule by plain questions about dates.
//! 2,000 calendars with 200 questions each, about days on which clocks change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use duet_model::availability::{Claim, Combined, Slot, State, combine, free_slots};
use duet_model::event::{Event, EventId, EventStatus, EventTime, EventType, Response, Visibility};
use duet_model::recurrence::instances;
use duet_model::verdict::{Facts, Keyword, Rules, Treatment, Verdict, verdict};
use duet_model::when::Interval;
use duet_model::zones::{Zone, ZoneDb};

const CALENDARS: usize = 2000;
const QUESTIONS: usize = 200;
/// How many minutes before the window are looked at: nothing lasts longer.
const BEFORE: i64 = 4 * 1440;
const WINDOW: i64 = 5 * 1440;
/// Days on which clocks change, in both directions, at midnight, by half an hour, by a day.
const SCENES: [(&str, &str); 10] = [
    ("Europe/Berlin", "2026-03-27"),
    ("Europe/Berlin", "2026-10-23"),
    ("America/New_York", "2026-03-06"),
    ("America/New_York", "2026-10-30"),
    ("America/Sao_Paulo", "2018-11-02"),
    ("Africa/Cairo", "2024-04-24"),
    ("Australia/Lord_Howe", "2025-10-03"),
    ("Australia/Lord_Howe", "2026-04-03"),
    ("Antarctica/Troll", "2025-03-28"),
    ("Pacific/Apia", "2011-12-28"),
];

/// The minutes of a scene, and what the clock of each zone shows at them.
struct Scene {
    first: DateTime<Utc>,
    window: Interval,
    clocks: Vec<(Zone, Vec<NaiveDateTime>)>,
    /// For each clock the minute at which it first shows a value.
    shown: Vec<HashMap<NaiveDateTime, i64>>,
    /// For each clock the minutes at which it shows a date.
    dates: Vec<BTreeMap<NaiveDate, Vec<i64>>>,
}

impl Scene {
    fn of(zones: &ZoneDb, zone: &str, day: &str) -> Self {
        let day: NaiveDate = day.parse().expect("a date");
        let start = day.and_time(NaiveTime::MIN).and_utc();
        let first = start - TimeDelta::minutes(BEFORE);
        let clock = |name: &str| {
            let zone = zones.zone(name).expect("a zone");
            let walls: Vec<_> = (0..BEFORE + WINDOW + 1440)
                .map(|minute| zone.to_wall(first + TimeDelta::minutes(minute)))
                .collect();
            (zone, walls)
        };
        let clocks = [zone, "Asia/Kathmandu", "America/Los_Angeles"].map(clock);
        let shown = clocks.iter().map(|(_, walls)| {
            // From the last to the first, so that the first stays.
            let minutes = walls.iter().copied().zip(0..).collect::<Vec<_>>();
            minutes.into_iter().rev().collect()
        });
        let dates = clocks.iter().map(|(_, walls)| {
            let mut dates: BTreeMap<NaiveDate, Vec<i64>> = BTreeMap::new();
            for (wall, minute) in walls.iter().zip(0..) {
                dates.entry(wall.date()).or_default().push(minute);
            }
            dates
        });
        Self {
            first,
            dates: dates.collect(),
            window: Interval::new(start, start + TimeDelta::minutes(WINDOW)).expect("time"),
            shown: shown.collect(),
            clocks: clocks.into(),
        }
    }

    fn at(&self, minute: i64) -> DateTime<Utc> {
        self.first + TimeDelta::minutes(minute)
    }

    fn minute(&self, at: DateTime<Utc>) -> i64 {
        (at - self.first).num_minutes()
    }

    /// The first minute at which a clock shows a value; for one that it skips, as much later as is
    /// skipped. `None` outside of the scene.
    fn strikes(&self, clock: usize, wall: NaiveDateTime) -> Option<i64> {
        let walls = &self.clocks[clock].1;
        if wall < walls[0] || wall > walls[walls.len() - 1] {
            return None;
        }
        let minute = match self.shown[clock].get(&wall) {
            Some(minute) => *minute,
            None => {
                // Clocks go on from the last minute before the gap as if there were none.
                let last = walls.iter().take_while(|shown| **shown < wall).count() - 1;
                last as i64 + (wall - walls[last]).num_minutes()
            }
        };
        Some(minute)
    }
}

/// A rule, as the brute force understands it.
#[derive(Clone, Debug)]
struct Plan {
    text: String,
    start: NaiveDate,
    every: i64,
    kind: Kind,
    count: Option<usize>,
    until: Option<NaiveDate>,
}

#[derive(Clone, Debug)]
enum Kind {
    Days,
    Weeks(Vec<Weekday>),
    DayOfMonth(u32),
    LastDay,
    NthWeekday(u32, Weekday),
}

impl Plan {
    /// Is it a day of the rule, if it had no end?
    fn fits(&self, day: NaiveDate) -> bool {
        let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
        let monday = |day: NaiveDate| day.num_days_from_ce() as i64 - 1;
        let in_month = || (months(day) - months(self.start)) % self.every == 0;
        match &self.kind {
            Kind::Days => (day - self.start).num_days() % self.every == 0,
            Kind::Weeks(days) => {
                let week = |day: NaiveDate| monday(day).div_euclid(7);
                days.contains(&day.weekday()) && (week(day) - week(self.start)) % self.every == 0
            }
            Kind::DayOfMonth(number) => in_month() && day.day() == *number,
            Kind::LastDay => in_month() && (day + TimeDelta::days(1)).day() == 1,
            Kind::NthWeekday(nth, weekday) => {
                in_month() && day.weekday() == *weekday && day.day0() / 7 + 1 == *nth
            }
        }
    }

    /// The days up to `last`: those of the rule, and the start.
    fn days(&self, last: NaiveDate) -> BTreeSet<NaiveDate> {
        let end = self.until.map_or(last, |until| until.min(last));
        let count = self.count.unwrap_or(usize::MAX);
        let days = self.start.iter_days().take_while(|day| *day <= end);
        let mut days: BTreeSet<_> = days.filter(|day| self.fits(*day)).take(count).collect();
        days.insert(self.start);
        days
    }
}

/// Numbers that look random and are not (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end.unsigned_abs()) as i64
    }

    fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as i64) as usize].clone()
    }
}

fn event(id: usize, start: EventTime, end: EventTime) -> Event {
    Event {
        id: EventId(id.to_string()),
        ical_uid: None,
        etag: None,
        status: EventStatus::Confirmed,
        title: String::new(),
        description: None,
        location: None,
        start,
        end,
        recurrence: Vec::new(),
        series: None,
        original_start: None,
        transparent: false,
        visibility: Visibility::Default,
        event_type: EventType::Default,
        my_response: None,
        organizer: None,
        attendees: Vec::new(),
        attendees_omitted: false,
        reminders: None,
        conference: None,
        link: None,
        updated: None,
    }
}

/// What rules look at.
fn colour(dice: &mut Dice, event: &mut Event) {
    event.title = dice.one(&["Lunch with Ann", "Review", ""]).to_owned();
    event.transparent = dice.chance(15);
    if dice.chance(15) {
        event.status = EventStatus::Tentative;
    }
    event.my_response = dice.one(&[
        None,
        None,
        Some(Response::NeedsAction),
        Some(Response::Declined),
        Some(Response::Tentative),
        Some(Response::Accepted),
    ]);
    event.event_type = dice.one(&[
        EventType::Default,
        EventType::Default,
        EventType::Default,
        EventType::OutOfOffice,
        EventType::FocusTime,
        EventType::WorkingLocation,
        EventType::Birthday,
        EventType::FromGmail,
    ]);
}

fn rules(dice: &mut Dice) -> Rules {
    let mut rules = Rules::default();
    if dice.chance(50) {
        let all = [
            Treatment::AsIs,
            Treatment::Busy,
            Treatment::Tentative,
            Treatment::Free,
        ];
        rules.declined = dice.one(&all);
        rules.unanswered = dice.one(&all);
        rules.tentative = dice.one(&all);
        rules.all_day = dice.one(&all);
        rules.shown_as_free = dice.one(&all);
        rules.out_of_office = dice.one(&all);
        rules.focus_time = dice.one(&all);
        rules.working_location = dice.one(&all);
        rules.birthday = dice.one(&all);
    }
    if dice.chance(30) {
        let verdict = dice.one(&[Verdict::Busy, Verdict::Tentative, Verdict::Free]);
        rules.keywords = vec![Keyword {
            word: "lunch".to_owned(),
            verdict,
        }];
    }
    rules
}

/// What an event claims, in the words of the rules: the first that says something.
fn judged(event: &Event, rules: &Rules) -> Option<State> {
    let mut said = Vec::new();
    if event.my_response == Some(Response::Declined) {
        said.push(rules.declined);
    }
    if event.title.starts_with("Lunch") && !rules.keywords.is_empty() {
        said.push(match rules.keywords[0].verdict {
            Verdict::Busy => Treatment::Busy,
            Verdict::Tentative => Treatment::Tentative,
            Verdict::Free => Treatment::Free,
        });
    }
    match event.event_type {
        EventType::WorkingLocation => said.push(rules.working_location),
        EventType::Birthday => said.push(rules.birthday),
        _ => {}
    }
    if event.transparent {
        said.push(rules.shown_as_free);
    }
    match event.event_type {
        EventType::OutOfOffice => said.push(rules.out_of_office),
        EventType::FocusTime => said.push(rules.focus_time),
        _ => {}
    }
    if matches!(event.start, EventTime::Date(_)) {
        said.push(rules.all_day);
    }
    let maybe = event.my_response == Some(Response::Tentative);
    if maybe || event.status == EventStatus::Tentative {
        said.push(rules.tentative);
    }
    if event.my_response == Some(Response::NeedsAction) {
        said.push(rules.unanswered);
    }
    match said.into_iter().find(|one| *one != Treatment::AsIs) {
        Some(Treatment::Free) => None,
        Some(Treatment::Tentative) => Some(State::Tentative),
        _ => Some(State::Busy),
    }
}

/// A calendar: what Duet is given, and the minutes that brute force finds, for each track.
struct World<'a> {
    scene: &'a Scene,
    zones: &'a ZoneDb,
    home: usize,
    display: usize,
    tracks: Vec<Vec<Claim>>,
    minutes: Vec<Vec<Option<State>>>,
    /// The strongest claim on each minute.
    strongest: Vec<Option<State>>,
    story: Vec<String>,
}

impl<'a> World<'a> {
    fn of(scene: &'a Scene, zones: &'a ZoneDb, dice: &mut Dice) -> Self {
        let empty = vec![None; scene.clocks[0].1.len()];
        let mut world = Self {
            scene,
            zones,
            home: dice.below(3) as usize,
            display: dice.below(3) as usize,
            tracks: vec![Vec::new(); 3],
            strongest: empty.clone(),
            minutes: vec![empty; 3],
            story: Vec::new(),
        };
        for track in 0..2 {
            let rules = rules(dice);
            for number in 0..2 + dice.below(4) {
                let id = number as usize;
                if dice.chance(25) {
                    world.whole_days(track, id, &rules, dice);
                } else {
                    world.timed(track, id, &rules, dice);
                }
            }
        }
        if dice.chance(60) {
            let from = BEFORE + dice.below(WINDOW);
            let to = from + 1 + dice.below(900);
            world.claim(2, State::Unknown, scene.at(from), scene.at(to));
            world.paint(2, from, to, State::Unknown);
        }
        world
    }

    fn claim(&mut self, track: usize, state: State, start: DateTime<Utc>, end: DateTime<Utc>) {
        let span = Interval { start, end };
        self.tracks[track].push(Claim { span, state });
    }

    fn paint(&mut self, track: usize, from: i64, to: i64, state: State) {
        let last = self.strongest.len() as i64;
        for minute in from.max(0)..to.min(last) {
            for minutes in [&mut self.minutes[track], &mut self.strongest] {
                let one = &mut minutes[minute as usize];
                *one = (*one).max(Some(state));
            }
        }
    }

    /// What Duet makes of a master and its exceptions.
    fn follow(&mut self, track: usize, master: &Event, exceptions: &[Event], rules: &Rules) {
        let home = &self.scene.clocks[self.home].0;
        let found = instances(
            master,
            exceptions,
            self.zones,
            home,
            self.scene.window,
            1000,
        );
        assert_eq!(found.unknown, None, "{master:?}");
        let display = self.scene.clocks[self.display].0.clone();
        let by_id = |id: &EventId| {
            let mut all = exceptions.iter();
            all.find(|event| event.id == *id).expect("one of them")
        };
        for one in found.list {
            let event = match &one.exception {
                None => master,
                Some(id) => by_id(id),
            };
            let state = match verdict(Facts::of(event), &event.title, rules).verdict {
                Verdict::Free => continue,
                Verdict::Tentative => State::Tentative,
                Verdict::Busy => State::Busy,
            };
            let instant = |time: &EventTime| match time {
                EventTime::Date(date) => display.day(*date).start,
                EventTime::At { at, .. } => *at,
            };
            self.claim(track, state, instant(&one.start), instant(&one.end));
        }
    }

    /// A rule for something that starts on a day, or none.
    fn plan(&self, start: NaiveDate, dice: &mut Dice) -> Option<Plan> {
        if start >= self.scene.window.start.date_naive() && dice.chance(60) {
            return None;
        }
        let every = 1 + dice.below(3);
        let week = [
            (Weekday::Mon, "MO"),
            (Weekday::Tue, "TU"),
            (Weekday::Wed, "WE"),
            (Weekday::Thu, "TH"),
            (Weekday::Fri, "FR"),
            (Weekday::Sat, "SA"),
            (Weekday::Sun, "SU"),
        ];
        let own = week[start.weekday().num_days_from_monday() as usize];
        let (text, kind) = match dice.below(8) {
            0..=2 => ("FREQ=DAILY".to_owned(), Kind::Days),
            3 | 4 => {
                // Not always with the start's own.
                let days: Vec<_> = week.iter().filter(|_| dice.chance(45)).copied().collect();
                let days = if days.is_empty() { vec![own] } else { days };
                let names: Vec<_> = days.iter().map(|(_, name)| *name).collect();
                let text = format!("FREQ=WEEKLY;BYDAY={}", names.join(","));
                (
                    text,
                    Kind::Weeks(days.into_iter().map(|(day, _)| day).collect()),
                )
            }
            5 => {
                let text = format!("FREQ=MONTHLY;BYMONTHDAY={}", start.day());
                (text, Kind::DayOfMonth(start.day()))
            }
            6 => ("FREQ=MONTHLY;BYMONTHDAY=-1".to_owned(), Kind::LastDay),
            _ => {
                let nth = start.day0() / 7 + 1;
                let text = format!("FREQ=MONTHLY;BYDAY={nth}{}", own.1);
                (text, Kind::NthWeekday(nth, own.0))
            }
        };
        let mut plan = Plan {
            text: format!("RRULE:{text};INTERVAL={every}"),
            start,
            every,
            kind,
            count: None,
            until: None,
        };
        match dice.below(4) {
            0 => {
                let count = 1 + dice.below(40);
                plan.text.push_str(&format!(";COUNT={count}"));
                plan.count = Some(count as usize);
            }
            1 => {
                let until = start + TimeDelta::days(dice.below(50));
                plan.text
                    .push_str(&format!(";UNTIL={}", until.format("%Y%m%d")));
                plan.until = Some(until);
            }
            _ => {}
        }
        Some(plan)
    }

    /// The days on which something starts that may matter here.
    fn days_of(&self, plan: Option<&Plan>, start: NaiveDate) -> BTreeSet<NaiveDate> {
        let last = self.scene.window.end.date_naive() + TimeDelta::days(3);
        plan.map_or_else(|| BTreeSet::from([start]), |plan| plan.days(last))
    }

    fn some_start(&self, dice: &mut Dice) -> NaiveDate {
        self.scene.window.start.date_naive() + TimeDelta::days(dice.below(36) - 30)
    }

    fn timed(&mut self, track: usize, id: usize, rules: &Rules, dice: &mut Dice) {
        let clock = dice.below(3) as usize;
        let zone = self.scene.clocks[clock].0.clone();
        let minute = if dice.chance(50) {
            15 * dice.below(16)
        } else {
            dice.below(1440)
        };
        let wall = self.some_start(dice).and_time(NaiveTime::MIN) + TimeDelta::minutes(minute);
        // An event is an instant, so what starts in a gap has started after it all along.
        let at = zone.to_instant(wall);
        let wall = zone.to_wall(at);
        let length = 1 + if dice.chance(90) {
            dice.below(300)
        } else {
            dice.below(5000)
        };
        let time = |at: DateTime<Utc>| EventTime::At {
            at,
            zone: Some(zone.name().to_owned()),
        };
        let mut master = event(id, time(at), time(at + TimeDelta::minutes(length)));
        colour(dice, &mut master);
        let plan = self.plan(wall.date(), dice);
        master
            .recurrence
            .extend(plan.iter().map(|plan| plan.text.clone()));

        // Where the brute force sees it begin.
        let mut days = self.days_of(plan.as_ref(), wall.date());
        if plan.is_some() && dice.chance(20) {
            let extra = self.scene.window.start.date_naive() + TimeDelta::days(dice.below(5));
            let text = extra.and_time(wall.time()).format("%Y%m%dT%H%M%S");
            master
                .recurrence
                .push(format!("RDATE;TZID={}:{text}", zone.name()));
            days.insert(extra);
        }
        let walls = days.into_iter().map(|day| day.and_time(wall.time()));
        let mut begins: BTreeSet<i64> = walls
            .filter_map(|wall| self.scene.strikes(clock, wall))
            .collect();
        let mut exceptions = Vec::new();
        let slots: Vec<i64> = begins.iter().copied().collect();
        for slot in slots.into_iter().filter(|_| plan.is_some()) {
            let original = self.scene.at(slot);
            match dice.below(12) {
                0 => {
                    let text = original.format("%Y%m%dT%H%M%SZ");
                    master.recurrence.push(format!("EXDATE:{text}"));
                    begins.remove(&slot);
                }
                1 => {
                    let moved = original + TimeDelta::minutes(dice.below(3000) - 1500);
                    let lasting = 1 + dice.below(400);
                    let mut one = event(
                        100 + exceptions.len(),
                        time(moved),
                        time(moved + TimeDelta::minutes(lasting)),
                    );
                    colour(dice, &mut one);
                    one.series = Some(master.id.clone());
                    one.original_start = Some(time(original));
                    if dice.chance(30) {
                        one.status = EventStatus::Cancelled;
                    } else if let Some(state) = judged(&one, rules) {
                        let from = self.scene.minute(moved);
                        self.paint(track, from, from + lasting, state);
                    }
                    exceptions.push(one);
                    begins.remove(&slot);
                }
                _ => {}
            }
        }
        if let Some(state) = judged(&master, rules) {
            for begin in begins {
                self.paint(track, begin, begin + length, state);
            }
        }
        let lines = master.recurrence.join(" ");
        let name = zone.name();
        self.story
            .push(format!("{track}: {wall} {name} {length} min {lines}"));
        self.follow(track, &master, &exceptions, rules);
    }

    fn whole_days(&mut self, track: usize, id: usize, rules: &Rules, dice: &mut Dice) {
        let start = self.some_start(dice);
        let length = TimeDelta::days(1 + dice.below(3));
        let time = |day| EventTime::Date(day);
        let mut master = event(id, time(start), time(start + length));
        colour(dice, &mut master);
        let plan = self.plan(start, dice);
        master
            .recurrence
            .extend(plan.iter().map(|plan| plan.text.clone()));
        let mut days = self.days_of(plan.as_ref(), start);
        let mut exceptions = Vec::new();
        let mut taken = Vec::new();
        let slots: Vec<NaiveDate> = days.iter().copied().collect();
        for slot in slots.into_iter().filter(|_| plan.is_some()) {
            match dice.below(12) {
                0 => {
                    let text = slot.format("%Y%m%d");
                    master.recurrence.push(format!("EXDATE;VALUE=DATE:{text}"));
                    days.remove(&slot);
                }
                1 => {
                    let moved = slot + TimeDelta::days(dice.below(5) - 2);
                    let lasting = TimeDelta::days(1 + dice.below(2));
                    let mut one = event(100 + exceptions.len(), time(moved), time(moved + lasting));
                    colour(dice, &mut one);
                    one.series = Some(master.id.clone());
                    one.original_start = Some(time(slot));
                    taken.extend(judged(&one, rules).map(|state| (moved, moved + lasting, state)));
                    exceptions.push(one);
                    days.remove(&slot);
                }
                _ => {}
            }
        }
        if let Some(state) = judged(&master, rules) {
            taken.extend(days.into_iter().map(|day| (day, day + length, state)));
        }
        for (from, to, state) in taken {
            // The days of the person who looks: one by one, minute by minute.
            let days = self.scene.dates[self.display].range(from..to);
            let minutes: Vec<i64> = days.flat_map(|(_, minutes)| minutes).copied().collect();
            for minute in minutes {
                self.paint(track, minute, minute + 1, state);
            }
        }
        let lines = master.recurrence.join(" ");
        self.story
            .push(format!("{track}: {start} {} {lines}", length.num_days()));
        self.follow(track, &master, &exceptions, rules);
    }

    fn sources(&self, minute: i64) -> Vec<(usize, State)> {
        let all = self.minutes.iter().enumerate();
        all.filter_map(|(track, minutes)| Some((track, minutes[minute as usize]?)))
            .collect()
    }

    /// One question: the picture of a span, minute by minute, and the free time in it.
    fn ask(&self, from: i64, to: i64, longest: i64, tell: &str) {
        let span = Interval {
            start: self.scene.at(from),
            end: self.scene.at(to),
        };
        let tracks: Vec<&[Claim]> = self.tracks.iter().map(Vec::as_slice).collect();
        let picture = combine(&tracks, span);
        let tell = || format!("{tell}, {span:?}\n{}", self.story.join("\n"));
        let mut next = from;
        for stretch in picture.stretches() {
            let (start, end) = (
                self.scene.minute(stretch.span.start),
                self.scene.minute(stretch.span.end),
            );
            self.holds(next, start, None, &tell);
            self.holds(start, end, Some(stretch.state), &tell);
            let sources: Vec<_> = stretch.sources().collect();
            assert_eq!(
                sources,
                self.sources(start),
                "{:?} {}",
                stretch.span,
                tell()
            );
            next = end;
        }
        self.holds(next, to, None, &tell);
        self.ask_free(&picture, from, to, longest, &tell);
    }

    /// Is every minute of a stretch what the picture says?
    fn holds(&self, from: i64, to: i64, state: Option<State>, tell: &dyn Fn() -> String) {
        let minutes = &self.strongest[from as usize..to as usize];
        if let Some(wrong) = minutes.iter().position(|one| *one != state) {
            let at = self.scene.at(from + wrong as i64);
            panic!("{at} is {:?} and not {state:?}; {}", minutes[wrong], tell());
        }
    }

    fn ask_free(
        &self,
        picture: &Combined,
        from: i64,
        to: i64,
        longest: i64,
        tell: &dyn Fn() -> String,
    ) {
        let span = picture.window();
        let slots = free_slots(picture, span, TimeDelta::minutes(longest), None);
        let mut expected = Vec::new();
        for certain in [true, false] {
            let open = |state: Option<State>| match state {
                None => true,
                state => !certain && state == Some(State::Unknown),
            };
            let mut minute = from;
            while minute < to {
                let left = &self.strongest[minute as usize..to as usize];
                let length = left.iter().take_while(|state| open(**state)).count();
                let unknown = left[..length].iter().any(Option::is_some);
                let end = minute + length as i64;
                if length as i64 >= longest.max(1) && (certain || unknown) {
                    let span = Interval {
                        start: self.scene.at(minute),
                        end: self.scene.at(end),
                    };
                    expected.push(Slot { span, certain });
                }
                minute = end + 1;
            }
        }
        expected.sort_by_key(|slot| (slot.span.start, !slot.certain));
        assert_eq!(slots, expected, "{longest} min free, {}", tell());
    }
}

#[test]
fn free_and_busy_equals_brute_force() {
    let zones = ZoneDb::bundled();
    let scenes: Vec<Scene> = SCENES
        .iter()
        .map(|(zone, day)| Scene::of(&zones, zone, day))
        .collect();
    // Returns how much there was to be found.
    let calendar = |number: usize| {
        let mut dice = Dice(number as u64);
        let world = World::of(&scenes[number % scenes.len()], &zones, &mut dice);
        for _ in 0..QUESTIONS {
            let from = BEFORE + dice.below(WINDOW - 1);
            let longest = if dice.chance(1) { WINDOW } else { 180 };
            let length = 1 + dice.below(longest);
            let to = (from + length).min(BEFORE + WINDOW);
            let longest = dice.one(&[0, 15, 30, 60]);
            world.ask(from, to, longest, &format!("calendar {number}"));
        }
        world.tracks.iter().map(Vec::len).sum::<usize>()
    };
    // Two at once: it is the longest test of the crate.
    let half = |first| -> usize { (first..CALENDARS).step_by(2).map(calendar).sum() };
    let claims = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        half(0) + other.join().expect("the same")
    });
    assert!(claims > 10_000, "the calendars are full enough: {claims}");
}
