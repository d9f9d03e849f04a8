//! Reads: from the store to the views of duet-wire. None of them waits for the network.

mod agenda;
mod blocks;
mod busy;
mod grid;
mod next;
mod overview;

pub(crate) use blocks::manual_view;
