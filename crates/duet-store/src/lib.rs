//! SQLite: the one writer, one file per table, views.
