//! `duet blocks`: made, changed, listed and removed by hand.

use duet_app::App;
use duet_model::block::BlockId;
use duet_model::zones::Zone;
use duet_wire::blocks::{BlockDraft, ManualBlockView, Scope};
use duet_wire::{ErrorCode, WireError};

use super::arguments::{BlockVerb, Changes};
use super::run::show;
use super::times::{Edge, Place, place};
use super::{print, say};

/// Runs one of them to its end.
pub(super) async fn verb(app: &App, verb: BlockVerb) -> Result<(), WireError> {
    let zone = app.zone();
    match verb {
        BlockVerb::Add {
            span,
            title,
            repeat,
            form,
        } => {
            let (start, end) = (Edge::start(&span.from)?, Edge::end(&span.to)?);
            let place = place(start, end, repeat.is_some(), &zone)?;
            let draft = draft(title, &place, repeat);
            let block = app.create_block_in(draft, &place.zone).await?;
            show(form, &block, || {
                print::blocks(&zone, std::slice::from_ref(&block))
            })?;
        }
        BlockVerb::Edit { id, edit, form } => {
            let id = BlockId(id);
            let (draft, hangs) = changed(&app.block(&id).await?, &edit, &zone)?;
            let block = app.update_block_in(&id, draft, &hangs).await?;
            show(form, &block, || {
                print::blocks(&zone, std::slice::from_ref(&block))
            })?;
        }
        BlockVerb::List { form } => {
            let blocks = app.blocks().await?;
            show(form, &blocks, || print::blocks(&zone, &blocks))?;
        }
        BlockVerb::Remove { id } => {
            app.delete_block(&BlockId(id), None, Scope::All).await?;
            say("The block is removed.");
        }
    }
    Ok(())
}

fn draft(title: String, place: &Place, repeat: Option<String>) -> BlockDraft {
    BlockDraft {
        title,
        start: place.start,
        end: place.end,
        repeat,
    }
}

/// A block with what is given changed and all else as it was, and the zone that it hangs in.
fn changed(
    block: &ManualBlockView,
    edit: &Changes,
    zone: &Zone,
) -> Result<(BlockDraft, String), WireError> {
    if edit == &Changes::default() {
        return Err(WireError::new(
            ErrorCode::Invalid,
            "Say what to change: --from, --to, --title, --repeat, or several of them.",
        ));
    }
    let title = edit.title.clone().unwrap_or_else(|| block.title.clone());
    let repeat = match edit.repeat.as_deref().map(str::trim) {
        None => block.repeat.clone(),
        Some(word) if word.eq_ignore_ascii_case("none") => None,
        Some(rule) => Some(rule.to_owned()),
    };
    // A block that begins to repeat must do so on the wall clock of whoever says so.
    let begins = block.repeat.is_none() && repeat.is_some();
    if edit.from.is_none() && edit.to.is_none() && !begins {
        let place = Place {
            start: block.wall_start,
            end: block.wall_end,
            zone: block.zone.clone(),
        };
        return Ok((draft(title, &place, repeat), place.zone));
    }
    let (mut start, mut end) = if block.zone == zone.name() {
        (Edge::Wall(block.wall_start), Edge::Wall(block.wall_end))
    } else {
        (Edge::Instant(block.start), Edge::Instant(block.end))
    };
    if let Some(from) = &edit.from {
        start = Edge::start(from)?;
    }
    if let Some(to) = &edit.to {
        end = Edge::end(to)?;
    }
    let place = place(start, end, repeat.is_some(), zone)?;
    Ok((draft(title, &place, repeat), place.zone))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use duet_model::zones::ZoneDb;

    use super::*;

    /// From nine to ten in Berlin, or at the same instants in UTC.
    fn block(zone: &str, repeat: Option<&str>) -> ManualBlockView {
        let zones = ZoneDb::bundled();
        let at = |text| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let (start, end) = (at("2026-11-24T08:00:00Z"), at("2026-11-24T09:00:00Z"));
        let wall = |instant| zones.zone(zone).unwrap().to_wall(instant);
        ManualBlockView {
            id: BlockId("one".into()),
            title: "Gym".into(),
            start,
            end,
            zone: zone.into(),
            wall_start: wall(start),
            wall_end: wall(end),
            repeat: repeat.map(str::to_owned),
        }
    }

    #[test]
    fn only_what_is_given_changes() {
        let (berlin, utc, weekly) = ("Europe/Berlin", "UTC", Some("FREQ=WEEKLY"));
        let zone = ZoneDb::bundled().zone(berlin).unwrap();
        let none = [None; 4];
        for (block, [from, to, title, repeat], expect) in [
            (
                block(berlin, weekly),
                [None, None, Some("Swim"), None],
                "Swim 24 09:00 24 10:00 Europe/Berlin FREQ=WEEKLY",
            ),
            (
                block(berlin, weekly),
                [Some("2026-11-24T08:30"), None, None, None],
                "Gym 24 08:30 24 10:00 Europe/Berlin FREQ=WEEKLY",
            ),
            (
                block(berlin, None),
                [None, Some("2026-11-24"), None, None],
                "Gym 24 09:00 25 00:00 Europe/Berlin -",
            ),
            (
                block(berlin, None),
                [None, None, Some(""), Some("FREQ=DAILY")],
                " 24 09:00 24 10:00 Europe/Berlin FREQ=DAILY",
            ),
            (
                block(berlin, weekly),
                [None, None, None, Some("None")],
                "Gym 24 09:00 24 10:00 Europe/Berlin -",
            ),
            // What hangs elsewhere stays there until it moves or begins to repeat.
            (
                block(utc, weekly),
                [None, None, Some("Swim"), None],
                "Swim 24 08:00 24 09:00 UTC FREQ=WEEKLY",
            ),
            (
                block(utc, None),
                [None, None, None, Some("FREQ=WEEKLY")],
                "Gym 24 09:00 24 10:00 Europe/Berlin FREQ=WEEKLY",
            ),
            (
                block(utc, None),
                [None, Some("2026-11-24T11:00"), None, None],
                "Gym 24 09:00 24 11:00 Europe/Berlin -",
            ),
            // The hour from two comes twice.
            (
                block(berlin, None),
                [Some("2026-10-25T01:15Z"), None, None, None],
                "Gym 25 01:15 24 09:00 UTC -",
            ),
            (
                block(berlin, weekly),
                [Some("2026-10-25T01:15Z"), None, None, None],
                "refused",
            ),
            (block(berlin, None), none, "refused"),
        ] {
            let edit = Changes {
                from: from.map(str::to_owned),
                to: to.map(str::to_owned),
                title: title.map(str::to_owned),
                repeat: repeat.map(str::to_owned),
            };
            let found = changed(&block, &edit, &zone).map_or_else(
                |_| "refused".to_owned(),
                |(draft, zone)| {
                    format!(
                        "{} {} {} {zone} {}",
                        draft.title,
                        draft.start.format("%d %H:%M"),
                        draft.end.format("%d %H:%M"),
                        draft.repeat.as_deref().unwrap_or("-")
                    )
                },
            );
            assert_eq!(found, expect, "{edit:?}");
        }
    }
}
