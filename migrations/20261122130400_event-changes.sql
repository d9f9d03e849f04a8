-- What was seen to change, for the details of an event. Only ever appended to; the newest 200 of
-- each event are kept, also after the event is gone.
CREATE TABLE event_changes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    calendar_id INTEGER NOT NULL REFERENCES external_calendars (id) ON DELETE CASCADE,
    google_id   TEXT    NOT NULL,
    -- The same for all copies of one thing, where Google says one.
    ical_uid    TEXT,
    noticed_at  INTEGER NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('changed', 'removed')),
    -- A JSON array of {field, before, after}.
    what        TEXT    NOT NULL CHECK (json_valid(what))
) STRICT;

CREATE INDEX event_changes_event ON event_changes (calendar_id, google_id, id);
