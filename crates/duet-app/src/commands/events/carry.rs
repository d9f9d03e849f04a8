//! Carrying out what was decided, and saying beforehand who would be mailed: by carrying it out and
//! taking it back, so that no second rule can tell another story.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use duet_model::calendar::CalendarId;
use duet_model::duet_event::{DuetEventId, Guest};
use duet_model::outbox::{Deed, Mailing, Notify, Op, OpId, mailed};
use duet_store::{StoreError, Tx};
use duet_wire::WireError;
use duet_wire::duet_event::{Changed, Consequences, EventChange, EventDraft, EventWish, Undone};

use super::apply::{Sending, apply, thread_of};
use super::plan::Work;
use super::undo::{self, Undo};
use super::{Copy, HELD, Pace};
use crate::app::App;
use crate::words;

/// Whose account a calendar belongs to, by its address.
type Owners = BTreeMap<CalendarId, String>;

/// What carrying out came to.
struct Carried {
    before: Undo,
    stays: Option<DuetEventId>,
    waits: Vec<OpId>,
    mailing: Mailing,
}

impl App {
    /// What would follow from what the window is about to order. Nothing is done.
    ///
    /// # Errors
    /// As the command that would do it.
    pub async fn consequences(&self, wish: &EventWish) -> Result<Consequences, WireError> {
        let zone = self.zone();
        let zone = zone.name();
        let mailing = match wish {
            EventWish::Create { draft, notify } => self.mailing_of_new(draft, zone, *notify).await,
            EventWish::Change { change, draft } => {
                self.mailing_of_change(change, draft, zone).await
            }
            EventWish::Delete { change, keep_copy } => {
                self.mailing_of_deletion(change, Copy::of(*keep_copy)).await
            }
            EventWish::Withdraw { id, notify } => self.mailing_of_withdrawal(id, *notify).await,
        };
        let undone = match wish {
            EventWish::Change { change, draft } => {
                self.undone_by_change(change, draft, zone).await?
            }
            _ => Undone::default(),
        };
        Ok(Consequences {
            mailing: mailing?,
            undone,
        })
    }

    /// Who would hear of an event that is made as [`App::create_event_in`] makes it. Nothing is done.
    ///
    /// # Errors
    /// As that.
    pub async fn mailing_of_new(
        &self,
        draft: &EventDraft,
        zone: &str,
        notify: Notify,
    ) -> Result<Mailing, WireError> {
        let work = self
            .plan_new(draft, &self.zone_named(zone)?, notify)
            .await?;
        self.try_out(&work).await
    }

    /// Who would hear of a change as [`App::change_event_in`] makes it. Nothing is done.
    ///
    /// # Errors
    /// As that.
    pub async fn mailing_of_change(
        &self,
        change: &EventChange,
        draft: &EventDraft,
        zone: &str,
    ) -> Result<Mailing, WireError> {
        let work = self
            .plan_change(change, draft, &self.zone_named(zone)?)
            .await?;
        self.try_out(&work).await
    }

    /// Who would hear of it if an event were deleted. Nothing is done.
    ///
    /// # Errors
    /// As [`App::delete_event`].
    pub async fn mailing_of_deletion(
        &self,
        change: &EventChange,
        copy: Copy,
    ) -> Result<Mailing, WireError> {
        let work = self.plan_deletion(change, copy).await?;
        self.try_out(&work).await
    }

    /// Who would hear of it if an event were taken out of Google. Nothing is done.
    ///
    /// # Errors
    /// As [`App::remove_from_google`].
    pub async fn mailing_of_withdrawal(
        &self,
        id: &DuetEventId,
        notify: Notify,
    ) -> Result<Mailing, WireError> {
        let work = self.plan_withdrawal(id, notify).await?;
        self.try_out(&work).await
    }

    async fn try_out(&self, work: &Work) -> Result<Mailing, WireError> {
        let now = self.inner.host.now();
        let tried = async {
            let owners = self.owners().await?;
            let mut tx = self.inner.store.write().await?;
            let carried = self.carry(&mut tx, work, now, &owners).await?;
            // Without a commit nothing of it has been.
            Ok::<_, StoreError>(carried.mailing)
        };
        tried.await.map_err(|error| words::store(&error))
    }

    pub(super) async fn carry_out(&self, work: Work, pace: Pace) -> Result<Changed, WireError> {
        let now = self.inner.host.now();
        let change = async {
            let owners = self.owners().await?;
            if pace == Pace::Held {
                let mut tx = self.inner.store.write().await?;
                let held = self.carry(&mut tx, &work, now + HELD, &owners).await?;
                if !held.mailing.mailed.is_empty() {
                    tx.commit().await?;
                    return Ok((held, true));
                }
            }
            let mut tx = self.inner.store.write().await?;
            let carried = self.carry(&mut tx, &work, now, &owners).await?;
            tx.commit().await?;
            Ok::<_, StoreError>((carried, false))
        };
        let (carried, held) = change.await.map_err(|error| words::store(&error))?;
        Ok(Changed {
            id: carried.stays,
            title: work.title,
            undo: self.remember(carried.before, work.notify).await,
            waits: carried.waits,
            mailed: carried.mailing.mailed,
            held_until: held.then_some(now + HELD),
        })
    }

    async fn carry(
        &self,
        tx: &mut Tx,
        work: &Work,
        not_before: DateTime<Utc>,
        owners: &Owners,
    ) -> Result<Carried, StoreError> {
        let host = &self.inner.host;
        let fresh = || host.new_id();
        let sending = Sending {
            notify: work.notify,
            not_before,
            now: host.now(),
            fresh: &fresh,
        };
        let before = undo::before(tx, &work.head, &work.surgery).await?;
        if work.copy == Copy::Stays {
            forget(tx, &work.head).await?;
            return Ok(Carried {
                before,
                stays: None,
                waits: Vec::new(),
                mailing: Mailing::default(),
            });
        }
        let thread = thread_of(tx, &work.head).await?;
        let waited = tx.ops_of_thread(&thread).await?;
        apply(tx, &work.head, &work.surgery, work.placing, &sending).await?;
        // What follows is a series of its own from now on.
        let follower = work.surgery.put.iter().rfind(|it| it.slot.is_none());
        let id = follower.map_or(&work.head, |it| &it.id);
        let stays = tx.duet_event(id).await?.map(|event| event.id);
        let mut waits = Vec::new();
        let put = work.surgery.put.iter().map(|event| &event.id);
        let all = put.chain(&work.surgery.delete).chain([&work.head]);
        for event in all.collect::<BTreeSet<_>>() {
            waits.extend(tx.ops_of(event).await?.into_iter().map(|op| op.id));
        }
        let queued = tx.ops_of_thread(&thread).await?;
        let is_new = |op: &&Op| {
            !waited
                .iter()
                .any(|old| old.id == op.id && says_same(old, op))
        };
        let queued: Vec<_> = queued.iter().filter(is_new).collect();
        let mailing = mailing_of(&queued, &before, work, owners);
        Ok(Carried {
            before,
            stays,
            waits,
            mailing,
        })
    }

    async fn owners(&self) -> Result<Owners, StoreError> {
        let mut snapshot = self.inner.store.read().await?;
        let accounts = snapshot.accounts().await?;
        let calendars = snapshot.calendars().await?;
        let owner = |calendar: duet_model::calendar::Calendar| {
            let account = accounts.iter().find(|it| it.id == calendar.account)?;
            Some((calendar.id, account.email.clone()))
        };
        Ok(calendars.into_iter().filter_map(owner).collect())
    }
}

/// Deletes an event here, and forgets where it stands: its copy is an event like any other.
async fn forget(tx: &mut Tx, id: &DuetEventId) -> Result<(), StoreError> {
    for event in tx.duet_series(id).await? {
        tx.remove_ops_of(&event.id).await?;
    }
    tx.delete_duet_event(id).await?;
    Ok(())
}

/// Would the same be sent, to the same people?
fn says_same(old: &Op, new: &Op) -> bool {
    old.what.deed == new.what.deed
        && old.what.calendar == new.what.calendar
        && old.what.notify == new.what.notify
}

/// Who hears of what is queued, and who does not.
fn mailing_of(queued: &[&Op], before: &Undo, work: &Work, owners: &Owners) -> Mailing {
    let mut all = Mailing::default();
    for op in queued {
        let Some(event) = &op.what.event else {
            continue;
        };
        // With a series go the guests that single occurrences of it had.
        let goes = matches!(op.what.deed, Deed::Delete { .. });
        let leaves = |id: &DuetEventId| goes || work.surgery.delete.contains(id);
        // An occurrence that was like all the others had their guests.
        let as_others = before.guests(|id, _| id == event).is_none();
        let stood = before.guests(|id, head| {
            id == event || (as_others && *id == work.head) || (head == event && leaves(id))
        });
        let stood = stood.unwrap_or_default();
        // Google does not know whom an earlier copy had invited.
        let (stood, stands): (&[Guest], &[Guest]) = match &op.what.deed {
            Deed::Insert { content } => (&[], &content.guests),
            Deed::Update { content } => (&stood, &content.guests),
            Deed::Delete { .. } | Deed::Move { .. } | Deed::Respond { .. } => (&stood, &[]),
        };
        let me = owners.get(&op.what.calendar).map_or("", String::as_str);
        all.add(mailed(stood, stands, me, op.what.notify));
    }
    all
}
