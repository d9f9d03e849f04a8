//! Who was invited before, so that an address need not be typed twice. Nobody outside is asked.

use duet_model::duet_event::{DuetEvent, Guest};
use duet_wire::WireError;

use crate::app::App;
use crate::words;

/// More than anyone looks through.
const GUESTS_MAX: usize = 500;

impl App {
    /// Who was ever invited to an event of Duet's own that still is there, the last made event first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn past_guests(&self) -> Result<Vec<Guest>, WireError> {
        let snapshot = self.inner.store.read().await;
        let mut snapshot = snapshot.map_err(|error| words::store(&error))?;
        let events = snapshot.duet_events().await;
        Ok(guests(events.map_err(|error| words::store(&error))?))
    }
}

/// Each address once; a name that is known anywhere is kept.
fn guests(mut events: Vec<DuetEvent>) -> Vec<Guest> {
    events.sort_by_key(|event| std::cmp::Reverse(event.updated_at));
    let mut guests: Vec<Guest> = Vec::new();
    for guest in events.into_iter().flat_map(|event| event.content.guests) {
        if let Some(known) = guests.iter_mut().find(|known| known.is(&guest.email)) {
            let name = known.name.take();
            known.name = name.or(guest.name);
        } else if guests.len() < GUESTS_MAX {
            guests.push(Guest {
                optional: false,
                ..guest
            });
        }
    }
    guests
}
