//! The editor of manual blocks: a modal dialog that begins in the title.

use chrono::{NaiveDateTime, TimeDelta};
use duet_wire::blocks::Scope;
use duet_wire::grid::BlockView;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::event_editor;
use crate::components::field::{changed, typed};
use crate::components::icon::{Icon, icon};
use crate::deeds;
use crate::hooks::{Now, Store, use_modal, use_now, use_store};
use crate::state::app::{Action, minute_of_day};
use crate::state::dialog::{Dialog, Seed};
use crate::state::draft::{Faults, Form};
use crate::state::place;
use crate::state::repeat::{OFFERED, Preset};

/// Opens the editor for a new block at the next fitting time.
pub(crate) fn open_new(store: &Store, now: Now) {
    if let Some((start, end)) = span_for_new(store, now) {
        open_span(store, start, end);
    }
}

/// An hour for something new: at the next half hour if today is in view, else in the morning of the
/// first day.
pub(crate) fn span_for_new(store: &Store, now: Now) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let span = store.shown()?;
    let grid = store.grids.get(span).cloned();
    let today = grid
        .iter()
        .flat_map(|grid| grid.days.iter())
        .find_map(|day| Some((day, minute_of_day(day, now)?)));
    let start = match today {
        Some((day, minute)) => {
            let next = (minute / 30 + 1) * 30;
            place::wall_at(day, next.min(day.minutes.saturating_sub(30)))
        }
        None => {
            let first = u32::from(store.settings().working_hours.0.min(23));
            let day = store
                .anchor
                .filter(|anchor| span.contains(*anchor))
                .unwrap_or(span.from);
            day.and_hms_opt(first, 0, 0)
        }
    };
    start.map(|start| (start, start + TimeDelta::hours(1)))
}

/// Opens the editor for a new block at this time.
pub(crate) fn open_span(store: &Store, start: NaiveDateTime, end: NaiveDateTime) {
    store.dispatch(Action::Show(Dialog::Editor(Box::new(Seed {
        block: None,
        span: (start, end),
    }))));
}

/// Opens the editor for a block that is there; one from Google cannot be edited here.
pub(crate) fn open(store: &Store, block: &BlockView) {
    if block.manual.is_some() {
        let span = (block.wall_start, block.wall_end);
        store.dispatch(Action::Show(Dialog::Editor(Box::new(Seed {
            block: Some(block.clone()),
            span,
        }))));
    }
}

/// What the editor begins with.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The block or the empty time.
    pub(crate) seed: Seed,
}

/// The editor.
#[component]
pub(crate) fn Editor(props: &Props) -> Html {
    let store = use_store();
    let now = use_now();
    let dialog = use_modal();
    let Seed { block, span } = props.seed.clone();
    let rule = block
        .as_ref()
        .and_then(|block| block.manual.as_ref())
        .and_then(|manual| manual.repeat.clone());
    let form = use_state(|| {
        let title = block
            .as_ref()
            .map(|block| block.title.as_str())
            .unwrap_or_default();
        let today = store.today(now).unwrap_or(span.0.date());
        Form::new(title, span, rule.as_deref(), today)
    });
    let scope = use_state(|| Scope::This);
    let faults = use_state(Faults::default);
    let repeating = rule.is_some();
    let scope_now = if repeating { *scope } else { Scope::All };

    let change = |with: fn(&mut Form, String)| {
        let (form, faults) = (form.clone(), faults.clone());
        Callback::from(move |text: String| {
            let mut new = (*form).clone();
            with(&mut new, text);
            form.set(new);
            faults.set(Faults::default());
        })
    };
    let alter = |with: fn(&mut Form)| {
        let form = form.clone();
        Callback::from(move |()| {
            let mut new = (*form).clone();
            with(&mut new);
            form.set(new);
        })
    };
    let save = {
        let (store, form, faults, block) =
            (store.clone(), form.clone(), faults.clone(), block.clone());
        move || match form.read() {
            Ok(draft) => {
                store.dispatch(Action::Close);
                match &block {
                    Some(block) => deeds::update(&store, block, draft, scope_now),
                    None => deeds::create(&store, draft),
                }
            }
            Err(found) => faults.set(found),
        }
    };
    let close = {
        let store = store.clone();
        move || store.dispatch(Action::Close)
    };
    let heading = if block.is_some() {
        "Change block"
    } else {
        "Block time"
    };
    html! {
        <dialog ref={dialog} class="dialog editor" data-testid="editor" aria-label={heading} oncancel={
            let close = close.clone();
            move |event: Event| { event.prevent_default(); close() }
        }>
            <form method="dialog" novalidate=true onsubmit={
                move |event: SubmitEvent| { event.prevent_default(); save() }
            }>
                <div class="dialog-head">
                    <h2>{ heading }</h2>
                    <button type="button" class="button ghost square" aria-label="Close" onclick={
                        let close = close.clone();
                        move |_| close()
                    }>{ icon(Icon::Cross) }</button>
                </div>
                <input
                    class="field title-field"
                    data-testid="editor-title"
                    aria-label="Title"
                    placeholder="What for? It may stay empty"
                    maxlength="200"
                    autocomplete="off"
                    autofocus=true
                    value={form.title.clone()}
                    oninput={typed(&change(|form, text| form.title = text))}
                    onchange={changed(&change(|form, text| form.title = text))}
                />
                <div class="times">
                    { time_field("Start", "editor-start", &form.start, faults.start,
                        &change(|form, text| form.start = text), alter(Form::settle_start),
                        alter(|form| form.nudge_start(true)), alter(|form| form.nudge_start(false))) }
                    { time_field("End", "editor-end", &form.end, faults.end,
                        &change(|form, text| form.end = text), alter(Form::settle_end),
                        alter(|form| form.nudge_end(true)), alter(|form| form.nudge_end(false))) }
                </div>
                <p class="hint">
                    { form.length().map(|length| format!("{length}. ")).unwrap_or_default() }
                    { "Type 9:30, fri 14:00 or 24 nov 9:00; ↑ and ↓ move by 15 minutes." }
                </p>
                if repeating {
                    { scope_choice(&scope) }
                }
                if scope_now == Scope::All {
                    { repeat_fields(&form, faults.count, &change(|form, text| form.count = text), {
                        let form = form.clone();
                        Callback::from(move |preset| {
                            let mut new = (*form).clone();
                            new.preset = preset;
                            form.set(new);
                        })
                    }) }
                }
                <div class="dialog-foot">
                    if let Some(block) = block.clone() {
                        <button type="button" class="button danger" data-testid="editor-delete" onclick={
                            let store = store.clone();
                            move |_| deeds::delete(&store, &block, repeating.then_some(scope_now))
                        }>{ icon(Icon::Bin) }{ "Delete" }</button>
                    }
                    if block.is_none() {
                        <button type="button" class="button" data-testid="editor-as-event" title="With place, guests and a copy in Google Calendar" onclick={
                            let store = store.clone();
                            move |_| event_editor::open_span(&store, span.0, span.1)
                        }>{ icon(Icon::Calendar) }{ "Make it an event" }</button>
                    }
                    <span class="spring"></span>
                    <button type="button" class="button" data-testid="editor-cancel" onclick={move |_| close()}>{ "Cancel" }</button>
                    <button type="submit" class="button primary" data-testid="editor-save">{ "Save" }</button>
                </div>
            </form>
        </dialog>
    }
}

/// A field for a time, with the arrows moving it.
#[expect(
    clippy::too_many_arguments,
    reason = "one field, named at its two uses; a struct would only rename them"
)]
pub(crate) fn time_field(
    label: &'static str,
    testid: &'static str,
    value: &str,
    fault: Option<&'static str>,
    set: &Callback<String>,
    settle: Callback<()>,
    later: Callback<()>,
    earlier: Callback<()>,
) -> Html {
    let onkeydown = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "ArrowUp" => later.emit(()),
            "ArrowDown" => earlier.emit(()),
            _ => return,
        }
        event.prevent_default();
    };
    let (oninput, onchange) = (typed(set), changed(set));
    html! {
        <label class="labelled">
            <span>{ label }</span>
            <input
                class="field"
                data-testid={testid}
                autocomplete="off"
                spellcheck="false"
                value={value.to_owned()}
                aria-invalid={if fault.is_some() { "true" } else { "false" }}
                {oninput}
                {onchange}
                {onkeydown}
                onblur={move |_| settle.emit(())}
            />
            if let Some(fault) = fault {
                <span class="fault" role="alert">{ fault }</span>
            }
        </label>
    }
}

fn scope_choice(scope: &UseStateHandle<Scope>) -> Html {
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
        <fieldset class="choices" aria-label="What to change">
            { choice(Scope::This, "editor-scope-this", "Only this one") }
            { choice(Scope::All, "editor-scope-all", "All of them") }
        </fieldset>
    }
}

/// How it repeats, and how often.
pub(crate) fn repeat_fields(
    form: &Form,
    fault: Option<&'static str>,
    count: &Callback<String>,
    set: Callback<Preset>,
) -> Html {
    let custom = Some(form.preset.clone()).filter(|preset| matches!(preset, Preset::Custom(_)));
    let onchange = {
        let custom = custom.clone();
        move |event: Event| {
            let key = event.target_unchecked_into::<HtmlSelectElement>().value();
            let chosen = OFFERED
                .into_iter()
                .chain(custom.clone())
                .find(|preset| preset.key() == key);
            set.emit(chosen.unwrap_or_default());
        }
    };
    let ends = !matches!(form.preset, Preset::Never | Preset::Custom(_));
    html! {
        <div class="times">
            <label class="labelled">
                <span>{ "Repeat" }</span>
                <select class="field" data-testid="editor-repeat" {onchange}>
                    { for OFFERED.into_iter().chain(custom).map(|preset| html! {
                        <option key={preset.key()} value={preset.key()} selected={preset == form.preset}>{ preset.name() }</option>
                    }) }
                </select>
            </label>
            if ends {
                <label class="labelled">
                    <span>{ "Times in all" }</span>
                    <input class="field" data-testid="editor-count" inputmode="numeric" placeholder="for ever" autocomplete="off"
                        value={form.count.clone()} oninput={typed(count)} onchange={changed(count)} aria-invalid={if fault.is_some() { "true" } else { "false" }} />
                    if let Some(fault) = fault {
                        <span class="fault" role="alert">{ fault }</span>
                    }
                </label>
            }
        </div>
    }
}
