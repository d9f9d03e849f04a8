//! Descriptions as plain text. Google lets markup into them; Duet shows words and runs nothing.

/// Tags after which text goes on in a new line.
const BREAKS: [&str; 8] = ["br", "p", "div", "li", "tr", "h1", "h2", "h3"];
/// No entity that is read here is longer.
const ENTITY: usize = 8;

/// The words of a text that may hold HTML. What is no markup stays as it is, so that "a < b" does;
/// an entity that nobody knows stays too. Lines keep, runs of empty lines become one.
pub(crate) fn text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = if rest.starts_with('<') {
            tag(rest, &mut out)
        } else {
            entity(rest, &mut out)
        };
        // Neither: the sign itself.
        let taken = taken.unwrap_or_else(|| {
            out.push_str(&rest[..1]);
            1
        });
        rest = &rest[taken..];
    }
    out.push_str(rest);
    tidy(&out)
}

/// One line without what cannot be seen: control characters could move a cursor or hide text, and marks
/// that turn the direction turn the rest of the line around.
pub fn visible(text: &str) -> String {
    text.chars()
        .filter(|c| !turns(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The same of a text that may have several lines.
pub fn visible_lines(text: &str) -> String {
    let lines = text.split('\n');
    let lines = lines.map(|line| visible(line.trim_end_matches('\r')));
    lines.collect::<Vec<_>>().join("\n")
}

/// Does it embed, override or isolate a direction (Unicode Annex 9, 2.1 to 2.4)? What only marks one
/// stays: right-to-left titles need it.
pub(crate) fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text that reads as these words, whatever signs are among them: as they are where that does, else
/// with every sign that could be markup escaped.
pub(crate) fn markup(words: &str) -> String {
    if text(words) == tidy(words) {
        return words.to_owned();
    }
    let escaped = words.replace('&', "&amp;").replace('<', "&lt;");
    escaped.replace('>', "&gt;")
}

/// Takes a tag off, with all of a script's or style's content; answers how long it was.
fn tag(rest: &str, out: &mut String) -> Option<usize> {
    let name: String = rest[1..]
        .trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    if rest.starts_with("<!--") {
        return Some(rest.find("-->").map_or(rest.len(), |end| end + 3));
    }
    if name.is_empty() {
        return None;
    }
    let end = rest.find('>')? + 1;
    if BREAKS.contains(&name.as_str()) {
        out.push('\n');
        if name == "li" && !rest.starts_with("</") {
            out.push_str("• ");
        }
    }
    if (name == "script" || name == "style") && !rest.starts_with("</") {
        let close = format!("</{name}");
        let lower = rest.to_ascii_lowercase();
        return Some(lower.find(&close).unwrap_or(rest.len()));
    }
    Some(end)
}

/// Reads an entity; answers how long it was.
fn entity(rest: &str, out: &mut String) -> Option<usize> {
    let end = rest
        .char_indices()
        .take(ENTITY + 2)
        .find(|(_, letter)| *letter == ';')?
        .0;
    let name = &rest[1..end];
    let letter = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|letter| !letter.is_control())?
        }
    };
    out.push(letter);
    Some(end + 1)
}

fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_words_stay() {
        for (html, expect) in [
            ("", ""),
            ("Bring cake.", "Bring cake."),
            ("a < b & c > d", "a < b & c > d"),
            ("one<br>two<BR/>three", "one\ntwo\nthree"),
            ("<p>One</p><p>Two</p>", "One\n\nTwo"),
            ("<ul><li>a</li><li>b</li></ul>", "• a\n\n• b"),
            (
                "<b>bold</b> <a href=\"https://x.example\">link</a>",
                "bold link",
            ),
            ("<script>alert(1)</script>after", "after"),
            ("<style>p { }</style>after<script>never closed", "after"),
            ("<!-- a <b> comment -->after", "after"),
            (
                "&lt;b&gt; &amp;amp; &#39;x&#x27; &nbsp;&unknown; &",
                "<b> &amp; 'x'  &unknown; &",
            ),
            ("&#0;&#7;", "&#0;&#7;"),
            ("1 <2 <", "1 <2 <"),
            ("x\n\n\n\ny\n", "x\n\ny"),
            ("é<i>ü</i>&#233;", "éüé"),
            ("<img src=x onerror=alert(1)", "<img src=x onerror=alert(1)"),
        ] {
            assert_eq!(text(html), expect, "{html:?}");
        }
    }

    #[test]
    fn what_was_typed_is_read_again_as_it_was_typed() {
        for (words, expect) in [
            ("Bring cake.", "Bring cake."),
            ("a < b & c > d\n\nMore", "a < b & c > d\n\nMore"),
            ("<b>not bold</b>", "&lt;b&gt;not bold&lt;/b&gt;"),
            ("R&amp;D", "R&amp;amp;D"),
        ] {
            assert_eq!(markup(words), expect);
            assert_eq!(text(expect), words);
        }
    }

    #[test]
    fn a_hostile_text_takes_no_time() {
        for piece in ["<", "&", "<script", "<!--", "&#"] {
            let begun = std::time::Instant::now();
            let _ = text(&piece.repeat(20_000));
            assert!(begun.elapsed().as_secs() < 5, "{piece}");
        }
    }
}
