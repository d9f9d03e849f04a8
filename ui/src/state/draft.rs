//! The editor's form: text fields in, a draft out, or what is wrong in words.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use duet_wire::blocks::BlockDraft;

use crate::dates;
use crate::entry;
use crate::state::repeat::{Preset, Repeat};

/// What the fields hold, exactly as typed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form {
    /// Title.
    pub(crate) title: String,
    /// Start.
    pub(crate) start: String,
    /// End.
    pub(crate) end: String,
    /// How it repeats.
    pub(crate) preset: Preset,
    /// After how many times it ends; empty for never.
    pub(crate) count: String,
    /// Whole days: the fields hold days, and the end is the last of them.
    whole: bool,
    /// The last start that could be read: a time alone means this day, and the end follows it.
    last_start: NaiveDateTime,
    /// The last end that could be read.
    last_end: NaiveDateTime,
    today: NaiveDate,
}

/// What is wrong, field by field.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Faults {
    /// With the start.
    pub(crate) start: Option<&'static str>,
    /// With the end.
    pub(crate) end: Option<&'static str>,
    /// With the number of times.
    pub(crate) count: Option<&'static str>,
}

impl Faults {
    /// The end does not come after the start.
    pub(crate) fn backwards() -> Self {
        Self {
            end: Some("The end must come after the start."),
            ..Self::default()
        }
    }
}

impl Form {
    /// A form filled with these values.
    pub(crate) fn new(
        title: &str,
        (start, end): (NaiveDateTime, NaiveDateTime),
        rule: Option<&str>,
        today: NaiveDate,
    ) -> Self {
        let repeat = Repeat::read(rule);
        Self {
            title: title.to_owned(),
            start: dates::moment(start),
            end: dates::moment(end),
            preset: repeat.preset,
            count: repeat
                .count
                .map(|count| count.to_string())
                .unwrap_or_default(),
            whole: false,
            last_start: start,
            last_end: end,
            today,
        }
    }

    /// At another time; it repeats as before.
    pub(crate) fn move_to(&mut self, (start, end): (NaiveDateTime, NaiveDateTime)) {
        self.whole = false;
        (self.last_start, self.last_end) = (start, end);
        (self.start, self.end) = (self.written(start), self.written(end));
    }

    /// Are whole days typed?
    pub(crate) fn whole(&self) -> bool {
        self.whole
    }

    /// Between whole days and times of day. What was typed is kept as far as it can be read; times of
    /// day that were there come back.
    pub(crate) fn set_whole(&mut self, whole: bool) {
        if whole == self.whole {
            return;
        }
        self.settle_start();
        self.settle_end();
        if whole && self.last_end.time() == NaiveTime::MIN && self.last_end > self.last_start {
            // Until midnight is until the end of the day before.
            self.last_end -= TimeDelta::minutes(1);
        }
        if !whole && self.last_end <= self.last_start {
            self.last_end = self.last_start + TimeDelta::hours(1);
        }
        self.whole = whole;
        self.start = self.written(self.last_start);
        self.end = self.written(self.last_end);
    }

    fn written(&self, at: NaiveDateTime) -> String {
        match self.whole {
            true => dates::day(at.date()),
            false => dates::moment(at),
        }
    }

    fn read_start(&self) -> Option<NaiveDateTime> {
        let context = entry::Context {
            day: self.last_start.date(),
            today: self.today,
        };
        if self.whole {
            return Some(entry::read_day(&self.start, context)?.and_time(self.last_start.time()));
        }
        entry::read(&self.start, context)
    }

    fn read_end(&self) -> Option<NaiveDateTime> {
        if self.whole {
            let context = entry::Context {
                day: self.last_end.date(),
                today: self.today,
            };
            return Some(entry::read_day(&self.end, context)?.and_time(self.last_end.time()));
        }
        // An end without a day is on the day of the start, or after the midnight that follows.
        let day = self.read_start().unwrap_or(self.last_start).date();
        let words = self.end.split_whitespace().count();
        let end = entry::read(
            &self.end,
            entry::Context {
                day,
                today: self.today,
            },
        )?;
        let start = self.read_start().unwrap_or(self.last_start);
        let bare = words == 1 && !self.end.contains('-');
        if bare && end <= start && start - end < TimeDelta::days(1) {
            return Some(end + TimeDelta::days(1));
        }
        Some(end)
    }

    /// The start field was left: write it out in full, and let the end keep its distance.
    pub(crate) fn settle_start(&mut self) {
        if let Some(start) = self.read_start() {
            let length = self.last_end - self.last_start;
            if start != self.last_start && self.read_end() == Some(self.last_end) {
                self.last_end = start + length;
                self.end = self.written(self.last_end);
            }
            self.last_start = start;
            self.start = self.written(start);
        }
    }

    /// The end field was left: write it out in full.
    pub(crate) fn settle_end(&mut self) {
        if let Some(end) = self.read_end() {
            self.last_end = end;
            self.end = self.written(end);
        }
    }

    /// One press of an arrow: a quarter of an hour, or a day.
    fn step(&self, later: bool) -> TimeDelta {
        let step = match self.whole {
            true => TimeDelta::days(1),
            false => TimeDelta::minutes(15),
        };
        if later { step } else { -step }
    }

    /// Moves the start by one step, the end with it.
    pub(crate) fn nudge_start(&mut self, later: bool) {
        self.settle_start();
        self.start = self.written(self.last_start + self.step(later));
        self.settle_start();
    }

    /// Moves the end by one step, as far as the start.
    pub(crate) fn nudge_end(&mut self, later: bool) {
        self.settle_end();
        let end = self.last_end + self.step(later);
        let fits = match self.whole {
            true => end.date() >= self.last_start.date(),
            false => end > self.last_start,
        };
        if fits {
            self.last_end = end;
            self.end = self.written(end);
        }
    }

    /// How long it lasts, in words, as long as both ends can be read.
    pub(crate) fn length(&self) -> Option<String> {
        let (start, end) = (self.read_start()?, self.read_end()?);
        if self.whole {
            let days = (end.date() - start.date()).num_days() + 1;
            return (days > 0).then(|| match days {
                1 => "1 day".to_owned(),
                days => format!("{days} days"),
            });
        }
        (start < end).then(|| dates::length((end - start).num_minutes()))
    }

    /// Start and end as they are typed, in whatever order.
    pub(crate) fn moments(&self) -> Result<(NaiveDateTime, NaiveDateTime), Faults> {
        let unreadable = match self.whole {
            true => "Duet cannot read this. Try fri, 24 nov or 2026-11-24.",
            false => "Duet cannot read this. Try 9:30, fri 14:00 or 2026-11-24 09:00.",
        };
        let (start, end) = (self.read_start(), self.read_end());
        match (start, end) {
            (Some(start), Some(end)) => Ok((start, end)),
            (start, end) => Err(Faults {
                start: start.is_none().then_some(unreadable),
                end: end.is_none().then_some(unreadable),
                count: None,
            }),
        }
    }

    /// The rule it repeats by, or what is wrong with the number of times.
    pub(crate) fn rule(&self) -> Result<Option<String>, &'static str> {
        let count = match (self.preset == Preset::Never, self.count.trim()) {
            (true, _) | (_, "") => None,
            (false, text) => match text.parse::<u16>() {
                Ok(count @ 1..=3500) => Some(count),
                _ => return Err("A number from 1 to 3500, or nothing for ever."),
            },
        };
        let preset = self.preset.clone();
        Ok(Repeat { preset, count }.rule())
    }

    /// The draft, or what is wrong.
    pub(crate) fn read(&self) -> Result<BlockDraft, Faults> {
        let (moments, repeat) = (self.moments(), self.rule());
        let count = repeat.as_ref().err().copied();
        match (moments, repeat) {
            (Ok((start, end)), Ok(repeat)) if start < end => Ok(BlockDraft {
                title: self.title.trim().to_owned(),
                start,
                end,
                repeat,
            }),
            (Ok((start, end)), _) if end <= start => Err(Faults {
                count,
                ..Faults::backwards()
            }),
            (moments, _) => Err(Faults {
                count,
                ..moments.err().unwrap_or_default()
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn form() -> Form {
        let span = (at("2026-11-26T09:00:00"), at("2026-11-26T10:30:00"));
        Form::new("Gym", span, None, "2026-11-25".parse().unwrap())
    }

    #[test]
    fn an_untouched_form_says_what_it_was_given() {
        let mut form = form();
        form.settle_start();
        form.settle_end();
        let draft = form.read().unwrap();
        assert_eq!(
            (draft.start, draft.end),
            (at("2026-11-26T09:00:00"), at("2026-11-26T10:30:00"))
        );
        assert_eq!((draft.title.as_str(), draft.repeat), ("Gym", None));
        assert_eq!(form.length().as_deref(), Some("1 h 30 min"));
    }

    #[test]
    fn the_end_follows_the_start_and_a_time_alone_means_the_same_day() {
        let mut form = form();
        form.start = "fri 14".into();
        form.settle_start();
        assert_eq!(
            form.read().unwrap().end,
            at("2026-11-27T15:30:00"),
            "it keeps its length"
        );
        form.end = "18".into();
        form.settle_end();
        assert_eq!(
            form.read().unwrap().end,
            at("2026-11-27T18:00:00"),
            "on the day of the start"
        );
        form.end = "1:00".into();
        form.settle_end();
        assert_eq!(
            form.read().unwrap().end,
            at("2026-11-28T01:00:00"),
            "after midnight"
        );
    }

    #[test]
    fn fields_typed_in_any_order_mean_what_they_say() {
        // As a script fills them: both as text, nothing settled in between.
        let mut form = form();
        form.end = "2026-12-01T12:00".into();
        form.start = "2026-12-01T11:00".into();
        let draft = form.read().unwrap();
        assert_eq!(
            (draft.start, draft.end),
            (at("2026-12-01T11:00:00"), at("2026-12-01T12:00:00"))
        );
        form.settle_start();
        assert_eq!(
            form.read().unwrap(),
            draft,
            "an end that was typed does not follow the start"
        );
    }

    #[test]
    fn faults_are_told_where_they_are() {
        let mut wrong = form();
        wrong.start = "whenever".into();
        assert!(wrong.read().unwrap_err().start.is_some());
        let mut reversed = form();
        reversed.end = "2026-11-26 08:00".into();
        assert_eq!(
            reversed.read().unwrap_err().end,
            Some("The end must come after the start.")
        );
        let mut often = form();
        often.preset = Preset::Weekly;
        often.count = "0".into();
        assert!(often.read().unwrap_err().count.is_some());
        often.count = "10".into();
        assert_eq!(
            often.read().unwrap().repeat.as_deref(),
            Some("FREQ=WEEKLY;COUNT=10")
        );
    }

    #[test]
    fn nudging_moves_by_quarters() {
        let mut form = form();
        form.nudge_start(true);
        form.nudge_end(false);
        let draft = form.read().unwrap();
        assert_eq!(
            (draft.start, draft.end),
            (at("2026-11-26T09:15:00"), at("2026-11-26T10:30:00"))
        );
        for _ in 0..20 {
            form.nudge_end(false);
        }
        assert_eq!(
            form.read().unwrap().end,
            at("2026-11-26T09:30:00"),
            "never past the start"
        );
    }

    #[test]
    fn whole_days_are_typed_as_days_and_times_come_back() {
        let mut form = form();
        form.set_whole(true);
        assert_eq!(
            (form.start.as_str(), form.end.as_str()),
            ("Thu 26 Nov 2026", "Thu 26 Nov 2026")
        );
        assert_eq!(form.length().as_deref(), Some("1 day"));
        form.nudge_end(true);
        form.nudge_start(true);
        form.nudge_end(false);
        assert_eq!(
            form.end, "Fri 27 Nov 2026",
            "the end goes with the start, and not before it"
        );
        form.nudge_end(false);
        assert_eq!(form.end, "Fri 27 Nov 2026");
        form.start = "9:30".into();
        assert!(
            form.moments()
                .unwrap_err()
                .start
                .unwrap()
                .contains("24 nov")
        );
        form.start = "fri".into();
        form.set_whole(false);
        let draft = form.read().unwrap();
        assert_eq!(
            (draft.start, draft.end),
            (at("2026-11-27T09:00:00"), at("2026-11-27T10:30:00"))
        );
        form.end = "24:00".into();
        form.set_whole(true);
        assert_eq!(
            form.length().as_deref(),
            Some("1 day"),
            "midnight ends that day"
        );
    }
}
