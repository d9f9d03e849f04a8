//! The rules themselves: what the person decided for everything, and otherwise for one calendar.

use serde::{Deserialize, Serialize};

use super::{Keyword, Rule, Verdict};

/// What is made of events of one sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// Nothing: the rules after this one decide.
    #[default]
    AsIs,
    /// They are busy.
    Busy,
    /// They are tentative.
    Tentative,
    /// They are free.
    Free,
}

impl Treatment {
    /// The verdict, where there is one.
    pub fn verdict(self) -> Option<Verdict> {
        match self {
            Self::AsIs => None,
            Self::Busy => Some(Verdict::Busy),
            Self::Tentative => Some(Verdict::Tentative),
            Self::Free => Some(Verdict::Free),
        }
    }
}

/// Rules by which events count. What each is about stands at [`Rule`].
///
/// The defaults answer as Google's own free/busy does, as far as it is known (GOOGLE.md 3), except
/// that "maybe" is kept apart from "yes". An invitation without an answer is busy: Google tells
/// colleagues so, and a missed meeting is worse than a free hour that nobody offered. Whole days are
/// left to the rules after them, so they are busy unless they are shown as free or not settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Rules {
    /// Declined by the person. Free.
    pub declined: Treatment,
    /// Not answered by the person. Busy.
    pub unanswered: Treatment,
    /// Answered with "maybe", or not settled. Tentative.
    pub tentative: Treatment,
    /// Lasting whole days. As it is.
    pub all_day: Treatment,
    /// Shown as free. Free.
    pub shown_as_free: Treatment,
    /// Out of office. Busy.
    pub out_of_office: Treatment,
    /// Focus time. Busy.
    pub focus_time: Treatment,
    /// Where somebody works. Free.
    pub working_location: Treatment,
    /// Birthdays. Free.
    pub birthday: Treatment,
    /// Words in titles; the first that fits decides. None.
    pub keywords: Vec<Keyword>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            declined: Treatment::Free,
            unanswered: Treatment::Busy,
            tentative: Treatment::Tentative,
            all_day: Treatment::AsIs,
            shown_as_free: Treatment::Free,
            out_of_office: Treatment::Busy,
            focus_time: Treatment::Busy,
            working_location: Treatment::Free,
            birthday: Treatment::Free,
            keywords: Vec::new(),
        }
    }
}

/// Where one calendar is treated differently; what is `None` is as everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Overrides {
    /// See [`Rules::declined`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declined: Option<Treatment>,
    /// See [`Rules::unanswered`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unanswered: Option<Treatment>,
    /// See [`Rules::tentative`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tentative: Option<Treatment>,
    /// See [`Rules::all_day`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all_day: Option<Treatment>,
    /// See [`Rules::shown_as_free`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_as_free: Option<Treatment>,
    /// See [`Rules::out_of_office`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_office: Option<Treatment>,
    /// See [`Rules::focus_time`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus_time: Option<Treatment>,
    /// See [`Rules::working_location`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_location: Option<Treatment>,
    /// See [`Rules::birthday`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthday: Option<Treatment>,
    /// The words of this calendar, in place of those for all; an empty list switches them off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keywords: Option<Vec<Keyword>>,
}

impl Overrides {
    /// Does the calendar deviate anywhere?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What the calendar itself makes of the events of a rule; `None` where it is as everywhere, and
    /// for rules that are not set by a treatment.
    pub fn treatment(&self, rule: Rule) -> Option<Treatment> {
        match rule {
            Rule::Declined => self.declined,
            Rule::WorkingLocation => self.working_location,
            Rule::Birthday => self.birthday,
            Rule::ShownAsFree => self.shown_as_free,
            Rule::OutOfOffice => self.out_of_office,
            Rule::FocusTime => self.focus_time,
            Rule::AllDay => self.all_day,
            Rule::Tentative => self.tentative,
            Rule::Unanswered => self.unanswered,
            Rule::Keyword | Rule::Event => None,
        }
    }

    /// Sets what the calendar itself makes of the events of a rule, `None` being as everywhere.
    /// False for rules that are not set by a treatment.
    pub fn set(&mut self, rule: Rule, treatment: Option<Treatment>) -> bool {
        let own = match rule {
            Rule::Declined => &mut self.declined,
            Rule::WorkingLocation => &mut self.working_location,
            Rule::Birthday => &mut self.birthday,
            Rule::ShownAsFree => &mut self.shown_as_free,
            Rule::OutOfOffice => &mut self.out_of_office,
            Rule::FocusTime => &mut self.focus_time,
            Rule::AllDay => &mut self.all_day,
            Rule::Tentative => &mut self.tentative,
            Rule::Unanswered => &mut self.unanswered,
            Rule::Keyword | Rule::Event => return false,
        };
        *own = treatment;
        true
    }
}

impl Rules {
    /// These rules with the deviations of a calendar.
    #[must_use]
    pub fn with(&self, overrides: &Overrides) -> Self {
        let own = |own: Option<Treatment>, general: Treatment| own.unwrap_or(general);
        Self {
            declined: own(overrides.declined, self.declined),
            unanswered: own(overrides.unanswered, self.unanswered),
            tentative: own(overrides.tentative, self.tentative),
            all_day: own(overrides.all_day, self.all_day),
            shown_as_free: own(overrides.shown_as_free, self.shown_as_free),
            out_of_office: own(overrides.out_of_office, self.out_of_office),
            focus_time: own(overrides.focus_time, self.focus_time),
            working_location: own(overrides.working_location, self.working_location),
            birthday: own(overrides.birthday, self.birthday),
            keywords: overrides
                .keywords
                .as_ref()
                .unwrap_or(&self.keywords)
                .clone(),
        }
    }

    /// What a rule makes of its events. Keywords answer by themselves, and where no rule does an
    /// event takes up its time.
    pub fn treatment(&self, rule: Rule) -> Treatment {
        match rule {
            Rule::Declined => self.declined,
            Rule::Keyword => Treatment::AsIs,
            Rule::WorkingLocation => self.working_location,
            Rule::Birthday => self.birthday,
            Rule::ShownAsFree => self.shown_as_free,
            Rule::OutOfOffice => self.out_of_office,
            Rule::FocusTime => self.focus_time,
            Rule::AllDay => self.all_day,
            Rule::Tentative => self.tentative,
            Rule::Unanswered => self.unanswered,
            Rule::Event => Treatment::Busy,
        }
    }

    /// Sets what a rule makes of its events. False for rules that are not set by a treatment.
    pub fn set(&mut self, rule: Rule, treatment: Treatment) -> bool {
        let mut own = Overrides::default();
        let set = own.set(rule, Some(treatment));
        if set {
            *self = self.with(&own);
        }
        set
    }
}
