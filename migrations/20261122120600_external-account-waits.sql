-- Until when Google asked to be left alone; NULL where it did not, or once a sync worked. Kept because
-- the next command is another process, and would otherwise ask again at once.
ALTER TABLE external_accounts ADD COLUMN wait_until INTEGER;
