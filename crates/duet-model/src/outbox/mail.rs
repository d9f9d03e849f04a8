//! Who is mailed about a change: the line that a person reads before anything leaves.

use serde::{Deserialize, Serialize};

use super::Notify;
use crate::duet_event::Guest;

/// Who hears of a change, and who does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailing {
    /// Addresses that Google writes to.
    pub mailed: Vec<String>,
    /// Guests that are not told.
    pub untold: Vec<String>,
}

/// Who is mailed when the guests of an event are these after they were those (none, where it is not
/// there) in the account of `me`. Google mails all guests about any change that it is asked to announce, those who were taken
/// out among them (GOOGLE.md 5).
pub fn mailed(before: &[Guest], after: &[Guest], me: &str, notify: Notify) -> Mailing {
    let mut mailing = Mailing::default();
    for guest in after.iter().chain(before) {
        let known = |list: &[String]| list.iter().any(|email| guest.is(email));
        if guest.is(me) || known(&mailing.mailed) || known(&mailing.untold) {
            continue;
        }
        let hears = match notify {
            Notify::All => true,
            Notify::External => domain(&guest.email) != domain(me),
            Notify::None => false,
        };
        let list = if hears {
            &mut mailing.mailed
        } else {
            &mut mailing.untold
        };
        list.push(guest.email.clone());
    }
    mailing
}

fn domain(email: &str) -> String {
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    domain.to_ascii_lowercase()
}
