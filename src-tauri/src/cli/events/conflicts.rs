//! `duet conflicts`: what was changed here and in Google at once, or deleted there, and taking one's own
//! version again.

use clap::{Subcommand, ValueEnum};
use duet_app::{App, Pace};
use duet_model::duet_event::DuetEventId;
use duet_model::zones::Zone;
use duet_wire::conflict::{Again, ConflictView, Kept};
use duet_wire::{ErrorCode, WireError};

use super::arguments::Mail;
use super::{agree, details, done, show};
use crate::cli::arguments::Form;
use crate::cli::print::{at, plain};
use crate::cli::{Exit, complain, say};

#[derive(Debug, Subcommand)]
pub(crate) enum ConflictVerb {
    /// Take one version of what was changed at both ends, also in Google.
    Apply {
        /// Its number, as `duet conflicts` shows it.
        number: i64,
        /// Yours, or Google's.
        #[arg(long, value_enum)]
        keep: KeepWord,
        #[command(flatten)]
        mail: Mail,
        #[command(flatten)]
        form: Form,
    },
}

/// Which version is to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeepWord {
    /// What was typed here.
    Mine,
    /// What Google Calendar had.
    Theirs,
}

/// Runs one of them to its end.
pub(crate) async fn verb(
    app: &App,
    verb: Option<ConflictVerb>,
    form: Form,
) -> Result<Exit, WireError> {
    match verb {
        None => {
            let conflicts = app.conflicts().await?;
            show(form, &conflicts, || list(&app.zone(), &conflicts))?;
            Ok(Exit::Done)
        }
        Some(ConflictVerb::Apply {
            number,
            keep,
            mail,
            form,
        }) => apply(app, number, keep, &mail, form).await,
    }
}

async fn apply(
    app: &App,
    number: i64,
    keep: KeepWord,
    mail: &Mail,
    form: Form,
) -> Result<Exit, WireError> {
    let conflicts = app.conflicts().await?;
    let found = conflicts.into_iter().find(|it| it.id == number);
    let conflict = found.ok_or_else(|| {
        WireError::new(
            ErrorCode::NotFound,
            "There is no such conflict (any more). `duet conflicts` lists them.",
        )
    })?;
    if conflict.is_deletion() {
        return restore(app, &conflict, keep, form).await;
    }
    let Some(Again { mut change, draft }) = wanted(&conflict, keep)? else {
        say("It says so already.");
        return Ok(Exit::Done);
    };
    change.notify = mail.notify.into();
    let zone = app.zone();
    let mailing = app.mailing_of_change(&change, &draft, zone.name()).await?;
    let undone = app.undone_by_change(&change, &draft, zone.name()).await?;
    agree(&mailing, undone, mail, "Changing it")?;
    let changed = app.change_event(&change, &draft, Pace::AtOnce).await?;
    let place = draft.place.as_ref();
    done(app, &changed, place, form.json, "It is changed").await
}

/// Takes back what was deleted in Google.
async fn restore(
    app: &App,
    conflict: &ConflictView,
    keep: KeepWord,
    form: Form,
) -> Result<Exit, WireError> {
    if (keep == KeepWord::Mine) == (conflict.kept == Kept::Mine) {
        say("It says so already.");
        return Ok(Exit::Done);
    }
    if keep == KeepWord::Theirs {
        return Err(WireError::new(
            ErrorCode::Invalid,
            "It was taken back. `duet events remove` deletes it again.",
        ));
    }
    let id = app.restore_event(conflict.id).await?;
    if !form.json {
        say(
            "It is a plan of Duet's alone. `duet events edit ID --google` adds it to Google Calendar again.",
        );
    }
    details(app, &id.0, None, form).await
}

/// The change that takes that version; `None` where it stands.
fn wanted(conflict: &ConflictView, keep: KeepWord) -> Result<Option<Again>, WireError> {
    let (again, stands) = match keep {
        KeepWord::Mine => (&conflict.mine, conflict.kept == Kept::Mine),
        KeepWord::Theirs => (&conflict.theirs, conflict.kept == Kept::Theirs),
    };
    match again {
        None if !stands => Err(WireError::new(
            ErrorCode::Invalid,
            "It cannot be taken from here: the event is gone, or only Google Calendar can say it so.",
        )),
        again => Ok(again.clone()),
    }
}

fn list(zone: &Zone, conflicts: &[ConflictView]) {
    if conflicts.is_empty() {
        say(
            "Nothing was changed here and in Google at once, and nothing of yours was deleted there.",
        );
    }
    for conflict in conflicts {
        let title = match conflict.title.as_str() {
            "" => "(no title)".to_owned(),
            title => plain(title),
        };
        let noticed = at(zone, conflict.noticed_at);
        say(&format!("{}  {title}  {noticed}", conflict.id));
        told(conflict);
    }
}

/// The sentence, both versions below it where there is more than one field, and what can be done.
pub(super) fn told(conflict: &ConflictView) {
    say(&format!("    {}", plain(&conflict.because)));
    for field in &conflict.fields {
        let (mine, theirs) = (plain(&field.mine), plain(&field.theirs));
        say(&format!(
            "      {}: yours {mine}, Google's {theirs}",
            field.name
        ));
    }
    if let Some(how) = way(conflict) {
        say(&format!("      {how}"));
    }
}

fn way(conflict: &ConflictView) -> Option<String> {
    let does = match (conflict.is_deletion(), conflict.kept) {
        (true, Kept::Theirs) => "brings it back, in Duet alone",
        (false, _) if conflict.mine.is_some() => "takes yours again",
        _ => return None,
    };
    Some(format!(
        "`duet conflicts apply {} --keep mine` {does}.",
        conflict.id
    ))
}

/// The number of the newest; what is noticed from here on has a higher one.
pub(in crate::cli) async fn newest(app: &App) -> Result<i64, WireError> {
    let conflicts = app.conflicts().await?;
    Ok(conflicts.first().map_or(0, |it| it.id))
}

/// What was noticed since then.
pub(super) async fn since(app: &App, newest: i64) -> Result<Vec<ConflictView>, WireError> {
    let mut conflicts = app.conflicts().await?;
    conflicts.retain(|it| it.id > newest);
    Ok(conflicts)
}

/// Says what was noticed since then, on stderr.
pub(in crate::cli) async fn complain_since(app: &App, newest: i64) -> Result<(), WireError> {
    complain_of(&since(app, newest).await?, None);
    Ok(())
}

/// Says of each what was taken, on stderr. Is one of them about this event?
pub(super) fn complain_of(clashed: &[ConflictView], event: Option<&DuetEventId>) -> bool {
    for conflict in clashed {
        complain(&format!("“{}”: {}", conflict.title, conflict.because));
        if let Some(how) = way(conflict) {
            complain(&how);
        }
    }
    clashed.iter().any(|it| Some(&it.event) == event)
}
