//! The one door of the window: a request in, an answer or a sentence out.

use duet_sync::Nudge;
use duet_wire::WireError;
use duet_wire::request::{Answer, Command, Query, Request};

use crate::app::App;
use crate::commands::events::{Copy, Pace};
use crate::signin::Wish;
use crate::words;

/// What the log says when the window's program fell. The end-to-end tests look for it.
const FAULT: &str = "the window met a fault of its own";

/// A place in the source is no longer than this; whoever sends more does not fill the log with it.
const LONGEST_PLACE: usize = 400;

impl App {
    /// Answers a request of the window. Never waits for the network, except to withdraw a
    /// permission at Google when that was asked for.
    ///
    /// # Errors
    /// The sentence for people, with a code for what the window branches on.
    pub async fn handle(&self, request: Request) -> Result<Answer, WireError> {
        match request {
            Request::Query(query) => self.query(query).await,
            Request::Command(command) => self.command(command).await,
        }
    }

    async fn query(&self, query: Query) -> Result<Answer, WireError> {
        Ok(match query {
            Query::Grid { from, days } => Answer::Grid(self.grid(from, days).await?),
            Query::Overview => Answer::Overview(Box::new(self.overview().await?)),
            Query::Busy { from, to } => Answer::Busy(self.busy(from, to).await?),
            Query::Block { id } => Answer::Block(self.block(&id).await?),
            Query::Event { key, start } => Answer::Event(Box::new(self.event(key, start).await?)),
            Query::Why { from, to } => Answer::Why(Box::new(self.why(from, to).await?)),
            Query::Preview { draft } => Answer::Preview(self.preview(&draft).await?),
            Query::FindTime { find } => Answer::FindTime(Box::new(self.find_time(&find).await?)),
            Query::Search { text, limit } => Answer::Search(self.search(&text, limit).await?),
            Query::DuetEvent { id, slot } => {
                Answer::DuetEvent(Box::new(self.duet_event(&id, slot).await?))
            }
            Query::Consequences { wish } => Answer::Consequences(self.consequences(&wish).await?),
            Query::Waiting => Answer::Waiting(self.waiting().await?),
            Query::Conflicts => Answer::Conflicts(self.conflicts().await?),
            Query::PastGuests => Answer::PastGuests(self.past_guests().await?),
            Query::Invitations => Answer::Invitations(self.invitations().await?),
            Query::Footprint => Answer::Footprint(self.footprint().await?),
            Query::Doctor => Answer::Doctor(self.doctor().await),
        })
    }

    async fn command(&self, command: Command) -> Result<Answer, WireError> {
        match command {
            Command::Connect { tier, account } => {
                self.connect(Wish {
                    tier,
                    account,
                    ..Wish::default()
                })
                .await?;
            }
            Command::ConnectOpenAgain => self.open_again()?,
            Command::ConnectCancel => self.connect_cancel().await,
            Command::ConnectDemo => {
                self.connect(Wish {
                    demo: true,
                    ..Wish::default()
                })
                .await?;
            }
            Command::Disconnect { account, revoke } => {
                if let Some(but) = self.disconnect(&account, revoke).await? {
                    return Err(words::failed(but));
                }
            }
            Command::SetCalendar {
                account,
                calendar,
                shown,
                busy,
            } => {
                self.set_calendar(Some(&account), &calendar, shown, busy)
                    .await?;
            }
            Command::SetCalendarRules {
                account,
                calendar,
                rules,
            } => {
                self.set_calendar_rules(Some(&account), &calendar, &rules)
                    .await?;
            }
            Command::OpenEventPage { key, page } => self.open_event_page(key, page).await?,
            Command::AskPeople { find } => self.ask_people(&find).await?,
            Command::SyncNow { account: None } => self.sync_soon(),
            Command::SyncNow {
                account: Some(email),
            } => {
                self.nudge(Nudge::User, Some(self.account(&email).await?.id));
            }
            Command::CreateBlock { draft } => {
                return Ok(Answer::Block(self.create_block(draft).await?));
            }
            Command::UpdateBlock {
                id,
                occurrence,
                scope,
                draft,
            } => {
                let block = self.update_block(&id, occurrence, scope, draft).await?;
                return Ok(Answer::Block(block));
            }
            Command::DeleteBlock {
                id,
                occurrence,
                scope,
            } => {
                return self.delete_block(&id, occurrence, scope).await;
            }
            Command::UndoDelete { id } => self.undo_delete(&id).await?,
            Command::CreateEvent { draft, notify } => {
                let made = self.create_event(&draft, notify, Pace::Held).await?;
                return Ok(Answer::Changed(made));
            }
            Command::ChangeEvent { change, draft } => {
                let changed = self.change_event(&change, &draft, Pace::Held).await?;
                return Ok(Answer::Changed(changed));
            }
            Command::DeleteEvent { change, keep_copy } => {
                let copy = Copy::of(keep_copy);
                let gone = self.delete_event(&change, copy, Pace::Held).await?;
                return Ok(Answer::Changed(gone));
            }
            Command::RemoveFromGoogle { id, notify } => {
                let changed = self.remove_from_google(&id, notify, Pace::Held).await?;
                return Ok(Answer::Changed(changed));
            }
            Command::RestoreEvent { conflict } => {
                self.restore_event(conflict).await?;
            }
            Command::UndoEvent { undo } => self.undo_event(undo).await?,
            Command::Respond {
                key,
                occurrence,
                response,
            } => {
                let answered = self.respond(key, occurrence, response, Pace::Held).await?;
                return Ok(Answer::Answered(answered));
            }
            Command::RemoveTraces { traces } => {
                return Ok(Answer::TracesRemoved(self.remove_traces(&traces).await?));
            }
            Command::RetryOp { id } => self.retry_op(id).await?,
            Command::DiscardOp { id } => self.discard_op(id).await?,
            Command::SetSettings { settings } => self.set_settings(&settings).await?,
            Command::SetAutostart { on } => {
                self.inner.host.set_autostart(on).map_err(words::failed)?;
            }
            Command::Nudge => self.nudge(Nudge::Focus, None),
            Command::ReportFault { place } => {
                let place: String = place.chars().take(LONGEST_PLACE).collect();
                tracing::error!(place, "{FAULT}");
            }
        }
        Ok(Answer::Done)
    }
}
