//! What follows from what is about to be done: the line that says who will be mailed, with the choice of
//! whom, and what becomes of single occurrences. The core says it, which knows what would be sent: also of
//! occurrences that have guests of their own, and where nothing changes for anybody.

use duet_model::outbox::{Mailing, Notify};
use duet_wire::duet_event::{EventWish, Undone};
use duet_wire::{Answer, Query};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::hooks::{use_answer, use_store};

/// So long nobody has typed, in milliseconds, when it is asked who would be mailed.
const TYPED: u32 = 200;

/// The choices, each with what follows from it.
const CHOICES: [(Notify, &str); 3] = [
    (Notify::All, "all guests"),
    (Notify::External, "guests outside your organisation"),
    (Notify::None, "nobody"),
];

/// What is about to be done.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// That; `None` as long as it cannot be done, or concerns nobody.
    pub(crate) wish: Option<EventWish>,
    /// The same as a word: "Saving".
    pub(crate) doing: AttrValue,
    /// Who is to hear of it.
    pub(crate) notify: UseStateHandle<Notify>,
    /// The beginning of its test ids.
    pub(crate) testid: AttrValue,
    /// Has it guests? Then there is a choice, whatever the answer: nothing moves when that comes.
    pub(crate) guests: bool,
    /// Is it still being typed?
    #[prop_or_default]
    pub(crate) typing: bool,
}

/// Who is mailed by what is about to be done, and the choice of another. It has its place from the start: a
/// button that moves under the hand is another button.
#[component]
pub(crate) fn MailLine(props: &Props) -> Html {
    let store = use_store();
    let query = props.wish.clone().map(|wish| Query::Consequences {
        wish: Box::new(wish),
    });
    let typed = use_mut_ref(|| false);
    // What is there at first nobody has typed.
    let delay = if props.typing && typed.replace(true) {
        TYPED
    } else {
        0
    };
    let asked = use_answer(query, store.grids.epoch(), delay, |answer| match answer {
        Answer::Consequences(all) => Some(all),
        _ => None,
    });
    if props.wish.is_none() {
        return html! {};
    }
    let all = asked.shown();
    let undone = all.and_then(|all| undone(all.undone, &props.doing));
    let lost = undone.map(
        |words| html! { <p class="undone" role="status" data-testid={format!("{}-undone", props.testid)}>{ icon(Icon::Alert) }<span>{ words }</span></p> },
    );
    let said = all.map(|all| words(&all.mailing, &props.doing));
    let choice = props.guests || all.is_some_and(|all| all.mailing != Mailing::default());
    let onchange = {
        let set = props.notify.setter();
        move |event: Event| {
            let at = event
                .target_unchecked_into::<HtmlSelectElement>()
                .selected_index();
            if let Some((chosen, _)) = usize::try_from(at).ok().and_then(|at| CHOICES.get(at)) {
                set.set(*chosen);
            }
        }
    };
    let testid = &props.testid;
    html! {
        <>
        { lost }
        <div class="mail">
            { icon(Icon::People) }
            <p role="status" tabindex="0" data-testid={format!("{testid}-mail")}>{ said.unwrap_or_else(|| "\u{a0}".to_owned()) }</p>
            if choice {
                <select class="field" aria-label="Mail" data-testid={format!("{testid}-notify")} {onchange}>
                    { for CHOICES.iter().map(|(value, words)| html! { <option key={*words} selected={*value == *props.notify}>{ *words }</option> }) }
                </select>
            }
        </div>
        </>
    }
}

/// What a change undoes of single occurrences, in a sentence.
fn undone(undone: Undone, doing: &str) -> Option<String> {
    let times = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    };
    let removed = times(
        undone.removed,
        "occurrence back that was removed",
        "occurrences back that were removed",
    );
    let removed = removed.map(|words| format!("brings {words}"));
    let changed = times(
        undone.changed,
        "occurrence was changed alone",
        "occurrences were changed alone",
    );
    let changed = changed.map(|words| format!("undoes how {words}"));
    let parts: Vec<String> = removed.into_iter().chain(changed).collect();
    (!parts.is_empty()).then(|| format!("{doing} {}.", parts.join(" and ")))
}

/// "Saving mails 2 guests: ben@example.org, cy@example.org."
fn words(mailing: &Mailing, doing: &str) -> String {
    let guests = |emails: &[String]| {
        let noun = if emails.len() == 1 { "guest" } else { "guests" };
        format!("{} {noun}: {}", emails.len(), emails.join(", "))
    };
    let said = match (mailing.mailed.as_slice(), mailing.untold.as_slice()) {
        ([], []) => format!("{doing} mails nobody."),
        (mailed, []) => format!("{doing} mails {}.", guests(mailed)),
        ([], untold) => format!(
            "{doing} mails nobody. {} will not hear of it outside Google.",
            guests(untold)
        ),
        (mailed, untold) => format!(
            "{doing} mails {}. Not told: {}.",
            guests(mailed),
            guests(untold)
        ),
    };
    if mailing.repeatedly.is_empty() {
        return said;
    }
    format!(
        "{said} More than one mail goes to {}.",
        mailing.repeatedly.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_single_occurrences_is_said() {
        let says = |removed, changed| undone(Undone { removed, changed }, "Saving");
        assert_eq!(says(0, 0), None);
        assert_eq!(
            says(1, 2).as_deref(),
            Some(
                "Saving brings 1 occurrence back that was removed and undoes how 2 occurrences were changed alone."
            )
        );
        assert_eq!(
            says(0, 1).as_deref(),
            Some("Saving undoes how 1 occurrence was changed alone.")
        );
    }

    #[test]
    fn the_line_says_who_is_mailed_and_who_is_not() {
        let list = |emails: &[&str]| emails.iter().map(|it| (*it).to_owned()).collect();
        let says = |mailed: &[&str], untold: &[&str]| {
            let (mailed, untold) = (list(mailed), list(untold));
            let repeatedly = vec![];
            words(
                &Mailing {
                    mailed,
                    repeatedly,
                    untold,
                },
                "Saving",
            )
        };
        let (ben, cy) = ("ben@example.com", "cy@other.org");
        assert_eq!(says(&[], &[]), "Saving mails nobody.");
        assert_eq!(says(&[ben], &[]), "Saving mails 1 guest: ben@example.com.");
        assert_eq!(
            says(&[], &[ben, cy]),
            "Saving mails nobody. 2 guests: ben@example.com, cy@other.org will not hear of it outside Google."
        );
        assert_eq!(
            says(&[cy], &[ben]),
            "Saving mails 1 guest: cy@other.org. Not told: 1 guest: ben@example.com."
        );
        let twice = Mailing {
            mailed: list(&[ben, cy]),
            repeatedly: list(&[cy]),
            untold: vec![],
        };
        assert_eq!(
            words(&twice, "Saving"),
            "Saving mails 2 guests: ben@example.com, cy@other.org. More than one mail goes to cy@other.org."
        );
    }
}
