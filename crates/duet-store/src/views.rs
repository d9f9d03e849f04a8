//! Reads across tables, each shaped for who asks.

pub(crate) mod integrity;
pub(crate) mod range;
