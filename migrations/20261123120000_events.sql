-- Duet's own events: single ones, masters of series, and exceptions, one row each, as Google has them.
-- Where they stand in Google is in `external_event_links`, what waits to be sent in `outbox`.
CREATE TABLE events (
    -- A UUID, made where the event was made.
    id             TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
    -- For an exception, its master and the slot it stands for: an EventTime of duet-model as JSON,
    -- and its instant, of a whole day its midnight as if in UTC. All three or none.
    series         TEXT    REFERENCES events (id) ON DELETE CASCADE,
    original_start TEXT    CHECK (json_valid(original_start)),
    original_at    INTEGER,
    -- 1 for an exception that takes its slot out of the series.
    cancelled      INTEGER NOT NULL CHECK (cancelled IN (0, 1)),
    -- From when to when; whole days as above. The end is NULL for a series: when that ends is not
    -- for SQL to say.
    start_at       INTEGER NOT NULL,
    end_at         INTEGER CHECK (end_at >= start_at),
    -- duet_model::duet_event::Content as JSON.
    content        TEXT    NOT NULL CHECK (json_valid(content)),
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    -- Also the index for the exceptions of a series.
    UNIQUE (series, original_at),
    CHECK ((series IS NULL) = (original_start IS NULL) AND (series IS NULL) = (original_at IS NULL))
) STRICT;

-- A week does not read the events of ten years.
CREATE INDEX events_once ON events (start_at, end_at) WHERE end_at IS NOT NULL AND series IS NULL;
