//! Random histories of a server, with faults, interruptions and restarts: whatever happened, in the end
//! the store says what the server says, and whenever a pull says that all is fresh, it is.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use duet_sync::events::Outcome;

use super::Bench;
use super::fake::Fault;
use super::world::{Entry, World};
use crate::rig::Dice;

/// How many histories are lived through; `DUET_HISTORIES` asks for more.
const HISTORIES: u64 = 2000;
/// A machine that is busy lives through fewer, but never fewer than this.
const AT_LEAST: u64 = 200;
/// How long it may take, unless more were asked for.
const TIME: Duration = Duration::from_secs(120);
/// Pulls after which the store has caught up, once nothing goes wrong any more.
const ROUNDS: usize = 6;
/// What must have happened this often, or the histories prove nothing (TRUST.md, "Sometimes").
const SOMETIMES: u32 = 20;

const FAULTS: [Fault; 11] = [
    Fault::Unavailable,
    Fault::TooMany,
    Fault::Gone,
    Fault::Gone,
    Fault::Invalid,
    Fault::Cut,
    Fault::Malformed,
    Fault::EmptyPage,
    Fault::Repeat,
    Fault::Circle,
    Fault::NoSyncToken,
];

/// How often what was met.
#[derive(Debug, Default)]
struct Met {
    dropped: u32,
    unwanted: u32,
    doubted: u32,
    failed: u32,
    bad: u32,
    otherwise: u32,
    compared: u32,
}

struct History<'a> {
    bench: &'a mut Bench,
    dice: Dice,
    id: String,
    met: &'a mut Met,
    /// Was the last thing that happened a pull after which all was there?
    caught_up: bool,
    /// By how much the clock went ahead.
    days: i64,
}

impl History<'_> {
    fn happen(&self, times: u64) {
        self.bench.fake.with(&self.id, |world| {
            for _ in 0..times {
                world.happen();
            }
        });
    }

    async fn pull(&mut self) {
        let before = self.bench.fake.with(&self.id, |world| world.change);
        let Ok(tally) = self.bench.try_pull(&self.id).await else {
            self.met.failed += 1;
            return;
        };
        let (after, bad) = self
            .bench
            .fake
            .with(&self.id, |world| (world.change, world.has_bad()));
        match tally.outcome {
            Outcome::Fresh if before == after && !bad => {
                self.bench.assert_true(&self.id).await;
                self.met.compared += 1;
                self.caught_up = true;
            }
            Outcome::Failed(trouble) => {
                self.met.failed += 1;
                self.met.doubted += u32::from(trouble.message.contains("no more"));
            }
            Outcome::Unwanted => self.met.unwanted += 1,
            _ => {}
        }
    }

    /// A pull that is dropped at some await, or is over before.
    async fn break_off(&mut self) {
        let steps = self.dice.below(90);
        let stop = async {
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = stop => self.met.dropped += 1,
            _ = self.bench.try_pull(&self.id) => {}
        }
    }

    async fn switch_off_in_flight(&mut self) {
        let steps = self.dice.below(80);
        // What began before it was off is not wanted either where it is on again.
        let again = self.dice.below(2) == 0;
        let calendar = self.bench.calendar(&self.id).await;
        let off = async {
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
            self.bench.switch(&calendar, false).await;
            if again {
                self.bench.switch(&calendar, true).await;
            }
        };
        let (pulled, ()) = tokio::join!(self.bench.pull_as_it_was(&calendar), off);
        if pulled.is_ok_and(|tally| tally.outcome == Outcome::Unwanted) {
            self.met.unwanted += 1;
        }
        assert!(
            self.bench.ids(&calendar).await.is_empty(),
            "off, and nothing stays"
        );
        assert!(
            self.bench.shown(&calendar).await.is_empty(),
            "off, and nothing stays"
        );
        self.bench.switch(&calendar, true).await;
    }

    /// The calendar as a Duet left it that asked otherwise: the token is good, but it belongs to a
    /// request that brought nothing.
    async fn listed_by_another(&mut self) {
        let calendar = self.bench.calendar(&self.id).await;
        let now = self.bench.rig.now();
        let token = self.bench.fake.with(&self.id, |world| {
            format!("{}-{}", world.epoch, world.change)
        });
        let mut tx = self.bench.rig.store.write().await.unwrap();
        let listing = tx
            .begin_listing(calendar.id, calendar.generation, "another request")
            .await
            .unwrap()
            .unwrap();
        tx.finish_listing_anyway(&listing, Some(&token), now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.met.otherwise += 1;
    }

    async fn step(&mut self) {
        self.caught_up = false;
        match self.dice.below(21) {
            0..=4 => {
                let times = 1 + self.dice.below(5);
                self.happen(times);
            }
            5..=7 => self.pull().await,
            8..=10 => {
                // Perhaps only in the middle of the listing.
                let ahead = usize::try_from(self.dice.below(2)).unwrap();
                self.bench.fake.fault(Fault::EmptyPage, ahead);
                for _ in 0..=self.dice.below(2) {
                    let kind = self.dice.below(FAULTS.len() as u64);
                    self.bench
                        .fake
                        .fault(FAULTS[usize::try_from(kind).unwrap()], 1);
                }
                self.happen(1);
                self.pull().await;
                self.bench.fake.clear_faults();
            }
            11..=13 => {
                self.happen(2);
                self.break_off().await;
            }
            14 => {
                let times = 1 + u32::try_from(self.dice.below(3)).unwrap();
                self.happen(4);
                self.bench
                    .fake
                    .with(&self.id, |world| world.restless = times);
                self.pull().await;
                self.bench.fake.with(&self.id, |world| world.restless = 0);
            }
            15 => self.switch_off_in_flight().await,
            16 => {
                // Only of a store that holds everything can be told that it must keep it.
                self.pull().await;
                let caught_up = std::mem::take(&mut self.caught_up);
                self.bench.fake.with(&self.id, |world| world.epoch += 1);
                if caught_up && self.bench.fake.with(&self.id, |world| world.ids().len()) >= 10 {
                    self.bench.fake.fault(Fault::Gone, 1);
                    self.bench.fake.fault(Fault::Empty, 1);
                    self.pull().await;
                    self.bench.fake.clear_faults();
                }
            }
            17 => {
                self.met.bad += 1;
                self.bench.fake.with(&self.id, |world| {
                    if let Some(id) = world.ids().first() {
                        world.put(id, Entry::Bad);
                    }
                });
            }
            18 => self.bench.wait(40),
            19 => self.listed_by_another().await,
            _ => {
                // Rarely, because a real store is opened.
                if self.dice.below(6) == 0 {
                    self.bench.restart().await;
                } else {
                    self.days += 20;
                    self.bench.rig.clock.jump(TimeDelta::days(20));
                }
            }
        }
    }

    /// Nothing goes wrong any more.
    async fn come_to_rest(&mut self) {
        self.bench.fake.clear_faults();
        self.bench.fake.with(&self.id, |world| {
            let bad: Vec<String> = world
                .entries
                .iter()
                .filter(|(_, (_, entry))| matches!(entry, Entry::Bad))
                .map(|(id, _)| id.clone())
                .collect();
            for id in bad {
                world.single(&id, 30);
            }
        });
        for _ in 0..ROUNDS {
            self.bench.wait(61);
            if self
                .bench
                .try_pull(&self.id)
                .await
                .is_ok_and(|tally| tally.outcome == Outcome::Fresh)
            {
                self.bench.assert_true(&self.id).await;
                return;
            }
        }
        panic!("it never came to rest");
    }
}

#[tokio::test]
async fn whatever_happens_the_store_ends_as_the_server() {
    let asked: Option<u64> = std::env::var("DUET_HISTORIES")
        .ok()
        .map(|text| text.parse().unwrap());
    let begun = Instant::now();
    let mut bench = Bench::new().await;
    let mut met = Met::default();
    let mut lived = 0;
    for seed in 0..asked.unwrap_or(HISTORIES) {
        if asked.is_none() && seed >= AT_LEAST && begun.elapsed() > TIME {
            break;
        }
        println!("history {seed}");
        let id = format!("c{seed}");
        let dice = Dice::new(seed);
        bench.fake.with(&id, |world: &mut World| {
            world.page_size = 2 + usize::try_from(dice.below(9)).unwrap();
        });
        bench.add(&id).await;
        let mut history = History {
            bench: &mut bench,
            dice,
            id: id.clone(),
            met: &mut met,
            caught_up: false,
            days: 0,
        };
        let first = 5 + history.dice.below(30);
        history.happen(first);
        for _ in 0..4 + history.dice.below(9) {
            history.step().await;
        }
        history.come_to_rest().await;
        // All of them around the days for which occurrences are compared.
        let days = history.days;
        bench.rig.clock.jump(TimeDelta::days(-days));
        // The next one begins with an empty table.
        bench
            .list_calendar(&id, true, duet_model::calendar::AccessRole::Owner)
            .await;
        lived += 1;
    }
    let (gone, changed) = bench.fake.midway();
    println!(
        "{lived} histories in {:?}: {met:?}, {gone} dead midway, {changed} changes midway",
        begun.elapsed()
    );
    for (what, times) in [
        ("a pull was dropped", met.dropped),
        ("a calendar was switched off in flight", met.unwanted),
        ("a listing was not believed", met.doubted),
        ("a calendar failed", met.failed),
        ("an event could not be read", met.bad),
        ("a listing was another request's", met.otherwise),
        ("a token died in the middle of a listing", gone),
        ("something changed in the middle of a listing", changed),
        ("a fresh calendar was compared", met.compared),
    ] {
        assert!(
            times >= SOMETIMES,
            "{what} only {times} times in {lived} histories"
        );
    }
}
