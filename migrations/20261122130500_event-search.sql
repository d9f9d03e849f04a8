-- The words of titles, places and people; the row number is the event's. No foreign key can watch over
-- it: who deletes events takes out their words. When an account is removed the index is made anew,
-- because what is deleted from it stays in its pages until they are next merged.
-- It keeps its texts a second time: what takes words out must know them, and must not depend on how
-- a later Duet reads an event.
CREATE VIRTUAL TABLE event_search USING fts5 (
    title, location, people,
    tokenize = 'unicode61 remove_diacritics 2'
);
