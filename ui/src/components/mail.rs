//! The line that says who will be mailed, and the choice of whom. The core says it, which knows what would
//! be sent: also of occurrences that have guests of their own, and where nothing changes for anybody.

use duet_model::outbox::{Mailing, Notify};
use duet_wire::duet_event::EventWish;
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
    /// Is it still being typed?
    #[prop_or_default]
    pub(crate) typing: bool,
}

/// Who is mailed by what is about to be done, and the choice of another; nothing where nobody is concerned.
#[component]
pub(crate) fn MailLine(props: &Props) -> Html {
    let store = use_store();
    let query = props.wish.clone().map(|wish| Query::Mailing {
        wish: Box::new(wish),
    });
    let delay = if props.typing { TYPED } else { 0 };
    let asked = use_answer(query, store.grids.epoch(), delay, |answer| match answer {
        Answer::Mailing(mailing) => Some(mailing),
        _ => None,
    });
    let said = asked
        .shown()
        .and_then(|mailing| words(mailing, &props.doing));
    let Some(said) = said else {
        return html! {};
    };
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
        <div class="mail">
            { icon(Icon::People) }
            <p role="status" tabindex="0" data-testid={format!("{testid}-mail")}>{ said }</p>
            <select class="field" aria-label="Mail" data-testid={format!("{testid}-notify")} {onchange}>
                { for CHOICES.iter().map(|(value, words)| html! { <option key={*words} selected={*value == *props.notify}>{ *words }</option> }) }
            </select>
        </div>
    }
}

/// "Saving mails 2 guests: ben@example.org, cy@example.org."; nothing where nobody is concerned.
fn words(mailing: &Mailing, doing: &str) -> Option<String> {
    let guests = |emails: &[String]| {
        let noun = if emails.len() == 1 { "guest" } else { "guests" };
        format!("{} {noun}: {}", emails.len(), emails.join(", "))
    };
    match (mailing.mailed.as_slice(), mailing.untold.as_slice()) {
        ([], []) => None,
        (mailed, []) => Some(format!("{doing} mails {}.", guests(mailed))),
        ([], untold) => Some(format!(
            "{doing} mails nobody. {} will not hear of it outside Google.",
            guests(untold)
        )),
        (mailed, untold) => Some(format!(
            "{doing} mails {}. Not told: {}.",
            guests(mailed),
            guests(untold)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_who_is_mailed_and_who_is_not() {
        let list = |emails: &[&str]| emails.iter().map(|it| (*it).to_owned()).collect();
        let says = |mailed: &[&str], untold: &[&str]| {
            let (mailed, untold) = (list(mailed), list(untold));
            words(&Mailing { mailed, untold }, "Saving")
        };
        let (ben, cy) = ("ben@example.com", "cy@other.org");
        assert_eq!(says(&[], &[]), None);
        assert_eq!(
            says(&[ben], &[]).as_deref(),
            Some("Saving mails 1 guest: ben@example.com.")
        );
        assert_eq!(
            says(&[], &[ben, cy]).as_deref(),
            Some(
                "Saving mails nobody. 2 guests: ben@example.com, cy@other.org will not hear of it outside Google."
            )
        );
        assert_eq!(
            says(&[cy], &[ben]).as_deref(),
            Some("Saving mails 1 guest: cy@other.org. Not told: 1 guest: ben@example.com.")
        );
    }
}
