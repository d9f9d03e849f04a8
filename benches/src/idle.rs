//! Idle: what an open window costs when nobody touches it.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::process::Command;

use crate::{
    Order,
    furnish::Room,
    report::{Budget, Report},
    screen::{Area, EVERYTHING, THE_WEEK},
    start, tree,
};

/// After a start there is a sync, and the web view compiles in the background.
const SETTLE: Duration = Duration::from_secs(15);
/// Long enough for a timer that fires every few seconds to show.
const SPAN: Duration = Duration::from_secs(60);

/// Measures both windows, one after the other, and reports the percentage of one core.
pub(crate) async fn measure(room: &Room, order: &Order, report: &mut Report) -> Result<()> {
    println!("bench: idle, twice {} s", (SETTLE + SPAN).as_secs());
    let empty = percent(room, room.desk.command(&order.empty), EVERYTHING).await?;
    let duet = percent(room, room.duet(&order.duet), THE_WEEK).await?;
    report.tell(
        "idle, empty window",
        empty,
        "%",
        format!("of one core over {} s", SPAN.as_secs()),
    );
    report.add(
        "idle, Duet",
        duet,
        "%",
        Budget::AtMost(0.2),
        format!("of one core over {} s", SPAN.as_secs()),
    );
    Ok(())
}

async fn percent(room: &Room, command: Command, area: Area) -> Result<f64> {
    let (mut child, ..) = start::open(room, command, area).await?;
    let root = child.id().context("it ended")?;
    tokio::time::sleep(SETTLE).await;
    let before = tree::processor_seconds(root)?;
    tokio::time::sleep(SPAN).await;
    let used = tree::processor_seconds(root)? - before;
    start::close(&mut child).await?;
    Ok(100.0 * used / SPAN.as_secs_f64())
}
