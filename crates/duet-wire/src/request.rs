//! What the window can ask and order.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use duet_model::account::Tier;
use duet_model::block::BlockId;
use duet_model::duet_event::{DuetEventId, Guest};
use duet_model::event::{EventKey, Response};
use duet_model::outbox::{Notify, OpId};
use duet_model::settings::Settings;
use duet_model::verdict::Overrides;
use serde::{Deserialize, Serialize};

use crate::availability::{BusyView, When};
use crate::blocks::{BlockDraft, ManualBlockView, Scope};
use crate::conflict::ConflictView;
use crate::doctor::DoctorReport;
use crate::duet_event::{
    Changed, Consequences, DuetEventView, EventChange, EventDraft, EventWish, WaitingView,
};
use crate::event::{EventPage, EventView};
use crate::find::{FindTime, FindTimeView};
use crate::footprint::{FootprintView, Traces, TracesRemoved};
use crate::grid::GridView;
use crate::invitation::{Answered, InvitationView};
use crate::search::HitView;
use crate::status::Overview;
use crate::why::{PreviewView, RulesDraft, WhyView};

/// The argument of the `rpc` command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Request {
    /// Reads; changes nothing.
    Query(Query),
    /// Changes something; the window learns of the change by [`crate::Push::Changed`].
    Command(Command),
}

/// A read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "query", rename_all = "snake_case")]
pub enum Query {
    /// The days of a view, laid out. Answer: [`Answer::Grid`].
    Grid {
        /// First day, in the display zone.
        from: NaiveDate,
        /// How many days, 1 to 42.
        days: u8,
    },
    /// Everything around the grid. Answer: [`Answer::Overview`].
    Overview,
    /// The combined picture with its sources. Answer: [`Answer::Busy`].
    Busy {
        /// From, UTC.
        from: DateTime<Utc>,
        /// To, exclusive, at most 370 days later.
        to: DateTime<Utc>,
    },
    /// One manual block, to edit it. Answer: [`Answer::Block`].
    Block {
        /// Which.
        id: BlockId,
    },
    /// One event with its history. Answer: [`Answer::Event`].
    Event {
        /// Which.
        key: EventKey,
        /// The start of the occurrence that is looked at; without it, the nearest to now.
        start: Option<When>,
    },
    /// Why a stretch is busy or free. Answer: [`Answer::Why`].
    Why {
        /// From, UTC.
        from: DateTime<Utc>,
        /// To, exclusive, at most 31 days later.
        to: DateTime<Utc>,
    },
    /// What other rules would do in the next four weeks; nothing is stored. Answer:
    /// [`Answer::Preview`].
    Preview {
        /// The rules.
        draft: RulesDraft,
    },
    /// Slots that are free for everyone chosen. People who were not asked about yet are unknown
    /// until [`Command::AskPeople`] has brought their times. Answer: [`Answer::FindTime`].
    FindTime {
        /// What is looked for.
        find: FindTime,
    },
    /// Events of shown calendars and blocks made by hand, the nearest to now first. Answer:
    /// [`Answer::Search`].
    Search {
        /// What was typed.
        text: String,
        /// At most so many, 1 to 200.
        limit: u16,
    },
    /// One of Duet's own events. Answer: [`Answer::DuetEvent`].
    DuetEvent {
        /// Which; of an occurrence, the master.
        id: DuetEventId,
        /// The slot of the occurrence, of a series.
        slot: Option<When>,
    },
    /// What would follow from what is about to be done: who would be mailed, what else is undone. Nothing is
    /// done. Answer: [`Answer::Consequences`].
    Consequences {
        /// What.
        wish: Box<EventWish>,
    },
    /// What waits to be sent. Answer: [`Answer::Waiting`].
    Waiting,
    /// What was changed here and in Google at once. Answer: [`Answer::Conflicts`].
    Conflicts,
    /// Who was ever invited from here, to complete an address. Answer: [`Answer::PastGuests`].
    PastGuests,
    /// Invitations of others that wait for an answer, by start. Answer: [`Answer::Invitations`].
    Invitations,
    /// Everything that Duet ever wrote to Google, asked for now. Answer: [`Answer::Footprint`].
    Footprint,
    /// The doctor's report. Answer: [`Answer::Doctor`].
    Doctor,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Opens the consent page. With an address, reconnects that account.
    Connect {
        /// What to ask for.
        tier: Tier,
        /// The account to reconnect or to change the permissions of.
        account: Option<String>,
    },
    /// Opens the consent page of the waiting flow once more.
    ConnectOpenAgain,
    /// Gives the waiting flow up, or clears its result.
    ConnectCancel,
    /// Connects the built-in demo account.
    ConnectDemo,
    /// Removes an account and everything that came from it.
    Disconnect {
        /// The account.
        account: String,
        /// Also withdraw Duet's permission at Google.
        revoke: bool,
    },
    /// Flips a calendar's switches.
    SetCalendar {
        /// The account in whose list it stands.
        account: String,
        /// Google's id of the calendar.
        calendar: String,
        /// "Shown", if it is to change.
        shown: Option<bool>,
        /// "Counts as busy", if it is to change.
        busy: Option<bool>,
    },
    /// Sets where one calendar's events are treated otherwise.
    SetCalendarRules {
        /// The account in whose list it stands.
        account: String,
        /// Google's id of the calendar.
        calendar: String,
        /// The deviations, whole.
        rules: Overrides,
    },
    /// Opens a page that belongs to an event, in the system's browser.
    OpenEventPage {
        /// Which event.
        key: EventKey,
        /// Which page.
        page: EventPage,
    },
    /// Asks Google when these people are busy. Does not wait: [`duet_model::topic::Topic::People`]
    /// says when an answer is there. Answers are kept in memory only.
    AskPeople {
        /// What is looked for: its people and days.
        find: FindTime,
    },
    /// Sync now: one account, or all.
    SyncNow {
        /// Only this account.
        account: Option<String>,
    },
    /// Makes a manual block. Answer: [`Answer::Block`].
    CreateBlock {
        /// What was typed.
        draft: BlockDraft,
    },
    /// Changes a manual block. Answer: [`Answer::Block`].
    UpdateBlock {
        /// Which.
        id: BlockId,
        /// The wall-clock start of the chosen occurrence, for [`Scope::This`].
        occurrence: Option<NaiveDateTime>,
        /// The whole block or one occurrence.
        scope: Scope,
        /// What was typed.
        draft: BlockDraft,
    },
    /// Deletes a manual block. Answer: [`Answer::Deleted`].
    DeleteBlock {
        /// Which.
        id: BlockId,
        /// The wall-clock start of the chosen occurrence, for [`Scope::This`].
        occurrence: Option<NaiveDateTime>,
        /// The whole block or one occurrence.
        scope: Scope,
    },
    /// Takes the last deletion of that block back.
    UndoDelete {
        /// Which.
        id: BlockId,
    },
    /// Makes an event of Duet's own. What mails somebody is held back for some seconds. Answer:
    /// [`Answer::Changed`].
    CreateEvent {
        /// What was typed.
        draft: EventDraft,
        /// Who is mailed.
        notify: Notify,
    },
    /// Changes an event of Duet's own. Answer: [`Answer::Changed`].
    ChangeEvent {
        /// Which, and how much of it.
        change: EventChange,
        /// What was typed.
        draft: EventDraft,
    },
    /// Deletes an event of Duet's own. Answer: [`Answer::Changed`].
    DeleteEvent {
        /// Which, and how much of it.
        change: EventChange,
        /// Leave the copy in Google where it is.
        keep_copy: bool,
    },
    /// Takes an event out of Google; here it stays. Answer: [`Answer::Changed`].
    RemoveFromGoogle {
        /// Which.
        id: DuetEventId,
        /// Who is mailed.
        notify: Notify,
    },
    /// Takes an event back that was deleted in Google; it is here alone then.
    RestoreEvent {
        /// The number of the conflict that tells of it.
        conflict: i64,
    },
    /// Takes a change of an event back.
    UndoEvent {
        /// From [`Changed::undo`].
        undo: u64,
    },
    /// Answers an invitation. The organizer is told of it; that is held back for some seconds. What was
    /// said before, given as the answer, takes one back that was not sent yet. Answer:
    /// [`Answer::Answered`].
    Respond {
        /// Which event.
        key: EventKey,
        /// The start of the occurrence that is meant alone; `None` for the whole series.
        occurrence: Option<When>,
        /// The answer.
        response: Response,
    },
    /// Deletes what Duet wrote to Google, and mails nobody. Events stay here. Answer:
    /// [`Answer::TracesRemoved`].
    RemoveTraces {
        /// What of it.
        traces: Traces,
    },
    /// Tries a change again that waits to be sent.
    RetryOp {
        /// Which.
        id: OpId,
    },
    /// Gives a change up that waits to be sent.
    DiscardOp {
        /// Which.
        id: OpId,
    },
    /// Stores the settings, whole.
    SetSettings {
        /// The new settings.
        settings: Settings,
    },
    /// Start Duet at login, or not.
    SetAutostart {
        /// On or off.
        on: bool,
    },
    /// The window came to the front, or the network is back: an occasion to look for news.
    Nudge,
    /// The page's program fell and is started again: where, for the log. Sent by the page's own
    /// script (`ui/static/start.js`), because the program cannot say it any more.
    ReportFault {
        /// The place in the source, or what the web view says of the trap.
        place: String,
    },
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", content = "value", rename_all = "snake_case")]
pub enum Answer {
    /// To every command that has nothing to tell.
    Done,
    /// To [`Query::Grid`].
    Grid(GridView),
    /// To [`Query::Overview`].
    Overview(Box<Overview>),
    /// To [`Query::Busy`].
    Busy(Vec<BusyView>),
    /// To [`Query::Block`], [`Command::CreateBlock`] and [`Command::UpdateBlock`].
    Block(ManualBlockView),
    /// To [`Command::DeleteBlock`]: what can be brought back.
    Deleted {
        /// The block.
        id: BlockId,
        /// Its title, for the undo line.
        title: String,
    },
    /// To [`Query::Event`].
    Event(Box<EventView>),
    /// To [`Query::Why`].
    Why(Box<WhyView>),
    /// To [`Query::Preview`].
    Preview(PreviewView),
    /// To [`Query::FindTime`].
    FindTime(Box<FindTimeView>),
    /// To [`Query::Search`].
    Search(Vec<HitView>),
    /// To [`Query::DuetEvent`].
    DuetEvent(Box<DuetEventView>),
    /// To [`Query::Consequences`].
    Consequences(Consequences),
    /// To [`Query::Waiting`].
    Waiting(Vec<WaitingView>),
    /// To [`Query::Conflicts`]: the newest first.
    Conflicts(Vec<ConflictView>),
    /// To [`Query::PastGuests`]: each once, the last invited first.
    PastGuests(Vec<Guest>),
    /// To the commands that change an event of Duet's own.
    Changed(Changed),
    /// To [`Query::Invitations`].
    Invitations(Vec<InvitationView>),
    /// To [`Command::Respond`].
    Answered(Answered),
    /// To [`Query::Footprint`].
    Footprint(FootprintView),
    /// To [`Command::RemoveTraces`].
    TracesRemoved(TracesRemoved),
    /// To [`Query::Doctor`].
    Doctor(DoctorReport),
}
