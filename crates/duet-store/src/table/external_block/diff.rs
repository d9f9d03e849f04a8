//! Which blocks of a calendar have to go and which have to come, so that it shows what Google
//! says. Pure: milliseconds in, milliseconds out.

use std::collections::BTreeSet;

/// Half-open, in milliseconds.
type Span = (i64, i64);

/// What to write.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Diff {
    /// Starts of blocks to delete.
    pub(super) remove: Vec<i64>,
    /// Blocks to insert, in order.
    pub(super) add: Vec<Span>,
}

impl Diff {
    pub(super) fn is_empty(&self) -> bool {
        self.remove.is_empty() && self.add.is_empty()
    }

    fn between(stored: &[Span], wanted: &[Span]) -> Self {
        let old: BTreeSet<Span> = stored.iter().copied().collect();
        let new: BTreeSet<Span> = wanted.iter().copied().collect();
        Self {
            remove: old.difference(&new).map(|(start, _)| *start).collect(),
            add: new.difference(&old).copied().collect(),
        }
    }
}

/// Compares what is stored from the window's start on (a block that ends there included) with
/// what is busy in the window now. What is said of the time outside the window does not count.
///
/// A stored block that reaches into the window keeps the part before it, which is history, and
/// joins up with what continues it: a meeting under the edge of a rolling window stays one block,
/// and is not written again every day.
pub(super) fn plan(stored: &[Span], window: Span, fresh: &[Span]) -> Diff {
    let history = stored
        .iter()
        .filter(|(start, _)| *start < window.0)
        .map(|(start, end)| (*start, (*end).min(window.0)));
    let current = fresh
        .iter()
        .map(|span| (span.0.max(window.0), span.1.min(window.1)))
        .filter(|(start, end)| start < end);
    let wanted = join(history.chain(current).collect());

    Diff::between(stored, &wanted)
}

/// What has to go so that nothing inside the window is stored that is not busy any more. What is newly
/// busy does not come, and what is stored of the time outside the window stays.
pub(super) fn narrow(stored: &[Span], window: Span, fresh: &[Span]) -> Diff {
    let fresh = join(fresh.to_vec());
    let parts = stored.iter().flat_map(|&(start, end)| {
        let inside = fresh.iter().map(move |busy| {
            let from = start.max(busy.0).max(window.0);
            (from, end.min(busy.1).min(window.1))
        });
        [(start, end.min(window.0)), (start.max(window.1), end)]
            .into_iter()
            .chain(inside)
    });
    let wanted = join(parts.filter(|(start, end)| start < end).collect());
    Diff::between(stored, &wanted)
}

/// Joins spans that overlap or touch, as Google does.
fn join(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for (start, end) in spans {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
