-- Busy times that came from outside. Blocks of one calendar neither overlap nor touch: the writer
-- joins them, as Google does.
CREATE TABLE external_availability_blocks (
    calendar_id INTEGER NOT NULL REFERENCES external_calendars (id) ON DELETE CASCADE,
    -- Half-open: the start is busy, the end is not.
    start_at    INTEGER NOT NULL,
    end_at      INTEGER NOT NULL CHECK (start_at < end_at),
    -- Who says so.
    source      TEXT    NOT NULL DEFAULT 'GOOGLE' CHECK (source = 'GOOGLE'),
    -- The table is its own index. Because the blocks of a calendar are disjoint, those of a week
    -- are one run of this key: from the last block that starts before the week to the last one
    -- that starts in it. An index by time over all calendars would have to walk everything
    -- before or after the week instead, for want of a bound on a block's length.
    PRIMARY KEY (calendar_id, start_at)
) STRICT, WITHOUT ROWID;
