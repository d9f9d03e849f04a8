//! What Duet ever wrote to Google, in the settings: asked for, chosen, and taken back.

use std::collections::BTreeSet;

use duet_wire::footprint::{FootprintView, Traces, WrittenView};
use duet_wire::{Answer, Command, Query, WireError};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::color;
use crate::components::icon::{Icon, icon};
use crate::dates;
use crate::deeds;
use crate::hooks::use_store;
use crate::ipc;

/// Which one: its account, its calendar and its id there.
type Key = (String, String, String);

fn key(one: &WrittenView) -> Key {
    (one.account.clone(), one.calendar.clone(), one.id.clone())
}

/// Can it be chosen? What cannot be read is deleted where it can be seen, and what goes, goes.
fn is_open(one: &WrittenView) -> bool {
    one.start.is_some() && !one.goes
}

/// What choosing these comes to, in words.
fn consequence(chosen: &[&WrittenView]) -> String {
    let events = |count: usize| match count {
        1 => "1 event".to_owned(),
        many => format!("{many} events"),
    };
    let here = || chosen.iter().filter(|one| one.event.is_some());
    let (its, theirs) = match here().any(|one| one.guests > 0) {
        true => (", without its guests", ", without their guests"),
        false => ("", ""),
    };
    let stays = match (here().count(), chosen.len()) {
        (0, _) => String::new(),
        (1, 1) => format!(" It is here as well, and stays here{its}."),
        (1, _) => format!(" One of them is here as well, and stays here{its}."),
        (many, _) => format!(" {many} of them are here as well, and stay here{theirs}."),
    };
    let all = events(chosen.len());
    format!("{all} will be deleted in Google Calendar. Nobody is mailed.{stays}")
}

/// The section. It asks Google when it is told to.
#[component]
pub(crate) fn Footprint() -> Html {
    let store = use_store();
    let found = use_state(|| None::<Result<FootprintView, WireError>>);
    let chosen = use_state_eq(BTreeSet::<Key>::new);
    let busy = use_state_eq(|| false);
    let sure = use_state_eq(|| false);
    let epoch = store.grids.epoch();
    // Of which picture it was asked.
    let asked = use_state_eq(|| epoch);
    let look = {
        let asked = asked.setter();
        let (found, chosen, busy, sure) =
            (found.clone(), chosen.setter(), busy.setter(), sure.setter());
        Callback::from(move |()| {
            let (found, busy) = (found.setter(), busy.clone());
            busy.set(true);
            asked.set(epoch);
            sure.set(false);
            chosen.set(BTreeSet::new());
            spawn_local(async move {
                found.set(match ipc::query(Query::Footprint).await {
                    Ok(Answer::Footprint(view)) => Some(Ok(view)),
                    Ok(_) => None,
                    Err(error) => Some(Err(error)),
                });
                busy.set(false);
            });
        })
    };
    let remove = {
        let (chosen, look, busy) = (chosen.clone(), look.clone(), busy.setter());
        move |_: MouseEvent| {
            let traces = Traces::These(chosen.iter().cloned().collect());
            let (store, look) = (store.clone(), look.clone());
            busy.set(true);
            spawn_local(async move {
                match ipc::command(Command::RemoveTraces { traces }).await {
                    Ok(Answer::TracesRemoved(removed)) => {
                        let mut words = match removed.queued {
                            1 => "1 event is deleted in Google Calendar.".to_owned(),
                            many => format!("{many} events are deleted in Google Calendar."),
                        };
                        for one in &removed.unasked {
                            words = format!("{words} {}: {}", one.account, one.because);
                        }
                        deeds::tell(&store, words);
                    }
                    Ok(_) => {}
                    Err(error) => deeds::complain(&store, error),
                }
                look.emit(());
            });
        }
    };
    {
        // What was being deleted may be gone once something has changed.
        let goes = matches!(&*found, Some(Ok(view)) if view.written.iter().any(|one| one.goes));
        let look = look.clone();
        use_effect_with((epoch, *asked, goes), move |(epoch, asked, goes)| {
            if *goes && epoch != asked {
                look.emit(());
            }
        });
    }
    let confirm = use_node_ref();
    {
        // What was asked for below the fold is brought into sight.
        let confirm = confirm.clone();
        use_effect_with(*sure, move |sure| {
            if let Some(button) = confirm.cast::<HtmlElement>().filter(|_| *sure) {
                button.focus().ok();
                button.scroll_into_view_with_bool(false);
            }
        });
    }
    let list = match &*found {
        Some(Ok(view)) => rows(view, &chosen),
        Some(Err(error)) => {
            html! { <p class="trouble" role="alert">{ icon(Icon::Alert) }<span>{ &error.message }</span></p> }
        }
        None => html! {},
    };
    let picked: Vec<&WrittenView> = match &*found {
        Some(Ok(view)) => view
            .written
            .iter()
            .filter(|one| chosen.contains(&key(one)))
            .collect(),
        _ => Vec::new(),
    };
    html! {
        <div data-testid="footprint">
            <p class="quiet">{ "Every event that Duet writes to Google bears its mark. Here is all that bears it, also what another computer wrote or an earlier Duet left behind, and the way to take it back without a mail to anybody." }</p>
            { list }
            if *sure && !picked.is_empty() {
                <p role="status">{ consequence(&picked) }</p>
            }
            <div class="row-buttons">
                if *sure && !picked.is_empty() {
                    <button class="button" onclick={
                        let sure = sure.setter();
                        move |_| sure.set(false)
                    }>{ "Cancel" }</button>
                    <button ref={confirm} class="button danger solid" data-testid="footprint-confirm" disabled={*busy} onclick={remove}>{ "Delete" }</button>
                } else {
                    <button class="button" data-testid="footprint-show" disabled={*busy} onclick={move |_| look.emit(())}>{
                        if *busy { "Asking Google…" } else if found.is_some() { "Ask again" } else { "Ask Google" }
                    }</button>
                    if matches!(&*found, Some(Ok(view)) if view.written.iter().any(is_open)) {
                        <button class="button danger" data-testid="footprint-remove" disabled={picked.is_empty() || *busy} onclick={
                            let sure = sure.setter();
                            move |_| sure.set(true)
                        }>{ icon(Icon::Bin) }{ "Delete in Google…" }</button>
                    }
                }
            </div>
        </div>
    }
}

fn rows(view: &FootprintView, chosen: &UseStateHandle<BTreeSet<Key>>) -> Html {
    let open: BTreeSet<Key> = view
        .written
        .iter()
        .filter(|one| is_open(one))
        .map(key)
        .collect();
    let all = !open.is_empty() && open.len() == chosen.len();
    let choose_all = {
        let (set, open) = (chosen.setter(), open.clone());
        move |_: Event| set.set(if all { BTreeSet::new() } else { open.clone() })
    };
    html! {
        <>
            { for view.unasked.iter().map(|one| html! {
                <p class="note" data-testid="footprint-unasked">{ icon(Icon::Alert) }<span>{ match &one.calendar {
                    Some(calendar) => format!("“{calendar}” of {}: {}", one.account, one.because),
                    None => format!("{}: {}", one.account, one.because),
                } }</span></p>
            }) }
            if view.written.is_empty() {
                <p data-testid="footprint-none">{ if view.unasked.is_empty() { "Nothing that Duet wrote is in Google Calendar." } else { "Where Google could be asked, nothing that Duet wrote is there." } }</p>
            } else {
                <ul class="traces">
                    if !open.is_empty() {
                        <li><label><input type="checkbox" data-testid="footprint-all" checked={all} onchange={choose_all} /><b>{ "All" }</b></label></li>
                    }
                    { for view.written.iter().map(|one| row(one, chosen)) }
                </ul>
            }
        </>
    }
}

fn row(one: &WrittenView, chosen: &UseStateHandle<BTreeSet<Key>>) -> Html {
    let key = key(one);
    let on = chosen.contains(&key);
    let toggle = {
        let chosen = chosen.clone();
        move |_: Event| {
            let mut next = BTreeSet::clone(&chosen);
            if !next.remove(&key) {
                next.insert(key.clone());
            }
            chosen.set(next);
        }
    };
    let title = match one.title.as_str() {
        "" => "(no title)",
        title => title,
    };
    html! {
        <li key={one.id.clone()} data-testid="trace" data-id={one.id.clone()} style={color::style(Some(&one.color))}>
            <label>
                <input type="checkbox" checked={on} disabled={!is_open(one)} onchange={toggle} />
                <i class="swatch" aria-hidden="true"></i>
                <span><bdi>{ title }</bdi><small>{ about(one) }</small></span>
            </label>
        </li>
    }
}

/// When, where, with whom, and whose.
fn about(one: &WrittenView) -> String {
    let mut parts = Vec::new();
    match (one.start, one.wall_start, one.wall_end) {
        (Some(duet_wire::availability::When::Date(first)), _, Some(after)) => {
            parts.push(dates::day_span(first, after.date()));
        }
        (_, Some(start), Some(end)) => {
            parts.push(dates::spoken_span(start, end).replace(" to ", " – "));
        }
        _ => parts.push("It cannot be read; delete it in Google Calendar".to_owned()),
    }
    if one.repeats {
        parts.push("repeats".to_owned());
    }
    parts.push(one.calendar_name.clone());
    match one.guests {
        0 => {}
        1 => parts.push("1 guest".to_owned()),
        many => parts.push(format!("{many} guests")),
    }
    match (one.goes, &one.event) {
        (true, _) => parts.push("is being deleted".to_owned()),
        (false, None) => parts.push("left behind".to_owned()),
        (false, Some(_)) => {}
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use duet_model::duet_event::DuetEventId;
    use duet_wire::availability::When;

    use super::*;

    fn walk() -> WrittenView {
        let day = "2026-12-01".parse().unwrap();
        WrittenView {
            account: "ana@example.com".into(),
            calendar: "ana@example.com".into(),
            calendar_name: "Ana".into(),
            color: "#336699".into(),
            id: "abc".into(),
            title: "Walk".into(),
            start: Some(When::Date(day)),
            end: Some(When::Date(day)),
            wall_start: Some(day.into()),
            wall_end: Some((day + chrono::Days::new(1)).into()),
            repeats: true,
            guests: 1,
            event: None,
            goes: false,
        }
    }

    #[test]
    fn what_deleting_comes_to_is_said_before() {
        let left = walk();
        let here = WrittenView {
            event: Some(DuetEventId("e".into())),
            ..walk()
        };
        assert_eq!(
            consequence(&[&left]),
            "1 event will be deleted in Google Calendar. Nobody is mailed."
        );
        let alone = WrittenView {
            guests: 0,
            ..here.clone()
        };
        for (chosen, stays) in [
            (
                &[&here][..],
                "It is here as well, and stays here, without its guests.",
            ),
            (&[&alone], "It is here as well, and stays here."),
            (
                &[&left, &here],
                "One of them is here as well, and stays here, without its guests.",
            ),
            (
                &[&left, &here, &alone],
                "2 of them are here as well, and stay here, without their guests.",
            ),
        ] {
            let said = consequence(chosen);
            assert!(said.ends_with(stays), "{said}");
        }
    }

    #[test]
    fn a_line_says_whose_it_is() {
        assert!(about(&walk()).ends_with("repeats · Ana · 1 guest · left behind"));
        let odd = WrittenView {
            start: None,
            wall_start: None,
            ..walk()
        };
        assert!(!is_open(&odd) && about(&odd).contains("cannot be read"));
        let goes = WrittenView {
            goes: true,
            ..walk()
        };
        assert!(is_open(&walk()) && !is_open(&goes));
    }
}
