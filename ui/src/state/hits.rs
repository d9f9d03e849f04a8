//! What a search found, in the two groups in which it is shown.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use duet_wire::availability::When;
use duet_wire::search::HitView;

use crate::dates;

/// At most so many hits are asked for.
pub(crate) const LIMIT: u16 = 50;

/// The question for what was typed; nothing for nothing.
pub(crate) fn query(text: &str) -> Option<duet_wire::Query> {
    let text = text.trim();
    (!text.is_empty()).then(|| duet_wire::Query::Search {
        text: text.to_owned(),
        limit: LIMIT,
    })
}

/// Is it over? What lasts whole days is, once its last day is.
fn is_past(hit: &HitView, now: DateTime<Utc>, today: Option<NaiveDate>) -> bool {
    match hit.end {
        When::Instant(end) => end <= now,
        // Without a known today there is no telling; then nothing is called past.
        When::Date(after) => today.is_some_and(|today| after <= today),
    }
}

/// Indices of what is to come and of what is over, each in the order of the answer.
pub(crate) fn groups(
    hits: &[HitView],
    now: DateTime<Utc>,
    today: Option<NaiveDate>,
) -> (Vec<usize>, Vec<usize>) {
    (0..hits.len()).partition(|index| !is_past(&hits[*index], now, today))
}

/// `Tue 24 Nov, 09:00 – 10:30`, or the days alone; with the year where that is another than today's.
pub(crate) fn when(hit: &HitView, today: Option<NaiveDate>) -> String {
    let year = |date: NaiveDate| match today {
        Some(today) if today.year() == date.year() => String::new(),
        _ => format!(" {}", date.year()),
    };
    match (hit.start, hit.end) {
        (When::Date(first), When::Date(after)) => {
            format!("{}{}, all day", dates::day_span(first, after), year(first))
        }
        _ => format!(
            "{}{}, {}",
            dates::day_short(hit.date),
            year(hit.date),
            dates::span(hit.wall_start, hit.wall_end)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use duet_wire::availability::{BlockState, SourceKind};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn hit(start: &str, end: &str) -> HitView {
        let when = |text: &str| match text.parse() {
            Ok(date) => When::Date(date),
            Err(_) => When::Instant(at(text)),
        };
        let wall = |text: &str| match text.parse::<NaiveDate>() {
            Ok(date) => date.and_time(chrono::NaiveTime::MIN),
            Err(_) => at(text).naive_utc(),
        };
        HitView {
            kind: SourceKind::Google,
            event: None,
            id: start.to_owned(),
            title: "Dentist".into(),
            location: None,
            calendar: None,
            calendar_name: None,
            color: None,
            account: None,
            start: when(start),
            end: when(end),
            wall_start: wall(start),
            wall_end: wall(end),
            date: wall(start).date(),
            repeats: false,
            state: BlockState::Busy,
        }
    }

    #[test]
    fn what_is_over_stands_below_and_the_order_stays() {
        let hits = [
            hit("2026-11-25T11:30:00Z", "2026-11-25T12:30:00Z"),
            hit("2026-11-25T11:00:00Z", "2026-11-25T12:00:00Z"),
            hit("2026-11-24", "2026-11-26"),
            hit("2026-11-24", "2026-11-25"),
            hit("2026-12-01T09:00:00Z", "2026-12-01T10:00:00Z"),
        ];
        let now = at("2026-11-25T12:00:00Z");
        let today = "2026-11-25".parse().ok();
        assert_eq!(groups(&hits, now, today), (vec![0, 2, 4], vec![1, 3]));
        assert_eq!(
            groups(&hits, now, None).1,
            [1],
            "without a today no whole day is called past"
        );
    }

    #[test]
    fn a_hit_says_another_year_than_this() {
        let in_2026 = "2026-11-25".parse().ok();
        let in_2027 = "2027-02-01".parse().ok();
        let call = hit("2026-11-25T11:30:00Z", "2026-11-25T12:30:00Z");
        let new_year = hit("2027-01-01", "2027-01-02");
        let cases = [
            (&call, in_2026, "Wed 25 Nov, 11:30 – 12:30"),
            (&call, in_2027, "Wed 25 Nov 2026, 11:30 – 12:30"),
            (&call, None, "Wed 25 Nov 2026, 11:30 – 12:30"),
            (&new_year, in_2026, "Fri 1 Jan 2027, all day"),
            (&new_year, in_2027, "Fri 1 Jan, all day"),
        ];
        for (hit, today, expect) in cases {
            assert_eq!(when(hit, today), expect);
        }
    }

    #[test]
    fn nothing_typed_asks_for_nothing() {
        assert_eq!(query("  "), None);
        let Some(duet_wire::Query::Search { text, limit }) = query(" den ") else {
            panic!("a question")
        };
        assert_eq!((text.as_str(), limit), ("den", LIMIT));
    }
}
