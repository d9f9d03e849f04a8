-- What a person can set: one row, one value, so that no reader ever sees half a change.
CREATE TABLE settings (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    -- A JSON object. Fields that are absent have their defaults.
    value TEXT    NOT NULL CHECK (json_valid(value))
) STRICT;
