//! What a wish for one of Duet's events comes to: the operation on its series, decided before anything is
//! written.

use duet_model::duet_event::{Content, DuetEvent, DuetEventId, Link, Scope};
use duet_model::outbox::Notify;
use duet_model::series::Surgery;
use duet_model::zones::Zone;
use duet_wire::duet_event::{EventChange, EventDraft};
use duet_wire::{ErrorCode, WireError};

use super::apply::Placing;
use super::{Copy, draft};
use crate::app::App;

/// What is to be done, decided.
pub(super) struct Work {
    pub(super) head: DuetEventId,
    pub(super) title: String,
    pub(super) surgery: Surgery,
    pub(super) placing: Placing,
    pub(super) notify: Notify,
    /// What becomes of the copy of what is deleted.
    pub(super) copy: Copy,
}

impl App {
    pub(super) async fn plan_new(
        &self,
        draft: &EventDraft,
        zone: &Zone,
        notify: Notify,
    ) -> Result<Work, WireError> {
        let content = draft::content(draft, zone, None)?;
        let placing = self.placing(draft.place.as_ref(), None).await?;
        let now = self.inner.host.now();
        let event = DuetEvent {
            id: DuetEventId(self.inner.host.new_id()),
            content,
            slot: None,
            cancelled: false,
            created_at: now,
            updated_at: now,
        };
        Ok(Work {
            head: event.id.clone(),
            title: event.content.title.clone(),
            surgery: Surgery {
                put: vec![event],
                delete: Vec::new(),
            },
            placing,
            notify,
            copy: Copy::Goes,
        })
    }

    pub(super) async fn plan_change(
        &self,
        change: &EventChange,
        draft: &EventDraft,
        zone: &Zone,
    ) -> Result<Work, WireError> {
        let (home, now) = (self.zone(), self.inner.host.now());
        let series = self.stored_series(&change.id).await?;
        let link = self.stored_link(&change.id).await?;
        let slot = self.slot_at(change.slot, &series.master, &series.exceptions)?;
        let table = series.table(slot.as_ref(), self, &home, now);
        let before = table.as_ref().map_or_else(
            || series.master.content.clone(),
            |table| Content {
                recurrence: series.master.content.recurrence.clone(),
                ..table.as_it_stands()
            },
        );
        let clock = self.clock_of(&before.start);
        let said = draft::Before {
            content: &before,
            clock: &clock,
        };
        let content = draft::content(draft, zone, Some(said))?;
        let placing = self.placing(draft.place.as_ref(), link.as_ref()).await?;
        if table.is_some() && change.scope != Scope::All && goes_elsewhere(placing, link.as_ref()) {
            return Err(WireError::new(
                ErrorCode::Invalid,
                "A series stands in one calendar with all its occurrences. Choose all of them to add it to \
                 Google Calendar, to move it or to take it out.",
            ));
        }
        let new = DuetEventId(self.inner.host.new_id());
        let surgery = match &table {
            Some(table) => table
                .change(change.scope, &content, &new)
                .map_err(|misfit| WireError::new(ErrorCode::Invalid, misfit.to_string()))?,
            None => Surgery {
                put: vec![DuetEvent {
                    content: content.clone(),
                    updated_at: now,
                    ..series.master.clone()
                }],
                delete: Vec::new(),
            },
        };
        Ok(Work {
            head: change.id.clone(),
            title: content.title,
            surgery,
            placing,
            notify: change.notify,
            copy: Copy::Goes,
        })
    }

    pub(super) async fn plan_deletion(
        &self,
        change: &EventChange,
        copy: Copy,
    ) -> Result<Work, WireError> {
        let (zone, now) = (self.zone(), self.inner.host.now());
        let series = self.stored_series(&change.id).await?;
        let slot = self.slot_at(change.slot, &series.master, &series.exceptions)?;
        let table = series.table(slot.as_ref(), self, &zone, now);
        let surgery = match &table {
            Some(table) => table.take_out(change.scope),
            None => Surgery {
                put: Vec::new(),
                delete: vec![change.id.clone()],
            },
        };
        // Only what goes altogether can leave its copy behind: of a series that goes on, one occurrence
        // is taken out wherever it stands.
        let copy = match surgery.delete.contains(&change.id) {
            true => copy,
            false => Copy::Goes,
        };
        Ok(Work {
            head: change.id.clone(),
            title: series.master.content.title.clone(),
            surgery,
            placing: Placing::AsIs,
            notify: change.notify,
            copy,
        })
    }

    pub(super) async fn plan_withdrawal(
        &self,
        id: &DuetEventId,
        notify: Notify,
    ) -> Result<Work, WireError> {
        let series = self.stored_series(id).await?;
        let alone = DuetEvent {
            // Here alone, nobody can be invited and nobody can call.
            content: Content {
                guests: Vec::new(),
                conference: false,
                ..series.master.content.clone()
            },
            updated_at: self.inner.host.now(),
            ..series.master
        };
        Ok(Work {
            head: id.clone(),
            title: alone.content.title.clone(),
            surgery: Surgery {
                put: vec![alone],
                delete: Vec::new(),
            },
            placing: Placing::Here,
            notify,
            copy: Copy::Goes,
        })
    }
}

/// Is it to stand elsewhere than it does?
fn goes_elsewhere(placing: Placing, link: Option<&Link>) -> bool {
    match placing {
        Placing::AsIs => false,
        Placing::Here => link.is_some(),
        Placing::In { calendar, .. } => link.is_none_or(|link| link.calendar != calendar),
    }
}
