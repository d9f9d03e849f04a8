-- When an event that happens once ends, as `start_at` is written; of a whole day its midnight as if in
-- UTC. NULL where more must be looked at: a series, an exception, and what was stored before this
-- column was there.
ALTER TABLE external_events ADD COLUMN end_at INTEGER;

-- What takes place in a range for which no occurrences are stored.
CREATE INDEX external_events_end ON external_events (calendar_id, end_at, start_at);
