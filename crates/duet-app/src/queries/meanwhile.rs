//! What else stands in the time of an invitation: the answer to "am I free then?".

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::availability::State;
use duet_model::when::Interval;
use duet_wire::WireError;
use duet_wire::availability::{BlockState, SourceView};
use duet_wire::invitation::MeanwhileView;

use crate::app::App;
use crate::words;

/// What is asked about. A moment without length is looked at for a minute.
pub(super) struct Asked<'a> {
    /// The name of the occurrence, as sources name it.
    pub(super) id: &'a str,
    /// Its title: the same at the same time elsewhere is a copy of it.
    pub(super) title: &'a str,
    /// When it begins.
    pub(super) start: DateTime<Utc>,
    /// When it ends, exclusive.
    pub(super) end: DateTime<Utc>,
}

impl App {
    /// What else stands in its time, by all that counts and by no more.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn meanwhile(&self, asked: &Asked<'_>) -> Result<MeanwhileView, WireError> {
        let span = Interval {
            start: asked.start,
            end: asked.end.max(asked.start + TimeDelta::minutes(1)),
        };
        let picture = self.picture(span).await?;
        let views = picture.combined().views();
        let all = views.into_iter().flat_map(|stretch| stretch.sources);
        Ok(weigh(all.filter(|source| !asked.is(source))))
    }
}

impl Asked<'_> {
    /// Is that the event itself, or its copy in the calendar of another guest?
    fn is(&self, source: &SourceView) -> bool {
        source.event.as_deref() == Some(self.id)
            || source.title.as_deref() == Some(self.title)
                && (source.start, source.end) == (self.start, self.end)
    }
}

/// The strongest of them, by name; each once, however many stretches it touches.
fn weigh(sources: impl Iterator<Item = SourceView>) -> MeanwhileView {
    let mut others: Vec<SourceView> = Vec::new();
    for source in sources {
        let same = |it: &SourceView| {
            (&it.event, &it.calendar, it.start) == (&source.event, &source.calendar, source.start)
        };
        if !others.iter().any(same) {
            others.push(source);
        }
    }
    others.sort_by_key(|it| it.start);
    let strongest = others.iter().map(|it| it.state).max();
    others.retain(|it| Some(it.state) == strongest);
    let state = match strongest {
        Some(State::Busy) => BlockState::Busy,
        Some(State::Tentative) => BlockState::Tentative,
        Some(State::Unknown) => BlockState::Unknown,
        None => BlockState::Free,
    };
    let named: Vec<(Option<&str>, Option<&str>)> = others
        .iter()
        .map(|it| (it.title.as_deref(), it.calendar_name.as_deref()))
        .collect();
    let because = words::reasons::meanwhile(state, &named);
    MeanwhileView { state, because }
}

#[cfg(test)]
mod tests {
    use duet_wire::availability::SourceKind;

    use super::*;

    fn at(hour: u32) -> DateTime<Utc> {
        format!("2026-12-05T{hour:02}:00:00Z").parse().unwrap()
    }

    fn source(event: &str, title: &str, state: State, (start, end): (u32, u32)) -> SourceView {
        SourceView {
            kind: SourceKind::Google,
            account: Some("ana@example.com".to_owned()),
            calendar: Some("work".to_owned()),
            calendar_name: Some("Work".to_owned()),
            event: Some(event.to_owned()),
            title: (!title.is_empty()).then(|| title.to_owned()),
            rule: "event".to_owned(),
            state,
            start: at(start),
            end: at(end),
            as_of: None,
        }
    }

    #[test]
    fn the_strongest_speaks_and_the_invitation_itself_does_not() {
        use State::{Busy, Tentative, Unknown};
        let lunch = Asked {
            id: "event-1",
            title: "Lunch",
            start: at(12),
            end: at(13),
        };
        let dentist = source("event-2", "Dentist", Busy, (11, 13));
        let call = source("event-3", "Call", Busy, (12, 13));
        let perhaps = source("event-4", "Walk", Tentative, (12, 14));
        let blank = source("event-5", "", Busy, (12, 13));
        let dark = source("event-6", "", Unknown, (0, 23));
        let itself = source("event-1", "Lunch", Busy, (12, 13));
        let copy = source("event-7", "Lunch", Busy, (12, 13));
        let other_lunch = source("event-8", "Lunch", Busy, (12, 14));
        let cases: [(&[&SourceView], BlockState, &str); 9] = [
            (&[], BlockState::Free, "You are free then."),
            (&[&itself, &copy], BlockState::Free, "You are free then."),
            (
                &[&other_lunch],
                BlockState::Busy,
                "At the same time: “Lunch”.",
            ),
            (
                &[&dentist, &dentist],
                BlockState::Busy,
                "At the same time: “Dentist”.",
            ),
            (
                &[&call, &dentist, &perhaps],
                BlockState::Busy,
                "At the same time: “Dentist” and 1 more.",
            ),
            (
                &[&blank],
                BlockState::Busy,
                "At the same time: busy in Work.",
            ),
            (
                &[&perhaps],
                BlockState::Tentative,
                "At the same time, perhaps: “Walk”.",
            ),
            (
                &[&dark, &perhaps],
                BlockState::Tentative,
                "At the same time, perhaps: “Walk”.",
            ),
            (
                &[&dark],
                BlockState::Unknown,
                "Nobody knows whether you are free then: Work is not known here.",
            ),
        ];
        for (sources, state, because) in cases {
            let all = sources.iter().map(|it| (*it).clone());
            let view = weigh(all.filter(|it| !lunch.is(it)));
            assert_eq!((view.state, view.because.as_str()), (state, because));
        }
    }
}
