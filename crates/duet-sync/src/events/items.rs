//! A page's entries by what is to be done with them; of one that is there twice, the later word.

use std::collections::{BTreeMap, BTreeSet};

use duet_google::events::Item;
use duet_model::event::{Event, EventId};

/// An event that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Odd<'a> {
    pub(super) id: Option<&'a EventId>,
    pub(super) why: &'a str,
    pub(super) raw: &'a str,
}

/// The entries of a page, sorted out. Removals come before additions, because an exception can
/// outlive its series in one answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sorted<'a> {
    pub(super) gone: BTreeSet<&'a EventId>,
    /// With what was sent.
    pub(super) events: Vec<(&'a Event, &'a str)>,
    pub(super) odd: Vec<Odd<'a>>,
}

/// Sorts the entries of a page out.
pub(super) fn sort(items: &[Item]) -> Sorted<'_> {
    let mut latest: BTreeMap<&EventId, &Item> = BTreeMap::new();
    let mut sorted = Sorted::default();
    for item in items {
        match item {
            Item::Event { event, .. } => latest.insert(&event.id, item),
            Item::Gone(id) | Item::Quarantined { id: Some(id), .. } => latest.insert(id, item),
            Item::Quarantined { id: None, why, raw } => {
                sorted.odd.push(Odd { id: None, why, raw });
                None
            }
        };
    }
    for (id, item) in latest {
        match item {
            Item::Event { event, raw } => sorted.events.push((event, raw)),
            Item::Gone(_) => {
                sorted.gone.insert(id);
            }
            Item::Quarantined { why, raw, .. } => sorted.odd.push(Odd {
                id: Some(id),
                why,
                raw,
            }),
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::occurrences::tests::{at, event};

    #[test]
    fn the_later_word_counts() {
        let id = |id: &str| EventId(id.to_owned());
        let put = |id: &str, raw: &str| Item::Event {
            event: Box::new(event(id, at(0), at(1))),
            raw: raw.to_owned(),
        };
        let odd = |id: Option<&str>, raw: &str| Item::Quarantined {
            id: id.map(|id| EventId(id.to_owned())),
            why: "why".to_owned(),
            raw: raw.to_owned(),
        };
        // What a page says; what is gone, put (by what was sent) and set aside.
        let rows = [
            (vec![], "", "", ""),
            (vec![put("a", "1"), put("a", "2")], "", "2", ""),
            (vec![put("a", "1"), Item::Gone(id("a"))], "a", "", ""),
            (vec![Item::Gone(id("a")), put("a", "1")], "", "1", ""),
            (vec![odd(Some("a"), "1"), put("a", "2")], "", "2", ""),
            (vec![put("a", "1"), odd(Some("a"), "2")], "", "", "2"),
            (
                vec![odd(None, "1"), odd(None, "2"), put("a", "3")],
                "",
                "3",
                "12",
            ),
        ];
        for (items, gone, put, aside) in rows {
            let sorted = sort(&items);
            let text: String = sorted.gone.iter().map(|id| id.0.as_str()).collect();
            assert_eq!(text, gone, "{items:?}");
            let text: String = sorted.events.iter().map(|(_, raw)| *raw).collect();
            assert_eq!(text, put, "{items:?}");
            let text: String = sorted.odd.iter().map(|odd| odd.raw).collect();
            assert_eq!(text, aside, "{items:?}");
        }
    }
}
