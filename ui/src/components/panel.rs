//! What stands beside the calendar: its frame, and which one is open. Not modal: the calendar can be
//! walked meanwhile. Where there is no room beside it, it is a sheet over the lower part.

use yew::prelude::*;

use crate::components::changes::ChangesPanel;
use crate::components::find::FindPanel;
use crate::components::icon::{Icon, icon};
use crate::components::invitations::InvitationsPanel;
use crate::components::why::WhyPanel;
use crate::hooks::{use_panel_focus, use_store};
use crate::state::app::Action;
use crate::state::panel::Panel;

/// The open panel, if any.
#[component]
pub(crate) fn PanelView() -> Html {
    let store = use_store();
    match &store.panel {
        None => html! {},
        Some(Panel::Why(stretch)) => html! { <WhyPanel key="why" stretch={*stretch} /> },
        Some(Panel::Find) => html! { <FindPanel key="find" /> },
        Some(Panel::Changes) => html! { <ChangesPanel key="changes" /> },
        Some(Panel::Invitations) => html! { <InvitationsPanel key="invitations" /> },
    }
}

/// The frame of a panel.
#[derive(Properties, PartialEq)]
pub(crate) struct FrameProps {
    /// Its name.
    pub(crate) label: AttrValue,
    /// Its test id, which is a class as well.
    pub(crate) testid: AttrValue,
    /// Is something on its way?
    #[prop_or_default]
    pub(crate) busy: bool,
    /// Does it follow the grid's cursor? Then that keeps the focus.
    #[prop_or_default]
    pub(crate) follows: bool,
    /// More attributes for tests: the state that is explained.
    #[prop_or_default]
    pub(crate) state: Option<AttrValue>,
    /// What stands beside the way out.
    pub(crate) heading: Html,
    /// What is inside.
    pub(crate) children: Html,
}

/// A panel: the focus moves into it, and back where it was when it closes.
#[component]
pub(crate) fn Frame(props: &FrameProps) -> Html {
    let store = use_store();
    let node = use_panel_focus(props.follows);
    let close = move |_| store.dispatch(Action::Alone);
    html! {
        <aside ref={node} class={classes!("panel", props.testid.to_string())} role="complementary" tabindex="-1" aria-label={props.label.clone()}
            aria-busy={if props.busy { "true" } else { "false" }} data-testid={props.testid.clone()} data-state={props.state.clone()}>
            <div class="panel-head">
                <div>{ props.heading.clone() }</div>
                <button class="button ghost square" aria-label="Close" title="Close (Esc)" data-testid="panel-close" onclick={close}>{ icon(Icon::Cross) }</button>
            </div>
            <div class="panel-body">{ props.children.clone() }</div>
        </aside>
    }
}
