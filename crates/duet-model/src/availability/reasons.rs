//! "Why?": which claims make a stretch what it is.

use super::Claim;
use crate::when::Interval;

/// The claims of all tracks, prepared for asking many times which of them touch a span.
///
/// Claims may overlap, so their ends are in no order; what can be searched is the latest end so far.
#[derive(Clone, Debug)]
pub struct Reasons<'a> {
    tracks: Vec<Track<'a>>,
}

#[derive(Clone, Debug)]
struct Track<'a> {
    claims: &'a [Claim],
    /// Indices of the claims by start, or `None` where they already are in that order.
    order: Option<Vec<usize>>,
    /// The latest end among the first claims, up to each.
    latest: Vec<chrono::DateTime<chrono::Utc>>,
}

impl<'a> Reasons<'a> {
    /// Prepares the tracks that were combined.
    pub fn of(tracks: &[&'a [Claim]]) -> Self {
        Self {
            tracks: tracks.iter().map(|claims| Track::of(claims)).collect(),
        }
    }

    /// Which claims of a track touch a span: their indices, by start. Nothing for a track that does
    /// not exist.
    pub fn touching(&self, track: usize, span: Interval) -> impl Iterator<Item = usize> {
        self.tracks
            .get(track)
            .into_iter()
            .flat_map(move |track| track.touching(span))
    }

    /// Which claims touch a span, as track and index, by track and then by start.
    pub fn why(&self, span: Interval) -> impl Iterator<Item = (usize, usize)> {
        self.tracks
            .iter()
            .enumerate()
            .flat_map(move |(at, track)| track.touching(span).map(move |claim| (at, claim)))
    }
}

impl<'a> Track<'a> {
    fn of(claims: &'a [Claim]) -> Self {
        let order = (!claims.is_sorted_by_key(|claim| claim.span.start)).then(|| {
            let mut order: Vec<_> = (0..claims.len()).collect();
            order.sort_by_key(|index| claims[*index].span.start);
            order
        });
        let mut track = Self {
            claims,
            order,
            latest: Vec::with_capacity(claims.len()),
        };
        for rank in 0..claims.len() {
            let end = track.claim(rank).span.end;
            track
                .latest
                .push(track.latest.last().map_or(end, |latest| end.max(*latest)));
        }
        track
    }

    fn index(&self, rank: usize) -> usize {
        self.order.as_ref().map_or(rank, |order| order[rank])
    }

    fn claim(&self, rank: usize) -> &'a Claim {
        &self.claims[self.index(rank)]
    }

    fn touching(&self, span: Interval) -> impl Iterator<Item = usize> {
        let first = self.latest.partition_point(|latest| *latest <= span.start);
        (first..self.claims.len())
            .take_while(move |rank| self.claim(*rank).span.start < span.end)
            .filter(move |rank| touches(self.claim(*rank), span))
            .map(|rank| self.index(rank))
    }
}

/// Which claims of one track touch a span: their indices, in the track's order. Looks at every
/// claim; who asks often prepares [`Reasons`].
pub fn claims_at(track: &[Claim], span: Interval) -> impl Iterator<Item = usize> {
    track
        .iter()
        .enumerate()
        .filter(move |(_, claim)| touches(claim, span))
        .map(|(index, _)| index)
}

/// Which claims of all tracks touch a span, as track and index. Looks at every claim; who asks
/// often prepares [`Reasons`].
pub fn why(tracks: &[&[Claim]], span: Interval) -> Vec<(usize, usize)> {
    let all = tracks.iter().enumerate();
    all.flat_map(|(at, track)| claims_at(track, span).map(move |claim| (at, claim)))
        .collect()
}

/// A claim without any time in it touches nothing.
fn touches(claim: &Claim, span: Interval) -> bool {
    claim.span.start < claim.span.end && claim.span.overlaps(&span)
}
