-- The invitations that wait for an answer, of which there are few among very many events: 8 is "not
-- answered" among the three bits of the answer, as duet_model::verdict packs them.
CREATE INDEX external_events_unanswered ON external_events (id)
    WHERE cancelled = 0 AND (facts & 56) = 8;
