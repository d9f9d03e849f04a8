//! When what waits to be written may be sent.

use chrono::TimeDelta;
use tokio::time::Instant;

use super::{Actor, Background};
use crate::push;

impl Actor {
    /// Notes when something may be sent by itself; true where something may now.
    pub(super) async fn plan_outbox(&mut self) -> bool {
        let Ok(ops) = self.shared.store.outbox_of(self.id).await else {
            return false;
        };
        let wall = self.shared.clock.now();
        let due = push::due(&ops, wall);
        self.outbox = match self.shared.background {
            Background::Off => None,
            Background::On => due.next.map(|next| {
                // A clock that was set meanwhile must not keep it for long.
                let wait = (next - wall).min(TimeDelta::hours(1));
                Instant::now() + wait.to_std().unwrap_or_default()
            }),
        };
        !due.now.is_empty()
    }
}
