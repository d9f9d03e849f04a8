//! The crate against servers that speak real HTTP: the stand-in Google with its scripted faults, and
//! a scripted socket for what no honest server would send.

mod calendars;
mod events;
mod hostile;
mod secrets;
mod setting;
mod sign_in;
mod tokens;
mod write;
