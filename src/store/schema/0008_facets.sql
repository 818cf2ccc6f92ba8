-- What events are searched by beside their items (epcis/facet.h).  In order of record: rows are only ever appended below their value.
CREATE TABLE event_facet (
    org      INTEGER NOT NULL,
    facet    INTEGER NOT NULL,
    value    INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    time_us  INTEGER NOT NULL,
    PRIMARY KEY (org, facet, value, seq)
) STRICT, WITHOUT ROWID;

-- Views that a step brought and that are still to be made of the events that were there before.
CREATE TABLE view_pending (
    name  TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO view_pending (name) SELECT 'event_facet' WHERE EXISTS (SELECT 1 FROM event);
