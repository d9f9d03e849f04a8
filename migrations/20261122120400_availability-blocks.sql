-- Blocks of time made by hand. The wall clock and its zone are the truth; instants are derived,
-- so that a weekly block stays at its hour when the clocks change.
CREATE TABLE availability_blocks (
    -- A UUID, made where the block was made.
    id         TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
    -- May be empty.
    title      TEXT    NOT NULL DEFAULT '',
    -- YYYY-MM-DDTHH:MM:SS[.fraction] on the wall clock of `zone`; compares as text.
    start_wall TEXT    NOT NULL,
    end_wall   TEXT    NOT NULL CHECK (start_wall < end_wall),
    -- IANA name.
    zone       TEXT    NOT NULL CHECK (zone <> ''),
    -- An RRULE value without its name; NULL where the block does not repeat.
    repeat     TEXT,
    -- Wall-clock starts of the occurrences taken out: a JSON array. They are only ever read and
    -- written together with their block, so a table of their own would buy nothing.
    except_walls TEXT  NOT NULL DEFAULT '[]' CHECK (json_valid(except_walls)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
