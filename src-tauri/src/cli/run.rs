//! Each command: ask the application, print the answer, choose the exit code.

use duet_app::signin::Wish;
use duet_app::{App, Opening};
use duet_model::account::{AccountState, Tier};
use duet_wire::availability::BlockState;
use duet_wire::doctor::{Check, DoctorReport, Verdict};
use duet_wire::duet_event::WaitingView;
use duet_wire::status::{AccountReport, Outcome, SyncReport};
use duet_wire::{ErrorCode, WireError};
use serde::Serialize;

use super::arguments::{CalendarVerb, Form, Verb};
use super::{Exit, blocks, complain, events, find, invitations, print, rules, say, times};
use crate::environment::Environment;

/// Of the changes that are lost so many are named.
const LOST_MAX: usize = 10;

/// Of the reasons for which changes wait so many are told.
const REASONS_MAX: usize = 3;

/// Runs one command to its end.
pub(super) async fn verb(
    app: &App,
    environment: &Environment,
    verb: Verb,
) -> Result<Exit, WireError> {
    let zone = app.zone();
    match verb {
        Verb::Connect {
            tier,
            no_browser,
            demo,
            account,
        } => {
            let tier = match tier {
                Some(tier) => tier.into(),
                None => usual_tier(app, account.as_deref()).await?,
            };
            let wish = Wish {
                tier,
                account,
                demo,
                no_browser,
            };
            return connect(app, environment, wish).await;
        }
        Verb::Accounts { form } => {
            let accounts = app.accounts().await?;
            let calendars = app.calendars().await?;
            show(form, &accounts, || {
                print::accounts(&zone, &accounts, &calendars);
            })?;
        }
        Verb::Disconnect {
            email,
            keep_grant,
            yes,
        } => {
            let lost = lost(&email, &app.lost_with(&email).await?);
            if let Some(lost) = &lost {
                complain(lost);
            }
            if lost.is_some() && !yes {
                events::ask(
                    "Nothing was done, because changes would be lost. `duet sync` sends what can be sent; \
                     add --yes to disconnect all the same.",
                )?;
            }
            match app.disconnect(&email, !keep_grant).await? {
                Some(but) => {
                    complain(&but);
                    return Ok(Exit::Partly);
                }
                None => say(&format!(
                    "{email} is disconnected; nothing of it is left here."
                )),
            }
        }
        Verb::Calendars { form, change: None } => {
            let calendars = app.calendars().await?;
            show(form, &calendars, || print::calendars(&calendars))?;
        }
        Verb::Calendars {
            change:
                Some(CalendarVerb::Set {
                    id,
                    account,
                    busy,
                    shown,
                }),
            ..
        } => {
            return set_calendar(
                app,
                &id,
                account.as_deref(),
                busy.map(Into::into),
                shown.map(Into::into),
            )
            .await;
        }
        Verb::Sync {
            account,
            full,
            form,
        } => return sync(app, account.as_deref(), full, form).await,
        Verb::Status { form } => {
            let status = app.status().await?;
            let calendars = app.calendars().await?;
            show(form, &status, || print::status(&zone, &status, &calendars))?;
            if status
                .accounts
                .iter()
                .any(|account| account.state == AccountState::Reconnect)
            {
                return Ok(Exit::Reconnect);
            }
        }
        Verb::Agenda { span, form } => {
            let (from, to) = times::span(&span.from, &span.to, &zone)?;
            let lines = app.agenda(from, to).await?;
            show(form, &lines, || print::agenda(&zone, &lines))?;
            // An empty agenda of a calendar that was never checked is no free time.
            if !form.json && lines.iter().any(|line| line.state == BlockState::Unknown) {
                say("Not all of this span is known; `duet busy` says what is not, and why.");
            }
            find::warn(app, None).await?;
        }
        Verb::Busy { span, form } => {
            let (from, to) = times::span(&span.from, &span.to, &zone)?;
            let stretches = app.busy(from, to).await?;
            show(form, &stretches, || print::busy(&zone, &stretches))?;
            find::warn(app, None).await?;
        }
        Verb::Free {
            span,
            duration,
            who,
            form,
        } => return find::free(app, &span, &duration, who, form).await,
        Verb::Why { at, to, form } => return find::why(app, &at, to.as_deref(), form).await,
        Verb::Search { words, limit, form } => {
            return find::search(app, &words, limit, form).await;
        }
        Verb::Show { id, form } => return find::event(app, &id, form).await,
        Verb::Invitations { form } => return invitations::list(app, form).await,
        Verb::Respond {
            id,
            answer,
            only_this,
            form,
        } => return invitations::respond(app, &id, answer, only_this, form).await,
        Verb::Rules { form, change } => return rules::verb(app, change, form).await,
        Verb::Blocks { verb } => blocks::verb(app, verb).await?,
        Verb::Events { verb } => return events::verb(app, verb).await,
        Verb::Conflicts { form, verb } => return events::conflicts(app, verb, form).await,
        Verb::Doctor { form } => {
            let report = app.doctor().await;
            return examined(&report, form);
        }
    }
    Ok(Exit::Done)
}

/// `duet doctor` where the database cannot be opened, which is when it is needed most.
pub(super) async fn doctor_without_database(
    opening: &Opening,
    why: String,
    form: Form,
) -> Result<Exit, WireError> {
    examined(&duet_app::doctor_without_database(opening, why).await, form)
}

fn examined(report: &DoctorReport, form: Form) -> Result<Exit, WireError> {
    show(form, report, || print::doctor(report))?;
    let problem = |check: &Check| check.verdict == Verdict::Problem;
    Ok(if report.checks.iter().any(problem) {
        Exit::Failed
    } else {
        Exit::Done
    })
}

/// Prints a result, as JSON or as text.
pub(super) fn show<T: Serialize>(
    form: Form,
    value: &T,
    text: impl FnOnce(),
) -> Result<(), WireError> {
    if form.json {
        let json = serde_json::to_string_pretty(value)
            .map_err(|error| WireError::new(ErrorCode::Failed, error.to_string()))?;
        say(&json);
    } else {
        text();
    }
    Ok(())
}

async fn connect(app: &App, environment: &Environment, wish: Wish) -> Result<Exit, WireError> {
    let (demo, tier) = (wish.demo, wish.tier);
    crate::schemes::register_for_terminal(environment);
    app.connect(wish).await?;
    if let Some(url) = app.consent_page().filter(|_| !demo) {
        say(asked(tier));
        say("Open this address:");
        say(&url);
    }
    let email = tokio::select! {
        email = app.connected() => email?,
        _ = tokio::signal::ctrl_c() => {
            app.connect_cancel().await;
            return Err(WireError::new(ErrorCode::Failed, "The sign-in was given up. Nothing was changed."));
        }
    };
    say(&format!("{email} is connected."));
    let short = app.fell_short(&email, tier).await?;
    if let Some(short) = &short {
        complain(short);
    }
    let report = app.sync_now(Some(&email), false).await?;
    print::sync(&report);
    complain_of(&report);
    Ok(match exit_of(&report) {
        Exit::Done if short.is_some() => Exit::Partly,
        exit => exit,
    })
}

/// A reconnect asks for what the account has: more would be a surprise, less would take it away.
async fn usual_tier(app: &App, account: Option<&str>) -> Result<Tier, WireError> {
    let Some(email) = account else {
        return Ok(Tier::default());
    };
    let accounts = app.accounts().await?;
    let known = accounts
        .iter()
        .find(|known| known.email.eq_ignore_ascii_case(email));
    Ok(known.map(|known| known.tier).unwrap_or_default())
}

/// What the consent page will ask for, before it opens.
fn asked(tier: Tier) -> &'static str {
    match tier {
        Tier::Busy => {
            "Google will ask whether Duet may see your list of calendars and when they are busy; no titles."
        }
        Tier::Read => {
            "Google will ask whether Duet may see your calendars and events; it cannot change them."
        }
        Tier::Write => {
            "Google will ask whether Duet may see your calendars, and see and change events. It changes those that you make with Duet, and answers invitations where you say so."
        }
    }
}

async fn set_calendar(
    app: &App,
    id: &str,
    account: Option<&str>,
    busy: Option<bool>,
    shown: Option<bool>,
) -> Result<Exit, WireError> {
    if busy.is_none() && shown.is_none() {
        return Err(WireError::new(
            ErrorCode::Invalid,
            "Say what to change: --busy on|off, --shown on|off, or both.",
        ));
    }
    let email = app.set_calendar(account, id, shown, busy).await?;
    let mut exit = Exit::Done;
    if busy == Some(true) {
        // What counts from now on is unknown until it was asked for; a running window would do it
        // soon, but nobody should have to wait for one.
        let report = app.sync_now(Some(&email), false).await?;
        complain_of(&report);
        exit = exit_of(&report);
    }
    let mut calendars = app.calendars().await?;
    calendars.retain(|calendar| calendar.id == id && calendar.account == email);
    print::calendars(&calendars);
    Ok(exit)
}

async fn sync(app: &App, account: Option<&str>, full: bool, form: Form) -> Result<Exit, WireError> {
    let newest = events::newest(app).await?;
    let report = app.sync_now(account, full).await?;
    show(form, &report, || print::sync(&report))?;
    events::complain_since(app, newest).await?;
    // What went wrong goes to stderr in either form: cron mails it, and a pipe stays clean.
    complain_of(&report);
    let waiting = app.waiting().await?;
    for words in unsent(&waiting) {
        complain(&words);
    }
    Ok(match exit_of(&report) {
        Exit::Done if !waiting.is_empty() => Exit::Partly,
        exit => exit,
    })
}

/// What is lost with an account: the changes that it never got to hear of.
fn lost(email: &str, waiting: &[WaitingView]) -> Option<String> {
    let named: Vec<&str> = waiting
        .iter()
        .take(LOST_MAX)
        .map(|change| change.what.as_str())
        .collect();
    let more = match waiting.len() - named.len() {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let named = named.join("; ");
    match waiting.len() {
        0 => None,
        1 => Some(format!(
            "1 change that waits to be sent to {email} would be lost: {named}."
        )),
        many => Some(format!(
            "{many} changes that wait to be sent to {email} would be lost: {named}{more}."
        )),
    }
}

/// What of Duet's own changes is not in Google yet, and of what goes by itself when it is tried again.
fn unsent(waiting: &[WaitingView]) -> Vec<String> {
    let stuck = waiting.iter().filter(|change| change.stuck).count();
    let stuck = match stuck {
        0 => None,
        1 => Some("1 change was refused and needs you".to_owned()),
        many => Some(format!("{many} changes were refused and need you")),
    };
    let stuck = stuck.map(|words| format!("{words}: `duet events waiting` tells why."));
    let waits: Vec<&WaitingView> = waiting.iter().filter(|change| !change.stuck).collect();
    let mut because: Vec<&str> = Vec::new();
    for change in &waits {
        if because.len() < REASONS_MAX && !because.contains(&change.because.as_str()) {
            because.push(&change.because);
        }
    }
    let because = because.join(" ");
    let waits = match waits.len() {
        0 => None,
        1 => Some(format!("1 change waits to be sent. {because}")),
        many => Some(format!("{many} changes wait to be sent. {because}")),
    };
    let waits = waits.map(|words| format!("{words} `duet events waiting` lists what waits."));
    stuck.into_iter().chain(waits).collect()
}

fn complain_of(report: &SyncReport) {
    for words in complaints(report) {
        complain(&words);
    }
}

/// What went wrong, a sentence or two each: whose it is, and which calendar.
fn complaints(report: &SyncReport) -> Vec<String> {
    let of_account = |account: &AccountReport| -> Vec<String> {
        // The account's own failure says all; where only calendars failed, its words repeat the first.
        let own = account.error.as_deref();
        let own =
            own.filter(|_| account.outcome != Outcome::Partial || account.failures.is_empty());
        let own = own.map(|words| format!("{}: {words}", account.email));
        let each = account.failures.iter().map(|failure| {
            format!(
                "{}, calendar {}: {}",
                account.email, failure.name, failure.error
            )
        });
        own.into_iter()
            .chain(each)
            .map(|words| print::plain(&words))
            .collect()
    };
    report.accounts.iter().flat_map(of_account).collect()
}

/// Reconnecting is what a person must know first; then failure; then partial success.
fn exit_of(report: &SyncReport) -> Exit {
    let any = |outcome| {
        report
            .accounts
            .iter()
            .any(|account| account.outcome == outcome)
    };
    let all = |outcome| {
        report
            .accounts
            .iter()
            .all(|account| account.outcome == outcome)
    };
    if report.accounts.is_empty() || all(Outcome::Done) {
        Exit::Done
    } else if any(Outcome::Reconnect) {
        Exit::Reconnect
    } else if all(Outcome::Failed) {
        Exit::Failed
    } else {
        Exit::Partly
    }
}

#[cfg(test)]
mod tests {
    use duet_wire::status::{BlockCounts, CalendarCounts, CalendarFailure, EventCounts};

    use super::*;

    fn report(outcome: Outcome) -> AccountReport {
        AccountReport {
            email: "ana@example.com".into(),
            outcome,
            calendars: CalendarCounts::default(),
            events: EventCounts::default(),
            requests: 0,
            blocks: BlockCounts::default(),
            error: None,
            failures: Vec::new(),
            wait_until: None,
            sent: 0,
            stuck: 0,
        }
    }

    fn change(stuck: bool) -> WaitingView {
        WaitingView {
            id: duet_model::outbox::OpId(1),
            what: "Add “Choir” to Work".into(),
            account: "ana@example.com".into(),
            because: "It waits.".into(),
            stuck,
            again: None,
            event: None,
        }
    }

    #[test]
    fn what_is_lost_with_an_account_is_named() {
        let told = |count| lost("ana@example.com", &vec![change(false); count]);
        assert_eq!(told(0), None);
        assert_eq!(
            told(1).unwrap(),
            "1 change that waits to be sent to ana@example.com would be lost: Add “Choir” to Work."
        );
        assert_eq!(
            told(2).unwrap(),
            "2 changes that wait to be sent to ana@example.com would be lost: Add “Choir” to Work; Add \
             “Choir” to Work."
        );
        assert!(
            told(12)
                .unwrap()
                .ends_with("Add “Choir” to Work; and 2 more.")
        );
    }

    #[test]
    fn what_was_not_sent_is_told() {
        let waits = |because: &str| WaitingView {
            because: because.into(),
            ..change(false)
        };
        let (later, behind) = ("It is tried again at 12:05.", "It is sent after that.");
        let rows: [(&[WaitingView], &[&str]); 4] = [
            (&[], &[]),
            (
                &[waits(later)],
                &[
                    "1 change waits to be sent. It is tried again at 12:05. `duet events waiting` lists what \
                   waits.",
                ],
            ),
            (
                &[change(true)],
                &["1 change was refused and needs you: `duet events waiting` tells why."],
            ),
            (
                &[
                    waits(later),
                    change(true),
                    waits(behind),
                    waits(later),
                    change(true),
                ],
                &[
                    "2 changes were refused and need you: `duet events waiting` tells why.",
                    "3 changes wait to be sent. It is tried again at 12:05. It is sent after that. `duet \
                     events waiting` lists what waits.",
                ],
            ),
        ];
        for (waiting, expect) in rows {
            assert_eq!(unsent(waiting), expect);
        }
    }

    #[test]
    fn what_went_wrong_names_the_account_and_each_calendar() {
        let failure = |name: &str| CalendarFailure {
            id: "x@example.com".into(),
            name: name.into(),
            error: "It is gone.".into(),
        };
        let partly = AccountReport {
            error: Some("Team: It is gone.".into()),
            failures: vec![failure("Team"), failure("\u{1b}[2JHolidays")],
            ..report(Outcome::Partial)
        };
        let failed = AccountReport {
            error: Some("It broke.".into()),
            ..report(Outcome::Failed)
        };
        let both = AccountReport {
            failures: vec![failure("Team")],
            ..failed.clone()
        };
        for (account, expect) in [
            (report(Outcome::Done), &[][..]),
            (
                partly,
                &[
                    "ana@example.com, calendar Team: It is gone.",
                    "ana@example.com, calendar  [2JHolidays: It is gone.",
                ],
            ),
            (failed, &["ana@example.com: It broke."]),
            (
                both,
                &[
                    "ana@example.com: It broke.",
                    "ana@example.com, calendar Team: It is gone.",
                ],
            ),
        ] {
            let accounts = vec![account];
            assert_eq!(complaints(&SyncReport { accounts }), expect);
        }
    }

    #[test]
    fn the_exit_code_says_what_a_person_must_know_first() {
        use Outcome::{Done, Failed, Partial, Reconnect};
        let all = |outcomes: &[Outcome]| SyncReport {
            accounts: outcomes.iter().copied().map(report).collect(),
        };
        for (outcomes, expect) in [
            (&[][..], Exit::Done),
            (&[Done, Done], Exit::Done),
            (&[Done, Partial], Exit::Partly),
            (&[Done, Failed], Exit::Partly),
            (&[Failed, Failed], Exit::Failed),
            (&[Done, Reconnect], Exit::Reconnect),
            (&[Failed, Reconnect], Exit::Reconnect),
        ] {
            assert_eq!(exit_of(&all(outcomes)), expect, "{outcomes:?}");
        }
    }
}
