//! What a change of a series undoes of what was done to single occurrences: another time for all, or from
//! one on, takes them back into the series, as Google does it. Said before it is done.

use duet_model::duet_event::DuetEvent;
use duet_model::event::EventTime;
use duet_wire::WireError;
use duet_wire::duet_event::{EventChange, EventDraft, Undone};

use super::Stored;
use super::plan::Work;
use crate::app::App;

impl App {
    /// What a change as [`App::change_event_in`] makes it undoes of single occurrences. Nothing is done.
    ///
    /// # Errors
    /// As that.
    pub async fn undone_by_change(
        &self,
        change: &EventChange,
        draft: &EventDraft,
        zone: &str,
    ) -> Result<Undone, WireError> {
        let work = self
            .plan_change(change, draft, &self.zone_named(zone)?)
            .await?;
        let series = self.stored_series(&change.id).await?;
        let slot = self.slot_at(change.slot, &series.master, &series.exceptions)?;
        Ok(undone(&work, &series, slot.as_ref()))
    }
}

fn undone(work: &Work, series: &Stored, chosen: Option<&EventTime>) -> Undone {
    let goes_on = work.surgery.put.iter().rfind(|event| event.slot.is_none());
    let Some(goes_on) = goes_on else {
        return Undone::default();
    };
    let mut undone = Undone::default();
    for one in &series.exceptions {
        let original = one.slot.as_ref().map(|slot| &slot.original_start);
        if !work.surgery.delete.contains(&one.id) {
            continue;
        }
        if one.cancelled {
            undone.removed += 1;
        } else if original != chosen {
            // What the chosen one says is what all are to say.
            undone.changed += 1;
        }
    }
    undone.removed += missed(goes_on, series, chosen);
    if goes_on.content.recurrence.is_empty() {
        // Nothing takes place again.
        undone.removed = 0;
    }
    undone
}

/// Times that were taken out in the series' own lines: they stay as they are, and no longer meet it where
/// it begins at another time of day.
fn missed(goes_on: &DuetEvent, series: &Stored, chosen: Option<&EventTime>) -> usize {
    let began = match chosen {
        Some(slot) if goes_on.id != series.master.id => slot,
        _ => &series.master.content.start,
    };
    let now = &goes_on.content.start;
    let stays = match (began, now) {
        (EventTime::At { at: began, .. }, EventTime::At { at: now, .. }) => began == now,
        (began, now) => began == now,
    };
    let lines = goes_on.content.recurrence.iter().filter(|_| !stays);
    let times = lines.filter_map(|line| {
        let (name, times) = line.split_once(':')?;
        let name = name.to_ascii_uppercase();
        (name.starts_with("EXDATE") && !name.contains("VALUE=DATE")).then_some(times)
    });
    times.map(|times| times.split(',').count()).sum()
}
