//! Reads the core's answers.
//!
//! By the name of the answer and not by `Answer`'s own reading: that has to expect the value before
//! its name, and so keeps every type that can be answered a second time, to be read from a buffer.
//! That was a sixth of the window's program (2026-11-22).

use duet_wire::Answer;
use serde::Deserialize;

/// The answer of this name whose value is this JSON text; nothing for one that this window never
/// asked for.
pub(super) fn read(name: &str, value: &str) -> Option<Answer> {
    match name {
        "done" => Some(Answer::Done),
        "grid" => of(value, Answer::Grid),
        "overview" => of(value, Answer::Overview),
        "block" => of(value, Answer::Block),
        "deleted" => {
            #[derive(Deserialize)]
            struct Deleted {
                id: duet_model::block::BlockId,
                title: String,
            }
            of(value, |Deleted { id, title }| Answer::Deleted { id, title })
        }
        "event" => of(value, Answer::Event),
        "why" => of(value, Answer::Why),
        "preview" => of(value, Answer::Preview),
        "find_time" => of(value, Answer::FindTime),
        "search" => of(value, Answer::Search),
        "duet_event" => of(value, Answer::DuetEvent),
        "consequences" => of(value, Answer::Consequences),
        "waiting" => of(value, Answer::Waiting),
        "conflicts" => of(value, Answer::Conflicts),
        "past_guests" => of(value, Answer::PastGuests),
        "changed" => of(value, Answer::Changed),
        "invitations" => of(value, Answer::Invitations),
        "answered" => of(value, Answer::Answered),
        "footprint" => of(value, Answer::Footprint),
        "traces_removed" => of(value, Answer::TracesRemoved),
        "doctor" => of(value, Answer::Doctor),
        _ => None,
    }
}

fn of<T: for<'de> Deserialize<'de>>(value: &str, answer: fn(T) -> Answer) -> Option<Answer> {
    serde_json::from_str(value).ok().map(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use duet_wire::duet_event::DuetEventView;
    use duet_wire::event::EventView;
    use duet_wire::find::FindTimeView;
    use duet_wire::grid::GridView;
    use duet_wire::status::Overview;
    use duet_wire::why::{PreviewView, WhyView};
    use serde_json::{Value, json};

    /// The name as the window reads it. A new answer does not compile until somebody has decided here.
    fn name(answer: &Answer) -> Option<&'static str> {
        Some(match answer {
            Answer::Done => "done",
            Answer::Grid(_) => "grid",
            Answer::Overview(_) => "overview",
            // The window reads busy time off the grid.
            Answer::Busy(_) => return None,
            Answer::Block(_) => "block",
            Answer::Deleted { .. } => "deleted",
            Answer::Event(_) => "event",
            Answer::Why(_) => "why",
            Answer::Preview(_) => "preview",
            Answer::FindTime(_) => "find_time",
            Answer::Search(_) => "search",
            Answer::DuetEvent(_) => "duet_event",
            Answer::Consequences(_) => "consequences",
            Answer::Waiting(_) => "waiting",
            Answer::Conflicts(_) => "conflicts",
            Answer::PastGuests(_) => "past_guests",
            Answer::Changed(_) => "changed",
            Answer::Invitations(_) => "invitations",
            Answer::Answered(_) => "answered",
            Answer::Footprint(_) => "footprint",
            Answer::TracesRemoved(_) => "traces_removed",
            Answer::Doctor(_) => "doctor",
        })
    }

    fn made<T: for<'de> Deserialize<'de>>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    /// One of each, with what has no default.
    fn answers() -> Vec<Answer> {
        let at = "2026-11-24T09:00:00Z";
        let wall = "2026-11-24T09:00:00";
        let grid = crate::state::view::Span {
            from: "2026-11-23".parse().unwrap(),
            days: 1,
        }
        .blank(None);
        let overview = json!({
            "status": duet_wire::status::StatusView::default(), "calendars": [],
            "settings": duet_model::settings::Settings::default(), "autostart": false,
            "connect": duet_wire::connect::ConnectView::default(), "google_unavailable": null,
            "keychain_unavailable": null, "zone": "UTC", "now": at, "version": "1",
        });
        let block = json!({
            "id": "b1", "title": "Gym", "start": at, "end": at, "zone": "UTC",
            "wall_start": wall, "wall_end": wall, "repeat": null,
        });
        let when = duet_wire::availability::When::Date("2026-11-24".parse().unwrap());
        let event = json!({
            "key": 7, "title": "Call", "start": when, "end": when, "wall_start": wall,
            "wall_end": wall, "home": null, "calendar": "work", "calendar_name": "Work",
            "color": "#112233", "account": "ana@example.com", "location": null,
            "description": null, "organizer": null, "guests": [], "guests_omitted": false,
            "my_response": null, "can_respond": false, "respond_because": null, "answer": null,
            "reminders": [], "conference": null, "link": null, "repeats": null,
            "visibility": duet_model::event::Visibility::Default,
            "event_type": duet_model::event::EventType::Default, "state": "busy",
            "rule": "event", "because": "Because.", "as_of": at, "history": [],
        });
        let why = json!({
            "start": at, "end": at, "wall_start": wall, "wall_end": wall, "state": "free",
            "because": "Free.", "now": at, "reasons": [], "vouching": [], "not_counting": [],
        });
        let preview = json!({"days": 28, "frees": 60, "blocks": 0, "shifts": 0, "events": 1});
        let find = json!({
            "zone": "UTC", "other_zone": null, "slots": [], "more": 0, "people": [],
            "text": "", "other_text": null,
        });
        let conflict = json!({
            "id": 3, "event": "d1", "slot": null, "title": "Choir", "noticed_at": at,
            "kept": "theirs", "because": "Changed.",
            "fields": [{"field": "title", "name": "title", "mine": "Mine", "theirs": "Choir"}],
            "mine": null, "theirs": null,
        });
        let own = json!({
            "id": "d1", "slot": null, "title": "Choir", "start": when, "end": when,
            "typed_start": wall, "typed_end": wall, "home": null, "location": "", "notes": "",
            "guests": [], "repeat": null, "repeats": null, "reminder": {"before": 10},
            "reminders": [], "transparent": false, "conference": false, "google": null,
            "state": "busy", "rule": "event", "because": "Because.", "history": [],
            "conflicts": [conflict],
        });
        vec![
            Answer::Done,
            Answer::Grid(grid),
            Answer::Overview(made::<Box<Overview>>(overview)),
            Answer::Busy(Vec::new()),
            Answer::Block(made(block)),
            Answer::Deleted {
                id: duet_model::block::BlockId("b1".into()),
                title: "Gym".into(),
            },
            Answer::Event(made::<Box<EventView>>(event)),
            Answer::Why(made::<Box<WhyView>>(why)),
            Answer::Preview(made::<PreviewView>(preview)),
            Answer::FindTime(made::<Box<FindTimeView>>(find)),
            Answer::Search(Vec::new()),
            Answer::DuetEvent(made::<Box<DuetEventView>>(own)),
            Answer::Consequences(made(json!({
                "mailing": {"mailed": ["ben@example.org"], "untold": []},
                "undone": {"removed": 1, "changed": 0},
            }))),
            Answer::Waiting(Vec::new()),
            Answer::Conflicts(made(json!([conflict]))),
            Answer::PastGuests(made(
                json!([{"email": "ben@example.org", "name": null, "optional": false}]),
            )),
            Answer::Changed(made(json!({
                "id": "d1", "title": "Choir", "undo": 1, "waits": [4], "mailed": ["ben@example.org"],
                "held_until": at,
            }))),
            Answer::Invitations(Vec::new()),
            Answer::Footprint(made(json!({"written": [], "unasked": []}))),
            Answer::TracesRemoved(made(json!({"queued": 2, "waits": [4], "unasked": []}))),
            Answer::Answered(made(json!({
                "key": 7, "title": "Call", "account": "ana@example.com", "response": "accepted",
                "before": "needsAction", "series": false, "organizer": null, "waits": 1,
                "held_until": at,
            }))),
            Answer::Doctor(duet_wire::doctor::DoctorReport::default()),
        ]
    }

    #[test]
    fn every_answer_is_read_as_it_was_written() {
        for answer in answers() {
            let sent = serde_json::to_value(&answer).unwrap();
            let tag = sent["answer"].as_str().unwrap();
            let found = read(tag, &sent["value"].to_string());
            match name(&answer) {
                Some(name) => {
                    assert_eq!(tag, name);
                    assert_eq!(found, Some(answer), "{sent}");
                }
                None => assert_eq!(found, None, "{sent}"),
            }
        }
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let grid = serde_json::to_string(&None::<GridView>).unwrap();
        for (name, value) in [
            ("grid", grid.as_str()),
            ("search", "{}"),
            ("", "[]"),
            ("Grid", "[]"),
        ] {
            assert_eq!(read(name, value), None, "{name} {value}");
        }
    }
}
