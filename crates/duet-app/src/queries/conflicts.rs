//! What was changed here and in Google at once: which version stands, how both read, and the ordinary
//! change that would take the other one.

use duet_model::account::Account;
use duet_model::calendar::Calendar;
use duet_model::duet_event::{Content, DuetEvent, DuetEventId, Field, Link, Scope};
use duet_model::outbox::Notify;
use duet_model::zones::Zone;
use duet_store::{Conflict, Snapshot, StoreError};
use duet_wire::WireError;
use duet_wire::conflict::{Again, ConflictNews, ConflictView, Kept};
use duet_wire::duet_event::{EventChange, EventDraft, Place, ReminderDraft};

use super::drawn;
use crate::app::App;
use crate::commands::events::draft::reminder_draft;
use crate::commands::events::typed;
use crate::words::{self, conflicts as said};

/// What stands of the event that a conflict is about.
struct Now<'a> {
    /// The event, or the exception of a series.
    event: &'a DuetEvent,
    master: &'a DuetEvent,
    /// Where it stands in Google.
    place: Option<Place>,
    zone: &'a Zone,
}

impl App {
    /// What was changed here and in Google at once, the newest first; as long as both versions are kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn conflicts(&self) -> Result<Vec<ConflictView>, WireError> {
        let read = async {
            let mut snapshot = self.inner.store.read().await?;
            let conflicts = snapshot.conflicts().await?;
            self.conflict_views(&mut snapshot, &conflicts).await
        };
        read.await.map_err(|error| words::store(&error))
    }

    /// The newest of them in words.
    pub(super) async fn conflict_news(
        &self,
        snapshot: &mut Snapshot,
        conflicts: &[(i64, Conflict)],
    ) -> Result<Option<ConflictNews>, StoreError> {
        let newest = &conflicts[..conflicts.len().min(1)];
        let views = self.conflict_views(snapshot, newest).await?;
        Ok(views.into_iter().next().map(|view| ConflictNews {
            id: view.id,
            words: said::told(&view.title, &view.because),
        }))
    }

    /// These conflicts, as the events stand that they are about.
    pub(super) async fn conflict_views(
        &self,
        snapshot: &mut Snapshot,
        conflicts: &[(i64, Conflict)],
    ) -> Result<Vec<ConflictView>, StoreError> {
        let zone = self.zone();
        let accounts = snapshot.accounts().await?;
        let calendars = snapshot.calendars().await?;
        let mut views = Vec::with_capacity(conflicts.len());
        for (id, conflict) in conflicts {
            let series = conflict.event.series();
            let events = snapshot.duet_series(&series).await?;
            let find = |id: &DuetEventId| events.iter().find(|event| event.id == *id);
            let link = snapshot.link(&series).await?;
            let now = find(&series).zip(find(&conflict.event));
            let now = now.map(|(master, event)| Now {
                event,
                master,
                place: link.and_then(|link| place(&link, &calendars, &accounts)),
                zone: &zone,
            });
            views.push(self.conflict_view(*id, conflict, now.as_ref()));
        }
        Ok(views)
    }

    fn conflict_view(&self, id: i64, conflict: &Conflict, now: Option<&Now<'_>>) -> ConflictView {
        let zone = self.zone();
        let reader = said::Reader {
            zone: &zone,
            zones: &self.inner.zones,
            now: self.inner.host.now(),
        };
        let event = now.map(|now| now.event);
        let fields = said::fields(conflict, &reader);
        let kept = kept(conflict, event.map(|event| &event.content));
        let slot = event.and_then(|event| event.slot.as_ref());
        ConflictView {
            id,
            event: conflict.event.series(),
            slot: slot.map(|slot| drawn::slot(&slot.original_start)),
            title: event
                .map_or(&conflict.theirs, |event| &event.content)
                .title
                .clone(),
            noticed_at: conflict.noticed_at,
            kept,
            because: match conflict.is_deletion() {
                true => said::deleted(conflict, kept, &reader),
                false => said::sentence(conflict.noticed_at, &fields, kept, &reader),
            },
            fields,
            mine: now.and_then(|now| again(conflict, &conflict.mine, now)),
            theirs: now.and_then(|now| again(conflict, &conflict.theirs, now)),
        }
    }
}

fn place(link: &Link, calendars: &[Calendar], accounts: &[Account]) -> Option<Place> {
    let calendar = calendars.iter().find(|it| it.id == link.calendar)?;
    let account = accounts.iter().find(|it| it.id == calendar.account)?;
    Some(Place {
        account: account.email.clone(),
        calendar: calendar.google_id.clone(),
    })
}

/// Which version an event says that says this now.
fn kept(conflict: &Conflict, now: Option<&Content>) -> Kept {
    if conflict.is_deletion() {
        return now.map_or(Kept::Theirs, |_| Kept::Mine);
    }
    match now {
        Some(now) if says(conflict, now, &conflict.theirs) => Kept::Theirs,
        Some(now) if says(conflict, now, &conflict.mine) => Kept::Mine,
        _ => Kept::Neither,
    }
}

/// Do both say the same wherever the two sides clashed? Of notes the words count: the markup around them
/// is Google's.
fn says(conflict: &Conflict, now: &Content, version: &Content) -> bool {
    let bare = |content: &Content| Content {
        notes: words::plain::text(&content.notes),
        ..content.clone()
    };
    let differs = bare(now).differs(&bare(version));
    conflict.fields.is_disjoint(&differs)
}

/// The change that takes a version; `None` where it stands already, or where no draft can say it.
fn again(conflict: &Conflict, version: &Content, now: &Now<'_>) -> Option<Again> {
    if says(conflict, &now.event.content, version) {
        return None;
    }
    let mut content = now.event.content.clone();
    for field in &conflict.fields {
        field.copy(version, &mut content);
    }
    // Only a master says how it repeats.
    let repeats = match now.event.slot {
        Some(_) => &now.master.content,
        None => &content,
    };
    let draft = draft(&content, repeats, now);
    let unsaid = conflict.fields.iter().any(|field| match field {
        Field::Visibility => true,
        // "As it is" would be as the other version has it.
        Field::Reminders => draft.reminder == ReminderDraft::Keep,
        _ => false,
    });
    let slot = now.event.slot.as_ref();
    (!unsaid).then(|| Again {
        change: EventChange {
            id: now.master.id.clone(),
            slot: slot.map(|slot| drawn::slot(&slot.original_start)),
            scope: if slot.is_some() {
                Scope::This
            } else {
                Scope::All
            },
            notify: Notify::All,
        },
        draft,
    })
}

/// What an editor would show of it.
fn draft(content: &Content, repeats: &Content, now: &Now<'_>) -> EventDraft {
    let mut lines = repeats.recurrence.iter();
    let rule = lines.find_map(|line| line.strip_prefix("RRULE:"));
    EventDraft {
        title: content.title.clone(),
        start: typed(&content.start, now.zone),
        end: typed(&content.end, now.zone),
        location: content.location.clone(),
        notes: words::plain::text(&content.notes),
        guests: content.guests.clone(),
        repeat: rule.map(str::to_owned),
        reminder: reminder_draft(content.reminders.as_ref()),
        transparent: content.transparent,
        conference: content.conference,
        place: now.place.clone(),
    }
}
