//! Folding the claims of many sources into one picture, by a sweep over the moments of change.
//!
//! A calendar of a year can hold a million claims, so this is written for speed: each track is
//! first reduced to its own changes (a plain walk where its claims do not overlap), a change is one
//! word that sorts by time, and a stretch keeps its sources as two bits per track in one flat
//! vector. `examples/combine_speed.rs` measures it.

use chrono::{DateTime, Utc};

use super::{Claim, State};
use crate::when::Interval;

/// The combined picture of a window: stretches in order, without overlaps; gaps are free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Combined {
    window: Interval,
    /// Words per plane: two planes of one bit per track make up the sources of a stretch.
    words: usize,
    /// Start and end of each stretch, in milliseconds since the window began.
    bounds: Vec<(u64, u64)>,
    states: Vec<State>,
    /// For each stretch the low bits of all tracks' codes, then the high bits.
    planes: Vec<u64>,
}

/// A maximal stretch of time in which no source changes what it claims.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    /// When.
    pub span: Interval,
    /// The strongest claim.
    pub state: State,
    planes: &'a [u64],
}

/// Folds tracks (one per source: a calendar, or the blocks made by hand) into one picture,
/// clipped to `window`.
///
/// Where claims overlap, the strongest names the stretch and all are its sources; within a track
/// only its strongest claim counts. Neighbouring stretches with the same sources, each claiming the
/// same, are one. The order of claims within a track does not matter, but claims sorted by start
/// are folded faster. Times are kept to the millisecond; a claim shorter than that, or one that
/// ends before it starts, is no claim.
pub fn combine(tracks: &[&[Claim]], window: Interval) -> Combined {
    let words = tracks.len().div_ceil(64).max(1);
    let empty = Combined {
        window,
        words,
        bounds: Vec::new(),
        states: Vec::new(),
        planes: Vec::new(),
    };
    let Some(length) = Axis::of(window).map(|axis| axis.length) else {
        return empty;
    };
    let time_bits = u64::BITS - length.leading_zeros();
    let track_bits = usize::BITS - tracks.len().leading_zeros();
    // One word holds a change unless the window spans millennia or there are millions of tracks.
    if time_bits + track_bits + CODE_BITS <= u64::BITS {
        sweep(
            changes::<u64>(tracks, window, track_bits),
            track_bits,
            empty,
        )
    } else {
        sweep(
            changes::<u128>(tracks, window, track_bits),
            track_bits,
            empty,
        )
    }
}

impl Combined {
    /// How many stretches there are.
    pub fn len(&self) -> usize {
        self.bounds.len()
    }

    /// Is everything free?
    pub fn is_empty(&self) -> bool {
        self.bounds.is_empty()
    }

    /// The window this is a picture of; outside of it nothing is said, not even "free".
    pub fn window(&self) -> Interval {
        self.window
    }

    /// The stretch at an index, in order of time.
    pub fn get(&self, index: usize) -> Option<Stretch<'_>> {
        let (start, end) = *self.bounds.get(index)?;
        let per_stretch = 2 * self.words;
        Some(Stretch {
            span: Interval {
                start: self.instant(start),
                end: self.instant(end),
            },
            state: self.states[index],
            planes: &self.planes[index * per_stretch..(index + 1) * per_stretch],
        })
    }

    /// Start and end of all stretches, in order, in milliseconds since the window began, with their
    /// states: for who draws thousands of them and needs no dates.
    pub fn measured(&self) -> impl ExactSizeIterator<Item = ((u64, u64), State)> {
        self.bounds.iter().copied().zip(self.states.iter().copied())
    }

    /// All stretches, in order of time.
    pub fn stretches(&self) -> impl ExactSizeIterator<Item = Stretch<'_>> + DoubleEndedIterator {
        (0..self.len()).map(|index| self.get(index).expect("indices below the length exist"))
    }

    /// The instant of a position, exactly the window's own edge at either end.
    fn instant(&self, at: u64) -> DateTime<Utc> {
        let axis = Axis::of(self.window).filter(|axis| at < axis.length);
        axis.and_then(|axis| DateTime::from_timestamp_millis(axis.begin + i64::try_from(at).ok()?))
            .map_or(self.window.end, |instant| instant.max(self.window.start))
    }
}

impl<'a> Stretch<'a> {
    /// The tracks that claim something here, by index and in order, each with what it claims.
    pub fn sources(&self) -> impl Iterator<Item = (usize, State)> + use<'a> {
        let (low, high) = self.planes.split_at(self.planes.len() / 2);
        low.iter()
            .zip(high)
            .enumerate()
            .flat_map(|(word, (&low, &high))| {
                let mut left = low | high;
                std::iter::from_fn(move || {
                    if left == 0 {
                        return None;
                    }
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    let code = (low >> bit & 1) | (high >> bit & 1) << 1;
                    Some((word * 64 + bit as usize, state_of(code)?))
                })
            })
    }
}

/// The window as a line of milliseconds from 0 to `length`.
#[derive(Clone, Copy)]
struct Axis {
    begin: i64,
    length: u64,
}

impl Axis {
    /// `None` for a window without a whole millisecond in it. What is left of one at its end belongs
    /// to the one before.
    fn of(window: Interval) -> Option<Self> {
        if window.start >= window.end {
            return None;
        }
        let begin = window.start.timestamp_millis();
        let length = u64::try_from(window.end.timestamp_millis() - begin).ok()?;
        (length > 0).then_some(Self { begin, length })
    }

    /// The position of an instant, clipped to the window.
    fn place(&self, at: DateTime<Utc>) -> u64 {
        u64::try_from(at.timestamp_millis() - self.begin)
            .unwrap_or(0)
            .min(self.length)
    }

    /// The part of a claim inside the window, as start, end and code.
    fn clip(&self, claim: &Claim) -> Option<(u64, u64, u64)> {
        let (start, end) = (self.place(claim.span.start), self.place(claim.span.end));
        (start < end).then_some((start, end, code_of(claim.state)))
    }
}

/// What a track claims, in two bits; 0 is nothing, and a higher code is a stronger claim.
const CODE_BITS: u32 = 2;

fn code_of(state: State) -> u64 {
    match state {
        State::Unknown => 1,
        State::Tentative => 2,
        State::Busy => 3,
    }
}

fn state_of(code: u64) -> Option<State> {
    match code {
        1 => Some(State::Unknown),
        2 => Some(State::Tentative),
        3 => Some(State::Busy),
        _ => None,
    }
}

/// A change packed into one word, most significant first: when, which track, its code from then on.
trait Change: Copy + Ord {
    fn pack(at: u64, track: usize, track_bits: u32, code: u64) -> Self;
    fn unpack(self, track_bits: u32) -> (u64, usize, u64);
}

macro_rules! change {
    ($word:ty) => {
        impl Change for $word {
            #[inline]
            fn pack(at: u64, track: usize, track_bits: u32, code: u64) -> Self {
                ((at as $word) << track_bits | track as $word) << CODE_BITS | code as $word
            }

            #[inline]
            fn unpack(self, track_bits: u32) -> (u64, usize, u64) {
                let track = (self >> CODE_BITS) & ((1 << track_bits) - 1);
                let at = self >> CODE_BITS >> track_bits;
                (at as u64, track as usize, (self & 3) as u64)
            }
        }
    };
}
change!(u64);
change!(u128);

/// All changes of all tracks, ordered by time. Each track changes at most once at a time, and only
/// to something else than before.
fn changes<C: Change>(tracks: &[&[Claim]], window: Interval, track_bits: u32) -> Vec<C> {
    let Some(axis) = Axis::of(window) else {
        return Vec::new();
    };
    let mut changes = Vec::with_capacity(2 * tracks.iter().map(|track| track.len()).sum::<usize>());
    for (index, track) in tracks.iter().enumerate() {
        let begin = changes.len();
        let push = |at, code| changes.push(C::pack(at, index, track_bits, code));
        if walk(track, axis, push).is_none() {
            changes.truncate(begin);
            unravel(track, axis, |at, code| {
                changes.push(C::pack(at, index, track_bits, code))
            });
        }
    }
    // Each track is a rising run, which the standard library's stable sort finds and merges.
    changes.sort();
    changes
}

/// The changes of a track whose claims are in order and do not contradict each other; `None` as
/// soon as they are not.
fn walk(track: &[Claim], axis: Axis, mut push: impl FnMut(u64, u64)) -> Option<()> {
    let (mut open_start, mut open_end, mut open_code) = (0, 0, 0);
    for claim in track {
        let Some((start, end, code)) = axis.clip(claim) else {
            continue;
        };
        if code == open_code && open_start <= start && start <= open_end {
            open_end = open_end.max(end);
            continue;
        }
        if start < open_end {
            return None;
        }
        if open_end < start && open_code != 0 {
            push(open_end, 0);
        }
        push(start, code);
        (open_start, open_end, open_code) = (start, end, code);
    }
    if open_code != 0 {
        push(open_end, 0);
    }
    Some(())
}

/// The changes of any track: counts for each code how many claims are open.
fn unravel(track: &[Claim], axis: Axis, mut push: impl FnMut(u64, u64)) {
    // An edge is one word: when, which code, whether it opens. All of time is 54 bits long.
    const OPENS: u64 = 1;
    let mut edges = Vec::with_capacity(2 * track.len());
    for (start, end, code) in track.iter().filter_map(|claim| axis.clip(claim)) {
        edges.push((start << CODE_BITS | code) << 1 | OPENS);
        edges.push((end << CODE_BITS | code) << 1);
    }
    edges.sort();
    // Within an instant closing comes first, so a count may pass below zero on its way.
    let mut open = [0i64; 4];
    let mut current = 0;
    let mut edges = edges.into_iter().peekable();
    while let Some(edge) = edges.next() {
        let (at, code) = (edge >> 1 >> CODE_BITS, edge >> 1 & 3);
        open[code as usize] += if edge & OPENS == OPENS { 1 } else { -1 };
        if edges
            .peek()
            .is_some_and(|next| next >> 1 >> CODE_BITS == at)
        {
            continue;
        }
        let strongest = (1..=3)
            .rev()
            .find(|code| open[*code as usize] > 0)
            .unwrap_or(0);
        if strongest != current {
            push(at, strongest);
            current = strongest;
        }
    }
}

/// Walks the changes and writes down a stretch wherever somebody claims something.
fn sweep<C: Change>(changes: Vec<C>, track_bits: u32, mut into: Combined) -> Combined {
    let words = into.words;
    into.bounds.reserve(changes.len());
    into.states.reserve(changes.len());
    into.planes.reserve(2 * words * changes.len());
    // The current codes of all tracks, as in `Combined::planes`, and how many tracks have each.
    let mut planes = vec![0u64; 2 * words];
    let mut open = [0usize; 4];
    let mut since = 0;
    for change in changes {
        let (at, track, code) = change.unpack(track_bits);
        if since < at {
            let strongest = (1..=3).rev().find(|code| open[*code as usize] > 0);
            if let Some(state) = strongest.and_then(state_of) {
                into.bounds.push((since, at));
                into.states.push(state);
                into.planes.extend_from_slice(&planes);
            }
            since = at;
        }
        let (word, bit) = (track / 64, track % 64);
        let before = (planes[word] >> bit & 1) | (planes[words + word] >> bit & 1) << 1;
        planes[word] = planes[word] & !(1 << bit) | (code & 1) << bit;
        planes[words + word] = planes[words + word] & !(1 << bit) | (code >> 1) << bit;
        // Code 0 is counted from zero downwards, which nobody reads.
        open[before as usize] = open[before as usize].wrapping_sub(1);
        open[code as usize] = open[code as usize].wrapping_add(1);
    }
    into
}
