//! stub
use crate::place::Place;
use anyhow::Result;
/// stub
pub fn command(_: &Place, _: &[String]) -> Result<()> {
    Ok(())
}
