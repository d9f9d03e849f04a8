//! The store against real files with the real migrations: what it promises to its callers.

mod accounts;
mod blocks;
mod calendars;
mod common;
mod damage;
mod hostile;
mod manual;
mod model;
mod opening;
mod sharing;
mod topics;
