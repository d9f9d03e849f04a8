//! The combined picture of a span: every source that counts, with what it claims and why.
//!
//! This is where "what is not known is never free" is decided for reading: a calendar that counts
//! but is stale, failing, never checked, or was not asked about a time, claims that time as
//! unknown, and so does a manual block whose repetition cannot be worked out for the span. Calendars
//! that do not count claim nothing.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use duet_model::account::{Account, AccountId};
use duet_model::availability::{Claim, Combined, State, combine};
use duet_model::block::{ManualBlock, Occurrence};
use duet_model::calendar::{Calendar, CalendarId, Health};
use duet_model::repeat;
use duet_model::when::Interval;
use duet_model::zones::ZoneDb;
use duet_store::{ExternalBlock, Store, StoreError};
use duet_wire::availability::{BusyView, SourceKind, SourceView};

/// Occurrences of one block in one span; far beyond what a calendar view can show.
const OCCURRENCES_MAX: usize = 3_500;

/// Everything stored that touches a span.
pub(crate) struct Picture {
    pub(crate) span: Interval,
    pub(crate) now: DateTime<Utc>,
    pub(crate) accounts: HashMap<AccountId, Account>,
    pub(crate) calendars: Vec<Calendar>,
    pub(crate) external: Vec<ExternalBlock>,
    pub(crate) manual: Vec<(ManualBlock, Vec<Occurrence>)>,
    /// Blocks whose occurrences in the span could not all be worked out.
    unworkable: Vec<ManualBlock>,
}

/// A source as the combination sees it: its claims in order, and who it is.
struct Source {
    claims: Vec<Claim>,
    origin: Origin,
}

enum Origin {
    Calendar(usize),
    Manual(usize),
    Unworkable(usize),
}

impl Picture {
    /// Reads what touches `span`.
    pub(crate) async fn read(
        store: &Store,
        zones: &ZoneDb,
        span: Interval,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        // One snapshot: a switch flipped meanwhile shows with its blocks, or not at all.
        let mut snapshot = store.read().await?;
        let accounts = snapshot.accounts().await?;
        let calendars = snapshot.calendars().await?;
        let external = snapshot.blocks_in(span).await?;
        let manual = snapshot.manual_blocks_near(span).await?;
        drop(snapshot);
        let mut unworkable = Vec::new();
        let manual = manual
            .into_iter()
            .map(|block| {
                let (occurrences, whole) = occurrences(&block, zones, span);
                if !whole {
                    unworkable.push(block.clone());
                }
                (block, occurrences)
            })
            .filter(|(_, occurrences)| !occurrences.is_empty())
            .collect();
        let accounts = accounts
            .into_iter()
            .map(|account| (account.id, account))
            .collect();
        Ok(Self {
            span,
            now,
            accounts,
            calendars,
            external,
            manual,
            unworkable,
        })
    }

    /// The calendar of a block.
    pub(crate) fn calendar(&self, id: CalendarId) -> Option<&Calendar> {
        self.calendars.iter().find(|calendar| calendar.id == id)
    }

    /// The address of the account a calendar stands in.
    pub(crate) fn email(&self, calendar: &Calendar) -> Option<&str> {
        self.accounts
            .get(&calendar.account)
            .map(|account| account.email.as_str())
    }

    /// For each calendar that counts, what of the span it cannot be vouched for, and why.
    pub(crate) fn unknown_spans(
        &self,
    ) -> impl Iterator<Item = (&Calendar, Interval, &'static str)> {
        self.calendars
            .iter()
            .filter(|calendar| calendar.busy)
            .flat_map(|calendar| {
                let why = rule(calendar, State::Unknown, self.now);
                unknown(calendar, self.span, self.now)
                    .into_iter()
                    .map(move |claim| (calendar, claim.span, why))
            })
    }

    /// Blocks by hand that may fall anywhere in the span, because their repetition cannot be worked
    /// out.
    pub(crate) fn unworkable(&self) -> &[ManualBlock] {
        &self.unworkable
    }

    /// Folds all sources into stretches.
    pub(crate) fn combined(&self) -> Folded<'_> {
        let sources = self.sources();
        let tracks: Vec<&[Claim]> = sources
            .iter()
            .map(|source| source.claims.as_slice())
            .collect();
        let combined = combine(&tracks, self.span);
        Folded {
            picture: self,
            sources,
            combined,
        }
    }

    fn sources(&self) -> Vec<Source> {
        let mut claims: HashMap<CalendarId, Vec<Claim>> = HashMap::new();
        for calendar in self.calendars.iter().filter(|calendar| calendar.busy) {
            claims.insert(calendar.id, unknown(calendar, self.span, self.now));
        }
        for block in &self.external {
            let Some(calendar) = self.calendar(block.calendar) else {
                continue;
            };
            // What a stale or failing calendar said last is covered by its claim of unknown.
            if calendar.busy && calendar.health(self.now) == Health::Ok {
                claims.entry(calendar.id).or_default().push(Claim {
                    span: block.span,
                    state: State::Busy,
                });
            }
        }
        let calendars = self
            .calendars
            .iter()
            .enumerate()
            .filter_map(|(index, calendar)| {
                let mut claims = claims.remove(&calendar.id)?;
                claims.sort_by_key(|claim| claim.span);
                Some(Source {
                    claims,
                    origin: Origin::Calendar(index),
                })
            });
        let manual = self
            .manual
            .iter()
            .enumerate()
            .map(|(index, (_, occurrences))| Source {
                claims: occurrences
                    .iter()
                    .map(|occurrence| Claim {
                        span: occurrence.span,
                        state: State::Busy,
                    })
                    .collect(),
                origin: Origin::Manual(index),
            });
        let unworkable = self.unworkable.iter().enumerate().map(|(index, _)| Source {
            claims: vec![Claim {
                span: self.span,
                state: State::Unknown,
            }],
            origin: Origin::Unworkable(index),
        });
        calendars.chain(manual).chain(unworkable).collect()
    }
}

/// The occurrences of a manual block that touch a span, and whether these are all. A rule that
/// cannot be worked out (too many occurrences for the span, a zone that is known no more) still
/// shows the block itself, so that nothing a person wrote is lost.
pub(crate) fn occurrences(
    block: &ManualBlock,
    zones: &ZoneDb,
    span: Interval,
) -> (Vec<Occurrence>, bool) {
    match repeat::expand(block, zones, span, OCCURRENCES_MAX) {
        Ok(occurrences) => (occurrences, true),
        Err(why) => {
            tracing::warn!(%why, block = block.id.0, "a stored block cannot be repeated");
            let alone = ManualBlock {
                repeat: None,
                ..block.clone()
            };
            let first = repeat::expand(&alone, zones, span, 1).unwrap_or_default();
            (first, false)
        }
    }
}

/// For which parts of a span a calendar that counts cannot be vouched for.
fn unknown(calendar: &Calendar, span: Interval, now: DateTime<Utc>) -> Vec<Claim> {
    let whole = vec![Claim {
        span,
        state: State::Unknown,
    }];
    if calendar.health(now) != Health::Ok {
        return whole;
    }
    let Some(covered) = calendar.covered else {
        return whole;
    };
    [
        Interval::new(span.start, covered.start.min(span.end)),
        Interval::new(covered.end.max(span.start), span.end),
    ]
    .into_iter()
    .flatten()
    .map(|span| Claim {
        span,
        state: State::Unknown,
    })
    .collect()
}

/// The picture, folded, with the way back from a stretch to its sources.
pub(crate) struct Folded<'a> {
    picture: &'a Picture,
    sources: Vec<Source>,
    pub(crate) combined: Combined,
}

impl Folded<'_> {
    /// All stretches with their sources in words.
    pub(crate) fn views(&self) -> Vec<BusyView> {
        self.combined
            .stretches()
            .map(|stretch| BusyView {
                start: stretch.span.start,
                end: stretch.span.end,
                state: stretch.state,
                sources: stretch
                    .sources()
                    .filter_map(|(track, state)| self.source(track, state, stretch.span))
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
            .filter_map(|(track, _)| match self.sources.get(track)?.origin {
                Origin::Calendar(index) => self.picture.calendars.get(index)?.last_synced_at,
                Origin::Manual(_) | Origin::Unworkable(_) => None,
            })
            .min()
    }

    fn source(&self, track: usize, state: State, span: Interval) -> Option<SourceView> {
        match self.sources.get(track)?.origin {
            Origin::Calendar(index) => {
                let calendar = self.picture.calendars.get(index)?;
                Some(SourceView {
                    kind: SourceKind::Google,
                    account: self.picture.email(calendar).map(str::to_owned),
                    calendar: Some(calendar.google_id.clone()),
                    event: None,
                    title: Some(calendar.name.clone()),
                    rule: rule(calendar, state, self.picture.now).to_owned(),
                    state,
                    as_of: calendar.last_synced_at,
                })
            }
            Origin::Manual(index) => {
                let (block, occurrences) = self.picture.manual.get(index)?;
                occurrences
                    .iter()
                    .find(|occurrence| occurrence.span.overlaps(&span))?;
                Some(by_hand(block, state))
            }
            Origin::Unworkable(index) => Some(by_hand(self.picture.unworkable.get(index)?, state)),
        }
    }
}

fn by_hand(block: &ManualBlock, state: State) -> SourceView {
    SourceView {
        kind: SourceKind::Manual,
        account: None,
        calendar: None,
        event: Some(block.id.0.clone()),
        title: (!block.title.is_empty()).then(|| block.title.clone()),
        rule: "manual".to_owned(),
        state,
        as_of: None,
    }
}

/// The one word that says why a calendar claims what it claims.
fn rule(calendar: &Calendar, state: State, now: DateTime<Utc>) -> &'static str {
    match (state, calendar.health(now), calendar.last_synced_at) {
        (State::Busy | State::Tentative, ..) => "freebusy",
        (State::Unknown, Health::Failing, _) => "failing",
        (State::Unknown, _, None) => "never_synced",
        (State::Unknown, Health::Stale, Some(_)) => "stale",
        (State::Unknown, Health::Ok, Some(_)) => "outside_window",
    }
}
