-- Events that could not be read, kept aside so that the rest of their calendar goes on. Those without
-- an id are told apart by what was sent.
CREATE TABLE event_quarantine (
    -- Only to order them. AUTOINCREMENT would write its counter also where the row is there already.
    id          INTEGER PRIMARY KEY,
    calendar_id INTEGER NOT NULL REFERENCES external_calendars (id) ON DELETE CASCADE,
    google_id   TEXT,
    -- A sentence for people.
    why         TEXT    NOT NULL,
    seen_at     INTEGER NOT NULL,
    -- The whole listing during which it was seen last: see `external_event_states`.
    listing     INTEGER NOT NULL,
    -- What was sent, cut after 64 KiB.
    raw         TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX event_quarantine_one
    ON event_quarantine (calendar_id, coalesce(google_id, ''), iif(google_id IS NULL, raw, ''));
