-- What waits to be written to Google: one change of one event a row, sent in the order of their
-- numbers within a thread. A row goes when Google has confirmed it or the person has discarded it.
CREATE TABLE outbox (
    -- Never reused: an answer that comes late names the operation by it.
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    thread      TEXT    NOT NULL CHECK (thread <> ''),
    -- No foreign key: of an event that is deleted, the deletion is still to be sent. NULL where it is
    -- about an event of others.
    event_id    TEXT,
    calendar_id INTEGER NOT NULL REFERENCES external_calendars (id) ON DELETE CASCADE,
    -- What it is called, to tell people.
    title       TEXT    NOT NULL,
    -- duet_model::outbox::{Target, Deed} as JSON.
    target      TEXT    NOT NULL CHECK (json_valid(target)),
    deed        TEXT    NOT NULL CHECK (json_valid(deed)),
    notify      TEXT    NOT NULL CHECK (notify IN ('none', 'external', 'all')),
    -- Not to be sent earlier: it can still be taken back, or the last try failed.
    not_before  INTEGER NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- 1 once it has been sent, whatever came of it.
    sent        INTEGER NOT NULL DEFAULT 0 CHECK (sent IN (0, 1)),
    -- duet_model::outbox::Stuck as JSON: why it waits for the person.
    stuck       TEXT    CHECK (json_valid(stuck)),
    created_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX outbox_thread ON outbox (thread, id);
CREATE INDEX outbox_event ON outbox (event_id, id) WHERE event_id IS NOT NULL;
-- The calendars of an account that goes take theirs along.
CREATE INDEX outbox_calendar ON outbox (calendar_id);

-- Until when Google takes no writes of an account (quotaExceeded), so that a restart does not ask
-- again at once.
CREATE TABLE outbox_pauses (
    account_id INTEGER PRIMARY KEY REFERENCES external_accounts (id) ON DELETE CASCADE,
    until      INTEGER NOT NULL,
    message    TEXT    NOT NULL
) STRICT;
