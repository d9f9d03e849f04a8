-- Where the events of a calendar are treated otherwise than those of others: the person's own, like its
-- switches. duet_model::verdict::Overrides as JSON.
ALTER TABLE external_calendars ADD COLUMN rules TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(rules));
