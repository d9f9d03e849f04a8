//! Repetition as the editor offers it: a handful of habits, and whatever else a rule may say.
//!
//! The rule's grammar belongs to the core; here only the shapes that the editor itself writes are
//! read, and anything else is kept word for word.

/// How a block repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Preset {
    /// Once.
    #[default]
    Never,
    /// Every day.
    Daily,
    /// Monday to Friday.
    Weekdays,
    /// Every week.
    Weekly,
    /// Every second week.
    Fortnightly,
    /// Every month, on the same day.
    Monthly,
    /// A rule that was made elsewhere.
    Custom(String),
}

/// The ones that are offered.
pub(crate) const OFFERED: [Preset; 6] = [
    Preset::Never,
    Preset::Daily,
    Preset::Weekdays,
    Preset::Weekly,
    Preset::Fortnightly,
    Preset::Monthly,
];

impl Preset {
    /// The value in the editor's list.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::Never => "none",
            Self::Daily => "daily",
            Self::Weekdays => "weekdays",
            Self::Weekly => "weekly",
            Self::Fortnightly => "fortnightly",
            Self::Monthly => "monthly",
            Self::Custom(_) => "custom",
        }
    }

    /// Its name in the editor's list.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Never => "Does not repeat",
            Self::Daily => "Every day",
            Self::Weekdays => "Every weekday (Monday to Friday)",
            Self::Weekly => "Every week",
            Self::Fortnightly => "Every 2 weeks",
            Self::Monthly => "Every month",
            Self::Custom(_) => "As it is now",
        }
    }

    fn rule(&self) -> Option<&str> {
        match self {
            Self::Never => None,
            Self::Daily => Some("FREQ=DAILY"),
            Self::Weekdays => Some("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
            Self::Weekly => Some("FREQ=WEEKLY"),
            Self::Fortnightly => Some("FREQ=WEEKLY;INTERVAL=2"),
            Self::Monthly => Some("FREQ=MONTHLY"),
            Self::Custom(rule) => Some(rule),
        }
    }
}

/// A habit and after how many times it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repeat {
    /// The habit.
    pub(crate) preset: Preset,
    /// How many times in all; `None` for ever.
    pub(crate) count: Option<u16>,
}

impl Repeat {
    /// Reads a rule.
    pub(crate) fn read(rule: Option<&str>) -> Self {
        let Some(rule) = rule else {
            return Self::default();
        };
        let (mut plain, mut count) = (Vec::new(), None);
        for part in rule.split(';') {
            match part
                .strip_prefix("COUNT=")
                .and_then(|count| count.parse().ok())
            {
                Some(times) => count = Some(times),
                None => plain.push(part),
            }
        }
        let plain = plain.join(";");
        match OFFERED
            .into_iter()
            .find(|preset| preset.rule() == Some(&plain))
        {
            Some(preset) => Self { preset, count },
            None => Self {
                preset: Preset::Custom(rule.to_owned()),
                count: None,
            },
        }
    }

    /// Writes it.
    pub(crate) fn rule(&self) -> Option<String> {
        let rule = self.preset.rule()?;
        Some(match (&self.preset, self.count) {
            (Preset::Custom(_), _) | (_, None) => rule.to_owned(),
            (_, Some(count)) => format!("{rule};COUNT={count}"),
        })
    }

    /// `every week`: how a block says it.
    pub(crate) fn words(&self) -> &'static str {
        match self.preset {
            Preset::Never => "",
            Preset::Daily => "every day",
            Preset::Weekdays => "every weekday",
            Preset::Weekly => "every week",
            Preset::Fortnightly => "every 2 weeks",
            Preset::Monthly => "every month",
            Preset::Custom(_) => "repeats",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_survives_the_editor() {
        let rules = [
            "FREQ=DAILY",
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            "FREQ=WEEKLY",
            "FREQ=WEEKLY;COUNT=10",
            "FREQ=WEEKLY;INTERVAL=2",
            "FREQ=MONTHLY",
            "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231T225959Z",
            "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3",
        ];
        for rule in rules {
            assert_eq!(Repeat::read(Some(rule)).rule().as_deref(), Some(rule));
        }
        assert_eq!(Repeat::read(None).rule(), None);
    }

    #[test]
    fn known_habits_are_named() {
        assert_eq!(
            Repeat::read(Some("FREQ=WEEKLY;COUNT=4")).preset,
            Preset::Weekly
        );
        assert_eq!(
            Repeat::read(Some("FREQ=WEEKLY;BYDAY=TU")).words(),
            "repeats"
        );
    }
}
