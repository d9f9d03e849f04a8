//! What can stand over the calendar, one at a time.

use chrono::{NaiveDate, NaiveDateTime};
use duet_wire::conflict::{Again, ConflictView};
use duet_wire::duet_event::DuetEventView;
use duet_wire::grid::BlockView;

use crate::state::popup::Rect;

/// What is open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Dialog {
    /// The editor of manual blocks.
    Editor(Box<Seed>),
    /// The editor of Duet's own events.
    EventEditor(Box<EventSeed>),
    /// Before an event is deleted.
    DeleteEvent(Box<DuetEventView>),
    /// Before an event with guests is taken out of Google.
    Withdraw(Box<DuetEventView>),
    /// Before the other version of what clashed is taken.
    TakeVersion(Box<Taking>),
    /// A block's details, beside it.
    Details {
        /// Its id in the view.
        id: String,
        /// Where it is drawn.
        anchor: Rect,
    },
    /// All that stands on a day of the month, beside its "+n more".
    More {
        /// The day.
        date: NaiveDate,
        /// Where the button is drawn.
        anchor: Rect,
    },
    /// "Only this one, or all of them?"
    Which(Box<Which>),
    /// Before an account is disconnected.
    Disconnect {
        /// Its address.
        email: String,
        /// Is it the demo account? It has no permission at Google to withdraw.
        demo: bool,
    },
    /// The search over titles, places and people.
    Search,
    /// Where one calendar's events are treated otherwise.
    CalendarRules {
        /// Its account.
        account: String,
        /// Google's id.
        calendar: String,
    },
    /// The sheet of all keys.
    Sheet,
    /// All commands.
    Palette,
}

impl Dialog {
    /// Does it float beside what it explains, and leave the rest of the window its keys?
    pub(crate) fn floats(&self) -> bool {
        matches!(self, Self::Details { .. } | Self::More { .. })
    }
}

/// A version of what was changed here and in Google at once, about to be taken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Taking {
    /// What clashed.
    pub(crate) conflict: ConflictView,
    /// The change that takes it.
    pub(crate) again: Again,
    /// Is it the person's? Else Google's.
    pub(crate) mine: bool,
}

/// What the editor begins with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seed {
    /// The block that is edited; `None` for a new one.
    pub(crate) block: Option<BlockView>,
    /// Start and end.
    pub(crate) span: (NaiveDateTime, NaiveDateTime),
}

/// What the editor of events begins with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EventSeed {
    /// The event that is edited, or the chosen occurrence of a series; `None` for a new one.
    pub(crate) event: Option<DuetEventView>,
    /// Start and end of a new one, or where one that is there was dragged to.
    pub(crate) span: Option<(NaiveDateTime, NaiveDateTime)>,
}

/// A change of a repeating block whose reach has to be asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Which {
    /// The occurrence.
    pub(crate) block: BlockView,
    /// What is to happen to it.
    pub(crate) deed: Deed,
}

/// What is to happen to a repeating block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Deed {
    /// It was dragged to here.
    Move(NaiveDateTime, NaiveDateTime),
    /// It is to be deleted.
    Delete,
}
