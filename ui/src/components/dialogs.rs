//! What stands over the window, one at a time.

use duet_wire::blocks::{BlockDraft, Scope};
use duet_wire::connect::ConnectView;
use duet_wire::{Answer, Query};
use yew::prelude::*;

use crate::components::conflicts::TakeVersion;
use crate::components::connect::ConnectSteps;
use crate::components::details::Details;
use crate::components::editor::Editor;
use crate::components::event_dialogs::{DeleteEvent, Withdraw};
use crate::components::event_editor::EventEditor;
use crate::components::icon::{Icon, icon};
use crate::components::palette::Palette;
use crate::components::rules::CalendarRules;
use crate::components::search::Search;
use crate::dates;
use crate::deeds;
use crate::hooks::{use_answer, use_modal, use_store};
use crate::pages::More;
use crate::state::app::Action;
use crate::state::dialog::{Deed, Dialog, Which};
use crate::state::keys;

/// The open dialog, if any.
#[component]
pub(crate) fn Dialogs() -> Html {
    let store = use_store();
    let connecting = store.overview.as_ref().is_some_and(|overview| {
        !matches!(
            overview.connect,
            ConnectView::Idle | ConnectView::Done { .. }
        )
    });
    html! {
        <>
            if connecting {
                <Connecting />
            }
            { match store.dialog.clone() {
                None => html! {},
                Some(Dialog::Editor(seed)) => html! { <Editor seed={*seed} /> },
                Some(Dialog::EventEditor(seed)) => html! { <EventEditor seed={*seed} /> },
                Some(Dialog::DeleteEvent(event)) => html! { <DeleteEvent event={*event} /> },
                Some(Dialog::Withdraw(event)) => html! { <Withdraw event={*event} /> },
                Some(Dialog::TakeVersion(taking)) => html! { <TakeVersion taking={*taking} /> },
                Some(Dialog::Details { id, anchor }) => {
                    let key = id.clone();
                    html! { <Details {key} {id} {anchor} /> }
                }
                Some(Dialog::More { date, anchor }) => html! { <More key={dates::iso_date(date)} {date} {anchor} /> },
                Some(Dialog::Which(which)) => html! { <WhichOnes which={*which} /> },
                Some(Dialog::Disconnect { email, demo }) => html! { <Disconnect {email} {demo} /> },
                Some(Dialog::Search) => html! { <Search /> },
                Some(Dialog::CalendarRules { account, calendar }) => html! { <CalendarRules {account} {calendar} /> },
                Some(Dialog::Sheet) => html! { <Sheet /> },
                Some(Dialog::Palette) => html! { <Palette /> },
            } }
        </>
    }
}

/// The frame of a modal dialog: a heading, a way out, and what is inside.
#[derive(Properties, PartialEq)]
pub(crate) struct ModalProps {
    /// Its heading and its name.
    pub(crate) heading: AttrValue,
    /// More classes.
    #[prop_or_default]
    pub(crate) class: Classes,
    /// Its test id.
    #[prop_or_default]
    pub(crate) testid: Option<AttrValue>,
    /// Called for Escape and the cross.
    pub(crate) onclose: Callback<()>,
    /// What is inside.
    pub(crate) children: Html,
}

/// A modal dialog.
#[component]
pub(crate) fn Modal(props: &ModalProps) -> Html {
    let node = use_modal();
    let close = props.onclose.clone();
    let cancel = props.onclose.clone();
    html! {
        <dialog ref={node} class={classes!("dialog", props.class.clone())} data-testid={props.testid.clone()} aria-label={props.heading.clone()}
            oncancel={move |event: Event| { event.prevent_default(); cancel.emit(()) }}>
            <div class="dialog-head">
                <h2>{ props.heading.clone() }</h2>
                <button type="button" class="button ghost square" aria-label="Close" onclick={move |_| close.emit(())}>{ icon(Icon::Cross) }</button>
            </div>
            { props.children.clone() }
        </dialog>
    }
}

#[component]
fn Connecting() -> Html {
    let store = use_store();
    let onclose = Callback::from(move |()| deeds::connect_cancel(&store));
    html! { <Modal heading="Connect Google Calendar" testid="connecting" {onclose}><ConnectSteps /></Modal> }
}

#[derive(Properties, PartialEq)]
struct WhichProps {
    which: Which,
}

/// "Only this one, or all of them?"
#[component]
fn WhichOnes(props: &WhichProps) -> Html {
    let store = use_store();
    let onclose = {
        let store = store.clone();
        Callback::from(move |()| store.dispatch(Action::Close))
    };
    let act = |scope: Scope| {
        let (store, Which { block, deed }) = (store.clone(), props.which.clone());
        move |_: MouseEvent| {
            store.dispatch(Action::Close);
            match deed {
                Deed::Delete => deeds::delete(&store, &block, Some(scope)),
                Deed::Move(start, end) => {
                    let repeat = block
                        .manual
                        .as_ref()
                        .and_then(|manual| manual.repeat.clone());
                    let draft = BlockDraft {
                        title: block.title.clone(),
                        start,
                        end,
                        repeat,
                    };
                    deeds::update(&store, &block, draft, scope);
                }
            }
        }
    };
    let (heading, words) = match props.which.deed {
        Deed::Delete => (
            "Delete a repeating block",
            "This block repeats. What should be deleted?",
        ),
        Deed::Move(..) => (
            "Move a repeating block",
            "This block repeats. What should move?",
        ),
    };
    html! {
        <Modal {heading} class="small" testid="which" {onclose}>
            <p>{ words }</p>
            <div class="dialog-foot">
                <span class="spring"></span>
                <button class="button" data-testid="which-all" onclick={act(Scope::All)}>{ "All of them" }</button>
                <button class="button primary" data-testid="which-this" autofocus=true onclick={act(Scope::This)}>{ "Only this one" }</button>
            </div>
        </Modal>
    }
}

#[derive(Properties, PartialEq)]
struct DisconnectProps {
    email: AttrValue,
    demo: bool,
}

/// Says what disconnecting does before it happens.
#[component]
fn Disconnect(props: &DisconnectProps) -> Html {
    let store = use_store();
    let onclose = {
        let store = store.clone();
        Callback::from(move |()| store.dispatch(Action::Close))
    };
    let cancel = onclose.clone();
    let waiting = use_answer(
        Some(Query::Waiting),
        store.grids.epoch(),
        0,
        |answer| match answer {
            Answer::Waiting(list) => Some(list),
            _ => None,
        },
    );
    let waiting = waiting.shown().map_or(&[][..], |list| list.as_slice());
    let lost: Vec<&str> = waiting
        .iter()
        .filter(|change| *change.account == *props.email)
        .map(|change| change.what.as_str())
        .collect();
    let act = |revoke: bool| {
        let (store, email) = (store.clone(), props.email.to_string());
        move |_: MouseEvent| deeds::disconnect(&store, email.clone(), revoke)
    };
    html! {
        <Modal heading={format!("Disconnect {}?", props.email)} testid="disconnect-dialog" {onclose}>
            <p>{ "Its calendars and busy times disappear from Duet on this computer. Nothing in Google Calendar changes, and nobody is told. What was made in Duet stays." }</p>
            if !lost.is_empty() {
                <div class="lost" role="status" data-testid="disconnect-lost">
                    <p>{ "What Google does not have yet is never sent:" }</p>
                    <ul>{ for lost.iter().map(|what| html! { <li><bdi>{ *what }</bdi></li> }) }</ul>
                </div>
            }
            if props.demo {
                <div class="dialog-foot">
                    <button class="button" onclick={move |_| cancel.emit(())}>{ "Cancel" }</button>
                    <span class="spring"></span>
                    <button class="button danger solid" data-testid="disconnect-keep" autofocus=true onclick={act(false)}>{ "Remove the demo account" }</button>
                </div>
            } else {
                <div class="options">
                    <button class="option" data-testid="disconnect-revoke" onclick={act(true)}>
                        <b>{ "Remove, and withdraw permission at Google" }</b>
                        <small>{ "Duet’s key stops working everywhere this account is connected with it. Connecting again will ask for permission anew." }</small>
                    </button>
                    <button class="option" data-testid="disconnect-keep" onclick={act(false)}>
                        <b>{ "Remove here only" }</b>
                        <small>{ "Google keeps Duet on the list of apps with access. Connecting again is one click." }</small>
                    </button>
                </div>
                <div class="dialog-foot"><span class="spring"></span><button class="button" autofocus=true onclick={move |_| cancel.emit(())}>{ "Cancel" }</button></div>
            }
        </Modal>
    }
}

/// All keys.
#[component]
fn Sheet() -> Html {
    let store = use_store();
    let onclose = Callback::from(move |()| store.dispatch(Action::Close));
    html! {
        <Modal heading="Keys" class="wide" testid="keys" {onclose}>
            <div class="sheet">
                { for keys::SHEET.iter().map(|(heading, rows)| html! {
                    <section key={*heading}>
                        <h3>{ *heading }</h3>
                        <dl>{ for rows.iter().map(|(keys, words)| html! { <div key={*keys}><dt><kbd>{ *keys }</kbd></dt><dd>{ *words }</dd></div> }) }</dl>
                    </section>
                }) }
            </div>
        </Modal>
    }
}
