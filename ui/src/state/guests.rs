//! The people of an event: how they answered, counted and in which order they are listed; and whom a
//! half typed address may mean.

use duet_model::duet_event::Guest;
use duet_model::event::Response;
use duet_wire::event::GuestView;

/// From so many on the list is folded.
pub(crate) const LONG: usize = 6;

/// `4 people: 2 yes, 1 maybe, 1 has not answered`. Rooms are not people.
pub(crate) fn counted(guests: &[GuestView], omitted: bool) -> String {
    let people: Vec<&GuestView> = guests.iter().filter(|guest| !guest.resource).collect();
    let rooms = guests.len() - people.len();
    let of = |response| {
        let with = people.iter().filter(|guest| guest.response == response);
        with.count()
    };
    let mut answers = Vec::new();
    for (response, words) in [
        (Response::Accepted, "yes"),
        (Response::Tentative, "maybe"),
        (Response::Declined, "no"),
        (Response::NeedsAction, "not answered"),
    ] {
        match of(response) {
            0 => {}
            many => answers.push(format!("{many} {words}")),
        }
    }
    let more = if omitted { " or more" } else { "" };
    let noun = if people.len() == 1 && !omitted {
        "person"
    } else {
        "people"
    };
    let mut text = match people.len() {
        0 if omitted => "Guests that Google does not list".to_owned(),
        0 => String::new(),
        many => format!("{many}{more} {noun}: {}", answers.join(", ")),
    };
    let with = match rooms {
        0 => return text,
        1 => "1 room".to_owned(),
        many => format!("{many} rooms"),
    };
    if !text.is_empty() {
        text.push_str("; ");
    }
    text + &with
}

/// The order of the list: the person themself, then people by answer, then rooms; as Google gave
/// them within each.
pub(crate) fn ordered(guests: &[GuestView]) -> Vec<&GuestView> {
    let mut list: Vec<&GuestView> = guests.iter().collect();
    let rank = |guest: &GuestView| match guest.response {
        Response::Accepted => 0,
        Response::Tentative => 1,
        Response::NeedsAction => 2,
        Response::Declined => 3,
    };
    list.sort_by_key(|guest| (!guest.me, guest.resource, rank(guest)));
    list
}

/// What a guest answered, with what else is to be known of them.
pub(crate) fn answer(guest: &GuestView) -> String {
    let said = match guest.response {
        Response::Accepted => "yes",
        Response::Tentative => "maybe",
        Response::Declined => "no",
        Response::NeedsAction => "not answered",
    };
    let mut parts = vec![said];
    if guest.optional {
        parts.push("optional");
    }
    if guest.resource {
        parts.push("room");
    }
    if guest.me {
        parts.push("you");
    }
    parts.join(", ")
}

/// What stands between addresses.
pub(crate) fn is_gap(c: char) -> bool {
    c.is_whitespace() || c == ',' || c == ';'
}

/// Completions that are offered at once.
const OFFERED_MAX: usize = 4;

/// Who may be meant by the last, half typed word: by the start of the address or of a part of the name.
/// Nobody who is named already.
pub(crate) fn completions<'a>(typed: &str, past: &'a [Guest]) -> Vec<&'a Guest> {
    let (before, word) = typed.split_at(last_word(typed));
    if word.is_empty() {
        return Vec::new();
    }
    let word = word.to_lowercase();
    let begins = |text: &str| text.to_lowercase().starts_with(&word);
    let meant = past.iter().filter(|guest| {
        let named = guest.name.as_deref().unwrap_or_default();
        let fits = begins(&guest.email) || named.split(is_gap).any(begins);
        fits && !guest.is(&word) && !before.split(is_gap).any(|email| guest.is(email))
    });
    meant.take(OFFERED_MAX).collect()
}

/// The last word made whole, and ready for the next.
pub(crate) fn complete(typed: &str, email: &str) -> String {
    format!("{}{email}, ", &typed[..last_word(typed)])
}

fn last_word(typed: &str) -> usize {
    let gap = typed.char_indices().rev().find(|(_, c)| is_gap(*c));
    gap.map_or(0, |(at, c)| at + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_address_is_completed_from_who_was_invited() {
        let past: Vec<Guest> = [
            ("ben@example.org", Some("Ben Okafor")),
            ("bettina@example.org", None),
            ("öz@example.org", Some("Özlem")),
        ]
        .map(|(email, name)| Guest {
            email: email.to_owned(),
            name: name.map(str::to_owned),
            optional: false,
        })
        .to_vec();
        let rows: [(&str, &[&str]); 9] = [
            ("", &[]),
            ("be", &["ben@example.org", "bettina@example.org"]),
            ("Oka", &["ben@example.org"]),
            ("ÖZ", &["öz@example.org"]),
            ("ben@example.org, ", &[]),
            ("ben@example.org", &[]),
            ("ben@example.org, be", &["bettina@example.org"]),
            ("BEN@example.org;bet", &["bettina@example.org"]),
            ("zoe", &[]),
        ];
        for (typed, expect) in rows {
            let found = completions(typed, &past);
            let found: Vec<&str> = found.iter().map(|it| it.email.as_str()).collect();
            assert_eq!(found, expect, "{typed}");
        }
        assert_eq!(
            complete("cy@example.org,be", "ben@example.org"),
            "cy@example.org,ben@example.org, "
        );
        assert_eq!(complete("ÖZ", "öz@example.org"), "öz@example.org, ");
    }

    fn guest(name: &str, response: Response) -> GuestView {
        GuestView {
            name: name.to_owned(),
            email: None,
            response,
            me: false,
            optional: false,
            resource: false,
        }
    }

    fn room(name: &str) -> GuestView {
        GuestView {
            resource: true,
            ..guest(name, Response::Accepted)
        }
    }

    #[test]
    fn answers_are_counted_and_rooms_are_no_people() {
        use Response::{Accepted, Declined, NeedsAction, Tentative};
        let four = [
            guest("Ana", Accepted),
            guest("Ben", Accepted),
            guest("Cleo", Tentative),
            guest("Dan", NeedsAction),
            room("Room 4"),
        ];
        let cases: [(&[GuestView], bool, &str); 6] = [
            (
                &four,
                false,
                "4 people: 2 yes, 1 maybe, 1 not answered; 1 room",
            ),
            (&four[..1], false, "1 person: 1 yes"),
            (&four[..1], true, "1 or more people: 1 yes"),
            (&four[4..], false, "1 room"),
            (&[guest("Eve", Declined)], false, "1 person: 1 no"),
            (&[], true, "Guests that Google does not list"),
        ];
        for (guests, omitted, expect) in cases {
            assert_eq!(counted(guests, omitted), expect);
        }
    }

    #[test]
    fn oneself_stands_first_and_rooms_last() {
        let list = [
            room("Room 4"),
            guest("Ben", Response::Declined),
            guest("Cleo", Response::Accepted),
            GuestView {
                me: true,
                optional: true,
                ..guest("Ana", Response::NeedsAction)
            },
        ];
        let names: Vec<&str> = ordered(&list).iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["Ana", "Cleo", "Ben", "Room 4"]);
        assert_eq!(answer(&list[3]), "not answered, optional, you");
        assert_eq!(answer(&list[0]), "yes, room");
    }
}
