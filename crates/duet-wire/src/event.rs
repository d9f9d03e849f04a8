//! One event of a Google calendar, as its details show it.

use chrono::{DateTime, NaiveDateTime, Utc};
use duet_model::event::{EventKey, EventType, ReminderMethod, Response, Visibility};
use duet_model::outbox::OpId;
use serde::{Deserialize, Serialize};

use crate::availability::{BlockState, When};

/// An event, or one occurrence of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// Its number in the local database.
    pub key: EventKey,
    /// Its title; "(no title)" where it has none, "Busy" where it may not be seen.
    pub title: String,
    /// Start of the occurrence that was asked for.
    pub start: When,
    /// Its end, exclusive.
    pub end: When,
    /// Wall-clock start in the display zone; of whole days their midnight.
    pub wall_start: NaiveDateTime,
    /// Wall-clock end in the display zone, exclusive.
    pub wall_end: NaiveDateTime,
    /// The zone it was made in, where that is another than the display zone, and its wall-clock
    /// start there.
    pub home: Option<(String, NaiveDateTime)>,
    /// Google's id of the calendar.
    pub calendar: String,
    /// The calendar's name.
    pub calendar_name: String,
    /// `#rrggbb`.
    pub color: String,
    /// The account's address.
    pub account: String,
    /// Where.
    pub location: Option<String>,
    /// Its description as plain text: markup is taken out, nothing in it is to be run or loaded.
    pub description: Option<String>,
    /// Who invites: address or name.
    pub organizer: Option<String>,
    /// The guests.
    pub guests: Vec<GuestView>,
    /// Are there guests that Google did not list?
    pub guests_omitted: bool,
    /// What the person of the account answered, where they are among the guests.
    /// An answer that waits to be sent is told here already.
    pub my_response: Option<Response>,
    /// Can it be answered from here?
    pub can_respond: bool,
    /// Why it cannot be, as a sentence; `None` where it can, and where nobody is asked.
    pub respond_because: Option<String>,
    /// The answer that waits to be sent, if one does.
    pub answer: Option<WaitingAnswer>,
    /// The address of the video call; `https` only.
    pub conference: Option<String>,
    /// Its page at Google; `https` only.
    pub link: Option<String>,
    /// How it repeats, in words; `None` for what happens once. The rule itself where words fail.
    pub repeats: Option<String>,
    /// When Google reminds of it the person whose calendar it is: the calendar's default first, then
    /// from the start back. Empty also where nothing is known of it.
    pub reminders: Vec<ReminderView>,
    /// Who may see it.
    pub visibility: Visibility,
    /// What kind of entry it is.
    pub event_type: EventType,
    /// Busy, tentative, free or unknown.
    pub state: BlockState,
    /// The rule that says so, one stable word (see [`crate::availability::SourceView::rule`]).
    pub rule: String,
    /// The same as a sentence.
    pub because: String,
    /// When the event was last known to be so.
    pub as_of: Option<DateTime<Utc>>,
    /// What was noticed to change, newest first.
    pub history: Vec<ChangeView>,
}

/// An answer to an invitation that Google does not have yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingAnswer {
    /// Its number in the outbox, to try it again or to discard it.
    pub id: OpId,
    /// Was it refused, so that it waits for the person?
    pub stuck: bool,
    /// Why it has not been sent, as a sentence.
    pub because: String,
}

/// A page in the web that belongs to an event. The window names it, and the core opens the address
/// that it has stored: no address travels from the window to the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventPage {
    /// Its page at Google.
    Google,
    /// Its video call.
    Conference,
}

/// A reminder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReminderView {
    /// In words: "10 minutes before, by pop-up".
    pub words: String,
    /// How; `None` where it is whatever the calendar says for all its events.
    pub method: Option<ReminderMethod>,
    /// How long before the start, in minutes; `None` likewise. Whole days start at midnight.
    pub minutes: Option<u32>,
}

/// A guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestView {
    /// Name where one is known, else the address.
    pub name: String,
    /// The address.
    pub email: Option<String>,
    /// What they answered.
    pub response: Response,
    /// The person of the account?
    pub me: bool,
    /// Need not come.
    pub optional: bool,
    /// A room or a thing.
    pub resource: bool,
}

/// One entry of an event's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// When it was noticed here, which can be long after it happened.
    pub noticed_at: DateTime<Utc>,
    /// What happened, a sentence for each part: "Moved from Tue 24 Nov 09:00 to Wed 25 Nov 10:00".
    pub what: Vec<String>,
}
