//! An account's card in the settings: how it fares in words, what it may see, what one can do.

use duet_model::account::{AccountState, Tier};
use duet_wire::accounts::AccountView;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::components::connect::Ladder;
use crate::components::icon::{Icon, icon};
use crate::deeds;
use crate::hooks::{Now, use_now, use_store};
use crate::state::app::Action;
use crate::state::dialog::Dialog;
use crate::words;

/// What a card needs.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The account.
    pub(crate) account: AccountView,
    /// Does a link ask for it? Then its Reconnect button gets the focus.
    #[prop_or_default]
    pub(crate) asked: bool,
}

/// An account's card.
#[component]
pub(crate) fn AccountCard(props: &Props) -> Html {
    let store = use_store();
    let now = use_now();
    let wanted = use_state_eq(|| None::<Tier>);
    let button = use_node_ref();
    let Props { account, asked } = props;
    {
        let button = button.clone();
        use_effect_with(*asked, move |asked| {
            if let Some(button) = button.cast::<HtmlElement>().filter(|_| *asked) {
                button.scroll_into_view();
                button.focus().ok();
            }
        });
    }
    let revoked = account.state == AccountState::Reconnect;
    let reconnect = {
        let (store, email, tier) = (store.clone(), account.email.clone(), account.tier);
        move |_| deeds::connect(&store, tier, Some(email.clone()))
    };
    let disconnect = {
        let (store, email, demo) = (store.clone(), account.email.clone(), account.demo);
        move |_| {
            store.dispatch(Action::Show(Dialog::Disconnect {
                email: email.clone(),
                demo,
            }))
        }
    };
    let sync = {
        let (store, email) = (store.clone(), account.email.clone());
        move |_| deeds::sync(&store, Some(email.clone()))
    };
    let tier = wanted.unwrap_or(account.tier);
    let ask = |tier: Tier| {
        let (store, email) = (store.clone(), account.email.clone());
        move |_: MouseEvent| deeds::connect(&store, tier, Some(email.clone()))
    };
    let (change, enable) = (ask(tier), ask(Tier::Write));
    html! {
        <article class="card account" data-testid="account" data-email={account.email.clone()} data-state={words::account_word(account)}>
            <div class="card-head">
                <i class="dot" aria-hidden="true"></i>
                <div>
                    <h3>{ &account.email }</h3>
                    <p class="quiet" role="status">{ state(account) }</p>
                </div>
                <span class="spring"></span>
                if revoked {
                    <button ref={button} class="button primary" data-testid="reconnect" onclick={reconnect}>{ "Reconnect" }</button>
                } else {
                    <button ref={button} class="button" onclick={sync} aria-label={format!("Sync {} now", account.email)}>{ icon(Icon::Sync) }{ "Sync now" }</button>
                }
                <button class="button danger" data-testid="disconnect" onclick={disconnect}>{ "Disconnect" }</button>
            </div>
            if let Some(error) = account.last_error.clone() {
                <p class="trouble" role="alert" data-testid="account-error">{ icon(Icon::Alert) }<span>{ error }</span></p>
            }
            { facts(account, now) }
            if !account.demo {
                if account.tier != Tier::Write && !revoked {
                    <p class="permission"><span class="quiet">{ "Events made in Duet stay here as long as it may only read." }</span>
                        <button class="button" data-testid="enable-write" title="Google asks you in the browser" onclick={enable}>{ "Allow writing" }</button></p>
                }
                <details class="more">
                    <summary>{ "Change permission" }</summary>
                    <Ladder {tier} name={format!("tier-{}", account.email)} onchange={Callback::from(move |tier| wanted.set(Some(tier)))} />
                    if tier != account.tier {
                        <p class="quiet">{ if tier < account.tier {
                            "Google asks you again in the browser, and Duet forgets the key that may do more. What waits to be sent goes on waiting; what stands in Google stays."
                        } else {
                            "Google asks you again in the browser. What Duet already knows stays."
                        } }</p>
                        <button class="button primary" data-testid="change-permission" onclick={change}>{ "Change at Google" }</button>
                    }
                </details>
            }
        </article>
    }
}

/// How it stands, on one line: a sync that begins or ends moves nothing under anybody's pointer.
fn state(account: &AccountView) -> String {
    let state = words::account_state(account);
    match (account.progress, account.demo) {
        (Some(progress), _) if account.syncing => {
            format!("{state} {}", words::progress(progress))
        }
        (_, true) => format!("{state}, the built-in demo"),
        (_, false) => state.to_owned(),
    }
}

fn facts(account: &AccountView, now: Now) -> Html {
    let last = match account.last_synced_at {
        Some(at) => words::capital(&words::ago(at, now)),
        None => "Never".to_owned(),
    };
    let next = match (account.state, account.next_sync_at) {
        (AccountState::Reconnect, _) => "After you reconnect".to_owned(),
        (_, Some(at)) => words::capital(&words::until(at, now)),
        (_, None) => "Not planned".to_owned(),
    };
    html! {
        <dl class="facts">
            <div><dt>{ "Last sync" }</dt><dd data-testid="account-last-sync">{ last }</dd></div>
            <div><dt>{ "Next sync" }</dt><dd>{ next }</dd></div>
            <div><dt>{ "Permission" }</dt><dd>{ words::tier(account.tier) }</dd></div>
        </dl>
    }
}
