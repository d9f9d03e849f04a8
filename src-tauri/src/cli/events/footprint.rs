//! `duet events footprint`: everything that Duet ever wrote to Google, and taking it back.

use duet_app::App;
use duet_model::zones::Zone;
use duet_wire::footprint::{FootprintView, Traces, UnaskedView, WrittenView};

use duet_wire::{ErrorCode, WireError};

use super::{ask, complain_of, send};
use crate::cli::arguments::Form;
use crate::cli::find::spell;
use crate::cli::print::plain;
use crate::cli::run::show;
use crate::cli::{Exit, complain, say};

/// What of it is meant.
pub(super) struct Wanted {
    /// Google's ids; all of them where there are none.
    pub(super) ids: Vec<String>,
    /// Only what has no event here.
    pub(super) left_behind: bool,
}

impl Wanted {
    /// Is all that was named there? Where a calendar could not be asked, it may be in that one.
    fn check(&self, view: &FootprintView) -> Result<(), WireError> {
        let there = |id: &&String| view.written.iter().any(|one| one.id == **id);
        match self.ids.iter().find(|id| !there(id)) {
            Some(id) if view.unasked.is_empty() => Err(WireError::new(
                ErrorCode::NotFound,
                format!(
                    "Duet wrote nothing with the id {}. `duet events footprint` lists what it wrote.",
                    plain(id)
                ),
            )),
            _ => Ok(()),
        }
    }

    fn takes(&self, one: &WrittenView) -> bool {
        let named = self.ids.is_empty() || self.ids.contains(&one.id);
        named && !(self.left_behind && one.event.is_some())
    }
}

/// Lists it.
pub(super) async fn list(app: &App, wanted: &Wanted, form: Form) -> Result<Exit, WireError> {
    let zone = app.zone();
    let mut view = app.footprint().await?;
    wanted.check(&view)?;
    view.written.retain(|one| wanted.takes(one));
    show(form, &view, || tell(&zone, &view))?;
    Ok(exit(&view.unasked))
}

/// Deletes it in Google, once somebody has agreed.
pub(super) async fn remove(
    app: &App,
    wanted: &Wanted,
    yes: bool,
    form: Form,
) -> Result<Exit, WireError> {
    let zone = app.zone();
    let mut view = app.footprint().await?;
    wanted.check(&view)?;
    view.written.retain(|one| wanted.takes(one));
    if view.written.is_empty() {
        tell(&zone, &view);
        return Ok(exit(&view.unasked));
    }
    if !yes {
        tell(&zone, &view);
        if view.written.iter().any(|one| one.event.is_none()) {
            complain(
                "What is marked [left behind] may be a plan in Duet on another computer: it goes there as \
                 well, and `duet conflicts` there tells of it.",
            );
        }
        ask("Nothing was deleted. Add --yes to delete this in Google; nobody is mailed.")?;
    }
    // What was shown, and not what may have come since.
    let these = view.written.into_iter();
    let these = these
        .map(|one| (one.account, one.calendar, one.id))
        .collect();
    let removed = app.remove_traces(&Traces::These(these)).await?;
    let sent = send(app, removed.waits.clone(), None).await?;
    show(form, &removed, || {
        say(&match removed.queued {
            0 => "All of it was being deleted already.".to_owned(),
            1 => "1 event is deleted in Google Calendar. Nobody was mailed.".to_owned(),
            many => format!("{many} events are deleted in Google Calendar. Nobody was mailed."),
        });
    })?;
    for one in &removed.unasked {
        complain(&unasked(one));
    }
    let waits = complain_of(app, &sent).await?;
    Ok(match (waits, exit(&removed.unasked)) {
        (Exit::Done, partly) => partly,
        (waits, _) => waits,
    })
}

fn tell(zone: &Zone, view: &FootprintView) {
    if view.written.is_empty() {
        say(if view.unasked.is_empty() {
            "Nothing that Duet wrote is in Google Calendar."
        } else {
            "Where Google could be asked, nothing that Duet wrote is there."
        });
    }
    for one in &view.written {
        say(&line(zone, one));
    }
    for one in &view.unasked {
        complain(&unasked(one));
    }
}

fn line(zone: &Zone, one: &WrittenView) -> String {
    let title = match one.title.as_str() {
        "" => "(no title)".to_owned(),
        title => plain(title),
    };
    let when = match (one.start, one.end) {
        (Some(start), Some(end)) => spell(zone, start, end),
        _ => "unreadable, so delete it in Google Calendar".to_owned(),
    };
    let mut more = vec![plain(&one.calendar_name)];
    if one.repeats {
        more.push("repeats".to_owned());
    }
    match one.guests {
        0 => {}
        1 => more.push("1 guest".to_owned()),
        many => more.push(format!("{many} guests")),
    }
    let here = match (one.goes, &one.event) {
        (true, _) => "  [is being deleted]",
        (false, Some(_)) => "",
        (false, None) => "  [left behind]",
    };
    format!("{when}  {title}  ({}){here}  {}", more.join(", "), one.id)
}

/// A line for stderr.
fn unasked(one: &UnaskedView) -> String {
    let place = match &one.calendar {
        Some(calendar) => format!("“{}” of {}", plain(calendar), plain(&one.account)),
        None => plain(&one.account),
    };
    format!("{place}: {}", plain(&one.because))
}

fn exit(unasked: &[UnaskedView]) -> Exit {
    if unasked.is_empty() {
        Exit::Done
    } else {
        Exit::Partly
    }
}

#[cfg(test)]
mod tests {
    use duet_model::duet_event::DuetEventId;

    use super::*;

    fn choir() -> WrittenView {
        WrittenView {
            account: "ana@example.com".into(),
            calendar: "ana@example.com".into(),
            calendar_name: "Ana".into(),
            color: "#336699".into(),
            id: "abc".into(),
            title: "Choir".into(),
            start: None,
            end: None,
            wall_start: None,
            wall_end: None,
            repeats: true,
            guests: 2,
            event: None,
            goes: false,
        }
    }

    #[test]
    fn what_is_left_behind_is_said_and_can_be_meant_alone() {
        let zones = duet_model::zones::ZoneDb::bundled();
        let zone = zones.zone("Europe/Berlin").unwrap();
        assert_eq!(
            line(&zone, &choir()),
            "unreadable, so delete it in Google Calendar  Choir  (Ana, repeats, 2 guests)  [left behind]  abc"
        );
        let here = WrittenView {
            event: Some(DuetEventId("e".into())),
            ..choir()
        };
        let wanted = |ids: &[&str], left_behind| Wanted {
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            left_behind,
        };
        for (wanted, left, linked) in [
            (wanted(&[], false), true, true),
            (wanted(&[], true), true, false),
            (wanted(&["abc"], false), true, true),
            (wanted(&["other"], false), false, false),
        ] {
            assert_eq!(
                (wanted.takes(&choir()), wanted.takes(&here)),
                (left, linked)
            );
        }
    }
}
