//! Both halves of a series together are the series.

use proptest::prelude::*;

use super::*;

fn window() -> Interval {
    Interval {
        start: wall("2026-01-01 00:00").and_utc(),
        end: wall("2027-06-01 00:00").and_utc(),
    }
}

fn starts(master: &Event, home: &Zone) -> Vec<EventTime> {
    let zones = ZoneDb::bundled();
    let found = instances(master, &[], &zones, home, window(), 3_000);
    assert_eq!(found.unknown, None, "{:?}", master.recurrence);
    found.list.into_iter().map(|one| one.original).collect()
}

/// The two events that come of a split.
fn halves(master: &Event, slot: &EventTime, home: &Zone) -> Option<(Event, Event)> {
    let cut = split(master, slot, &ZoneDb::bundled(), home)?;
    let (mut one, mut two) = (master.clone(), master.clone());
    one.recurrence = cut.before;
    two.recurrence = cut.after;
    two.start = slot.clone();
    two.end = match (slot, &master.start, &master.end) {
        (EventTime::Date(slot), EventTime::Date(start), EventTime::Date(end)) => {
            EventTime::Date(*slot + (*end - *start))
        }
        (
            EventTime::At { at, zone },
            EventTime::At { at: start, .. },
            EventTime::At { at: end, .. },
        ) => EventTime::At {
            at: *at + (*end - *start),
            zone: zone.clone(),
        },
        _ => panic!("mixed kinds"),
    };
    Some((one, two))
}

#[test]
fn the_first_half_ends_and_the_second_keeps_its_number() {
    let berlin = "Europe/Berlin";
    let at = |text| at(berlin, text);
    // Start, lines, slot, before, after.
    type Row = (
        EventTime,
        &'static [&'static str],
        EventTime,
        &'static [&'static str],
        &'static [&'static str],
    );
    let rows: [Row; 6] = [
        (
            at("2026-11-02 09:00"),
            &["RRULE:FREQ=WEEKLY"],
            at("2026-11-16 09:00"),
            &["RRULE:FREQ=WEEKLY;UNTIL=20261116T075959Z"],
            &["RRULE:FREQ=WEEKLY"],
        ),
        (
            at("2026-11-02 09:00"),
            &["RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=MO"],
            at("2026-11-16 09:00"),
            &["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261116T075959Z"],
            &["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3"],
        ),
        (
            EventTime::Date(date("2026-11-02")),
            &["RRULE:FREQ=DAILY;UNTIL=20261231"],
            EventTime::Date(date("2026-11-10")),
            &["RRULE:FREQ=DAILY;UNTIL=20261109"],
            &["RRULE:FREQ=DAILY;UNTIL=20261231"],
        ),
        (
            at("2026-11-02 09:00"),
            &[
                "RRULE:FREQ=DAILY",
                "EXDATE;TZID=Europe/Berlin:20261103T090000,20261120T090000",
            ],
            at("2026-11-10 09:00"),
            &[
                "RRULE:FREQ=DAILY;UNTIL=20261110T075959Z",
                "EXDATE;TZID=Europe/Berlin:20261103T090000",
            ],
            &[
                "RRULE:FREQ=DAILY",
                "EXDATE;TZID=Europe/Berlin:20261120T090000",
            ],
        ),
        (
            at("2026-11-02 09:00"),
            &[
                "RRULE:FREQ=WEEKLY",
                "RDATE:20261105T080000Z,20261130T080000Z",
            ],
            at("2026-11-16 09:00"),
            &[
                "RRULE:FREQ=WEEKLY;UNTIL=20261116T075959Z",
                "RDATE:20261105T080000Z",
            ],
            &["RRULE:FREQ=WEEKLY", "RDATE:20261130T080000Z"],
        ),
        (
            at("2026-11-02 09:00"),
            &["FREQ=WEEKLY"],
            at("2026-11-16 09:00"),
            &["RRULE:FREQ=WEEKLY;UNTIL=20261116T075959Z"],
            &["FREQ=WEEKLY"],
        ),
    ];
    for (start, rules, slot, before, after) in rows {
        let end = start.clone();
        let mut master = event("a", start, end);
        master.recurrence = lines(rules);
        let cut = split(&master, &slot, &ZoneDb::bundled(), &zone(berlin)).unwrap();
        assert_eq!(cut.before, lines(before), "{rules:?}");
        assert_eq!(cut.after, lines(after), "{rules:?}");
    }
}

#[test]
fn in_front_of_the_first_there_is_nothing() {
    let start = at("Europe/Berlin", "2026-11-02 09:00");
    let mut master = event("a", start.clone(), start.clone());
    master.recurrence = lines(&["RRULE:FREQ=DAILY"]);
    let cut = split(&master, &start, &ZoneDb::bundled(), &zone("Europe/Berlin"));
    assert_eq!(cut, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn together_they_are_the_series(
        rule in prop_oneof![
            Just("FREQ=DAILY"), Just("FREQ=DAILY;INTERVAL=3"), Just("FREQ=WEEKLY"),
            Just("FREQ=WEEKLY;INTERVAL=2"), Just("FREQ=MONTHLY"), Just("FREQ=YEARLY"),
            Just("FREQ=DAILY;COUNT=40"), Just("FREQ=WEEKLY;COUNT=30"),
            Just("FREQ=DAILY;UNTIL=20260915T000000Z"), Just("FREQ=MONTHLY;BYDAY=1MO"),
        ],
        zone_name in prop_oneof![
            Just("Europe/Berlin"), Just("America/New_York"), Just("Australia/Lord_Howe"),
            Just("Asia/Kathmandu"),
        ],
        (day, hour) in (1_u32..28, 0_u32..24),
        pick in any::<prop::sample::Index>(),
        extra in proptest::option::of((2_u32..8, 1_u32..28)),
        taken in proptest::option::of((2_u32..8, 1_u32..28)),
        whole_days in any::<bool>(),
    ) {
        let home = zone(zone_name);
        let start = if whole_days {
            EventTime::Date(date(&format!("2026-02-{day:02}")))
        } else {
            at(zone_name, &format!("2026-02-{day:02} {hour:02}:30"))
        };
        let end = match &start {
            EventTime::Date(day) => EventTime::Date(day.succ_opt().unwrap()),
            EventTime::At { at, zone } => EventTime::At {
                at: *at + TimeDelta::minutes(45),
                zone: zone.clone(),
            },
        };
        let mut master = event("a", start, end);
        master.recurrence = vec![format!("RRULE:{rule}")];
        let value = |(month, day): (u32, u32)| if whole_days {
            format!("2026{month:02}{day:02}")
        } else {
            format!("2026{month:02}{day:02}T{hour:02}3000")
        };
        master.recurrence.extend(extra.map(|it| format!("RDATE:{}", value(it))));
        master.recurrence.extend(taken.map(|it| format!("EXDATE:{}", value(it))));
        let all = starts(&master, &home);
        let slot = pick.get(&all).clone();
        let Some((one, two)) = halves(&master, &slot, &home) else {
            return Ok(());
        };
        // A single date in front of the rule's own start stays in front of it.
        let mut both = starts(&one, &home);
        prop_assert!(both.iter().all(|time| *time < slot), "{:?} {slot:?} {both:?}", one.recurrence);
        let later = starts(&two, &home);
        prop_assert!(later.iter().all(|time| *time >= slot), "{:?} {slot:?}", two.recurrence);
        both.extend(later);
        // A slot that the rule does not hit moves the rhythm of what follows: only such that it does.
        let on_rule = {
            let mut plain = master.clone();
            plain.recurrence.truncate(1);
            starts(&plain, &home).contains(&slot)
        };
        if on_rule {
            prop_assert_eq!(both, all, "{:?} at {:?}", master.recurrence, slot);
        }
    }
}
