//! What is looked for: when, how long, with whom, in which zone.

use duet_wire::accounts::CalendarView;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::color;
use crate::components::icon::{Icon, icon};
use crate::components::switch::Switch;
use crate::dates;
use crate::hooks::use_store;
use crate::state::find::{DAYS, Faults, Form, LENGTHS, ZONES};

/// The form as it is.
#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// What is typed and chosen.
    pub(super) form: Form,
    /// What cannot be asked.
    pub(super) faults: Faults,
    /// Called with the form as it should be.
    pub(super) onchange: Callback<Form>,
}

/// The form.
#[component]
pub(super) fn FormView(props: &Props) -> Html {
    let Props {
        form,
        faults,
        onchange,
    } = props;
    // On "change", not on "input": a day or a zone is a question only once it is typed to its end.
    let text = |set: fn(&mut Form, String)| {
        let (form, onchange) = (form.clone(), onchange.clone());
        Callback::from(move |value: String| {
            let mut form = form.clone();
            set(&mut form, value);
            onchange.emit(form);
        })
    };
    let number = |set: fn(&mut Form, u16)| {
        let (form, onchange) = (form.clone(), onchange.clone());
        move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            if let Ok(value) = value.parse() {
                let mut form = form.clone();
                set(&mut form, value);
                onchange.emit(form);
            }
        }
    };
    let hours = {
        let (form, onchange) = (form.clone(), onchange.clone());
        Callback::from(move |on: bool| {
            let mut form = form.clone();
            form.working_hours = on;
            onchange.emit(form);
        })
    };
    html! {
        <div class="find-form">
            <div class="find-row">
                <label class="labelled"><span>{ "From" }</span>
                    <Typed testid="find-from" value={form.from.clone()} faulty={faults.from.is_some()} onchange={text(|form, value| form.from = value)} />
                </label>
                <label class="labelled"><span>{ "Within" }</span>
                    <select class="field" data-testid="find-days" onchange={number(|form, value| form.days = value)}>
                        { for DAYS.into_iter().map(|days| html! { <option key={days} value={days.to_string()} selected={days == form.days}>{ within(days) }</option> }) }
                    </select>
                </label>
                <label class="labelled"><span>{ "Length" }</span>
                    <select class="field" data-testid="find-length" onchange={number(|form, value| form.minutes = value)}>
                        { for LENGTHS.into_iter().map(|minutes| html! { <option key={minutes} value={minutes.to_string()} selected={minutes == form.minutes}>{ dates::length(i64::from(minutes)) }</option> }) }
                    </select>
                </label>
            </div>
            { fault(faults.from) }
            <div class="rule"><span aria-hidden="true">{ "Only in working hours" }</span><Switch on={form.working_hours} label="Only in working hours" testid="find-hours" onchange={hours} /></div>
            <People form={form.clone()} onchange={onchange.clone()} />
            <label class="labelled"><span>{ "Also in the zone" }</span>
                <Typed testid="find-zone" list="find-zones" placeholder="Europe/London" value={form.zone.clone()} faulty={faults.zone.is_some()} onchange={text(|form, value| form.zone = value)} />
                <datalist id="find-zones">{ for ZONES.into_iter().map(|zone| html! { <option key={zone} value={zone}></option> }) }</datalist>
            </label>
            { fault(faults.zone) }
            <Calendars form={form.clone()} onchange={onchange.clone()} />
        </div>
    }
}

/// What a field needs that is typed to its end.
#[derive(Properties, PartialEq)]
struct TypedProps {
    /// Names it for tests.
    testid: &'static str,
    /// What counts now.
    value: String,
    /// Can it not be asked?
    faulty: bool,
    /// The list of its suggestions.
    #[prop_or_default]
    list: Option<&'static str>,
    /// An example.
    #[prop_or_default]
    placeholder: &'static str,
    /// Called with what was typed, once it is.
    onchange: Callback<String>,
}

/// A field whose text is the person's until it is typed to its end: an answer that arrives meanwhile
/// draws the panel anew and must not take letters away.
#[component]
fn Typed(props: &TypedProps) -> Html {
    let text = use_state_eq(|| props.value.clone());
    {
        let text = text.clone();
        use_effect_with(props.value.clone(), move |value| text.set(value.clone()));
    }
    let typed = |event: &InputEvent| event.target_unchecked_into::<HtmlInputElement>().value();
    let oninput = {
        let text = text.clone();
        move |event: InputEvent| text.set(typed(&event))
    };
    let onchange = {
        let onchange = props.onchange.clone();
        move |event: Event| onchange.emit(event.target_unchecked_into::<HtmlInputElement>().value())
    };
    let onkeydown = {
        let onchange = props.onchange.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                onchange.emit(event.target_unchecked_into::<HtmlInputElement>().value());
            }
        }
    };
    html! {
        <input class="field" data-testid={props.testid} list={props.list} placeholder={props.placeholder} autocomplete="off" spellcheck="false"
            value={(*text).clone()} aria-invalid={if props.faulty { "true" } else { "false" }} {oninput} {onchange} {onkeydown} />
    }
}

fn fault(words: Option<&'static str>) -> Html {
    words.map_or_else(Html::default, |words| {
        html! { <p class="fault" role="alert">{ words }</p> }
    })
}

fn within(days: u16) -> String {
    match days {
        1 => "1 day".to_owned(),
        days if days % 7 == 0 && days > 7 => format!("{} weeks", days / 7),
        7 => "1 week".to_owned(),
        days => format!("{days} days"),
    }
}

#[derive(Properties, PartialEq)]
struct PartProps {
    form: Form,
    onchange: Callback<Form>,
}

/// The others: a field whose addresses become chips.
#[component]
fn People(props: &PartProps) -> Html {
    let fault = use_state_eq(|| None::<String>);
    let PartProps { form, onchange } = props;
    let oninput = {
        let (form, onchange) = (form.clone(), onchange.clone());
        move |event: InputEvent| {
            let mut form = form.clone();
            form.typed = event.target_unchecked_into::<HtmlInputElement>().value();
            onchange.emit(form);
        }
    };
    let take = {
        let (form, onchange, fault) = (form.clone(), onchange.clone(), fault.clone());
        move || {
            let mut form = form.clone();
            fault.set(form.take_typed());
            onchange.emit(form);
        }
    };
    let onkeydown = {
        let (take, form, onchange) = (take.clone(), form.clone(), onchange.clone());
        move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" | "," | ";" => {
                event.prevent_default();
                take();
            }
            // As in every field of chips: back over the empty field takes the last one out.
            "Backspace" if form.typed.is_empty() && !form.people.is_empty() => {
                let mut form = form.clone();
                form.people.pop();
                onchange.emit(form);
            }
            _ => {}
        }
    };
    let remove = |index: usize| {
        let (form, onchange) = (form.clone(), onchange.clone());
        move |_: MouseEvent| {
            let mut form = form.clone();
            form.people.remove(index);
            onchange.emit(form);
        }
    };
    html! {
        <div class="labelled">
            <span id="find-people-name">{ "With" }</span>
            <div class="chips">
                { for form.people.iter().enumerate().map(|(index, person)| html! {
                    <span class="chip person" key={person.clone()} data-testid="find-person">
                        <bdi>{ person }</bdi>
                        <button type="button" aria-label={format!("Without {person}")} onclick={remove(index)}>{ icon(Icon::Cross) }</button>
                    </span>
                }) }
                <input class="field" data-testid="find-people" aria-labelledby="find-people-name" inputmode="email" autocomplete="off" spellcheck="false"
                    placeholder="ben@example.org" value={form.typed.clone()} aria-invalid={if fault.is_some() { "true" } else { "false" }}
                    {oninput} {onkeydown} onblur={move |_: FocusEvent| take()} />
            </div>
            if let Some(fault) = (*fault).clone() {
                <p class="fault" role="alert">{ fault }</p>
            } else {
                <p class="hint">{ "Google is asked when they are busy, and nobody is told." }</p>
            }
        </div>
    }
}

/// Which of the person's own calendars count here.
#[component]
fn Calendars(props: &PartProps) -> Html {
    let store = use_store();
    let PartProps { form, onchange } = props;
    let counting: Vec<CalendarView> = store.overview.as_ref().map_or_else(Vec::new, |all| {
        let counting = all.calendars.iter().filter(|calendar| calendar.busy);
        counting.cloned().collect()
    });
    if counting.is_empty() {
        return html! {};
    }
    let pair = |calendar: &CalendarView| (calendar.account.clone(), calendar.id.clone());
    let out = counting
        .iter()
        .filter(|calendar| form.without.contains(&pair(calendar)))
        .count();
    let summary = match out {
        0 => format!("Your calendars: all {} that count", counting.len()),
        out => format!(
            "Your calendars: {} of {}",
            counting.len() - out,
            counting.len()
        ),
    };
    let toggle = |calendar: &CalendarView| {
        let (form, onchange, pair) = (form.clone(), onchange.clone(), pair(calendar));
        move |_: Event| {
            let mut form = form.clone();
            if !form.without.remove(&pair) {
                form.without.insert(pair.clone());
            }
            onchange.emit(form);
        }
    };
    html! {
        <details class="find-calendars" data-testid="find-calendars">
            <summary>{ summary }</summary>
            <ul>
                { for counting.iter().map(|calendar| html! {
                    <li key={format!("{} {}", calendar.account, calendar.id)}>
                        <label style={color::style(Some(&calendar.color)).to_string()} title={calendar.account.clone()}>
                            <input type="checkbox" checked={!form.without.contains(&pair(calendar))} onchange={toggle(calendar)} />
                            <i class="swatch" aria-hidden="true"></i><bdi>{ &calendar.name }</bdi>
                        </label>
                    </li>
                }) }
            </ul>
        </details>
    }
}
