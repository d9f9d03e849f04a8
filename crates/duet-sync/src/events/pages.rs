//! Whether a listing may go on with a page: it must lead somewhere new, and end some time.

use std::collections::HashSet;

/// Pages of one listing. Also of the small pages that a server may choose to send these are more
/// than any calendar has.
const CAP: u32 = 1000;
/// Empty pages one after the other. Google sends some where much was deleted (GOOGLE.md 4.2).
const EMPTY_CAP: u32 = 50;

/// What a listing went through.
#[derive(Debug, Default)]
pub(super) struct Pages {
    seen: HashSet<String>,
    count: u32,
    empty: u32,
}

impl Pages {
    /// May the listing go on with the page of this token, after one that was empty or not?
    pub(super) fn admits(&mut self, next: &str, was_empty: bool) -> bool {
        self.count += 1;
        self.empty = if was_empty { self.empty + 1 } else { 0 };
        self.count < CAP && self.empty <= EMPTY_CAP && self.seen.insert(next.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_listing_runs_in_a_circle_of_any_size() {
        for size in [1, 2, 7, 900] {
            let mut pages = Pages::default();
            let went = (0..2000)
                .take_while(|n| pages.admits(&format!("page {}", n % size), false))
                .count();
            assert_eq!(went, size, "a circle of {size}");
        }
    }

    #[test]
    fn no_listing_is_endless_or_empty_for_ever() {
        let went = |empty: fn(u32) -> bool| {
            let mut pages = Pages::default();
            (0..5000)
                .take_while(|n| pages.admits(&n.to_string(), empty(*n)))
                .count()
        };
        assert_eq!(went(|_| false), 999);
        assert_eq!(went(|_| true), 50);
        assert_eq!(
            went(|n| n % 51 != 50),
            999,
            "fifty empty ones, then one with events"
        );
    }
}
