//! Pulling a calendar's events, against a small server of its own that pages, forgets and fails as it
//! is told. The sandbox lends the sign-in.

mod fake;
mod histories;
mod listing;
mod occurrences;
mod world;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use duet_google::Client;
use duet_model::account::{Account, AccountId};
use duet_model::calendar::{AccessRole, Calendar};
use duet_model::event::EventKey;
use duet_model::when::Interval;
use duet_model::zones::ZoneDb;
use duet_store::{EventState, ListedCalendar, Listing, OccurrenceTime, Store};
use duet_sync::events::{EventTally, Outcome, pull_calendar, stamp};
use duet_sync::limit::Budget;
use duet_sync::tokens::Tokens;
use duet_sync::{Ask, Errand, Means, Stop};
use std::sync::Arc;

use crate::rig::{ANA, Dice, Rig, client_from};
use fake::Fake;
use world::Shown;

/// A store, a server, and what a pull takes.
pub(crate) struct Bench {
    rig: Rig,
    fake: Fake,
    client: Client,
    tokens: Tokens,
    budget: Budget,
    zones: ZoneDb,
    account: Account,
    dice: Dice,
}

impl Bench {
    async fn new() -> Self {
        let rig = Rig::small().await;
        let fake = Fake::start(rig.now()).await;
        let mut env: BTreeMap<_, _> = rig.sandbox.env().into_iter().collect();
        env.insert("GOOGLE_CALENDAR_URL", fake.url());
        let client = client_from(|name| env.get(name).cloned());
        let id: AccountId = rig.connect(ANA).await;
        let account = rig.account(id).await;
        let tokens = Tokens::new(
            rig.vault.clone(),
            Arc::new(client.clone()),
            rig.clock.clone(),
            rig.ear.clone(),
        );
        Self {
            rig,
            fake,
            client,
            tokens,
            budget: Budget::new(1_000_000),
            zones: ZoneDb::bundled(),
            account,
            dice: Dice::new(1),
        }
    }

    /// Another process would find the same store.
    async fn restart(&mut self) {
        self.rig.store.close().await;
        self.rig.store = Store::open(self.rig.dir.path()).await.unwrap();
    }

    async fn list_calendar(&self, google_id: &str, deleted: bool, role: AccessRole) -> Calendar {
        let entry = ListedCalendar {
            google_id: google_id.to_owned(),
            name: google_id.to_owned(),
            color: "#336699".to_owned(),
            time_zone: Some("UTC".to_owned()),
            primary: false,
            access_role: role,
            hidden: false,
            selected: true,
            deleted,
        };
        let mut tx = self.rig.store.write().await.unwrap();
        let now = self.rig.now();
        tx.apply_calendar_list(self.account.id, &[entry], Listing::Incremental, None, now)
            .await
            .unwrap();
        if !deleted {
            let found = tx.commit().await;
            found.unwrap();
            let calendar = self.calendar(google_id).await;
            let mut tx = self.rig.store.write().await.unwrap();
            tx.set_switches(calendar.id, Some(true), None)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            return self.calendar(google_id).await;
        }
        let gone = Calendar {
            ..self.calendar(google_id).await
        };
        tx.commit().await.unwrap();
        gone
    }

    async fn add(&self, google_id: &str) -> Calendar {
        self.list_calendar(google_id, false, AccessRole::Owner)
            .await
    }

    async fn calendar(&self, google_id: &str) -> Calendar {
        self.rig.calendar(self.account.id, google_id).await
    }

    async fn switch(&self, calendar: &Calendar, on: bool) {
        let mut tx = self.rig.store.write().await.unwrap();
        tx.set_switches(calendar.id, Some(on), Some(on))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn state(&self, calendar: &Calendar) -> Option<EventState> {
        let mut snapshot = self.rig.store.read().await.unwrap();
        let states = snapshot.event_states().await.unwrap();
        states.into_iter().find(|it| it.calendar == calendar.id)
    }

    /// One pull as a run of the engine would do it, with the stamp at its end.
    async fn try_pull(&self, google_id: &str) -> Result<EventTally, Stop> {
        let tally = self.pull_unstamped(google_id).await?;
        if tally.outcome == Outcome::Fresh {
            let calendar = self.calendar(google_id).await;
            let fresh = [(calendar.id, calendar.generation)];
            stamp(&self.means(), &fresh).await.unwrap();
        }
        Ok(tally)
    }

    fn means(&self) -> Means<'_> {
        Means {
            store: &self.rig.store,
            tokens: &self.tokens,
            client: self.client.clone(),
            budget: &self.budget,
            clock: &*self.rig.clock,
            entropy: &self.dice,
            zones: &self.zones,
            on_progress: &|_| {},
        }
    }

    async fn pull_unstamped(&self, google_id: &str) -> Result<EventTally, Stop> {
        self.pull_as_it_was(&self.calendar(google_id).await).await
    }

    /// A pull for a calendar as it was when it was read.
    async fn pull_as_it_was(&self, calendar: &Calendar) -> Result<EventTally, Stop> {
        let means = self.means();
        let state = self.state(calendar).await;
        let ask = Ask::new(&means, &self.account);
        let errand = Errand::default();
        pull_calendar(&ask, calendar, state.as_ref(), errand, &|_| {}).await
    }

    async fn pull(&self, google_id: &str) -> EventTally {
        match self.try_pull(google_id).await {
            Ok(tally) => tally,
            Err(stop) => panic!("the account is in order: {stop:?}"),
        }
    }

    /// A pull that must work, after which the store says what the server says.
    async fn pull_well(&self, google_id: &str) -> EventTally {
        let tally = self.pull(google_id).await;
        assert_eq!(tally.outcome, Outcome::Fresh, "{tally:?}");
        self.assert_true(google_id).await;
        tally
    }

    fn wait(&self, seconds: i64) {
        self.rig.clock.jump(TimeDelta::seconds(seconds));
    }

    /// The ids of the stored events that take place, in order.
    async fn ids(&self, calendar: &Calendar) -> Vec<String> {
        let mut snapshot = self.rig.store.read().await.unwrap();
        let keys = snapshot
            .event_keys(calendar.id, EventKey(0), 100_000)
            .await
            .unwrap();
        let mut ids = Vec::new();
        for key in keys {
            ids.push(snapshot.event(key).await.unwrap().unwrap().event.id.0);
        }
        ids.sort();
        ids
    }

    /// Titles and times of the stored occurrences, in order.
    async fn shown(&self, calendar: &Calendar) -> Vec<Shown> {
        let now = self.rig.now();
        let range = Interval {
            start: now - TimeDelta::days(300),
            end: now + TimeDelta::days(300),
        };
        let mut snapshot = self.rig.store.read().await.unwrap();
        let rows = snapshot.occurrences_in(range).await.unwrap();
        let mut shown: Vec<Shown> = rows
            .into_iter()
            .filter(|row| row.calendar == calendar.id)
            .map(|row| {
                let (start, end) = instants(row.time);
                (row.title, start, end)
            })
            .collect();
        shown.sort();
        shown
    }

    async fn assert_true(&self, google_id: &str) {
        let calendar = self.calendar(google_id).await;
        let (ids, shown) = self
            .fake
            .with(google_id, |world| (world.ids(), world.shown()));
        assert_eq!(self.ids(&calendar).await, ids, "the events of {google_id}");
        assert_eq!(
            self.shown(&calendar).await,
            shown,
            "the occurrences of {google_id}"
        );
    }
}

fn instants(time: OccurrenceTime) -> (DateTime<Utc>, DateTime<Utc>) {
    let midnight = |day: chrono::NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    match time {
        OccurrenceTime::At { start, end } => (start, end),
        OccurrenceTime::Days { first, until } => (midnight(first), midnight(until)),
    }
}
