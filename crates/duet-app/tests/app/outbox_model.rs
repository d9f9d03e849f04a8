//! Random lives of Duet's own events under every fault, with restarts, and changes in Google meanwhile.
//! Whatever happens: one event there for one here, no guest invited twice, nothing that was acknowledged
//! lost, and nothing left waiting without a reason.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use duet_app::{App, Copy, Pace};
use duet_model::account::Tier;
use duet_model::duet_event::{DuetEventId, LinkState, Scope};
use duet_model::outbox::Notify;
use duet_sandbox::{AccessRole, ClientKind, Endpoint, Fault, FaultKind, World};
use duet_store::Store;
use duet_wire::availability::When;
use duet_wire::duet_event::{EventChange, EventDraft, Place};
use serde_json::{Value, json};

use crate::duet_events::{TEAM, all, draft, invited};
use crate::machine::{ANA, BEN, Desk};

/// How many lives there are.
const SCHEDULES: u64 = 2_000;

/// Requests that one Duet sends here: less than it may in a minute.
const BUDGET: usize = 180;

/// Chance by seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// What a test remembers of one event.
#[derive(Default)]
struct Life {
    /// The last title that a person gave it here.
    mine: String,
    /// Was a title given, or the event deleted, in Google since?
    theirs: bool,
    /// Was it deleted here, or taken back?
    gone: bool,
    /// Does the person want it in Google?
    wanted: bool,
    /// How often it was put into Google: once, and once more each time it was wanted again.
    linked: usize,
    series: bool,
}

struct Model {
    desk: Desk,
    store: Store,
    seed: u64,
    dice: Dice,
    trace: Vec<String>,
    lives: BTreeMap<DuetEventId, Life>,
    names: u32,
}

impl Model {
    fn say(&mut self, what: impl Into<String>) {
        self.trace.push(what.into());
    }

    fn title(&mut self) -> String {
        self.names += 1;
        format!("E{}", self.names)
    }

    /// A live event, of which something is to happen.
    fn pick(&mut self) -> Option<DuetEventId> {
        let live: Vec<DuetEventId> = self
            .lives
            .iter()
            .filter(|(_, life)| !life.gone)
            .map(|(id, _)| id.clone())
            .collect();
        let count = u64::try_from(live.len()).unwrap();
        (count > 0).then(|| live[usize::try_from(self.dice.below(count)).unwrap()].clone())
    }

    fn plan(&mut self, title: &str) -> EventDraft {
        let (day, hour) = (1 + self.dice.below(20), self.dice.below(20));
        let plan = draft(
            title,
            u32::try_from(day).unwrap(),
            u32::try_from(hour).unwrap(),
        );
        if self.dice.one_in(2) {
            invited(&[BEN], plan)
        } else {
            plan
        }
    }

    async fn create(&mut self, duet: &App) {
        let title = self.title();
        let mut plan = self.plan(&title);
        let series = self.dice.one_in(4);
        if series {
            plan.repeat = Some("FREQ=DAILY;COUNT=6".into());
        }
        let made = duet
            .create_event(&plan, Notify::All, Pace::AtOnce)
            .await
            .unwrap();
        self.say(format!("create {title}"));
        let life = Life {
            mine: title,
            wanted: true,
            linked: 1,
            series,
            ..Life::default()
        };
        self.lives.insert(made.id.unwrap(), life);
    }

    async fn change(&mut self, duet: &App, id: &DuetEventId) {
        let shown = duet.duet_event(id, None).await;
        let Ok(shown) = shown else {
            self.noticed_gone(id);
            return;
        };
        let title = self.title();
        let mut plan = self.plan(&title);
        plan.repeat.clone_from(&shown.repeat);
        if shown.repeat.is_some() {
            // Of a series the words alone: another time starts its exceptions anew.
            (plan.start, plan.end) = (shown.typed_start, shown.typed_end);
        }
        plan.place = match (&shown.google, self.dice.one_in(4)) {
            (Some(google), true) if !self.lives[id].series => Some(Place {
                account: ANA.into(),
                calendar: if google.place.calendar == ANA {
                    TEAM.into()
                } else {
                    ANA.into()
                },
            }),
            (Some(google), _) => Some(google.place.clone()),
            (None, true) => plan.place,
            (None, false) => None,
        };
        if plan.place.is_none() {
            plan.guests.clear();
        }
        let changed = duet
            .change_event(&all(id, Notify::None), &plan, Pace::AtOnce)
            .await
            .unwrap();
        let life = self.lives.get_mut(id).unwrap();
        let before = life.theirs;
        life.mine.clone_from(&title);
        life.theirs = false;
        life.linked += usize::from(plan.place.is_some() && shown.google.is_none());
        life.wanted = plan.place.is_some();
        self.say(format!(
            "change {} to {title} in {:?}",
            id.0,
            plan.place.map(|it| it.calendar)
        ));
        if self.dice.one_in(6) && duet.undo_event(changed.undo).await.is_ok() {
            // Whichever title it has now was said by somebody.
            let shown = duet.duet_event(id, None).await.unwrap();
            let life = self.lives.get_mut(id).unwrap();
            life.mine = shown.title;
            life.theirs = before;
            life.wanted = shown.google.is_some();
            self.say("  taken back");
        }
    }

    fn noticed_gone(&mut self, id: &DuetEventId) {
        let life = self.lives.get_mut(id).unwrap();
        assert!(
            life.theirs,
            "{} is gone and nobody deleted it: {:#?}",
            id.0, self.trace
        );
        life.gone = true;
    }

    async fn delete(&mut self, duet: &App, id: &DuetEventId) {
        let gone = duet
            .delete_event(&all(id, Notify::None), Copy::Goes, Pace::AtOnce)
            .await;
        let Ok(gone) = gone else {
            self.noticed_gone(id);
            return;
        };
        self.say(format!("delete {}", id.0));
        if self.dice.one_in(3) && duet.undo_event(gone.undo).await.is_ok() {
            self.say("  taken back");
            return;
        }
        self.lives.get_mut(id).unwrap().gone = true;
    }

    async fn take_out(&mut self, duet: &App, id: &DuetEventId) {
        if duet
            .remove_from_google(id, Notify::None, Pace::AtOnce)
            .await
            .is_err()
        {
            self.noticed_gone(id);
            return;
        }
        self.lives.get_mut(id).unwrap().wanted = false;
        self.say(format!("take {} out of Google", id.0));
    }

    /// One occurrence of a series, or all from one on.
    async fn occurrence(&mut self, duet: &App, id: &DuetEventId) {
        let Ok(shown) = duet.duet_event(id, None).await else {
            self.noticed_gone(id);
            return;
        };
        let (When::Instant(start), Some(_)) = (shown.start, &shown.repeat) else {
            return;
        };
        let days = i64::try_from(self.dice.below(3)).unwrap() + 1;
        let change = EventChange {
            slot: Some(When::Instant(start + TimeDelta::days(days))),
            scope: Scope::This,
            ..all(id, Notify::None)
        };
        self.say(format!("occurrence {days} of {}", id.0));
        if self.dice.one_in(2) {
            let title = self.title();
            let mut plan = self.plan(&title);
            plan.place = shown.google.map(|google| google.place);
            if plan.place.is_none() {
                plan.guests.clear();
            }
            duet.change_event(&change, &plan, Pace::AtOnce)
                .await
                .unwrap();
        } else {
            duet.delete_event(&change, Copy::Goes, Pace::AtOnce)
                .await
                .unwrap();
        }
    }

    /// Somebody does something in Google.
    fn meddle(&mut self, id: &DuetEventId) {
        let control = self.desk.control();
        let Some((calendar, there)) = self.copies(id).into_iter().next() else {
            return;
        };
        let event = there["id"].as_str().unwrap().to_owned();
        match self.dice.below(4) {
            0 => {
                let title = self.title();
                self.say(format!("{event} is called {title} there"));
                control
                    .update_event(ANA, &calendar, &event, json!({ "summary": title }))
                    .unwrap();
                self.lives.get_mut(id).unwrap().theirs = true;
            }
            1 => {
                self.say(format!("{event} gets a place there"));
                control
                    .update_event(
                        ANA,
                        &calendar,
                        &event,
                        json!({"location": "Hall", "colorId": "7"}),
                    )
                    .unwrap();
            }
            2 => {
                self.say(format!("{event} is deleted there"));
                control.remove_event(ANA, &calendar, &event).unwrap();
                self.lives.get_mut(id).unwrap().theirs = true;
            }
            _ => {
                let yes = json!({"attendees": [{"email": BEN, "responseStatus": "accepted"}]});
                if there.get("attendees").is_some() {
                    self.say(format!("{event} is answered"));
                    control.update_event(ANA, &calendar, &event, yes).unwrap();
                }
            }
        }
    }

    fn break_something(&mut self) {
        let on = if self.dice.one_in(3) {
            Endpoint::Events
        } else {
            Endpoint::EventsWrite
        };
        let kind = match self.dice.below(8) {
            0 => FaultKind::DropBefore,
            1 | 2 => FaultKind::DropAfter,
            3 => FaultKind::unavailable(),
            4 => FaultKind::CutBody { after_bytes: 20 },
            5 => FaultKind::MalformedJson,
            6 => FaultKind::status(412, "conditionNotMet", "Precondition Failed"),
            _ => FaultKind::EmptyBody,
        };
        self.say(format!("{on:?} {kind:?}"));
        let times = 1 + u32::try_from(self.dice.below(2)).unwrap();
        self.desk
            .control()
            .fault(Fault::once(on, kind).times(times));
    }

    /// The live events in Google that bear the mark of an event, masters and single ones.
    fn copies(&self, id: &DuetEventId) -> Vec<(String, Value)> {
        let control = self.desk.control();
        let mut copies = Vec::new();
        for calendar in [ANA, TEAM] {
            for event in control.events(ANA, calendar) {
                let mark = &event["extendedProperties"]["private"]["duet_id"];
                if *mark == json!(id.0)
                    && event["status"] != "cancelled"
                    && event.get("recurringEventId").is_none()
                {
                    copies.push((calendar.to_owned(), event));
                }
            }
        }
        copies
    }

    async fn step(&mut self, duet: &App) {
        match self.dice.below(12) {
            0 if self.lives.len() < 3 => self.create(duet).await,
            0..=2 => {
                if let Some(id) = self.pick() {
                    self.change(duet, &id).await;
                }
            }
            3 => {
                if let Some(id) = self.pick() {
                    self.occurrence(duet, &id).await;
                }
            }
            4 => {
                if let Some(id) = self.pick() {
                    match self.dice.below(3) {
                        0 => self.delete(duet, &id).await,
                        1 => self.take_out(duet, &id).await,
                        _ => {}
                    }
                }
            }
            5 => {
                if let Some(id) = self.pick() {
                    self.meddle(&id);
                }
            }
            6 | 7 => self.break_something(),
            8 => {
                self.say("sync");
                duet.sync_now(None, false).await.unwrap();
            }
            9 => self.desk.later(TimeDelta::minutes(20)),
            _ => {
                self.say("push");
                duet.push_now(None).await.unwrap();
            }
        }
    }

    /// Faults stop, time goes on, and all comes to rest.
    async fn settle(&mut self, duet: &App) {
        self.desk.control().clear_faults();
        for _ in 0..8 {
            self.desk.later(TimeDelta::hours(2));
            duet.push_now(None).await.unwrap();
            let waiting = self.store.outbox().await.unwrap();
            let heads: Vec<_> = waiting.iter().filter(|op| op.stuck.is_none()).collect();
            let behind = |thread: &str| {
                waiting
                    .iter()
                    .any(|op| op.stuck.is_some() && op.what.thread == thread)
            };
            if heads.iter().all(|op| behind(&op.what.thread)) {
                break;
            }
        }
        duet.sync_now(None, false).await.unwrap();
    }

    /// One life, from the first event to rest.
    async fn live(&mut self, duet: &mut App) {
        self.create(duet).await;
        for _ in 0..6 + self.dice.below(14) {
            // Another Duet has a budget of requests of its own; in the same one this would take hours.
            let spent = self.desk.control().requests().len() > BUDGET;
            if spent || self.dice.one_in(40) {
                self.say("Duet is killed and started anew");
                self.desk.control().clear_requests();
                *duet = self.desk.duet().await;
            }
            self.step(duet).await;
        }
        self.settle(duet).await;
        self.check().await;
        // Nothing of it is left for the next.
        let mut tx = self.store.write().await.unwrap();
        for id in self.lives.keys() {
            tx.remove_ops_of(id).await.unwrap();
            tx.delete_duet_event(id).await.unwrap();
        }
        for op in self.store.outbox().await.unwrap() {
            tx.remove_op(op.id).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn check(&mut self) {
        let context = format!("seed {}: {:#?}", self.seed, self.trace);
        let waiting = self.store.outbox().await.unwrap();
        for op in &waiting {
            let first = waiting.iter().find(|it| it.what.thread == op.what.thread);
            let reason = first.and_then(|first| first.stuck.as_ref());
            assert!(reason.is_some(), "{op:?} waits for nothing, {context}");
        }
        let conflicts = self.store.conflicts().await.unwrap();
        let creates = self.desk.control().creates();
        let mut once: Vec<&(String, String)> = creates.iter().collect();
        once.sort();
        once.dedup();
        assert_eq!(
            once.len(),
            creates.len(),
            "an id was created twice, {context}"
        );
        for (id, life) in &self.lives {
            let stuck = waiting
                .iter()
                .any(|op| op.what.thread == id.0 || op.what.event.as_ref() == Some(id));
            let (event, link) = {
                let mut snapshot = self.store.read().await.unwrap();
                let event = snapshot.duet_event(id).await.unwrap();
                (event, snapshot.link(id).await.unwrap())
            };
            let copies = self.copies(id);
            assert!(
                copies.len() <= 1,
                "{} copies of {}, {context}",
                copies.len(),
                id.0
            );
            let Some(event) = event else {
                assert!(life.gone || life.theirs, "{} is lost, {context}", id.0);
                assert!(
                    copies.is_empty() || stuck || life.theirs,
                    "{} stays, {context}",
                    id.0
                );
                continue;
            };
            assert!(!life.gone, "{} is back, {context}", id.0);
            let title = &event.content.title;
            let kept = *title == life.mine
                || life.theirs
                || conflicts.iter().any(|(_, it)| it.mine.title == life.mine);
            assert!(
                kept,
                "{} was “{}” and is “{title}”, {context}",
                id.0, life.mine
            );
            match (&link, copies.first()) {
                (None, None) => assert!(!life.wanted || life.theirs, "{context}"),
                (None, Some(_)) => assert!(stuck, "{} is still there, {context}", id.0),
                (Some(link), None) => {
                    assert!(stuck || link.state != LinkState::Synced, "{context}");
                }
                (Some(link), Some((_, there))) => {
                    if !stuck {
                        let external = link.external.as_ref().map(|id| json!(id.0));
                        assert_eq!(external.as_ref(), there.get("id"), "{context}");
                        assert_eq!(there["summary"], json!(title), "{context}");
                        let starts = there["start"]["dateTime"].as_str().unwrap();
                        let starts = chrono::DateTime::parse_from_rfc3339(starts).unwrap();
                        let here = When::Instant(starts.to_utc());
                        let start = match &event.content.start {
                            duet_model::event::EventTime::At { at, .. } => When::Instant(*at),
                            duet_model::event::EventTime::Date(day) => When::Date(*day),
                        };
                        assert_eq!(start, here, "{context}");
                    }
                }
            }
        }
        // Invited once for each time that an event was put there.
        let mut invitations: BTreeMap<(String, String), usize> = BTreeMap::new();
        for mail in self.desk.control().mails() {
            if mail.subject == "invitation" {
                *invitations.entry((mail.to, mail.event)).or_default() += 1;
            }
        }
        for (whom, count) in invitations {
            assert_eq!(count, 1, "{whom:?} was invited {count} times, {context}");
        }
    }
}

/// Waits, not work, take the time: lives are lived beside each other.
const SIDE_BY_SIDE: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_event_here_is_one_event_there() {
    let lanes = (0..SIDE_BY_SIDE).map(|lane| tokio::spawn(live(lane)));
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
}

async fn live(lane: u64) {
    let now = "2026-11-25T11:00:00Z".parse().unwrap();
    let mut world = World::empty(now, 7);
    world.add_account(ANA, "Ana", "Europe/Berlin");
    world.add_calendar(TEAM, "Team", "Europe/Berlin");
    world
        .list_calendar(ANA, TEAM, AccessRole::Owner, true)
        .unwrap();
    let desk = Desk::around(world, now, ClientKind::Ios).await;
    let mut duet = desk.connected_at(Tier::Write).await;
    let store = Store::open(desk.path()).await.unwrap();
    let mut model = Model {
        desk,
        store,
        seed: 0,
        dice: Dice(0),
        trace: Vec::new(),
        lives: BTreeMap::new(),
        names: 0,
    };
    for seed in (lane..SCHEDULES).step_by(usize::try_from(SIDE_BY_SIDE).unwrap()) {
        model.seed = seed;
        model.dice = Dice(seed);
        model.trace.clear();
        model.lives.clear();
        model.live(&mut duet).await;
    }
}
