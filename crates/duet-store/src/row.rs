//! Between columns and the model: instants, words, JSON, failures. A value Duet never writes is
//! answered with the table, the row and the column it stands in.

use std::fmt::Display;

use chrono::{DateTime, NaiveTime, Utc};
use duet_model::account::{Failure, FailureCode};
use duet_model::event::EventTime;
use duet_model::when::Interval;
use serde::Serialize;
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use crate::error::StoreError;

/// Of a day without clock changes, as those of UTC are.
pub(crate) const DAY_MILLIS: i64 = 86_400_000;

/// A row that is being read: what an error about it names.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) table: &'static str,
    pub(crate) key: &'a dyn Display,
}

impl Origin<'_> {
    pub(crate) fn broken(self, column: &'static str, detail: impl Into<String>) -> StoreError {
        StoreError::Inconsistent {
            table: self.table,
            column,
            row: self.key.to_string(),
            detail: detail.into(),
        }
    }

    /// Milliseconds since the epoch.
    pub(crate) fn instant(
        self,
        column: &'static str,
        millis: i64,
    ) -> Result<DateTime<Utc>, StoreError> {
        DateTime::from_timestamp_millis(millis)
            .ok_or_else(|| self.broken(column, format!("{millis} ms is beyond the calendar")))
    }

    pub(crate) fn instant_or_none(
        self,
        column: &'static str,
        millis: Option<i64>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        millis
            .map(|millis| self.instant(column, millis))
            .transpose()
    }

    /// A span out of two columns; `column` names its start.
    pub(crate) fn interval(
        self,
        column: &'static str,
        start: i64,
        end: i64,
    ) -> Result<Interval, StoreError> {
        Interval::new(self.instant(column, start)?, self.instant(column, end)?)
            .ok_or_else(|| self.broken(column, "starts at or after its end"))
    }

    /// A fixed vocabulary, as serde spells it.
    pub(crate) fn word<T: DeserializeOwned>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StoreError> {
        let word: StrDeserializer<'_, ValueError> = text.into_deserializer();
        T::deserialize(word).map_err(|error| self.broken(column, error.to_string()))
    }

    pub(crate) fn json<T: DeserializeOwned>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|error| self.broken(column, error.to_string()))
    }

    /// The three `last_error_` columns.
    pub(crate) fn failure(
        self,
        code: Option<&str>,
        message: Option<String>,
        at: Option<i64>,
    ) -> Result<Option<Failure>, StoreError> {
        let (Some(code), Some(message), Some(at)) = (code, message, at) else {
            return Ok(None);
        };
        Ok(Some(Failure {
            code: self.word::<FailureCode>("last_error_code", code)?,
            message,
            at: self.instant("last_error_at", at)?,
        }))
    }
}

/// The reverse of [`Origin::word`].
pub(crate) fn word_of<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("a fixed vocabulary serialises to a word, not {other:?}"),
    }
}

/// The reverse of [`Origin::json`].
pub(crate) fn json_of<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data without maps by other keys than strings")
}

/// Milliseconds of an optional instant.
pub(crate) fn millis(at: Option<DateTime<Utc>>) -> Option<i64> {
    at.map(|at| at.timestamp_millis())
}

/// Milliseconds of an event's time; of a whole day its midnight as if in UTC.
pub(crate) fn time_millis(time: &EventTime) -> i64 {
    match time {
        EventTime::Date(day) => day.and_time(NaiveTime::MIN).and_utc().timestamp_millis(),
        EventTime::At { at, .. } => at.timestamp_millis(),
    }
}

/// Whole milliseconds around a span: rounded outwards, so that nothing busy is lost.
pub(crate) fn millis_around(span: Interval) -> (i64, i64) {
    let end = span.end.timestamp_millis();
    let cut = !span.end.timestamp_subsec_nanos().is_multiple_of(1_000_000);
    (span.start.timestamp_millis(), end + i64::from(cut))
}
