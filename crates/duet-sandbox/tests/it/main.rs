//! The sandbox over real HTTP, as a client meets it. One binary, so that it links once.

mod calendar_list;
mod control;
mod events_read;
mod events_write;
mod faults;
mod fields;
mod freebusy;
mod help;
mod oauth;
mod support;
mod worlds;
