//! Events against a model that is a map: random puts, removals, whole listings that are finished or
//! abandoned, refusals, and switches.

use std::collections::BTreeMap;

use duet_model::event::{Event, EventId, EventKey};
use duet_store::{Finished, StoredEvent};
use proptest::prelude::*;

use crate::common::*;
use crate::events::{PARAMETERS, body_of, event};

#[derive(Clone, Debug)]
enum Step {
    /// Number, version.
    Put(Vec<(u8, u8)>),
    /// Number.
    Remove(u8),
    /// The pages of a whole listing; is it finished?
    List(Vec<Vec<(u8, u8)>>, bool),
    /// Neither shown nor counting, and back.
    Off,
    /// A transaction that is given up.
    Abandon(Vec<(u8, u8)>),
}

fn page() -> impl Strategy<Value = Vec<(u8, u8)>> {
    proptest::collection::vec((0..40_u8, 0..3_u8), 0..30)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => page().prop_map(Step::Put),
        3 => (0..40_u8).prop_map(Step::Remove),
        2 => (proptest::collection::vec(page(), 0..4), any::<bool>())
            .prop_map(|(pages, whole)| Step::List(pages, whole)),
        1 => Just(Step::Off),
        1 => page().prop_map(Step::Abandon),
    ]
}

/// Every fourth number is a master, and those after it are its exceptions.
fn make(number: u8, version: u8) -> Event {
    let plain = event(
        &format!("e{number}"),
        &format!("n{number:02} v{version}"),
        i64::from(version),
    );
    if number.is_multiple_of(4) {
        return plain;
    }
    Event {
        series: Some(EventId(format!("e{}", number / 4 * 4))),
        original_start: Some(plain.start.clone()),
        ..plain
    }
}

type Model = BTreeMap<String, Event>;

fn put(model: &mut Model, page: &[(u8, u8)]) {
    for (number, version) in page {
        let event = make(*number, *version);
        model.insert(event.id.0.clone(), event);
    }
}

async fn all(world: &World) -> Vec<StoredEvent> {
    let mut snapshot = world.store.read().await.unwrap();
    let keys = snapshot
        .event_keys(world.calendar, EventKey(0), 1000)
        .await
        .unwrap();
    let mut all = Vec::new();
    for key in keys {
        all.push(
            snapshot
                .event(key)
                .await
                .unwrap()
                .expect("it was just listed"),
        );
    }
    all
}

async fn take(world: &World, model: &mut Model, step: &Step) -> Result<(), TestCaseError> {
    let events = |page: &[(u8, u8)]| -> Vec<Event> {
        page.iter()
            .map(|(number, version)| make(*number, *version))
            .collect()
    };
    match step {
        Step::Put(page) => {
            let before = model.clone();
            put(model, page);
            let done = world.put(&events(page)).await;
            let new = model.keys().filter(|id| !before.contains_key(*id)).count();
            let changed = before
                .iter()
                .filter(|(id, old)| model.get(*id) != Some(*old))
                .count();
            prop_assert_eq!((done.inserted.len(), done.changed.len()), (new, changed));
            let again = world.put(&events(page)).await;
            let latest: BTreeMap<_, _> = page.iter().copied().collect();
            prop_assert_eq!(
                again.unchanged,
                latest.len(),
                "the same again changes nothing"
            );
        }
        Step::Remove(number) => {
            let id = format!("e{number}");
            let of = Some(EventId(id.clone()));
            let gone = world.remove(&id).await;
            let before = model.len();
            model.retain(|other, event| *other != id && event.series != of);
            prop_assert_eq!(gone.len(), before - model.len());
        }
        Step::List(pages, whole) => {
            let before = model.clone();
            let mut listed = Model::new();
            let mut listing = world.begin(PARAMETERS).await;
            for page in pages {
                put(model, page);
                put(&mut listed, page);
                world
                    .put_at(&events(page), Some(&mut listing), hour(1))
                    .await;
            }
            if !whole {
                return Ok(());
            }
            let missing = before.keys().filter(|id| !listed.contains_key(*id)).count();
            match world.finish(&listing, Some("t")).await {
                Finished::Done { removed, .. } => {
                    prop_assert_eq!(removed.len(), missing);
                    prop_assert!(missing < 10 || missing * 10 <= before.len());
                    *model = listed;
                }
                Finished::Doubtful {
                    missing: lacks, of, ..
                } => {
                    prop_assert_eq!((lacks, of), (missing, before.len()));
                    prop_assert!(missing >= 10 && missing * 10 > before.len());
                }
                Finished::Unwanted => prop_assert!(false, "nothing was switched"),
            }
        }
        Step::Off => {
            let mut tx = world.store.write().await.unwrap();
            tx.set_switches(world.calendar, Some(false), Some(false))
                .await
                .unwrap();
            tx.set_switches(world.calendar, Some(true), Some(true))
                .await
                .unwrap();
            tx.commit().await.unwrap();
            model.clear();
        }
        Step::Abandon(page) => {
            let generation = world.generation().await;
            let events = events(page);
            let bodies: Vec<_> = events.iter().map(body_of).collect();
            let new: Vec<_> = events
                .iter()
                .zip(&bodies)
                .map(|(event, body)| duet_store::NewEvent {
                    event,
                    facts: 0,
                    body,
                })
                .collect();
            let mut tx = world.store.write().await.unwrap();
            tx.put_events(world.calendar, generation, &new, None, hour(1))
                .await
                .unwrap();
            drop(tx);
        }
    }
    Ok(())
}

#[test]
fn any_sequence_ends_as_the_model_does() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let world = runtime.block_on(World::new());
    let config = ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..Default::default()
    };
    proptest!(config, |(steps in proptest::collection::vec(step(), 1..12))| {
        runtime.block_on(async {
            let mut model = Model::new();
            take(&world, &mut model, &Step::Off).await?;
            for step in &steps {
                take(&world, &mut model, step).await?;
            }
            let stored: Model =
                all(&world).await.into_iter().map(|it| (it.event.id.0.clone(), it.event)).collect();
            prop_assert_eq!(&stored, &model);
            for (id, event) in &model {
                // What is stored can be found by its title, and nothing else can.
                let found = world.found(&event.title).await;
                prop_assert_eq!(&found, std::slice::from_ref(&event.title), "{}", id);
            }
            prop_assert_eq!(world.found("n").await.len(), model.len());
            Ok(())
        })?;
    });
    let findings = runtime.block_on(world.store.integrity()).unwrap();
    assert_eq!(findings, [""; 0]);
}
