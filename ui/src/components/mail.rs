//! The line that says who will be mailed, and the choice of whom.

use duet_model::duet_event::Guest;
use duet_model::outbox::{Mailing, Notify, mailed};
use duet_wire::duet_event::Place;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::icon::{Icon, icon};

/// Who hears of a change.
pub(crate) struct Mail(Mailing);

/// The choices, each with what follows from it.
const CHOICES: [(Notify, &str); 3] = [
    (Notify::All, "all guests"),
    (Notify::External, "guests outside your organisation"),
    (Notify::None, "nobody"),
];

impl Mail {
    /// Who hears of it when these guests become those; nobody where the event is here alone.
    pub(crate) fn of(
        before: &[Guest],
        after: &[Guest],
        place: Option<&Place>,
        notify: Notify,
    ) -> Self {
        let Some(place) = place else {
            return Self(Mailing::default());
        };
        Self(mailed(before, after, &place.account, notify))
    }

    /// "Saving mails 2 guests: ben@example.org, cy@example.org."; nothing where nobody is invited.
    pub(crate) fn words(&self, doing: &str) -> Option<String> {
        let guests = |emails: &[String]| {
            let noun = if emails.len() == 1 { "guest" } else { "guests" };
            format!("{} {noun}: {}", emails.len(), emails.join(", "))
        };
        match (self.0.mailed.as_slice(), self.0.untold.as_slice()) {
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
}

/// Who is mailed by what is about to be done, and the choice of another; nothing where nobody is invited.
pub(crate) fn mail_line(
    mail: &Mail,
    doing: &str,
    notify: &UseStateHandle<Notify>,
    testid: &'static str,
) -> Html {
    let Some(words) = mail.words(doing) else {
        return html! {};
    };
    let onchange = {
        let set = notify.setter();
        move |event: Event| {
            let at = event
                .target_unchecked_into::<HtmlSelectElement>()
                .selected_index();
            if let Some((chosen, _)) = usize::try_from(at).ok().and_then(|at| CHOICES.get(at)) {
                set.set(*chosen);
            }
        }
    };
    html! {
        <div class="mail">
            { icon(Icon::People) }
            <p role="status" data-testid={format!("{testid}-mail")}>{ words }</p>
            <select class="field" aria-label="Mail" data-testid={format!("{testid}-notify")} {onchange}>
                { for CHOICES.iter().map(|(value, words)| html! { <option key={*words} selected={*value == **notify}>{ *words }</option> }) }
            </select>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_who_is_mailed_and_who_is_not() {
        let guests = |emails: &[&str]| -> Vec<Guest> {
            let guest = |email: &&str| Guest {
                email: (*email).into(),
                name: None,
                optional: false,
            };
            emails.iter().map(guest).collect()
        };
        let place = Place {
            account: "ana@example.com".into(),
            calendar: "ana@example.com".into(),
        };
        let words = |after: &[&str], notify| {
            Mail::of(&[], &guests(after), Some(&place), notify).words("Saving")
        };
        assert_eq!(words(&[], Notify::All), None);
        let one = ["ben@example.com"];
        assert_eq!(
            words(&one, Notify::All).as_deref(),
            Some("Saving mails 1 guest: ben@example.com.")
        );
        assert!(
            words(&one, Notify::None)
                .unwrap()
                .starts_with("Saving mails nobody.")
        );
        let both = words(&["ben@example.com", "cy@other.org"], Notify::External).unwrap();
        assert_eq!(
            both,
            "Saving mails 1 guest: cy@other.org. Not told: 1 guest: ben@example.com."
        );
        assert_eq!(
            Mail::of(&[], &guests(&one), None, Notify::All).words("Saving"),
            None
        );
    }
}
