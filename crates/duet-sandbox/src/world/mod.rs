//! The world behind the sandbox: accounts, their lists of calendars, calendars and their events, and
//! the change numbers that sync tokens stand on. Owns the data; the endpoints decide what is shown.

mod calendar;
mod hostile;
mod large;
mod small;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    dice::Dice,
    event::{Body, EventSpec, stamp_of},
};

pub(crate) use calendar::{Calendar, FreeBusyMode};

/// What an account may do with a calendar, in Google's words and in growing order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AccessRole {
    /// Nothing at all.
    None,
    /// Times only.
    FreeBusyReader,
    /// Events, private ones without details.
    Reader,
    /// Writes, but sees no private details.
    WriterWithoutPrivateAccess,
    /// Reads and writes.
    Writer,
    /// Writes and shares.
    Owner,
}

impl AccessRole {
    /// The word Google uses.
    pub fn as_str(self) -> &'static str {
        match self {
            AccessRole::None => "none",
            AccessRole::FreeBusyReader => "freeBusyReader",
            AccessRole::Reader => "reader",
            AccessRole::WriterWithoutPrivateAccess => "writerWithoutPrivateAccess",
            AccessRole::Writer => "writer",
            AccessRole::Owner => "owner",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<AccessRole> {
        serde_json::from_value(json!(text)).ok()
    }
}

/// A change to the world that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// No account has this address.
    #[error("no account {0} in this world")]
    NoAccount(String),
    /// No calendar has this id.
    #[error("no calendar {0} in this world")]
    NoCalendar(String),
    /// The calendar has no such event.
    #[error("no event {0} in this calendar")]
    NoEvent(String),
}

/// A person with a Google account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) email: String,
    pub(crate) sub: String,
    pub(crate) name: String,
    pub(crate) list: Vec<Listing>,
    /// Grows with every change of the list that Google would report.
    pub(crate) change: u64,
    /// Sync tokens older than this are answered with 410.
    pub(crate) oldest: u64,
}

/// One calendar in one account's list.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) calendar: String,
    pub(crate) role: AccessRole,
    pub(crate) selected: bool,
    pub(crate) hidden: bool,
    pub(crate) deleted: bool,
    pub(crate) color: Color,
    pub(crate) summary_override: Option<String>,
    pub(crate) change: u64,
    pub(crate) version: u64,
}

/// A colour of Google's calendar palette: its number, background and foreground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color(
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) &'static str,
);

/// Some of the palette, in the order worlds hand it out.
pub(crate) const PALETTE: [Color; 10] = [
    Color("16", "#4986e7", "#000000"),
    Color("8", "#16a765", "#000000"),
    Color("6", "#ffad46", "#000000"),
    Color("24", "#a47ae2", "#000000"),
    Color("19", "#c2c2c2", "#000000"),
    Color("2", "#d06b64", "#000000"),
    Color("14", "#9fe1e7", "#000000"),
    Color("22", "#f691b2", "#000000"),
    Color("10", "#b3dc6c", "#000000"),
    Color("20", "#cabdbf", "#000000"),
];

/// The data a sandbox serves: a builder for tests, ready-made worlds, and what `Control` edits.
#[derive(Debug, Clone)]
pub struct World {
    start: DateTime<Utc>,
    seed: u64,
    accounts: Vec<Account>,
    calendars: BTreeMap<String, Calendar>,
    versions: u64,
    ids: Dice,
}

impl World {
    /// A world without anyone. Its clock starts at `start`; `seed` decides event ids, and sync tokens
    /// of a world with another start or seed are answered with 410.
    pub fn empty(start: DateTime<Utc>, seed: u64) -> World {
        World {
            start,
            seed,
            accounts: Vec::new(),
            calendars: BTreeMap::new(),
            versions: 1,
            ids: Dice::new(seed ^ 0x1d),
        }
    }

    /// When this world's clock starts, unless the options say otherwise.
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// Adds a person with their primary calendar, whose id is the address and which repeats in `zone`.
    pub fn add_account(&mut self, email: &str, name: &str, zone: &str) {
        let number = 100_000_000_000_000_000_000_u128 + self.accounts.len() as u128 * 7919 + 17;
        self.accounts.push(Account {
            email: email.to_owned(),
            sub: number.to_string(),
            name: name.to_owned(),
            list: Vec::new(),
            change: 0,
            oldest: 0,
        });
        self.add_calendar(email, email, zone);
        if let Some(calendar) = self.calendars.get_mut(email) {
            calendar.owner = Some(email.to_owned());
        }
        // The account was just added and the calendar too, so the listing cannot be refused.
        let _ = self.list_calendar(email, email, AccessRole::Owner, true);
    }

    /// Adds a calendar nobody lists yet.
    pub fn add_calendar(&mut self, id: &str, summary: &str, zone: &str) {
        let calendar = Calendar::new(id, summary, zone);
        self.calendars.insert(id.to_owned(), calendar);
    }

    /// Puts a calendar on a person's list, with a role; `selected` as ticked in Google's own window.
    pub fn list_calendar(
        &mut self,
        email: &str,
        calendar: &str,
        role: AccessRole,
        selected: bool,
    ) -> Result<(), WorldError> {
        if !self.calendars.contains_key(calendar) {
            return Err(WorldError::NoCalendar(calendar.to_owned()));
        }
        let version = self.next_version();
        let account = self.account_mut(email)?;
        account.change += 1;
        let color = PALETTE[account.list.len() % PALETTE.len()];
        account.list.retain(|listing| listing.calendar != calendar);
        account.list.push(Listing {
            calendar: calendar.to_owned(),
            role,
            selected,
            hidden: false,
            deleted: false,
            color,
            summary_override: None,
            change: account.change,
            version,
        });
        Ok(())
    }

    /// Puts an event into a calendar and returns its id.
    pub fn add_event(&mut self, calendar: &str, spec: EventSpec) -> Result<String, WorldError> {
        self.put_spec(calendar, spec, self.start)
    }

    /// Hides a calendar on a person's list, as "hide from list" does at Google.
    pub fn hide_calendar(
        &mut self,
        email: &str,
        calendar: &str,
        hidden: bool,
    ) -> Result<(), WorldError> {
        self.edit_listing(email, calendar, |listing| listing.hidden = hidden)
    }

    /// The addresses of the accounts, in the order they were added.
    pub fn emails(&self) -> Vec<String> {
        self.accounts
            .iter()
            .map(|account| account.email.clone())
            .collect()
    }

    /// How many events there are, exceptions and cancelled ones included.
    pub fn event_count(&self) -> usize {
        self.calendars
            .values()
            .map(|calendar| calendar.events.len())
            .sum()
    }

    /// The ids of the calendars on a person's list, hidden ones included.
    pub fn calendar_ids(&self, email: &str) -> Vec<String> {
        self.account(email)
            .into_iter()
            .flat_map(|account| &account.list)
            .filter(|listing| !listing.deleted)
            .map(|listing| listing.calendar.clone())
            .collect()
    }

    /// Names the run a sync token belongs to.
    pub(crate) fn epoch(&self) -> u64 {
        self.seed ^ self.start.timestamp().cast_unsigned()
    }

    pub(crate) fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter()
    }

    pub(crate) fn account(&self, email: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.email == email)
    }

    pub(crate) fn account_mut(&mut self, email: &str) -> Result<&mut Account, WorldError> {
        self.accounts
            .iter_mut()
            .find(|account| account.email == email)
            .ok_or_else(|| WorldError::NoAccount(email.to_owned()))
    }

    pub(crate) fn calendar(&self, id: &str) -> Option<&Calendar> {
        self.calendars.get(id)
    }

    pub(crate) fn calendar_mut(&mut self, id: &str) -> Result<&mut Calendar, WorldError> {
        self.calendars
            .get_mut(id)
            .ok_or_else(|| WorldError::NoCalendar(id.to_owned()))
    }

    /// "primary" by its real id; other ids as they are.
    pub(crate) fn resolve<'a>(email: &'a str, id: &'a str) -> &'a str {
        if id == "primary" { email } else { id }
    }

    /// What this account may do with a calendar, by its list alone.
    pub(crate) fn role(&self, email: &str, calendar: &str) -> AccessRole {
        self.account(email)
            .and_then(|account| {
                account
                    .list
                    .iter()
                    .find(|listing| listing.calendar == calendar && !listing.deleted)
            })
            .map_or(AccessRole::None, |listing| listing.role)
    }

    pub(crate) fn next_version(&mut self) -> u64 {
        self.versions += 1;
        self.versions
    }

    pub(crate) fn fresh_id(&mut self) -> String {
        const ALPHABET: &[u8] = b"0123456789abcdefghijklmnopqrstuv";
        (0..26)
            .map(|_| char::from(*self.ids.pick(ALPHABET)))
            .collect()
    }

    /// Changes an entry of a list in a way that Google reports incrementally.
    pub(crate) fn edit_listing(
        &mut self,
        email: &str,
        calendar: &str,
        edit: impl FnOnce(&mut Listing),
    ) -> Result<(), WorldError> {
        let version = self.next_version();
        let account = self.account_mut(email)?;
        account.change += 1;
        let change = account.change;
        let listing = listing_mut(account, calendar)?;
        listing.change = change;
        listing.version = version;
        edit(listing);
        Ok(())
    }

    /// Changes a read-only property, which Google does **not** report incrementally.
    pub(crate) fn edit_listing_silently(
        &mut self,
        email: &str,
        calendar: &str,
        edit: impl FnOnce(&mut Listing),
    ) -> Result<(), WorldError> {
        edit(listing_mut(self.account_mut(email)?, calendar)?);
        Ok(())
    }

    /// Puts what a builder describes into a calendar.
    pub(crate) fn put_spec(
        &mut self,
        calendar_id: &str,
        spec: EventSpec,
        now: DateTime<Utc>,
    ) -> Result<String, WorldError> {
        let calendar = self.calendar_mut(calendar_id)?;
        let mut body = match &spec.slot {
            None => Body::new(),
            Some((series, wall)) => calendar
                .instance_body(series, *wall)
                .ok_or_else(|| WorldError::NoEvent(series.clone()))?,
        };
        if spec.body.get("status") == Some(&json!("cancelled")) && spec.slot.is_some() {
            body.retain(|name, _| {
                matches!(
                    name.as_str(),
                    "id" | "recurringEventId" | "originalStartTime"
                )
            });
        }
        body.extend(spec.body);
        Ok(self.put_event(calendar_id, body, now)?.0)
    }

    /// Stores a resource as it is, filling in what Google would add; returns its id and version.
    pub(crate) fn put_event(
        &mut self,
        calendar_id: &str,
        mut body: Body,
        now: DateTime<Utc>,
    ) -> Result<(String, u64), WorldError> {
        let id = match body.get("id").and_then(|id| id.as_str()) {
            Some(id) => id.to_owned(),
            None => self.fresh_id(),
        };
        let version = self.next_version();
        body.insert("id".to_owned(), json!(id));
        let calendar = self.calendar_mut(calendar_id)?;
        calendar.put(&id, body, version, now);
        Ok((id, version))
    }
}

fn listing_mut<'a>(
    account: &'a mut Account,
    calendar: &str,
) -> Result<&'a mut Listing, WorldError> {
    account
        .list
        .iter_mut()
        .find(|listing| listing.calendar == calendar)
        .ok_or_else(|| WorldError::NoCalendar(calendar.to_owned()))
}

/// The series and slot a resource says it is an exception of.
pub(crate) fn slot_of(body: &Body, calendar_zone: &str) -> Option<(String, String)> {
    let series = body.get("recurringEventId")?.as_str()?.to_owned();
    Some((
        series,
        stamp_of(body.get("originalStartTime")?, calendar_zone)?,
    ))
}
