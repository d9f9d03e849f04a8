//! The editor's form: text fields in, a draft out, or what is wrong in words.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
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
            last_start: start,
            last_end: end,
            today,
        }
    }

    fn read_start(&self) -> Option<NaiveDateTime> {
        let context = entry::Context {
            day: self.last_start.date(),
            today: self.today,
        };
        entry::read(&self.start, context)
    }

    fn read_end(&self) -> Option<NaiveDateTime> {
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
                self.end = dates::moment(self.last_end);
            }
            self.last_start = start;
            self.start = dates::moment(start);
        }
    }

    /// The end field was left: write it out in full.
    pub(crate) fn settle_end(&mut self) {
        if let Some(end) = self.read_end() {
            self.last_end = end;
            self.end = dates::moment(end);
        }
    }

    /// Moves the start by some minutes, the end with it.
    pub(crate) fn nudge_start(&mut self, minutes: i64) {
        self.settle_start();
        self.start = dates::moment(self.last_start + TimeDelta::minutes(minutes));
        self.settle_start();
    }

    /// Moves the end by some minutes.
    pub(crate) fn nudge_end(&mut self, minutes: i64) {
        self.settle_end();
        let end = self.last_end + TimeDelta::minutes(minutes);
        if end > self.last_start {
            self.last_end = end;
            self.end = dates::moment(end);
        }
    }

    /// How long it lasts, in words, as long as both ends can be read.
    pub(crate) fn length(&self) -> Option<String> {
        let (start, end) = (self.read_start()?, self.read_end()?);
        (start < end).then(|| dates::length((end - start).num_minutes()))
    }

    /// The draft, or what is wrong.
    pub(crate) fn read(&self) -> Result<BlockDraft, Faults> {
        const UNREADABLE: &str = "Duet cannot read this. Try 9:30, fri 14:00 or 2026-11-24 09:00.";
        let (start, end) = (self.read_start(), self.read_end());
        let mut faults = Faults::default();
        if start.is_none() {
            faults.start = Some(UNREADABLE);
        }
        if end.is_none() {
            faults.end = Some(UNREADABLE);
        }
        let count = match (self.preset == Preset::Never, self.count.trim()) {
            (true, _) | (_, "") => None,
            (false, text) => match text.parse::<u16>() {
                Ok(count @ 1..=3500) => Some(count),
                _ => {
                    faults.count = Some("A number from 1 to 3500, or nothing for ever.");
                    None
                }
            },
        };
        match (start, end) {
            (Some(start), Some(end)) if end <= start => {
                faults.end = Some("The end must come after the start.");
            }
            (Some(start), Some(end)) if faults == Faults::default() => {
                return Ok(BlockDraft {
                    title: self.title.trim().to_owned(),
                    start,
                    end,
                    repeat: Repeat {
                        preset: self.preset.clone(),
                        count,
                    }
                    .rule(),
                });
            }
            _ => {}
        }
        Err(faults)
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
        form.nudge_start(15);
        form.nudge_end(-15);
        let draft = form.read().unwrap();
        assert_eq!(
            (draft.start, draft.end),
            (at("2026-11-26T09:15:00"), at("2026-11-26T10:30:00"))
        );
        for _ in 0..20 {
            form.nudge_end(-15);
        }
        assert_eq!(
            form.read().unwrap().end,
            at("2026-11-26T09:30:00"),
            "never past the start"
        );
    }
}
