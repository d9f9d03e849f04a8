//! Series changed at three scopes, and when they take place afterwards.

use chrono::{NaiveDateTime, TimeDelta};

use super::*;
use crate::event::Visibility;

fn zone() -> Zone {
    ZoneDb::bundled().zone("Europe/Berlin").unwrap()
}

/// A time on the wall clock of Berlin.
fn at(text: &str) -> EventTime {
    let wall = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    EventTime::At {
        at: zone().to_instant(wall),
        zone: Some("Europe/Berlin".into()),
    }
}

fn day(text: &str) -> EventTime {
    EventTime::Date(text.parse().unwrap())
}

fn content(title: &str, start: EventTime, end: EventTime) -> Content {
    Content {
        title: title.into(),
        start,
        end,
        location: String::new(),
        notes: String::new(),
        guests: Vec::new(),
        recurrence: Vec::new(),
        reminders: None,
        transparent: false,
        visibility: Visibility::Default,
        conference: false,
    }
}

fn event(id: &str, content: Content) -> DuetEvent {
    DuetEvent {
        id: DuetEventId(id.into()),
        content,
        slot: None,
        cancelled: false,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

/// Mondays at nine, from 5 October 2026 on: across the end of summer time on the 25th.
fn weekly() -> DuetEvent {
    let mut master = event(
        "s",
        content("Choir", at("2026-10-05 09:00"), at("2026-10-05 10:00")),
    );
    master.content.recurrence = vec!["RRULE:FREQ=WEEKLY;COUNT=8".into()];
    master
}

struct World {
    master: DuetEvent,
    exceptions: Vec<DuetEvent>,
    zones: ZoneDb,
    home: Zone,
}

impl World {
    fn new(master: DuetEvent) -> Self {
        Self {
            master,
            exceptions: Vec::new(),
            zones: ZoneDb::bundled(),
            home: zone(),
        }
    }

    fn at<'a>(&'a self, slot: &'a EventTime) -> Table<'a> {
        Table {
            master: &self.master,
            exceptions: &self.exceptions,
            slot,
            zones: &self.zones,
            home: &self.home,
            now: DateTime::UNIX_EPOCH + TimeDelta::days(1),
        }
    }

    /// The world after an operation: what was made beside the series is a world of its own.
    fn after(&self, surgery: Surgery) -> Vec<World> {
        let mut all = vec![self.master.clone()];
        all.extend(self.exceptions.clone());
        for event in surgery.put {
            all.retain(|one| one.id != event.id);
            all.push(event);
        }
        all.retain(|one| !surgery.delete.contains(&one.id) && !surgery.delete.contains(one.head()));
        let mut masters: Vec<DuetEvent> = all
            .iter()
            .filter(|one| one.slot.is_none())
            .cloned()
            .collect();
        masters.sort_by(|one, other| one.content.start.cmp(&other.content.start));
        let of = |master: &DuetEvent| {
            let mine = |one: &&DuetEvent| one.slot.is_some() && *one.head() == master.id;
            all.iter().filter(mine).cloned().collect()
        };
        masters
            .into_iter()
            .map(|master| World {
                exceptions: of(&master),
                ..World::new(master)
            })
            .collect()
    }

    /// When it takes place, and what it is called then.
    fn days(&self) -> Vec<String> {
        let exceptions: Vec<_> = self
            .exceptions
            .iter()
            .map(|one| one.as_event(None))
            .collect();
        let window = Interval {
            start: DateTime::UNIX_EPOCH,
            end: DateTime::UNIX_EPOCH + TimeDelta::days(366 * 80),
        };
        let master = self.master.as_event(None);
        let found = instances(&master, &exceptions, &self.zones, &self.home, window, 100);
        found
            .list
            .into_iter()
            .map(|one| {
                let title = match &one.exception {
                    None => &self.master.content.title,
                    Some(id) => {
                        let found = self.exceptions.iter().find(|it| it.id.0 == id.0);
                        &found.unwrap().content.title
                    }
                };
                match one.start {
                    EventTime::Date(day) => format!("{title} {}", day.format("%m-%d")),
                    EventTime::At { at, .. } => {
                        let wall = zone().to_wall(at);
                        format!("{title} {}", wall.format("%m-%d %H:%M"))
                    }
                }
            })
            .collect()
    }
}

fn told(worlds: &[World]) -> Vec<Vec<String>> {
    worlds.iter().map(World::days).collect()
}

const NEW: &str = "n";

fn new() -> DuetEventId {
    DuetEventId(NEW.into())
}

#[test]
fn one_occurrence_is_changed_and_changed_again_and_taken_out() {
    let world = World::new(weekly());
    let slot = at("2026-10-19 09:00");
    let table = world.at(&slot);
    let moved = content("Late", at("2026-10-20 18:00"), at("2026-10-20 19:00"));
    let surgery = table.change(Scope::This, &moved, &new()).unwrap();
    assert_eq!(surgery.put.len(), 1);
    assert_eq!(surgery.put[0].id.0, "s_20261019T070000Z");
    let world = world.after(surgery).remove(0);
    let days = world.days();
    assert_eq!(days.len(), 8);
    assert!(
        days.contains(&"Late 10-20 18:00".into()) && !days.contains(&"Choir 10-19 09:00".into())
    );

    let again = Content {
        title: "Later".into(),
        ..world.at(&slot).as_it_stands()
    };
    assert_eq!(again.start, at("2026-10-20 18:00"), "as it was left");
    let world = world
        .after(world.at(&slot).change(Scope::This, &again, &new()).unwrap())
        .remove(0);
    assert_eq!(world.exceptions.len(), 1, "a slot has one exception");
    assert!(world.days().contains(&"Later 10-20 18:00".into()));

    let world = world.after(world.at(&slot).take_out(Scope::This)).remove(0);
    assert_eq!(world.days().len(), 7);
}

#[test]
fn this_and_following_is_a_series_of_its_own() {
    let mut world = World::new(weekly());
    for slot in ["2026-10-12 09:00", "2026-11-09 09:00"] {
        let slot = at(slot);
        let out = world.at(&slot).take_out(Scope::This);
        world = world.after(out).remove(0);
    }
    let slot = at("2026-10-26 09:00");
    let later = Content {
        title: "Later".into(),
        start: at("2026-10-26 11:00"),
        end: at("2026-10-26 12:30"),
        recurrence: world.master.content.recurrence.clone(),
        ..content("", slot.clone(), slot.clone())
    };
    let surgery = world
        .at(&slot)
        .change(Scope::Following, &later, &new())
        .unwrap();
    assert_eq!(surgery.delete.len(), 1, "the exception after it goes");
    let halves = world.after(surgery);
    assert_eq!(
        told(&halves),
        [
            vec!["Choir 10-05 09:00", "Choir 10-19 09:00"],
            vec![
                "Later 10-26 11:00",
                "Later 11-02 11:00",
                "Later 11-09 11:00",
                "Later 11-16 11:00",
                "Later 11-23 11:00",
            ],
        ]
    );
    assert_eq!(halves[1].master.id, new());

    // From the first on it is all.
    let first = at("2026-10-05 09:00");
    let surgery = world
        .at(&first)
        .change(
            Scope::Following,
            &Content {
                title: "All".into(),
                ..world.master.content.clone()
            },
            &new(),
        )
        .unwrap();
    assert_eq!(surgery.put.len(), 1);
    assert_eq!(surgery.put[0].id.0, "s");
}

#[test]
fn another_rhythm_from_here_on_is_taken_as_it_is() {
    let world = World::new(weekly());
    let slot = at("2026-10-26 09:00");
    let daily = Content {
        recurrence: vec!["RRULE:FREQ=DAILY;COUNT=3".into()],
        ..world.at(&slot).as_it_stands()
    };
    let halves = world.after(
        world
            .at(&slot)
            .change(Scope::Following, &daily, &new())
            .unwrap(),
    );
    assert_eq!(
        halves[1].days(),
        [
            "Choir 10-26 09:00",
            "Choir 10-27 09:00",
            "Choir 10-28 09:00"
        ]
    );
}

#[test]
fn all_are_moved_by_as_much_on_the_wall_clock() {
    let mut world = World::new(weekly());
    let slot = at("2026-11-02 09:00");
    // The chosen one lies after the change of the clocks, the first before it.
    let later = Content {
        start: at("2026-11-02 10:30"),
        end: at("2026-11-02 11:00"),
        recurrence: world.master.content.recurrence.clone(),
        ..content("Choir", slot.clone(), slot.clone())
    };
    let surgery = world.at(&slot).change(Scope::All, &later, &new()).unwrap();
    let moved = world.after(surgery).remove(0);
    assert_eq!(moved.master.content.start, at("2026-10-05 10:30"));
    assert_eq!(moved.master.content.end, at("2026-10-05 11:00"));
    assert!(moved.days().iter().all(|day| day.ends_with("10:30")));

    // A title alone leaves the exceptions where they are, another time does not.
    let out = at("2026-10-12 09:00");
    world = world.after(world.at(&out).take_out(Scope::This)).remove(0);
    let named = Content {
        title: "Named".into(),
        recurrence: world.master.content.recurrence.clone(),
        ..world.at(&slot).as_it_stands()
    };
    let named = world
        .after(world.at(&slot).change(Scope::All, &named, &new()).unwrap())
        .remove(0);
    assert_eq!((named.days().len(), named.exceptions.len()), (7, 1));
    let moved = world
        .after(world.at(&slot).change(Scope::All, &later, &new()).unwrap())
        .remove(0);
    assert_eq!((moved.days().len(), moved.exceptions.len()), (8, 0));
}

#[test]
fn a_time_becomes_a_day_and_a_day_a_time() {
    let world = World::new(weekly());
    let slot = at("2026-10-19 09:00");
    let days = Content {
        start: day("2026-10-20"),
        end: day("2026-10-22"),
        recurrence: world.master.content.recurrence.clone(),
        ..content("Days", slot.clone(), slot.clone())
    };
    let world = world
        .after(world.at(&slot).change(Scope::All, &days, &new()).unwrap())
        .remove(0);
    assert_eq!(world.master.content.start, day("2026-10-06"));
    assert_eq!(world.master.content.end, day("2026-10-08"));
    let slot = day("2026-10-20");
    let hours = Content {
        start: at("2026-10-19 09:00"),
        end: at("2026-10-19 10:00"),
        recurrence: world.master.content.recurrence.clone(),
        ..content("Choir", slot.clone(), slot.clone())
    };
    let world = world
        .after(world.at(&slot).change(Scope::All, &hours, &new()).unwrap())
        .remove(0);
    assert_eq!(world.master.content.start, at("2026-10-05 09:00"));
    assert_eq!(world.master.content.end, at("2026-10-05 10:00"));
}

#[test]
fn occurrences_are_taken_out() {
    let world = World::new(weekly());
    let slot = at("2026-10-19 09:00");
    let rows = [
        (Scope::This, vec![7]),
        (Scope::Following, vec![2]),
        (Scope::All, vec![]),
    ];
    for (scope, expect) in rows {
        let left = world.after(world.at(&slot).take_out(scope));
        let left: Vec<usize> = left.iter().map(|world| world.days().len()).collect();
        assert_eq!(left, expect, "{scope:?}");
    }
    let first = at("2026-10-05 09:00");
    let left = world.after(world.at(&first).take_out(Scope::Following));
    assert!(left.is_empty(), "from the first on it is all");
}

#[test]
fn an_occurrence_is_as_long_as_the_series_across_a_change_of_clocks() {
    let mut master = event(
        "s",
        content("Night", at("2026-10-23 22:00"), at("2026-10-24 06:00")),
    );
    master.content.recurrence = vec!["RRULE:FREQ=DAILY".into()];
    let world = World::new(master);
    let slot = at("2026-10-24 22:00");
    assert_eq!(
        world.at(&slot).as_it_stands().end,
        at("2026-10-25 05:00"),
        "eight hours, one of them twice"
    );
}

#[test]
fn an_occurrence_is_found_by_when_it_begins() {
    let master = weekly();
    let exception = |slot: &str, start: &str, cancelled| DuetEvent {
        slot: Some(Slot {
            series: master.id.clone(),
            original_start: at(slot),
        }),
        cancelled,
        ..event("x", content("Choir", at(start), at(start)))
    };
    let exceptions = [
        exception("2026-10-12 09:00", "2026-10-13 20:00", false),
        exception("2026-10-19 09:00", "2026-10-19 09:00", true),
    ];
    let zones = ZoneDb::bundled();
    let found = |start: EventTime| slot_at(&master, &exceptions, &start, &zones, &zone());
    for (start, slot) in [
        ("2026-10-05 09:00", Some("2026-10-05 09:00")),
        ("2026-11-02 09:00", Some("2026-11-02 09:00")),
        // Moved: by both.
        ("2026-10-12 09:00", Some("2026-10-12 09:00")),
        ("2026-10-13 20:00", Some("2026-10-12 09:00")),
        ("2026-10-19 09:00", Some("2026-10-19 09:00")),
        // While it lasts, on another day, after the last, before the first.
        ("2026-10-05 09:30", None),
        ("2026-10-06 09:00", None),
        ("2026-11-30 09:00", None),
        ("2026-09-28 09:00", None),
    ] {
        let slot = slot.map(at);
        let told = found(at(start));
        assert!(
            match (&told, &slot) {
                (Some(one), Some(other)) => is_same(one, other),
                (one, other) => one == other,
            },
            "{start}: {told:?}"
        );
    }
    assert_eq!(found(day("2026-10-05")), None);
}

#[test]
fn the_weekday_that_a_rule_names_moves_with_all_and_with_what_follows() {
    let mut monday = weekly();
    monday.content.recurrence = vec!["RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=MO".into()];
    let world = World::new(monday);
    let slot = at("2026-10-19 09:00");
    let wednesday = Content {
        start: at("2026-10-21 10:00"),
        end: at("2026-10-21 11:00"),
        recurrence: world.master.content.recurrence.clone(),
        ..world.at(&slot).as_it_stands()
    };
    let rows: [(Scope, &[&[&str]]); 2] = [
        (
            Scope::All,
            &[&["10-07", "10-14", "10-21", "10-28", "11-04"]],
        ),
        (
            Scope::Following,
            &[&["10-05", "10-12"], &["10-21", "10-28", "11-04"]],
        ),
    ];
    for (scope, expect) in rows {
        let surgery = world.at(&slot).change(scope, &wednesday, &new()).unwrap();
        let days = |world: &World| -> Vec<String> {
            let days = world.days().into_iter();
            days.map(|day| day[6..11].to_owned()).collect()
        };
        let worlds: Vec<_> = world.after(surgery).iter().map(days).collect();
        assert_eq!(worlds, expect, "{scope:?}");
    }

    let mut odd = weekly();
    odd.content.recurrence = vec!["RRULE:FREQ=MONTHLY;BYMONTHDAY=5,19".into()];
    let world = World::new(odd);
    let wanted = Content {
        recurrence: world.master.content.recurrence.clone(),
        ..wednesday
    };
    let moved = world.at(&slot).change(Scope::All, &wanted, &new());
    assert_eq!(moved, Err(Misfit));
    let moved = world.at(&slot).change(Scope::This, &wanted, &new());
    assert!(moved.is_ok(), "one occurrence is no matter of the rule");
}
