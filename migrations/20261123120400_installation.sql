-- What this installation calls itself in the events that it writes to Google: one row, made once. It
-- names nobody and no computer.
CREATE TABLE installation (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT    NOT NULL CHECK (name <> '')
) STRICT;
