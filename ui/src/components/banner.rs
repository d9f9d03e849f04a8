//! The banners across the window: an account that must be reconnected, and a first sync under way.

use duet_model::account::AccountState;
use duet_wire::accounts::AccountView;
use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::deeds;
use crate::hooks::{use_now, use_store};
use crate::words;

/// All banners, one below the other.
#[component]
pub(crate) fn Banners() -> Html {
    let store = use_store();
    let now = use_now();
    let Some(overview) = store.overview.clone() else {
        return html! {};
    };
    let revoked = overview
        .status
        .accounts
        .iter()
        .filter(|account| account.state == AccountState::Reconnect);
    let first = overview
        .status
        .accounts
        .iter()
        .filter(|account| account.syncing && account.last_synced_at.is_none());
    html! {
        <div class="banners">
            { for revoked.map(|account| {
                let (happened, still) = words::revoked(account, now, store.grids.days());
                let reconnect = {
                    let (store, tier, email) = (store.clone(), account.tier, account.email.clone());
                    move |_| deeds::connect(&store, tier, Some(email.clone()))
                };
                html! {
                    <div key={account.email.clone()} class="banner" role="alert" data-testid="banner-reconnect" data-email={account.email.clone()}>
                        { icon(Icon::Alert) }
                        <p><b>{ happened }</b>{ " " }{ still }</p>
                        <button class="button strong" onclick={reconnect}>{ "Reconnect" }</button>
                    </div>
                }
            }) }
            { for first.map(progress) }
        </div>
    }
}

/// The progress of a first sync: what has arrived is drawn already, this says how much is to come.
fn progress(account: &AccountView) -> Html {
    let progress = account.progress.unwrap_or_default();
    let share = match progress.total {
        0 => 0,
        total => progress.done.min(total) * 100 / total,
    };
    html! {
        <div key={format!("first-{}", account.email)} class="banner first" data-testid="first-sync" data-email={account.email.clone()}>
            <p><b>{ "First sync of " }<bdi>{ &account.email }</bdi></b>{ ": " }{ words::progress(progress) }</p>
            <div
                class="progress"
                role="progressbar"
                aria-label={format!("First sync of {}", account.email)}
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow={share.to_string()}
            ><i style={format!("width:{share}%")}></i></div>
        </div>
    }
}
