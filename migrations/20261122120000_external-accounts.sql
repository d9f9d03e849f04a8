-- Google accounts that a person connected, and how their sync fares.
-- Instants, here and in every later table, are INTEGER milliseconds since 1970-01-01T00:00:00Z:
-- they compare as numbers, take six bytes, and leave no zone or format to misread.
CREATE TABLE external_accounts (
    -- Never reused, so that a late result of a removed account cannot land in a newer one.
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The id of the primary calendar. Addresses differ in case only by accident.
    email              TEXT    NOT NULL UNIQUE COLLATE NOCASE CHECK (email <> ''),
    -- 1 for the built-in demo account, which the embedded stand-in for Google serves.
    demo               INTEGER NOT NULL DEFAULT 0 CHECK (demo IN (0, 1)),
    -- What the granted scopes amount to.
    tier               TEXT    NOT NULL CHECK (tier IN ('busy', 'read', 'write')),
    -- The scopes Google granted, never those that were asked for; a JSON array of strings.
    scopes             TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(scopes)),
    connected_at       INTEGER NOT NULL,
    -- When Google said invalid_grant; NULL while the key works.
    revoked_at         INTEGER,
    last_synced_at     INTEGER,
    -- What went wrong last: all three or none.
    last_error_code    TEXT,
    last_error_message TEXT,
    last_error_at      INTEGER,
    -- When the next sync is due; NULL where none is planned.
    next_sync_at       INTEGER,
    -- Failed tries in a row.
    attempts           INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    CHECK ((last_error_code IS NULL) = (last_error_message IS NULL)
       AND (last_error_code IS NULL) = (last_error_at IS NULL))
) STRICT;
