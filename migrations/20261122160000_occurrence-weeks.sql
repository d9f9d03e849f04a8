-- Occurrences are kept by week and calendar. One row for each made a first sync write the whole table
-- again with every calendar, because occurrences come ordered by calendar and are read ordered by time,
-- and took most of the time in which a month was read. Made anew, because nothing is in it that is not
-- worked out from `external_events`; the horizons are forgotten with it, and the next sync fills it
-- without asking Google.
DROP TABLE external_occurrences;

-- What a range reads: what a calendar has in one week.
CREATE TABLE external_occurrence_weeks (
    -- week * 2^32 + calendar_id, so that a week of all calendars is one run of neighbouring rows. A key of
    -- two columns would need WITHOUT ROWID, whose rows go to pages of their own beyond 1,000 bytes.
    -- Weeks are seven days since 1970-01-01T00:00Z. Whole days are civil dates, written as their
    -- midnight as if in UTC: only who looks knows the zone, so a range is asked for with 15 hours to
    -- spare on either side. What touches two weeks stands in both; what touches more stands under week
    -- -2147483648, which is read with every range.
    place       INTEGER PRIMARY KEY,
    calendar_id INTEGER NOT NULL REFERENCES external_calendars (id) ON DELETE CASCADE,
    -- One after the other, by start: start and end in milliseconds, the event (8 bytes each, little
    -- endian), the calendar, the event's facts (4), 1 for whole days (1), the length of the title in
    -- bytes (4), and the title. The event's part is repeated because a week must not look up a wide
    -- row for each of its entries; the calendar because the entries of a week are handed over as one.
    entries     BLOB    NOT NULL CHECK (length(entries) > 0)
) STRICT;

-- Those of one calendar, when it goes.
CREATE INDEX external_occurrence_weeks_calendar ON external_occurrence_weeks (calendar_id);

-- The same by event: in which weeks it stands, and which of its occurrences is nearest.
CREATE TABLE external_event_times (
    event_id INTEGER PRIMARY KEY REFERENCES external_events (id) ON DELETE CASCADE,
    -- One after the other, by start: start and end in milliseconds (8 bytes each, little endian), and 1
    -- for whole days (1).
    times    BLOB    NOT NULL CHECK (length(times) > 0)
) STRICT;

UPDATE external_event_states
SET horizon_from = NULL, horizon_until = NULL, horizon_zones = NULL;
