//! How the entries of a week are packed, and taken apart again, also where several weeks' are one after
//! the other. Numbers of a fixed width: written as digits, a month was 80,000 of them to be read.

use super::Slot;

/// Start, end, event, calendar, facts, kind, and how long the title is, which follows.
const HEAD: usize = 8 + 8 + 8 + 4 + 4 + 1 + 4;

/// An entry, and where in the packed bytes its title is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    pub(crate) slot: Slot,
    pub(crate) event: i64,
    pub(crate) calendar: u32,
    pub(crate) facts: u32,
    pub(crate) from: usize,
    pub(crate) until: usize,
}

/// The entry that begins at `at`. `None` where no whole one does.
pub(crate) fn entry(packed: &[u8], at: usize) -> Option<Packed> {
    let (start, rest) = packed.get(at..)?.split_first_chunk::<8>()?;
    let (end, rest) = rest.split_first_chunk::<8>()?;
    let (event, rest) = rest.split_first_chunk::<8>()?;
    let (calendar, rest) = rest.split_first_chunk::<4>()?;
    let (facts, rest) = rest.split_first_chunk::<4>()?;
    let (all_day, rest) = rest.split_first()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    (length <= rest.len()).then(|| Packed {
        slot: Slot {
            start: i64::from_le_bytes(*start),
            end: i64::from_le_bytes(*end),
            all_day: *all_day != 0,
        },
        event: i64::from_le_bytes(*event),
        calendar: u32::from_le_bytes(*calendar),
        facts: u32::from_le_bytes(*facts),
        from: at + HEAD,
        until: at + HEAD + length,
    })
}

/// Adds an entry.
pub(super) fn push(packed: &mut Vec<u8>, calendar: u32, entry: &super::Entry<'_>) {
    // A title that long is cut off whole; Google ends them long before.
    let title = u32::try_from(entry.title.len()).map_or("", |_| entry.title);
    let length = u32::try_from(title.len()).unwrap_or_default();
    packed.extend_from_slice(&entry.slot.start.to_le_bytes());
    packed.extend_from_slice(&entry.slot.end.to_le_bytes());
    packed.extend_from_slice(&entry.event.to_le_bytes());
    packed.extend_from_slice(&calendar.to_le_bytes());
    packed.extend_from_slice(&entry.facts.to_le_bytes());
    packed.push(u8::from(entry.slot.all_day));
    packed.extend_from_slice(&length.to_le_bytes());
    packed.extend_from_slice(title.as_bytes());
}

/// How many bytes these take.
pub(super) fn size<'a>(entries: impl Iterator<Item = &'a super::Entry<'a>>) -> usize {
    entries.map(|entry| HEAD + entry.title.len()).sum()
}
