//! How much of an event is kept. Google's own limits are lower than most of these; they are for what
//! comes from elsewhere, so that no invitation of a stranger can fill the database or a window.

/// Bytes of a description. More than anybody reads in a window; the rest is one click away.
pub const DESCRIPTION_CAP: usize = 8 * 1024;
/// Bytes of a title, a place, a name or an address.
pub const LINE_CAP: usize = 2 * 1024;
/// Bytes of a link; a longer one is left out, because half a link leads elsewhere.
pub const LINK_CAP: usize = 2 * 1024;
/// Guests that are kept; further ones are left out, though never the person's own entry.
pub const ATTENDEES_CAP: usize = 250;
/// Bytes of an id (GOOGLE.md 5); a longer one is no id.
pub const ID_CAP: usize = 1024;
/// Bytes of all lines of a repetition together. It cannot be cut: another rule would come out.
pub const RECURRENCE_CAP: usize = 64 * 1024;
/// Bytes of an event's JSON that are kept beside it.
pub const RAW_CAP: usize = 64 * 1024;

/// What was said, cut to `cap` bytes with an ellipsis; blank is nothing. Otherwise as it came:
/// markup, control and direction characters are text, and whoever shows it shows text.
pub(super) fn said(text: Option<String>, cap: usize) -> Option<String> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    if text.len() <= cap {
        return Some(text);
    }
    let mark = "…";
    let mut cut = head(&text, cap.saturating_sub(mark.len())).to_owned();
    cut.push_str(mark);
    Some(cut)
}

/// A link that a browser may be sent to: nothing but http and https, whole or not at all.
pub(super) fn link(text: Option<String>) -> Option<String> {
    let web = |text: &String| {
        let starts = |scheme: &str| {
            text.get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        (starts("https://") || starts("http://"))
            && text.len() <= LINK_CAP
            && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    text.filter(web)
}

/// The longest beginning of at most `cap` bytes that is whole characters.
pub(super) fn head(text: &str, cap: usize) -> &str {
    &text[..text.floor_char_boundary(cap)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        let cut = |text: &str, cap| said(Some(text.to_owned()), cap);
        assert_eq!(cut("abcdef", 6).as_deref(), Some("abcdef"));
        assert_eq!(cut("abcdefg", 6).as_deref(), Some("abc…"));
        assert_eq!(cut("ääää", 6).as_deref(), Some("ä…"));
        assert_eq!(cut("👩‍👩‍👧", 9).as_deref(), Some("👩…"));
        assert_eq!(cut(" \u{a0}\n", 6), None, "blank is nothing");
        assert_eq!(said(None, 6), None);
    }

    #[test]
    fn only_what_a_browser_may_open_is_a_link() {
        let long = format!("https://example.com/{}", "a".repeat(LINK_CAP));
        let rows = [
            ("https://meet.google.com/abc-defg-hij", true),
            ("HTTP://example.com/x?y=%20z", true),
            ("javascript:alert(1)", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
            ("//example.com/", false),
            ("https:/example.com", false),
            (" https://example.com/", false),
            ("https://example.com/\nx", false),
            ("https://example.com/\u{0}", false),
            ("h\u{e9}ttps://", false),
            ("", false),
            (long.as_str(), false),
        ];
        for (text, opens) in rows {
            let got = link(Some(text.to_owned()));
            assert_eq!(got.as_deref(), opens.then_some(text), "{text:?}");
        }
    }
}
