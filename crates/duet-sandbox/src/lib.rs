//! A stand-in Google on loopback HTTP: OAuth and Calendar v3, with scripted faults.
//!
//! It is the server of every test and of the demo account. It owns the rules a correct client
//! meets at Google (docs of the API, observed behaviour), a deterministic world behind them, a
//! settable clock and a log of what was asked. It deliberately shares no code with the client: its
//! zones and its recurrence expansion are its own, so that a mistake is not made twice and hidden.
//!
//! ```no_run
//! # async fn demo() -> std::io::Result<()> {
//! use duet_sandbox::{Sandbox, World};
//! let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 25).expect("a date");
//! let sandbox = Sandbox::start(World::small(today)).await?;
//! let tokens = sandbox.control().grant("ana@example.com", &["https://www.googleapis.com/auth/calendar.readonly"]);
//! # let _ = tokens; Ok(())
//! # }
//! ```

pub mod scopes;

mod calendar_list;
mod calendars;
mod clients;
mod clock;
mod consent;
mod control;
mod control_http;
mod control_world;
mod dice;
mod dispatch;
mod error;
mod event;
mod events;
mod faults;
mod fields;
mod freebusy;
mod grants;
mod http;
mod log;
mod oauth;
mod payload;
mod recur;
mod replay;
mod route;
mod server;
mod state;
mod tokens;
mod world;
mod zone;

pub use clients::ClientKind;
pub use control::{Control, IssuedTokens, Mail, Refused};
pub use event::EventSpec;
pub use faults::{Fault, FaultKind};
pub use log::LoggedRequest;
pub use route::Endpoint;
pub use server::{Options, Sandbox};
pub use world::{AccessRole, World, WorldError};
