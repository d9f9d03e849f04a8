//! A Google calendar in an account's list, with the two switches that are the person's own.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::account::{AccountId, Failure};
use crate::verdict::Overrides;
use crate::when::Interval;

/// The local number of a calendar. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CalendarId(pub i64);

/// What the account may do with a calendar (GOOGLE.md 2). Unknown roles are read as [`Self::Reader`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AccessRole {
    /// Times only.
    FreeBusyReader,
    /// Events, private ones without details.
    Reader,
    /// Writes, but private events stay closed.
    WriterWithoutPrivateAccess,
    /// Reads and writes everything.
    Writer,
    /// Writer, and may share.
    Owner,
}

impl AccessRole {
    /// Google's word for the role.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FreeBusyReader => "freeBusyReader",
            Self::Reader => "reader",
            Self::WriterWithoutPrivateAccess => "writerWithoutPrivateAccess",
            Self::Writer => "writer",
            Self::Owner => "owner",
        }
    }

    /// Reads Google's word; roles that do not exist yet are read-only.
    pub fn parse(word: &str) -> Self {
        match word {
            "freeBusyReader" => Self::FreeBusyReader,
            "writerWithoutPrivateAccess" => Self::WriterWithoutPrivateAccess,
            "writer" => Self::Writer,
            "owner" => Self::Owner,
            _ => Self::Reader,
        }
    }

    /// May events be written?
    pub fn can_write(self) -> bool {
        match self {
            Self::FreeBusyReader | Self::Reader => false,
            Self::WriterWithoutPrivateAccess | Self::Writer | Self::Owner => true,
        }
    }
}

/// One calendar as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Local number.
    pub id: CalendarId,
    /// The account whose list it stands in.
    pub account: AccountId,
    /// Google's id of the calendar, often an address.
    pub google_id: String,
    /// The name to show: the person's own name for it where they gave one.
    pub name: String,
    /// Its colour, `#rrggbb`.
    pub color: String,
    /// IANA name of the calendar's own zone, where Google says it.
    pub time_zone: Option<String>,
    /// Is it the account's own, primary calendar?
    pub primary: bool,
    /// What the account may do with it.
    pub access_role: AccessRole,
    /// Hidden in Google's own list.
    pub hidden: bool,
    /// The switch "shown".
    pub shown: bool,
    /// The switch "counts as busy".
    pub busy: bool,
    /// When its busy times were last known to be right.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// For which span busy times have been asked for; outside of it nothing is known.
    pub covered: Option<Interval>,
    /// What went wrong last with this calendar alone, until it works again.
    pub last_error: Option<Failure>,
    /// Where its events are treated otherwise than those of other calendars: the person's own.
    pub rules: Overrides,
    /// Rises whenever the switches or the account's fate change, so that a sync which was under
    /// way can see that its result is no longer wanted (TRUST F33).
    pub generation: i64,
}

/// After how long without a successful check a calendar's times are no longer vouched for.
///
/// The slowest background cadence is 30 minutes; three hours means that several rounds in a row
/// did not happen. A sleeping computer wakes up stale, and says so until the first sync.
pub const STALE_AFTER: chrono::TimeDelta = chrono::TimeDelta::hours(3);

/// How much a calendar's busy times can be trusted right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Checked recently, no failure.
    Ok,
    /// Not checked for longer than [`STALE_AFTER`], or never.
    Stale,
    /// The last check of this calendar failed or did not mention it.
    Failing,
}

/// How much can be trusted now what was last checked with success at `checked_at`; `failed` says
/// whether a later check failed.
pub fn health(failed: bool, checked_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Health {
    if failed {
        return Health::Failing;
    }
    match checked_at {
        // A clock that was set back makes a check look as if it came from the future. A little of
        // that is as good as now; more says nothing about how old the check is.
        Some(at) if (now - at).abs() <= STALE_AFTER => Health::Ok,
        _ => Health::Stale,
    }
}

impl Calendar {
    /// Whether the stored busy times may be presented as known at `now`.
    ///
    /// Offline or rate-limited accounts do not make a calendar fail: its times age instead.
    pub fn health(&self, now: DateTime<Utc>) -> Health {
        health(self.last_error.is_some(), self.last_synced_at, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn calendar(last: Option<DateTime<Utc>>) -> Calendar {
        Calendar {
            id: CalendarId(1),
            account: AccountId(1),
            google_id: "ana@example.com".into(),
            name: "Ana".into(),
            color: "#336699".into(),
            time_zone: None,
            primary: true,
            access_role: AccessRole::Owner,
            hidden: false,
            shown: true,
            busy: true,
            last_synced_at: last,
            covered: None,
            last_error: None,
            rules: Overrides::default(),
            generation: 0,
        }
    }

    #[test]
    fn age_alone_makes_a_calendar_stale() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let cases = [
            (None, Health::Stale),
            (Some(now), Health::Ok),
            (Some(now - STALE_AFTER), Health::Ok),
            (
                Some(now - STALE_AFTER - TimeDelta::seconds(1)),
                Health::Stale,
            ),
            (Some(now + TimeDelta::hours(1)), Health::Ok),
            (Some(now + TimeDelta::days(20)), Health::Stale),
        ];
        for (last, expect) in cases {
            assert_eq!(calendar(last).health(now), expect, "last synced {last:?}");
        }
    }

    #[test]
    fn unknown_roles_are_read_only() {
        assert_eq!(AccessRole::parse("superOwner"), AccessRole::Reader);
        for role in [
            AccessRole::FreeBusyReader,
            AccessRole::Owner,
            AccessRole::Writer,
        ] {
            assert_eq!(AccessRole::parse(role.as_str()), role);
        }
    }
}
