//! What is known of an event, one fact below the other. Everything strangers wrote is text: nothing
//! of it is markup, and the window itself follows no address: the core opens those that it has stored.

use chrono::NaiveDateTime;
use duet_model::event::{EventKey, EventType, Visibility};
use duet_wire::availability::BlockState;
use duet_wire::event::{ChangeView, EventPage, EventView, GuestView};
use duet_wire::grid::BlockView;
use yew::prelude::*;

use crate::components::connect::copy;
use crate::components::details::answer;
use crate::components::icon::{Icon, icon};
use crate::dates;
use crate::deeds;
use crate::hooks::{Now, Store};
use crate::state::guests;
use crate::words;

/// A description longer than this, in characters or lines, is folded.
const LONG: (usize, usize) = (280, 6);
/// So many changes are seen before the rest is asked for.
const CHANGES: usize = 3;

/// Why it counts, until the core has said it better.
pub(super) fn because(block: &BlockView) -> &'static str {
    match block.state {
        BlockState::Unknown => "Too old to vouch for, so drawn as unknown",
        BlockState::Tentative => "Tentative, so perhaps busy",
        BlockState::Free if block.declined => "You declined, so it does not count",
        BlockState::Free => "Does not count as busy",
        BlockState::Busy => "Counts as busy",
    }
}

/// Place, people, addresses, words.
pub(super) fn about(event: &EventView, store: &Store) -> Html {
    html! {
        <>
            { home(event.home.as_ref()) }
            if let Some(repeats) = &event.repeats {
                { fact(Icon::Sync, html! { <>{ words::capital(repeats) }</> }) }
            }
            if let Some(location) = &event.location {
                { fact(Icon::Pin, html! { <bdi class="selectable">{ location }</bdi> }) }
            }
            if let Some(kind) = kind(event) {
                { fact(Icon::Calendar, html! { <>{ kind }</> }) }
            }
            { people(event) }
            { reminders(event) }
            { call(store, event.key, event.conference.as_deref()) }
            { notes(event.description.as_deref().unwrap_or_default()) }
            { page(store, event.key, event.link.as_deref()) }
        </>
    }
}

/// When it is where it was made, if that is another zone.
pub(super) fn home(home: Option<&(String, NaiveDateTime)>) -> Html {
    let Some((zone, wall)) = home else {
        return html! {};
    };
    fact(
        Icon::Clock,
        html! {
            <>
                { format!("{} {}", dates::day_short(wall.date()), dates::clock(*wall)) }
                <small>{ format!("in {}, where it was made", place_of(zone)) }</small>
            </>
        },
    )
}

/// What else is said of it, as plain text; folded where it is long.
pub(super) fn notes(text: &str) -> Html {
    if text.trim().is_empty() {
        return html! {};
    }
    html! { <Description text={text.to_owned()} /> }
}

/// The way into the video call.
pub(super) fn call(store: &Store, key: EventKey, address: Option<&str>) -> Html {
    let Some(address) = address else {
        return html! {};
    };
    html! { <Call address={address.to_owned()} onjoin={open(store, key, EventPage::Conference)} /> }
}

/// The way to its page at Google.
pub(super) fn page(store: &Store, key: EventKey, link: Option<&str>) -> Html {
    if link.is_none() {
        return html! {};
    }
    html! {
        <p class="fact" data-testid="event-link">
            { icon(Icon::Link) }
            <span class="fact-buttons"><button class="button" title="Opens in the browser" data-testid="event-open" onclick={open(store, key, EventPage::Google)}>{ "Open in Google Calendar" }</button></span>
        </p>
    }
}

pub(super) fn fact(mark: Icon, content: Html) -> Html {
    html! { <p class="fact">{ icon(mark) }<span>{ content }</span></p> }
}

/// `New York` of `America/New_York`.
fn place_of(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

/// What kind of entry it is and who may see it, where that is unusual.
fn kind(event: &EventView) -> Option<String> {
    let kind = match event.event_type {
        EventType::Default => None,
        EventType::OutOfOffice => Some("Out of office"),
        EventType::FocusTime => Some("Focus time"),
        EventType::WorkingLocation => Some("Working location"),
        EventType::Birthday => Some("Birthday"),
        EventType::FromGmail => Some("Made by Google from a mail"),
    };
    let seen = match event.visibility {
        Visibility::Default => None,
        Visibility::Public => Some("public"),
        Visibility::Private => Some("private"),
    };
    let parts: Vec<&str> = kind.into_iter().chain(seen).collect();
    (!parts.is_empty()).then(|| words::capital(&parts.join(", ")))
}

fn people(event: &EventView) -> Html {
    // Where it can be answered, the buttons say what was.
    let told = event.can_respond || event.respond_because.is_some();
    let mine = event
        .my_response
        .filter(|_| !told)
        .map(|response| answer::words(Some(response)));
    let organizer = event
        .organizer
        .as_ref()
        .map(|who| html! { <small>{ "Invited by " }<bdi class="selectable">{ who }</bdi></small> });
    let counted = guests::counted(&event.guests, event.guests_omitted);
    if counted.is_empty() {
        return match organizer {
            Some(organizer) if event.my_response.is_some() => {
                fact(Icon::People, html! { <>{ mine }{ organizer }</> })
            }
            _ => html! {},
        };
    }
    invited(
        &event.guests,
        counted,
        html! {
            <>
                if let Some(mine) = mine {
                    <span>{ mine }</span>
                }
                { organizer }
            </>
        },
    )
}

/// Who is invited and what they answered: in one line, and one by one.
pub(super) fn invited(list: &[GuestView], counted: String, before: Html) -> Html {
    html! {
        <div class="fact" data-testid="event-guests">
            { icon(Icon::People) }
            <div>
                { before }
                <details class="guests" open={list.len() < guests::LONG}>
                    <summary>{ counted }</summary>
                    <ul>
                        { for guests::ordered(list).into_iter().map(|guest| html! {
                            <li><bdi class="selectable" title={guest.email.clone()}>{ &guest.name }</bdi><small>{ guests::answer(guest) }</small></li>
                        }) }
                    </ul>
                </details>
            </div>
        </div>
    }
}

/// When Google reminds of it, one line each. Duet does not remind, so it is said who does.
fn reminders(event: &EventView) -> Html {
    if event.reminders.is_empty() {
        return html! {};
    }
    html! {
        <div class="fact" data-testid="event-reminders">
            { icon(Icon::Bell) }
            <div>
                <ul>{ for event.reminders.iter().map(|one| html! { <li>{ words::capital(&one.words) }</li> }) }</ul>
                <small>{ "Google Calendar reminds, not Duet" }</small>
            </div>
        </div>
    }
}

/// Asks the core to open a page of the event in the system's browser.
fn open(store: &Store, key: EventKey, page: EventPage) -> Callback<MouseEvent> {
    let store = store.clone();
    Callback::from(move |_| deeds::open_page(&store, key, page))
}

#[derive(Properties, PartialEq)]
struct CallProps {
    address: AttrValue,
    onjoin: Callback<MouseEvent>,
}

/// The video call: the way in, and its address to be read and passed on.
#[component]
fn Call(props: &CallProps) -> Html {
    let copied = use_state_eq(|| false);
    let onclick = {
        let (address, copied) = (props.address.clone(), copied.setter());
        move |_| copy(&address, copied.clone())
    };
    html! {
        <div class="fact" data-testid="event-conference">
            { icon(Icon::Call) }
            <div>
                <div class="fact-buttons">
                    <button class="button" title="Opens in the browser" data-testid="event-join" onclick={props.onjoin.clone()}>{ "Join video call" }</button>
                    <button class="button" aria-label="Copy the address of the video call" {onclick}>{ if *copied { "Copied" } else { "Copy" } }</button>
                </div>
                <small class="selectable address" title={props.address.clone()}>{ &props.address }</small>
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct DescriptionProps {
    text: AttrValue,
}

/// Is it too long to be seen at once?
fn is_long(text: &str) -> bool {
    text.chars().count() > LONG.0 || text.lines().count() > LONG.1
}

/// The description, as plain text.
#[component]
fn Description(props: &DescriptionProps) -> Html {
    let open = use_state_eq(|| false);
    let long = is_long(&props.text);
    let onclick = {
        let open = open.clone();
        move |_| open.set(!*open)
    };
    html! {
        <div class="fact" data-testid="event-description">
            { icon(Icon::Text) }
            <div>
                <div class={classes!("description", "selectable", (long && !*open).then_some("folded"))} dir="auto">{ &props.text }</div>
                if long {
                    <button class="button quiet" aria-expanded={if *open { "true" } else { "false" }} {onclick}>{ if *open { "Less" } else { "More" } }</button>
                }
            </div>
        </div>
    }
}

/// What was noticed to change, newest first.
pub(super) fn history(changes: &[ChangeView], now: Now, store: &Store) -> Html {
    if changes.is_empty() {
        return html! {};
    }
    let (first, rest) = changes.split_at(changes.len().min(CHANGES));
    let entry = |change: &ChangeView| {
        html! {
            <li>
                { for change.what.iter().map(|what| html! { <span dir="auto">{ what }</span> }) }
                <small>{ format!("Noticed {}", words::checked(change.noticed_at, now, store.grids.days())) }</small>
            </li>
        }
    };
    html! {
        <section class="history" aria-label="What changed" data-testid="event-history">
            <h3>{ "What changed" }</h3>
            <ul>{ for first.iter().map(entry) }</ul>
            if !rest.is_empty() {
                <details>
                    <summary>{ format!("{} earlier", rest.len()) }</summary>
                    <ul>{ for rest.iter().map(entry) }</ul>
                </details>
            }
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_called_by_its_place() {
        let cases = [
            ("America/New_York", "New York"),
            ("America/Argentina/Buenos_Aires", "Buenos Aires"),
            ("UTC", "UTC"),
        ];
        for (zone, expect) in cases {
            assert_eq!(place_of(zone), expect);
        }
    }

    #[test]
    fn long_is_by_lines_or_by_letters() {
        assert!(!is_long("Agenda\n1. hello"));
        assert!(is_long(&"a\n".repeat(7)));
        assert!(is_long(&"ä".repeat(281)));
        assert!(!is_long(&"ä".repeat(280)), "letters, not bytes");
    }
}
