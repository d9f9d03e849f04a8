//! The footprint: everything that Duet ever wrote to Google, whichever installation it was, listed and
//! taken back without a mail to anybody.

use std::collections::BTreeSet;

use duet_model::account::{Account, Tier};
use duet_model::duet_event::{Content, Link};
use duet_model::event::EventId;
use duet_model::outbox::{Deed, NewOp, Notify, Op, OpId, Seen, Target};
use duet_store::{OccurrenceTime, StoreError};
use duet_sync::engine::{Background, Footprint, Written};
use duet_wire::WireError;
use duet_wire::footprint::{FootprintView, Traces, TracesRemoved, UnaskedView, WrittenView};

use super::Pace;
use crate::app::App;
use crate::queries::drawn;
use crate::words;

/// Something that Duet wrote, with where it stands.
struct Trace {
    view: WrittenView,
    written: Written,
    footprint: usize,
}

/// What stands in one calendar.
struct Of {
    /// Whose it is.
    email: String,
    tier: Tier,
    asked: Footprint,
}

/// All of it.
struct Traced {
    traces: Vec<Trace>,

    footprints: Vec<Of>,
    unasked: Vec<UnaskedView>,
}

impl App {
    /// Asks Google for everything that Duet ever wrote to the calendars of all accounts that it may
    /// write to. Where that fails it is said, and the rest is told.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn footprint(&self) -> Result<FootprintView, WireError> {
        let traced = self.traced().await?;
        Ok(FootprintView {
            written: traced.traces.into_iter().map(|one| one.view).collect(),
            unasked: traced.unasked,
        })
    }

    /// Deletes what Duet wrote to Google. An event whose copy it is stays here, without its guests;
    /// nobody is mailed.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn remove_traces(&self, traces: &Traces) -> Result<TracesRemoved, WireError> {
        let Traced {
            traces: all,
            footprints,
            mut unasked,
        } = self.traced().await?;
        let (mut queued, mut waits) = (0, Vec::new());
        for one in all.iter().filter(|one| is_meant(&one.view, traces)) {
            let footprint = &footprints[one.footprint];
            if footprint.tier != Tier::Write {
                if unasked.iter().all(|it| it.account != footprint.email) {
                    unasked.push(UnaskedView {
                        account: footprint.email.clone(),
                        calendar: None,
                        because: words::outbox::may_only_read(&footprint.email),
                    });
                }
                continue;
            }
            match &one.view.event {
                Some(event) => {
                    let removed = self.remove_from_google(event, Notify::None, Pace::AtOnce);
                    waits.extend(removed.await?.waits);
                }
                None => {
                    waits.extend(self.delete_trace(one, footprint.asked.calendar.id).await?);
                }
            }
            queued += 1;
        }
        Ok(TracesRemoved {
            queued,
            waits,
            unasked,
        })
    }

    async fn delete_trace(
        &self,
        trace: &Trace,
        calendar: duet_model::calendar::CalendarId,
    ) -> Result<Option<OpId>, WireError> {
        let now = self.inner.host.now();
        let seen = trace.written.resource.as_ref().map(|resource| Seen {
            etag: resource.etag().to_owned(),
            content: Content::of(&resource.event),
        });
        let new = NewOp {
            thread: trace.view.id.clone(),
            event: None,
            calendar,
            title: trace.view.title.clone(),
            target: Target::Event(trace.written.id.clone()),
            deed: Deed::Delete { seen },
            notify: Notify::None,
            not_before: now,
        };
        let change = async {
            let mut tx = self.inner.store.write().await?;
            let queued = tx.queue(new, None, now).await?;
            tx.commit().await?;
            Ok(queued)
        };
        change
            .await
            .map_err(|error: StoreError| words::store(&error))
    }

    async fn traced(&self) -> Result<Traced, WireError> {
        let accounts = self.inner.store.accounts().await;
        let accounts = accounts.map_err(|error| words::store(&error))?;
        let before = self.inner.store.outbox().await;
        let before = before.map_err(|error| words::store(&error))?;
        let (mut footprints, mut unasked) = (Vec::new(), Vec::new());

        for account in &accounts {
            match self.ask_footprint(account).await {
                Ok(found) => footprints.extend(found.into_iter().map(|asked| Of {
                    email: account.email.clone(),
                    tier: account.tier,
                    asked,
                })),
                Err(because) => unasked.push(UnaskedView {
                    account: account.email.clone(),
                    calendar: None,
                    because,
                }),
            }
        }
        let read = async {
            let mut snapshot = self.inner.store.read().await?;
            Ok::<_, StoreError>((snapshot.links().await?, snapshot.outbox().await?))
        };
        let (links, ops) = read.await.map_err(|error| words::store(&error))?;
        // A calendar that two accounts may write to is listed by both.
        let mut listed = BTreeSet::new();
        footprints.retain(|of| {
            of.asked.written.is_err() || listed.insert(of.asked.calendar.google_id.clone())
        });
        let mut traces = Vec::new();
        for (at, footprint) in footprints.iter().enumerate() {
            match &footprint.asked.written {
                // What was deleted while Google was asked is not there any more.
                Ok(written) => traces.extend(
                    written
                        .iter()
                        .filter(|one| {
                            let deletes = |op: &Op| deletes(op, &one.id);
                            !before.iter().any(deletes) || ops.iter().any(deletes)
                        })
                        .map(|one| Trace {
                            view: self.trace(one, footprint, &links, &ops),
                            written: one.clone(),
                            footprint: at,
                        }),
                ),
                Err(because) => unasked.push(UnaskedView {
                    account: footprint.email.clone(),
                    calendar: Some(footprint.asked.calendar.name.clone()),
                    because: because.clone(),
                }),
            }
        }
        traces.sort_by(|one, other| {
            let key = |it: &Trace| (it.footprint, it.view.wall_start, it.view.id.clone());
            key(one).cmp(&key(other))
        });
        Ok(Traced {
            traces,
            footprints,
            unasked,
        })
    }

    async fn ask_footprint(&self, account: &Account) -> Result<Vec<Footprint>, String> {
        if account.tier == Tier::Busy {
            // It may have been written to before.
            return Err(format!(
                "Duet may only see when {} is busy. Allow it to read events first: in the settings, or \
                 with `duet connect --tier read`.",
                account.email
            ));
        }
        self.engine(Background::Off).footprint(account.id).await
    }

    fn trace(&self, one: &Written, footprint: &Of, links: &[Link], ops: &[Op]) -> WrittenView {
        let zone = self.zone();
        let calendar = &footprint.asked.calendar;
        let event = one.resource.as_ref().map(|resource| &resource.event);
        let time = event.and_then(|event| OccurrenceTime::between(&event.start, &event.end));
        let (start, end) = time.as_ref().map(drawn::when).unzip();
        let (wall_start, wall_end) = time.as_ref().map(|time| drawn::walls(time, &zone)).unzip();
        // Whatever calendar it is to stand in: it may be about to move.
        let is_here = |link: &&Link| link.external.as_ref() == Some(&one.id);
        WrittenView {
            account: footprint.email.clone(),
            calendar: calendar.google_id.clone(),
            calendar_name: calendar.name.clone(),
            color: calendar.color.clone(),
            id: one.id.0.clone(),
            title: event.map(|event| event.title.clone()).unwrap_or_default(),
            start,
            end,
            wall_start,
            wall_end,
            repeats: event.is_some_and(|event| event.is_master()),
            guests: event.map_or(0, |event| event.attendees.len()),
            event: links.iter().find(is_here).map(|link| link.event.clone()),
            goes: ops.iter().any(|op| deletes(op, &one.id)),
        }
    }
}

/// Is it to delete this event? Its id is nobody else's, whatever calendar it stands in.
fn deletes(op: &Op, id: &EventId) -> bool {
    let target = matches!(&op.what.target, Target::Event(target) if target == id);
    target && matches!(op.what.deed, Deed::Delete { .. })
}

fn is_meant(view: &WrittenView, traces: &Traces) -> bool {
    let meant = match traces {
        Traces::All => true,
        Traces::LeftBehind => view.event.is_none(),
        Traces::These(these) => these.iter().any(|(account, calendar, id)| {
            (account, calendar, id) == (&view.account, &view.calendar, &view.id)
        }),
    };
    // What cannot be read was never seen, so there is nothing that could be said of deleting it; and
    // what goes already need not be asked for twice.
    meant && view.start.is_some() && !view.goes
}
