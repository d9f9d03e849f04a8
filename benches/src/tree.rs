//! A program with all its child processes: what memory they take together, and how much time.

use std::{collections::BTreeMap, fs, io};

use anyhow::{Context, Result};

/// The kernel counts processor time in hundredths of a second on every Linux there is.
const TICKS_A_SECOND: f64 = 100.0;

/// The ids of a process and all its descendants that live.
pub(crate) fn members(root: u32) -> Result<Vec<u32>> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc").context("there is no /proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process may end while we look.
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
            continue;
        };
        if let Some(stat) = Stat::read(&stat) {
            parents.insert(pid, stat.parent);
        }
    }
    Ok(descendants(root, &parents))
}

fn descendants(root: u32, parents: &BTreeMap<u32, u32>) -> Vec<u32> {
    let mut found = Vec::new();
    let mut open: Vec<u32> = parents
        .contains_key(&root)
        .then_some(root)
        .into_iter()
        .collect();
    while let Some(next) = open.pop() {
        found.push(next);
        open.extend(
            parents
                .iter()
                .filter(|(_, parent)| **parent == next)
                .map(|(pid, _)| *pid),
        );
    }
    found
}

/// Memory in MiB by program name: shared pages count in parts, so that the sum is the machine's.
pub(crate) fn memory(root: u32) -> Result<BTreeMap<String, f64>> {
    let mut found = BTreeMap::new();
    for pid in members(root)? {
        let kib = match fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) {
            Ok(text) => proportional(&text).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(error)
                    .with_context(|| format!("the memory of process {pid} is hidden"));
            }
            // It ended while we looked.
            Err(_) => continue,
        };
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        *found.entry(name.trim().to_owned()).or_insert(0.0) += kib / 1024.0;
    }
    Ok(found)
}

fn proportional(rollup: &str) -> Option<f64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// The most memory that a process ever had, in MiB; `None` when it is gone.
pub(crate) fn peak_memory(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// Whether a child has ended and waits to be waited for.
pub(crate) fn ended(pid: u32) -> Result<bool> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).context("the child is gone")?;
    Ok(Stat::read(&text).is_some_and(|stat| stat.dead))
}

/// Seconds of processor time that all of them have used so far.
pub(crate) fn processor_seconds(root: u32) -> Result<f64> {
    let mut ticks = 0;
    for pid in members(root)? {
        if let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) {
            ticks += Stat::read(&text).map_or(0, |stat| stat.ticks);
        }
    }
    Ok(f64::from(u32::try_from(ticks).unwrap_or(u32::MAX)) / TICKS_A_SECOND)
}

/// The fields of /proc/PID/stat that matter here.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    dead: bool,
    /// Own time, in user and kernel mode.
    ticks: u64,
}

impl Stat {
    fn read(text: &str) -> Option<Self> {
        // The name stands in parentheses and may hold anything, more parentheses included.
        let fields: Vec<&str> = text[text.rfind(')')? + 1..].split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Self {
            parent: u32::try_from(number(1)?).ok()?,
            dead: fields.first() == Some(&"Z"),
            ticks: number(11)? + number(12)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_is_no_trap() {
        let text = "7 (a) b (c) S 3 7 7 0 -1 4194304 1 0 0 0 150 50 9 9 20 0 1 0 5 0 0\n";
        assert_eq!(
            Stat::read(text),
            Some(Stat {
                parent: 3,
                dead: false,
                ticks: 200
            }),
            "counted from the last one"
        );
        let dead = text.replace(" S ", " Z ");
        assert!(
            Stat::read(&dead).is_some_and(|stat| stat.dead),
            "nobody waited for it yet"
        );
    }

    #[test]
    fn a_tree_is_its_root_and_all_below() {
        let parents = BTreeMap::from([(1, 0), (10, 1), (11, 10), (12, 11), (20, 1)]);
        let mut found = descendants(10, &parents);
        found.sort_unstable();
        assert_eq!(found, [10, 11, 12], "grandchildren too, and no neighbour");
        assert!(
            descendants(99, &parents).is_empty(),
            "who is gone has no tree"
        );
    }

    #[test]
    fn shared_memory_is_read_in_parts() {
        let text = "00400000-7ffd rollup\nRss:   9000 kB\nPss:   1234 kB\nPss_Dirty: 5 kB\n";
        assert_eq!(
            proportional(text),
            Some(1234.0),
            "the proportional line alone"
        );
    }
}
