//! The steps of connecting a Google account: what is asked for, the wait for the browser, the end.

use duet_model::account::Tier;
use duet_wire::connect::ConnectView;
use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlDocument, HtmlTextAreaElement};
use yew::prelude::*;

use crate::deeds;
use crate::hooks::{use_now, use_store};
use crate::words;

/// Where a sign-in stands, with what one can do about it. Nothing while none is under way.
#[component]
pub(crate) fn ConnectSteps() -> Html {
    let store = use_store();
    let now = use_now();
    let Some(overview) = store.overview.clone() else {
        return html! {};
    };
    let cancel = {
        let store = store.clone();
        move |_: MouseEvent| deeds::connect_cancel(&store)
    };
    match overview.connect.clone() {
        // Success needs no step: it is told, and the week fills in.
        ConnectView::Idle | ConnectView::Done { .. } => html! {},
        ConnectView::Waiting {
            tier,
            reconnect,
            url,
            expires_at,
        } => {
            let again = move |_: MouseEvent| deeds::connect_again(&store);
            let who = reconnect
                .map(|email| format!(" as {email}"))
                .unwrap_or_default();
            html! {
                <div class="connect" data-testid="connect-waiting" data-step="waiting">
                    <p role="status">{ format!("Waiting for you in the browser. Sign in at Google{who} and allow “{}”.", words::tier(tier).to_lowercase()) }</p>
                    <p class="quiet">{ format!("{} This page waits until you come back or it expires ({}).", words::tier_detail(tier), words::until(expires_at, now)) }</p>
                    <div class="dialog-foot">
                        <button class="button" data-testid="connect-cancel" onclick={cancel}>{ "Cancel" }</button>
                        <span class="spring"></span>
                        <Copy text={url} />
                        <button class="button primary" data-testid="connect-again" onclick={again}>{ "Open again" }</button>
                    </div>
                </div>
            }
        }
        ConnectView::Finishing => html! {
            <div class="connect" data-step="finishing"><p role="status"><i class="spinner" aria-hidden="true"></i>{ "Google says yes. Duet fetches its key and looks who you are." }</p></div>
        },
        ConnectView::Failed { message } => html! {
            <div class="connect" data-testid="connect-failed" data-step="failed">
                <p role="alert" class="fault">{ message }</p>
                <div class="dialog-foot"><span class="spring"></span><button class="button" data-testid="connect-cancel" onclick={cancel}>{ "Close" }</button></div>
            </div>
        },
    }
}

#[derive(Properties, PartialEq)]
struct CopyProps {
    text: AttrValue,
}

/// Copies the link of the consent page.
#[component]
fn Copy(props: &CopyProps) -> Html {
    let copied = use_state_eq(|| false);
    let onclick = {
        let (copied, text) = (copied.clone(), props.text.clone());
        move |_| copy(&text, copied.setter())
    };
    html! {
        <button class="button" data-testid="connect-copy" {onclick}>{ if *copied { "Copied" } else { "Copy link" } }</button>
    }
}

/// Puts text on the clipboard and says so.
pub(crate) fn copy(text: &str, done: UseStateSetter<bool>) {
    let Some(window) = web_sys::window() else {
        return;
    };
    // The clipboard object is missing where the page's origin does not count as secure.
    let modern =
        Reflect::get(&window.navigator(), &"clipboard".into()).is_ok_and(|it| it.is_object());
    if modern {
        let promise = window.navigator().clipboard().write_text(text);
        let text = text.to_owned();
        spawn_local(async move {
            done.set(JsFuture::from(promise).await.is_ok() || copy_selected(&text));
        });
    } else {
        done.set(copy_selected(text));
    }
}

/// The old way: a field that is there for a moment, selected and copied from.
fn copy_selected(text: &str) -> bool {
    let copied = || {
        let document = web_sys::window()?.document()?;
        // Inside of an open dialog, or the browser would not let it have the focus.
        let parent = document
            .query_selector("dialog[open]")
            .ok()?
            .or_else(|| document.body().map(Into::into))?;
        let field = document
            .create_element("textarea")
            .ok()?
            .dyn_into::<HtmlTextAreaElement>()
            .ok()?;
        field.set_value(text);
        parent.append_child(&field).ok()?;
        field.select();
        let copied = document
            .dyn_into::<HtmlDocument>()
            .ok()?
            .exec_command("copy")
            .ok()?;
        field.remove();
        Some(copied)
    };
    copied().unwrap_or(false)
}

/// What the ladder's choice needs.
#[derive(Properties, PartialEq)]
pub(crate) struct LadderProps {
    /// The step that is chosen.
    pub(crate) tier: Tier,
    /// Called with another.
    pub(crate) onchange: Callback<Tier>,
    /// Tells this ladder's radio buttons from another's.
    pub(crate) name: AttrValue,
}

/// The permission ladder: what Duet would be allowed to see.
#[component]
pub(crate) fn Ladder(props: &LadderProps) -> Html {
    html! {
        <fieldset class="ladder">
            <legend>{ "What may Duet see?" }</legend>
            { for [Tier::Busy, Tier::Read].into_iter().map(|tier| {
                let onchange = props.onchange.clone();
                let testid = if tier == Tier::Busy { "tier-busy" } else { "tier-read" };
                html! {
                    <label class="choice" key={testid}>
                        <input type="radio" name={props.name.clone()} data-testid={testid} checked={tier == props.tier} onchange={move |_| onchange.emit(tier)} />
                        <span><b>{ words::tier(tier) }</b><small>{ words::tier_detail(tier) }</small></span>
                    </label>
                }
            }) }
        </fieldset>
    }
}
