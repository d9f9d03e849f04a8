//! What other rules would do, before anybody saves them.

use chrono::TimeDelta;
use duet_model::availability::{Combined, State, combine};
use duet_model::when::Interval;
use duet_wire::why::{PreviewView, RulesDraft};
use duet_wire::{ErrorCode, WireError};

use crate::app::App;
use crate::commands::rules::check;
use crate::picture::{Judged, Picture, rules_of};

/// How far a preview looks, from now on.
const DAYS: u16 = 28;

impl App {
    /// What the combined picture of the next four weeks would be by other rules. Nothing is stored.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for rules no one can mean, [`ErrorCode::NotFound`] for a calendar
    /// that is not there; otherwise when the database cannot be read.
    pub async fn preview(&self, draft: &RulesDraft) -> Result<PreviewView, WireError> {
        let now = self.inner.host.now();
        let span = Interval {
            start: now,
            end: now + TimeDelta::days(i64::from(DAYS)),
        };
        let picture = self.picture(span).await?;
        let mut settings = picture.settings.clone();
        let mut calendars = picture.calendars.clone();
        match draft {
            RulesDraft::All { rules } => {
                check(&rules.keywords)?;
                settings.rules = rules.clone();
            }
            RulesDraft::Calendar {
                account,
                calendar,
                rules,
            } => {
                check(rules.keywords.as_deref().unwrap_or_default())?;
                let found = calendars.iter_mut().find(|it| {
                    it.google_id == *calendar && picture.email(it) == Some(account.as_str())
                });
                let found = found.ok_or_else(|| {
                    WireError::new(ErrorCode::NotFound, "That calendar is not there any more.")
                })?;
                found.rules = rules.clone();
            }
        }
        let rules = rules_of(&calendars, &settings);
        let judged = picture.judged_by(&rules, &settings.rules);
        Ok(compare(&picture, &judged))
    }
}

fn compare(picture: &Picture, judged: &Judged) -> PreviewView {
    let counts = |calendar: Option<usize>| calendar.is_none_or(|at| picture.calendars[at].busy);
    let own = picture.own.list.iter().zip(&judged.own);
    let own = own
        .filter(|(before, after)| before.judgement.verdict != after.judgement.verdict)
        .filter(|(before, _)| counts(before.calendar))
        .count();
    let changed = picture
        .events
        .iter()
        .zip(&judged.events)
        .filter(|(before, after)| before.judgement.verdict != after.judgement.verdict)
        .filter(|(before, _)| counts(Some(before.calendar)))
        .count()
        + own;
    let before = picture.combined().combined;
    let sources = picture.sources_with(&judged.events, &judged.own);
    let tracks: Vec<_> = sources.iter().map(|it| it.claims.as_slice()).collect();
    let after = combine(&tracks, picture.span);
    let (mut frees, mut blocks, mut shifts) = (0, 0, 0);
    for (span, was, is) in both(&before, &after) {
        let length = span.duration().num_seconds();
        match (was, is) {
            (was, is) if was == is => {}
            (Some(_), None) => frees += length,
            (None, Some(_)) => blocks += length,
            _ => shifts += length,
        }
    }
    let whole = |seconds: i64| u32::try_from((seconds + 30) / 60).unwrap_or(u32::MAX);
    PreviewView {
        days: DAYS,
        frees: whole(frees),
        blocks: whole(blocks),
        shifts: whole(shifts),
        events: u32::try_from(changed).unwrap_or(u32::MAX),
    }
}

/// Both pictures beside each other: spans in which neither changes, with the state of each.
fn both(one: &Combined, other: &Combined) -> Vec<(Interval, Option<State>, Option<State>)> {
    let mut edges: Vec<_> = [one, other]
        .into_iter()
        .flat_map(Combined::stretches)
        .flat_map(|stretch| [stretch.span.start, stretch.span.end])
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let (mut at_one, mut at_other) = (0, 0);
    edges
        .windows(2)
        .map(|pair| {
            let span = Interval {
                start: pair[0],
                end: pair[1],
            };
            (
                span,
                state_at(one, &mut at_one, span),
                state_at(other, &mut at_other, span),
            )
        })
        .collect()
}

/// The state of a span that lies within one stretch or one gap; `next` only ever moves on.
fn state_at(combined: &Combined, next: &mut usize, span: Interval) -> Option<State> {
    while combined
        .get(*next)
        .is_some_and(|it| it.span.end <= span.start)
    {
        *next += 1;
    }
    let stretch = combined.get(*next)?;
    stretch.span.overlaps(&span).then_some(stretch.state)
}
