-- The events of Google's calendars that are shown or count: single ones, masters of series, and
-- exceptions, one row each. When a series takes place is in `external_occurrences`.
CREATE TABLE external_events (
    -- Never reused, so that a window that still holds the number of an event that is gone cannot
    -- open another one.
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    calendar_id    INTEGER NOT NULL REFERENCES external_calendars (id) ON DELETE CASCADE,
    google_id      TEXT    NOT NULL CHECK (google_id <> ''),
    -- For an exception, Google's id of its master. No foreign key: an exception can come before its
    -- master, or without one.
    series         TEXT,
    -- For an exception, the slot it stands for: YYYY-MM-DD, or RFC 3339 in UTC.
    original_start TEXT,
    -- 1 for an exception that takes its slot out of the series.
    cancelled      INTEGER NOT NULL CHECK (cancelled IN (0, 1)),
    -- When it starts, for a master the first time; of a whole day its midnight as if in UTC.
    start_at       INTEGER NOT NULL,
    -- What the rules look at, as duet_model::verdict packs it.
    facts          INTEGER NOT NULL CHECK (facts BETWEEN 0 AND 4294967295),
    title          TEXT    NOT NULL,
    -- duet_model::event::Event as JSON.
    event          TEXT    NOT NULL CHECK (json_valid(event)),
    -- What Google sent, byte for byte. Last, because most reads stop before it.
    raw            TEXT    NOT NULL,
    UNIQUE (calendar_id, google_id)
) STRICT;

-- The exceptions of a series.
CREATE INDEX external_events_series ON external_events (calendar_id, series)
    WHERE series IS NOT NULL;

-- What is called off is no event to a person who asks how many there are.
CREATE INDEX external_events_cancelled ON external_events (calendar_id) WHERE cancelled = 1;
