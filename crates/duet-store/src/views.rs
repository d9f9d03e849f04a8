//! Reads across tables, each shaped for who asks.

pub(crate) mod event_counts;
pub(crate) mod event_doubts;
pub(crate) mod integrity;
pub(crate) mod occurrences;
pub(crate) mod range;
pub(crate) mod search;
pub(crate) mod unanswered;
