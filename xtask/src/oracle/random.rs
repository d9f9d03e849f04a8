//! Random rules of the kind that calendars' dialogs make, in zones that are hard.

use super::calendar::{DAY, WEEKDAYS, Wall};
use super::cases::Case;

/// Zones whose clocks do something unusual (TRUST 5.4), each with the year in which series begin:
/// midnights and whole days are skipped, half hours and two hours are shifted, rules change.
const ZONES: [(&str, i64); 14] = [
    ("America/New_York", 2026),
    ("America/Sao_Paulo", 2018),
    ("Africa/Cairo", 2024),
    ("Asia/Beirut", 2023),
    ("America/Nuuk", 2024),
    ("Australia/Lord_Howe", 2025),
    ("Antarctica/Troll", 2025),
    ("Pacific/Apia", 2011),
    ("Africa/Casablanca", 2025),
    ("Europe/Dublin", 2026),
    ("America/Vancouver", 2025),
    ("America/Winnipeg", 2025),
    ("America/Havana", 2025),
    ("Asia/Kathmandu", 2026),
];

/// Times at which clocks change somewhere, in minutes of the day.
const HARD: [i64; 10] = [0, 15, 30, 60, 90, 120, 150, 180, 1380, 1410];

/// `count` cases, the same for the same seed.
pub(super) fn cases(seed: u64, count: usize) -> Vec<Case> {
    let mut dice = Dice(seed);
    (0..count)
        .map(|number| {
            let (zone, year) = *dice.one(&ZONES);
            let whole_days = dice.chance(10);
            let minute = match (whole_days, dice.chance(25)) {
                (true, _) => 0,
                (_, true) => *dice.one(&HARD),
                _ => 420 + 15 * dice.below(52),
            };
            let start = Wall::of(year, 1, 1, minute * 60).plus_days(dice.below(365));
            let later = if dice.chance(60) { 0 } else { dice.below(2000) };
            let zone = if whole_days { "-" } else { zone };
            let rule = rule(&mut dice, start, whole_days);
            Case::new(format!("random {number}"), start, zone, &rule, later)
        })
        .collect()
}

fn rule(dice: &mut Dice, start: Wall, whole_days: bool) -> String {
    let own = WEEKDAYS[start.weekday()];
    let (_, month, day) = start.date();
    // From the front as dialogs count, and "the last" where the day is in the last week.
    let nth = if day > 24 && dice.chance(70) {
        -1
    } else {
        (day - 1) / 7 + 1
    };
    let mut rule = match dice.below(11) {
        0 => "FREQ=DAILY".to_owned(),
        1 => "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR".to_owned(),
        2 => format!("FREQ=WEEKLY;BYDAY={own}"),
        3 => "FREQ=WEEKLY".to_owned(),
        4 => {
            let with_own = dice.chance(90);
            let days: Vec<&str> = WEEKDAYS
                .into_iter()
                .filter(|name| (with_own && *name == own) || dice.chance(30))
                .collect();
            let days = if days.is_empty() { vec!["SU"] } else { days };
            format!("FREQ=WEEKLY;BYDAY={}", days.join(","))
        }
        5 => format!(
            "FREQ=MONTHLY;BYMONTHDAY={}",
            if dice.chance(25) { -1 } else { day }
        ),
        6 => "FREQ=MONTHLY".to_owned(),
        7 => format!("FREQ=MONTHLY;BYDAY={nth}{own}"),
        8 => {
            let place = if dice.chance(50) { 1 } else { -1 };
            format!("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS={place}")
        }
        9 => format!("FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{own}"),
        _ if dice.chance(50) => "FREQ=YEARLY".to_owned(),
        _ => format!("FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}"),
    };
    if dice.chance(35) {
        rule.push_str(&format!(";INTERVAL={}", 2 + dice.below(5)));
    }
    if dice.chance(30) {
        rule.push_str(if dice.chance(60) {
            ";WKST=SU"
        } else {
            ";WKST=MO"
        });
    }
    match dice.below(4) {
        0 => rule.push_str(&format!(";COUNT={}", 1 + dice.below(60))),
        1 => {
            // Some ends fall on the hour of the event itself, which is still in.
            let odd = if dice.chance(50) { 0 } else { dice.below(DAY) };
            let end = Wall(start.plus_days(dice.below(1500)).0 + odd).shown();
            let end = if whole_days {
                end[..8].to_owned()
            } else {
                format!("{end}Z")
            };
            rule.push_str(&format!(";UNTIL={end}"));
        }
        _ => {}
    }
    rule
}

/// Numbers that look random and are not (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, and without, a positive number.
    fn below(&mut self, end: i64) -> i64 {
        // The remainder is below `end`, so it fits.
        i64::try_from(self.next() % end.unsigned_abs()).unwrap_or_default()
    }

    fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let place = self.next() % of.len() as u64;
        &of[usize::try_from(place).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_makes_the_same_rules_of_all_kinds() {
        let some = cases(1, 2000);
        assert_eq!(some, cases(1, 2000));
        assert_ne!(some, cases(2, 2000));
        for (zone, _) in ZONES {
            assert!(some.iter().any(|case| case.zone == zone), "{zone}");
        }
        let kinds = [
            "DAILY",
            "WEEKLY",
            "MONTHLY",
            "YEARLY",
            "BYSETPOS",
            "COUNT",
            "UNTIL",
            "WKST",
            "INTERVAL",
            "BYMONTHDAY=-1",
            "BYDAY=-1",
        ];
        for kind in kinds {
            let found = some.iter().filter(|case| case.rule.contains(kind)).count();
            assert!(found > 20, "{kind}: {found}");
        }
        assert!(some.iter().any(|case| case.zone == "-"), "whole days");
    }
}
