//! What can be typed after `duet events`.

use clap::{Subcommand, ValueEnum};
use duet_model::duet_event::Scope;
use duet_model::outbox::Notify;

use crate::cli::arguments::{Form, Span};

#[derive(Debug, Subcommand)]
pub(crate) enum EventVerb {
    /// Make an event; with --google also in Google Calendar, with invitations.
    Add {
        #[command(flatten)]
        span: Span,
        /// What for.
        #[arg(long, default_value = "")]
        title: String,
        #[command(flatten)]
        details: Details,
        /// Also in Google Calendar: in the account's own calendar, or the one of --calendar.
        #[arg(long)]
        google: bool,
        #[command(flatten)]
        where_to: WhereTo,
        #[command(flatten)]
        mail: Mail,
        #[command(flatten)]
        form: Form,
    },
    /// List Duet's own events.
    List {
        #[command(flatten)]
        form: Form,
    },
    /// One of Duet's own events, with its guests' answers and how it stands in Google.
    Show {
        /// Its id, as `duet events list` shows it.
        id: String,
        #[command(flatten)]
        occurrence: Occurrence,
        #[command(flatten)]
        form: Form,
    },
    /// Change an event: only what is given.
    Edit {
        /// Its id, as `duet events list` shows it.
        id: String,
        #[command(flatten)]
        occurrence: Occurrence,
        /// Its new start, or first day.
        #[arg(long, value_name = "WHEN")]
        from: Option<String>,
        /// Its new end, or last day, included.
        #[arg(long, value_name = "WHEN")]
        to: Option<String>,
        /// What for.
        #[arg(long)]
        title: Option<String>,
        #[command(flatten)]
        details: Details,
        /// Take this guest out. May be repeated.
        #[arg(long = "without", value_name = "EMAIL")]
        without: Vec<String>,
        /// Also in Google Calendar from now on.
        #[arg(long)]
        google: bool,
        #[command(flatten)]
        where_to: WhereTo,
        #[command(flatten)]
        mail: Mail,
        #[command(flatten)]
        form: Form,
    },
    /// Remove an event. Its copy in Google Calendar stays, unless --google is given.
    Remove {
        /// Its id, as `duet events list` shows it.
        id: String,
        #[command(flatten)]
        occurrence: Occurrence,
        /// Also from Google Calendar.
        #[arg(long)]
        google: bool,
        #[command(flatten)]
        mail: Mail,
    },
    /// Take an event out of Google Calendar; here it stays.
    Withdraw {
        /// Its id, as `duet events list` shows it.
        id: String,
        #[command(flatten)]
        mail: Mail,
    },
    /// What waits to be sent to Google, and why.
    Waiting {
        #[command(flatten)]
        form: Form,
    },
    /// Everything Duet ever wrote to Google, by this installation or another; and taking it back.
    Footprint {
        /// Only these events, by Google's id as the list shows it.
        ids: Vec<String>,
        /// Only what has no event here (any more).
        #[arg(long, conflicts_with = "ids")]
        left_behind: bool,
        /// Delete it in Google. Nobody is mailed, and events stay here.
        #[arg(long)]
        remove: bool,
        /// Delete it without asking.
        #[arg(long, requires = "remove")]
        yes: bool,
        #[command(flatten)]
        form: Form,
    },
    /// Try a change again that Google refused.
    Retry {
        /// Its number, as `duet events waiting` shows it.
        number: i64,
    },
    /// Give a change up that waits: here it is again as Google has it.
    Discard {
        /// Its number, as `duet events waiting` shows it.
        number: i64,
    },
}

/// What an event says besides its title and times.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Details {
    /// Where.
    #[arg(long = "where", value_name = "PLACE")]
    pub(crate) place: Option<String>,
    /// What else there is to say.
    #[arg(long)]
    pub(crate) notes: Option<String>,
    /// Invite this address; needs Google Calendar. May be repeated.
    #[arg(long = "guest", value_name = "EMAIL")]
    pub(crate) guests: Vec<String>,
    /// Repeat it, as an RFC 5545 rule: FREQ=WEEKLY, FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10, …; or "none".
    #[arg(long, value_name = "RRULE")]
    pub(crate) repeat: Option<String>,
    /// Remind so many minutes before, or "never", or "default": as the calendar says.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) remind: Option<String>,
    /// Does it take up its time?
    #[arg(long, value_enum, value_name = "BUSY|FREE")]
    pub(crate) show_as: Option<ShowAs>,
    /// With an address for a video call; needs Google Calendar.
    #[arg(long)]
    pub(crate) call: bool,
}

/// Whether an event takes up its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowAs {
    Busy,
    Free,
}

/// Which calendar is written to.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct WhereTo {
    /// The account, where several may be written to.
    #[arg(long, value_name = "EMAIL")]
    pub(crate) account: Option<String>,
    /// The calendar, by its id as `duet calendars` lists it.
    #[arg(long, value_name = "ID")]
    pub(crate) calendar: Option<String>,
}

/// Which occurrences of a series are meant.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Occurrence {
    /// The start of one occurrence of a series, as `duet agenda` tells it.
    #[arg(long, value_name = "WHEN")]
    pub(crate) occurrence: Option<String>,
    /// That one, it and all later ones, or all.
    #[arg(long, value_enum, requires = "occurrence")]
    pub(crate) scope: Option<ScopeWord>,
}

/// How many occurrences are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScopeWord {
    This,
    Following,
    All,
}

impl From<ScopeWord> for Scope {
    fn from(word: ScopeWord) -> Self {
        match word {
            ScopeWord::This => Self::This,
            ScopeWord::Following => Self::Following,
            ScopeWord::All => Self::All,
        }
    }
}

/// Who is mailed, and whether that was agreed to.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Mail {
    /// Which guests Google mails about it.
    #[arg(long, value_enum, default_value = "all")]
    pub(crate) notify: NotifyWord,
    /// Do it without being asked first; needed where there is no terminal to ask on.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Which guests are mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NotifyWord {
    /// All of them.
    All,
    /// Those outside the account's own domain.
    External,
    /// Nobody: guests outside Google hear nothing, and keep what is deleted.
    None,
}

impl From<NotifyWord> for Notify {
    fn from(word: NotifyWord) -> Self {
        match word {
            NotifyWord::All => Self::All,
            NotifyWord::External => Self::External,
            NotifyWord::None => Self::None,
        }
    }
}
