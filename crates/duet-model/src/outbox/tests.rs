//! Folding as a table and as a property, and who is mailed.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::duet_event::Guest;
use crate::event::Visibility;

fn content(title: &str) -> Content {
    let at = |hour| EventTime::At {
        at: DateTime::UNIX_EPOCH + TimeDelta::hours(hour),
        zone: None,
    };
    Content {
        title: title.into(),
        start: at(1),
        end: at(2),
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

fn new(deed: Deed, notify: Notify) -> NewOp {
    NewOp {
        thread: "t".into(),
        event: Some(DuetEventId("t".into())),
        calendar: CalendarId(1),
        title: String::new(),
        target: Target::Event(EventId("a".into())),
        deed,
        notify,
        not_before: DateTime::UNIX_EPOCH,
    }
}

fn op(id: i64, what: NewOp, sent: bool) -> Op {
    Op {
        id: OpId(id),
        what,
        attempts: 0,
        sent,
        stuck: None,
        created_at: DateTime::UNIX_EPOCH,
    }
}

fn insert(title: &str) -> Deed {
    Deed::Insert {
        content: content(title),
    }
}

fn update(title: &str) -> Deed {
    Deed::Update {
        content: content(title),
    }
}

fn delete() -> Deed {
    Deed::Delete { seen: None }
}

fn moved(to: i64) -> Deed {
    Deed::Move { to: CalendarId(to) }
}

/// In short: what a fold comes to.
fn told(fold: &Fold) -> String {
    let deed = |what: &NewOp| {
        let deed = match &what.deed {
            Deed::Insert { content } => format!("insert {}", content.title),
            Deed::Update { content } => format!("update {}", content.title),
            Deed::Delete { .. } => "delete".into(),
            Deed::Move { to } => format!("move to {}", to.0),
            Deed::Respond { response } => format!("{response:?}"),
        };
        format!("{deed} in {} {:?}", what.calendar.0, what.notify)
    };
    match fold {
        Fold::Append(what) => format!("append {}", deed(what)),
        Fold::Replace(id, what) => format!("replace {} by {}", id.0, deed(what)),
        Fold::Cancel(ids) => format!("cancel {:?}", ids.iter().map(|id| id.0).collect::<Vec<_>>()),
    }
}

#[test]
fn a_change_is_folded_into_what_was_not_sent() {
    use Notify::{All, None as Nobody};
    let base = content("base");
    let row = |waiting: &[(Deed, Notify, bool)], deed: Deed, notify: Notify| {
        let ops: Vec<Op> = (1..)
            .zip(waiting)
            .map(|(id, (deed, notify, sent))| op(id, new(deed.clone(), *notify), *sent))
            .collect();
        let on_server = !matches!(waiting.first(), Some((Deed::Insert { .. }, ..)));
        told(&fold(&ops, new(deed, notify), on_server.then_some(&base)))
    };
    let rows = [
        (row(&[], insert("x"), All), "append insert x in 1 All"),
        (row(&[], update("x"), All), "append update x in 1 All"),
        (row(&[], update("base"), All), "cancel []"),
        (
            row(&[(insert("x"), All, false)], update("y"), Nobody),
            "replace 1 by insert y in 1 All",
        ),
        (
            row(&[(insert("x"), All, true)], update("y"), Nobody),
            "append update y in 1 None",
        ),
        (
            row(&[(insert("x"), All, false)], moved(2), Nobody),
            "replace 1 by insert x in 2 All",
        ),
        (
            row(&[(insert("x"), All, false)], delete(), All),
            "cancel [1]",
        ),
        (
            row(&[(insert("x"), All, true)], delete(), All),
            "append delete in 1 All",
        ),
        (
            row(&[(update("x"), All, false)], update("y"), Nobody),
            "replace 1 by update y in 1 All",
        ),
        (
            row(&[(update("x"), Nobody, false)], update("base"), All),
            "cancel [1]",
        ),
        (
            row(&[(update("x"), All, false)], delete(), Nobody),
            "replace 1 by delete in 1 None",
        ),
        (
            row(&[(update("x"), All, true)], delete(), Nobody),
            "append delete in 1 None",
        ),
        (
            row(&[(delete(), All, false)], update("base"), Nobody),
            "cancel [1]",
        ),
        (
            row(&[(delete(), All, false)], update("x"), Nobody),
            "replace 1 by update x in 1 None",
        ),
        (
            row(&[(moved(2), All, false)], moved(3), Nobody),
            "replace 1 by move to 3 in 1 None",
        ),
        (
            row(&[(moved(2), All, false)], moved(1), Nobody),
            "cancel [1]",
        ),
        (
            row(&[(moved(2), All, false)], update("x"), Nobody),
            "append update x in 1 None",
        ),
        (
            row(
                &[(moved(2), All, false), (update("x"), Nobody, false)],
                update("base"),
                Nobody,
            ),
            "replace 2 by update base in 1 None",
        ),
        (
            row(
                &[(
                    Deed::Respond {
                        response: Response::Accepted,
                    },
                    All,
                    false,
                )],
                Deed::Respond {
                    response: Response::Declined,
                },
                Nobody,
            ),
            "replace 1 by Declined in 1 None",
        ),
    ];
    for (number, (got, expect)) in rows.into_iter().enumerate() {
        assert_eq!(got, expect, "row {number}");
    }
}

#[test]
fn what_google_refused_takes_a_change_in() {
    let stuck = |deed: Deed| Op {
        stuck: Some(Stuck {
            code: FailureCode::Rejected,
            message: "No.".into(),
            at: DateTime::UNIX_EPOCH,
        }),
        ..op(1, new(deed, Notify::All), true)
    };
    let base = content("base");
    let folded = fold(
        &[stuck(update("x"))],
        new(update("y"), Notify::None),
        Some(&base),
    );
    assert_eq!(told(&folded), "replace 1 by update y in 1 All");
    // It may have been made by an attempt before the one that was refused.
    let folded = fold(&[stuck(insert("x"))], new(delete(), Notify::None), None);
    assert_eq!(told(&folded), "replace 1 by delete in 1 None");
}

/// What Google has of one event: in which calendar it is, and what it says.
type There = Option<(CalendarId, String)>;

fn carry_out(there: &mut There, what: &NewOp) {
    match (&what.deed, there.as_mut()) {
        (Deed::Insert { content }, _) => *there = Some((what.calendar, content.title.clone())),
        (Deed::Update { content }, Some((_, title))) => title.clone_from(&content.title),
        (Deed::Move { to }, Some((calendar, _))) => *calendar = *to,
        (Deed::Delete { .. }, _) => *there = None,
        _ => {}
    }
}

proptest! {
    /// Whatever is asked for, and whatever of it was sent in between: folded and not folded, Google
    /// ends with the same, and nothing that was sent is taken back unsent.
    #[test]
    fn folding_changes_nothing_but_the_way(
        steps in proptest::collection::vec((0..4_u8, 0..3_u8, any::<bool>(), any::<bool>()), 1..12),
        linked in any::<bool>(),
    ) {
        let base = content("base");
        let start: There = linked.then(|| (CalendarId(1), "base".to_owned()));
        let (mut plain, mut google) = (start.clone(), start);
        let mut known = linked.then(|| base.clone());
        let mut queue: Vec<Op> = Vec::new();
        let mut calendar = CalendarId(1);
        let mut number = 0;
        if !linked {
            let what = new(insert("first"), Notify::All);
            carry_out(&mut plain, &what);
            queue.push(op(0, what, false));
        }
        for (kind, choice, send, answered) in steps {
            // The person sees what they asked for so far.
            let deed = match (kind, &plain) {
                (0 | 1, Some(_)) => update(["base", "x", "y"][usize::from(choice)]),
                (2, Some(_)) => moved(i64::from(choice) + 1),
                (3, Some(_)) => delete(),
                _ => continue,
            };
            let what = NewOp { calendar, ..new(deed, Notify::None) };
            carry_out(&mut plain, &what);
            number += 1;
            match fold(&queue, what, known.as_ref()) {
                Fold::Append(what) => queue.push(op(number, what, false)),
                Fold::Replace(id, what) => {
                    let old = queue.iter_mut().find(|op| op.id == id).unwrap();
                    prop_assert!(!old.sent);
                    old.what = what;
                }
                Fold::Cancel(ids) => queue.retain(|op| !ids.contains(&op.id) || op.sent),
            }
            if let Some(placed) = &plain {
                calendar = placed.0;
            }
            if send && let Some(head) = queue.first_mut() {
                head.sent = true;
                if answered {
                    let head = queue.remove(0);
                    carry_out(&mut google, &head.what);
                    known = google.as_ref().map(|(_, title)| content(title));
                }
            }
            if plain.is_none() {
                break;
            }
        }
        for op in &queue {
            carry_out(&mut google, &op.what);
        }
        prop_assert_eq!(google, plain);
    }
}

#[test]
fn one_line_says_who_is_mailed() {
    let with = |emails: &[&str]| -> Vec<Guest> {
        let guest = |email: &&str| Guest {
            email: (*email).into(),
            name: None,
            optional: false,
        };
        emails.iter().map(guest).collect()
    };
    let me = "Ana@Example.com";
    let some = with(&["ben@example.com", "cy@elsewhere.org", "ana@example.com"]);
    let other = with(&["CY@elsewhere.org", "di@elsewhere.org"]);
    let told = |before: &[Guest], after: &[Guest], notify| {
        let mailing = mailed(before, after, me, notify);
        (mailing.mailed.join(" "), mailing.untold.join(" "))
    };
    let both = |mailed: &str, untold: &str| (mailed.to_owned(), untold.to_owned());
    let rows = [
        (
            &[][..],
            &some[..],
            Notify::All,
            both("ben@example.com cy@elsewhere.org", ""),
        ),
        (
            &[][..],
            &some[..],
            Notify::External,
            both("cy@elsewhere.org", "ben@example.com"),
        ),
        (
            &[][..],
            &some[..],
            Notify::None,
            both("", "ben@example.com cy@elsewhere.org"),
        ),
        (
            &some[..],
            &[][..],
            Notify::All,
            both("ben@example.com cy@elsewhere.org", ""),
        ),
        (
            &some[..],
            &other[..],
            Notify::All,
            both("CY@elsewhere.org di@elsewhere.org ben@example.com", ""),
        ),
        (&[][..], &[][..], Notify::All, both("", "")),
    ];
    for (before, after, notify, expect) in rows {
        assert_eq!(told(before, after, notify), expect, "{notify:?}");
    }
}
