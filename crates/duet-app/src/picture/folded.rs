//! The picture, folded into stretches, with the way back from a stretch to its sources.

use chrono::{DateTime, Utc};
use duet_model::availability::{Claim, Combined, Reasons, State, combine};
use duet_model::block::ManualBlock;
use duet_wire::availability::{BusyView, SourceKind, SourceView};

use super::{Ground, Occurring, Own, Picture, Source, events};
use crate::queries::event_id;

impl Picture {
    /// Folds all sources into stretches.
    pub(crate) fn combined(&self) -> Folded<'_> {
        let sources = self.sources();
        let combined = combine(&tracks(&sources), self.span);
        Folded {
            picture: self,
            sources,
            combined,
        }
    }
}

fn tracks(sources: &[Source]) -> Vec<&[Claim]> {
    let claims = sources.iter().map(|source| source.claims.as_slice());
    claims.collect()
}

/// The picture, folded.
pub(crate) struct Folded<'a> {
    picture: &'a Picture,
    sources: Vec<Source>,
    pub(crate) combined: Combined,
}

impl Folded<'_> {
    /// All stretches with their sources in words.
    pub(crate) fn views(&self) -> Vec<BusyView> {
        let tracks = tracks(&self.sources);
        let reasons = Reasons::of(&tracks);
        self.combined
            .stretches()
            .map(|stretch| BusyView {
                start: stretch.span.start,
                end: stretch.span.end,
                state: stretch.state,
                sources: stretch
                    .sources()
                    .flat_map(|(track, _)| {
                        reasons
                            .touching(track, stretch.span)
                            .map(move |claim| (track, claim))
                    })
                    .filter_map(|(track, claim)| self.source(track, claim))
                    .collect(),
            })
            .collect()
    }

    /// Since when nothing is known about a stretch: the oldest check among its unknown sources.
    pub(crate) fn unknown_since(
        &self,
        tracks: impl Iterator<Item = (usize, State)>,
    ) -> Option<DateTime<Utc>> {
        tracks
            .filter(|(_, state)| *state == State::Unknown)
            .filter_map(|(track, _)| {
                let calendar = self.sources.get(track)?.calendar?;
                self.picture.known.get(calendar)?.as_of
            })
            .min()
    }

    fn source(&self, track: usize, claim: usize) -> Option<SourceView> {
        let source = self.sources.get(track)?;
        let Claim { span, state } = *source.claims.get(claim)?;
        let ground = *source.grounds.get(claim)?;
        let view = match ground {
            Ground::Manual(index) => by_hand(&self.picture.manual.get(index)?.0),
            Ground::Unworkable(index) => by_hand(self.picture.unworkable.get(index)?),
            Ground::Own(index) => self.of_own(self.picture.own.list.get(index)?)?,
            Ground::Doubted(index) => {
                let event = self.picture.own.doubted.get(index)?;
                SourceView {
                    kind: SourceKind::Duet,
                    event: Some(event.id.0.clone()),
                    title: said(&event.content.title),
                    rule: "unreadable".to_owned(),
                    ..blank()
                }
            }
            Ground::Unknown(rule) => self.of_calendar(source.calendar?, rule)?,
            Ground::Times => self.of_calendar(source.calendar?, "freebusy")?,
            Ground::Unexplained => self.of_calendar(source.calendar?, "unexplained")?,
            Ground::Elsewhere(index) => {
                self.of_event(&self.picture.elsewhere.get(index)?.day, "other_zone")?
            }
            Ground::Event(index) => {
                let event = self.picture.events.get(index)?;
                self.of_event(event, events::word(event.judgement, true))?
            }
        };
        Some(SourceView {
            state,
            start: span.start,
            end: span.end,
            ..view
        })
    }

    fn of_event(&self, event: &Occurring, rule: &str) -> Option<SourceView> {
        Some(SourceView {
            event: Some(event_id(event.key, &event.time)),
            title: said(&event.title),
            ..self.of_calendar(event.calendar, rule)?
        })
    }

    fn of_own(&self, own: &Own) -> Option<SourceView> {
        let rule = events::word(own.judgement, true);
        let view = match own.calendar {
            Some(calendar) => self.of_calendar(calendar, rule)?,
            None => SourceView {
                rule: rule.to_owned(),
                ..blank()
            },
        };
        Some(SourceView {
            kind: SourceKind::Duet,
            event: Some(own.id.0.clone()),
            title: said(&own.title),
            as_of: None,
            ..view
        })
    }

    fn of_calendar(&self, index: usize, rule: &str) -> Option<SourceView> {
        let calendar = self.picture.calendars.get(index)?;
        Some(SourceView {
            kind: SourceKind::Google,
            account: self.picture.email(calendar).map(str::to_owned),
            calendar: Some(calendar.google_id.clone()),
            calendar_name: Some(calendar.name.clone()),
            rule: rule.to_owned(),
            as_of: self.picture.known.get(index)?.as_of,
            ..blank()
        })
    }
}

fn said(title: &str) -> Option<String> {
    (!title.is_empty()).then(|| title.to_owned())
}

fn by_hand(block: &ManualBlock) -> SourceView {
    SourceView {
        event: Some(block.id.0.clone()),
        title: (!block.title.is_empty()).then(|| block.title.clone()),
        ..blank()
    }
}

/// A source made by hand; when and what is filled in by who has the claim.
fn blank() -> SourceView {
    SourceView {
        kind: SourceKind::Manual,
        account: None,
        calendar: None,
        calendar_name: None,
        event: None,
        title: None,
        rule: "manual".to_owned(),
        state: State::Unknown,
        start: DateTime::<Utc>::UNIX_EPOCH,
        end: DateTime::<Utc>::UNIX_EPOCH,
        as_of: None,
    }
}
