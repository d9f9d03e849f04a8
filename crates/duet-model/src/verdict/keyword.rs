//! A person's own words about events.

use serde::{Deserialize, Serialize};

use super::Verdict;

/// What events with a word in their title are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Keyword {
    /// A word or some words. Upper and lower case do not matter.
    pub word: String,
    /// What it makes of the event.
    pub verdict: Verdict,
}

impl Keyword {
    /// Does the word stand in a title, as a word of its own?
    ///
    /// "art" does not stand in "party": a rule that frees time by accident is worse than one that
    /// has to be written out. In scripts that put no spaces between words it may stand anywhere. An
    /// empty word stands nowhere.
    pub fn stands_in(&self, title: &str) -> bool {
        stands_in(&folded(&self.word), &folded(title))
    }
}

/// The verdict of the first keyword that stands in a title.
pub(super) fn first(keywords: &[Keyword], title: &str) -> Option<Verdict> {
    if keywords.is_empty() || title.is_empty() {
        return None;
    }
    let title = folded(title);
    let found = keywords
        .iter()
        .find(|one| stands_in(&folded(&one.word), &title));
    found.map(|one| one.verdict)
}

/// Lower case, with single spaces: titles are typed in a hurry.
fn folded(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

fn stands_in(word: &str, title: &str) -> bool {
    let (Some(first), Some(last)) = (word.chars().next(), word.chars().next_back()) else {
        return false;
    };
    title.match_indices(word).any(|(at, _)| {
        let before = title[..at].chars().next_back();
        let after = title[at + word.len()..].chars().next();
        !before.is_some_and(|before| joined(before, first))
            && !after.is_some_and(|after| joined(last, after))
    })
}

/// Do two neighbouring characters belong to one word?
fn joined(left: char, right: char) -> bool {
    let of_a_word = |c: char| c.is_alphanumeric() && !is_unspaced(c);
    of_a_word(left) && of_a_word(right)
}

/// Is it of a script whose words stand together without spaces? Korean writes spaces but hangs its
/// particles on the word, which comes to the same.
fn is_unspaced(c: char) -> bool {
    matches!(
        u32::from(c),
        0x0E00..=0x0EFF // Thai, Lao
            | 0x1000..=0x109F // Burmese
            | 0x1780..=0x17FF // Khmer
            | 0x3040..=0x30FF // kana
            | 0x3400..=0x9FFF // Chinese characters
            | 0xAC00..=0xD7AF // Hangul
            | 0xF900..=0xFAFF
            | 0x2_0000..=0x3_FFFF
    )
}
