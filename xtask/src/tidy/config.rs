//! stub
use super::{Finding, Text};
/// stub
#[must_use]
pub fn shell(_: &str) -> Vec<Finding> {
    vec![]
}
/// stub
#[must_use]
pub fn capabilities(_: &[Text]) -> Vec<Finding> {
    vec![]
}
/// stub
#[must_use]
pub fn migrations(_: &[Text]) -> Vec<Finding> {
    vec![]
}
