-- Rises each time the account is connected: a refusal of the key of an earlier connection says nothing
-- about the one that is there now.
ALTER TABLE external_accounts ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
