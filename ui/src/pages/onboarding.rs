//! The first minute: what Duet is, and three ways to begin.

use duet_model::account::Tier;
use duet_wire::connect::ConnectView;
use yew::prelude::*;

use crate::components::connect::{ConnectSteps, Ladder};
use crate::components::icon::{Icon, icon};
use crate::deeds;
use crate::hooks::use_store;

/// The onboarding: one calm screen.
#[component]
pub(crate) fn Onboarding() -> Html {
    let store = use_store();
    let tier = use_state_eq(Tier::default);
    let asked_demo = use_state_eq(|| false);
    let Some(overview) = store.overview.clone() else {
        return html! {};
    };
    let idle = matches!(
        overview.connect,
        ConnectView::Idle | ConnectView::Done { .. }
    );
    let connect = {
        let (store, tier) = (store.clone(), tier.clone());
        move |_| deeds::connect(&store, *tier, None)
    };
    let demo = {
        let (store, asked) = (store.clone(), asked_demo.clone());
        move |_| {
            asked.set(true);
            deeds::connect_demo(&store);
        }
    };
    let by_hand = {
        let store = store.clone();
        move |_| deeds::set(&store, |settings| settings.welcomed = true)
    };
    html! {
        <main class="onboarding" data-testid="onboarding">
            <div class="welcome">
                { icon(Icon::Duet) }
                <h1>{ "Know when you are free" }</h1>
                <p class="lead">{ "Duet shows your busy time from Google next to what you block by hand, keeps it fresh by itself, and never draws as free what it does not know." }</p>
                if idle {
                    <Ladder tier={*tier} name="tier" onchange={
                        let tier = tier.clone();
                        Callback::from(move |chosen| tier.set(chosen))
                    } />
                    <p class="quiet">{ "Your browser opens at Google and asks for exactly that. The key stays in this computer’s keychain; your password never reaches Duet." }</p>
                    <button class="button primary large" data-testid="connect-google" onclick={connect}>{ "Connect Google Calendar" }</button>
                    <div class="ways">
                        <button class="button" data-testid="try-demo" disabled={*asked_demo && store.toasts.is_empty()} onclick={demo}>{ "Try the demo account" }</button>
                        <button class="button" data-testid="by-hand" onclick={by_hand}>{ "Just block time by hand" }</button>
                    </div>
                    if let Some(why) = overview.google_unavailable.clone() {
                        <p class="note" data-testid="google-unavailable">{ icon(Icon::Alert) }<span>{ why }</span></p>
                    }
                    if let Some(why) = overview.keychain_unavailable.clone() {
                        <p class="note" data-testid="keychain-unavailable">{ icon(Icon::Alert) }<span>{ why }</span></p>
                    }
                } else {
                    <ConnectSteps />
                }
            </div>
        </main>
    }
}
