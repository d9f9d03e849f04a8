//! Invitations of others that wait for an answer, each series once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use duet_model::event::{EventId, EventKey};
use duet_store::{OccurrenceTime, Snapshot, StoreError, StoredEvent};
use duet_wire::WireError;
use duet_wire::invitation::InvitationView;

use super::{drawn, meanwhile};
use crate::app::App;
use crate::commands::responding::{Asked, name_of};
use crate::picture::{Answers, Days};
use crate::words;

/// An invitation and when it takes place next, as instants.
pub(crate) type Open = ((DateTime<Utc>, DateTime<Utc>), InvitationView);

/// An invitation, by its next occurrence.
struct Next {
    stored: StoredEvent,
    /// The event that takes place next: the same, or an exception of it.
    event: EventKey,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    time: OccurrenceTime,
}

/// For so many it is told whether one is free then, the next ones: each is a look at the whole picture.
const LOOKED_INTO: usize = 40;

impl App {
    /// What others invite to, in calendars that are shown or count, and was not answered yet, by
    /// start. What is over is not asked for, nor what lies beyond the stored occurrences.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn invitations(&self) -> Result<Vec<InvitationView>, WireError> {
        let mut list = self.open_invitations().await?;
        for (times, view) in list.iter_mut().take(LOOKED_INTO) {
            let asked = meanwhile::Asked {
                id: &view.id,
                title: &view.title,
                start: times.0,
                end: times.1,
            };
            view.meanwhile = Some(self.meanwhile(&asked).await?);
        }
        Ok(list.into_iter().map(|(_, view)| view).collect())
    }

    /// The same, with when each takes place, and without a look at what else there is.
    pub(crate) async fn open_invitations(&self) -> Result<Vec<Open>, WireError> {
        let list = self.unanswered().await;
        list.map_err(|error| words::store(&error))
    }

    async fn unanswered(&self) -> Result<Vec<Open>, StoreError> {
        let (zone, now) = (self.zone(), self.inner.host.now());
        let mut snapshot = self.inner.store.read().await?;
        let found = self.unanswered_events(&mut snapshot, now).await?;
        let calendars = snapshot.calendars().await?;
        let accounts = snapshot.accounts().await?;
        let hidden = snapshot.hidden_events().await?;
        let mut views = Vec::new();
        for next in found {
            let event = &next.stored.event;
            let calendar = calendars.iter().find(|it| it.id == next.stored.calendar);
            let account =
                calendar.and_then(|it| accounts.iter().find(|account| account.id == it.account));
            let (Some(calendar), Some(account)) = (calendar, account) else {
                continue;
            };
            let asked = Asked {
                event,
                calendar,
                account,
            };
            if !asked.is_invited() || hidden.binary_search(&next.stored.key).is_ok() {
                continue;
            }
            let because = asked.why_not();
            let (start, end) = drawn::when(&next.time);
            let (wall_start, wall_end) = drawn::walls(&next.time, &zone);
            let view = InvitationView {
                key: next.stored.key,
                id: drawn::event_id(next.event, &next.time),
                title: drawn::title(&event.title, calendar),
                start,
                end,
                wall_start,
                wall_end,
                organizer: event.organizer.as_ref().and_then(name_of),
                calendar: calendar.google_id.clone(),
                calendar_name: calendar.name.clone(),
                color: calendar.color.clone(),
                account: account.email.clone(),
                repeats: event.is_master() || event.series.is_some(),
                can_answer: because.is_none(),
                because,
                meanwhile: None,
            };
            views.push(((next.start, next.end), view));
        }
        views.sort_by(|((one, _), a), ((other, _), b)| (one, &a.id).cmp(&(other, &b.id)));
        Ok(views)
    }

    /// All that waits for an answer of somebody.
    async fn unanswered_events(
        &self,
        snapshot: &mut Snapshot,
        now: DateTime<Utc>,
    ) -> Result<Vec<Next>, StoreError> {
        let zone = self.zone();
        let answers = Answers::read(snapshot).await?;
        let mut days = Days::new(&zone);
        let mut found = Vec::new();
        for (event, times) in snapshot.unanswered().await? {
            let open = times
                .into_iter()
                .filter(|time| answers.to(event, time).is_none());
            let spans = open.map(|time| (days.instants(&time), time));
            let next = spans.filter(|((_, end), _)| *end > now);
            let Some(((start, end), time)) = next.min_by_key(|((start, _), _)| *start) else {
                continue;
            };
            found.extend(snapshot.event(event).await?.map(|stored| Next {
                stored,
                event,
                start,
                end,
                time,
            }));
        }
        Ok(by_series(found))
    }
}

/// A series that waits for an answer stands for those of its exceptions that do.
fn by_series(found: Vec<Next>) -> Vec<Next> {
    let place = |stored: &StoredEvent, id: &EventId| (stored.calendar, id.clone());
    let (exceptions, mut list): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|next| next.stored.event.series.is_some());
    let mut heads: BTreeMap<_, usize> = BTreeMap::new();
    for (at, next) in list.iter().enumerate() {
        heads.insert(place(&next.stored, &next.stored.event.id), at);
    }
    for next in exceptions {
        let series = next.stored.event.series.as_ref();
        let head = series.and_then(|id| heads.get(&place(&next.stored, id)));
        match head.and_then(|at| list.get_mut(*at)) {
            Some(head) if next.start < head.start => {
                (head.event, head.time) = (next.event, next.time);
                (head.start, head.end) = (next.start, next.end);
            }
            Some(_) => {}
            None => list.push(next),
        }
    }
    list
}
