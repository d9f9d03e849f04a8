//! Signing in to Google: the consent page's address, its answer, tokens, and giving them back.
//!
//! Order of a sign-in: [`begin`] makes the address for the system browser and a [`PendingFlow`];
//! the flow waits in [`PendingFlows`] (and, for a cold start, sealed in the keychain); the browser
//! returns by deep link or to [`loopback`]; [`parse_callback`] reads what arrived, which anyone may
//! have sent; [`PendingFlows::take`] finds the one flow it answers and gives it out once;
//! [`exchange`] turns it into a [`Grant`]. Later [`refresh`], and [`revoke`] at the end.
//!
//! Where tokens are kept is not decided here.

pub mod callback;
pub mod error;
pub mod flow;
pub mod loopback;
pub mod pending;
pub mod scopes;
mod secret;
mod token;

pub use callback::{Callback, CallbackError, flow_id_of, parse_callback};
pub use error::AuthError;
pub use flow::{FLOW_TTL, FlowId, FlowRequest, PendingFlow, SealedFlowError, begin};
pub use pending::{CallbackRefused, PendingFlows};
pub use secret::{AccessToken, RefreshToken};
pub use token::{Grant, Refreshed, exchange, refresh, revoke};
