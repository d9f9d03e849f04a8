//! The canonical text of a rule.

use std::fmt::{self, Display, Formatter};

use chrono::Weekday;

use super::{End, Frequency, Repeat};

impl Display for Repeat {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.frequency {
            Frequency::Daily => "FREQ=DAILY",
            Frequency::Weekly => "FREQ=WEEKLY",
            Frequency::Monthly => "FREQ=MONTHLY",
            Frequency::Yearly => "FREQ=YEARLY",
        })?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        match self.end {
            End::Never => {}
            End::Count(count) => write!(f, ";COUNT={count}")?,
            End::Date(date) => write!(f, ";UNTIL={}", date.format("%Y%m%d"))?,
            End::Wall(wall) => write!(f, ";UNTIL={}", wall.format("%Y%m%dT%H%M%S"))?,
            End::Instant(at) => write!(f, ";UNTIL={}", at.format("%Y%m%dT%H%M%SZ"))?,
        }
        list(f, "BYMONTH", &self.months)?;
        list(f, "BYWEEKNO", &self.week_numbers)?;
        list(f, "BYYEARDAY", &self.year_days)?;
        list(f, "BYMONTHDAY", &self.month_days)?;
        let weekdays: Vec<_> = self
            .weekdays
            .iter()
            .map(|(nth, day)| numbered(*nth, *day))
            .collect();
        list(f, "BYDAY", &weekdays)?;
        list(f, "BYHOUR", &self.hours)?;
        list(f, "BYMINUTE", &self.minutes)?;
        list(f, "BYSECOND", &self.seconds)?;
        list(f, "BYSETPOS", &self.positions)?;
        if self.week_start != Weekday::Mon {
            write!(f, ";WKST={}", word(self.week_start))?;
        }
        Ok(())
    }
}

fn list(f: &mut Formatter<'_>, name: &str, values: &[impl Display]) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        match index {
            0 => write!(f, ";{name}={value}")?,
            _ => write!(f, ",{value}")?,
        }
    }
    Ok(())
}

fn numbered(nth: i16, day: Weekday) -> String {
    if nth == 0 {
        word(day).to_owned()
    } else {
        format!("{nth}{}", word(day))
    }
}

fn word(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}
