//! What was found: the certain slots first, then those that touch time nobody vouches for; who was
//! asked; and the text to be pasted.

use chrono::NaiveDate;
use duet_wire::find::{FindTimeView, PersonState, PersonView, SlotView};
use yew::prelude::*;

use crate::components::connect::copy;
use crate::components::icon::{Icon, icon};
use crate::dates;
use crate::hooks::{use_now, use_store};
use crate::state::app::Action;
use crate::state::shared::Shared;
use crate::words;

/// The answer.
#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// It.
    pub(super) found: Shared<FindTimeView>,
    /// Is it the one to the question before, until that of the newest comes? Then it is not to be
    /// taken along.
    pub(super) asking: bool,
}

/// The list.
#[component]
pub(super) fn Slots(props: &Props) -> Html {
    let (found, asking) = (&props.found, props.asking);
    let sure: Vec<&SlotView> = found.slots.iter().filter(|slot| slot.certain).collect();
    let doubtful: Vec<&SlotView> = found.slots.iter().filter(|slot| !slot.certain).collect();
    html! {
        <>
            <People people={found.people.clone()} />
            <div class="find-slots" data-testid="find-slots" role="region" aria-label="Free times" aria-live="polite" aria-busy={if asking { "true" } else { "false" }}>
                if found.slots.is_empty() {
                    <p class="quiet">{ "No time is free for everyone. A shorter length, more days or all hours may find one." }</p>
                } else if sure.is_empty() {
                    <p class="quiet">{ "No time is certain to be free for everyone." }</p>
                }
                { list(&sure) }
                if !sure.is_empty() {
                    <div class="row-buttons">
                        <CopyText text={found.text.clone()} label="Copy" testid="find-copy" {asking} />
                        if let Some((text, zone)) = found.other_text.clone().zip(found.other_zone.clone()) {
                            <CopyText {text} label={format!("Copy for {zone}")} testid="find-copy-zone" {asking} />
                        }
                    </div>
                }
                if !doubtful.is_empty() {
                    <h3>{ "Not certain" }</h3>
                    { list(&doubtful) }
                }
                if found.more > 0 {
                    <p class="quiet">{ format!("and {} more", found.more) }</p>
                }
            </div>
        </>
    }
}

/// Slots under their days.
fn list(slots: &[&SlotView]) -> Html {
    days(slots)
        .into_iter()
        .map(|(date, slots)| html! {
            <section class="find-day" key={dates::iso_date(date)}>
                <h4>{ dates::day_long(date) }</h4>
                <ul>{ for slots.into_iter().map(|slot| html! { <Slot slot={slot.clone()} /> }) }</ul>
            </section>
        })
        .collect()
}

/// Neighbours that begin on the same day.
fn days<'a>(slots: &[&'a SlotView]) -> Vec<(NaiveDate, Vec<&'a SlotView>)> {
    let mut days: Vec<(NaiveDate, Vec<&SlotView>)> = Vec::new();
    for slot in slots {
        let date = slot.wall.0.date();
        match days.last_mut() {
            Some((last, list)) if *last == date => list.push(slot),
            _ => days.push((date, vec![slot])),
        }
    }
    days
}

#[derive(Properties, PartialEq)]
struct SlotProps {
    slot: SlotView,
}

#[component]
fn Slot(props: &SlotProps) -> Html {
    let store = use_store();
    let slot = &props.slot;
    let date = slot.wall.0.date();
    let go = move |_: MouseEvent| store.dispatch(Action::GoTo(date));
    let when = dates::span(slot.wall.0, slot.wall.1);
    html! {
        <li>
            <button class="find-slot" data-testid="find-slot" data-certain={if slot.certain { "true" } else { "false" }}
                data-start={dates::rfc3339(slot.start)} data-end={dates::rfc3339(slot.end)} title="Go to this day" onclick={go}>
                <span>{ when }</span>
                if let Some((start, end)) = slot.other_wall {
                    <small>{ other(date, start, end) }</small>
                }
            </button>
            if let Some(doubt) = &slot.doubt {
                <small class="find-doubt">{ doubt }</small>
            }
        </li>
    }
}

/// The same in the other zone, with its day where that is another.
fn other(date: NaiveDate, start: chrono::NaiveDateTime, end: chrono::NaiveDateTime) -> String {
    let span = dates::span(start, end);
    if start.date() == date || span.starts_with(|c: char| c.is_alphabetic()) {
        return span;
    }
    let day = dates::weekday_short(chrono::Datelike::weekday(&start.date()));
    format!("{day} {span}")
}

#[derive(Properties, PartialEq)]
struct PeopleProps {
    people: Vec<PersonView>,
}

/// The others, and how much is known of their time.
#[component]
fn People(props: &PeopleProps) -> Html {
    let now = use_now();
    if props.people.is_empty() {
        return html! {};
    }
    html! {
        <ul class="find-people" aria-label="People" aria-live="polite">
            { for props.people.iter().map(|person| {
                let (word, mark, words) = match person.state {
                    PersonState::Known => ("known", Some(Icon::Check), person.as_of.map_or_else(|| "known".to_owned(), |at| format!("asked {}", words::ago(at, now)))),
                    PersonState::Asking => ("asking", None, "asking Google…".to_owned()),
                    PersonState::Unknown => ("unknown", Some(Icon::Alert), person.why.clone().unwrap_or_else(|| "Not known, so none of their time is certain.".to_owned())),
                };
                html! {
                    <li key={person.email.clone()} data-testid="find-person-state" data-email={person.email.clone()} data-state={word}>
                        if let Some(mark) = mark { { icon(mark) } } else { <i class="spinner" aria-hidden="true"></i> }
                        <span><bdi>{ &person.email }</bdi><small>{ words }</small></span>
                    </li>
                }
            }) }
        </ul>
    }
}

#[derive(Properties, PartialEq)]
struct CopyProps {
    text: String,
    label: AttrValue,
    testid: AttrValue,
    asking: bool,
}

#[component]
fn CopyText(props: &CopyProps) -> Html {
    let copied = use_state_eq(|| false);
    {
        // Another list is not the one that was copied.
        let copied = copied.setter();
        use_effect_with(props.text.clone(), move |_| copied.set(false));
    }
    let onclick = {
        let (text, copied) = (props.text.clone(), copied.setter());
        move |_: MouseEvent| copy(&text, copied.clone())
    };
    html! {
        <button class="button" data-testid={props.testid.clone()} disabled={props.asking} {onclick}>{ if *copied { AttrValue::from("Copied") } else { props.label.clone() } }</button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> chrono::NaiveDateTime {
        text.parse().unwrap()
    }

    fn slot(start: &str) -> SlotView {
        let start = at(start);
        let end = start + chrono::TimeDelta::hours(1);
        SlotView {
            start: start.and_utc(),
            end: end.and_utc(),
            wall: (start, end),
            other_wall: None,
            certain: true,
            doubt: None,
        }
    }

    #[test]
    fn slots_stand_under_their_days_in_their_order() {
        let slots = [
            slot("2026-11-24T09:00:00"),
            slot("2026-11-24T14:00:00"),
            slot("2026-11-25T23:30:00"),
        ];
        let all: Vec<&SlotView> = slots.iter().collect();
        let counts: Vec<_> = days(&all)
            .iter()
            .map(|(date, slots)| (dates::iso_date(*date), slots.len()))
            .collect();
        assert_eq!(
            counts,
            [("2026-11-24".to_owned(), 2), ("2026-11-25".to_owned(), 1)]
        );
    }

    #[test]
    fn another_zone_names_its_day_where_it_is_another() {
        let date = "2026-11-24".parse().unwrap();
        let cases = [
            (
                "2026-11-24T18:00:00",
                "2026-11-24T19:00:00",
                "18:00 – 19:00",
            ),
            (
                "2026-11-25T01:00:00",
                "2026-11-25T02:00:00",
                "Wed 01:00 – 02:00",
            ),
            (
                "2026-11-24T23:30:00",
                "2026-11-25T00:30:00",
                "Tue 23:30 – Wed 00:30",
            ),
            (
                "2026-11-25T23:30:00",
                "2026-11-26T00:30:00",
                "Wed 23:30 – Thu 00:30",
            ),
        ];
        for (start, end, expect) in cases {
            assert_eq!(other(date, at(start), at(end)), expect);
        }
    }
}
