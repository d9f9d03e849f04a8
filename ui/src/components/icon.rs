//! The window's few icons, drawn in 16 units with the colour of the text around them.

use yew::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// Duet itself: two circles that share something.
    Duet,
    /// Back.
    Left,
    /// Forth.
    Right,
    /// Sync.
    Sync,
    /// Settings.
    Settings,
    /// The sidebar.
    Sidebar,
    /// New.
    Plus,
    /// Close.
    Cross,
    /// All is well.
    Check,
    /// Somebody should look.
    Alert,
    /// Made by hand.
    Hand,
    /// Change.
    Pen,
    /// Delete.
    Bin,
    /// Search.
    Search,
    /// Time.
    Clock,
    /// A place.
    Pin,
    /// People.
    People,
    /// A video call.
    Call,
    /// An address.
    Link,
    /// Words.
    Text,
    /// A kind of entry.
    Calendar,
    /// Reminders.
    Bell,
}

/// Draws it. Decoration: what it means stands beside it or on its button.
pub(crate) fn icon(icon: Icon) -> Html {
    if icon == Icon::Duet {
        return html! {
            <svg class="icon mark" viewBox="0 0 24 24" aria-hidden="true">
                <circle class="mark-full" cx="9" cy="12" r="7" />
                <circle class="mark-ring" cx="15" cy="12" r="7" />
            </svg>
        };
    }
    let path = match icon {
        Icon::Duet => "",
        Icon::Left => "M10 3.5 5.5 8l4.5 4.5",
        Icon::Right => "M6 3.5 10.5 8 6 12.5",
        Icon::Sync => {
            "M13.2 6.6A5.5 5.5 0 0 0 3.4 5M2.8 9.4A5.5 5.5 0 0 0 12.6 11M3.2 2.2V5.2H6.2M12.8 13.8V10.8H9.8"
        }
        Icon::Settings => "M2 4.5h6.5M12.5 4.5H14M2 11.5h1.5M7.5 11.5H14M10.5 2.7v3.6M5.5 9.7v3.6",
        Icon::Sidebar => "M2.5 3.5h11v9h-11zM6.5 3.5v9",
        Icon::Plus => "M8 3v10M3 8h10",
        Icon::Cross => "M4 4l8 8M12 4l-8 8",
        Icon::Check => "M3 8.5 6.5 12 13 4.5",
        Icon::Alert => "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.3",
        Icon::Hand => "M3 13l.8-3 7-7 2.2 2.2-7 7zM9.3 4.5l2.2 2.2",
        Icon::Pen => "M3 13l.8-3 7-7 2.2 2.2-7 7z",
        Icon::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.3 13.5 13.5",
        Icon::Clock => "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5v3.2l2.2 1.3",
        Icon::Pin => "M8 14s4.5-4.3 4.5-7.5a4.5 4.5 0 0 0-9 0C3.5 9.7 8 14 8 14M8 5v2.5",
        Icon::People => {
            "M6 3a2.2 2.2 0 1 0 0 4.4A2.2 2.2 0 0 0 6 3M2 13c0-2.4 1.8-3.8 4-3.8s4 1.4 4 3.8M11 3.5a2 2 0 0 1 0 3.8M12 9.6c1.3.5 2 1.7 2 3.4"
        }
        Icon::Call => "M2.5 4.5h7.5v7h-7.5zM10 7.5 13.5 5v6L10 8.5",
        Icon::Link => {
            "M6.5 9.5l3-3M7.5 4.5 9 3a2.8 2.8 0 0 1 4 4l-1.5 1.5M8.5 11.5 7 13a2.8 2.8 0 0 1-4-4l1.5-1.5"
        }
        Icon::Text => "M3 4h10M3 7h10M3 10h10M3 13h6",
        Icon::Calendar => "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5V5M10.5 2.5V5",
        Icon::Bell => {
            "M8 2.5a3.5 3.5 0 0 0-3.5 3.5c0 3.5-1.5 4.5-1.5 5h10c0-.5-1.5-1.5-1.5-5A3.5 3.5 0 0 0 8 2.5M6.7 13.3a1.5 1.5 0 0 0 2.6 0"
        }
        Icon::Bin => "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9",
    };
    html! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d={path} /></svg>
    }
}
