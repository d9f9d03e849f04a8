-- The calendars in each account's list, with the two switches that are the person's own.
CREATE TABLE external_calendars (
    -- Never reused: a sync that is under way names the calendar by it.
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id         INTEGER NOT NULL REFERENCES external_accounts (id) ON DELETE CASCADE,
    google_id          TEXT    NOT NULL CHECK (google_id <> ''),
    name               TEXT    NOT NULL,
    -- #rrggbb
    color              TEXT    NOT NULL,
    -- IANA name, where Google says one.
    time_zone          TEXT,
    is_primary         INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
    -- Google's word, also one that does not exist yet.
    access_role        TEXT    NOT NULL,
    hidden             INTEGER NOT NULL CHECK (hidden IN (0, 1)),
    -- The person's switches; Google's list sets them once, when the calendar is first seen.
    shown              INTEGER NOT NULL CHECK (shown IN (0, 1)),
    busy               INTEGER NOT NULL CHECK (busy IN (0, 1)),
    -- Rises with every change of `busy` and of the account's fate: a result that was asked for
    -- under another generation is no longer wanted.
    generation         INTEGER NOT NULL DEFAULT 0,
    last_synced_at     INTEGER,
    -- The span that busy times were asked for; outside of it nothing is known. Both or none.
    covered_from       INTEGER,
    covered_until      INTEGER,
    -- What went wrong last with this calendar alone: all three or none.
    last_error_code    TEXT,
    last_error_message TEXT,
    last_error_at      INTEGER,
    -- Also the index for the calendars of one account.
    UNIQUE (account_id, google_id),
    CHECK ((covered_from IS NULL) = (covered_until IS NULL)),
    CHECK (covered_from IS NULL OR covered_from < covered_until),
    CHECK ((last_error_code IS NULL) = (last_error_message IS NULL)
       AND (last_error_code IS NULL) = (last_error_at IS NULL))
) STRICT;
