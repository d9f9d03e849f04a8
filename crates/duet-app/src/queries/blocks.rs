//! Manual blocks as they are stored.

use duet_model::block::{BlockId, ManualBlock};
use duet_model::repeat;
use duet_model::zones::{Zone, ZoneDb};
use duet_wire::blocks::ManualBlockView;
use duet_wire::{ErrorCode, WireError};

use crate::app::App;
use crate::words;

impl App {
    /// `duet blocks list`, by first occurrence.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn blocks(&self) -> Result<Vec<ManualBlockView>, WireError> {
        let blocks = self
            .inner
            .store
            .manual_blocks()
            .await
            .map_err(|error| words::store(&error))?;
        let mut views: Vec<_> = blocks
            .iter()
            .map(|block| manual_view(block, &self.inner.zones))
            .collect();
        views.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
        Ok(views)
    }

    /// One manual block.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when there is none with that id; otherwise when the database cannot
    /// be read.
    pub async fn block(&self, id: &BlockId) -> Result<ManualBlockView, WireError> {
        Ok(manual_view(
            &self.stored_block(id).await?,
            &self.inner.zones,
        ))
    }

    pub(crate) async fn stored_block(&self, id: &BlockId) -> Result<ManualBlock, WireError> {
        self.inner
            .store
            .manual_block(id)
            .await
            .map_err(|error| words::store(&error))?
            .ok_or_else(|| {
                WireError::new(
                    ErrorCode::NotFound,
                    "There is no block with that id; it may have been deleted already. \
                     `duet blocks list` shows what there is.",
                )
            })
    }
}

/// A stored block, with its first occurrence as instants: the very ones that the picture counts. Where
/// the clocks skip its start it begins later, and may have to end later as well.
pub(crate) fn manual_view(block: &ManualBlock, zones: &ZoneDb) -> ManualBlockView {
    let zone = zones.zone(&block.zone).unwrap_or_else(Zone::utc);
    let (start, end) = match repeat::first(block, zones) {
        Some(occurrence) => (occurrence.span.start, occurrence.span.end),
        None => (zone.to_instant(block.start), zone.to_instant(block.end)),
    };
    ManualBlockView {
        id: block.id.clone(),
        title: block.title.clone(),
        start,
        end,
        zone: block.zone.clone(),
        wall_start: block.start,
        wall_end: block.end,
        repeat: block.repeat.clone(),
    }
}
