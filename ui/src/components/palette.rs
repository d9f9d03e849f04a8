//! The command palette: everything the keys can do, by name.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::dialogs::Modal;
use crate::components::editor;
use crate::components::invitations;
use crate::components::why;
use crate::deeds;
use crate::hooks::{Now, Store, use_now, use_store};
use crate::pages::{go_today, toggle_sidebar};
use crate::state::app::{Action, Page};
use crate::state::dialog::Dialog;
use crate::state::panel::Panel;
use crate::state::view::View;

type Deed = fn(&Store, Now);

const COMMANDS: [(&str, &str, Deed); 18] = [
    ("Block time by hand", "B", |store, now| {
        editor::open_new(store, now)
    }),
    ("Go to today", "T", go_today),
    ("Day view", "D", |store, _| {
        store.dispatch(Action::View(View::Day))
    }),
    ("Week view", "W", |store, _| {
        store.dispatch(Action::View(View::Week))
    }),
    ("Month view", "M", |store, _| {
        store.dispatch(Action::View(View::Month))
    }),
    ("Agenda", "A", |store, _| {
        store.dispatch(Action::View(View::Agenda))
    }),
    ("Search", "/", |store, _| {
        store.dispatch(Action::Show(Dialog::Search))
    }),
    ("Find a time", "F", |store, _| {
        store.dispatch(Action::Beside(Panel::Find))
    }),
    ("Invitations", "I", |store, _| invitations::toggle(store)),
    (
        "Changes that wait, and conflicts with Google",
        "",
        |store, _| store.dispatch(Action::Beside(Panel::Changes)),
    ),
    ("Why is this time busy or free?", ".", |store, _| {
        why::ask(store);
    }),
    ("Sync now", "R", |store, _| deeds::sync(store, None)),
    ("Show or hide what comes from Google", "G", |store, _| {
        deeds::set(store, |settings| {
            settings.show_external = !settings.show_external
        });
    }),
    ("Show or hide what is by hand", "H", |store, _| {
        deeds::set(store, |settings| {
            settings.show_manual = !settings.show_manual
        });
    }),
    ("Pause or resume background sync", "", |store, _| {
        deeds::set(store, |settings| settings.paused = !settings.paused);
    }),
    ("Sidebar", "S", |store, _| toggle_sidebar(store)),
    ("Settings and accounts", ",", |store, _| {
        store.dispatch(Action::Open(Page::Settings { account: None }))
    }),
    ("All keys", "?", |store, _| {
        store.dispatch(Action::Show(Dialog::Sheet))
    }),
];

/// The commands whose words all begin somewhere in the name.
fn matching(text: &str) -> Vec<usize> {
    let text = text.to_lowercase();
    let fits = |name: &str| {
        let name = name.to_lowercase();
        text.split_whitespace()
            .all(|word| name.split_whitespace().any(|part| part.starts_with(word)))
    };
    COMMANDS
        .iter()
        .enumerate()
        .filter(|(_, (name, ..))| fits(name))
        .map(|(index, _)| index)
        .collect()
}

/// The palette.
#[component]
pub(crate) fn Palette() -> Html {
    let store = use_store();
    let now = use_now();
    let text = use_state_eq(String::new);
    let chosen = use_state_eq(|| 0_usize);
    let found = matching(&text);
    let at = (*chosen).min(found.len().saturating_sub(1));
    let run = {
        let store = store.clone();
        Callback::from(move |index: usize| {
            store.dispatch(Action::Close);
            if let Some((_, _, deed)) = COMMANDS.get(index) {
                deed(&store, now);
            }
        })
    };
    let oninput = {
        let (text, chosen) = (text.clone(), chosen.clone());
        move |event: InputEvent| {
            text.set(event.target_unchecked_into::<HtmlInputElement>().value());
            chosen.set(0);
        }
    };
    let onkeydown = {
        let (found, run, count) = (found.clone(), run.clone(), found.len());
        move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" if count > 0 => chosen.set((at + 1) % count),
                "ArrowUp" if count > 0 => chosen.set((at + count - 1) % count),
                "Enter" => {
                    if let Some(index) = found.get(at) {
                        run.emit(*index);
                    }
                }
                _ => return,
            }
            event.prevent_default();
        }
    };
    let onclose = Callback::from(move |()| store.dispatch(Action::Close));
    html! {
        <Modal heading="Commands" class="palette" testid="palette" {onclose}>
            <input class="field" role="combobox" aria-label="Command" aria-expanded="true" aria-controls="commands"
                aria-activedescendant={found.get(at).map(|index| format!("command-{index}"))}
                placeholder="What to do?" autofocus=true autocomplete="off" value={(*text).clone()} {oninput} {onkeydown} />
            <ul id="commands" role="listbox" aria-label="Commands">
                { for found.iter().enumerate().map(|(place, index)| {
                    let (name, key, _) = COMMANDS[*index];
                    let (run, index) = (run.clone(), *index);
                    html! {
                        <li key={name} id={format!("command-{index}")} role="option" aria-selected={if place == at { "true" } else { "false" }}
                            onclick={move |_| run.emit(index)}><span>{ name }</span>if !key.is_empty() { <kbd>{ key }</kbd> }</li>
                    }
                }) }
                if found.is_empty() {
                    <li class="quiet">{ "No such command" }</li>
                }
            </ul>
        </Modal>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_the_beginnings_of_their_words() {
        let name = |index: &usize| COMMANDS[*index].0;
        assert_eq!(matching("").len(), COMMANDS.len());
        assert_eq!(
            matching("sync").iter().map(name).collect::<Vec<_>>(),
            ["Sync now", "Pause or resume background sync"]
        );
        assert_eq!(
            matching("hide goo").iter().map(name).collect::<Vec<_>>(),
            ["Show or hide what comes from Google"]
        );
        assert!(matching("ync").is_empty(), "only beginnings");
    }
}
