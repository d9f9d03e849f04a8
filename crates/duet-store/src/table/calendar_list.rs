//! Applying Google's calendar list to `external_calendars`: what is new, changed and gone. The
//! person's switches are set once, when a calendar is first seen, and are theirs from then on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use duet_model::account::AccountId;
use duet_model::calendar::{AccessRole, Calendar, CalendarId};
use duet_model::topic::Topic;

use crate::error::StoreError;
use crate::table::{account, calendar, event_search, statements, sync_state};
use crate::tx::Tx;

statements! {
    INSERT = "INSERT INTO external_calendars
            (account_id, google_id, name, color, time_zone, is_primary, access_role, hidden,
             shown, busy)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        RETURNING id";
    UPDATE = "UPDATE external_calendars SET
            name = ?2, color = ?3, time_zone = ?4, is_primary = ?5, access_role = ?6, hidden = ?7
        WHERE id = ?1";
    // Its blocks and events go with it, by their foreign key.
    DELETE = "DELETE FROM external_calendars WHERE id = ?1";
}

/// One entry of Google's calendar list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCalendar {
    /// Google's id.
    pub google_id: String,
    /// The name to show.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// IANA name, where Google says one.
    pub time_zone: Option<String>,
    /// Is it the account's primary calendar?
    pub primary: bool,
    /// What the account may do with it.
    pub access_role: AccessRole,
    /// Hidden in Google's list.
    pub hidden: bool,
    /// Ticked in Google's own window.
    pub selected: bool,
    /// Taken off the list. The other fields then mean nothing.
    pub deleted: bool,
}

impl ListedCalendar {
    /// Is it shown when it is first seen? As in Google's own window.
    fn shown_at_first(&self) -> bool {
        self.primary || (self.selected && !self.hidden)
    }

    /// Does it count when it is first seen? The person's own calendars do, and those that others
    /// share as busy times, for nothing else can be meant by them. A calendar that can only be
    /// read is more often holidays, a team's or a sports club's than the person's own time.
    fn busy_at_first(&self) -> bool {
        let own_or_times_only = match self.access_role {
            AccessRole::Owner
            | AccessRole::Writer
            | AccessRole::WriterWithoutPrivateAccess
            | AccessRole::FreeBusyReader => true,
            AccessRole::Reader => false,
        };
        self.primary || (self.selected && !self.hidden && own_or_times_only)
    }

    fn differs_from(&self, stored: &Calendar) -> bool {
        self.name != stored.name
            || self.color != stored.color
            || self.time_zone != stored.time_zone
            || self.primary != stored.primary
            || self.access_role != stored.access_role
            || self.hidden != stored.hidden
    }
}

/// Which kind of listing it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// The whole list: what it does not mention is gone.
    Full,
    /// What changed since the stored token: what it does not mention is as it was.
    Incremental,
}

/// What a listing changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListChanges {
    /// Calendars seen for the first time.
    pub added: Vec<CalendarId>,
    /// Calendars whose name, colour, zone, role or the like changed.
    pub updated: Vec<CalendarId>,
    /// Calendars that are gone, with their blocks and events.
    pub removed: Vec<CalendarId>,
    /// The account is gone; nothing was written.
    pub unwanted: bool,
}

impl ListChanges {
    /// Did the listing leave everything as it was?
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.updated.is_empty() && self.removed.is_empty()
    }
}

impl Tx {
    /// Applies a complete listing, all its pages, together with the token for the next one. An
    /// incremental listing without a token keeps the stored one; a full one without clears it. A
    /// list that changed nothing announces nothing.
    pub async fn apply_calendar_list(
        &mut self,
        account: AccountId,
        listed: &[ListedCalendar],
        listing: Listing,
        next_token: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<ListChanges, StoreError> {
        let mut changes = ListChanges::default();
        if account::get(self.conn(), account).await?.is_none() {
            changes.unwanted = true;
            return Ok(changes);
        }
        let stored = calendar::of_account(self.conn(), account).await?;
        let mut known: BTreeMap<&str, &Calendar> = stored
            .iter()
            .map(|calendar| (calendar.google_id.as_str(), calendar))
            .collect();
        let mut seen = BTreeSet::new();
        // Pages can repeat an entry that moved between them; the later word counts.
        for entry in listed
            .iter()
            .rev()
            .filter(|entry| seen.insert(entry.google_id.as_str()))
        {
            match (entry.deleted, known.remove(entry.google_id.as_str())) {
                (true, None) => {}
                (true, Some(old)) => changes.removed.push(old.id),
                (false, None) => changes
                    .added
                    .push(self.insert_calendar(account, entry).await?),
                (false, Some(old)) if entry.differs_from(old) => {
                    self.update_calendar(old.id, entry).await?;
                    changes.updated.push(old.id);
                }
                (false, Some(_same)) => {}
            }
        }
        if listing == Listing::Full {
            changes
                .removed
                .extend(known.values().map(|calendar| calendar.id));
        }
        for id in &changes.removed {
            self.delete_calendar(*id).await?;
        }
        for ids in [
            &mut changes.added,
            &mut changes.updated,
            &mut changes.removed,
        ] {
            ids.sort_unstable();
        }

        match (listing, next_token) {
            (Listing::Full, token) => {
                sync_state::put_list(self.conn(), account, token, Some(now)).await?;
            }
            (Listing::Incremental, Some(token)) => {
                sync_state::put_list(self.conn(), account, Some(token), None).await?;
            }
            (Listing::Incremental, None) => {}
        }
        if !changes.is_empty() {
            self.touch(Topic::Calendars);
        }
        if !changes.removed.is_empty() {
            self.touch(Topic::ExternalBlocks);
            self.touch(Topic::Events);
        }
        Ok(changes)
    }

    async fn insert_calendar(
        &mut self,
        account: AccountId,
        entry: &ListedCalendar,
    ) -> Result<CalendarId, StoreError> {
        sqlx::query_scalar(INSERT)
            .bind(account.0)
            .bind(&entry.google_id)
            .bind(&entry.name)
            .bind(&entry.color)
            .bind(&entry.time_zone)
            .bind(entry.primary)
            .bind(entry.access_role.as_str())
            .bind(entry.hidden)
            .bind(entry.shown_at_first())
            .bind(entry.busy_at_first())
            .fetch_one(self.conn())
            .await
            .map(CalendarId)
            .map_err(StoreError::doing("storing a new calendar"))
    }

    async fn update_calendar(
        &mut self,
        id: CalendarId,
        entry: &ListedCalendar,
    ) -> Result<(), StoreError> {
        sqlx::query(UPDATE)
            .bind(id.0)
            .bind(&entry.name)
            .bind(&entry.color)
            .bind(&entry.time_zone)
            .bind(entry.primary)
            .bind(entry.access_role.as_str())
            .bind(entry.hidden)
            .execute(self.conn())
            .await
            .map(|_| ())
            .map_err(StoreError::doing("updating a calendar"))
    }

    async fn delete_calendar(&mut self, id: CalendarId) -> Result<(), StoreError> {
        event_search::remove_calendar(self.conn(), id).await?;
        sqlx::query(DELETE)
            .bind(id.0)
            .execute(self.conn())
            .await
            .map(|_| ())
            .map_err(StoreError::doing("removing a calendar"))
    }
}
