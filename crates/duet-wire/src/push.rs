//! What the shell tells the window without being asked.

use duet_model::topic::Topic;
use serde::{Deserialize, Serialize};

use crate::connect::ConnectView;
use crate::status::StatusView;

/// The name of the one event.
pub const EVENT: &str = "duet";

/// One message to the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "push", rename_all = "snake_case")]
pub enum Push {
    /// These parts were changed by a commit, here or in another Duet process: read them again.
    Changed {
        /// Which.
        topics: Vec<Topic>,
    },
    /// The state of syncing changed, without a commit being involved.
    Status {
        /// The new state.
        status: StatusView,
    },
    /// The sign-in flow took a step.
    Connect {
        /// Where it stands.
        connect: ConnectView,
    },
    /// A link or the tray asks for a place in the window.
    Go {
        /// Where to.
        place: Place,
    },
}

/// A place in the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "place", rename_all = "snake_case")]
pub enum Place {
    /// The week of now.
    Today,
    /// The settings page.
    Settings,
    /// One account's card in the settings, its Reconnect button in focus.
    Account {
        /// The address.
        email: String,
    },
    /// What others invite to.
    Invitations,
    /// One block or event.
    Event {
        /// Its id.
        id: String,
    },
}
