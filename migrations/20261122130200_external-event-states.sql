-- Where the listing of each calendar's events stopped, and how far its occurrences reach. No row: the
-- calendar was never listed.
CREATE TABLE external_event_states (
    calendar_id        INTEGER PRIMARY KEY REFERENCES external_calendars (id) ON DELETE CASCADE,
    -- `listing` until a first whole listing is there; also where only part of it came.
    state              TEXT    NOT NULL DEFAULT 'listing' CHECK (state IN ('listing', 'complete')),
    -- Google's token for what changed since; NULL asks for the whole list, also for a server that
    -- gives none.
    token              TEXT,
    -- Which request the stored events came from; a token of another one is not used.
    parameters         TEXT    NOT NULL DEFAULT '',
    -- Counts the whole listings that were begun.
    listing            INTEGER NOT NULL DEFAULT 0,
    -- When the last whole listing was finished, and when changes were last asked for with success.
    full_at            INTEGER,
    checked_at         INTEGER,
    -- Since when whole listings have lacked so much that they are not believed; NULL where they do not.
    doubted_at         INTEGER,
    -- What went wrong last: all three or none.
    last_error_code    TEXT,
    last_error_message TEXT,
    last_error_at      INTEGER,
    -- Occurrences are stored for this span, worked out with this edition of the zone data: all three
    -- or none.
    horizon_from       INTEGER,
    horizon_until      INTEGER,
    horizon_zones      TEXT,
    CHECK ((horizon_from IS NULL) = (horizon_until IS NULL)
       AND (horizon_from IS NULL) = (horizon_zones IS NULL)),
    CHECK (horizon_from IS NULL OR horizon_from < horizon_until),
    CHECK ((last_error_code IS NULL) = (last_error_message IS NULL)
       AND (last_error_code IS NULL) = (last_error_at IS NULL))
) STRICT;
