//! Everything that Duet ever wrote to the calendars of an account, as Google has it now: asked for when
//! a person wants to see it, and kept nowhere. It is no sync: it takes no lock and may run beside one.

use std::collections::BTreeSet;

use duet_google::events::Next;
pub use duet_google::events::Written;
use duet_model::account::AccountId;
use duet_model::calendar::Calendar;

use super::{Engine, Shared};
use crate::decide::Reach;
use crate::events::trouble;
use crate::pull::{Ask, Failed, Stop};

/// What Duet wrote to one calendar, or why nobody knows.
#[derive(Clone, Debug)]
pub struct Footprint {
    /// The calendar.
    pub calendar: Calendar,
    /// What stands there, a series once; or a sentence.
    pub written: Result<Vec<Written>, String>,
}

impl Engine {
    /// Asks Google, calendar by calendar, for everything that bears the mark of Duet, whichever
    /// installation wrote it. Only calendars that the account may write to can hold any.
    ///
    /// # Errors
    /// Why nothing could be asked, as a sentence: an account that is gone, must be reconnected or has
    /// to wait, no network.
    pub async fn footprint(&self, account: AccountId) -> Result<Vec<Footprint>, String> {
        self.in_words(self.shared.ask_footprint(account)).await
    }
}

impl Shared {
    async fn ask_footprint(&self, id: AccountId) -> Result<Vec<Footprint>, Stop> {
        self.asking(id, async |ask| {
            let calendars = ask.means().store.calendars_of(id).await?;
            let mut footprints = Vec::new();
            for calendar in calendars {
                if !calendar.access_role.can_write() {
                    continue;
                }
                let written = match all_of(ask, &calendar).await {
                    Ok(written) => Ok(written),
                    Err(Failed::Request(error)) if trouble::reach(&error) == Reach::Request => {
                        tracing::warn!(%error, "a calendar's footprint could not be read");
                        Err(trouble::of(&error).message)
                    }
                    Err(failed) => return Err(failed.into_stop(ask)),
                };
                footprints.push(Footprint { calendar, written });
            }
            Ok(footprints)
        })
        .await
    }
}

/// All pages of one calendar.
async fn all_of(ask: &Ask<'_>, calendar: &Calendar) -> Result<Vec<Written>, Failed> {
    let (mut all, mut page) = (Vec::new(), None::<String>);
    loop {
        let (written, next) = ask
            .written_by_duet(&calendar.google_id, page.as_deref())
            .await?;
        all.extend(written);
        match next {
            Next::Page(token) => page = Some(token),
            Next::Done { .. } => return Ok(each_once(all)),
        }
    }
}

/// Of a series and its changed occurrences the series; and what two pages told once.
fn each_once(mut all: Vec<Written>) -> Vec<Written> {
    let mut seen = BTreeSet::new();
    all.retain(|one| seen.insert(one.id.clone()));
    let series = |one: &Written| one.resource.as_ref()?.event.series.clone();
    all.retain(|one| series(one).is_none_or(|master| !seen.contains(&master)));
    all
}
