-- Series that are not known altogether, and why: between their occurrences there may be others. One
-- row for each master of which that is so; kept in step whenever its occurrences are worked out.
CREATE TABLE series_doubts (
    calendar_id INTEGER NOT NULL,
    event_id    INTEGER NOT NULL REFERENCES external_events (id) ON DELETE CASCADE,
    -- A sentence for people.
    why         TEXT    NOT NULL,
    PRIMARY KEY (calendar_id, event_id)
) STRICT, WITHOUT ROWID;

-- For the event that goes.
CREATE INDEX series_doubts_event ON series_doubts (event_id);
