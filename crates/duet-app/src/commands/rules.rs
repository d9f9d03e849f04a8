//! The rules of one calendar. Those for all calendars are settings.

use duet_model::verdict::{Keyword, Overrides};
use duet_wire::{ErrorCode, WireError};

use crate::app::App;
use crate::words;

/// More words than a person would keep apart.
pub(crate) const KEYWORDS_MAX: usize = 100;
/// A word, or some words.
const WORD_CHARS: usize = 100;

impl App {
    /// Sets where a calendar's events are treated otherwise than those of others. Nothing is synced:
    /// events are judged when they are looked at.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when the account or calendar is not there, [`ErrorCode::Invalid`]
    /// for words no one can mean; otherwise when the database cannot be written.
    pub async fn set_calendar_rules(
        &self,
        account: Option<&str>,
        calendar: &str,
        rules: &Overrides,
    ) -> Result<(), WireError> {
        check(rules.keywords.as_deref().unwrap_or_default())?;
        let (_, calendar) = self.find_calendar(account, calendar).await?;
        let change = async {
            let mut tx = self.inner.store.write().await?;
            tx.set_rules(calendar.id, rules).await?;
            tx.commit().await
        };
        change.await.map_err(|error| words::store(&error))
    }
}

/// Refuses words that say nothing, and more than anybody can mean.
pub(crate) fn check(keywords: &[Keyword]) -> Result<(), WireError> {
    let invalid = |why: String| Err(WireError::new(ErrorCode::Invalid, why));
    if keywords.len() > KEYWORDS_MAX {
        return invalid(format!("Keep to {KEYWORDS_MAX} words at most."));
    }
    for Keyword { word, .. } in keywords {
        if !word.chars().any(char::is_alphanumeric) {
            return invalid("A word needs at least one letter or digit.".to_owned());
        }
        if word.chars().count() > WORD_CHARS {
            return invalid(format!("A word may have {WORD_CHARS} characters at most."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use duet_model::verdict::Verdict;

    use super::*;

    #[test]
    fn words_no_one_can_mean_are_refused() {
        let words = |word: &str, count: usize| {
            let keyword = Keyword {
                word: word.to_owned(),
                verdict: Verdict::Free,
            };
            vec![keyword; count]
        };
        for (keywords, fine) in [
            (words("yoga", 0), true),
            (words("yoga", 100), true),
            (words("yoga", 101), false),
            (words("team day 2", 1), true),
            (words("", 1), false),
            (words("  -  ", 1), false),
            (words(&"x".repeat(100), 1), true),
            (words(&"x".repeat(101), 1), false),
        ] {
            assert_eq!(check(&keywords).is_ok(), fine, "{}", keywords.len());
        }
    }
}
