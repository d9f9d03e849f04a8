//! The engine: what to pull, when, and what a failure means.
