//! Names in the order in which people count: "Room 2" stands before "Room 10".

/// What a name is put in order by: its letters whatever the case, and its numbers by their size.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Natural(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    /// How many digits without leading zeros, and which: that orders numbers of any length.
    Number(usize, String),
    Text(String),
}

/// The order of a name.
pub(crate) fn natural(name: &str) -> Natural {
    let mut pieces = Vec::new();
    let mut rest = name.trim();
    while let Some(first) = rest.chars().next() {
        let number = first.is_ascii_digit();
        let end = rest
            .find(|c: char| c.is_ascii_digit() != number)
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push(if number {
            let digits = piece.trim_start_matches('0');
            Piece::Number(digits.len(), digits.to_owned())
        } else {
            Piece::Text(piece.to_lowercase())
        });
        rest = after;
    }
    Natural(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_in_which_people_count() {
        let tables: [&[&str]; 6] = [
            &["1", "2", "10", "11"],
            &[
                "Calendar",
                "Calendar 1",
                "calendar 2",
                "Calendar 10",
                "Calendar 10b",
            ],
            &["2 rooms", "10 rooms", "Rooms"],
            &["Room 2.9", "Room 2.10", "Room 10.1"],
            &["v9", "v123456789012345678901234567890"],
            &["Ärzte 2", "ÄRZTE 3", "ärzte 20"],
        ];
        for names in tables {
            let mut sorted = names.to_vec();
            sorted.reverse();
            sorted.sort_by_key(|name| natural(name));
            assert_eq!(sorted, names);
        }
        assert_eq!(
            natural("Team 07"),
            natural(" TEAM 7"),
            "the same name to a reader"
        );
    }
}
