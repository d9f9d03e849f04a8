//! What others invite to and nobody has answered yet.

use duet_wire::availability::When;
use duet_wire::invitation::InvitationView;
use yew::prelude::*;

use crate::color;
use crate::components::answers::Answers;
use crate::components::icon::{Icon, icon};
use crate::components::panel::Frame;
use crate::dates;
use crate::hooks::{Store, use_store};
use crate::state::app::Action;
use crate::state::panel::Panel;

/// The way to the invitations, as long as there are any.
#[component]
pub(crate) fn InvitationsButton() -> Html {
    let store = use_store();
    let count = store.invitations.list().len();
    let open = store.panel == Some(Panel::Invitations);
    if count == 0 && !open {
        return html! {};
    }
    let onclick = move |_: MouseEvent| toggle(&store);
    html! {
        <section>
            <button class="invited" data-testid="invitations-open" title="Invitations (I)" aria-pressed={if open { "true" } else { "false" }} {onclick}>
                { icon(Icon::People) }<span>{ "Invitations" }</span>
                if count > 0 {
                    <b>{ count }</b>
                }
            </button>
        </section>
    }
}

/// Opens the panel, or closes it.
pub(crate) fn toggle(store: &Store) {
    store.dispatch(if store.panel == Some(Panel::Invitations) {
        Action::Alone
    } else {
        Action::Beside(Panel::Invitations)
    });
}

/// The panel.
#[component]
pub(crate) fn InvitationsPanel() -> Html {
    let store = use_store();
    let all = &store.invitations;
    let list = all.list();
    html! {
        <Frame label="Invitations" testid="invitations" busy={!all.known() && all.failure().is_none()}
            heading={html! { <h2>{ "Invitations" }</h2> }}>
            if let Some(error) = all.failure() {
                <p class="trouble" role="alert">{ icon(Icon::Alert) }<span>{ &error.message }</span></p>
            }
            if all.known() && list.is_empty() {
                <p class="quiet" data-testid="invitations-none">{ "Everything is answered." }</p>
            }
            <ul class="invitation-list">
                { for list.iter().map(|one| invitation(&store, one)) }
            </ul>
        </Frame>
    }
}

fn invitation(store: &Store, one: &InvitationView) -> Html {
    let show = {
        let (store, date, id) = (store.clone(), one.wall_start.date(), one.id.clone());
        move |_| {
            store.dispatch(Action::Find {
                date,
                id: id.clone(),
            })
        }
    };
    html! {
        <li key={one.id.clone()} class="invitation" data-testid="invitation" data-id={one.id.clone()} style={color::style(Some(&one.color))}>
            <button class="invitation-title" title="Show it in the calendar" onclick={show}><i class="swatch" aria-hidden="true"></i><bdi>{ &one.title }</bdi></button>
            <p class="when">{ when(one) }</p>
            <p class="from">
                if let Some(organizer) = &one.organizer {
                    { "From " }<bdi class="selectable">{ organizer }</bdi>{ " · " }
                }
                <bdi>{ &one.calendar_name }</bdi>
            </p>
            if let Some(meanwhile) = &one.meanwhile {
                <p class="meanwhile" data-testid="invitation-meanwhile" data-state={meanwhile.state.as_str()}><i aria-hidden="true"></i><span>{ &meanwhile.because }</span></p>
            }
            if let Some(why) = &one.because {
                <p class="from">{ why }</p>
            } else {
                <Answers event={one.key} now={None} label={format!("Answer to {}", one.title)} />
            }
        </li>
    }
}

/// "Tue 24 Nov, 18:00 – 20:00, and so on".
fn when(one: &InvitationView) -> String {
    let span = match (one.start, one.end) {
        (When::Date(first), When::Date(after)) => dates::day_span(first, after),
        _ => dates::spoken_span(one.wall_start, one.wall_end).replace(" to ", " – "),
    };
    if one.repeats {
        format!("{span}, repeats")
    } else {
        span
    }
}
