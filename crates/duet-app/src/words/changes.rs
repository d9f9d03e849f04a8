//! An event's history in sentences.

use chrono::NaiveDate;
use duet_model::event::{EventTime, Response};
use duet_model::zones::Zone;
use duet_store::{ChangeKind, EventChange, Field, FieldChange};
use serde_json::Value;

use super::times::event_time;

/// What one entry of the history says, a sentence for each part. Times are on the wall clock of
/// `zone`, with the year where it is another than `near`'s.
pub(crate) fn sentences(change: &EventChange, zone: &Zone, near: NaiveDate) -> Vec<String> {
    let mut said = Vec::new();
    if change.kind == ChangeKind::Removed {
        said.push("Removed.".to_owned());
        return said;
    }
    let find = |field: Field| change.what.iter().find(|part| part.field == field);
    said.extend(moved(find(Field::Start), find(Field::End), zone, near));
    for part in &change.what {
        match part.field {
            Field::Start | Field::End => {}
            Field::Attendees => said.extend(guests(part)),
            _ => said.push(part_words(part)),
        }
    }
    said
}

/// Start and end move together more often than not; one sentence says both.
fn moved(
    start: Option<&FieldChange>,
    end: Option<&FieldChange>,
    zone: &Zone,
    near: NaiveDate,
) -> Option<String> {
    let words = |value: &Value| {
        let time: Option<EventTime> = serde_json::from_value(value.clone()).ok();
        time.map(|time| event_time(&time, zone, near))
    };
    let from_to = |change: &FieldChange| {
        let (before, after) = (words(&change.before)?, words(&change.after)?);
        Some((before, after))
    };
    if let Some((before, after)) = start.and_then(from_to) {
        return Some(format!("Moved from {before} to {after}."));
    }
    let (before, after) = end.and_then(from_to)?;
    Some(format!("The end moved from {before} to {after}."))
}

fn part_words(part: &FieldChange) -> String {
    let (name, text) = match part.field {
        Field::Title => ("Title", true),
        Field::Location => ("Place", true),
        Field::Description => return "The description changed.".to_owned(),
        Field::Recurrence => return "It repeats otherwise.".to_owned(),
        Field::Conference => {
            return match (part.before.is_null(), part.after.is_null()) {
                (true, _) => "A video call was added.",
                (_, true) => "The video call was taken out.",
                _ => "The address of the video call changed.",
            }
            .to_owned();
        }
        Field::Transparent => {
            return if part.after == Value::Bool(true) {
                "It is shown as free now."
            } else {
                "It is shown as busy now."
            }
            .to_owned();
        }
        Field::Status => ("Status", false),
        Field::Visibility => ("Visibility", false),
        Field::EventType => ("Kind", false),
        Field::MyResponse => ("Your answer", false),
        Field::Organizer => ("Organiser", true),
        Field::Start | Field::End | Field::Attendees => ("Time", false),
    };
    let say = |value: &Value| match (value.as_str(), text) {
        (Some(words), true) => format!("“{words}”"),
        (Some("needsAction"), false) => "none".to_owned(),
        (Some(word), false) => word.to_owned(),
        (None, _) => "none".to_owned(),
    };
    format!("{name}: {} → {}.", say(&part.before), say(&part.after))
}

/// Who came, who went, who answered what.
fn guests(part: &FieldChange) -> Vec<String> {
    let people = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (before, after) = (people(&part.before), people(&part.after));
    let mut said: Vec<String> = after
        .iter()
        .map(|(who, answer)| match before.contains_key(who) {
            false => format!("{who} was invited."),
            true => format!("{who} {}.", answered(answer)),
        })
        .collect();
    let gone = before.keys().filter(|who| !after.contains_key(*who));
    said.extend(gone.map(|who| format!("{who} is not invited any more.")));
    said
}

fn answered(answer: &Value) -> &'static str {
    match serde_json::from_value(answer.clone()) {
        Ok(Response::Accepted) => "accepted",
        Ok(Response::Declined) => "declined",
        Ok(Response::Tentative) => "answered “maybe”",
        Ok(Response::NeedsAction) | Err(_) => "took the answer back",
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    fn change(field: Field, before: Value, after: Value) -> FieldChange {
        FieldChange {
            field,
            before,
            after,
        }
    }

    fn said(kind: ChangeKind, what: Vec<FieldChange>) -> Vec<String> {
        let change = EventChange {
            noticed_at: DateTime::UNIX_EPOCH,
            kind,
            what,
        };
        let near = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        sentences(&change, &Zone::utc(), near)
    }

    fn at(text: &str) -> Value {
        serde_json::to_value(EventTime::At {
            at: text.parse().unwrap(),
            zone: None,
        })
        .unwrap()
    }

    #[test]
    fn each_part_has_its_sentence() {
        let nine = at("2026-11-24T09:00:00Z");
        let ten = at("2026-11-25T10:00:00Z");
        let day = |day| serde_json::to_value(EventTime::Date(day)).unwrap();
        let (first, next) = (
            NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
            NaiveDate::from_ymd_opt(2027, 1, 5).unwrap(),
        );
        let rows: Vec<(Vec<FieldChange>, &[&str])> = vec![
            (
                vec![
                    change(Field::Start, nine.clone(), ten.clone()),
                    change(Field::End, nine.clone(), ten.clone()),
                ],
                &["Moved from Tue 24 Nov 09:00 to Wed 25 Nov 10:00."],
            ),
            (
                vec![change(Field::End, nine, ten)],
                &["The end moved from Tue 24 Nov 09:00 to Wed 25 Nov 10:00."],
            ),
            (
                vec![change(Field::Start, day(first), day(next))],
                &["Moved from Tue 24 Nov to Tue 5 Jan 2027."],
            ),
            (
                vec![change(Field::Title, json!("Lunch"), json!("Dinner"))],
                &["Title: “Lunch” → “Dinner”."],
            ),
            (
                vec![change(Field::Location, Value::Null, json!("Room 5"))],
                &["Place: none → “Room 5”."],
            ),
            (
                vec![change(
                    Field::MyResponse,
                    json!("needsAction"),
                    json!("declined"),
                )],
                &["Your answer: none → declined."],
            ),
            (
                vec![change(Field::Transparent, json!(false), json!(true))],
                &["It is shown as free now."],
            ),
            (
                vec![change(
                    Field::Conference,
                    Value::Null,
                    json!("https://x.example"),
                )],
                &["A video call was added."],
            ),
            (
                vec![change(
                    Field::Attendees,
                    json!({"ben@example.com": "needsAction", "eva@example.com": "accepted"}),
                    json!({"ben@example.com": "accepted", "cy@example.com": "needsAction"}),
                )],
                &[
                    "ben@example.com accepted.",
                    "cy@example.com was invited.",
                    "eva@example.com is not invited any more.",
                ],
            ),
        ];
        for (what, expect) in rows {
            assert_eq!(said(ChangeKind::Changed, what.clone()), expect, "{what:?}");
        }
        let gone = vec![change(Field::Title, json!("Lunch"), Value::Null)];
        assert_eq!(said(ChangeKind::Removed, gone), ["Removed."]);
    }
}
