//! Which days something touches, and what the strips of the days are.

use duet_model::availability::{Claim, combine};

use super::*;

#[test]
fn each_day_that_something_touches() {
    let hour = |hour: i64| DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hour);
    let day = |n: i64| Interval {
        start: hour(24 * n),
        end: hour(24 * (n + 1)),
    };
    let days = [day(0), day(1), day(2)];
    for (start, end, expect) in [
        (1, 2, 0..1),
        (0, 24, 0..1),
        (24, 25, 1..2),
        (23, 25, 0..2),
        (-5, 80, 0..3),
        (-5, 0, 0..0),
        (72, 75, 3..3),
        (24, 24, 1..2),
        (0, 0, 0..1),
        (72, 72, 3..3),
        (-1, -1, 0..0),
    ] {
        assert_eq!(
            touched(&days, hour(start), hour(end)),
            expect,
            "{start} to {end}"
        );
    }
}

/// The strips by dates, stretch by stretch.
fn by_dates(
    combined: &Combined,
    days: &[Interval],
    unknown_since: impl Fn(Stretch<'_>) -> Option<DateTime<Utc>>,
) -> Vec<Vec<StripPiece>> {
    let mut strips: Vec<Vec<StripPiece>> = vec![Vec::new(); days.len()];
    for stretch in combined.stretches() {
        let as_of = match stretch.state {
            State::Unknown => unknown_since(stretch),
            State::Busy | State::Tentative => None,
        };
        for at in touched(days, stretch.span.start, stretch.span.end) {
            let (strip, day) = (&mut strips[at], days[at]);
            let top = minutes(day, stretch.span.start);
            let length = minutes(day, stretch.span.end).saturating_sub(top).max(1);
            match strip.last_mut() {
                Some(last)
                    if last.top + last.length >= top
                        && (last.state, last.as_of) == (stretch.state, as_of) =>
                {
                    last.length = last.length.max(top + length - last.top);
                }
                _ => strip.push(StripPiece {
                    top,
                    length,
                    state: stretch.state,
                    as_of,
                }),
            }
        }
    }
    strips
}

/// A month has days of 23 and of 25 hours; claims begin at any second, are short or last for days, and
/// reach out of the month on either side.
#[test]
fn strips_are_the_same_by_milliseconds_as_by_dates() {
    let begin = DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(490_000);
    let second = |second: i64| begin + chrono::TimeDelta::seconds(second);
    let mut edges = vec![begin];
    for hours in [24, 23, 24, 25, 24, 24, 24] {
        edges.push(edges[edges.len() - 1] + chrono::TimeDelta::hours(hours));
    }
    let days: Vec<Interval> = edges
        .windows(2)
        .map(|pair| Interval {
            start: pair[0],
            end: pair[1],
        })
        .collect();
    let window = Interval {
        start: begin,
        end: edges[7],
    };
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = move |bound: i64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        i64::try_from(seed >> 33).unwrap() % bound
    };
    let mut drawn = 0;
    for round in 0..300 {
        let mut tracks: Vec<Vec<Claim>> = vec![Vec::new(); 5];
        for _ in 0..round % 60 {
            // Some at whole minutes, so that neighbours touch.
            let unit = [1, 60, 3600][below(3) as usize];
            let start = below(9 * 86_400 / unit) * unit - 86_400;
            let most = [90, 7_200, 200_000][below(3) as usize];
            let span = Interval {
                start: second(start),
                end: second(start + unit * (1 + below(1 + most / unit))),
            };
            let state = [State::Unknown, State::Tentative, State::Busy][below(3) as usize];
            tracks[below(5) as usize].push(Claim { span, state });
        }
        let slices: Vec<&[Claim]> = tracks.iter().map(Vec::as_slice).collect();
        let combined = combine(&slices, window);
        let since = |stretch: Stretch<'_>| {
            let unknown = stretch.sources().filter(|it| it.1 == State::Unknown);
            unknown.map(|(track, _)| second(track as i64 / 2)).min()
        };
        let strips = strips(&combined, &days, since);
        assert_eq!(strips, by_dates(&combined, &days, since), "{tracks:?}");
        drawn += strips.iter().flatten().count();
    }
    assert!(drawn > 5_000, "only {drawn} pieces");
}
