//! The text of a range, taken apart into the rows it is put together from.

/// What a row says: all day, start, end, event, calendar, facts; and where in the text its title is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) numbers: [i64; 6],
    pub(super) from: usize,
    pub(super) until: usize,
}

/// Takes off the row that begins at `at`: seven numbers, each with a space after it, the last being
/// the length of the title that follows. `None` where no whole row is.
pub(super) fn line(text: &str, at: usize) -> Option<Line> {
    let mut at = at;
    let mut numbers = [0; 6];
    for one in &mut numbers {
        (*one, at) = number(text, at)?;
    }
    let (length, from) = number(text, at)?;
    let until = from.checked_add(usize::try_from(length).ok()?)?;
    (text.is_char_boundary(from) && text.is_char_boundary(until)).then_some(Line {
        numbers,
        from,
        until,
    })
}

/// The number that begins at `at`, and where the next one does. By hand: a month is 80,000 of
/// them, and searching for the space before reading took as long as SQLite did for all of it.
fn number(text: &str, begin: usize) -> Option<(i64, usize)> {
    let bytes = text.as_bytes();
    let negative = bytes.get(begin) == Some(&b'-');
    let first = begin + usize::from(negative);
    let mut at = first;
    let mut value = 0_i64;
    loop {
        match *bytes.get(at)? {
            digit @ b'0'..=b'9' => {
                value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            }
            b' ' => break,
            _ => return None,
        }
        at += 1;
    }
    let value = match at - first {
        0 => return None,
        // So many digits always fit.
        1..=18 if negative => -value,
        1..=18 => value,
        _ => text.get(begin..at)?.parse().ok()?,
    };
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_taken_apart_whatever_a_title_holds() {
        let titles = ["", "Choir", "1 2 3 4 5 6 7 8", " \n\0 ", "é💥", "0 0 0"];
        let text: String = titles
            .iter()
            .map(|title| format!("0 -5 7 1 2 3 {} {title}", title.len()))
            .collect();
        let mut at = 0;
        for title in titles {
            let line = line(&text, at).unwrap();
            assert_eq!(line.numbers, [0, -5, 7, 1, 2, 3]);
            assert_eq!(&text[line.from..line.until], title);
            at = line.until;
        }
        assert_eq!(at, text.len());
        for broken in [
            "",
            "0 1",
            "0 1 2 3 4 5 9 short",
            "0 1 2 3 4 5 1 é",
            "0 1 2 3 4 5 -1 short",
            "a 1 2 3 4 5 0 ",
            "0  2 3 4 5 0 0 ",
            "0 - 2 3 4 5 0 ",
            "0 -+1 2 3 4 5 0 ",
            "0 1 2 3 4 5 0",
            "9223372036854775808 1 2 3 4 5 0 ",
        ] {
            assert_eq!(line(broken, 0), None, "{broken:?}");
        }
    }

    #[test]
    fn numbers_of_any_size() {
        for value in [
            0,
            -1,
            9,
            10,
            1_763_856_000_000,
            -1_763_856_000_000,
            999_999_999_999_999_999,
            1_000_000_000_000_000_000,
            i64::MAX,
            i64::MIN,
        ] {
            let text = format!("{value} 7");
            assert_eq!(number(&text, 0), Some((value, text.len() - 1)));
        }
    }
}
