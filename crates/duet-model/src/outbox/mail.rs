//! Who is mailed about a change: the line that a person reads before anything leaves.

use serde::{Deserialize, Serialize};

use super::Notify;
use crate::duet_event::Guest;

/// Who hears of a change, and who does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailing {
    /// Addresses that Google writes to.
    pub mailed: Vec<String>,
    /// Those of them that get more than one mail: for a series in two parts, or a plan that leaves one
    /// account's calendar for another's, Google announces each half.
    #[serde(default)]
    pub repeatedly: Vec<String>,
    /// Guests that are not told.
    pub untold: Vec<String>,
}

impl Mailing {
    /// Takes in who hears of one thing more that is sent.
    pub fn add(&mut self, one: Mailing) {
        let known = |list: &[String], email: &str| {
            list.iter().any(|known| known.eq_ignore_ascii_case(email))
        };
        for email in one.mailed {
            if !known(&self.mailed, &email) {
                self.mailed.push(email);
            } else if !known(&self.repeatedly, &email) {
                self.repeatedly.push(email);
            }
        }
        for email in one.untold {
            if !known(&self.untold, &email) {
                self.untold.push(email);
            }
        }
        let mailed = &self.mailed;
        self.untold.retain(|email| !known(mailed, email));
    }
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
