//! Changing a series of Duet's own: one occurrence, this and all that follow, or all (GOOGLE.md 4.4).
//!
//! As in Google: a changed or called-off occurrence is an exception; "this and following" ends the old
//! series and begins a new one, in which earlier exceptions count no more; another time for all takes
//! the exceptions back into the series.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use crate::duet_event::{Content, DuetEvent, DuetEventId, Scope, Slot};
use crate::event::EventTime;
use crate::recurrence::{instances, split};
use crate::repeat::Repeat;
use crate::when::Interval;
use crate::zones::{Zone, ZoneDb};

/// Occurrences of one series that touch one minute; far more than there are.
const LOOKED_AT: usize = 64;

/// What becomes of a series. Nothing else of it is touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surgery {
    /// New and changed events; a master comes before its exceptions.
    pub put: Vec<DuetEvent>,
    /// Events that are gone, masters with all their exceptions.
    pub delete: Vec<DuetEventId>,
}

/// A series cannot be moved there without another rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The new day does not fit the rule the series repeats by. Change the rule as well.")]
pub struct Misfit;

/// The series that is changed, and what changing it takes.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// The master.
    pub master: &'a DuetEvent,
    /// Its exceptions.
    pub exceptions: &'a [DuetEvent],
    /// The slot of the occurrence that was chosen.
    pub slot: &'a EventTime,
    /// The zones of the world.
    pub zones: &'a ZoneDb,
    /// Where a series repeats that names no zone of its own.
    pub home: &'a Zone,
    /// Now.
    pub now: DateTime<Utc>,
}

/// The slot of the occurrence of a series that begins at `start`: that slot itself, also where its
/// occurrence was called off or now begins elsewhere, or that of one which was moved there. `None` where
/// the series has none. In what cannot be followed every slot may be one.
pub fn slot_at(
    master: &DuetEvent,
    exceptions: &[DuetEvent],
    start: &EventTime,
    zones: &ZoneDb,
    home: &Zone,
) -> Option<EventTime> {
    let originals = || exceptions.iter().filter_map(|one| one.slot.as_ref());
    if originals().any(|slot| is_same(&slot.original_start, start)) {
        return Some(start.clone());
    }
    let from = match start {
        EventTime::At { at, .. } => *at,
        EventTime::Date(day) => home.day(*day).start,
    };
    let window = Interval {
        start: from,
        end: from + TimeDelta::minutes(1),
    };
    let found = instances(&master.as_event(None), &[], zones, home, window, LOOKED_AT);
    let regular = found.list.iter().any(|one| is_same(&one.original, start));
    if regular || found.unknown.is_some() {
        return Some(start.clone());
    }
    let moved = exceptions.iter().filter(|one| !one.cancelled);
    let mut moved = moved.filter(|one| is_same(&one.content.start, start));
    let slot = moved.next()?.slot.as_ref()?;
    Some(slot.original_start.clone())
}

impl Table<'_> {
    /// Makes the chosen occurrences say this. `wanted` is what the chosen one is to say; its
    /// repetition is that of the series, and is not looked at where only one is meant. `new` is the id
    /// of the series that may begin. Where the rule is left as it is, it follows a new time
    /// ([`Repeat::shifted`]).
    ///
    /// # Errors
    /// [`Misfit`] when it cannot.
    pub fn change(
        &self,
        scope: Scope,
        wanted: &Content,
        new: &DuetEventId,
    ) -> Result<Surgery, Misfit> {
        Ok(match scope {
            Scope::This => self.except(wanted.clone(), false),
            Scope::Following => match self.end() {
                Some((master, gone, after)) => {
                    let mut content = wanted.clone();
                    if content.recurrence == self.master.content.recurrence {
                        content.recurrence = self.follow(&after, self.slot, &content.start)?;
                    }
                    let follower = DuetEvent {
                        id: new.clone(),
                        content,
                        slot: None,
                        cancelled: false,
                        created_at: self.now,
                        updated_at: self.now,
                    };
                    Surgery {
                        put: vec![master, follower],
                        delete: gone,
                    }
                }
                None => self.all(wanted)?,
            },
            Scope::All => self.all(wanted)?,
        })
    }

    /// Takes the chosen occurrences out.
    pub fn take_out(&self, scope: Scope) -> Surgery {
        let whole = || Surgery {
            put: Vec::new(),
            delete: vec![self.master.id.clone()],
        };
        match scope {
            Scope::This => self.except(self.as_it_stands(), true),
            Scope::Following => match self.end() {
                Some((master, delete, _)) => Surgery {
                    put: vec![master],
                    delete,
                },
                None => whole(),
            },
            Scope::All => whole(),
        }
    }

    /// What the chosen occurrence says now.
    pub fn as_it_stands(&self) -> Content {
        if let Some(exception) = self.exception() {
            return exception.content.clone();
        }
        let master = &self.master.content;
        Content {
            start: self.slot.clone(),
            end: lasting(self.slot, &master.start, &master.end),
            recurrence: Vec::new(),
            ..master.clone()
        }
    }

    fn exception(&self) -> Option<&DuetEvent> {
        let stands = |one: &&DuetEvent| {
            let slot = one.slot.as_ref();
            slot.is_some_and(|slot| is_same(&slot.original_start, self.slot))
        };
        self.exceptions.iter().find(stands)
    }

    fn except(&self, content: Content, cancelled: bool) -> Surgery {
        let slot = Slot {
            series: self.master.id.clone(),
            original_start: self.slot.clone(),
        };
        let before = self.exception();
        let exception = DuetEvent {
            id: before.map_or_else(|| slot.event(), |one| one.id.clone()),
            content: Content {
                recurrence: Vec::new(),
                ..content
            },
            slot: Some(before.and_then(|one| one.slot.clone()).unwrap_or(slot)),
            cancelled,
            created_at: before.map_or(self.now, |one| one.created_at),
            updated_at: self.now,
        };
        Surgery {
            put: vec![exception],
            delete: Vec::new(),
        }
    }

    /// The master that ends before the slot, the exceptions that go, and the lines of what follows.
    /// `None` where nothing lies before the slot.
    fn end(&self) -> Option<(DuetEvent, Vec<DuetEventId>, Vec<String>)> {
        let event = self.master.as_event(None);
        let cut = split(&event, self.slot, self.zones, self.home)?;
        let master = DuetEvent {
            content: Content {
                recurrence: cut.before,
                ..self.master.content.clone()
            },
            updated_at: self.now,
            ..self.master.clone()
        };
        let gone = self.exceptions.iter().filter(|one| {
            let slot = one.slot.as_ref();
            slot.is_some_and(|slot| slot.original_start >= *self.slot)
        });
        Some((master, gone.map(|one| one.id.clone()).collect(), cut.after))
    }

    /// All of the series says this. The times are those of the chosen occurrence: the master is moved
    /// by as much on the wall clock.
    fn all(&self, wanted: &Content) -> Result<Surgery, Misfit> {
        let stands = self.as_it_stands();
        let start = moved(
            &self.master.content.start,
            &stands.start,
            &wanted.start,
            &self.clock(),
        );
        let old = &self.master.content;
        let recurrence = if wanted.recurrence == old.recurrence {
            self.follow(&old.recurrence, &old.start, &start)?
        } else {
            wanted.recurrence.clone()
        };
        let content = Content {
            end: lasting(&start, &wanted.start, &wanted.end),
            start,
            recurrence,
            ..wanted.clone()
        };
        let retimed = old.start != content.start
            || old.end != content.end
            || old.recurrence != content.recurrence;
        let gone = self.exceptions.iter().filter(|_| retimed);
        Ok(Surgery {
            put: vec![DuetEvent {
                content,
                updated_at: self.now,
                ..self.master.clone()
            }],
            delete: gone.map(|one| one.id.clone()).collect(),
        })
    }

    /// The lines of a series that begins at another time. A rule that Duet does not follow stays as it
    /// is.
    fn follow(
        &self,
        lines: &[String],
        from: &EventTime,
        to: &EventTime,
    ) -> Result<Vec<String>, Misfit> {
        if is_same(from, to) {
            return Ok(lines.to_vec());
        }
        let clock = self.clock();
        let wall = |time: &EventTime| match time {
            EventTime::Date(day) => day.and_time(NaiveTime::MIN),
            EventTime::At { at, .. } => clock.to_wall(*at),
        };
        let one = |line: &String| {
            let rule = line.strip_prefix("RRULE:");
            let Some(rule) = rule.and_then(|rule| Repeat::parse(rule).ok()) else {
                return Ok(line.clone());
            };
            let shifted = rule.shifted(wall(from), wall(to), &clock).ok_or(Misfit)?;
            Ok(if shifted == rule {
                line.clone()
            } else {
                format!("RRULE:{shifted}")
            })
        };
        lines.iter().map(one).collect()
    }

    /// The clock on which the series repeats.
    pub fn clock(&self) -> Zone {
        let EventTime::At {
            zone: Some(name), ..
        } = &self.master.content.start
        else {
            return self.home.clone();
        };
        self.zones.zone(name).unwrap_or_else(|| self.home.clone())
    }
}

/// The same slot, in whatever zone it is written.
fn is_same(one: &EventTime, other: &EventTime) -> bool {
    match (one, other) {
        (EventTime::At { at: one, .. }, EventTime::At { at: other, .. }) => one == other,
        _ => one == other,
    }
}

/// `time`, moved by as much on the wall clock as leads from `from` to `to`, and of the kind of `to`.
fn moved(time: &EventTime, from: &EventTime, to: &EventTime, clock: &Zone) -> EventTime {
    let day = date_of(time, clock) + (date_of(to, clock) - date_of(from, clock));
    let EventTime::At { at: to, zone } = to else {
        return EventTime::Date(day);
    };
    let at = match (time, from) {
        (EventTime::At { at: time, .. }, EventTime::At { at: from, .. }) if time == from => *to,
        (EventTime::At { at: time, .. }, EventTime::At { at: from, .. }) => {
            let wall = |at: &DateTime<Utc>| clock.to_wall(*at);
            clock.to_instant(wall(time) + (wall(to) - wall(from)))
        }
        // Out of whole days: the hour is the new one.
        _ => clock.to_instant(day.and_time(clock.to_wall(*to).time())),
    };
    let zone = zone.clone();
    EventTime::At { at, zone }
}

/// The end of what begins at `from` and is as long as what lasts from `start` to `end`.
fn lasting(from: &EventTime, start: &EventTime, end: &EventTime) -> EventTime {
    match (from, start, end) {
        (EventTime::Date(from), EventTime::Date(start), EventTime::Date(end)) => {
            EventTime::Date(*from + (*end - *start))
        }
        (
            EventTime::At { at: from, .. },
            EventTime::At { at: start, .. },
            EventTime::At { at: end, zone },
        ) => EventTime::At {
            at: *from + (*end - *start),
            zone: zone.clone(),
        },
        // No event is of two kinds.
        _ => end.clone(),
    }
}

fn date_of(time: &EventTime, clock: &Zone) -> chrono::NaiveDate {
    match time {
        EventTime::Date(date) => *date,
        EventTime::At { at, .. } => clock.to_wall(*at).date(),
    }
}

#[cfg(test)]
mod tests;
