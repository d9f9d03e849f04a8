//! Data folders full of events that no server had to send.

use std::path::Path;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use duet_model::{
    account::Tier,
    calendar::{AccessRole, CalendarId},
    event::EventKey,
    verdict::Facts,
    when::Interval,
};
use duet_store::{
    EventBody, Horizon, ListedCalendar, Listing, NewAccount, NewEvent, OccurrenceTime, Store,
};

use crate::{dice::Dice, machine, made};

/// Each event occurs so many times.
const OCCURRENCES: usize = 10;

/// A database to read from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World {
    pub(crate) calendars: usize,
    /// In each calendar.
    pub(crate) events: usize,
    /// Over which the occurrences are spread.
    pub(crate) days: i64,
}

/// 1,000,000 occurrences of 100,000 events in ten years: a week has some 1,900 of them.
pub(crate) const MILLION: World = World {
    calendars: 250,
    events: 400,
    days: 3650,
};
/// Ten people's calendars, two events a day each.
pub(crate) const TEAM: World = World {
    calendars: 10,
    events: 200,
    days: 1000,
};

/// The first day.
pub(crate) fn begin() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(19_676)
}

/// In the middle of it.
pub(crate) fn now(world: World) -> DateTime<Utc> {
    begin() + TimeDelta::days(world.days / 2)
}

/// Fills a data folder with calendars whose events are all there and were just checked.
pub(crate) async fn fill(folder: &Path, world: World) -> Result<()> {
    println!(
        "bench: storing {} occurrences of {} events",
        world.calendars * world.events * OCCURRENCES,
        world.calendars * world.events
    );
    let store = Store::open(folder).await?;
    let calendars = calendars(&store, world).await?;
    let mut dice = Dice::new();
    let now = now(world);
    for (number, calendar) in calendars.iter().enumerate() {
        events(&store, world, (number, *calendar), &mut dice).await?;
    }
    let checked: Vec<(CalendarId, i64)> = store
        .calendars()
        .await?
        .iter()
        .map(|calendar| (calendar.id, calendar.generation))
        .collect();
    let mut tx = store.write().await?;
    tx.stamp_events_checked(&checked, now).await?;
    tx.commit().await?;
    store.close().await;
    Ok(())
}

async fn calendars(store: &Store, world: World) -> Result<Vec<CalendarId>> {
    let mut tx = store.write().await?;
    let account = tx
        .connect_account(NewAccount {
            email: "ana@example.com".into(),
            demo: false,
            tier: Tier::Read,
            scopes: Vec::new(),
            now: now(world),
        })
        .await?;
    let listed: Vec<ListedCalendar> = (0..world.calendars)
        .map(|number| ListedCalendar {
            google_id: format!("calendar{number}"),
            name: format!("Calendar {number}"),
            color: "#336699".into(),
            time_zone: Some(machine::HOME.into()),
            primary: number == 0,
            access_role: AccessRole::Owner,
            hidden: false,
            selected: true,
            deleted: false,
        })
        .collect();
    let done = tx
        .apply_calendar_list(account, &listed, Listing::Full, None, now(world))
        .await?;
    for id in &done.added {
        tx.set_switches(*id, Some(true), Some(true)).await?;
    }
    tx.commit().await?;
    Ok(done.added)
}

/// One calendar's events, each with its occurrences, as a finished listing leaves them.
async fn events(
    store: &Store,
    world: World,
    (number, calendar): (usize, CalendarId),
    dice: &mut Dice,
) -> Result<()> {
    let generation = store
        .calendar(calendar)
        .await?
        .context("the calendar was just added")?
        .generation;
    let events: Vec<_> = (0..world.events)
        .map(|event| made::event(number * world.events + event, begin(), machine::HOME))
        .collect();
    let bodies: Vec<EventBody> = events
        .iter()
        .map(|event| Ok(EventBody::of(event, &serde_json::to_string(event)?)))
        .collect::<Result<_>>()?;
    let new: Vec<NewEvent<'_>> = events
        .iter()
        .zip(&bodies)
        .map(|(event, body)| NewEvent {
            event,
            facts: Facts::of(event).code(),
            body,
        })
        .collect();
    let mut tx = store.write().await?;
    let mut listing = tx
        .begin_listing(calendar, generation, "bench")
        .await?
        .context("the calendar is shown")?;
    let done = tx
        .put_events(calendar, generation, &new, Some(&mut listing), now(world))
        .await?;
    let rows: Vec<(EventKey, OccurrenceTime)> = done
        .inserted
        .iter()
        .flat_map(|key| std::iter::repeat_n(*key, OCCURRENCES))
        .map(|key| (key, time(world, dice)))
        .collect();
    tx.replace_occurrences(calendar, generation, &done.inserted, &rows)
        .await?;
    tx.finish_listing(&listing, Some("token"), now(world))
        .await?;
    let span = Interval::new(begin(), begin() + TimeDelta::days(world.days)).context("a span")?;
    let horizon = Horizon {
        span,
        zones: "bench".to_owned(),
    };
    tx.set_horizon(calendar, generation, &horizon).await?;
    tx.commit().await?;
    Ok(())
}

/// Mostly hours, some whole days, a few weeks.
fn time(world: World, dice: &mut Dice) -> OccurrenceTime {
    let start = begin() + TimeDelta::minutes(15 * dice.below(world.days * 96));
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
