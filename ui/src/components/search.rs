//! The search: titles, places and people, as one types; Enter goes there.

use duet_wire::Answer;
use duet_wire::availability::SourceKind;
use duet_wire::search::HitView;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::color;
use crate::components::dialogs::Modal;
use crate::components::icon::{Icon, icon};
use crate::hooks::{use_answer, use_now, use_store};
use crate::state::app::Action;
use crate::state::hits;

/// So long the last letter stands before the core is asked, in milliseconds.
const PAUSE: u32 = 80;

/// The search.
#[component]
pub(crate) fn Search() -> Html {
    let store = use_store();
    let now = use_now();
    let text = use_state_eq(String::new);
    let chosen = use_state_eq(|| 0_usize);
    let query = hits::query(&text);
    let asked = use_answer(
        query.clone(),
        store.grids.epoch(),
        PAUSE,
        |answer| match answer {
            Answer::Search(hits) => Some(hits),
            _ => None,
        },
    );
    let found: &[HitView] = asked.shown().map_or(&[], |hits| hits.as_slice());
    let today = store.today(now);
    let (coming, past) = hits::groups(found, now, today);
    let order: Vec<usize> = coming.iter().chain(&past).copied().collect();
    let at = (*chosen).min(order.len().saturating_sub(1));
    let go = {
        let store = store.clone();
        Callback::from(move |(date, id)| store.dispatch(Action::Find { date, id }))
    };
    let target = |index: usize| (found[index].date, found[index].id.clone());
    let oninput = {
        let (text, chosen) = (text.clone(), chosen.clone());
        move |event: InputEvent| {
            text.set(event.target_unchecked_into::<HtmlInputElement>().value());
            chosen.set(0);
        }
    };
    let onkeydown = {
        let (go, count) = (go.clone(), order.len());
        let target = order.get(at).map(|index| target(*index));
        // What is not the answer to what stands there must not be gone to by a quick Enter.
        let answered = query
            .as_ref()
            .is_some_and(|query| asked.exact(query).is_some());
        move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" if count > 0 => chosen.set((at + 1) % count),
                "ArrowUp" if count > 0 => chosen.set((at + count - 1) % count),
                "Enter" => {
                    if let Some(target) = target.clone().filter(|_| answered) {
                        go.emit(target);
                    }
                }
                _ => return,
            }
            event.prevent_default();
        }
    };
    use_in_view(order.get(at).copied());
    let onclose = Callback::from(move |()| store.dispatch(Action::Close));
    let option = |index: &usize| {
        let (go, target) = (go.clone(), target(*index));
        let selected = order.get(at) == Some(index);
        let when = hits::when(&found[*index], today);
        hit(&found[*index], when, *index, selected, move |_| {
            go.emit(target.clone())
        })
    };
    let words = match (&query, asked.failure()) {
        (None, _) => Some("Titles, places and people, on the calendars that are shown.".to_owned()),
        (Some(_), Some(error)) => Some(format!("The search did not work. {}", error.message)),
        (Some(query), None) if order.is_empty() => Some(match asked.exact(query) {
            Some(_) => "Nothing found on the calendars that are shown.".to_owned(),
            None => "Searching…".to_owned(),
        }),
        _ => None,
    };
    html! {
        <Modal heading="Search" class="palette search" testid="search" {onclose}>
            <input class="field" role="combobox" aria-label="Search" aria-expanded={if order.is_empty() { "false" } else { "true" }} aria-controls="hits"
                aria-activedescendant={order.get(at).map(|index| format!("hit-{index}"))} data-testid="search-field"
                placeholder="Title, place or person" autofocus=true autocomplete="off" spellcheck="false" value={(*text).clone()} {oninput} {onkeydown} />
            if let Some(words) = words {
                <p class="quiet" role="status" data-testid="search-status">{ words }</p>
            }
            <div id="hits" class="hits" role="listbox" aria-label="Found" aria-busy={if asked.waiting() { "true" } else { "false" }}>
                { group("Upcoming", &coming, &option) }
                { group("Past", &past, &option) }
            </div>
        </Modal>
    }
}

fn group(name: &'static str, of: &[usize], option: &impl Fn(&usize) -> Html) -> Html {
    if of.is_empty() {
        return html! {};
    }
    html! {
        <ul role="group" aria-label={name}>
            <li class="group-name" role="presentation">{ name }</li>
            { for of.iter().map(option) }
        </ul>
    }
}

fn hit(
    hit: &HitView,
    when: String,
    index: usize,
    selected: bool,
    onclick: impl Fn(MouseEvent) + 'static,
) -> Html {
    let from = match hit.kind {
        SourceKind::Manual => "by hand".to_owned(),
        SourceKind::Duet => "made in Duet".to_owned(),
        SourceKind::Google => hit
            .calendar_name
            .clone()
            .or_else(|| hit.account.clone())
            .unwrap_or_else(|| "Google".to_owned()),
    };
    let place = hit
        .location
        .as_ref()
        .map(|place| html! { <>{ " · " }<bdi>{ place }</bdi></> });
    let title = match hit.title.trim() {
        "" => "(no title)".to_owned(),
        title => title.to_owned(),
    };
    html! {
        <li key={hit.id.clone()} id={format!("hit-{index}")} class="hit" role="option" aria-selected={if selected { "true" } else { "false" }}
            data-testid="search-hit" data-id={hit.id.clone()} data-state={hit.state.as_str()} style={color::style(hit.color.as_deref()).to_string()} {onclick}>
            if hit.kind == SourceKind::Manual {
                <span class="hand" aria-hidden="true">{ icon(Icon::Hand) }</span>
            } else {
                <i class="swatch" aria-hidden="true"></i>
            }
            <span class="hit-words"><b dir="auto">{ title }</b><small><bdi>{ from }</bdi>{ place }</small></span>
            <span class="hit-when">{ when }if hit.repeats { <small>{ "repeats" }</small> }</span>
        </li>
    }
}

/// Keeps the chosen hit in view while the arrows walk the list.
#[hook]
fn use_in_view(index: Option<usize>) {
    use_effect_with(index, |index| {
        let element = index.and_then(|index| {
            web_sys::window()?
                .document()?
                .get_element_by_id(&format!("hit-{index}"))
        });
        if let Some(element) = element {
            crate::hooks::reveal(&element);
        }
    });
}
