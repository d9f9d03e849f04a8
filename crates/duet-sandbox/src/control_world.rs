//! Changes of the world's data at run time, as the people behind the accounts make them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    control::Control,
    event::EventSpec,
    events,
    freebusy::busy_times,
    world::{AccessRole, FreeBusyMode, World, WorldError},
};

impl Control {
    /// Adds an event to a calendar ("primary" is the account's own) and returns its id.
    ///
    /// # Errors
    /// When there is no such calendar, or no such series for an exception.
    pub fn add_event(
        &self,
        email: &str,
        calendar: &str,
        event: EventSpec,
    ) -> Result<String, WorldError> {
        self.edit(|state| {
            let now = state.clock.now();
            state
                .world
                .put_spec(World::resolve(email, calendar), event, now)
        })
    }

    /// Deletes an event, or one occurrence of a series by its own id.
    ///
    /// # Errors
    /// When there is no such calendar or event.
    pub fn remove_event(&self, email: &str, calendar: &str, event: &str) -> Result<(), WorldError> {
        self.edit(|state| {
            let now = state.clock.now();
            events::cancel(
                &mut state.world,
                World::resolve(email, calendar),
                event,
                now,
            )
        })
    }

    /// Sets some fields of an event, as a patch does: `null` removes a field.
    ///
    /// # Errors
    /// When there is no such calendar or event.
    pub fn update_event(
        &self,
        email: &str,
        calendar: &str,
        event: &str,
        changes: Value,
    ) -> Result<(), WorldError> {
        self.edit(|state| {
            let now = state.clock.now();
            let calendar = World::resolve(email, calendar);
            events::patch_fields(&mut state.world, calendar, event, changes, now)
        })
    }

    /// A guest answers (`needsAction`, `declined`, `tentative`, `accepted`): the organiser's copy gets
    /// another version. Who is not among the guests joins them, as with a forwarded invitation.
    ///
    /// # Errors
    /// When there is no such calendar or event.
    pub fn answer(
        &self,
        email: &str,
        calendar: &str,
        event: &str,
        guest: &str,
        response: &str,
    ) -> Result<(), WorldError> {
        let mut guests = match self.event(email, calendar, event) {
            Some(mut event) => match event["attendees"].take() {
                Value::Array(guests) => guests,
                _ => Vec::new(),
            },
            None => return Err(WorldError::NoEvent(event.to_owned())),
        };
        let known = guests.iter_mut().find(|entry| entry["email"] == guest);
        match known {
            Some(entry) => entry["responseStatus"] = json!(response),
            None => guests.push(json!({"email": guest, "responseStatus": response})),
        }
        self.update_event(email, calendar, event, json!({"attendees": guests}))
    }

    /// All events of a calendar as they stand, by Google's field names, with their etags; exceptions and
    /// deleted ones included.
    pub fn events(&self, email: &str, calendar: &str) -> Vec<Value> {
        let state = self.shared.lock();
        let calendar = state.world.calendar(World::resolve(email, calendar));
        let events = calendar.into_iter().flat_map(|it| it.events.values());
        events
            .map(|event| {
                let mut body = event.body.clone();
                body.insert("etag".to_owned(), json!(event.etag()));
                Value::Object(body)
            })
            .collect()
    }

    /// An event as it stands, by Google's field names.
    pub fn event(&self, email: &str, calendar: &str, event: &str) -> Option<Value> {
        let state = self.shared.lock();
        let calendar = state.world.calendar(World::resolve(email, calendar))?;
        Some(Value::Object(calendar.events.get(event)?.body.clone()))
    }

    /// How many events a calendar holds that are not deleted (a series and each exception is one).
    pub fn live_events(&self, email: &str, calendar: &str) -> usize {
        let state = self.shared.lock();
        state
            .world
            .calendar(World::resolve(email, calendar))
            .map_or(0, |calendar| {
                calendar
                    .events
                    .values()
                    .filter(|event| !event.cancelled())
                    .count()
            })
    }

    /// The busy times of a calendar as the free/busy query would give them: the truth a test
    /// compares with.
    pub fn busy(
        &self,
        email: &str,
        calendar: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        let state = self.shared.lock();
        state
            .world
            .calendar(World::resolve(email, calendar))
            .map(|calendar| busy_times(calendar, from, to))
            .unwrap_or_default()
    }

    /// The ids of the calendars on an account's list, hidden ones included.
    pub fn calendar_ids(&self, email: &str) -> Vec<String> {
        self.shared.lock().world.calendar_ids(email)
    }

    /// Makes a calendar (if it is new) and puts it on an account's list.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn add_calendar(
        &self,
        email: &str,
        calendar: &str,
        summary: &str,
        zone: &str,
        role: AccessRole,
    ) -> Result<(), WorldError> {
        self.edit(|state| {
            if state.world.calendar(calendar).is_none() {
                state.world.add_calendar(calendar, summary, zone);
            }
            state.world.list_calendar(email, calendar, role, true)
        })
    }

    /// Takes a calendar off an account's list; a tombstone stays for incremental reads.
    ///
    /// # Errors
    /// When it was not on the list.
    pub fn remove_calendar(&self, email: &str, calendar: &str) -> Result<(), WorldError> {
        self.edit(|state| {
            let calendar = World::resolve(email, calendar);
            state
                .world
                .edit_listing(email, calendar, |listing| listing.deleted = true)
        })
    }

    /// Hides a calendar on an account's list, or shows it again.
    ///
    /// # Errors
    /// When it is not on the list.
    pub fn hide_calendar(
        &self,
        email: &str,
        calendar: &str,
        hidden: bool,
    ) -> Result<(), WorldError> {
        self.edit(|state| {
            let calendar = World::resolve(email, calendar);
            state.world.hide_calendar(email, calendar, hidden)
        })
    }

    /// Gives a calendar the account's own name for it.
    ///
    /// # Errors
    /// When it is not on the list.
    pub fn rename_calendar(
        &self,
        email: &str,
        calendar: &str,
        name: &str,
    ) -> Result<(), WorldError> {
        self.edit(|state| {
            state
                .world
                .edit_listing(email, World::resolve(email, calendar), |listing| {
                    listing.summary_override = Some(name.to_owned());
                })
        })
    }

    /// Changes what an account may do with a calendar. As at Google, an incremental read of the
    /// list does not tell.
    ///
    /// # Errors
    /// When it is not on the list.
    pub fn set_access_role(
        &self,
        email: &str,
        calendar: &str,
        role: AccessRole,
    ) -> Result<(), WorldError> {
        self.edit(|state| {
            let calendar = World::resolve(email, calendar);
            state
                .world
                .edit_listing_silently(email, calendar, |listing| listing.role = role)
        })
    }

    /// Makes the free/busy query answer this error for a calendar (`notFound`, `internalError`…), or
    /// answer by its events again.
    ///
    /// # Errors
    /// When there is no such calendar.
    pub fn freebusy_error(&self, calendar: &str, reason: Option<&str>) -> Result<(), WorldError> {
        self.set_free_busy(
            calendar,
            match reason {
                Some(reason) => FreeBusyMode::Error(reason.to_owned()),
                None => FreeBusyMode::Events,
            },
        )
    }

    /// Makes the free/busy query leave a calendar out of its answer, or not.
    ///
    /// # Errors
    /// When there is no such calendar.
    pub fn freebusy_absent(&self, calendar: &str, absent: bool) -> Result<(), WorldError> {
        let mode = if absent {
            FreeBusyMode::Absent
        } else {
            FreeBusyMode::Events
        };
        self.set_free_busy(calendar, mode)
    }

    /// Makes every sync token given out for a calendar's events answer 410 `fullSyncRequired`.
    ///
    /// # Errors
    /// When there is no such calendar.
    pub fn expire_sync_tokens(&self, calendar: &str) -> Result<(), WorldError> {
        self.edit(|state| {
            let calendar = state.world.calendar_mut(calendar)?;
            calendar.change += 1;
            calendar.oldest = calendar.change;
            Ok(())
        })
    }

    /// Makes every sync token given out for an account's list of calendars answer 410.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn expire_list_tokens(&self, email: &str) -> Result<(), WorldError> {
        self.edit(|state| {
            let account = state.world.account_mut(email)?;
            account.change += 1;
            account.oldest = account.change;
            Ok(())
        })
    }

    fn set_free_busy(&self, calendar: &str, mode: FreeBusyMode) -> Result<(), WorldError> {
        self.edit(|state| {
            state.world.calendar_mut(calendar)?.free_busy = mode;
            Ok(())
        })
    }
}
