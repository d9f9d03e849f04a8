//! One file per table: its statements, its rows, how it is read and written.

pub(crate) mod account;
pub(crate) mod calendar;
pub(crate) mod calendar_list;
pub(crate) mod conflict;
pub(crate) mod duet_event;
pub(crate) mod event_change;
pub(crate) mod event_link;
pub(crate) mod event_listing;
pub(crate) mod event_quarantine;
pub(crate) mod event_search;
pub(crate) mod event_state;
pub(crate) mod event_times;
pub(crate) mod external_block;
pub(crate) mod external_event;
pub(crate) mod external_occurrence;
pub(crate) mod installation;
pub(crate) mod manual_block;
pub(crate) mod occurrence_week;
pub(crate) mod outbox;
pub(crate) mod rows;
pub(crate) mod series_doubt;
pub(crate) mod settings;
pub(crate) mod sync_state;

/// Names the statements of a file, and lists them for the test that prepares each one against the
/// real schema.
macro_rules! statements {
    ($($name:ident = $sql:expr;)+) => {
        $(const $name: &str = $sql;)+
        #[cfg(test)]
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),+];
    };
}
pub(crate) use statements;

#[cfg(test)]
mod tests;
