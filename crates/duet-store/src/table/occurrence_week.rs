//! `external_occurrence_weeks`: what a calendar has in one week, packed into one value. Which weeks
//! an occurrence lies in is decided here, how it is packed in `packed`; `external_occurrence` says
//! what is to be there.
//!
//! One row for each occurrence made a first sync write every page of the table with every calendar,
//! because occurrences come ordered by calendar and are read ordered by time; and a month was read
//! row by row. A week of a calendar is written once and read as a whole.

pub(crate) mod packed;

use std::collections::{BTreeMap, BTreeSet};

use duet_model::calendar::CalendarId;
use duet_model::event::EventKey;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{DAY_MILLIS, Origin, json_of};
use crate::table::rows::{self, Sizes, Statement, four, statements_of};
use crate::table::statements;

pub(crate) const TABLE: &str = "external_occurrence_weeks";

const WEEK_MILLIS: i64 = 7 * DAY_MILLIS;
/// Stands for no week: what lies in more than two is kept apart and read with every range, so that
/// nothing is written a hundred times.
pub(crate) const LONG: i64 = i32::MIN as i64;

macro_rules! put {
    ($rows:expr) => {
        concat!(
            "INSERT INTO external_occurrence_weeks (place, calendar_id, entries) VALUES ",
            $rows,
            " ON CONFLICT (place) DO UPDATE SET entries = excluded.entries"
        )
    };
}

statements! {
    STORED = "SELECT place, entries FROM external_occurrence_weeks
        WHERE place IN (SELECT value FROM json_each(?1))";
    PUT_256 = put!(four!(four!(four!(four!("(?, ?, ?)")))));
    PUT_64 = put!(four!(four!(four!("(?, ?, ?)"))));
    PUT_16 = put!(four!(four!("(?, ?, ?)")));
    PUT_4 = put!(four!("(?, ?, ?)"));
    PUT_1 = put!("(?, ?, ?)");
    DELETE = "DELETE FROM external_occurrence_weeks
        WHERE place IN (SELECT value FROM json_each(?1))";
    CLEAR = "DELETE FROM external_occurrence_weeks WHERE calendar_id = ?1";
}

const PUT: Sizes = [PUT_256, PUT_64, PUT_16, PUT_4, PUT_1];

/// What an error says was attempted.
pub(super) const STORING: &str = "storing the weeks of a calendar";

/// When something takes place, as it is stored: in milliseconds, a whole day as its midnight as if in
/// UTC. The end is exclusive and not before the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) all_day: bool,
}

impl Slot {
    /// The rows that it stands in: its week, its two weeks, or [`LONG`].
    pub(super) fn weeks(self) -> impl Iterator<Item = i64> {
        let first = week_of(self.start);
        let last = week_of((self.end - 1).max(self.start));
        if last - first > 1 {
            LONG..=LONG
        } else {
            first..=last
        }
    }
}

/// The weeks, counted from 1970-01-01, that a range of milliseconds touches; the end is exclusive. They
/// begin on Thursdays: a week that people look at, from Monday or Sunday and with hours to spare on
/// both sides for other zones, is two of them.
pub(crate) fn weeks_of(from: i64, until: i64) -> std::ops::RangeInclusive<i64> {
    week_of(from)..=week_of((until - 1).max(from))
}

/// Where a week of a calendar lies.
fn place_of(week: i64, calendar: u32) -> i64 {
    (week << 32) | i64::from(calendar)
}

pub(crate) fn week_of(millis: i64) -> i64 {
    millis.div_euclid(WEEK_MILLIS)
}

/// An occurrence, as a week holds it. Sorted by its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry<'a> {
    pub(crate) slot: Slot,
    pub(crate) event: i64,
    pub(crate) facts: u32,
    pub(crate) title: &'a str,
}

/// All entries of a row. `None` where it cannot be taken apart.
fn unpack(bytes: &[u8]) -> Option<BTreeSet<Entry<'_>>> {
    let mut entries = BTreeSet::new();
    let mut at = 0;
    while at < bytes.len() {
        let one = packed::entry(bytes, at)?;
        at = one.until;
        entries.insert(Entry {
            slot: one.slot,
            event: one.event,
            facts: one.facts,
            title: std::str::from_utf8(bytes.get(one.from..one.until)?).ok()?,
        });
    }
    Some(entries)
}

fn pack<'a>(calendar: u32, entries: impl IntoIterator<Item = &'a Entry<'a>> + Clone) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(packed::size(entries.clone().into_iter()));
    for entry in entries {
        packed::push(&mut bytes, calendar, entry);
    }
    bytes
}

/// What to take out of weeks of a calendar, and what to put in.
#[derive(Default)]
pub(super) struct Edit<'a> {
    /// The weeks that hold something else afterwards, with what comes in.
    pub(super) weeks: BTreeMap<i64, Vec<Entry<'a>>>,
    /// Whatever these have there goes out first.
    pub(super) without: BTreeSet<EventKey>,
}

impl<'a> Edit<'a> {
    /// Puts an occurrence into its weeks.
    pub(super) fn put(&mut self, entry: Entry<'a>) {
        for week in entry.slot.weeks() {
            self.weeks.entry(week).or_default().push(entry);
        }
    }

    /// The weeks of an occurrence that may be there now are to be looked at.
    pub(super) fn touch(&mut self, slot: Slot) {
        for week in slot.weeks() {
            self.weeks.entry(week).or_default();
        }
    }
}

/// Statements that carry an edit out where the calendar has no weeks yet.
pub(super) fn statements_for_new(
    calendar: CalendarId,
    edit: Edit<'_>,
) -> Result<Vec<Statement>, StoreError> {
    let number = number_of(calendar)?;
    let put = edit.weeks.into_iter().map(|(week, mut entries)| {
        entries.sort_unstable();
        entries.dedup();
        (place_of(week, number), pack(number, &entries))
    });
    Ok(put_statements(calendar, put.collect()))
}

fn put_statements(calendar: CalendarId, put: Vec<(i64, Vec<u8>)>) -> Vec<Statement> {
    statements_of(&PUT, put, |statement, (place, bytes)| {
        statement.bind(place).bind(calendar.0).bind(bytes)
    })
}

/// A calendar's number within the place of a week.
fn number_of(calendar: CalendarId) -> Result<u32, StoreError> {
    // Calendars are numbered from one; nobody has seen four thousand million of them.
    u32::try_from(calendar.0).map_err(|error| {
        let origin = Origin {
            table: "external_calendars",
            key: &calendar.0,
        };
        origin.broken("id", error.to_string())
    })
}

/// Carries an edit out.
pub(super) async fn write(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    edit: &Edit<'_>,
) -> Result<(), StoreError> {
    if edit.weeks.is_empty() {
        return Ok(());
    }
    let number = number_of(calendar)?;
    let weeks = edit.weeks.keys();
    let places: Vec<i64> = weeks.map(|week| place_of(*week, number)).collect();
    let stored: Vec<(i64, Vec<u8>)> = sqlx::query_as(STORED)
        .bind(json_of(&places))
        .fetch_all(&mut *conn)
        .await
        .map_err(StoreError::doing("reading the weeks of a calendar"))?;
    let stored: BTreeMap<i64, Vec<u8>> = stored.into_iter().collect();
    let mut put: Vec<(i64, Vec<u8>)> = Vec::new();
    let mut delete = Vec::new();
    for (week, add) in &edit.weeks {
        let place = place_of(*week, number);
        let before = stored.get(&place).map(Vec::as_slice).unwrap_or_default();
        // What cannot be read is not written over.
        let mut entries = unpack(before).ok_or_else(|| broken(*week))?;
        entries.retain(|entry| !edit.without.contains(&EventKey(entry.event)));
        entries.extend(add.iter().copied());
        let bytes = pack(number, &entries);
        if bytes == before {
            continue;
        }
        if bytes.is_empty() {
            delete.push(place);
        } else {
            put.push((place, bytes));
        }
    }
    rows::run(&mut *conn, put_statements(calendar, put), STORING).await?;
    if !delete.is_empty() {
        sqlx::query(DELETE)
            .bind(json_of(&delete))
            .execute(conn)
            .await
            .map_err(StoreError::doing("removing empty weeks"))?;
    }
    Ok(())
}

/// All weeks of a calendar go.
pub(super) async fn clear(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
) -> Result<(), StoreError> {
    sqlx::query(CLEAR)
        .bind(calendar.0)
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing("removing the weeks of a calendar"))
}

/// A row that cannot be taken apart.
pub(crate) fn broken(week: i64) -> StoreError {
    let origin = Origin {
        table: TABLE,
        key: &week,
    };
    origin.broken("entries", "they cannot be taken apart")
}

#[cfg(test)]
mod tests;
