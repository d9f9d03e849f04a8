//! TRUST F21: killed at any moment of a sync, the database is whole, and the next sync converges.
//!
//! The test starts its own binary again as a child that syncs once, and kills it with SIGKILL after a
//! random time. The seed is printed; set `DUET_CRASH_SEED` to repeat a run.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use duet_google::auth::RefreshToken;
use duet_sandbox::{Endpoint, EventSpec, Options, World};
use duet_store::Store;
use duet_sync::host::token_key;
use duet_sync::store_refresh_token;
use duet_wire::status::Outcome;

use crate::rig::{ANA, Dice, MemoryVault, Rig, client_from, deps_at};

const KILLS: usize = 50;
const CHILD: &str = "DUET_CRASH_CHILD";
/// The child's own test, by its path.
const CHILD_TEST: &str = "crash::the_child_that_syncs_once";

/// Not a test by itself: does nothing unless it was started by the one below.
#[tokio::test]
async fn the_child_that_syncs_once() {
    let Ok(dir) = std::env::var(CHILD) else {
        return;
    };
    let client = client_from(|name| std::env::var(name).ok());
    let vault = std::sync::Arc::new(MemoryVault::default());
    let token = RefreshToken::new(std::env::var("DUET_CRASH_TOKEN").unwrap());
    store_refresh_token(&*vault, ANA, &token).await.unwrap();
    let store = Store::open(dir.as_ref()).await.unwrap();
    let now = std::env::var("DUET_CRASH_NOW").unwrap().parse().unwrap();
    let engine = duet_sync::Engine::start(deps_at(store, dir.as_ref(), vault, client, now));
    engine.sync_now(&[], false).await.unwrap();
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_fifty_moments_it_converges() {
    let seed = std::env::var("DUET_CRASH_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| u64::from(std::process::id()) * 0x9e37_79b9);
    println!("DUET_CRASH_SEED={seed}");
    let dice = Dice::new(seed);

    let options = Options {
        latency: Duration::from_millis(2),
        ..Options::default()
    };
    let rig = Rig::with(World::many_calendars(12, 40, 9), options).await;
    let ana = rig.connect(ANA).await;
    let run = |dir: &std::path::Path| child(&rig, dir);

    assert!(
        run(rig.dir.path()).wait().unwrap().success(),
        "the child can sync at all"
    );
    // How long a sync takes decides where the kills fall; most of them bring little.
    let begun = Instant::now();
    assert!(run(rig.dir.path()).wait().unwrap().success());
    let whole = begun.elapsed();
    rig.assert_true(ana).await;

    let mut engine = rig.on_demand();
    let mut interrupted = 0;
    for kill in 0..KILLS {
        if kill % 15 == 14 {
            // Another engine has a request budget of its own; this one's would mean waiting.
            engine.stop().await;
            engine = rig.on_demand();
        }
        let calendars = rig.control.calendar_ids(ANA);
        for _ in 0..1 + dice.below(20) {
            let calendar = &calendars[usize::try_from(dice.below(calendars.len() as u64)).unwrap()];
            let start = rig.now() + TimeDelta::minutes(dice.below(80 * 1440).cast_signed());
            let minutes = TimeDelta::minutes(1 + dice.below(90).cast_signed());
            let event = EventSpec::between("x", start, start + minutes);
            rig.control.add_event(ANA, calendar, event).unwrap();
        }
        if kill % 5 == 0 {
            // Now and then everything is fetched anew, which is the longest write.
            for calendar in rig.store.calendars_of(ana).await.unwrap() {
                rig.set_wanted(&calendar, false).await;
                rig.set_wanted(&calendar, true).await;
            }
        }
        let mut doomed = run(rig.dir.path());
        let moment = dice.below(u64::try_from(whole.as_micros()).unwrap() * 11 / 10);
        // The moment is the point of the test; it is random and bounded.
        tokio::time::sleep(Duration::from_micros(moment)).await;
        if doomed.try_wait().unwrap().is_none() {
            interrupted += 1;
        }
        doomed.kill().unwrap();
        doomed.wait().unwrap();

        let what = format!("kill {kill} after {moment} µs, seed {seed}");
        assert_eq!(
            rig.store.integrity().await.unwrap(),
            Vec::<String>::new(),
            "{what}"
        );
        let report = rig.sync(&engine, ana).await;
        assert_eq!(report.outcome, Outcome::Done, "{what}: {report:?}");
        rig.assert_true(ana).await;
    }
    assert!(
        interrupted * 2 > KILLS,
        "only {interrupted} of {KILLS} were in time, seed {seed}"
    );
    assert!(rig.control.count(Endpoint::FreeBusy) > KILLS);
    engine.stop().await;
}

fn child(rig: &Rig, dir: &std::path::Path) -> std::process::Child {
    let env: BTreeMap<_, _> = rig.sandbox.env().into_iter().collect();
    Command::new(std::env::current_exe().unwrap())
        .args([CHILD_TEST, "--exact", "--nocapture", "--test-threads=1"])
        .envs(env)
        .env(CHILD, dir)
        .env("DUET_CRASH_TOKEN", rig.vault.raw(&token_key(ANA)).unwrap())
        .env("DUET_CRASH_NOW", rig.now().to_rfc3339())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
