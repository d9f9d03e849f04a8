//! Manual blocks: made, changed, taken back.

use chrono::{Datelike, NaiveDateTime};
use duet_model::block::{BlockId, ManualBlock};
use duet_model::repeat::Repeat;
use duet_model::zones::{Zone, ZoneDb};
use duet_wire::blocks::{BlockDraft, ManualBlockView, Scope};
use duet_wire::request::Answer;
use duet_wire::{ErrorCode, WireError};

use crate::app::App;
use crate::queries::manual_view;
use crate::words;

/// A title longer than this is a mistake (a pasted document), and is refused rather than cut.
const TITLE_MAX: usize = 1_000;
/// The longest single block.
const DAYS_MAX: i64 = 366;
/// What the views can show, and zones can be known for.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;
/// How many deletions can be taken back.
const UNDO_MAX: usize = 20;

/// What a deletion took away, to be brought back.
#[derive(Clone, Debug)]
pub(crate) enum Deleted {
    /// A whole block.
    Block(ManualBlock),
    /// One occurrence, by its wall-clock start.
    Occurrence(BlockId, NaiveDateTime),
}

impl Deleted {
    fn id(&self) -> &BlockId {
        match self {
            Self::Block(block) => &block.id,
            Self::Occurrence(id, _) => id,
        }
    }
}

impl App {
    /// Makes a manual block; its wall clock hangs in the display zone.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] with a sentence for what cannot be; otherwise when the database
    /// cannot be written.
    pub async fn create_block(&self, draft: BlockDraft) -> Result<ManualBlockView, WireError> {
        self.create(draft, &self.zone()).await
    }

    /// Makes a manual block whose wall clock hangs in a zone of the caller's choice, by its IANA name:
    /// `UTC` is the way to keep instants that the display zone's clocks cannot tell apart.
    ///
    /// # Errors
    /// As [`App::create_block`]; [`ErrorCode::Invalid`] also for a zone that nobody knows.
    pub async fn create_block_in(
        &self,
        draft: BlockDraft,
        zone: &str,
    ) -> Result<ManualBlockView, WireError> {
        self.create(draft, &self.zone_named(zone)?).await
    }

    async fn create(&self, draft: BlockDraft, zone: &Zone) -> Result<ManualBlockView, WireError> {
        let draft = checked(draft, zone)?;
        let now = self.inner.host.now();
        let block = ManualBlock {
            id: BlockId(self.inner.host.new_id()),
            title: draft.title,
            start: draft.start,
            end: draft.end,
            zone: zone.name().to_owned(),
            repeat: draft.repeat,
            except: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        self.put_blocks(&[&block]).await?;
        Ok(manual_view(&block, &self.inner.zones))
    }

    /// Changes a manual block as a whole, or takes one occurrence out of its series and makes it a
    /// block of its own.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when it is gone, [`ErrorCode::Invalid`] for what cannot be;
    /// otherwise when the database cannot be written.
    pub async fn update_block(
        &self,
        id: &BlockId,
        occurrence: Option<NaiveDateTime>,
        scope: Scope,
        draft: BlockDraft,
    ) -> Result<ManualBlockView, WireError> {
        let block = self.stored_block(id).await?;
        let zone = self.zone();
        if unmoved(&block, &draft, &zone, &self.inner.zones) {
            let zone = self.zone_named(&block.zone)?;
            let draft = BlockDraft {
                start: block.start,
                end: block.end,
                ..draft
            };
            return self.update(block, None, Scope::All, draft, &zone).await;
        }
        self.update(block, occurrence, scope, draft, &zone).await
    }

    /// Changes a manual block as a whole; its wall clock hangs from now on in a zone of the caller's
    /// choice, by its IANA name.
    ///
    /// # Errors
    /// As [`App::update_block`]; [`ErrorCode::Invalid`] also for a zone that nobody knows.
    pub async fn update_block_in(
        &self,
        id: &BlockId,
        draft: BlockDraft,
        zone: &str,
    ) -> Result<ManualBlockView, WireError> {
        let block = self.stored_block(id).await?;
        let zone = self.zone_named(zone)?;
        self.update(block, None, Scope::All, draft, &zone).await
    }

    async fn update(
        &self,
        mut block: ManualBlock,
        occurrence: Option<NaiveDateTime>,
        scope: Scope,
        draft: BlockDraft,
        zone: &Zone,
    ) -> Result<ManualBlockView, WireError> {
        let draft = checked(draft, zone)?;
        let now = self.inner.host.now();
        let zone = zone.name().to_owned();
        if let (Some(slot), Scope::This, Some(_)) = (occurrence, scope, &block.repeat) {
            take_out(&mut block, slot);
            block.updated_at = now;
            let alone = ManualBlock {
                id: BlockId(self.inner.host.new_id()),
                title: draft.title,
                start: draft.start,
                end: draft.end,
                zone,
                repeat: None,
                except: Vec::new(),
                created_at: now,
                updated_at: now,
            };
            self.put_blocks(&[&block, &alone]).await?;
            return Ok(manual_view(&alone, &self.inner.zones));
        }
        // The editor shows the chosen occurrence, so what was typed moves the whole series by the
        // difference; its first occurrence stays the anchor of the rule.
        let shift = occurrence.map_or_else(chrono::TimeDelta::zero, |slot| slot - block.start);
        let moved = draft.start - shift;
        // What was taken out stays out: it moves along with the series.
        let by = moved - block.start;
        for slot in &mut block.except {
            *slot += by;
        }
        let length = draft.end - draft.start;
        block.start = moved;
        block.end = moved + length;
        block.title = draft.title;
        block.zone = zone;
        block.repeat = draft.repeat;
        block.updated_at = now;
        self.put_blocks(&[&block]).await?;
        Ok(manual_view(&block, &self.inner.zones))
    }

    /// Deletes a manual block, or one occurrence of it. It can be brought back while this Duet
    /// runs.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when it is gone; otherwise when the database cannot be written.
    pub async fn delete_block(
        &self,
        id: &BlockId,
        occurrence: Option<NaiveDateTime>,
        scope: Scope,
    ) -> Result<Answer, WireError> {
        let mut block = self.stored_block(id).await?;
        let title = block.title.clone();
        let gone = if let (Some(slot), Scope::This, Some(_)) = (occurrence, scope, &block.repeat) {
            take_out(&mut block, slot);
            block.updated_at = self.inner.host.now();
            self.put_blocks(&[&block]).await?;
            Deleted::Occurrence(id.clone(), slot)
        } else {
            let change = async {
                let mut tx = self.inner.store.write().await?;
                tx.delete_manual_block(id).await?;
                tx.commit().await
            };
            change.await.map_err(|error| words::store(&error))?;
            Deleted::Block(block)
        };
        let mut deleted = self.inner.deleted.lock().await;
        deleted.retain(|old| old.id() != id);
        if deleted.len() >= UNDO_MAX {
            deleted.remove(0);
        }
        deleted.push(gone);
        Ok(Answer::Deleted {
            id: id.clone(),
            title,
        })
    }

    /// Brings the last deletion of a block back, exactly as it was.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when there is nothing to bring back; otherwise when the database
    /// cannot be written.
    pub async fn undo_delete(&self, id: &BlockId) -> Result<(), WireError> {
        let gone = {
            let deleted = self.inner.deleted.lock().await;
            deleted.iter().find(|gone| gone.id() == id).cloned()
        };
        let block = match gone {
            Some(Deleted::Block(block)) => block,
            // Only the slot comes back: what was changed in the series since then stays.
            Some(Deleted::Occurrence(_, slot)) => {
                let mut block = self.stored_block(id).await?;
                block.except.retain(|out| *out != slot);
                block.updated_at = self.inner.host.now();
                block
            }
            None => {
                return Err(WireError::new(
                    ErrorCode::NotFound,
                    "That block can no longer be brought back.",
                ));
            }
        };
        self.put_blocks(&[&block]).await?;
        self.inner.deleted.lock().await.retain(|old| old.id() != id);
        Ok(())
    }

    pub(super) fn zone_named(&self, name: &str) -> Result<Zone, WireError> {
        self.inner.zones.zone(name).ok_or_else(|| {
            WireError::new(
                ErrorCode::Invalid,
                format!("Duet knows no time zone called \"{name}\"."),
            )
        })
    }

    async fn put_blocks(&self, blocks: &[&ManualBlock]) -> Result<(), WireError> {
        let change = async {
            let mut tx = self.inner.store.write().await?;
            for block in blocks {
                tx.put_manual_block(block).await?;
            }
            tx.commit().await
        };
        change.await.map_err(|error| words::store(&error))
    }
}

/// Does a draft on the display's wall clock leave a single block where it is? The wall clock of an hour
/// that comes twice cannot say which one was meant, so a new title must not be read as a new time.
fn unmoved(block: &ManualBlock, draft: &BlockDraft, zone: &Zone, zones: &ZoneDb) -> bool {
    if block.repeat.is_some() || draft.repeat.is_some() {
        return false;
    }
    let shown = manual_view(block, zones);
    (draft.start, draft.end) == (zone.to_wall(shown.start), zone.to_wall(shown.end))
}

fn take_out(block: &mut ManualBlock, slot: NaiveDateTime) {
    if !block.except.contains(&slot) {
        block.except.push(slot);
        block.except.sort_unstable();
    }
}

/// Everything a draft must fulfil, with a sentence for each thing that can be wrong.
fn checked(mut draft: BlockDraft, zone: &Zone) -> Result<BlockDraft, WireError> {
    let invalid = |words: String| Err(WireError::new(ErrorCode::Invalid, words));
    draft.title = draft.title.trim().to_owned();
    draft.repeat = draft
        .repeat
        .map(|rule| rule.trim().to_owned())
        .filter(|rule| !rule.is_empty());
    if draft.end <= draft.start {
        return invalid("The end must be after the start.".to_owned());
    }
    if !YEARS.contains(&draft.start.year()) || !YEARS.contains(&draft.end.year()) {
        return invalid("Duet keeps the years 1900 to 2200.".to_owned());
    }
    if (draft.end - draft.start).num_days() > DAYS_MAX {
        return invalid("One block can last a year at most.".to_owned());
    }
    if draft.title.chars().count() > TITLE_MAX {
        return invalid(format!("The title is longer than {TITLE_MAX} characters."));
    }
    if let Some(rule) = &draft.repeat {
        let parsed = Repeat::parse(rule);
        let over = |rule: &Repeat| rule.ends_before(draft.start, zone);
        if parsed.as_ref().is_ok_and(over) {
            return invalid(
                "The repetition ends (UNTIL) before the block starts, so it would never happen. \
                 Choose a later end or an earlier start."
                    .to_owned(),
            );
        }
        let fits = parsed.and_then(|rule| rule.fits_start(draft.start, zone));
        match fits {
            Ok(true) => {}
            // The common libraries would silently leave the start out.
            Ok(false) => {
                return invalid(
                    "The first day does not fit the rule it repeats by. Choose a start that does, \
                     or change the rule."
                        .to_owned(),
                );
            }
            Err(error) => {
                return invalid(format!("Duet cannot repeat a block like that. {error}"));
            }
        }
    }
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn draft(from: u32, to: u32, title: &str, repeat: Option<&str>) -> BlockDraft {
        let day = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        BlockDraft {
            title: title.to_owned(),
            start: day.and_hms_opt(from, 0, 0).unwrap(),
            end: day.and_hms_opt(to, 0, 0).unwrap(),
            repeat: repeat.map(str::to_owned),
        }
    }

    #[test]
    fn drafts_that_cannot_be_are_refused_in_words() {
        let long = "x".repeat(TITLE_MAX + 1);
        for (draft, fine) in [
            (draft(9, 10, "Gym", None), true),
            (draft(9, 10, "", Some("FREQ=WEEKLY")), true),
            (draft(9, 10, "", Some("  ")), true),
            (draft(10, 9, "", None), false),
            (draft(9, 9, "", None), false),
            (draft(9, 10, &long, None), false),
            (draft(9, 10, "", Some("FREQ=SECONDLY")), false),
            (draft(9, 10, "", Some("every tuesday")), false),
            (draft(9, 10, "", Some("FREQ=WEEKLY;BYDAY=TU,TH")), true),
            (draft(9, 10, "", Some("FREQ=WEEKLY;BYDAY=WE")), false),
        ] {
            assert_eq!(
                checked(draft.clone(), &Zone::utc()).is_ok(),
                fine,
                "{draft:?}"
            );
        }
    }

    #[test]
    fn a_rule_that_ends_before_the_start_is_told_apart() {
        for (rule, over) in [
            ("FREQ=DAILY;UNTIL=20261123", true),
            ("FREQ=DAILY;UNTIL=20261124T085959", true),
            ("FREQ=DAILY;UNTIL=20261124T085959Z", true),
            // The last one is the first one.
            ("FREQ=DAILY;UNTIL=20261124", false),
            ("FREQ=DAILY;UNTIL=20261124T090000Z", false),
            ("FREQ=WEEKLY;BYDAY=WE", false),
        ] {
            let words = checked(draft(9, 10, "", Some(rule)), &Zone::utc())
                .map_or_else(|error| error.message, |_| String::new());
            assert_eq!(words.contains("ends (UNTIL)"), over, "{rule}: {words}");
        }
    }
}
