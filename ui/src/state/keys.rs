//! Which key does what. One table for the window, the sheet that shows it, and the tests.

use crate::state::view::View;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// To the present.
    Today,
    /// Another view.
    View(View),
    /// Steps back or forth.
    Move(i32),
    /// A new event.
    NewEvent,
    /// A new block by hand.
    NewBlock,
    /// Sync now.
    Sync,
    /// The sheet of all keys.
    Sheet,
    /// The settings page.
    Settings,
    /// The command palette.
    Palette,
    /// The sidebar, in or out.
    Sidebar,
    /// Show or hide what comes from Google.
    External,
    /// Show or hide what was made by hand.
    Manual,
    /// Search.
    Search,
    /// Why is this time what it is?
    Why,
    /// Find a time.
    Find,
    /// What others invite to.
    Invitations,
    /// Take the last deletion back.
    Undo,
    /// Close what is open.
    Escape,
}

/// The state of the keyboard and of what has the focus.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pressed<'a> {
    /// `KeyboardEvent.key`.
    pub(crate) key: &'a str,
    /// Ctrl, or Cmd.
    pub(crate) ctrl: bool,
    /// Alt.
    pub(crate) alt: bool,
    /// Is the focus in a field that takes text?
    pub(crate) typing: bool,
    /// Is the focus in the grid, where the arrows move the cursor?
    pub(crate) in_grid: bool,
}

/// What a key asks for, if anything.
pub(crate) fn command(pressed: Pressed<'_>) -> Option<Key> {
    let Pressed {
        key,
        ctrl,
        alt,
        typing,
        in_grid,
    } = pressed;
    if key == "Escape" {
        return Some(Key::Escape);
    }
    if alt {
        return None;
    }
    if ctrl {
        return match key {
            "k" | "K" => Some(Key::Palette),
            "z" | "Z" if !typing => Some(Key::Undo),
            "," => Some(Key::Settings),
            _ => None,
        };
    }
    if typing {
        return None;
    }
    match key {
        "t" => Some(Key::Today),
        "d" => Some(Key::View(View::Day)),
        "w" => Some(Key::View(View::Week)),
        "m" => Some(Key::View(View::Month)),
        "a" => Some(Key::View(View::Agenda)),
        "j" => Some(Key::Move(1)),
        "k" => Some(Key::Move(-1)),
        "ArrowRight" if !in_grid => Some(Key::Move(1)),
        "ArrowLeft" if !in_grid => Some(Key::Move(-1)),
        "PageDown" if in_grid => Some(Key::Move(1)),
        "PageUp" if in_grid => Some(Key::Move(-1)),
        "n" => Some(Key::NewEvent),
        "b" => Some(Key::NewBlock),
        "r" => Some(Key::Sync),
        "s" => Some(Key::Sidebar),
        "g" => Some(Key::External),
        "h" => Some(Key::Manual),
        "/" => Some(Key::Search),
        "." => Some(Key::Why),
        "f" => Some(Key::Find),
        "i" => Some(Key::Invitations),
        "?" => Some(Key::Sheet),
        "," => Some(Key::Settings),
        _ => None,
    }
}

/// The sheet: what stands on the keys, and what they do.
pub(crate) const SHEET: [(&str, &[(&str, &str)]); 4] = [
    (
        "Move",
        &[
            ("T", "Today"),
            ("J or →", "Next"),
            ("K or ←", "Previous"),
            ("D W M A", "Day, week, month, agenda"),
        ],
    ),
    (
        "Events and blocks",
        &[
            ("N", "New event"),
            ("B", "Block time by hand"),
            ("Enter", "Open or edit; on empty time, block it"),
            ("Delete", "Delete, with undo"),
            ("Ctrl Z", "Take the last deletion back"),
        ],
    ),
    (
        "In the grid",
        &[
            ("↑ ↓", "Earlier and later, over every block"),
            ("← →", "The day before and after"),
            ("Page ↑ ↓", "The week before and after"),
            ("Tab", "Into the details that are open"),
            ("Esc", "Cancel a drag, close what is open"),
        ],
    ),
    (
        "Duet",
        &[
            ("/", "Search"),
            (".", "Why is this time busy or free?"),
            ("F", "Find a time"),
            ("I", "Invitations"),
            ("R", "Sync now"),
            ("G", "Show or hide Google"),
            ("H", "Show or hide what is by hand"),
            ("S", "Sidebar"),
            (",", "Settings"),
            ("Ctrl K", "All commands"),
            ("?", "This sheet"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: &str) -> Pressed<'_> {
        Pressed {
            key,
            ..Pressed::default()
        }
    }

    #[test]
    fn keys_do_what_the_sheet_says_and_nothing_while_typing() {
        let cases = [
            (press("t"), Some(Key::Today)),
            (press("/"), Some(Key::Search)),
            (press("."), Some(Key::Why)),
            (press("f"), Some(Key::Find)),
            (
                Pressed {
                    typing: true,
                    ..press("/")
                },
                None,
            ),
            (press("ArrowLeft"), Some(Key::Move(-1))),
            (
                Pressed {
                    in_grid: true,
                    ..press("ArrowLeft")
                },
                None,
            ),
            (
                Pressed {
                    in_grid: true,
                    ..press("PageDown")
                },
                Some(Key::Move(1)),
            ),
            (
                Pressed {
                    typing: true,
                    ..press("t")
                },
                None,
            ),
            (
                Pressed {
                    typing: true,
                    ctrl: true,
                    ..press("z")
                },
                None,
            ),
            (
                Pressed {
                    typing: true,
                    ctrl: true,
                    ..press("k")
                },
                Some(Key::Palette),
            ),
            (
                Pressed {
                    typing: true,
                    ..press("Escape")
                },
                Some(Key::Escape),
            ),
            (
                Pressed {
                    ctrl: true,
                    ..press("r")
                },
                None,
            ),
            (
                Pressed {
                    alt: true,
                    ..press("d")
                },
                None,
            ),
        ];
        for (pressed, expect) in cases {
            assert_eq!(command(pressed), expect, "{pressed:?}");
        }
    }
}
