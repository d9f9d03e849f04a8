//! `duet events`: Duet's own events, here and in Google Calendar.
//!
//! Before anything leaves, what will happen and who will be mailed is printed; where somebody would be
//! mailed, or single occurrences of a series would be as they were, it is asked first, or `--yes` has said
//! so.

mod agree;
mod arguments;
mod conflicts;
mod footprint;
mod moved;
mod print;

use duet_app::{App, Copy, Pace};
use duet_model::account::Tier;
use duet_model::duet_event::{DuetEventId, Guest, Scope};
use duet_model::outbox::{Notify, OpId};
use duet_wire::availability::When;
use duet_wire::conflict::ConflictView;
use duet_wire::duet_event::{
    Changed, DuetEventView, EventChange, EventDraft, Place, ReminderDraft, Typed, Undone,
};
use duet_wire::status::{Outcome, SyncReport};
use duet_wire::{ErrorCode, WireError};

use self::agree::agree;
pub(super) use self::agree::ask;
pub(crate) use self::arguments::EventVerb;
use self::arguments::{Details, Mail, Occurrence, ShowAs, WhereTo};
pub(crate) use self::conflicts::{ConflictVerb, verb as conflicts};
pub(super) use self::conflicts::{complain_since, newest};
use self::footprint::Wanted;
use super::arguments::Form;
use super::run::show;
use super::times::{self, Edge};
use super::{Exit, complain, say};

/// Runs one of them to its end.
pub(super) async fn verb(app: &App, verb: EventVerb) -> Result<Exit, WireError> {
    let zone = app.zone();
    match verb {
        EventVerb::Add {
            span,
            title,
            details,
            google,
            where_to,
            mail,
            form,
        } => {
            let place = place(app, google || where_to.is_given(), &where_to).await?;
            let (start, end, hangs) = typed(&span.from, &span.to, details.repeat.is_some(), app)?;
            let mut draft = EventDraft {
                title,
                start,
                end,
                location: String::new(),
                notes: String::new(),
                guests: Vec::new(),
                repeat: None,
                reminder: ReminderDraft::Default,
                transparent: false,
                conference: false,
                place,
            };
            fill(&mut draft, &details)?;
            let notify = Notify::from(mail.notify);
            if draft.conference && draft.place.is_none() {
                return Err(WireError::new(
                    ErrorCode::Invalid,
                    "Google makes the address for a call, so --call needs --google.",
                ));
            }
            let mailing = app.mailing_of_new(&draft, &hangs, notify).await?;
            agree(&mailing, Undone::default(), &mail, "Adding it")?;
            let made = app
                .create_event_in(&draft, &hangs, notify, Pace::AtOnce)
                .await?;
            done(app, &made, draft.place.as_ref(), form.json, "It is added").await
        }
        EventVerb::List { form } => {
            let events = app.duet_events().await?;
            show(form, &events, || print::list(&zone, &events))?;
            Ok(Exit::Done)
        }
        EventVerb::Show {
            id,
            occurrence,
            form,
        } => {
            let start = slot(app, &occurrence)?;
            details(app, &id, start, form).await
        }
        EventVerb::Edit {
            id,
            occurrence,
            from,
            to,
            title,
            details,
            without,
            google,
            where_to,
            mail,
            form,
        } => {
            let change = change(app, id, &occurrence, &mail)?;
            let before = app.duet_event(&change.id, change.slot).await?;
            let mut draft = draft_of(&before);
            if let Some(title) = title {
                draft.title = title;
            }
            let given = (from.as_deref(), to.as_deref());
            let repeats = before.repeat.is_some() && change.scope != Scope::This;
            let stands = (before.start, before.end);
            let hangs = moved::put(&mut draft, stands, given, repeats, &zone)?;
            if google || where_to.is_given() {
                draft.place = place(app, true, &where_to).await?;
            }
            fill(&mut draft, &details)?;
            draft
                .guests
                .retain(|guest| !without.iter().any(|out| guest.is(out)));
            let mailing = app.mailing_of_change(&change, &draft, &hangs).await?;
            let undone = app.undone_by_change(&change, &draft, &hangs).await?;
            agree(&mailing, undone, &mail, "Changing it")?;
            let changed = app
                .change_event_in(&change, &draft, &hangs, Pace::AtOnce)
                .await?;
            done(
                app,
                &changed,
                draft.place.as_ref(),
                form.json,
                "It is changed",
            )
            .await
        }
        EventVerb::Remove {
            id,
            occurrence,
            google,
            mail,
        } => {
            let change = change(app, id, &occurrence, &mail)?;
            let before = app.duet_event(&change.id, change.slot).await?;
            let place = before.google.as_ref().map(|google| google.place.clone());
            let whole = change.slot.is_none() || change.scope == Scope::All;
            if place.is_some() && !google && !whole {
                return Err(WireError::new(
                    ErrorCode::Invalid,
                    "Occurrences of a series that is in Google Calendar are removed there as well: add \
                     --google.",
                ));
            }
            let copy = if google { Copy::Goes } else { Copy::Stays };
            let mailing = app.mailing_of_deletion(&change, copy).await?;
            agree(&mailing, Undone::default(), &mail, "Removing it")?;
            let gone = app.delete_event(&change, copy, Pace::AtOnce).await?;
            let there = before.google.as_ref().map(|it| it.there);
            let words = print::removed(there, google, !gone.waits.is_empty());
            // Where nothing is to be sent, Google is not asked.
            let place = place.filter(|_| google && !gone.waits.is_empty());
            done(app, &gone, place.as_ref(), false, words).await
        }
        EventVerb::Withdraw { id, mail } => {
            let id = DuetEventId(id);
            let before = app.duet_event(&id, None).await?;
            let Some(google) = &before.google else {
                say("It is not in Google Calendar.");
                return Ok(Exit::Done);
            };
            let (place, there) = (google.place.clone(), google.there);
            let notify = mail.notify.into();
            let mailing = app.mailing_of_withdrawal(&id, notify).await?;
            agree(&mailing, Undone::default(), &mail, "Taking it out")?;
            let changed = app.remove_from_google(&id, notify, Pace::AtOnce).await?;
            let sends = !changed.waits.is_empty();
            let words = print::withdrawn(there || sends);
            done(app, &changed, Some(&place).filter(|_| sends), false, words).await
        }
        EventVerb::Waiting { form } => {
            let waiting = app.waiting().await?;
            show(form, &waiting, || print::waiting(&waiting))?;
            Ok(Exit::Done)
        }
        EventVerb::Footprint {
            ids,
            left_behind,
            remove,
            yes,
            form,
        } => {
            let wanted = Wanted { ids, left_behind };
            if remove {
                footprint::remove(app, &wanted, yes, form).await
            } else {
                footprint::list(app, &wanted, form).await
            }
        }
        EventVerb::Retry { number } => {
            let waiting = app.waiting().await?.into_iter();
            let event = waiting
                .filter(|it| it.id == OpId(number))
                .find_map(|it| it.event);
            app.retry_op(OpId(number)).await?;
            let sent = send(app, vec![OpId(number)], event).await?;
            tell(app, &sent, "It is tried again").await
        }
        EventVerb::Discard { number } => {
            app.discard_op(OpId(number)).await?;
            say("It is given up.");
            Ok(Exit::Done)
        }
    }
}

/// An event of Duet's own in all its details.
pub(super) async fn details(
    app: &App,
    id: &str,
    start: Option<When>,
    form: Form,
) -> Result<Exit, WireError> {
    let event = app.duet_event(&DuetEventId(id.to_owned()), start).await?;
    show(form, &event, || print::event(&app.zone(), &event))?;
    Ok(Exit::Done)
}

impl WhereTo {
    fn is_given(&self) -> bool {
        self.account.is_some() || self.calendar.is_some()
    }
}

/// The calendar to write to: the one that was named, or the account's own.
async fn place(app: &App, google: bool, to: &WhereTo) -> Result<Option<Place>, WireError> {
    if !google {
        return Ok(None);
    }
    let invalid = |words: String| WireError::new(ErrorCode::Invalid, words);
    let mut accounts = app.accounts().await?;
    if accounts.is_empty() {
        return Err(invalid(
            "No Google account is connected. `duet connect --tier write` connects one.".to_owned(),
        ));
    }
    if let Some(email) = &to.account {
        accounts.retain(|account| account.email.eq_ignore_ascii_case(email));
        if accounts.is_empty() {
            return Err(invalid(format!(
                "No account {email:?} is connected. `duet accounts` lists what there is."
            )));
        }
    }
    if let Some(id) = &to.calendar {
        let calendars = app.calendars().await?;
        let lists = |email: &str| {
            calendars
                .iter()
                .any(|it| it.id == *id && it.account == email)
        };
        accounts.retain(|account| lists(&account.email));
    }
    let readable = !accounts.is_empty();
    accounts.retain(|account| account.tier == Tier::Write);
    match accounts.as_slice() {
        [account] => Ok(Some(Place {
            account: account.email.clone(),
            calendar: to.calendar.clone().unwrap_or_else(|| account.email.clone()),
        })),
        [] if readable => Err(invalid(
            "Duet may only read there. Run `duet connect --tier write --account EMAIL` to let it write."
                .to_owned(),
        )),
        [] => Err(invalid(format!(
            "{} has no calendar with the id {:?}. `duet calendars` lists what there is.",
            to.account.as_deref().unwrap_or("No connected account"),
            to.calendar.as_deref().unwrap_or_default()
        ))),
        several => Err(invalid(format!(
            "Say which account: --account {}.",
            several
                .iter()
                .map(|account| account.email.as_str())
                .collect::<Vec<_>>()
                .join(" or --account ")
        ))),
    }
}

/// Times as they were typed, and the zone that their wall clock hangs in: days where both are dates.
fn typed(
    from: &str,
    to: &str,
    repeats: bool,
    app: &App,
) -> Result<(Typed, Typed, String), WireError> {
    let zone = app.zone();
    times::on_the_minute(from)?;
    times::on_the_minute(to)?;
    if let (Some(first), Some(last)) = (times::date(from), times::date(to)) {
        let end = last.succ_opt().unwrap_or(last);
        return Ok((Typed::Date(first), Typed::Date(end), zone.name().to_owned()));
    }
    let place = times::place(Edge::start(from)?, Edge::end(to)?, repeats, &zone)?;
    Ok((Typed::Wall(place.start), Typed::Wall(place.end), place.zone))
}

/// Puts what was given into a draft.
fn fill(draft: &mut EventDraft, details: &Details) -> Result<(), WireError> {
    if let Some(place) = &details.place {
        draft.location.clone_from(place);
    }
    if let Some(notes) = &details.notes {
        draft.notes.clone_from(notes);
    }
    for email in &details.guests {
        if !draft.guests.iter().any(|guest| guest.is(email)) {
            draft.guests.push(Guest {
                email: email.clone(),
                name: None,
                optional: false,
            });
        }
    }
    match details.repeat.as_deref().map(str::trim) {
        None => {}
        Some(word) if word.eq_ignore_ascii_case("none") => draft.repeat = None,
        Some(rule) => draft.repeat = Some(rule.to_owned()),
    }
    match details.remind.as_deref().map(str::trim) {
        None => {}
        Some("never") => draft.reminder = ReminderDraft::Never,
        Some("default") => draft.reminder = ReminderDraft::Default,
        Some(minutes) => {
            let minutes = minutes.parse().map_err(|_| {
                WireError::new(
                    ErrorCode::Invalid,
                    "Say --remind with a number of minutes, \"never\" or \"default\".",
                )
            })?;
            draft.reminder = ReminderDraft::Before(minutes);
        }
    }
    if let Some(show_as) = details.show_as {
        draft.transparent = show_as == ShowAs::Free;
    }
    draft.conference |= details.call;
    Ok(())
}

/// An event as its editor would show it.
fn draft_of(event: &DuetEventView) -> EventDraft {
    EventDraft {
        title: event.title.clone(),
        start: event.typed_start,
        end: event.typed_end,
        location: event.location.clone(),
        notes: event.notes.clone(),
        guests: guests_of(event),
        repeat: event.repeat.clone(),
        reminder: event.reminder,
        transparent: event.transparent,
        conference: event.conference,
        place: event.google.as_ref().map(|google| google.place.clone()),
    }
}

fn guests_of(event: &DuetEventView) -> Vec<Guest> {
    let guest = |guest: &duet_wire::event::GuestView| {
        let email = guest.email.clone()?;
        Some(Guest {
            name: (guest.name != email).then(|| guest.name.clone()),
            email,
            optional: guest.optional,
        })
    };
    event.guests.iter().filter_map(guest).collect()
}

fn slot(app: &App, occurrence: &Occurrence) -> Result<Option<When>, WireError> {
    let Some(text) = &occurrence.occurrence else {
        return Ok(None);
    };
    if let Some(day) = times::date(text) {
        return Ok(Some(When::Date(day)));
    }
    let edge = Edge::start(text)?;
    Ok(Some(When::Instant(edge.instant(&app.zone()))))
}

fn change(
    app: &App,
    id: String,
    occurrence: &Occurrence,
    mail: &Mail,
) -> Result<EventChange, WireError> {
    let slot = slot(app, occurrence)?;
    Ok(EventChange {
        id: DuetEventId(id),
        scope: match (occurrence.scope, slot) {
            (Some(scope), _) => scope.into(),
            (None, Some(_)) => Scope::This,
            (None, None) => Scope::All,
        },
        slot,
        notify: mail.notify.into(),
    })
}

/// Sends what was queued, and tells how it stands.
async fn done(
    app: &App,
    changed: &Changed,
    place: Option<&Place>,
    json: bool,
    words: &str,
) -> Result<Exit, WireError> {
    let exit = match place {
        None => {
            if !json {
                say(&format!("{words}."));
            }
            Exit::Done
        }
        Some(_) => {
            let sent = send(app, changed.waits.clone(), changed.id.clone()).await?;
            if json {
                complain_of(app, &sent).await?
            } else {
                tell(app, &sent, words).await?
            }
        }
    };
    match &changed.id {
        Some(id) if json => {
            let event = app.duet_event(id, None).await?;
            show(Form { json }, &event, || {})?;
        }
        Some(id) => say(&id.0),
        None => {}
    }
    Ok(exit)
}

/// What came of sending what waits.
struct Sent {
    report: SyncReport,
    /// What was to be sent by this command.
    queued: Vec<OpId>,
    /// The event that it is about.
    event: Option<DuetEventId>,
    /// What Google had changed as well.
    clashed: Vec<ConflictView>,
}

/// Sends what waits, of all accounts: what is moved to another one is deleted where it was.
async fn send(app: &App, queued: Vec<OpId>, event: Option<DuetEventId>) -> Result<Sent, WireError> {
    let newest = conflicts::newest(app).await?;
    Ok(Sent {
        report: app.push_now(None).await?,
        queued,
        event,
        clashed: conflicts::since(app, newest).await?,
    })
}

/// What was carried out at Google, and what of these waits.
async fn tell(app: &App, sent: &Sent, words: &str) -> Result<Exit, WireError> {
    let waiting = app.waiting().await?;
    let clashes = |it: &ConflictView| Some(&it.event) == sent.event.as_ref();
    if waiting.iter().any(|it| sent.queued.contains(&it.id)) {
        say(&format!("{words}, so far only in Duet."));
    } else if sent.clashed.iter().any(clashes) {
        say(&format!(
            "{words}, except for what had been changed in Google Calendar as well."
        ));
    } else {
        say(&format!("{words}, and Google Calendar has it so."));
    }
    complain_of(app, sent).await
}

/// What of these waits or was not taken, and why, on stderr; of others only that they wait.
async fn complain_of(app: &App, sent: &Sent) -> Result<Exit, WireError> {
    let waiting = app.waiting().await?;
    let clashed = conflicts::complain_of(&sent.clashed, sent.event.as_ref());
    let (own, others): (Vec<_>, Vec<_>) = waiting
        .iter()
        .partition(|change| sent.queued.contains(&change.id));
    for change in &own {
        complain(&format!("{}: {}", change.what, change.because));
    }
    if !own.is_empty() {
        complain(
            "`duet events waiting` shows what waits; `duet sync` sends it, and so does the window.",
        );
    }
    match others.len() {
        0 => {}
        1 => complain("Another change waits: `duet events waiting` tells why."),
        many => complain(&format!(
            "{many} other changes wait: `duet events waiting` tells why."
        )),
    }
    let revoked = sent
        .report
        .accounts
        .iter()
        .any(|it| it.outcome == Outcome::Reconnect);
    Ok(match own.is_empty() {
        true if clashed => Exit::Partly,
        true => Exit::Done,
        false if revoked => Exit::Reconnect,
        false => Exit::Partly,
    })
}

#[cfg(test)]
mod tests;
