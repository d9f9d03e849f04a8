//! The combined picture against a bitmap, minute by minute, and against its promises.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;

/// Minutes after an arbitrary Monday.
fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap()
}

fn span(start: i64, end: i64) -> Interval {
    Interval {
        start: at(start),
        end: at(end),
    }
}

fn claim(start: i64, end: i64, state: State) -> Claim {
    Claim {
        span: span(start, end),
        state,
    }
}

fn fold(tracks: &[Vec<Claim>], window: Interval) -> Combined {
    let tracks: Vec<&[Claim]> = tracks.iter().map(Vec::as_slice).collect();
    combine(&tracks, window)
}

/// A stretch, comparable: start, end, state and sources.
type Told = (Interval, State, Vec<(usize, State)>);

/// Everything about a picture.
fn told(picture: &Combined) -> Vec<Told> {
    picture
        .stretches()
        .map(|one| (one.span, one.state, one.sources().collect()))
        .collect()
}

use State::{Busy, Tentative, Unknown};

#[test]
fn the_strongest_claim_names_the_stretch_and_all_stay_sources() {
    let tracks = [
        vec![claim(0, 60, Unknown)],
        vec![claim(30, 90, Tentative)],
        vec![claim(45, 60, Busy)],
    ];
    let expect = vec![
        (span(0, 30), Unknown, vec![(0, Unknown)]),
        (span(30, 45), Tentative, vec![(0, Unknown), (1, Tentative)]),
        (
            span(45, 60),
            Busy,
            vec![(0, Unknown), (1, Tentative), (2, Busy)],
        ),
        (span(60, 90), Tentative, vec![(1, Tentative)]),
    ];
    let picture = fold(&tracks, span(-100, 100));
    assert_eq!(told(&picture), expect);
    assert_eq!(picture.len(), 4);
    assert!(!picture.is_empty() && picture.get(4).is_none());
}

#[test]
fn edges_are_half_open_and_neighbours_join() {
    type Tracks = Vec<Vec<Claim>>;
    type Minutes = (i64, i64, State);
    let cases: [(&str, Tracks, Vec<Minutes>); 9] = [
        ("nothing", vec![], vec![]),
        ("no claims", vec![vec![], vec![]], vec![]),
        (
            "touching claims of a track are one",
            vec![vec![claim(0, 10, Busy), claim(10, 20, Busy)]],
            vec![(0, 20, Busy)],
        ),
        (
            "of different strength they are two",
            vec![vec![claim(0, 10, Busy), claim(10, 20, Tentative)]],
            vec![(0, 10, Busy), (10, 20, Tentative)],
        ),
        (
            "touching claims of two tracks have different sources",
            vec![vec![claim(0, 10, Busy)], vec![claim(10, 20, Busy)]],
            vec![(0, 10, Busy), (10, 20, Busy)],
        ),
        (
            "a minute between them is free",
            vec![vec![claim(0, 10, Busy), claim(11, 20, Busy)]],
            vec![(0, 10, Busy), (11, 20, Busy)],
        ),
        (
            "a weak claim inside a strong one of the same track says nothing more",
            vec![vec![
                claim(0, 30, Busy),
                claim(5, 10, Unknown),
                claim(20, 40, Tentative),
            ]],
            vec![(0, 30, Busy), (30, 40, Tentative)],
        ),
        (
            "empty and reversed claims are none",
            vec![vec![claim(10, 10, Busy), claim(20, 15, Busy)]],
            vec![],
        ),
        (
            "the window clips",
            vec![vec![
                claim(-500, -200, Busy),
                claim(-300, -90, Busy),
                claim(95, 500, Tentative),
            ]],
            vec![(-100, -90, Busy), (95, 100, Tentative)],
        ),
    ];
    for (why, tracks, expect) in cases {
        let picture = fold(&tracks, span(-100, 100));
        let got: Vec<_> = told(&picture)
            .into_iter()
            .map(|(s, state, _)| (s, state))
            .collect();
        let expect: Vec<_> = expect
            .into_iter()
            .map(|(s, e, state)| (span(s, e), state))
            .collect();
        assert_eq!(got, expect, "{why}");
    }
}

#[test]
fn an_empty_window_shows_nothing() {
    let tracks = [vec![claim(0, 60, Busy)]];
    assert!(fold(&tracks, span(30, 30)).is_empty());
    assert!(fold(&tracks, span(40, 30)).is_empty());
    assert!(
        free_slots(
            &fold(&tracks, span(40, 30)),
            span(0, 90),
            TimeDelta::zero(),
            None
        )
        .is_empty()
    );
}

#[test]
fn a_window_within_a_millisecond_keeps_its_edges() {
    let begin = at(0) + TimeDelta::microseconds(300);
    let window = Interval {
        start: begin,
        end: begin + TimeDelta::microseconds(1500),
    };
    let picture = fold(&[vec![claim(-5, 5, Busy)]], window);
    assert_eq!(told(&picture), vec![(window, Busy, vec![(0, Busy)])]);
}

#[test]
fn the_ends_of_time_fit_in() {
    let window = Interval {
        start: DateTime::<Utc>::MIN_UTC,
        end: DateTime::<Utc>::MAX_UTC,
    };
    let tracks = vec![
        vec![
            Claim {
                span: window,
                state: Unknown
            },
            claim(0, 10, Busy)
        ];
        300
    ];
    let picture = fold(&tracks, window);
    assert_eq!(
        picture.len(),
        3,
        "this window and 300 tracks need the wide words"
    );
    assert_eq!(picture.get(1).unwrap().span, span(0, 10));
    assert_eq!(picture.get(1).unwrap().sources().count(), 300);
    assert_eq!(picture.get(2).unwrap().span.end, DateTime::<Utc>::MAX_UTC);
}

#[test]
fn many_tracks_keep_their_numbers() {
    let tracks: Vec<_> = (0..130).map(|n| vec![claim(n, n + 2, Busy)]).collect();
    let picture = fold(&tracks, span(-10, 500));
    for (index, stretch) in picture.stretches().enumerate() {
        let index = i64::try_from(index).unwrap();
        let expect: Vec<_> = [index - 1, index]
            .into_iter()
            .filter(|track| (0..130).contains(track))
            .map(|track| (usize::try_from(track).unwrap(), Busy))
            .collect();
        assert_eq!(
            stretch.sources().collect::<Vec<_>>(),
            expect,
            "stretch {index}"
        );
    }
    assert_eq!(picture.len(), 131);
}

#[test]
fn free_slots_and_what_is_not_certain() {
    let tracks = [
        vec![claim(60, 120, Busy), claim(150, 160, Tentative)],
        vec![claim(180, 240, Unknown)],
    ];
    let picture = fold(&tracks, span(0, 300));
    let minutes = TimeDelta::minutes;
    let slots = |window, long, working: Option<&[Interval]>| -> Vec<_> {
        let found = free_slots(&picture, window, long, working);
        found
            .into_iter()
            .map(|slot| (slot.span, slot.certain))
            .collect()
    };
    let all = [
        (span(0, 60), true),
        (span(120, 150), true),
        (span(160, 180), true),
        (span(160, 300), false),
        (span(240, 300), true),
    ];
    assert_eq!(slots(span(0, 300), minutes(20), None), all);
    assert_eq!(
        slots(span(-100, 900), TimeDelta::zero(), None),
        all,
        "outside nothing is known"
    );
    let long = [
        (span(0, 60), true),
        (span(160, 300), false),
        (span(240, 300), true),
    ];
    assert_eq!(
        slots(span(0, 300), minutes(60), None),
        long,
        "exactly as long is long enough"
    );
    assert_eq!(
        slots(span(0, 300), minutes(61), None),
        [(span(160, 300), false)]
    );
    assert_eq!(
        slots(span(200, 220), minutes(20), None),
        [(span(200, 220), false)],
        "all unknown"
    );
    assert_eq!(slots(span(70, 110), minutes(1), None), []);
    assert_eq!(
        slots(span(10, 50), minutes(40), None),
        [(span(10, 50), true)]
    );

    let hours = [
        span(200, 260),
        span(30, 70),
        span(30, 50),
        span(260, 270),
        span(400, 500),
    ];
    let expect = [
        (span(30, 60), true),
        (span(200, 270), false),
        (span(240, 270), true),
    ];
    assert_eq!(slots(span(0, 300), minutes(20), Some(&hours)), expect);
    let split = [span(0, 20), span(25, 60)];
    let expect = [(span(0, 20), true), (span(25, 60), true)];
    assert_eq!(
        slots(span(0, 300), minutes(10), Some(&split)),
        expect,
        "never across a pause"
    );
    assert_eq!(slots(span(0, 300), minutes(10), Some(&[])), []);
}

#[test]
fn why_names_the_claims_that_touch() {
    // The long first claim reaches over the others: searching must not stop at their ends.
    let long = vec![
        claim(0, 100, Busy),
        claim(5, 10, Busy),
        claim(20, 30, Busy),
        claim(40, 40, Busy),
    ];
    let unsorted = vec![claim(50, 60, Unknown), claim(0, 25, Tentative)];
    let tracks: [&[Claim]; 2] = [&long, &unsorted];
    let reasons = Reasons::of(&tracks);
    let cases = [
        (span(22, 23), vec![(0, 0), (0, 2), (1, 1)]),
        (span(10, 20), vec![(0, 0), (1, 1)]),
        (span(40, 41), vec![(0, 0)]),
        (span(55, 200), vec![(0, 0), (1, 0)]),
        (span(100, 200), vec![]),
    ];
    for (span, expect) in cases {
        assert_eq!(why(&tracks, span), expect, "{span:?}");
        let mut got: Vec<_> = reasons.why(span).collect();
        got.sort_unstable();
        assert_eq!(got, expect, "prepared, {span:?}");
    }
    assert_eq!(
        reasons.touching(1, span(0, 90)).collect::<Vec<_>>(),
        [1, 0],
        "by start"
    );
    assert_eq!(reasons.touching(2, span(0, 90)).count(), 0, "no such track");
}

const MINUTES: i64 = 120;

fn states() -> impl Strategy<Value = State> {
    prop::sample::select(vec![Unknown, Tentative, Busy])
}

/// Claims in any order, overlapping or not, some empty, some outside the window.
fn wild_track() -> impl Strategy<Value = Vec<Claim>> {
    let one = (-20..MINUTES + 20, -3..40i64, states());
    prop::collection::vec(
        one.prop_map(|(s, long, state)| claim(s, s + long, state)),
        0..12,
    )
}

/// Claims in order that at most touch, the kind that is folded by a plain walk; or, where `pause`
/// can be negative, with an overlap here and there that the walk has to notice.
fn tidy_track(pause: std::ops::Range<i64>) -> impl Strategy<Value = Vec<Claim>> {
    prop::collection::vec((pause, 1..12i64, states()), 0..14).prop_map(|steps| {
        let mut now = -10;
        let mut claims = Vec::new();
        for (pause, long, state) in steps {
            claims.push(claim(now + pause, now + pause + long, state));
            now += pause + long;
        }
        claims
    })
}

fn tracks() -> impl Strategy<Value = Vec<Vec<Claim>>> {
    prop::collection::vec(
        prop_oneof![wild_track(), tidy_track(0..6), tidy_track(-1..4)],
        0..6,
    )
}

/// What each track claims in a minute, by looking at every claim.
fn brute(tracks: &[Vec<Claim>], minute: i64) -> Vec<(usize, State)> {
    let strongest = |track: &Vec<Claim>| {
        let here = track.iter().filter(|claim| claim.span.contains(at(minute)));
        here.map(|claim| claim.state).max()
    };
    let all = tracks.iter().enumerate();
    all.filter_map(|(index, track)| strongest(track).map(|state| (index, state)))
        .collect()
}

proptest! {
    #[test]
    fn the_picture_equals_a_bitmap(tracks in tracks()) {
        let picture = fold(&tracks, span(0, MINUTES));
        for minute in 0..MINUTES {
            let here = picture.stretches().find(|stretch| stretch.span.contains(at(minute)));
            let sources: Vec<_> = here.map(|stretch| stretch.sources().collect()).unwrap_or_default();
            let expect = brute(&tracks, minute);
            prop_assert_eq!(here.map(|one| one.state), expect.iter().map(|one| one.1).max());
            prop_assert_eq!(sources, expect);
        }
    }

    #[test]
    fn stretches_are_ordered_apart_inside_and_maximal(tracks in tracks()) {
        let window = span(0, MINUTES);
        let told = told(&fold(&tracks, window));
        for (span, _, sources) in &told {
            prop_assert!(span.start < span.end && window.covers(span) && !sources.is_empty());
        }
        for pair in told.windows(2) {
            prop_assert!(pair[0].0.end <= pair[1].0.start);
            prop_assert!(pair[0].0.end < pair[1].0.start || pair[0].2 != pair[1].2);
        }
    }

    #[test]
    fn the_order_of_claims_does_not_matter(tracks in tracks(), seed in any::<prop::sample::Index>()) {
        let mut other = tracks.clone();
        for track in &mut other {
            track.reverse();
            if !track.is_empty() {
                let by = seed.index(track.len());
                track.rotate_left(by);
            }
        }
        prop_assert_eq!(fold(&tracks, span(0, MINUTES)), fold(&other, span(0, MINUTES)));
    }

    #[test]
    fn the_order_of_tracks_only_renames_sources(tracks in tracks(), seed in any::<prop::sample::Index>()) {
        prop_assume!(!tracks.is_empty());
        let by = seed.index(tracks.len());
        let mut other = tracks.clone();
        other.rotate_left(by);
        let mut renamed = told(&fold(&other, span(0, MINUTES)));
        for (_, _, sources) in &mut renamed {
            for source in sources.iter_mut() {
                source.0 = (source.0 + by) % tracks.len();
            }
            sources.sort_unstable();
        }
        prop_assert_eq!(told(&fold(&tracks, span(0, MINUTES))), renamed);
    }

    #[test]
    fn folding_the_picture_again_changes_nothing(tracks in tracks()) {
        let window = span(0, MINUTES);
        let once = fold(&tracks, window);
        // Each source's part of the picture as a track of its own, and everything said twice.
        let again: Vec<Vec<Claim>> = (0..tracks.len())
            .map(|track| {
                let said = once.stretches().flat_map(|one| {
                    one.sources().map(move |(by, state)| (by, Claim { span: one.span, state }))
                });
                let mine: Vec<_> = said.filter(|(by, _)| *by == track).map(|one| one.1).collect();
                [mine.clone(), mine].concat()
            })
            .collect();
        prop_assert_eq!(once, fold(&again, window));
    }

    #[test]
    fn free_slots_equal_a_bitmap(tracks in tracks(), long in 1..40i64) {
        let window = span(0, MINUTES);
        let slots = free_slots(&fold(&tracks, window), window, TimeDelta::minutes(long), None);
        let strongest: Vec<_> =
            (0..MINUTES).map(|m| brute(&tracks, m).into_iter().map(|one| one.1).max()).collect();
        let mut expect = Vec::new();
        for (certain, open) in [(true, [None, None]), (false, [None, Some(Unknown)])] {
            let mut minute = 0;
            while minute < MINUTES {
                let run = strongest[usize::try_from(minute).unwrap()..].iter();
                let run: Vec<_> = run.take_while(|state| open.contains(state)).collect();
                let length = i64::try_from(run.len()).unwrap();
                let fits = certain || run.iter().any(|state| state.is_some());
                if length >= long && fits {
                    expect.push(Slot { span: span(minute, minute + length), certain });
                }
                minute += length.max(1);
            }
        }
        expect.sort_by_key(|slot| (slot.span.start, !slot.certain));
        prop_assert_eq!(slots, expect);
    }

    #[test]
    fn prepared_reasons_equal_looking_at_all(tracks in tracks(), from in -10..MINUTES, long in 1..30i64) {
        let tracks: Vec<&[Claim]> = tracks.iter().map(Vec::as_slice).collect();
        let asked = span(from, from + long);
        let mut prepared: Vec<_> = Reasons::of(&tracks).why(asked).collect();
        prepared.sort_unstable();
        prop_assert_eq!(prepared, why(&tracks, asked));
    }
}
