//! The first sync beside the least that it could be, and a sync that finds nothing new.
//!
//! Both run the program `duet sync` as a person does, from the start of the process to its end,
//! keychain and free/busy included. The floor downloads the same pages of events.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use duet_sandbox::{Endpoint, World, scopes};

use crate::{
    Order, child,
    floor::{self, Errand},
    furnish::Room,
    report::{Budget, Report, median, spread},
    rows,
};

const EMAIL: &str = "ana@example.com";
const EVENTS: usize = 50_000;
/// When something was last looked at, and how far: that is written on every sync.
const STAMPS: [&str; 5] = [
    "last_synced_at",
    "checked_at",
    "covered_from",
    "covered_until",
    "list_full_at",
];

/// 50,000 events into an empty database, in turn with the floor.
pub(crate) async fn first(order: &Order, report: &mut Report) -> Result<()> {
    println!("bench: first-sync, {} pairs of {EVENTS} events", order.runs);
    let room = Room::connected(&order.duet, |today| World::large_around(today, 1)).await?;
    let empty = room.desk.folder().join("home/empty");
    copy(room.data(), &empty)?;
    let token = room
        .control()
        .grant(EMAIL, &[scopes::CALENDAR_READONLY])
        .context("the account is in the world")?
        .access_token;
    let mut errand = Errand {
        token,
        addresses: Vec::new(),
    };
    let (mut ours, mut least, mut grown, mut processor) = (vec![], vec![], vec![], vec![]);
    let mut bytes = 0;
    // The first pair has the server make its answers, and is thrown away.
    for run in 0..=order.runs {
        println!("bench: first-sync, pair {run} of {}", order.runs);
        fs::remove_dir_all(room.data())?;
        copy(&empty, room.data())?;
        let control = room.control();
        control.clear_requests();
        let mut command = room.duet(&order.duet);
        command.arg("sync");
        let spent = child::run(&room, command, || control.count(Endpoint::Events) > 0).await?;
        let pages: Vec<_> = control
            .requests()
            .into_iter()
            .filter(|request| request.endpoint == Endpoint::Events)
            .collect();
        errand.addresses = pages
            .iter()
            .map(|page| format!("{}{}?{}", room.google(), page.path, page.query))
            .collect();
        bytes = pages.iter().map(|page| page.bytes).sum();
        let folder = tempfile::tempdir_in(room.desk.folder())?;
        let (seconds, rows) = floor::run(folder.path(), &errand).await?;
        if rows != EVENTS {
            bail!("{rows} events came in {} pages, not {EVENTS}", pages.len());
        }
        if run > 0 {
            ours.push(spent.seconds);
            processor.push(spent.processor);
            grown.push(spent.peak - spent.before);
            least.push(seconds);
        }
    }
    report.tell(
        "first-sync, floor",
        median(&least),
        "s",
        format!(
            "{}, {} pages, {} kB compressed",
            spread(&least),
            errand.addresses.len(),
            bytes / 1000
        ),
    );
    report.tell(
        "first-sync, Duet",
        median(&ours),
        "s",
        format!("{}, processor {:.2} s", spread(&ours), median(&processor)),
    );
    report.add(
        "first-sync, ratio",
        median(&ours) / median(&least),
        "x",
        Budget::AtMost(2.5),
        format!("{} pairs", order.runs),
    );
    report.add(
        "first-sync, memory",
        median(&grown),
        "MiB",
        Budget::AtMost(64.0),
        format!("{}, above what the first request finds", spread(&grown)),
    );
    Ok(())
}

/// A sync of 250 calendars in which nothing changed.
pub(crate) async fn again(room: &Room, order: &Order, report: &mut Report) -> Result<()> {
    println!("bench: resync, {} times", order.runs);
    let control = room.control();
    let file = room.data().join(duet_store::FILE_NAME);
    let calendars = control.calendar_ids(EMAIL).len();
    let (mut spent, mut base, mut seconds) = (vec![], vec![], vec![]);
    let mut asked = 0;
    let before = rows::contents(&file, &STAMPS).await?;
    let stored: usize = before.iter().map(|(_, rows)| rows.len()).sum();
    if stored < 2 * EVENTS {
        bail!("there are only {stored} rows to be written again");
    }
    for _ in 0..order.runs {
        let mut command = room.duet(&order.duet);
        command.arg("status");
        base.push(child::run(room, command, || false).await?.processor);
        control.clear_requests();
        let mut command = room.duet(&order.duet);
        command.arg("sync");
        let run = child::run(room, command, || false).await?;
        spent.push(run.processor);
        seconds.push(run.seconds);
        asked = control.count(Endpoint::Any);
    }
    let written = rows::written(&before, &rows::contents(&file, &STAMPS).await?);
    let count = |endpoint| control.count(endpoint);
    let other = asked - count(Endpoint::Events);
    report.add(
        "resync, requests",
        precise(asked),
        "",
        // One for each calendar, free/busy of 50 calendars and 60 days at a time, the list, a token.
        Budget::AtMost(precise(calendars + calendars.div_ceil(50) * 2 + 2)),
        format!(
            "{} for events of {calendars} calendars, {} for free/busy, {} others",
            count(Endpoint::Events),
            count(Endpoint::FreeBusy),
            other - count(Endpoint::FreeBusy)
        ),
    );
    report.add(
        "resync, processor",
        1e3 * (median(&spent) - median(&base)) / precise(calendars),
        "ms",
        Budget::AtMost(2.0),
        format!(
            "for each calendar; {:.2} s in all, of which {:.2} s are a start; took {:.2} s",
            median(&spent),
            median(&base),
            median(&seconds)
        ),
    );
    report.add(
        "resync, rows written",
        precise(written.iter().map(|(_, count)| count).sum()),
        "",
        Budget::AtMost(0.0),
        match written.as_slice() {
            [] => "besides the stamps".to_owned(),
            some => format!("{some:?}"),
        },
    );
    Ok(())
}

fn precise(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A data folder is flat but for folders of its own that come back by themselves.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
