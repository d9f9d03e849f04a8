//! How an event repeats, in words.

use duet_model::repeat::Repeat;

/// Of the lines of a series (RFC 5545 3.8.5); `None` where there are none. A rule that has no words
/// is shown as it is.
pub(crate) fn of_lines(lines: &[String]) -> Option<String> {
    let rules: Vec<&str> = lines
        .iter()
        .filter_map(|line| value(line, "RRULE"))
        .collect();
    match rules.as_slice() {
        [] if lines.iter().any(|line| value(line, "RDATE").is_some()) => {
            Some("on several dates".to_owned())
        }
        [] => None,
        rules => {
            let words = rules.iter().map(|rule| {
                let read = Repeat::parse(rule).ok();
                read.and_then(|rule| rule.words())
                    .unwrap_or_else(|| (*rule).to_owned())
            });
            Some(words.collect::<Vec<_>>().join("; "))
        }
    }
}

/// The value of a line with this name, whatever its parameters.
fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (head, value) = line.split_once(':')?;
    let own = head.split(';').next()?;
    own.eq_ignore_ascii_case(name).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_as_words() {
        let rows: [(&[&str], Option<&str>); 6] = [
            (&[], None),
            (&["EXDATE:20261124"], None),
            (
                &["RRULE:FREQ=WEEKLY", "EXDATE:20261124"],
                Some("every week"),
            ),
            (&["rrule:FREQ=DAILY"], Some("every day")),
            (
                &["RDATE;TZID=Europe/Berlin:20261124T090000"],
                Some("on several dates"),
            ),
            (&["RRULE:FREQ=SECONDLY"], Some("FREQ=SECONDLY")),
        ];
        for (lines, words) in rows {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            assert_eq!(of_lines(&lines).as_deref(), words, "{lines:?}");
        }
    }
}
