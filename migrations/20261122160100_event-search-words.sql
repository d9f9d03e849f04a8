-- The index for searching keeps words only, and no longer a copy of each text: contentless-delete tables
-- of FTS5 take out what is deleted by its row number.
CREATE TABLE event_words AS SELECT rowid AS id, title, location, people FROM event_search;

DROP TABLE event_search;

-- The words of titles, places and people; the row number is the event's. No foreign key can watch over
-- it: who deletes events takes out their words. When an account is removed all its parts are merged,
-- because what is deleted from it stays in its pages until then.
CREATE VIRTUAL TABLE event_search USING fts5 (
    title, location, people,
    content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2'
);

INSERT INTO event_search (rowid, title, location, people)
SELECT id, title, location, people FROM event_words;

DROP TABLE event_words;
