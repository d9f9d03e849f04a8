-- Where a person and Google changed the same thing to something else: both versions, so that neither
-- is lost whichever was taken.
CREATE TABLE conflicts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- No foreign keys: what is noted here outlives the event and the account.
    event_id    TEXT    NOT NULL,
    calendar_id INTEGER NOT NULL,
    noticed_at  INTEGER NOT NULL,
    -- The fields in which they clash: an array of duet_model::duet_event::Field as JSON.
    fields      TEXT    NOT NULL CHECK (json_valid(fields)),
    -- events.content three times: what both come from, the person's, Google's.
    base        TEXT    NOT NULL CHECK (json_valid(base)),
    mine        TEXT    NOT NULL CHECK (json_valid(mine)),
    theirs      TEXT    NOT NULL CHECK (json_valid(theirs))
) STRICT;

CREATE INDEX conflicts_event ON conflicts (event_id, id);
