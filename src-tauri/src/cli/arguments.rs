//! What can be typed (INTERFACES.md section 2).

use clap::{Parser, Subcommand, ValueEnum};
use duet_model::account::Tier;

use super::events::{ConflictVerb, EventVerb};
use super::invitations::AnswerWord;

/// A calendar that says when you are free, and why.
///
/// Without a command, the window opens (or the running one comes to the front).
#[derive(Debug, Parser)]
#[command(name = "duet", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// Start in the tray, without showing the window.
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Draw without the graphics card, for drivers that show an empty window.
    #[arg(long)]
    pub(crate) safe_graphics: bool,
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Connect a Google account: prints the address of the consent page and waits up to 10 minutes.
    Connect {
        /// How much to ask for: busy times only, reading events, or reading and writing (for
        /// Duet's own events, see `duet events`). Without it "read", and on a reconnect as much as the account
        /// has.
        #[arg(long, value_enum)]
        tier: Option<TierWord>,
        /// Only print the address; open it yourself.
        #[arg(long)]
        no_browser: bool,
        /// Connect the built-in demo account instead of Google.
        #[arg(long)]
        demo: bool,
        /// Reconnect this account, or change its permissions.
        #[arg(long, value_name = "EMAIL", conflicts_with = "demo")]
        account: Option<String>,
    },
    /// List the connected accounts.
    Accounts {
        #[command(flatten)]
        form: Form,
    },
    /// Remove an account and everything that came from it, and withdraw Duet's permission at Google.
    Disconnect {
        /// The account's address.
        email: String,
        /// Leave Duet's permission at Google as it is (other devices stay connected).
        #[arg(long)]
        keep_grant: bool,
        /// Do it without being asked, also where changes that wait to be sent are lost with it.
        #[arg(long)]
        yes: bool,
    },
    /// List the calendars, or change what counts and what shows.
    Calendars {
        #[command(flatten)]
        form: Form,
        #[command(subcommand)]
        change: Option<CalendarVerb>,
    },
    /// Sync once, now; safe beside a running window.
    Sync {
        /// Only this account.
        #[arg(long, value_name = "EMAIL")]
        account: Option<String>,
        /// Fetch everything anew instead of what changed.
        #[arg(long)]
        full: bool,
        #[command(flatten)]
        form: Form,
    },
    /// How fresh everything is.
    Status {
        #[command(flatten)]
        form: Form,
    },
    /// Events and blocks of a span, in order.
    Agenda {
        #[command(flatten)]
        span: Span,
        #[command(flatten)]
        form: Form,
    },
    /// When you are busy, and why; gaps are free.
    Busy {
        #[command(flatten)]
        span: Span,
        #[command(flatten)]
        form: Form,
    },
    /// Slots that are free for at least a while.
    Free {
        #[command(flatten)]
        span: Span,
        /// At least this long: 45m, 1h30m, 2h.
        #[arg(long, value_name = "DURATION", default_value = "30m")]
        duration: String,
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        form: Form,
    },
    /// Why a time is busy or free: everything that touches it, by which rule, and how old that is.
    Why {
        /// The time, or where it begins.
        #[arg(long, value_name = "WHEN", visible_alias = "from")]
        at: String,
        /// Where it ends; without it, a minute later, or with the day where a date was given.
        #[arg(long, value_name = "WHEN")]
        to: Option<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Find events and blocks by the words in title, place and people, the nearest to now first.
    Search {
        /// The words.
        #[arg(required = true)]
        words: Vec<String>,
        /// At most so many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200))]
        limit: u16,
        #[command(flatten)]
        form: Form,
    },
    /// One event with guests, reasons and history.
    Show {
        /// Its id, as `duet agenda --json` and `duet search --json` tell it.
        id: String,
        #[command(flatten)]
        form: Form,
    },
    /// What others invite to and was not answered yet.
    Invitations {
        #[command(flatten)]
        form: Form,
    },
    /// Answer an invitation. Google tells whoever invites, and nobody else.
    Respond {
        /// Its id, as `duet invitations` and `duet agenda --json` tell it.
        id: String,
        /// Will you come?
        #[arg(value_enum)]
        answer: AnswerWord,
        /// Of a series, this occurrence alone.
        #[arg(long)]
        only_this: bool,
        #[command(flatten)]
        form: Form,
    },
    /// By which rules events count as busy, for all calendars or one.
    Rules {
        #[command(flatten)]
        form: Form,
        #[command(subcommand)]
        change: Option<RuleVerb>,
    },
    /// Blocks made by hand.
    Blocks {
        #[command(subcommand)]
        verb: BlockVerb,
    },
    /// Duet's own events, here and in Google Calendar.
    Events {
        #[command(subcommand)]
        verb: EventVerb,
    },
    /// What was changed here and in Google Calendar at once, in both versions.
    Conflicts {
        #[command(flatten)]
        form: Form,
        #[command(subcommand)]
        verb: Option<ConflictVerb>,
    },
    /// What is right and what is not, in plain words; safe to paste.
    Doctor {
        #[command(flatten)]
        form: Form,
    },
}

/// How results are printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Form {
    /// Print JSON for scripts.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A span: dates or instants; without an offset they are local (of an hour that comes twice, the first).
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Span {
    /// First day (2026-11-23) or instant (2026-11-23T09:00 or with an offset).
    #[arg(long, value_name = "WHEN")]
    pub(crate) from: String,
    /// Last day, included, or the instant where it ends.
    #[arg(long, value_name = "WHEN")]
    pub(crate) to: String,
}

/// Whose time counts when free time is looked for.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Who {
    /// Somebody else who must be free too; asked through Google's free/busy. May be repeated.
    #[arg(long = "with", value_name = "EMAIL")]
    pub(crate) people: Vec<String>,
    /// Only this calendar of yours, instead of all that count. May be repeated.
    #[arg(long = "calendar", value_name = "ID")]
    pub(crate) calendars: Vec<String>,
    /// Only within the working hours of the settings, Monday to Friday.
    #[arg(long)]
    pub(crate) working_hours: bool,
    /// Print the times in this zone instead of the system's: Europe/Lisbon, America/New_York, …
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuleVerb {
    /// Treat events of a kind otherwise.
    Set {
        /// Which kind: declined, unanswered, tentative, all_day, shown_as_free, out_of_office,
        /// focus_time, working_location, birthday.
        rule: String,
        /// What they are.
        #[arg(value_enum)]
        treatment: TreatmentWord,
        #[command(flatten)]
        whose: Whose,
    },
    /// Treat events with a word in their title otherwise.
    Word {
        /// The word, or some words.
        word: String,
        /// What they are; "default" forgets the word.
        #[arg(value_enum)]
        treatment: TreatmentWord,
        #[command(flatten)]
        whose: Whose,
    },
}

/// Which calendar a rule is for, and whether it is only tried.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Whose {
    /// Only for this calendar; without it, for all that do not deviate.
    #[arg(long, value_name = "ID")]
    pub(crate) calendar: Option<String>,
    /// The account in whose list it stands, where several list it.
    #[arg(long, value_name = "EMAIL", requires = "calendar")]
    pub(crate) account: Option<String>,
    /// Say what it would do in the next four weeks, and change nothing.
    #[arg(long)]
    pub(crate) preview: bool,
}

/// What is made of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TreatmentWord {
    /// As the other rules say.
    #[value(name = "as_is")]
    AsIs,
    Busy,
    Tentative,
    Free,
    /// As Duet does by itself, or as for all calendars.
    Default,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CalendarVerb {
    /// Change what counts as busy and what is shown.
    Set {
        /// The calendar's id, as `duet calendars` lists it.
        id: String,
        /// The account in whose list it stands, where several list it.
        #[arg(long, value_name = "EMAIL")]
        account: Option<String>,
        /// Does it count as busy?
        #[arg(long, value_enum)]
        busy: Option<OnOff>,
        /// Is it shown?
        #[arg(long, value_enum)]
        shown: Option<OnOff>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum BlockVerb {
    /// Block time by hand.
    Add {
        #[command(flatten)]
        span: Span,
        /// What for.
        #[arg(long, default_value = "")]
        title: String,
        /// Repeat it, as an RFC 5545 rule: FREQ=WEEKLY, FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10, …
        #[arg(long, value_name = "RRULE")]
        repeat: Option<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Change a block, with all its repetitions: only what is given.
    Edit {
        /// Its id, as `duet blocks list` shows it.
        id: String,
        #[command(flatten)]
        edit: Changes,
        #[command(flatten)]
        form: Form,
    },
    /// List the blocks.
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Remove a block.
    Remove {
        /// Its id, as `duet blocks list` shows it.
        id: String,
    },
}

/// What to change in a block; what is not given stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub(crate) struct Changes {
    /// Its new start; the end stays where it is.
    #[arg(long, value_name = "WHEN")]
    pub(crate) from: Option<String>,
    /// Its new end, or its last day.
    #[arg(long, value_name = "WHEN")]
    pub(crate) to: Option<String>,
    /// What for.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// Repeat it by this RFC 5545 rule, or "none": it no longer repeats.
    #[arg(long, value_name = "RRULE")]
    pub(crate) repeat: Option<String>,
}

/// On or off.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OnOff {
    On,
    Off,
}

impl From<OnOff> for bool {
    fn from(word: OnOff) -> Self {
        matches!(word, OnOff::On)
    }
}

/// The permission ladder, as words.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TierWord {
    Busy,
    Read,
    Write,
}

impl From<TierWord> for Tier {
    fn from(word: TierWord) -> Self {
        match word {
            TierWord::Busy => Self::Busy,
            TierWord::Read => Self::Read,
            TierWord::Write => Self::Write,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_the_interface_promises_can_be_typed() {
        for line in [
            "duet",
            "duet --hidden",
            "duet connect --tier busy --no-browser",
            "duet connect --demo",
            "duet accounts --json",
            "duet disconnect ana@example.com --keep-grant",
            "duet disconnect ana@example.com --yes",
            "duet calendars --json",
            "duet calendars set team@example.com --account ana@example.com --busy on --shown off",
            "duet sync --account ana@example.com --full --json",
            "duet status --json",
            "duet agenda --from 2026-11-23 --to 2026-11-29 --json",
            "duet busy --from 2026-11-23 --to 2026-11-29T12:00:00Z --json",
            "duet free --from 2026-11-23 --to 2026-11-29 --duration 45m --json",
            "duet free --from 2026-11-23 --to 2026-11-29 --with ben@example.com --with eva@example.com --calendar work@example.com --working-hours --zone America/New_York",
            "duet why --at 2026-11-23T09:00 --json",
            "duet why --from 2026-11-23T09:00 --to 2026-11-23T10:00",
            "duet search stand up --limit 5 --json",
            "duet show event-12-1795600000 --json",
            "duet invitations --json",
            "duet respond event-12-1795600000 yes",
            "duet respond event-12-2026-12-03 maybe --only-this --json",
            "duet rules --json",
            "duet rules set all_day free --preview",
            "duet rules set unanswered default --calendar team@example.com --account ana@example.com",
            "duet rules word yoga free",
            "duet blocks add --from 2026-11-23T09:00 --to 2026-11-23T10:00 --title Gym --repeat FREQ=WEEKLY",
            "duet blocks edit some-id --title Swim",
            "duet blocks edit some-id --from 2026-11-23T09:00Z --to 2026-11-23 --repeat none --json",
            "duet blocks list --json",
            "duet blocks remove some-id",
            "duet events add --from 2026-12-01T18:00 --to 2026-12-01T20:00 --title Choir --guest ben@example.org --google --notify all --yes --json",
            "duet events add --from 2026-12-01 --to 2026-12-02 --where Hall --repeat FREQ=WEEKLY --remind 10 --show-as free",
            "duet events list --json",
            "duet events show some-id --occurrence 2026-12-08T18:00",
            "duet events edit some-id --occurrence 2026-12-08T18:00 --scope following --title Later --without ben@example.org",
            "duet events remove some-id --google --notify none",
            "duet events withdraw some-id --notify external --yes",
            "duet events waiting --json",
            "duet events retry 3",
            "duet events discard 3",
            "duet doctor --json",
        ] {
            let parsed = Arguments::try_parse_from(line.split(' '));
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        }
    }

    #[test]
    fn an_answer_is_one_of_three_words() {
        for line in [
            "duet respond event-12",
            "duet respond event-12 accepted",
            "duet respond event-12 yes no",
        ] {
            assert!(
                Arguments::try_parse_from(line.split(' ')).is_err(),
                "{line}"
            );
        }
    }
}
