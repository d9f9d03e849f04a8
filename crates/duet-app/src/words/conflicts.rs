//! What was changed here and in Google at once, in words. Pure.

use chrono::{DateTime, NaiveDate, Utc};
use duet_model::duet_event::{Content, Field};
use duet_model::event::{EventTime, Visibility};
use duet_model::zones::{Zone, ZoneDb};
use duet_store::Conflict;
use duet_wire::conflict::{ConflictField, Kept};

use super::{plain, reminders, repeats, times};

/// A value in a sentence is no longer than this, in characters; all of it stands among the fields.
const SHORT: usize = 60;

/// Where and when the words are read.
pub(crate) struct Reader<'a> {
    /// The display zone.
    pub(crate) zone: &'a Zone,
    /// All zones.
    pub(crate) zones: &'a ZoneDb,
    /// The time.
    pub(crate) now: DateTime<Utc>,
}

impl Reader<'_> {
    fn today(&self) -> NaiveDate {
        self.zone.to_wall(self.now).date()
    }
}

/// Both versions, field by field.
pub(crate) fn fields(conflict: &Conflict, reader: &Reader<'_>) -> Vec<ConflictField> {
    let fields = conflict.fields.iter().map(|field| {
        let (mine, theirs) = (&conflict.mine, &conflict.theirs);
        ConflictField {
            field: *field,
            name: name(*field, mine, theirs).to_owned(),
            mine: value(*field, mine, theirs, reader),
            theirs: value(*field, theirs, mine, reader),
        }
    });
    fields.collect()
}

/// "Changed here and in Google at 14:05: title. Google’s is kept; yours was “Choir”."
pub(crate) fn sentence(
    noticed_at: DateTime<Utc>,
    fields: &[ConflictField],
    kept: Kept,
    reader: &Reader<'_>,
) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let one = matches!(fields, [_]);
    let values = |of: fn(&ConflictField) -> &str| {
        let values = fields.iter().map(|field| {
            let value = short(of(field));
            // "no place" says already of what there is none.
            match one || value.starts_with("no ") {
                true => value,
                false => format!("{} {value}", field.name),
            }
        });
        listed(&values.collect::<Vec<_>>())
    };
    let (mine, theirs) = (
        values(|field| field.mine.as_str()),
        values(|field| field.theirs.as_str()),
    );
    let outcome = match (kept, one) {
        (Kept::Theirs, true) => format!("Google’s is kept; yours was {mine}."),
        (Kept::Theirs, false) => format!("Google’s are kept; yours were {mine}."),
        (Kept::Mine, true) => format!("Yours is taken; Google’s was {theirs}."),
        (Kept::Mine, false) => format!("Yours are taken; Google’s were {theirs}."),
        (Kept::Neither, true) => format!("Google’s was taken then; yours was {mine}."),
        (Kept::Neither, false) => format!("Google’s were taken then; yours were {mine}."),
    };
    let when = times::at(noticed_at, reader.now, reader.zone);
    format!(
        "Changed here and in Google {when}: {}. {outcome}",
        listed(&names)
    )
}

/// "Deleted in Google at 14:05, so it is gone here as well. It was Tue 24 Nov 18:00–20:00."
pub(crate) fn deleted(conflict: &Conflict, kept: Kept, reader: &Reader<'_>) -> String {
    let noticed = times::at(conflict.noticed_at, reader.now, reader.zone);
    if kept == Kept::Mine {
        return format!("Deleted in Google {noticed}, and taken back.");
    }
    let time = when(&conflict.mine, &conflict.mine, reader);
    let (lines, start) = (&conflict.mine.recurrence, &conflict.mine.start);
    let repeats = repeats::of_lines(lines, start, reader.zones);
    let repeats = repeats.map(|words| format!(", {words}"));
    format!(
        "Deleted in Google {noticed}, so it is gone here as well. It was {time}{}.",
        repeats.unwrap_or_default()
    )
}

/// The same where it is told out of sight of the event.
pub(crate) fn told(title: &str, sentence: &str) -> String {
    match title {
        "" => format!("An event without a title: {sentence}"),
        title => format!("“{title}”: {sentence}"),
    }
}

fn listed<S: AsRef<str>>(words: &[S]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [all @ .., last] => {
            let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", all.join(", "), last.as_ref())
        }
    }
}

/// One line, cut where it is long; what was quoted stays quoted.
fn short(value: &str) -> String {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHORT {
        return line;
    }
    let end = if line.starts_with('“') {
        "…”"
    } else {
        "…"
    };
    let cut: String = line.chars().take(SHORT).collect();
    format!("{}{end}", cut.trim_end())
}

fn name(field: Field, mine: &Content, theirs: &Content) -> &'static str {
    match field {
        Field::Title => "title",
        Field::When => {
            let moved = (&mine.start, &mine.end) != (&theirs.start, &theirs.end);
            match (moved, mine.recurrence != theirs.recurrence) {
                (false, true) => "repetition",
                (true, true) => "time and repetition",
                (_, false) => "time",
            }
        }
        Field::Location => "place",
        Field::Notes => "notes",
        Field::Guests => "guests",
        Field::Reminders => "reminder",
        Field::Transparency => "availability",
        Field::Visibility => "visibility",
        Field::Conference => "video call",
    }
}

fn value(field: Field, says: &Content, other: &Content, reader: &Reader<'_>) -> String {
    match field {
        Field::Title => quoted(&says.title, "no title"),
        Field::When => when(says, other, reader),
        Field::Location => quoted(&says.location, "no place"),
        Field::Notes => quoted(&plain::text(&says.notes), "no notes"),
        Field::Guests => {
            let guests: Vec<&str> = says.guests.iter().map(|it| it.email.as_str()).collect();
            match guests.as_slice() {
                [] => "nobody".to_owned(),
                guests => guests.join(", "),
            }
        }
        Field::Reminders => reminder(says),
        Field::Transparency if says.transparent => "free".to_owned(),
        Field::Transparency => "busy".to_owned(),
        Field::Visibility => match says.visibility {
            Visibility::Default => "as the calendar says",
            Visibility::Public => "public",
            Visibility::Private => "private",
        }
        .to_owned(),
        Field::Conference if says.conference => "with a video call".to_owned(),
        Field::Conference => "without a video call".to_owned(),
    }
}

fn quoted(text: &str, none: &str) -> String {
    match text.trim() {
        "" => none.to_owned(),
        text => format!("“{text}”"),
    }
}

fn reminder(says: &Content) -> String {
    let Some(own) = &says.reminders else {
        return "as the calendar says".to_owned();
    };
    let whole_days = matches!(says.start, EventTime::Date(_));
    let words = reminders::said(own, whole_days);
    match words.as_slice() {
        [] => "none".to_owned(),
        words => words.join("; "),
    }
}

/// The time; how it repeats, where one of both does otherwise; and the zone, where all else is the same.
fn when(says: &Content, other: &Content, reader: &Reader<'_>) -> String {
    let near = reader.today();
    let time = |content: &Content| match (&content.start, &content.end) {
        (EventTime::Date(first), EventTime::Date(after)) => times::days(*first, *after, near),
        (EventTime::At { at: start, .. }, EventTime::At { at: end, .. }) => {
            let wall = |at| reader.zone.to_wall(at);
            times::span(wall(*start), wall(*end), near)
        }
        // No event is of two kinds.
        (start, _) => times::event_time(start, reader.zone, near),
    };
    let repeats = |content: &Content| {
        repeats::of_lines(&content.recurrence, &content.start, reader.zones)
            .unwrap_or_else(|| "once".to_owned())
    };
    let zone = |content: &Content| match &content.start {
        EventTime::At { zone, .. } => zone.clone(),
        EventTime::Date(_) => None,
    };
    let mut said = time(says);
    let differs = says.recurrence != other.recurrence;
    if differs {
        said = format!("{said}, {}", repeats(says));
    }
    match zone(says) {
        Some(name) if !differs && time(says) == time(other) && zone(says) != zone(other) => {
            format!("{said}, in {}", name.replace('_', " "))
        }
        _ => said,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use duet_model::calendar::CalendarId;
    use duet_model::duet_event::{DuetEventId, Guest};
    use duet_model::event::{Reminder, ReminderMethod, Reminders};

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn time(text: &str, zone: &str) -> EventTime {
        EventTime::At {
            at: at(text),
            zone: Some(zone.to_owned()),
        }
    }

    fn choir() -> Content {
        Content {
            title: "Choir".into(),
            start: time("2026-11-24T18:00:00Z", "Europe/Berlin"),
            end: time("2026-11-24T20:00:00Z", "Europe/Berlin"),
            location: String::new(),
            notes: String::new(),
            guests: Vec::new(),
            recurrence: Vec::new(),
            reminders: None,
            transparent: false,
            visibility: Visibility::Default,
            conference: false,
        }
    }

    #[test]
    fn what_was_deleted_is_told_with_its_time() {
        let zones = ZoneDb::bundled();
        let reader = Reader {
            zone: &Zone::utc(),
            zones: &zones,
            now: at("2026-11-22T15:00:00Z"),
        };
        let told = |content: Content, kept| {
            let conflict = Conflict {
                event: DuetEventId("e".into()),
                calendar: CalendarId(1),
                noticed_at: at("2026-11-22T14:05:00Z"),
                fields: [].into(),
                base: content.clone(),
                mine: content.clone(),
                theirs: content,
            };
            deleted(&conflict, kept, &reader)
        };
        assert_eq!(
            told(choir(), Kept::Theirs),
            "Deleted in Google at 14:05, so it is gone here as well. It was Tue 24 Nov 18:00–20:00."
        );
        let weekly = Content {
            recurrence: vec!["RRULE:FREQ=WEEKLY".into()],
            ..choir()
        };
        assert!(told(weekly, Kept::Theirs).ends_with("18:00–20:00, every week."));
        assert_eq!(
            told(choir(), Kept::Mine),
            "Deleted in Google at 14:05, and taken back."
        );
    }

    fn said(mine: Content, theirs: Content, kept: Kept) -> (Vec<ConflictField>, String) {
        let conflict = Conflict {
            event: DuetEventId("e".into()),
            calendar: CalendarId(1),
            noticed_at: at("2026-11-22T14:05:00Z"),
            fields: mine.differs(&theirs),
            base: choir(),
            mine,
            theirs,
        };
        let reader = Reader {
            zone: &Zone::utc(),
            zones: &ZoneDb::bundled(),
            now: at("2026-11-22T15:00:00Z"),
        };
        let fields = fields(&conflict, &reader);
        let sentence = sentence(conflict.noticed_at, &fields, kept, &reader);
        (fields, sentence)
    }

    #[test]
    fn every_field_can_be_read_in_both_versions() {
        type Change = fn(&mut Content);
        let alone: Change = |_| {};
        let rows: [(Change, Change, [&str; 3]); 14] = [
            (
                |it| it.title = "Mine".into(),
                |it| it.title.clear(),
                ["title", "“Mine”", "no title"],
            ),
            (
                |it| it.end = time("2026-11-24T21:00:00Z", "Europe/Berlin"),
                alone,
                ["time", "Tue 24 Nov 18:00–21:00", "Tue 24 Nov 18:00–20:00"],
            ),
            (
                |it| it.recurrence = vec!["RRULE:FREQ=WEEKLY".into()],
                alone,
                [
                    "repetition",
                    "Tue 24 Nov 18:00–20:00, every week",
                    "Tue 24 Nov 18:00–20:00, once",
                ],
            ),
            (
                |it| {
                    it.recurrence = vec!["RRULE:FREQ=WEEKLY".into()];
                    it.start = time("2026-11-24T19:00:00Z", "Europe/Berlin");
                },
                |it| it.recurrence = vec!["RRULE:FREQ=DAILY".into()],
                [
                    "time and repetition",
                    "Tue 24 Nov 19:00–20:00, every week",
                    "Tue 24 Nov 18:00–20:00, every day",
                ],
            ),
            (
                |it| {
                    it.recurrence = vec!["RRULE:FREQ=WEEKLY".into()];
                    it.start = time("2026-11-24T18:00:00Z", "America/New_York");
                },
                |it| it.recurrence = vec!["RRULE:FREQ=WEEKLY".into()],
                [
                    "time",
                    "Tue 24 Nov 18:00–20:00, in America/New York",
                    "Tue 24 Nov 18:00–20:00, in Europe/Berlin",
                ],
            ),
            (
                |it| {
                    let day = |day| NaiveDate::from_ymd_opt(2027, 1, day).unwrap();
                    (it.start, it.end) = (EventTime::Date(day(4)), EventTime::Date(day(6)));
                },
                alone,
                [
                    "time",
                    "Mon 4 Jan 2027 – Tue 5 Jan 2027",
                    "Tue 24 Nov 18:00–20:00",
                ],
            ),
            (
                |it| it.location = "Hall".into(),
                alone,
                ["place", "“Hall”", "no place"],
            ),
            (
                |it| it.notes = "Bring <b>scores</b><br>and tea".into(),
                alone,
                ["notes", "“Bring scores\nand tea”", "no notes"],
            ),
            (
                |it| {
                    it.guests = vec![Guest {
                        email: "ben@example.com".into(),
                        name: None,
                        optional: false,
                    }];
                },
                alone,
                ["guests", "ben@example.com", "nobody"],
            ),
            (
                |it| {
                    it.reminders = Some(Reminders {
                        use_default: false,
                        overrides: vec![Reminder {
                            method: ReminderMethod::Popup,
                            minutes: 10,
                        }],
                    });
                },
                alone,
                [
                    "reminder",
                    "10 minutes before, by pop-up",
                    "as the calendar says",
                ],
            ),
            (
                |it| {
                    it.reminders = Some(Reminders {
                        use_default: false,
                        overrides: Vec::new(),
                    });
                },
                alone,
                ["reminder", "none", "as the calendar says"],
            ),
            (
                |it| it.transparent = true,
                alone,
                ["availability", "free", "busy"],
            ),
            (
                |it| it.visibility = Visibility::Private,
                alone,
                ["visibility", "private", "as the calendar says"],
            ),
            (
                |it| it.conference = true,
                alone,
                ["video call", "with a video call", "without a video call"],
            ),
        ];
        for (mine, theirs, expect) in rows {
            let (mut here, mut there) = (choir(), choir());
            mine(&mut here);
            theirs(&mut there);
            let (fields, _) = said(here, there, Kept::Theirs);
            let words: Vec<[&str; 3]> = fields
                .iter()
                .map(|it| [it.name.as_str(), it.mine.as_str(), it.theirs.as_str()])
                .collect();
            assert_eq!(words, [expect]);
        }
    }

    #[test]
    fn the_sentence_says_what_stands_and_what_was_meant() {
        let mine = Content {
            title: "Mine".into(),
            ..choir()
        };
        let more = Content {
            location: "Hall".into(),
            ..mine.clone()
        };
        let rows = [
            (
                &mine,
                Kept::Theirs,
                "title. Google’s is kept; yours was “Mine”.",
            ),
            (
                &mine,
                Kept::Mine,
                "title. Yours is taken; Google’s was “Choir”.",
            ),
            (
                &mine,
                Kept::Neither,
                "title. Google’s was taken then; yours was “Mine”.",
            ),
            (
                &more,
                Kept::Theirs,
                "title and place. Google’s are kept; yours were title “Mine” and place “Hall”.",
            ),
            (
                &more,
                Kept::Mine,
                "title and place. Yours are taken; Google’s were title “Choir” and no place.",
            ),
            (
                &more,
                Kept::Neither,
                "title and place. Google’s were taken then; yours were title “Mine” and place “Hall”.",
            ),
        ];
        for (mine, kept, expect) in rows {
            let (_, sentence) = said(mine.clone(), choir(), kept);
            let expect = format!("Changed here and in Google at 14:05: {expect}");
            assert_eq!(sentence, expect);
        }
        assert_eq!(told("Choir", "So."), "“Choir”: So.");
        assert_eq!(told("", "So."), "An event without a title: So.");
    }

    #[test]
    fn long_values_are_cut_in_the_sentence_and_whole_among_the_fields() {
        let notes = "one line\nand ".to_owned() + &"much ".repeat(40);
        let mine = Content {
            notes: notes.clone(),
            ..choir()
        };
        let (fields, sentence) = said(mine, choir(), Kept::Theirs);
        assert!(
            sentence.contains("yours was “one line and much"),
            "{sentence}"
        );
        assert!(sentence.ends_with("…”."), "{sentence}");
        assert!(sentence.chars().count() < 140, "{sentence}");
        assert_eq!(fields[0].mine, format!("“{}”", notes.trim()));
    }

    #[test]
    fn on_another_day_the_day_is_said() {
        let now = at("2026-11-22T15:00:00Z");
        let zone = Zone::utc();
        assert_eq!(times::at(now, now, &zone), "at 15:00");
        let before = now - TimeDelta::days(2);
        assert_eq!(times::at(before, now, &zone), "on Fri 20 Nov at 15:00");
        let long_ago = now - TimeDelta::days(400);
        assert!(times::at(long_ago, now, &zone).contains("2025"));
    }
}
