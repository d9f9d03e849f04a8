-- Each occurrence carries what a range hands over as one text that is ready: putting five numbers of
-- each row into words took four fifths of the time in which a month was read. Made anew, because the
-- table holds nothing that is not worked out from `external_events`; the horizons are forgotten with
-- it, and the next sync fills it without asking Google.
DROP TABLE external_occurrences;

CREATE TABLE external_occurrences (
    -- 1 for whole days. Those are civil dates, written as their midnight as if in UTC: only who looks
    -- knows the zone, so a range is asked for with 15 hours to spare on either side.
    all_day     INTEGER NOT NULL CHECK (all_day IN (0, 1)),
    -- It lasts at most 2^class days. Without a bound on the length, a range would have to walk
    -- everything that began before it; with it, each class is one short run of the key.
    class       INTEGER NOT NULL CHECK (class BETWEEN 0 AND 21),
    start_at    INTEGER NOT NULL,
    -- Not before the start; at it only where Google says so.
    end_at      INTEGER NOT NULL CHECK (start_at <= end_at),
    event_id    INTEGER NOT NULL REFERENCES external_events (id) ON DELETE CASCADE,
    calendar_id INTEGER NOT NULL,
    -- all_day, start_at, end_at, event_id, calendar_id, the event's facts, the length of its title in
    -- bytes, and its title, with a space after each number. The event's part is repeated because a
    -- week must not look up a wide row for each of its entries.
    line        TEXT    NOT NULL,
    -- The table is its own index: a week is a few runs of neighbouring pages.
    PRIMARY KEY (all_day, class, start_at, event_id, end_at)
) STRICT, WITHOUT ROWID;

-- Those of one event, in their order: to replace them, and to find the one that is nearest.
CREATE INDEX external_occurrences_event ON external_occurrences (event_id, start_at);

UPDATE external_event_states
SET horizon_from = NULL, horizon_until = NULL, horizon_zones = NULL;
