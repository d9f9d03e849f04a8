//! The editor of Duet's own events: a modal dialog that begins in the title and says, before anything
//! leaves, who will be mailed.

use chrono::NaiveDateTime;
use duet_model::account::Tier;
use duet_model::duet_event::Scope;
use duet_model::outbox::Notify;
use duet_wire::accounts::CalendarView;
use duet_wire::duet_event::{DuetEventView, EventChange, EventWish, Place, ReminderDraft};
use web_sys::{HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::components::dialogs::Modal;
use crate::components::editor::{repeat_fields, span_for_new, time_field};
use crate::components::field::{changed, typed};
use crate::components::guest_field::GuestField;
use crate::components::icon::{Icon, icon};
use crate::components::mail::MailLine;
use crate::components::switch::Switch;
use crate::deeds;
use crate::hooks::{Now, Store, use_now, use_store};
use crate::state::app::Action;
use crate::state::dialog::{Dialog, EventSeed};
use crate::state::draft::Form;
use crate::state::event_form::{EventFaults, EventForm};
use crate::words;

/// The reminders that are offered, in minutes.
const REMINDERS: [u32; 6] = [0, 5, 10, 30, 60, 1440];

/// Opens the editor for a new event at the next fitting time.
pub(crate) fn open_new(store: &Store, now: Now) {
    if let Some((start, end)) = span_for_new(store, now) {
        open_span(store, start, end);
    }
}

/// Opens the editor for a new event at this time.
pub(crate) fn open_span(store: &Store, start: NaiveDateTime, end: NaiveDateTime) {
    show(
        store,
        EventSeed {
            event: None,
            span: Some((start, end)),
        },
    );
}

/// Opens the editor for an event that is there, or for the chosen occurrence of a series.
pub(crate) fn open(store: &Store, event: DuetEventView) {
    let event = Some(event);
    show(store, EventSeed { event, span: None });
}

fn show(store: &Store, seed: EventSeed) {
    store.dispatch(Action::Show(Dialog::EventEditor(Box::new(seed))));
}

/// What the editor begins with.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The event or the empty time.
    pub(crate) seed: EventSeed,
}

/// The editor.
#[component]
pub(crate) fn EventEditor(props: &Props) -> Html {
    let store = use_store();
    let now = use_now();
    let EventSeed { event, span } = props.seed.clone();
    let today = store.today(now).unwrap_or_default();
    let form = use_state(|| match (&event, span) {
        (Some(event), Some(span)) => EventForm::of(event, today).moved_to(span),
        (Some(event), None) => EventForm::of(event, today),
        (None, span) => EventForm::new(span.unwrap_or_default(), today),
    });
    let scope = use_state(|| Scope::This);
    let notify = use_state(|| Notify::All);
    let faults = use_state(EventFaults::default);
    let of_series = event.as_ref().is_some_and(|event| event.slot.is_some());
    let scope_now = if of_series { *scope } else { Scope::All };
    let edit = |with: fn(&mut EventForm, String)| {
        let (form, faults) = (form.clone(), faults.clone());
        Callback::from(move |text: String| {
            let mut new = (*form).clone();
            with(&mut new, text);
            form.set(new);
            faults.set(EventFaults::default());
        })
    };
    let alter = |with: fn(&mut Form)| {
        let form = form.clone();
        Callback::from(move |()| {
            let mut new = (*form).clone();
            with(&mut new.times);
            form.set(new);
        })
    };
    let flag = |with: fn(&mut EventForm, bool)| {
        let form = form.clone();
        Callback::from(move |on: bool| {
            let mut new = (*form).clone();
            with(&mut new, on);
            form.set(new);
        })
    };
    let change = event.as_ref().map(|event| EventChange {
        id: event.id.clone(),
        slot: event.slot,
        scope: scope_now,
        notify: *notify,
    });
    // What is here alone, and stays so, concerns nobody; a series its own occurrences.
    let was = of_series || event.as_ref().is_some_and(|event| event.google.is_some());
    let draft = form.so_far().filter(|draft| was || draft.place.is_some());
    let concerned = draft.as_ref().is_some_and(|draft| !draft.guests.is_empty())
        || event.as_ref().is_some_and(|event| !event.guests.is_empty());
    let wish = draft.map(|draft| match &change {
        None => EventWish::Create {
            draft,
            notify: *notify,
        },
        Some(change) => EventWish::Change {
            change: change.clone(),
            draft,
        },
    });
    let save = {
        let (store, form, faults) = (store.clone(), form.clone(), faults.clone());
        let notify = *notify;
        move || match (form.read(), change.clone()) {
            (Ok(draft), None) => deeds::create_event(&store, draft, notify),
            (Ok(draft), Some(change)) => deeds::change_event(&store, change, draft),
            (Err(found), _) => faults.set(found),
        }
    };
    let onclose = {
        let store = store.clone();
        Callback::from(move |()| store.dispatch(Action::Close))
    };
    let cancel = onclose.clone();
    let heading = if event.is_some() {
        "Change event"
    } else {
        "New event"
    };
    html! {
        <Modal {heading} class="editor event" testid="editor" {onclose}>
            <form method="dialog" novalidate=true onsubmit={
                move |event: SubmitEvent| { event.prevent_default(); save() }
            }>
                <input class="field title-field" data-testid="editor-title" aria-label="Title" placeholder="What for? It may stay empty"
                    maxlength="200" autocomplete="off" autofocus=true value={form.times.title.clone()}
                    oninput={typed(&edit(|form, text| form.times.title = text))} onchange={changed(&edit(|form, text| form.times.title = text))} />
                <div class="times">
                    { time_field("Start", "editor-start", &form.times.start, faults.times.start,
                        &edit(|form, text| form.times.start = text), alter(Form::settle_start),
                        alter(|form| form.nudge_start(true)), alter(|form| form.nudge_start(false))) }
                    { time_field(if form.times.whole() { "Last day" } else { "End" }, "editor-end", &form.times.end, faults.times.end,
                        &edit(|form, text| form.times.end = text), alter(Form::settle_end),
                        alter(|form| form.nudge_end(true)), alter(|form| form.nudge_end(false))) }
                </div>
                <div class="flags">
                    <span class="hint">{ form.times.length().unwrap_or_default() }</span>
                    { flagged("Whole days", form.times.whole(), "editor-all-day", flag(|form, on| form.times.set_whole(on))) }
                    { flagged("Show as free", form.transparent, "editor-free", flag(|form, on| form.transparent = on)) }
                </div>
                if of_series {
                    { scopes(&scope) }
                }
                if scope_now != Scope::This {
                    { repeat(&form, faults.times.count, &edit(|form, text| form.times.count = text)) }
                }
                <div class="outward">
                    { google(&store, &form) }
                    if form.place.is_some() {
                        <GuestField typed={form.guests.clone()} fault={faults.guests.clone()} set={edit(|form, text| form.guests = text)} />
                        { flagged("With a video call", form.conference, "editor-call", flag(|form, on| form.conference = on)) }
                    }
                </div>
                <div class="times">
                    <label class="labelled"><span>{ "Where" }</span>
                        <input class="field" data-testid="editor-where" autocomplete="off" value={form.location.clone()}
                            oninput={typed(&edit(|form, text| form.location = text))} onchange={changed(&edit(|form, text| form.location = text))} />
                    </label>
                    { reminder(&form) }
                </div>
                <label class="labelled"><span>{ "Notes" }</span>
                    <textarea class="field" rows="2" data-testid="editor-notes" value={form.notes.clone()}
                        oninput={edit(|form, text| form.notes = text).reform(|event: InputEvent| event.target_unchecked_into::<HtmlTextAreaElement>().value())} />
                </label>
                <div class="editor-foot">
                    <MailLine {wish} doing="Saving" notify={notify.clone()} testid="editor" guests={concerned} typing=true />
                    <div class="dialog-foot">
                        if let Some(event) = event.clone() {
                            <button type="button" class="button danger" data-testid="editor-delete" onclick={
                                let store = store.clone();
                                move |_| store.dispatch(Action::Show(Dialog::DeleteEvent(Box::new(event.clone()))))
                            }>{ icon(Icon::Bin) }{ "Delete" }</button>
                        }
                        <span class="spring"></span>
                        <button type="button" class="button" data-testid="editor-cancel" onclick={move |_| cancel.emit(())}>{ "Cancel" }</button>
                        <button type="submit" class="button primary" data-testid="editor-save">{ "Save" }</button>
                    </div>
                </div>
            </form>
        </Modal>
    }
}

fn flagged(label: &'static str, on: bool, testid: &'static str, onchange: Callback<bool>) -> Html {
    html! { <div class="flag"><Switch {on} {label} {testid} {onchange} /><span aria-hidden="true">{ label }</span></div> }
}

/// Which occurrences are meant.
pub(crate) fn scopes(scope: &UseStateHandle<Scope>) -> Html {
    let choice = |value: Scope, testid: &'static str, words: &'static str| {
        let set = scope.setter();
        html! {
            <label class="choice">
                <input type="radio" name="scope" data-testid={testid} checked={**scope == value} onchange={move |_| set.set(value)} />
                <span>{ words }</span>
            </label>
        }
    };
    html! {
        <fieldset class="choices" aria-label="Which of them">
            { choice(Scope::This, "editor-scope-this", "Only this one") }
            { choice(Scope::Following, "editor-scope-following", "This and all later ones") }
            { choice(Scope::All, "editor-scope-all", "All of them") }
        </fieldset>
    }
}

fn repeat(
    form: &UseStateHandle<EventForm>,
    fault: Option<&'static str>,
    count: &Callback<String>,
) -> Html {
    let set = {
        let form = form.clone();
        Callback::from(move |preset| {
            let mut new = (*form).clone();
            new.times.preset = preset;
            form.set(new);
        })
    };
    repeat_fields(&form.times, fault, count, set)
}

/// The switch "Add to Google Calendar" and the calendars it can be added to; or the way to a permission.
fn google(store: &Store, form: &UseStateHandle<EventForm>) -> Html {
    let Some(overview) = store.overview.as_ref() else {
        return html! {};
    };
    let accounts = &overview.status.accounts;
    let Some(reader) = accounts.first() else {
        return html! {
            <p class="hint" data-testid="editor-no-google">{ "Without a Google account this event stays here, and nobody can be invited." }</p>
        };
    };
    let may = |email: &str| {
        let mut accounts = accounts.iter();
        accounts.any(|it| it.email == email && it.tier == Tier::Write)
    };
    let writable = overview
        .calendars
        .iter()
        .filter(|it| may(&it.account) && it.access_role.can_write());
    let writable: Vec<CalendarView> = writable.cloned().collect();
    let Some(first) = writable.iter().find(|it| it.primary).or(writable.first()) else {
        let ask = {
            let (store, email) = (store.clone(), reader.email.clone());
            move |_| deeds::connect(&store, Tier::Write, Some(email.clone()))
        };
        return html! {
            <div class="permission" data-testid="editor-no-google">
                <span class="hint">{ "Duet may not write to Google yet, so this event stays here." }</span>
                <button type="button" class="button" data-testid="editor-enable-write" title={format!("Asks Google for the permission, for {}", reader.email)} onclick={ask}>{ "Allow writing" }</button>
            </div>
        };
    };
    let set_place = {
        let form = form.clone();
        move |place: Option<Place>| {
            let mut new = (*form).clone();
            new.place = place;
            form.set(new);
        }
    };
    let switch = {
        let (set_place, first) = (set_place.clone(), place_of(first));
        Callback::from(move |on: bool| set_place(on.then(|| first.clone())))
    };
    let choose = {
        let writable = writable.clone();
        move |event: Event| {
            let chosen = event
                .target_unchecked_into::<HtmlSelectElement>()
                .selected_index();
            let chosen = usize::try_from(chosen).ok().and_then(|at| writable.get(at));
            set_place(chosen.map(place_of));
        }
    };
    let on = form.place.is_some();
    html! {
        <div class="permission">
            { flagged("Add to Google Calendar", on, "editor-google", switch) }
            if on && writable.len() > 1 {
                <select class="field" aria-label="Calendar" data-testid="editor-calendar" onchange={choose}>
                    { for writable.iter().map(|it| html! {
                        <option key={format!("{} {}", it.account, it.id)} selected={form.place.as_ref() == Some(&place_of(it))}>{ words::calendar_of(it) }</option>
                    }) }
                </select>
            } else if on {
                <span class="hint">{ words::calendar_of(first) }</span>
            }
        </div>
    }
}

fn place_of(calendar: &CalendarView) -> Place {
    Place {
        account: calendar.account.clone(),
        calendar: calendar.id.clone(),
    }
}

fn reminder(form: &UseStateHandle<EventForm>) -> Html {
    let mut offered = vec![ReminderDraft::Default, ReminderDraft::Never];
    offered.extend(REMINDERS.map(ReminderDraft::Before));
    if !offered.contains(&form.reminder) {
        offered.push(form.reminder);
    }
    let set = {
        let (form, offered) = (form.clone(), offered.clone());
        move |event: Event| {
            let at = event
                .target_unchecked_into::<HtmlSelectElement>()
                .selected_index();
            if let Some(chosen) = usize::try_from(at).ok().and_then(|at| offered.get(at)) {
                let mut new = (*form).clone();
                new.reminder = *chosen;
                form.set(new);
            }
        }
    };
    html! {
        <label class="labelled"><span>{ "Reminder" }</span>
            <select class="field" data-testid="editor-reminder" onchange={set}>
                { for offered.iter().map(|one| html! { <option key={words::reminder(*one)} selected={*one == form.reminder}>{ words::reminder(*one) }</option> }) }
            </select>
        </label>
    }
}
