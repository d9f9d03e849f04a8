//! How fast the combined picture is: `cargo run --release -p duet-model --example combine_speed`.
//!
//! Folds 1,000,000 busy times of 50 calendars on one core and prints the best and the median of some
//! rounds; the best, because whatever else the machine does can only make a round slower.
//! The worlds are the same on every run and machine. `cargo xtask bench` runs it as well and reads
//! the last line.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::hint::black_box;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::availability::{Claim, State, combine};
use duet_model::when::Interval;

const TRACKS: usize = 50;
const CLAIMS: usize = 1_000_000;
const ROUNDS: usize = 40;

/// A small, fixed source of numbers (xorshift), so that every run folds the same world.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 33).expect("31 bits fit") % bound
    }
}

/// Calendars full of claims of up to three hours that start on multiples of `grain` seconds. In an
/// untidy world claims of one calendar overlap each other.
fn world(grain: i64, tidy: bool) -> (Vec<Vec<Claim>>, Interval) {
    let begin = DateTime::<Utc>::from_timestamp(1_800_000_000, 0).expect("a time in 2027");
    let hour = 3600 / grain;
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut tracks = Vec::with_capacity(TRACKS);
    let mut last = begin;
    for _ in 0..TRACKS {
        let mut at = begin + TimeDelta::seconds(dice.below(3 * hour) * grain);
        let mut track = Vec::with_capacity(CLAIMS / TRACKS);
        for _ in 0..CLAIMS / TRACKS {
            let length = TimeDelta::seconds((1 + dice.below(3 * hour)) * grain);
            let state = match dice.below(10) {
                0 => State::Tentative,
                1 => State::Unknown,
                _ => State::Busy,
            };
            track.push(Claim {
                span: Interval {
                    start: at,
                    end: at + length,
                },
                state,
            });
            last = last.max(at + length);
            let pause = TimeDelta::seconds(dice.below(6 * hour) * grain);
            at += if tidy { length + pause } else { pause };
        }
        tracks.push(track);
    }
    (
        tracks,
        Interval {
            start: begin,
            end: last,
        },
    )
}

fn main() {
    let mut slowest = f64::INFINITY;
    for (name, grain, tidy) in [
        ("to the quarter of an hour", 900, true),
        ("to the minute", 60, true),
        ("to the second", 1, true),
        ("overlapping within a calendar", 900, false),
    ] {
        let (tracks, window) = world(grain, tidy);
        let tracks: Vec<&[Claim]> = tracks.iter().map(Vec::as_slice).collect();
        let mut rates: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let begun = Instant::now();
                let picture = black_box(combine(black_box(&tracks), window));
                let rate = CLAIMS as f64 / begun.elapsed().as_secs_f64();
                assert!(!picture.is_empty());
                rate
            })
            .collect();
        rates.sort_by(f64::total_cmp);
        let (best, median) = (rates[ROUNDS - 1], rates[ROUNDS / 2]);
        let stretches = combine(&tracks, window).len();
        println!(
            "{name}: {:.1} million intervals/s (median {:.1}), {stretches} stretches",
            best / 1e6,
            median / 1e6
        );
        if tidy {
            slowest = slowest.min(best);
        }
    }
    println!("combine: {:.0} intervals/s", slowest);
}
