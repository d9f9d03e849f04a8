-- Where an account's listings stopped, so that the next one only brings what changed.
CREATE TABLE external_sync_states (
    account_id   INTEGER PRIMARY KEY REFERENCES external_accounts (id) ON DELETE CASCADE,
    -- Google's sync token of the calendar list; NULL asks for the whole list.
    list_token   TEXT,
    -- When the whole list was last read.
    list_full_at INTEGER
) STRICT;
