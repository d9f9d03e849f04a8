//! What becomes of a rule when what repeats by it begins at another time.

use chrono::{Datelike, NaiveDateTime};

use super::happens::days_of_month;
use super::{End, Frequency, Repeat};
use crate::zones::Zone;

impl Repeat {
    /// The rule by which a series repeats that is moved from one start to another, both on the wall clock
    /// of its zone. An end by UNTIL moves along, so that no occurrence is lost. Where the rule does not
    /// fit the new start, the days that it names move along: the second Tuesday becomes the second
    /// Wednesday.
    ///
    /// `None` where the rule fits the old start and no such change makes it fit the new one: what it
    /// should be then only the person can say.
    pub fn shifted(&self, from: NaiveDateTime, to: NaiveDateTime, zone: &Zone) -> Option<Self> {
        let mut rule = self.clone();
        let by = to - from;
        rule.end = match self.end {
            End::Date(last) => End::Date(last + (to.date() - from.date())),
            End::Wall(last) => End::Wall(last.checked_add_signed(by)?),
            End::Instant(last) => {
                let wall = zone.to_wall(last).checked_add_signed(by)?;
                End::Instant(zone.to_instant(wall))
            }
            end => end,
        };
        let fits = |rule: &Self, start| rule.fits_start(start, zone).unwrap_or(true);
        // What never fitted is Google's, and not made worse.
        if fits(&rule, to) || !fits(self, from) {
            return Some(rule);
        }
        rule.move_days(from, to);
        fits(&rule, to).then_some(rule)
    }

    fn move_days(&mut self, from: NaiveDateTime, to: NaiveDateTime) {
        let days = (to.date() - from.date()).num_days().rem_euclid(7);
        if self.frequency == Frequency::Weekly {
            for (_, day) in &mut self.weekdays {
                *day = (0..days).fold(*day, |day, _| day.succ());
            }
            return;
        }
        if let [month] = self.months.as_mut_slice() {
            *month = u8::try_from(to.month()).unwrap_or(*month);
        }
        let (day, length) = (to.day(), days_of_month(to.date()));
        if let [wanted] = self.month_days.as_mut_slice() {
            let from_end = i64::from(day) - i64::from(length) - 1;
            let new = if *wanted < 0 {
                from_end
            } else {
                i64::from(day)
            };
            *wanted = i8::try_from(new).unwrap_or(*wanted);
        }
        if let [(nth, weekday)] = self.weekdays.as_mut_slice()
            && *nth != 0
        {
            *weekday = to.weekday();
            let week = |past: u32| i16::try_from(past / 7 + 1).unwrap_or(1);
            *nth = match (*nth < 0, week(day - 1)) {
                (true, _) => -week(length - day),
                // No month is sure to have a fifth.
                (false, 5) => -1,
                (false, nth) => nth,
            };
        }
    }
}
