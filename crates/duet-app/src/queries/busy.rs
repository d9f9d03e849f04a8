//! The combined picture and the free slots in it.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use duet_model::when::Interval;
use duet_wire::availability::{BusyView, FreeView};
use duet_wire::find::PersonView;
use duet_wire::{ErrorCode, WireError};

use super::find::Choice;
use crate::app::App;
use crate::picture::{Frame, Picture};
use crate::words;

/// The longest span that one question may cover: a year, and a few days of slack.
const SPAN_MAX: TimeDelta = TimeDelta::days(370);

/// Checks a span that somebody asked for.
pub(crate) fn span(from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Interval, WireError> {
    let Some(span) = Interval::new(from, to) else {
        return Err(WireError::new(
            ErrorCode::Invalid,
            "The end must be after the start.",
        ));
    };
    if !(1900..=2200).contains(&from.year()) || !(1900..=2200).contains(&to.year()) {
        return Err(WireError::new(
            ErrorCode::Invalid,
            "Duet knows the years 1900 to 2200.",
        ));
    }
    if span.duration() > SPAN_MAX {
        return Err(WireError::new(
            ErrorCode::Invalid,
            "That is more than a year. Ask for at most 370 days at a time.",
        ));
    }
    Ok(span)
}

impl App {
    pub(crate) async fn picture(&self, span: Interval) -> Result<Picture, WireError> {
        let frame = Frame {
            zones: &self.inner.zones,
            zone: &self.zone(),
            span,
            now: self.inner.host.now(),
        };
        Picture::read(&self.inner.store, &frame)
            .await
            .map_err(|error| words::store(&error))
    }

    /// `duet busy`: the combined picture, ordered, without overlaps; gaps are free.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for an empty or too long span; otherwise when the database cannot be
    /// read.
    pub async fn busy(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<BusyView>, WireError> {
        Ok(self.picture(span(from, to)?).await?.combined().views())
    }

    /// `duet free`: slots of at least `duration` that suit everyone chosen, the certain ones first.
    /// Slots that touch time nobody can vouch for come after them, and are marked. Asks Google for
    /// the people named, and waits for the answers.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for an empty or too long span or duration, or for what is no address;
    /// otherwise when the database cannot be read.
    pub async fn free(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        duration: TimeDelta,
        choice: &Choice,
    ) -> Result<(Vec<FreeView>, Vec<PersonView>), WireError> {
        if duration <= TimeDelta::zero() {
            return Err(WireError::new(
                ErrorCode::Invalid,
                "The duration must be longer than nothing, for example 45m or 1h30m.",
            ));
        }
        let span = span(from, to)?;
        let wanted = self.wanted_in(span, duration, choice).await?;
        self.people_now(&wanted.people, span).await;
        let unreached = self.unreached(choice.calendars.as_deref()).await?;
        let unreached: Vec<String> = unreached.into_iter().map(|it| it.email).collect();
        let slots = self.slots(&wanted).await?.into_iter().map(|slot| FreeView {
            start: slot.span.start,
            end: slot.span.end,
            certain: slot.doubt.is_none(),
            unreached: unreached.clone(),
        });
        Ok((slots.collect(), self.people_views(&wanted).await))
    }
}
