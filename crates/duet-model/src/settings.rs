//! What a person can set, with the defaults.

use serde::{Deserialize, Serialize};

use crate::verdict::Rules;

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Follow the desktop.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How far ahead busy times are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Window {
    /// 60 days.
    #[serde(rename = "60")]
    Days60,
    /// 90 days.
    #[default]
    #[serde(rename = "90")]
    Days90,
}

impl Window {
    /// The length in days.
    pub fn days(self) -> i64 {
        match self {
            Self::Days60 => 60,
            Self::Days90 => 90,
        }
    }
}

/// What a notification says of a new invitation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationNotices {
    /// There is none.
    Off,
    /// That there is one.
    #[default]
    Plain,
    /// Also what it is called, when it is and who invites: for all to see who see the screen.
    Titles,
}

/// All settings. One value, stored whole, so that a reader never sees half a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light, dark or system.
    pub theme: Theme,
    /// How far ahead busy times are asked for.
    pub window: Window,
    /// The first column of the week: 1 = Monday … 7 = Sunday (ISO 8601).
    pub week_start: u8,
    /// Working hours on the wall clock, whole hours: first, and first after.
    pub working_hours: (u8, u8),
    /// Show blocks that come from Google.
    pub show_external: bool,
    /// Show blocks made by hand.
    pub show_manual: bool,
    /// Background sync is paused by the person.
    pub paused: bool,
    /// The person chose to go on without an account, so the welcome does not come back.
    pub welcomed: bool,
    /// What a notification says of a new invitation.
    pub invitation_notices: InvitationNotices,
    /// By which rules events count, in calendars that do not deviate.
    pub rules: Rules,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            window: Window::default(),
            week_start: 1,
            working_hours: (8, 18),
            show_external: true,
            show_manual: true,
            paused: false,
            welcomed: false,
            invitation_notices: InvitationNotices::default(),
            rules: Rules::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_an_older_version_are_completed() {
        let old: Settings = serde_json::from_str(r#"{"theme":"dark","window":"60"}"#).unwrap();
        let expect = Settings {
            theme: Theme::Dark,
            window: Window::Days60,
            ..Settings::default()
        };
        assert_eq!(old, expect);
        assert_eq!((old.window.days(), Window::default().days()), (60, 90));
        let written = serde_json::to_string(&old).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&written).unwrap(), old);
    }
}
