//! The bugs that are planted, and who has to notice each: a list that people change.
//!
//! Each is something that a person could have written, in the code that brings events from Google.

/// The test that lives through random histories and compares with the server.
const MODEL: &str = "events::histories::whatever_happens_the_store_ends_as_the_server";

/// One bug, as a change of one place.
#[derive(Debug)]
pub(super) struct Bug {
    /// What it is called, also in the target folder.
    pub(super) name: &'static str,
    /// What goes wrong with it, as a clause.
    pub(super) means: &'static str,
    /// Where it is planted, from the root of the checkout.
    pub(super) file: &'static str,
    /// The text it replaces, which stands there once.
    pub(super) find: &'static str,
    /// What it puts there.
    pub(super) plant: &'static str,
    /// The test of duet-sync that has to fail.
    pub(super) caught_by: &'static str,
}

/// All of them.
pub(super) const BUGS: &[Bug] = &[
    Bug {
        name: "token-before-page",
        means: "the token is stored before the page that it came with",
        file: "crates/duet-sync/src/events.rs",
        find: "        let done = run.commit(&page, tally).await?;\n",
        plant: "        if let Next::Done { sync_token: Some(new) } = &page.next {
            let mut tx = ask.means().store.write().await?;
            let (id, generation) = (of.calendar.id, of.calendar.generation);
            tx.set_event_token(id, generation, new).await?;
            tx.commit().await?;
        }
        let done = run.commit(&page, tally).await?;\n",
        caught_by: MODEL,
    },
    Bug {
        name: "empty-page-ends-listing",
        means: "an empty page is taken for the end, and what an incomplete listing lacks is removed",
        file: "crates/duet-google/src/events.rs",
        find: "        let (next_page, sync_token) = (said(self.next_page_token), said(self.next_sync_token));\n",
        plant: "        let (next_page, sync_token) = (said(self.next_page_token), said(self.next_sync_token));
        let next_page = next_page.filter(|_| self.items.as_ref().is_none_or(|it| !it.is_empty()));\n",
        caught_by: MODEL,
    },
    Bug {
        name: "dead-token-is-kept",
        means: "410 is a failure like any other, and the dead token is tried again and again",
        file: "crates/duet-sync/src/events.rs",
        find: "        && error.retry() == Retry::Resync\n",
        plant: "        && error.retry() == Retry::Resync\n        && token.is_none()\n",
        caught_by: MODEL,
    },
    Bug {
        name: "token-of-another-request",
        means: "a token is used whatever request it belongs to",
        file: "crates/duet-store/src/table/event_state.rs",
        find: "token.filter(|_| self.parameters == parameters)",
        plant: "token.filter(|_| !parameters.is_empty())",
        caught_by: MODEL,
    },
    Bug {
        name: "page-is-quarantined",
        means: "one event that cannot be read takes the others of its page with it",
        file: "crates/duet-google/src/events.rs",
        find: "        let quarantined = items.iter().filter(odd).count();\n",
        plant: "        let quarantined = items.iter().filter(odd).count();
        let items: Vec<Item> = items.into_iter().filter(|it| quarantined == 0 || odd(&it)).collect();\n",
        caught_by: MODEL,
    },
    Bug {
        name: "empty-list-is-believed",
        means: "a listing that lacks nearly everything is believed at once",
        file: "crates/duet-store/src/table/event_listing.rs",
        find: "self.missing.len() >= FEW && self.missing.len() * ONE_IN > self.of",
        plant: "self.missing.len() >= FEW && self.missing.len() > self.of * ONE_IN",
        caught_by: MODEL,
    },
    Bug {
        name: "unchanged-is-not-mentioned",
        means: "what a whole listing mentions and does not change counts as missing",
        file: "crates/duet-store/src/table/external_event.rs",
        find: "                    listing.see(&new.event.id, !before.contains_key(&new.event.id));\n",
        plant: "                    if !before.contains_key(&new.event.id) {
                        listing.see(&new.event.id, true);
                    }\n",
        caught_by: MODEL,
    },
    Bug {
        name: "late-page-is-written",
        means: "a page is written although the calendar was switched off and on since it was asked for",
        file: "crates/duet-store/src/table/external_event.rs",
        find: "(it.shown || it.busy) && it.generation == generation",
        plant: "(it.shown || it.busy) && it.generation >= generation",
        caught_by: MODEL,
    },
    Bug {
        name: "orphan-takes-no-place",
        means: "an exception is lost together with its series, although it outlives it",
        file: "crates/duet-sync/src/events/occurrences.rs",
        find: "                add(*key, time.filter(|time| touches(time, frame.horizon.span)));\n",
        plant: "                add(*key, time.filter(|time| !touches(time, frame.horizon.span)));\n",
        caught_by: MODEL,
    },
    Bug {
        name: "slot-is-not-given-back",
        means: "an occurrence stays away although the exception in its place is no more",
        file: "crates/duet-store/src/table/event_listing.rs",
        find: "gone.iter().filter_map(|(_, before)| before.series());",
        plant: "gone.iter().filter_map(|(_, before)| before.series()).take(0);",
        caught_by: MODEL,
    },
    Bug {
        name: "old-times-stay",
        means: "an event that changed still takes place when it did",
        file: "crates/duet-store/src/table/external_occurrence.rs",
        find: "            if before == after || times.contains_key(&key) {\n",
        plant: "            if before == after || !before.is_empty() || times.contains_key(&key) {\n",
        caught_by: MODEL,
    },
    Bug {
        name: "circle-is-not-seen",
        means: "pages that lead in a circle are followed for as long as any calendar could have pages",
        file: "crates/duet-sync/src/events/pages.rs",
        find: " && self.seen.insert(next.to_owned())",
        plant: "",
        caught_by: "events::listing::circles_fail_the_calendar_alone_and_empty_pages_do_not",
    },
];

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::canaries::plant::planted;

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
    }

    #[test]
    fn every_bug_can_still_be_planted() {
        for bug in BUGS {
            let text = fs::read_to_string(root().join(bug.file)).expect(bug.file);
            let planted = planted(bug, &text).unwrap_or_else(|error| panic!("{error:#}"));
            assert_ne!(planted, text, "{} changes nothing", bug.name);
        }
        let names: BTreeSet<_> = BUGS.iter().map(|bug| bug.name).collect();
        assert_eq!(names.len(), BUGS.len(), "a name stands for one bug");
        assert!(BUGS.len() >= 10, "the issue asks for ten");
    }

    #[test]
    fn every_test_that_has_to_notice_is_there() {
        for bug in BUGS {
            let mut path: Vec<&str> = bug.caught_by.split("::").collect();
            let test = path.pop().unwrap_or_default();
            let file = format!("crates/duet-sync/tests/it/{}.rs", path.join("/"));
            let text = fs::read_to_string(root().join(&file)).expect(&file);
            assert!(
                text.contains(&format!("fn {test}()")),
                "{file} has no test {test}, which has to notice \"{}\"",
                bug.name
            );
        }
    }
}
