//! "Why?": everything that touches a stretch, by which rule, and how old that knowledge is.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::availability::State;
use duet_model::block::ManualBlock;
use duet_model::calendar::Health;
use duet_model::verdict::Rule;
use duet_model::when::Interval;
use duet_model::zones::Zone;
use duet_wire::availability::{BlockState, SourceKind, When};
use duet_wire::why::{ChangeableRule, ReasonView, VouchView, WhyView};
use duet_wire::{ErrorCode, WireError};

use super::{busy, drawn, event};
use crate::app::App;
use crate::picture::{Occurring, Own, Picture, Times};
use crate::words;

/// The longest stretch that is explained at once.
const SPAN_MAX: TimeDelta = TimeDelta::days(31);
/// More reasons than anybody reads.
const REASONS_MAX: usize = 200;

impl App {
    /// Why a stretch is busy, tentative, unknown or free.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for an empty stretch or more than 31 days; otherwise when the
    /// database cannot be read.
    pub async fn why(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<WhyView, WireError> {
        let span = busy::span(from, to)?;
        if span.duration() > SPAN_MAX {
            return Err(WireError::new(
                ErrorCode::Invalid,
                "Ask about 31 days at most; a single hour is explained best.",
            ));
        }
        let picture = self.picture(span).await?;
        let zone = self.zone();
        Ok(Explained {
            picture: &picture,
            zone: &zone,
        }
        .view())
    }
}

struct Explained<'a> {
    picture: &'a Picture,
    zone: &'a Zone,
}

impl Explained<'_> {
    fn view(&self) -> WhyView {
        let span = self.picture.span;
        let mut reasons = self.reasons();
        reasons.sort_by_key(|reason| (strength(reason.state), reason.wall_start));
        reasons.truncate(REASONS_MAX);
        let state = self.strongest();
        let (vouching, not_counting) = self.silent(&reasons);
        WhyView {
            start: span.start,
            end: span.end,
            wall_start: self.zone.to_wall(span.start),
            wall_end: self.zone.to_wall(span.end),
            state,
            because: headline(state, &reasons, vouching.len()),
            now: self.picture.now,
            reasons,
            vouching,
            not_counting,
        }
    }

    /// The strongest state anywhere in the stretch: unknown only where nothing is busy.
    fn strongest(&self) -> BlockState {
        let folded = self.picture.combined();
        let strongest = folded.combined.stretches().map(|it| it.state).max();
        match strongest {
            Some(State::Busy) => BlockState::Busy,
            Some(State::Tentative) => BlockState::Tentative,
            Some(State::Unknown) => BlockState::Unknown,
            None => BlockState::Free,
        }
    }

    fn reasons(&self) -> Vec<ReasonView> {
        let picture = self.picture;
        let mut reasons = Vec::new();
        for (index, span, why) in picture.unknown_spans() {
            reasons.push(self.of_span(index, span, BlockState::Unknown, why, "Unknown"));
        }
        // What a calendar that is not known said last is shown where it stands, and named here by
        // its claim of unknown.
        let known = |index: usize| picture.known[index].health == Health::Ok;
        let events = picture.events.iter().filter(|event| known(event.calendar));
        reasons.extend(events.map(|event| self.of_event(event)));
        let times = picture.times.iter().map(|times| (times, "freebusy"));
        let unexplained = picture.unexplained.iter().map(|it| (it, "unexplained"));
        let times = times.chain(unexplained).map(|(it, rule)| (it, rule, None));
        let elsewhere = picture.elsewhere.iter();
        let elsewhere = elsewhere.map(|it| (&it.times, "other_zone", Some(&it.day)));
        for (Times { calendar, span }, rule, day) in times.chain(elsewhere) {
            let stands_in = &picture.calendars[*calendar];
            if known(*calendar) && stands_in.busy {
                let state = match picture.times_state(*calendar) {
                    State::Busy => BlockState::Busy,
                    State::Tentative | State::Unknown => BlockState::Unknown,
                };
                let title = day.map(|day| drawn::title(&day.title, stands_in));
                let title = title.as_deref().unwrap_or(drawn::BUSY);
                reasons.push(ReasonView {
                    id: Some(drawn::times_id(stands_in, *span)),
                    event: day.map(|day| day.key),
                    ..self.of_span(*calendar, *span, state, rule, title)
                });
            }
        }
        for (block, occurrences) in &picture.manual {
            let spans = occurrences.iter().map(|occurrence| occurrence.span);
            reasons.extend(spans.map(|span| self.by_hand(block, span, true)));
        }
        reasons.extend(picture.own.list.iter().map(|own| self.of_own(own)));
        let unworkable = picture.unworkable.iter();
        reasons.extend(unworkable.map(|block| self.by_hand(block, picture.span, false)));
        reasons
    }

    fn of_event(&self, event: &Occurring) -> ReasonView {
        let (state, rule) = drawn::state_of(self.picture, event);
        let (start, end) = drawn::when(&event.time);
        let (wall_start, wall_end) = drawn::walls(&event.time, self.zone);
        let calendar = &self.picture.calendars[event.calendar];
        ReasonView {
            id: Some(drawn::event_id(event.key, &event.time)),
            event: Some(event.key),
            title: drawn::title(&event.title, calendar),
            start,
            end,
            wall_start,
            wall_end,
            because: event::because(self.picture, event, rule),
            disagreement: self.disagreement(event),
            change: self.changeable(event),
            ..self.of_span(
                event.calendar,
                Interval {
                    start: event.start,
                    end: event.end,
                },
                state,
                rule,
                "",
            )
        }
    }

    /// Where Google's own free/busy says otherwise. Whole days are not compared: Google counts them
    /// in the zone of the calendar.
    fn disagreement(&self, event: &Occurring) -> Option<String> {
        let counts = self.picture.calendars[event.calendar].busy && !event.facts.all_day;
        let span = event.span().filter(|_| counts)?;
        let google = self.picture.google_counts(event.calendar, span)?;
        // Another event at the same time may be what Google counts.
        let alone = !self.picture.events.iter().any(|other| {
            other.calendar == event.calendar
                && other.key != event.key
                && other.span().is_some_and(|it| it.overlaps(&span))
        });
        let said = words::reasons::disagreement(event.judgement.verdict, google);
        said.filter(|_| alone || !google).map(str::to_owned)
    }

    fn changeable(&self, event: &Occurring) -> Option<ChangeableRule> {
        let calendar = &self.picture.calendars[event.calendar];
        let rule = event.judgement.rule;
        if !calendar.busy || matches!(rule, Rule::Keyword | Rule::Event) {
            return None;
        }
        Some(ChangeableRule {
            rule,
            treatment: self.picture.rules[event.calendar].treatment(rule),
            own: calendar.rules.treatment(rule).is_some(),
        })
    }

    fn of_span(
        &self,
        index: usize,
        span: Interval,
        state: BlockState,
        rule: &str,
        title: &str,
    ) -> ReasonView {
        let calendar = &self.picture.calendars[index];
        let known = &self.picture.known[index];
        ReasonView {
            kind: SourceKind::Google,
            account: self.picture.email(calendar).map(str::to_owned),
            calendar: Some(calendar.google_id.clone()),
            calendar_name: Some(calendar.name.clone()),
            color: Some(calendar.color.clone()),
            id: None,
            event: None,
            block: None,
            title: title.to_owned(),
            start: When::Instant(span.start),
            end: When::Instant(span.end),
            wall_start: self.zone.to_wall(span.start),
            wall_end: self.zone.to_wall(span.end),
            state,
            rule: rule.to_owned(),
            because: words::reasons::of_calendar(rule, known.failure.as_ref()),
            as_of: known.as_of,
            disagreement: None,
            change: None,
        }
    }

    fn of_own(&self, own: &Own) -> ReasonView {
        let (start, end) = drawn::when(&own.time);
        let (wall_start, wall_end) = drawn::walls(&own.time, self.zone);
        let (state, rule) = drawn::state_of_own(self.picture, own);
        let calendar = own.calendar.map(|at| &self.picture.calendars[at]);
        ReasonView {
            kind: SourceKind::Duet,
            account: calendar
                .and_then(|it| self.picture.email(it))
                .map(str::to_owned),
            calendar: calendar.map(|it| it.google_id.clone()),
            calendar_name: calendar.map(|it| it.name.clone()),
            color: calendar.map(|it| it.color.clone()),
            id: Some(drawn::own_id(own)),
            event: None,
            block: None,
            title: if own.title.is_empty() {
                drawn::NO_TITLE.to_owned()
            } else {
                own.title.clone()
            },
            start,
            end,
            wall_start,
            wall_end,
            state,
            rule: rule.to_owned(),
            because: match calendar {
                Some(calendar) if rule == "not_counting" => {
                    words::reasons::not_counting(&calendar.name)
                }
                _ => words::reasons::judged(own.judgement),
            },
            as_of: None,
            disagreement: None,
            change: None,
        }
    }

    fn by_hand(&self, block: &ManualBlock, span: Interval, workable: bool) -> ReasonView {
        ReasonView {
            kind: SourceKind::Manual,
            account: None,
            calendar: None,
            calendar_name: None,
            color: None,
            id: workable.then(|| drawn::manual_id(block, span)),
            event: None,
            block: Some(block.id.clone()),
            title: block.title.clone(),
            start: When::Instant(span.start),
            end: When::Instant(span.end),
            wall_start: self.zone.to_wall(span.start),
            wall_end: self.zone.to_wall(span.end),
            state: if workable {
                BlockState::Busy
            } else {
                BlockState::Unknown
            },
            rule: "manual".to_owned(),
            because: words::reasons::by_hand(workable).to_owned(),
            as_of: None,
            disagreement: None,
            change: None,
        }
    }

    /// The calendars that say nothing about the stretch: those that count and so vouch for it, and
    /// those that are not asked.
    fn silent(&self, reasons: &[ReasonView]) -> (Vec<VouchView>, Vec<VouchView>) {
        let speaking: BTreeSet<(&str, &str)> = reasons
            .iter()
            .filter_map(|reason| Some((reason.account.as_deref()?, reason.calendar.as_deref()?)))
            .collect();
        let (mut vouching, mut not_counting) = (Vec::new(), Vec::new());
        for (calendar, known) in self.picture.calendars.iter().zip(&self.picture.known) {
            let account = self.picture.email(calendar).unwrap_or_default();
            if speaking.contains(&(account, calendar.google_id.as_str())) {
                continue;
            }
            let view = VouchView {
                account: account.to_owned(),
                calendar: calendar.google_id.clone(),
                name: calendar.name.clone(),
                color: calendar.color.clone(),
                as_of: known.as_of,
            };
            if calendar.busy {
                vouching.push(view);
            } else {
                not_counting.push(view);
            }
        }
        (vouching, not_counting)
    }
}

/// Reasons by how much they weigh.
fn strength(state: BlockState) -> u8 {
    match state {
        BlockState::Busy => 0,
        BlockState::Tentative => 1,
        BlockState::Unknown => 2,
        BlockState::Free => 3,
    }
}

/// The answer in one sentence.
fn headline(state: BlockState, reasons: &[ReasonView], vouching: usize) -> String {
    let with: Vec<&ReasonView> = reasons.iter().filter(|it| it.state == state).collect();
    let free_by_rule = reasons.iter().any(|it| it.state == BlockState::Free);
    let name = |reason: &ReasonView| match (reason.title.as_str(), &reason.calendar_name) {
        ("" | drawn::BUSY, Some(calendar)) => calendar.clone(),
        ("", None) => "a block of your own".to_owned(),
        (title, _) => format!("“{title}”"),
    };
    let more = |count: usize| match count {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    match (state, with.as_slice()) {
        (BlockState::Busy, [first, rest @ ..]) => {
            format!("Busy because of {}{}.", name(first), more(rest.len()))
        }
        (BlockState::Tentative, [first, rest @ ..]) => {
            format!(
                "Perhaps busy because of {}{}.",
                name(first),
                more(rest.len())
            )
        }
        (BlockState::Unknown, [first, rest @ ..]) => {
            let who = first.calendar_name.clone().unwrap_or_else(|| name(first));
            let verb = if rest.is_empty() { "is" } else { "are" };
            format!(
                "Unknown, because {who}{} {verb} not known here.",
                more(rest.len())
            )
        }
        (BlockState::Free, _) | (_, []) => match (vouching, free_by_rule) {
            (0, false) => "Free: nothing stands here, and no calendar counts as busy.".to_owned(),
            (0, true) => "Free: what stands here does not count.".to_owned(),
            (count, false) => format!(
                "Free: {} checked, and nothing stands here.",
                words::count(i64::try_from(count).unwrap_or(i64::MAX), "calendar")
            ),
            (_, true) => "Free: what stands here does not count, and nothing else does.".to_owned(),
        },
    }
}
