-- When the stored events take place, as far as the horizon of their calendar reaches. Derived from
-- `external_events` and the zone data; also a single event is one row here.
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
    -- The event's, repeated because a week must not look up a wide row for each of its entries: with
    -- a join the week out of a million took ten times as long.
    calendar_id INTEGER NOT NULL,
    facts       INTEGER NOT NULL,
    title       TEXT    NOT NULL,
    -- The table is its own index: a week is a few runs of neighbouring pages.
    PRIMARY KEY (all_day, class, start_at, event_id, end_at)
) STRICT, WITHOUT ROWID;

-- Those of one event, in their order: to replace them, and to find the one that is nearest.
CREATE INDEX external_occurrences_event ON external_occurrences (event_id, start_at);
