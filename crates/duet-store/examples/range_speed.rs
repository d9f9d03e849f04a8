//! How fast a week of events is read: `cargo run --release -p duet-store --example range_speed`.
//!
//! Stores 1,000,000 occurrences of 100,000 events in 250 calendars, reads random weeks and months of
//! them on a store that is open, and prints the median and the 99th percentile, then the same for
//! writing, searching and counting. The world is the same on every run and machine.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::error::Error;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::account::Tier;
use duet_model::calendar::{AccessRole, CalendarId};
use duet_model::event::{
    Attendee, Event, EventId, EventKey, EventStatus, EventTime, EventType, Person, Response,
    Visibility,
};
use duet_model::when::Interval;
use duet_store::{ListedCalendar, Listing, NewAccount, NewEvent, OccurrenceTime, Store};

const CALENDARS: usize = 250;
const EVENTS: usize = 400;
const OCCURRENCES: usize = 10;
/// So that a week has some 1,900 of them.
const DAYS: i64 = 3650;
const ROUNDS: usize = 400;

/// A small, fixed source of numbers (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 33).expect("31 bits fit") % bound
    }
}

fn begin() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a time in 2023")
}

/// Mostly hours, some whole days, a few weeks.
fn time(dice: &mut Dice) -> OccurrenceTime {
    let start = begin() + TimeDelta::minutes(15 * dice.below(DAYS * 96));
    match dice.below(100) {
        0 => OccurrenceTime::At {
            start,
            end: start + TimeDelta::days(1 + dice.below(14)),
        },
        1..=8 => OccurrenceTime::Days {
            first: start.date_naive(),
            until: start.date_naive() + TimeDelta::days(1 + dice.below(3)),
        },
        _ => OccurrenceTime::At {
            start,
            end: start + TimeDelta::minutes(15 * (1 + dice.below(8))),
        },
    }
}

fn event(number: usize, dice: &mut Dice) -> Event {
    let words = [
        "Weekly",
        "Review",
        "Planning",
        "Interview",
        "Lunch",
        "Dentist",
        "Call with",
        "Rehearsal",
    ];
    let mut word = || words[usize::try_from(dice.below(8)).unwrap_or(0)];
    let title = format!("{} {} {number}", word(), word());
    let start = EventTime::At {
        at: begin(),
        zone: Some("Europe/Berlin".into()),
    };
    let guest = |n: usize| Attendee {
        person: Person {
            email: Some(format!("person{}@example.com", n % 5000)),
            name: Some(format!("Person {}", n % 5000)),
        },
        response: Response::Accepted,
        me: false,
        optional: false,
        resource: false,
    };
    Event {
        id: EventId(format!("event{number:020}")),
        ical_uid: Some(format!("event{number:020}@google.com")),
        etag: Some(format!("\"{number}\"")),
        status: EventStatus::Confirmed,
        title,
        description: Some("An agenda of a few lines, as most have it. ".repeat(4)),
        location: Some(format!("Room {}", number % 40)),
        end: start.clone(),
        start,
        recurrence: Vec::new(),
        series: None,
        original_start: None,
        transparent: false,
        visibility: Visibility::Default,
        event_type: EventType::Default,
        my_response: Some(Response::Accepted),
        organizer: Some(guest(number).person),
        attendees: (0..number % 5).map(|n| guest(number * 7 + n)).collect(),
        attendees_omitted: false,
        reminders: None,
        conference: None,
        link: Some(format!(
            "https://www.google.com/calendar/event?eid={number:040}"
        )),
        updated: Some(begin()),
    }
}

async fn calendars(store: &Store) -> Result<Vec<CalendarId>, Box<dyn Error>> {
    let mut tx = store.write().await?;
    let account = tx
        .connect_account(NewAccount {
            email: "ana@example.com".into(),
            demo: false,
            tier: Tier::Read,
            scopes: Vec::new(),
            now: begin(),
        })
        .await?;
    let listed: Vec<ListedCalendar> = (0..CALENDARS)
        .map(|n| ListedCalendar {
            google_id: format!("calendar{n}"),
            name: format!("Calendar {n}"),
            color: "#336699".into(),
            time_zone: Some("Europe/Berlin".into()),
            primary: n == 0,
            access_role: AccessRole::Owner,
            hidden: false,
            selected: true,
            deleted: false,
        })
        .collect();
    let done = tx
        .apply_calendar_list(account, &listed, Listing::Full, None, begin())
        .await?;
    tx.commit().await?;
    Ok(done.added)
}

fn report(name: &str, mut times: Vec<f64>, found: usize) {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize] * 1e3;
    println!(
        "{name}: p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms, {} rows on average",
        at(0.5),
        at(0.99),
        at(1.0),
        found / times.len()
    );
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let store = Store::open(dir.path()).await?;
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let calendars = calendars(&store).await?;

    let (mut putting, mut placing, mut committing) = (0.0, 0.0, 0.0);
    for (n, calendar) in calendars.iter().enumerate() {
        let events: Vec<Event> = (0..EVENTS)
            .map(|e| event(n * EVENTS + e, &mut dice))
            .collect();
        let raws: Vec<String> = events
            .iter()
            .map(serde_json::to_string)
            .collect::<Result<_, _>>()?;
        let new: Vec<NewEvent<'_>> = events
            .iter()
            .zip(&raws)
            .map(|(event, raw)| NewEvent {
                event,
                facts: 1,
                raw,
                form: None,
            })
            .collect();
        let begun = Instant::now();
        let mut tx = store.write().await?;
        let done = tx.put_events(*calendar, 0, &new, None, begin()).await?;
        putting += begun.elapsed().as_secs_f64();
        let rows: Vec<(EventKey, OccurrenceTime)> = done
            .inserted
            .iter()
            .flat_map(|key| std::iter::repeat_n(*key, OCCURRENCES))
            .map(|key| (key, time(&mut dice)))
            .collect();
        let begun = Instant::now();
        tx.replace_occurrences(*calendar, 0, &done.inserted, &rows)
            .await?;
        placing += begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        tx.commit().await?;
        committing += begun.elapsed().as_secs_f64();
    }
    let (events, rows) = (CALENDARS * EVENTS, CALENDARS * EVENTS * OCCURRENCES);
    println!(
        "put {events} events: {putting:.2} s; {rows} occurrences: {placing:.2} s; commits: {committing:.2} s"
    );

    for (name, days) in [("day", 1), ("week", 7), ("month", 42)] {
        let mut times = Vec::with_capacity(ROUNDS);
        let mut found = 0;
        for _ in 0..ROUNDS {
            let start = begin() + TimeDelta::hours(dice.below((DAYS - 50) * 24));
            let range = Interval::new(start, start + TimeDelta::days(days)).ok_or("a span")?;
            let begun = Instant::now();
            let mut snapshot = store.read().await?;
            found += snapshot.occurrences_in(range).await?.len();
            times.push(begun.elapsed().as_secs_f64());
        }
        report(name, times, found);
    }
    for text in ["review", "weekly planning", "person12", "room 7", "interv"] {
        let mut snapshot = store.read().await?;
        let begun = Instant::now();
        let found = snapshot
            .search(text, 50, begin() + TimeDelta::days(900))
            .await?
            .len();
        report(
            &format!("search {text:?}"),
            vec![begun.elapsed().as_secs_f64()],
            found,
        );
    }
    let mut snapshot = store.read().await?;
    let begun = Instant::now();
    let counts = snapshot.event_counts().await?.len();
    report("counts", vec![begun.elapsed().as_secs_f64()], counts);
    drop(snapshot);
    let size = std::fs::metadata(store.path())?.len();
    println!("the file has {} MB", size / 1_000_000);
    store.close().await;
    Ok(())
}
