-- Where an event of Duet's stands in Google, and which version of it is known. With the calendar goes
-- the link and not the event.
CREATE TABLE external_event_links (
    event_id    TEXT    NOT NULL PRIMARY KEY REFERENCES events (id) ON DELETE CASCADE,
    calendar_id INTEGER NOT NULL REFERENCES external_calendars (id) ON DELETE CASCADE,
    -- NULL for an exception of which Google has not said it yet.
    google_id   TEXT    CHECK (google_id <> ''),
    -- NULL until Google has confirmed a version.
    etag        TEXT,
    -- What that version said, as events.content.
    base        TEXT    CHECK (json_valid(base)),
    state       TEXT    NOT NULL CHECK (state IN ('pending', 'synced', 'gone')),
    UNIQUE (calendar_id, google_id)
) STRICT;
