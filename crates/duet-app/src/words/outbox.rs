//! What waits to be sent to Google, in words.

use chrono::{DateTime, Utc};
use duet_model::account::Account;
use duet_model::event::Response;
use duet_model::outbox::{Deed, Op, Stuck};
use duet_model::zones::Zone;
use duet_store::Pause;

use super::times::at;

/// What an operation does: "Add “Choir” to Work". `calendar` names where the event stands, `to` where
/// it is moved.
pub(crate) fn deed(op: &Op, calendar: &str, to: Option<&str>) -> String {
    let title = match op.what.title.as_str() {
        "" => "an event without a title".to_owned(),
        title => format!("“{title}”"),
    };
    match &op.what.deed {
        Deed::Insert { .. } => format!("Add {title} to {calendar}"),
        Deed::Update { .. } => format!("Change {title} in {calendar}"),
        Deed::Delete { .. } => format!("Delete {title} from {calendar}"),
        Deed::Move { .. } => {
            let to = to.unwrap_or("another calendar");
            format!("Move {title} from {calendar} to {to}")
        }
        Deed::Respond { response } => format!("Answer {title}: {}", answer(*response)),
    }
}

/// An answer to an invitation.
pub(crate) fn answer(response: Response) -> &'static str {
    match response {
        Response::Accepted => "yes",
        Response::Tentative => "maybe",
        Response::Declined => "no",
        Response::NeedsAction => "not answered yet",
    }
}

/// Why nothing is written to an account, and what helps.
pub(crate) fn may_only_read(email: &str) -> String {
    format!(
        "Duet may only read {email}. Allow it to write first: in the settings, or with `duet connect \
         --tier write`."
    )
}

/// Why an operation has not been carried out.
pub(crate) enum Wait<'a> {
    /// Google refused it.
    Refused(&'a Stuck),
    /// Google refused the one before it. Nothing but the person's word lets it go.
    BehindRefused,
    /// The account's key is not accepted any more.
    KeyGone(&'a Account),
    /// Google takes no writes of the account until then.
    Paused(&'a Pause),
    /// The one before it failed, and is tried again then.
    BehindFailed(DateTime<Utc>),
    /// It can be taken back for a moment.
    Held,
    /// It failed, and is tried again then.
    Failed(DateTime<Utc>),
    /// There was no sync since.
    Due,
}

impl<'a> Wait<'a> {
    /// `first` is the one of its thread that goes before all others, where that is another.
    pub(crate) fn of(
        op: &'a Op,
        first: Option<&'a Op>,
        account: Option<&'a Account>,
        pause: Option<&'a Pause>,
        now: DateTime<Utc>,
    ) -> Self {
        if let Some(stuck) = &op.stuck {
            return Self::Refused(stuck);
        }
        if first.is_some_and(|first| first.stuck.is_some()) {
            return Self::BehindRefused;
        }
        if let Some(account) = account.filter(|account| account.revoked_at.is_some()) {
            return Self::KeyGone(account);
        }
        if let Some(pause) = pause.filter(|pause| pause.until > now) {
            return Self::Paused(pause);
        }
        if let Some(first) = first.filter(|first| first.attempts > 0 && first.what.not_before > now)
        {
            return Self::BehindFailed(first.what.not_before);
        }
        match (op.what.not_before > now, op.attempts) {
            (true, 0) => Self::Held,
            (true, _) => Self::Failed(op.what.not_before),
            (false, _) => Self::Due,
        }
    }

    /// When it is tried again by itself, where a try has failed.
    pub(crate) fn again(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Paused(pause) => Some(pause.until),
            Self::BehindFailed(then) | Self::Failed(then) => Some(*then),
            _ => None,
        }
    }

    /// The same as a sentence.
    pub(crate) fn because(&self, now: DateTime<Utc>, zone: &Zone) -> String {
        match self {
            Self::Refused(stuck) => stuck.message.clone(),
            Self::BehindRefused => {
                "It is sent after the change before it, which Google refused.".to_owned()
            }
            Self::KeyGone(account) => format!(
                "Google no longer accepts Duet’s key to {}. It is sent once the account is connected \
                 again.",
                account.email
            ),
            Self::Paused(pause) => {
                let then = at(pause.until, now, zone);
                format!("{}. It is tried again {then}.", pause.message)
            }
            Self::BehindFailed(then) => format!(
                "It is sent after the change before it, which is tried again {}.",
                at(*then, now, zone)
            ),
            Self::Held => {
                "It is sent in some seconds, and can be taken back until then.".to_owned()
            }
            Self::Failed(then) => format!(
                "It could not be sent. It is tried again {}.",
                at(*then, now, zone)
            ),
            Self::Due => "It is sent as soon as Google can be reached.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use duet_model::account::{AccountId, FailureCode};
    use duet_model::calendar::CalendarId;
    use duet_model::event::EventId;
    use duet_model::outbox::{NewOp, Notify, OpId, Target};

    use super::*;

    fn op(deed: Deed) -> Op {
        Op {
            id: OpId(1),
            what: NewOp {
                thread: "t".into(),
                event: None,
                calendar: CalendarId(1),
                title: "Choir".into(),
                target: Target::Event(EventId("e".into())),
                deed,
                notify: Notify::None,
                not_before: DateTime::UNIX_EPOCH,
            },
            attempts: 0,
            sent: false,
            stuck: None,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_done_is_said() {
        let delete = Deed::Delete { seen: None };
        assert_eq!(deed(&op(delete), "Work", None), "Delete “Choir” from Work");
        let moved = op(Deed::Move { to: CalendarId(2) });
        assert_eq!(
            deed(&moved, "Work", Some("Team")),
            "Move “Choir” from Work to Team"
        );
        let yes = op(Deed::Respond {
            response: Response::Accepted,
        });
        assert_eq!(deed(&yes, "Work", None), "Answer “Choir”: yes");
        let mut bare = op(Deed::Delete { seen: None });
        bare.what.title.clear();
        assert_eq!(
            deed(&bare, "Work", None),
            "Delete an event without a title from Work"
        );
    }

    #[test]
    fn why_it_waits_is_said() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::hours(12);
        let told = |change: &dyn Fn(&mut Op), pause: Option<&Pause>| {
            let mut op = op(Deed::Delete { seen: None });
            change(&mut op);
            let wait = Wait::of(&op, None, None, pause, now);
            (wait.because(now, &Zone::utc()), wait.again())
        };
        let held = |op: &mut Op| op.what.not_before = now + TimeDelta::seconds(8);
        let failed = |op: &mut Op| {
            op.what.not_before = now + TimeDelta::minutes(5);
            op.attempts = 3;
        };
        let stuck = |op: &mut Op| {
            op.stuck = Some(Stuck {
                code: FailureCode::Rejected,
                message: "No.".into(),
                at: now,
            });
        };
        let pause = Pause {
            account: AccountId(1),
            until: now + TimeDelta::hours(13),
            message: "Enough".into(),
        };
        let over = Pause {
            until: now,
            ..pause.clone()
        };
        let (soon, later) = (now + TimeDelta::minutes(5), pause.until);
        let says = |(words, again): (String, Option<DateTime<Utc>>), expect: &str, then| {
            assert!(words.contains(expect), "{expect}: {words}");
            assert_eq!(again, then, "{expect}");
        };
        says(told(&held, None), "some seconds", None);
        says(told(&failed, None), "at 12:05", Some(soon));
        says(told(&stuck, Some(&pause)), "No.", None);
        let then = "on Fri 2 Jan at 01:00";
        says(told(&|_| {}, Some(&pause)), then, Some(later));
        says(told(&failed, Some(&pause)), then, Some(later));
        says(told(&|_| {}, Some(&over)), "as soon as Google", None);

        let behind = |change: &dyn Fn(&mut Op), pause: Option<&Pause>| {
            let mut first = op(Deed::Delete { seen: None });
            change(&mut first);
            let op = op(Deed::Delete { seen: None });
            let wait = Wait::of(&op, Some(&first), None, pause, now);
            (wait.because(now, &Zone::utc()), wait.again())
        };
        says(behind(&stuck, None), "which Google refused", None);
        says(behind(&stuck, Some(&pause)), "which Google refused", None);
        says(
            behind(&failed, None),
            "which is tried again at 12:05",
            Some(soon),
        );
        says(behind(&|_| {}, None), "as soon as Google", None);
    }
}
