//! A title as it came out of the database: a part of what many rows share.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The title of one row. A month has thousands of them, most of which nobody looks at, so they stay
/// packed as the rows were handed over.
#[derive(Clone)]
pub struct Title {
    packed: Arc<[u8]>,
    from: u32,
    until: u32,
}

impl Title {
    /// A part of what was handed over; empty where that is no text.
    pub(super) fn part_of(packed: &Arc<[u8]>, from: usize, until: usize) -> Self {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            packed: Arc::clone(packed),
            from: place(from),
            until: place(until),
        }
    }
}

impl Deref for Title {
    type Target = str;

    fn deref(&self) -> &str {
        let part = self.from as usize..self.until as usize;
        let bytes = self.packed.get(part).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl From<&str> for Title {
    fn from(title: &str) -> Self {
        Self::part_of(&title.as_bytes().into(), 0, title.len())
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
