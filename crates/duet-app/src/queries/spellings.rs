//! Other spellings of what is searched for: "standup" for "Stand-up", and "e-mail" for "Email".
//!
//! The index knows words as they are written, apart at every hyphen. A typed word that was joined is
//! therefore looked for at each place where it may have been apart, which is only done where too
//! little was found as it was typed: a part that is no word ends the look at once.

/// Words shorter than this are not taken apart: too little would be left to mean anything.
const APART_FROM: usize = 4;
/// Nor longer ones.
const APART_TO: usize = 20;
/// As many as are looked for at most.
const SPELLINGS: usize = 40;

/// The text in other spellings, each with one word written otherwise.
pub(crate) fn spellings(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let with = |index: usize, word: &str| {
        let mut words = words.clone();
        words[index] = word;
        words.join(" ")
    };
    words
        .iter()
        .enumerate()
        .flat_map(|(index, word)| {
            let others = otherwise(word);
            others.into_iter().map(move |other| (index, other))
        })
        .map(|(index, other)| with(index, &other))
        .take(SPELLINGS)
        .collect()
}

/// One word, joined if it was apart, and apart at every place if it was joined.
fn otherwise(word: &str) -> Vec<String> {
    let joined: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
    if joined.is_empty() {
        return Vec::new();
    }
    if joined != word {
        return vec![joined];
    }
    let length = joined.chars().count();
    if !(APART_FROM..=APART_TO).contains(&length) {
        return Vec::new();
    }
    // The index takes a word with a hyphen in it for its parts, one right after the other.
    let places = joined.char_indices().skip(1);
    places
        .map(|(at, _)| format!("{}-{}", &joined[..at], &joined[at..]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_words_are_taken_apart_and_the_other_way_round() {
        let many = "abcdefghijklmnopqrst uvwxyzabcdefghijklmn opqrstuvwxyzabcdefgh";
        let cases: [(&str, &[&str]); 8] = [
            ("co-op", &["coop"]),
            ("coop", &["c-oop", "co-op", "coo-p"]),
            ("a coop", &["a c-oop", "a co-op", "a coo-p"]),
            ("über", &["ü-ber", "üb-er", "übe-r"]),
            (
                "e-mail coop",
                &["email coop", "e-mail c-oop", "e-mail co-op", "e-mail coo-p"],
            ),
            ("tea", &[]),
            (" - ", &[]),
            ("", &[]),
        ];
        for (text, expect) in cases {
            assert_eq!(spellings(text), expect, "{text:?}");
        }
        assert_eq!(spellings(many).len(), SPELLINGS);
    }
}
