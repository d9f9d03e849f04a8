//! `cargo xtask oracle`: Duet's repetition and zones, held against programs that others wrote.
//!
//! Three families of engines answer the same questions: python-dateutil (whose design Duet's library
//! shares), rrule-temporal and libical. They only count on a wall clock; what a wall clock means is
//! told for all of them by Python's zoneinfo with the newest zone data of PyPI, which never saw ours.
//! So a rule and a zone are both judged by somebody else. Whoever differs from Duet has to stand in
//! `tests/oracle/triage.toml` with a reason and a decision, or the command fails. The drivers of the
//! engines and the table of rules lie beside that file.

mod calendar;
mod cases;
mod engines;
mod fixtures;
mod random;
mod table;
mod vote;
mod zones;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{cmd, place::Place};
use engines::Engines;
use table::Triage;

/// The seed of the random rules when none is given: the same rules for everybody.
const SEED: u64 = 20_261_122;
/// How many random rules when nothing is said.
const RANDOM: usize = 3_000;
/// How long an engine may think about one rule.
const PATIENCE: Duration = Duration::from_secs(5);

/// `cargo xtask oracle [--seed N] [--random N]`.
pub fn command(place: &Place, words: &[String]) -> Result<()> {
    let (seed, random) = asked(words)?;
    let usual = seed == SEED && random == RANDOM;
    let begun = Instant::now();
    let engines = Engines::ready(place)?;
    println!("oracle: set up in {}", cmd::spoken(begun.elapsed()));

    let folder = place.root.join("tests/oracle");
    let mut triage = Triage::read(&folder.join("triage.toml"))?;
    let mut failures = engines.absent_count();

    let begun = Instant::now();
    failures += zones::gate(&engines, &mut triage)?;
    println!("oracle: zones took {}", cmd::spoken(begun.elapsed()));

    let mut cases = cases::from_table(&folder.join("rules.toml"))?;
    let own = cases.len();
    let real = fixtures::read(place, &engines)?;
    let found = real.rules.len();
    failures += usize::from(found == 0 && cmd::is_ci());
    cases.extend(real.rules);
    cases.extend(random::cases(seed, random));
    println!(
        "oracle: {} rules ({own} of the table, {found} of real files, {random} random with seed {seed})",
        cases.len()
    );
    let begun = Instant::now();
    failures += vote::hold(&engines, &cases, &mut triage)?;
    let series: Vec<_> = real.series.into_iter().collect();
    failures += vote::endure(&engines, &series)?;
    println!("oracle: rules took {}", cmd::spoken(begun.elapsed()));

    // With other rules than usual, or fewer engines, an entry may find nothing to explain.
    if usual && engines.are_all_there() && !cases.is_empty() && found > 0 {
        for stale in triage.unused() {
            println!("oracle: triage.toml explains what does not happen: {stale}");
            failures += 1;
        }
    }
    if failures > 0 {
        bail!(
            "{failures} thing(s) are not as they should be, see above; a difference is a bug, or \
             belongs into tests/oracle/triage.toml with its reason and a decision"
        );
    }
    println!("oracle: nobody disagrees without a reason");
    Ok(())
}

/// The seed and the number of random rules.
fn asked(words: &[String]) -> Result<(u64, usize)> {
    let (mut seed, mut random) = (SEED, RANDOM);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match (word.as_str(), words.next()) {
            ("--seed", Some(value)) => seed = value.parse()?,
            ("--random", Some(value)) => random = value.parse()?,
            _ => bail!("oracle takes --seed N and --random N, not \"{word}\""),
        }
    }
    Ok((seed, random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_choose_the_random_rules() {
        let ask = |text: &str| {
            let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            asked(&words).ok()
        };
        assert_eq!(ask(""), Some((SEED, RANDOM)));
        assert_eq!(ask("--random 7 --seed 9"), Some((9, 7)));
        assert_eq!(ask("--seed"), None, "a word without its number");
        assert_eq!(ask("--seed x"), None, "no number");
        assert_eq!(ask("all"), None, "another word");
    }
}
