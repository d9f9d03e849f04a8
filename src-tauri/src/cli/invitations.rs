//! `duet invitations` and `duet respond`: what others invite to, and answering it.

use clap::ValueEnum;
use duet_app::{App, Pace};
use duet_model::event::Response;
use duet_model::zones::Zone;
use duet_wire::availability::When;
use duet_wire::duet_event::WaitingView;
use duet_wire::invitation::{Answered, InvitationView};
use duet_wire::status::{Outcome, SyncReport};
use duet_wire::{ErrorCode, WireError};

use super::arguments::Form;
use super::find::{event_of, spell};
use super::print::plain;
use super::run::show;
use super::{Exit, complain, say};

/// An answer, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerWord {
    Yes,
    Maybe,
    No,
}

impl From<AnswerWord> for Response {
    fn from(word: AnswerWord) -> Self {
        match word {
            AnswerWord::Yes => Self::Accepted,
            AnswerWord::Maybe => Self::Tentative,
            AnswerWord::No => Self::Declined,
        }
    }
}

/// `duet invitations`.
pub(super) async fn list(app: &App, form: Form) -> Result<Exit, WireError> {
    let zone = app.zone();
    let invitations = app.invitations().await?;
    show(form, &invitations, || {
        if invitations.is_empty() {
            say("No invitation waits for an answer.");
        }
        for one in &invitations {
            say(&line(&zone, one));
            if let Some(meanwhile) = &one.meanwhile {
                say(&format!("    {}", plain(&meanwhile.because)));
            }
        }
        // Each reason once: it is the account's or the calendar's.
        let mut told: Vec<&str> = Vec::new();
        for why in invitations.iter().filter_map(|it| it.because.as_deref()) {
            if !told.contains(&why) {
                say(&plain(why));
                told.push(why);
            }
        }
    })?;
    Ok(Exit::Done)
}

fn line(zone: &Zone, one: &InvitationView) -> String {
    let repeats = if one.repeats { ", repeats" } else { "" };
    let by = one.organizer.as_deref().map(|who| format!(", from {who}"));
    format!(
        "{}  {}  ({}{}{repeats})  {}",
        spell(zone, one.start, one.end),
        plain(&one.title),
        plain(&one.calendar_name),
        plain(&by.unwrap_or_default()),
        one.id
    )
}

/// `duet respond`.
pub(super) async fn respond(
    app: &App,
    id: &str,
    answer: AnswerWord,
    only_this: bool,
    form: Form,
) -> Result<Exit, WireError> {
    let (key, start) = event_of(id)?;
    let occurrence = meant(start, only_this)?;
    let answered = app
        .respond(key, occurrence, answer.into(), Pace::AtOnce)
        .await?;
    let report = app.push_now(Some(&answered.account)).await?;
    let waiting = app.waiting().await?;
    let waits = waiting.iter().find(|it| Some(it.id) == answered.waits);
    let stands = Answered {
        waits: waits.map(|it| it.id),
        ..answered.clone()
    };
    show(form, &stands, || {
        for sentence in told(&answered, answer, waits.is_some()) {
            say(&sentence);
        }
    })?;
    Ok(complain_of(waits, &report))
}

/// Which occurrence is meant alone.
fn meant(start: Option<When>, only_this: bool) -> Result<Option<When>, WireError> {
    match (only_this, start) {
        (false, _) => Ok(None),
        (true, Some(start)) => Ok(Some(start)),
        (true, None) => Err(WireError::new(
            ErrorCode::Invalid,
            "--only-this needs the id of one occurrence, as `duet agenda --json` and `duet \
             invitations` tell it.",
        )),
    }
}

/// What was done, and who hears of it.
fn told(answered: &Answered, answer: AnswerWord, waits: bool) -> Vec<String> {
    let word = match answer {
        AnswerWord::Yes => "yes",
        AnswerWord::Maybe => "maybe",
        AnswerWord::No => "no",
    };
    let all = if answered.series {
        ", to all of the series"
    } else {
        ""
    };
    let said = format!(
        "Your answer to {} is {word}{all}",
        match answered.title.as_str() {
            "" => "the event".to_owned(),
            title => format!("“{}”", plain(title)),
        }
    );
    let organizer = answered.organizer.as_deref();
    let who = organizer.map_or_else(|| "Whoever invites".to_owned(), plain);
    match (waits, answered.waits) {
        (true, _) => vec![
            format!("{said}, here."),
            format!("{who} is told by Google once it is sent."),
        ],
        (false, Some(_)) => vec![
            format!("{said}, and Google Calendar has it so."),
            format!("{who} is told by Google."),
        ],
        (false, None) => vec![format!("{said}, as it was.")],
    }
}

/// Why the answer waits, on stderr.
fn complain_of(waits: Option<&WaitingView>, report: &SyncReport) -> Exit {
    let mut accounts = report.accounts.iter();
    let revoked = accounts.any(|it| it.outcome == Outcome::Reconnect);
    let Some(waits) = waits else {
        return Exit::Done;
    };
    complain(&format!(
        "{}: {}",
        plain(&waits.what),
        plain(&waits.because)
    ));
    complain(
        "`duet events waiting` shows what waits; `duet sync` sends it, and so does the window.",
    );
    if revoked {
        Exit::Reconnect
    } else {
        Exit::Partly
    }
}

#[cfg(test)]
mod tests {
    use duet_model::event::EventKey;
    use duet_model::outbox::OpId;

    use super::*;

    fn answered() -> Answered {
        Answered {
            key: EventKey(7),
            title: "Lunch".into(),
            account: "ana@example.com".into(),
            response: Response::Declined,
            before: Response::NeedsAction,
            series: false,
            organizer: Some("Ben".into()),
            waits: Some(OpId(1)),
            held_until: None,
        }
    }

    #[test]
    fn who_hears_of_an_answer_is_said() {
        let sent = told(&answered(), AnswerWord::No, false);
        assert_eq!(
            sent,
            [
                "Your answer to “Lunch” is no, and Google Calendar has it so.",
                "Ben is told by Google."
            ]
        );
        let series = Answered {
            series: true,
            organizer: None,
            ..answered()
        };
        let waits = told(&series, AnswerWord::Maybe, true);
        assert_eq!(
            waits,
            [
                "Your answer to “Lunch” is maybe, to all of the series, here.",
                "Whoever invites is told by Google once it is sent."
            ]
        );
        let same = Answered {
            waits: None,
            ..answered()
        };
        let same = told(&same, AnswerWord::Yes, false);
        assert_eq!(same, ["Your answer to “Lunch” is yes, as it was."]);
    }

    #[test]
    fn one_occurrence_alone_is_meant_where_it_is_said_and_named() {
        let day = When::Date(chrono::NaiveDate::from_ymd_opt(2026, 12, 3).unwrap());
        assert_eq!(meant(Some(day), false), Ok(None));
        assert_eq!(meant(Some(day), true), Ok(Some(day)));
        assert_eq!(meant(None, false), Ok(None));
        let vague = meant(None, true).unwrap_err();
        assert_eq!(vague.code, ErrorCode::Invalid);
    }

    #[test]
    fn an_answer_that_waits_ends_partly_done() {
        let report = SyncReport {
            accounts: Vec::new(),
        };
        assert_eq!(complain_of(None, &report), Exit::Done);
        let waits = WaitingView {
            id: OpId(1),
            what: "Answer “Lunch”: no".into(),
            account: "ana@example.com".into(),
            because: "It is sent as soon as Google can be reached.".into(),
            stuck: false,
            again: None,
            event: None,
        };
        assert_eq!(complain_of(Some(&waits), &report), Exit::Partly);
    }
}
