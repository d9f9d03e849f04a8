//! Busy times against a model that is too simple to be wrong: one flag per hour.

use duet_model::when::Interval;
use proptest::prelude::*;

use crate::common::*;

const HOURS: i64 = 120;

/// One sync: a window, and what the server says is busy.
#[derive(Clone, Debug)]
struct Round {
    window: (i64, i64),
    busy: Vec<(i64, i64)>,
    /// Does the server cut blocks to the window, as Google does?
    clips: bool,
}

fn pair() -> impl Strategy<Value = (i64, i64)> {
    (0..HOURS - 1).prop_flat_map(|start| (Just(start), start + 1..HOURS.min(start + 40)))
}

fn round() -> impl Strategy<Value = Round> {
    (
        pair(),
        proptest::collection::vec(pair(), 0..12),
        any::<bool>(),
    )
        .prop_map(|(window, busy, clips)| Round {
            window,
            busy,
            clips,
        })
}

impl Round {
    fn said(&self) -> Vec<Interval> {
        let window = span(self.window.0, self.window.1);
        self.busy
            .iter()
            .map(|(start, end)| span(*start, *end))
            .filter_map(|it| {
                if self.clips {
                    it.intersection(&window)
                } else {
                    Some(it)
                }
            })
            .collect()
    }

    /// What an hour is after this round, by what it was before.
    fn apply(&self, hours: &mut [bool]) {
        let said = self.said();
        let window = span(self.window.0, self.window.1);
        for (hour, flag) in hours.iter_mut().enumerate() {
            let this = span(hour as i64, hour as i64 + 1);
            let fresh = window.covers(&this) && said.iter().any(|it| it.covers(&this));
            let history = (hour as i64) < self.window.0 && *flag;
            *flag = fresh || history;
        }
    }
}

fn maximal_runs(hours: &[bool]) -> Vec<Interval> {
    let mut runs = Vec::new();
    let mut start = None;
    for (hour, busy) in hours.iter().chain([&false]).enumerate() {
        match (busy, start) {
            (true, None) => start = Some(hour as i64),
            (false, Some(from)) => {
                runs.push(span(from, hour as i64));
                start = None;
            }
            _ => {}
        }
    }
    runs
}

#[test]
fn replacing_agrees_with_the_model() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let world = runtime.block_on(World::new());
    let other = runtime.block_on(async {
        let bo = connect(&world.store, "bo@example.com").await;
        list(&world.store, bo, &[primary("bo@example.com")])
            .await
            .added[0]
    });
    let config = ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..Default::default()
    };
    let rounds = proptest::collection::vec(round(), 1..6);
    proptest!(config, |(rounds in rounds, asked in pair())| {
        runtime.block_on(async {
            // Off and on again: an empty calendar. The other one must not be touched by any of it.
            let mut tx = world.store.write().await.unwrap();
            tx.set_switches(world.calendar, None, Some(false)).await.unwrap();
            tx.set_switches(world.calendar, None, Some(true)).await.unwrap();
            let generation = tx.calendar(other).await.unwrap().unwrap().generation;
            tx.replace_blocks(other, generation, span(0, HOURS), &[span(3, 4)], hour(0))
                .await
                .unwrap();
            tx.commit().await.unwrap();

            let mut hours = vec![false; HOURS as usize];
            for round in &rounds {
                let window = span(round.window.0, round.window.1);
                world.replace(window, &round.said()).await;
                round.apply(&mut hours);
                let again = world.replace(window, &round.said()).await;
                prop_assert_eq!(again, (0, 0), "the same answer again changes nothing");
            }
            let expect = maximal_runs(&hours);
            let stored: Vec<_> = world.store.blocks_in(span(-10, HOURS + 10)).await.unwrap();
            let ours: Vec<_> =
                stored.iter().filter(|it| it.calendar != other).map(|it| it.span).collect();
            prop_assert_eq!(stored.len(), ours.len() + 1, "the other calendar is as it was");
            prop_assert_eq!(&ours, &expect);

            let asked = span(asked.0, asked.1);
            let found: Vec<_> = world.store.blocks_in(asked).await.unwrap()
                .into_iter().filter(|it| it.calendar != other).map(|it| it.span).collect();
            let brute: Vec<_> = expect.into_iter().filter(|it| it.overlaps(&asked)).collect();
            prop_assert_eq!(found, brute, "a range has exactly what overlaps it");
            Ok(())
        })?;
    });
    let findings = runtime.block_on(world.store.integrity()).unwrap();
    assert_eq!(findings, [""; 0]);
}
