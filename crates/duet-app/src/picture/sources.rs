//! Sources as the combination sees them: what each claims, in order, and on what ground.

use duet_model::availability::{Claim, State};
use duet_model::calendar::Health;

use super::own::Own;
use super::{Occurring, Picture};

/// A source: a calendar that counts, or a block made by hand.
pub(crate) struct Source {
    /// Its claims, by start.
    pub(crate) claims: Vec<Claim>,
    /// On what ground each is made, in their order.
    pub(crate) grounds: Vec<Ground>,
    /// Index of the calendar; `None` for a block made by hand.
    pub(crate) calendar: Option<usize>,
}

/// On what ground a claim is made. Numbers are indices in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// The calendar cannot be vouched for; the word says why.
    Unknown(&'static str),
    /// An event.
    Event(usize),
    /// Google's busy times.
    Times,
    /// Google's busy times where no readable event lies.
    Unexplained,
    /// Google's busy times of a whole day in the zone of its calendar.
    Elsewhere(usize),
    /// An occurrence of a block made by hand.
    Manual(usize),
    /// A block made by hand that may fall anywhere.
    Unworkable(usize),
    /// An occurrence of one of Duet's own events.
    Own(usize),
    /// A series of Duet's own that may fall anywhere.
    Doubted(usize),
}

impl Source {
    fn new(calendar: Option<usize>, mut claims: Vec<(Claim, Ground)>) -> Self {
        claims.sort_by_key(|(claim, _)| claim.span);
        let (claims, grounds) = claims.into_iter().unzip();
        Self {
            claims,
            grounds,
            calendar,
        }
    }
}

impl Picture {
    /// All sources: the calendars that count, then the blocks made by hand.
    pub(crate) fn sources(&self) -> Vec<Source> {
        self.sources_with(&self.events, &self.own.list)
    }

    /// All sources, if the events were judged otherwise.
    pub(crate) fn sources_with(&self, events: &[Occurring], own: &[Own]) -> Vec<Source> {
        let mut sources = self.calendar_sources(events);
        let manual = self.manual.iter().enumerate();
        sources.extend(manual.map(|(index, (_, occurrences))| {
            let claims = occurrences.iter().map(|occurrence| {
                let claim = Claim {
                    span: occurrence.span,
                    state: State::Busy,
                };
                (claim, Ground::Manual(index))
            });
            Source::new(None, claims.collect())
        }));
        sources.extend(self.own_sources(own));
        sources.extend((0..self.unworkable.len()).map(|index| {
            let claim = Claim {
                span: self.span,
                state: State::Unknown,
            };
            Source::new(None, vec![(claim, Ground::Unworkable(index))])
        }));
        sources
    }

    /// Duet's own events that are here alone, or in calendars that count. What they say is known, also
    /// where the calendar is not.
    fn own_sources(&self, own: &[Own]) -> impl Iterator<Item = Source> {
        let events = own.iter().enumerate();
        let claims = events.filter_map(|(index, own)| {
            let counts = own.calendar.is_none_or(|at| self.calendars[at].busy);
            let (state, span) = (own.claim().filter(|_| counts)?, own.span()?);
            Some((Claim { span, state }, Ground::Own(index)))
        });
        // Each by itself: two of them at one time are two reasons.
        let events = claims.map(|claim| Source::new(None, vec![claim]));
        let doubted = (0..self.own.doubted.len()).map(|index| {
            let claim = Claim {
                span: self.span,
                state: State::Unknown,
            };
            Source::new(None, vec![(claim, Ground::Doubted(index))])
        });
        events.chain(doubted)
    }

    fn calendar_sources(&self, events: &[Occurring]) -> Vec<Source> {
        // Each list as long as it can get: growing 250 of them takes longer than filling them.
        let mut counts = vec![0; self.calendars.len()];
        for event in events {
            counts[event.calendar] += 1;
        }
        let mut claims: Vec<Vec<(Claim, Ground)>> =
            counts.into_iter().map(Vec::with_capacity).collect();
        for (calendar, span, why) in self.unknown_spans() {
            let state = State::Unknown;
            claims[calendar].push((Claim { span, state }, Ground::Unknown(why)));
        }
        for (index, event) in events.iter().enumerate() {
            // What a stale or failing calendar said last is covered by its claim of unknown.
            if self.vouched(event.calendar)
                && let Some(state) = event.claim()
                && let Some(span) = event.span()
            {
                claims[event.calendar].push((Claim { span, state }, Ground::Event(index)));
            }
        }
        let times = self.times.iter().map(|times| (times, Ground::Times));
        let unexplained = self.unexplained.iter();
        let unexplained = unexplained.map(|it| (it, Ground::Unexplained));
        let elsewhere = self.elsewhere.iter().enumerate();
        let elsewhere = elsewhere.map(|(index, it)| (&it.times, Ground::Elsewhere(index)));
        for (times, ground) in times.chain(unexplained).chain(elsewhere) {
            if self.vouched(times.calendar) {
                let state = self.times_state(times.calendar);
                let span = times.span;
                claims[times.calendar].push((Claim { span, state }, ground));
            }
        }
        let counting = claims.into_iter().zip(&self.calendars).enumerate();
        counting
            .filter(|(_, (_, calendar))| calendar.busy)
            .map(|(index, (claims, _))| Source::new(Some(index), claims))
            .collect()
    }

    /// What Google's busy times are worth: a check that is old or failed since leaves doubt, and no
    /// free time.
    pub(crate) fn times_state(&self, calendar: usize) -> State {
        match self.known[calendar].times {
            Some(_) => State::Busy,
            None => State::Unknown,
        }
    }

    /// Does the calendar count, and may what is stored of it be presented as known?
    fn vouched(&self, calendar: usize) -> bool {
        self.calendars[calendar].busy && self.known[calendar].health == Health::Ok
    }
}
