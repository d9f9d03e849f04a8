//! Settings, stored whole.

use duet_model::settings::Settings;
use duet_wire::{ErrorCode, WireError};

use super::rules;
use crate::app::App;
use crate::words;

impl App {
    /// All settings.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn settings(&self) -> Result<Settings, WireError> {
        self.inner
            .store
            .settings()
            .await
            .map_err(|error| words::store(&error))
    }

    /// Stores the settings. The engine sees by itself whether they are an occasion to sync.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for values no one can mean; otherwise when the database cannot be
    /// written.
    pub async fn set_settings(&self, settings: &Settings) -> Result<(), WireError> {
        check(settings)?;
        let change = async {
            let mut tx = self.inner.store.write().await?;
            tx.put_settings(settings).await?;
            tx.commit().await
        };
        change.await.map_err(|error| words::store(&error))
    }

    /// Pauses background sync, or goes on.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn toggle_paused(&self) -> Result<(), WireError> {
        let settings = self.settings().await?;
        self.set_settings(&Settings {
            paused: !settings.paused,
            ..settings
        })
        .await
    }
}

fn check(settings: &Settings) -> Result<(), WireError> {
    rules::check(&settings.rules.keywords)?;
    let (first, after) = settings.working_hours;
    if first >= after || after > 24 {
        return Err(WireError::new(
            ErrorCode::Invalid,
            "Working hours must end after they begin, within one day.",
        ));
    }
    if !(1..=7).contains(&settings.week_start) {
        return Err(WireError::new(
            ErrorCode::Invalid,
            "The week starts on one of seven days.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_no_one_can_mean_are_refused() {
        let with = |working_hours, week_start| Settings {
            working_hours,
            week_start,
            ..Settings::default()
        };
        for (settings, fine) in [
            (with((8, 18), 1), true),
            (with((0, 24), 7), true),
            (with((18, 8), 1), false),
            (with((8, 8), 1), false),
            (with((8, 25), 1), false),
            (with((8, 18), 0), false),
            (with((8, 18), 8), false),
        ] {
            assert_eq!(check(&settings).is_ok(), fine, "{settings:?}");
        }
    }
}
