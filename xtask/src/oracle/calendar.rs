//! Days, counted without a library: xtask has none, and the oracle shall not borrow Duet's.

/// A wall-clock time, in seconds since the beginning of 1970 on that clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wall(pub(super) i64);

/// Seconds in a day.
pub(super) const DAY: i64 = 86_400;

/// The names of the weekdays in rules, from Monday on.
pub(super) const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

impl Wall {
    /// A date and the seconds of its day.
    pub(super) fn of(year: i64, month: i64, day: i64, seconds: i64) -> Self {
        // Years begin in March here, so that a leap day comes last (H. Hinnant, "chrono-compatible
        // low-level date algorithms").
        let year = year - i64::from(month <= 2);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
        Self((era * 146_097 + day_of_era - 719_468) * DAY + seconds)
    }

    /// `20260131T093000`, also with a `Z` behind it, or a date alone. `None` for anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
        let (date, time) = text.split_once(['T', 't']).unwrap_or((text, "000000"));
        let digits = |part: &str, from: usize, to: usize| -> Option<i64> {
            let part = part.get(from..to)?;
            let plain = part.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| part.parse().ok()).flatten()
        };
        if date.len() != 8 || time.len() != 6 {
            return None;
        }
        let (year, month, day) = (
            digits(date, 0, 4)?,
            digits(date, 4, 6)?,
            digits(date, 6, 8)?,
        );
        let (hour, minute, second) = (
            digits(time, 0, 2)?,
            digits(time, 2, 4)?,
            digits(time, 4, 6)?,
        );
        let sound = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24;
        let seconds = hour * 3600 + minute * 60 + second;
        (sound && minute < 60 && second < 60).then(|| Self::of(year, month, day, seconds))
    }

    /// Year, month and day.
    pub(super) fn date(self) -> (i64, i64, i64) {
        let days = self.0.div_euclid(DAY) + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (of_era + era * 400 + i64::from(month <= 2), month, day)
    }

    /// The place of its weekday in [`WEEKDAYS`].
    pub(super) fn weekday(self) -> usize {
        // 1970 began on a Thursday.
        usize::try_from((self.0.div_euclid(DAY) + 3).rem_euclid(7)).unwrap_or_default()
    }

    /// `20260131T093000`.
    pub(super) fn shown(self) -> String {
        let (year, month, day) = self.date();
        let time = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
        format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}")
    }

    /// Later by some days; earlier by a negative number.
    pub(super) fn plus_days(self, days: i64) -> Self {
        Self(self.0 + days * DAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_through_leap_years() {
        // text, seconds since 1970, weekday
        let cases = [
            ("19700101T000000", 0, "TH"),
            ("20000229T120000", 951_825_600, "TU"),
            ("20260329T023000", 1_774_751_400, "SU"),
            ("21000301T000000", 4_107_542_400, "MO"),
            ("19000228T235959", -2_203_891_201, "WE"),
        ];
        for (text, seconds, weekday) in cases {
            let wall = Wall::read(text).unwrap();
            assert_eq!(wall, Wall(seconds), "{text}");
            assert_eq!(wall.shown(), text);
            assert_eq!(WEEKDAYS[wall.weekday()], weekday, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        assert_eq!(Wall::read("20260101Z"), Wall::read("20260101T000000"));
        for text in [
            "",
            "2026-01-01",
            "20261301",
            "20260101T24",
            "20260101T240000",
            "+0260101",
        ] {
            assert_eq!(Wall::read(text), None, "{text}");
        }
    }
}
