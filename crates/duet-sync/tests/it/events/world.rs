//! The calendar behind the fake server, and what it comes to: worked out by plain addition, so that no
//! mistake of Duet's is made here as well.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

use crate::rig::Dice;

/// Title, start and end of an occurrence.
pub(crate) type Shown = (String, DateTime<Utc>, DateTime<Utc>);

/// What became of an event.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Live(Live),
    /// A cancelled occurrence of a series.
    Hole {
        series: String,
        slot: i64,
    },
    /// Deleted; of it only the id is told.
    Dead,
    /// Nobody can read it.
    Bad,
}

/// An event that takes place. Times are hours since the world's first day.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) title: String,
    pub(crate) start: i64,
    pub(crate) hours: i64,
    pub(crate) all_day: bool,
    /// How often it repeats, every day.
    pub(crate) times: Option<i64>,
    pub(crate) slot: Option<(String, i64)>,
}

/// A calendar at the server.
pub(crate) struct World {
    pub(crate) first_day: DateTime<Utc>,
    /// With the number of its last change.
    pub(crate) entries: BTreeMap<String, (u64, Entry)>,
    pub(crate) change: u64,
    /// Tokens of an earlier epoch are dead.
    pub(crate) epoch: u64,
    pub(crate) page_size: usize,
    /// How many changes happen between pages.
    pub(crate) restless: u32,
    dice: Dice,
}

impl World {
    pub(crate) fn new(first_day: DateTime<Utc>, seed: u64) -> Self {
        Self {
            first_day,
            entries: BTreeMap::new(),
            change: 0,
            epoch: 1,
            page_size: 1000,
            restless: 0,
            dice: Dice::new(seed),
        }
    }

    pub(crate) fn put(&mut self, id: &str, entry: Entry) {
        self.change += 1;
        self.entries.insert(id.to_owned(), (self.change, entry));
    }

    pub(crate) fn single(&mut self, id: &str, start: i64) {
        self.live(id, start, None, None);
    }

    pub(crate) fn series(&mut self, id: &str, start: i64, times: i64) {
        self.live(id, start, Some(times), None);
    }

    /// An occurrence of a series, moved.
    pub(crate) fn moved(&mut self, id: &str, series: &str, slot: i64, start: i64) {
        self.live(id, start, None, Some((series.to_owned(), slot)));
    }

    fn live(&mut self, id: &str, start: i64, times: Option<i64>, slot: Option<(String, i64)>) {
        let title = format!("{id} v{}", self.change + 1);
        let live = Live {
            title,
            start,
            hours: 1,
            all_day: false,
            times,
            slot,
        };
        self.put(id, Entry::Live(live));
    }

    /// Deletes an event, and with a series its exceptions, but for `survivor`, which is told again.
    pub(crate) fn delete(&mut self, id: &str, survivor: Option<&str>) {
        let of_series = self.entries.iter().filter(|(_, (_, entry))| match entry {
            Entry::Live(live) => live.slot.as_ref().is_some_and(|(series, _)| series == id),
            Entry::Hole { series, .. } => series == id,
            _ => false,
        });
        let exceptions: Vec<(String, Entry)> = of_series
            .map(|(id, (_, entry))| (id.clone(), entry.clone()))
            .collect();
        self.put(id, Entry::Dead);
        for (id, entry) in exceptions {
            let survives = survivor == Some(id.as_str()) && matches!(entry, Entry::Live(_));
            self.put(&id, if survives { entry } else { Entry::Dead });
        }
    }

    /// The ids of what takes place.
    pub(crate) fn ids(&self) -> Vec<String> {
        let live = self.lives().map(|(id, _)| id.clone());
        live.collect()
    }

    fn lives(&self) -> impl Iterator<Item = (&String, &Live)> {
        self.entries
            .iter()
            .filter_map(|(id, (_, entry))| match entry {
                Entry::Live(live) => Some((id, live)),
                _ => None,
            })
    }

    pub(crate) fn has_bad(&self) -> bool {
        self.entries
            .values()
            .any(|(_, it)| matches!(it, Entry::Bad))
    }

    /// Everything that takes place, in order.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        let mut shown = Vec::new();
        for (id, live) in self.lives() {
            for n in 0..live.times.unwrap_or(1) {
                let start = live.start + 24 * n;
                let taken = self.entries.values().any(|(_, entry)| match entry {
                    Entry::Live(Live {
                        slot: Some((series, slot)),
                        ..
                    })
                    | Entry::Hole { series, slot } => series == id && *slot == start,
                    _ => false,
                });
                if !taken {
                    let at = self.first_day + TimeDelta::hours(start);
                    shown.push((live.title.clone(), at, at + TimeDelta::hours(live.hours)));
                }
            }
        }
        shown.sort();
        shown
    }

    fn any(&self, wanted: impl Fn(&Entry) -> bool) -> Option<String> {
        let fitting: Vec<&String> = self
            .entries
            .iter()
            .filter(|(_, (_, entry))| wanted(entry))
            .map(|(id, _)| id)
            .collect();
        let at = self.dice.below(fitting.len() as u64);
        fitting
            .get(usize::try_from(at).unwrap())
            .map(|id| (*id).clone())
    }

    /// Something happens, by chance.
    pub(crate) fn happen(&mut self) {
        let is_series = |entry: &Entry| matches!(entry, Entry::Live(Live { times: Some(_), .. }));
        let is_live = |entry: &Entry| matches!(entry, Entry::Live(_));
        let fresh = format!("e{}", self.change + 1);
        let hour = 24 * i64::try_from(self.dice.below(60)).unwrap();
        match self.dice.below(13) {
            0 | 1 => self.single(&fresh, hour + 3),
            2 => {
                self.single(&fresh, hour);
                if let Some((_, Entry::Live(live))) = self.entries.get_mut(&fresh) {
                    (live.all_day, live.hours) = (true, 48);
                }
            }
            3 | 4 => {
                let times = 2 + i64::try_from(self.dice.below(6)).unwrap();
                self.series(&fresh, hour + 5, times);
            }
            5..=7 => {
                let Some(series) = self.any(is_series) else {
                    return;
                };
                let Some((_, Entry::Live(master))) = self.entries.get(&series) else {
                    return;
                };
                let slot = master.start + 24 * i64::try_from(self.dice.below(5)).unwrap();
                let id = format!("{series}-{slot}");
                if self.dice.below(3) == 0 {
                    self.put(&id, Entry::Hole { series, slot });
                } else {
                    self.moved(&id, &series, slot, hour + 7);
                }
            }
            8 => {
                let Some(id) = self.any(is_live) else { return };
                let Some((_, Entry::Live(live))) = self.entries.get(&id) else {
                    return;
                };
                let mut live = live.clone();
                live.title = format!("{id} v{}", self.change + 1);
                // The slots of a series stay where its exceptions look for them.
                if live.times.is_none() {
                    live.start = hour + if live.all_day { 0 } else { 9 };
                }
                self.put(&id, Entry::Live(live));
            }
            9 | 10 => {
                let Some(id) = self.any(is_live) else { return };
                let survivor = self.any(|entry| {
                    matches!(entry, Entry::Live(Live { slot: Some((series, _)), .. }) if *series == id)
                });
                let survivor = survivor.filter(|_| self.dice.below(2) == 0);
                self.delete(&id, survivor.as_deref());
            }
            // An occurrence is put back: its exception is no more.
            11 => {
                let put_back = |entry: &Entry| {
                    matches!(
                        entry,
                        Entry::Hole { .. } | Entry::Live(Live { slot: Some(_), .. })
                    )
                };
                let Some(id) = self.any(put_back) else { return };
                self.put(&id, Entry::Dead);
            }
            _ => {
                // An exception to a series that one was never invited to.
                self.moved(&fresh, "nowhere", 1, hour + 11);
            }
        }
    }

    /// An event as Google writes it.
    pub(crate) fn json(&self, id: &str, change: u64, entry: &Entry) -> String {
        let time = |hours: i64, all_day: bool| {
            let at = self.first_day + TimeDelta::hours(hours);
            if all_day {
                format!(r#"{{"date":"{}"}}"#, at.date_naive())
            } else {
                let at = at.format("%Y-%m-%dT%H:%M:%SZ");
                format!(r#"{{"dateTime":"{at}","timeZone":"UTC"}}"#)
            }
        };
        let slot = |(series, slot): &(String, i64)| {
            let slot = time(*slot, false);
            format!(r#","recurringEventId":"{series}","originalStartTime":{slot}"#)
        };
        match entry {
            Entry::Dead => format!(r#"{{"id":"{id}","status":"cancelled"}}"#),
            Entry::Bad => format!(r#"{{"id":"{id}","start":{{"dateTime":"soon"}},"end":{{}}}}"#),
            Entry::Hole { series, slot: at } => {
                let slot = slot(&(series.clone(), *at));
                format!(r#"{{"id":"{id}","status":"cancelled"{slot}}}"#)
            }
            Entry::Live(live) => {
                let start = time(live.start, live.all_day);
                let end = time(live.start + live.hours, live.all_day);
                let mut text = format!(
                    r#"{{"id":"{id}","etag":"\"{change}\"","status":"confirmed","summary":"{}","start":{start},"end":{end}"#,
                    live.title
                );
                if let Some(times) = live.times {
                    write!(text, r#","recurrence":["RRULE:FREQ=DAILY;COUNT={times}"]"#).unwrap();
                }
                if let Some(at) = &live.slot {
                    text.push_str(&slot(at));
                }
                text.push('}');
                text
            }
        }
    }
}
