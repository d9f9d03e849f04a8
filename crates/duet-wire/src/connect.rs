//! The sign-in flow as the window sees it. The address it shows is the consent page's own; state
//! and challenge inside it are worthless without the verifier, which never leaves the core.

use chrono::{DateTime, Utc};
use duet_model::account::Tier;
use serde::{Deserialize, Serialize};

/// Where the sign-in flow stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ConnectView {
    /// No flow is under way.
    #[default]
    Idle,
    /// The consent page is open in the browser.
    Waiting {
        /// What is asked for.
        tier: Tier,
        /// The account that is being reconnected, if any.
        reconnect: Option<String>,
        /// The consent page, for "open again" and "copy link".
        url: String,
        /// When the flow gives up.
        expires_at: DateTime<Utc>,
    },
    /// The person came back; Duet fetches the key and looks who it is.
    Finishing,
    /// It did not work; the sentence says why and what to do.
    Failed {
        /// For people.
        message: String,
    },
    /// It worked.
    Done {
        /// The connected account.
        email: String,
    },
}
