//! TRUST F31: two Duets on one data folder never sync at once. Two engines with a store of their own
//! stand for two processes: the lock belongs to an open file, not to a process.

use std::time::Duration;

use duet_sandbox::{Endpoint, Fault, FaultKind, Options, World};
use duet_store::Store;
use duet_sync::{Background, Deps, Engine, SyncNowError};
use duet_wire::status::Outcome;

use crate::rig::{ANA, BEN, Rig, today, until};

async fn second(rig: &Rig, patience: Duration) -> Engine {
    let store = Store::open(rig.dir.path()).await.unwrap();
    Engine::start(Deps {
        store,
        patience,
        ..rig.deps(Background::Off)
    })
}

#[tokio::test]
async fn they_take_turns() {
    let options = Options {
        latency: Duration::from_millis(5),
        ..Options::default()
    };
    let rig = Rig::with(World::small(today()), options).await;
    let (ana, ben) = (rig.connect(ANA).await, rig.connect(BEN).await);
    let (window, cli) = (rig.on_demand(), second(&rig, Duration::from_secs(60)).await);
    for round in 0..15 {
        rig.control.clear_requests();
        let (first, other) = tokio::join!(
            window.sync_now(&[], false),
            // Not always at the same moment.
            async {
                for _ in 0..round * 7 {
                    tokio::task::yield_now().await;
                }
                cli.sync_now(&[], false).await
            }
        );
        for report in [first.unwrap(), other.unwrap()] {
            for account in report.accounts {
                assert_eq!(account.outcome, Outcome::Done, "round {round}: {account:?}");
            }
        }
        // Each sync of an account is a list, two questions, and events. Were two under way at once, the
        // second list would come before the first one's events.
        for email in [ANA, BEN] {
            let mut order: Vec<Endpoint> = rig
                .control
                .requests()
                .into_iter()
                .filter(|request| request.account.as_deref() == Some(email))
                .map(|request| request.endpoint)
                .collect();
            order.dedup();
            let (list, ask) = (Endpoint::CalendarList, Endpoint::FreeBusy);
            let read = Endpoint::Events;
            assert_eq!(
                order,
                [list, ask, read, list, ask, read],
                "round {round}, {email}"
            );
        }
    }
    rig.assert_true(ana).await;
    rig.assert_true(ben).await;
    window.stop().await;
    cli.stop().await;
}

#[tokio::test]
async fn the_command_line_waits_says_so_and_gives_up() {
    let rig = Rig::small().await;
    let ana = [rig.connect(ANA).await];
    let window = rig.on_demand();
    let cli = second(&rig, Duration::from_millis(300)).await;
    rig.control
        .fault(Fault::once(Endpoint::CalendarList, FaultKind::Stall));
    tokio::select! {
        _ = window.sync_now(&ana, false) => panic!("the server never answers"),
        () = async {
            let listed = |c: &duet_sandbox::Control| c.count(Endpoint::CalendarList) == 1;
            assert!(rig.control.wait_until(Duration::from_secs(10), listed).await);
                        let mut state = cli.watch();
            let (result, waited) = tokio::join!(
                cli.sync_now(&ana, false),
                // The reference it returns would lock the state.
                async { state.wait_for(|state| state.waiting).await.is_ok() },
            );
            assert!(waited, "that it waits is shown");
            assert!(matches!(result, Err(SyncNowError::Busy)), "{result:?}");
            assert!(!cli.state().waiting);
        } => {}
    }
    // The window's engine ends; its lock dies with it.
    window.stop().await;
    until("the lock is free", || async {
        cli.sync_now(&ana, false).await.is_ok()
    })
    .await;
    rig.assert_true(ana[0]).await;
    cli.stop().await;
}
