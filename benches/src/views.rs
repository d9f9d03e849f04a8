//! What a view costs: a week, a month and free time out of a database that is full.
//!
//! The application is asked as the window and the command line ask it: from the open database to the
//! answer. Random weeks, so that no page is read twice in a row; the 99th percentile is what counts.

use std::{collections::HashMap, time::Instant};

use anyhow::{Context, Result, bail};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use duet_app::{App, Choice};
use duet_model::{
    availability::{Claim, State, combine},
    calendar::CalendarId,
    verdict::{Facts, Rules, Verdict, verdict},
    when::Interval,
};
use duet_store::{OccurrenceRow, OccurrenceTime, Store};

use crate::{
    Order,
    dice::Dice,
    machine,
    report::{Budget, Report, percentile},
    stored::{MILLION, TEAM, begin, fill, now},
};

const ROUNDS: usize = 400;
/// How many calendars a person looks at; what counts is more.
const DRAWN: usize = 10;

/// Measures those of `week`, `month` and `find-time` that are wanted.
pub(crate) async fn measure(order: &Order, report: &mut Report) -> Result<()> {
    if order.wants("week") || order.wants("month") {
        let folder = tempfile::tempdir()?;
        fill(folder.path(), MILLION).await?;
        let store = Store::open(folder.path()).await?;
        let app = machine::open(folder.path(), now(MILLION)).await?;
        if order.wants("week") {
            combined(&store, ("week, folded", 7), report).await?;
            drawn(&app, ("week, all drawn", 7, None), report).await?;
        }
        if order.wants("month") {
            combined(&store, ("month, folded", 42), report).await?;
            drawn(&app, ("month, all drawn", 42, None), report).await?;
        }
        // All of them count, as before, and ten are drawn: as in the room of `start`.
        for calendar in app.calendars().await?.iter().skip(DRAWN) {
            app.set_calendar(Some(&calendar.account), &calendar.id, Some(false), None)
                .await?;
        }
        if order.wants("week") {
            let bound = Some(("week, 99th percentile", 2.0));
            drawn(&app, ("week", 7, bound), report).await?;
        }
        if order.wants("month") {
            let bound = Some(("month, 99th percentile", 6.0));
            drawn(&app, ("month", 42, bound), report).await?;
        }
        app.stop().await;
        store.close().await;
    }
    if order.wants("find-time") {
        let folder = tempfile::tempdir()?;
        fill(folder.path(), TEAM).await?;
        let app = machine::open(folder.path(), now(TEAM)).await?;
        let choice = Choice {
            working_hours: true,
            ..Choice::default()
        };
        let mut dice = Dice::new();
        let mut times = Vec::with_capacity(ROUNDS);
        let mut found = 0;
        for _ in 0..ROUNDS {
            let start = begin() + TimeDelta::hours(dice.below((TEAM.days - 90) * 24));
            let started = Instant::now();
            let (slots, _) = app
                .free(
                    start,
                    start + TimeDelta::days(90),
                    TimeDelta::minutes(30),
                    &choice,
                )
                .await?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            found += slots.len();
        }
        let slots = format!("{} slots in 90 days of 10 calendars", found / ROUNDS);
        tell(
            "find-time",
            &times,
            Some(("find-time, 99th percentile", 5.0)),
            &slots,
            report,
        );
        app.stop().await;
    }
    Ok(())
}

/// The combined picture alone: rows out of the store, judged, folded over their calendars.
async fn combined(
    store: &Store,
    (name, days): (&'static str, i64),
    report: &mut Report,
) -> Result<()> {
    let calendars = store.calendars().await?;
    let index: HashMap<CalendarId, usize> = calendars
        .iter()
        .enumerate()
        .map(|(index, calendar)| (calendar.id, index))
        .collect();
    let rules = Rules::default();
    let (mut dice, mut read) = (Dice::new(), Vec::with_capacity(ROUNDS));
    let mut times = Vec::with_capacity(ROUNDS);
    let (mut rows_read, mut stretches) = (0, 0);
    for _ in 0..ROUNDS {
        let start = begin() + TimeDelta::hours(dice.below((MILLION.days - 50) * 24));
        let range = Interval::new(start, start + TimeDelta::days(days)).context("a span")?;
        let started = Instant::now();
        let rows = store.read().await?.occurrences_in(range).await?;
        read.push(started.elapsed().as_secs_f64() * 1e3);
        let mut tracks = vec![Vec::new(); calendars.len()];
        for row in &rows {
            if let Some(claim) = claim(row, &rules)
                && let Some(track) = index.get(&row.calendar)
            {
                tracks[*track].push(claim);
            }
        }
        let slices: Vec<&[Claim]> = tracks.iter().map(Vec::as_slice).collect();
        stretches += combine(&slices, range).len();
        times.push(started.elapsed().as_secs_f64() * 1e3);
        rows_read += rows.len();
    }
    if stretches < ROUNDS * 100 {
        bail!(
            "{name}: only {} stretches of a million occurrences",
            stretches / ROUNDS
        );
    }
    let detail = format!(
        "{} rows, of which reading {:.2} (99th percentile {:.2})",
        rows_read / ROUNDS,
        percentile(&read, 50),
        percentile(&read, 99)
    );
    tell(name, &times, None, &detail, report);
    Ok(())
}

/// What a row claims of its time, whole days as days of UTC.
fn claim(row: &OccurrenceRow, rules: &Rules) -> Option<Claim> {
    let facts = Facts::from_code(row.facts).unwrap_or_default();
    let state = match verdict(facts, &row.title, rules).verdict {
        Verdict::Free => return None,
        Verdict::Tentative => State::Tentative,
        Verdict::Busy => State::Busy,
    };
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    let (start, end) = match row.time {
        OccurrenceTime::At { start, end } => (start, end),
        OccurrenceTime::Days { first, until } => (midnight(first), midnight(until)),
    };
    let span = Interval::new(start, end)?;
    Some(Claim { span, state })
}

/// The days as the window asks for them and draws them, with columns and bars.
async fn drawn(
    app: &App,
    (name, days, bound): (&'static str, u8, Option<(&'static str, f64)>),
    report: &mut Report,
) -> Result<()> {
    let mut dice = Dice::new();
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let first = begin() + TimeDelta::days(dice.below(MILLION.days - 50));
        let started = Instant::now();
        let grid = app.grid(first.date_naive(), days).await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        if grid.days.len() != usize::from(days) {
            bail!("a {name} has {} days", grid.days.len());
        }
    }
    tell(name, &times, bound, "laid out as the window asks", report);
    Ok(())
}

fn tell(
    name: &'static str,
    times: &[f64],
    high: Option<(&'static str, f64)>,
    detail: &str,
    report: &mut Report,
) {
    let (middle, late) = (percentile(times, 50), percentile(times, 99));
    let detail = format!(
        "median of {}, {detail}; 99th percentile {late:.2}",
        times.len()
    );
    report.tell(name, middle, "ms", detail);
    if let Some((high, bound)) = high {
        let worst = format!("worst {:.2}", percentile(times, 100));
        report.add(high, late, "ms", Budget::AtMost(bound), worst);
    }
}
