//! What was changed here and in Google at once, or deleted there: both versions, and taking the other one.

use duet_model::outbox::Notify;
use duet_wire::conflict::{Again, ConflictView, Kept};
use duet_wire::duet_event::{EventChange, EventWish};
use yew::prelude::*;

use crate::components::dialogs::Modal;
use crate::components::mail::MailLine;
use crate::deeds;
use crate::hooks::{Store, use_store};
use crate::state::app::Action;
use crate::state::dialog::{Dialog, Taking};

/// What happened, in a sentence, and the versions that can be taken. Out of sight of the event it is named.
pub(crate) fn told(store: &Store, conflict: &ConflictView, named: bool) -> Html {
    let take = |again: &Option<Again>, mine: bool| {
        let again = again.clone()?;
        let (store, conflict) = (store.clone(), conflict.clone());
        let onclick = move |_: MouseEvent| {
            let taking = Taking {
                conflict: conflict.clone(),
                again: again.clone(),
                mine,
            };
            store.dispatch(Action::Show(Dialog::TakeVersion(Box::new(taking))));
        };
        let (testid, words) = match mine {
            true => ("conflict-mine", "Use mine"),
            false => ("conflict-theirs", "Use Google’s"),
        };
        Some(html! { <button class="button" data-testid={testid} {onclick}>{ words }</button> })
    };
    let back = (conflict.is_deletion() && conflict.kept == Kept::Theirs).then(|| {
        let (store, id) = (store.clone(), conflict.id);
        html! { <button class="button" data-testid="conflict-restore" onclick={move |_| deeds::restore(&store, id)}>{ "Bring it back" }</button> }
    });
    // The one that stands is nothing to be chosen.
    let mine = take(&conflict.mine, true).filter(|_| conflict.kept != Kept::Mine);
    let theirs = take(&conflict.theirs, false).filter(|_| conflict.kept != Kept::Theirs);
    html! {
        <div class="conflict">
            if named {
                <b><bdi>{ title(conflict) }</bdi></b>
            }
            <p>{ &conflict.because }</p>
            if mine.is_some() || theirs.is_some() || back.is_some() {
                <div class="fact-buttons">{ mine }{ theirs }{ back }</div>
            }
        </div>
    }
}

fn title(conflict: &ConflictView) -> &str {
    match conflict.title.trim() {
        "" => "(no title)",
        title => title,
    }
}

/// Which conflict, and which version of it.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// That.
    pub(crate) taking: Taking,
}

/// Takes the other version, once it is said what that changes and who is told.
#[component]
pub(crate) fn TakeVersion(props: &Props) -> Html {
    let store = use_store();
    let Taking {
        conflict,
        again,
        mine,
    } = props.taking.clone();
    let notify = use_state(|| Notify::All);
    let change = EventChange {
        notify: *notify,
        ..again.change
    };
    let wish = EventWish::Change {
        change: change.clone(),
        draft: again.draft.clone(),
    };
    let concerned = !again.draft.guests.is_empty();
    let onclose = {
        let store = store.clone();
        Callback::from(move |()| store.dispatch(Action::Close))
    };
    let cancel = onclose.clone();
    let take = move |_| deeds::change_event(&store, change.clone(), again.draft.clone());
    html! {
        <Modal heading={if mine { "Use your version?" } else { "Use Google’s version?" }} class="small" testid="conflict-dialog" {onclose}>
            <p><bdi>{ title(&conflict).to_owned() }</bdi></p>
            <div><table class="versions">
                <thead><tr><td></td><th scope="col">{ "Yours" }</th><th scope="col">{ "Google’s" }</th></tr></thead>
                <tbody>
                    { for conflict.fields.iter().map(|field| html! {
                        <tr>
                            <th scope="row">{ &field.name }</th>
                            <td class={mine.then_some("taken")}><bdi class="selectable">{ &field.mine }</bdi></td>
                            <td class={(!mine).then_some("taken")}><bdi class="selectable">{ &field.theirs }</bdi></td>
                        </tr>
                    }) }
                </tbody>
            </table></div>
            <MailLine {wish} doing="Taking it" {notify} testid="conflict" guests={concerned} />
            <div class="dialog-foot">
                <button class="button" onclick={move |_| cancel.emit(())}>{ "Cancel" }</button>
                <span class="spring"></span>
                <button class="button primary" data-testid="conflict-take" autofocus=true onclick={take}>{ if mine { "Use mine" } else { "Use Google’s" } }</button>
            </div>
        </Modal>
    }
}
