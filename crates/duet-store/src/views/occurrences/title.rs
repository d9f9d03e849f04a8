//! A title as it came out of the database: a part of a text that many rows share.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The title of one row. A month has thousands of them, most of which nobody looks at, so they stay
/// in the texts in which the rows were handed over.
#[derive(Clone)]
pub struct Title {
    text: Arc<str>,
    from: u32,
    until: u32,
}

impl Title {
    /// A part of a text; empty where the text has no such part.
    pub(super) fn part_of(text: &Arc<str>, from: usize, until: usize) -> Self {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            text: Arc::clone(text),
            from: place(from),
            until: place(until),
        }
    }
}

impl Deref for Title {
    type Target = str;

    fn deref(&self) -> &str {
        let part = self.from as usize..self.until as usize;
        self.text.get(part).unwrap_or_default()
    }
}

impl From<&str> for Title {
    fn from(title: &str) -> Self {
        Self::part_of(&title.into(), 0, title.len())
    }
}

impl PartialEq for Title {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Title {}

impl fmt::Debug for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
