//! An event that was deleted in Google, and was gone here for that, taken back.

use duet_model::duet_event::{Content, DuetEvent, DuetEventId};
use duet_store::StoreError;
use duet_wire::{ErrorCode, WireError};

use crate::app::App;
use crate::words;

impl App {
    /// Takes an event back that was deleted in Google: it is here alone, without guests, and a series has
    /// all its occurrences. `number` is that of the conflict which tells of it.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] where there is no such conflict, or it tells of no deletion; otherwise when
    /// the database cannot be written.
    pub async fn restore_event(&self, number: i64) -> Result<DuetEventId, WireError> {
        let now = self.inner.host.now();
        let change = async {
            let conflicts = self.inner.store.conflicts().await?;
            let found = conflicts.into_iter().find(|(id, _)| *id == number);
            let Some((_, noted)) = found.filter(|(_, noted)| noted.is_deletion()) else {
                return Ok(None);
            };
            let mut tx = self.inner.store.write().await?;
            if tx.duet_event(&noted.event).await?.is_none() {
                let event = DuetEvent {
                    id: noted.event.clone(),
                    // Here alone, nobody can be invited and nobody can call.
                    content: Content {
                        guests: Vec::new(),
                        conference: false,
                        ..noted.mine
                    },
                    slot: None,
                    cancelled: false,
                    created_at: now,
                    updated_at: now,
                };
                tx.put_duet_event(&event).await?;
                tx.commit().await?;
            }
            Ok::<_, StoreError>(Some(noted.event))
        };
        let restored = change.await.map_err(|error| words::store(&error))?;
        restored.ok_or_else(|| {
            WireError::new(
                ErrorCode::NotFound,
                "No deletion is noted under that number (any more).",
            )
        })
    }
}
