-- The first schema.  Append only: what was released is changed by the next file, never here.
-- What the columns mean stands in current.sql; a test compares the two.

CREATE TABLE org (
    id          INTEGER PRIMARY KEY,
    code        TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    secret      BLOB NOT NULL,
    created_us  INTEGER NOT NULL
) STRICT;

CREATE TABLE origin (
    n    INTEGER PRIMARY KEY,
    url  TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE term (
    key   INTEGER PRIMARY KEY,
    org   INTEGER NOT NULL,
    id    INTEGER NOT NULL,
    text  TEXT NOT NULL
) STRICT;

CREATE TABLE term_head (
    org   INTEGER NOT NULL,
    head  INTEGER NOT NULL,
    id    INTEGER NOT NULL,
    PRIMARY KEY (org, head, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    key          INTEGER PRIMARY KEY,
    org          INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    record_us    INTEGER NOT NULL,
    door         INTEGER NOT NULL,
    actor        INTEGER NOT NULL,
    context      INTEGER NOT NULL,
    event_id     TEXT NOT NULL,
    time_us      INTEGER NOT NULL,
    offset_min   INTEGER NOT NULL,
    type         INTEGER NOT NULL,
    action       INTEGER NOT NULL,
    flags        INTEGER NOT NULL,
    biz_step     INTEGER NOT NULL,
    disposition  INTEGER NOT NULL,
    digest       BLOB NOT NULL,
    salt         BLOB NOT NULL,
    event_hash   BLOB NOT NULL,
    refs         BLOB NOT NULL
) STRICT;

CREATE TABLE event_body (
    key   INTEGER PRIMARY KEY,
    org   INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    body  TEXT NOT NULL
) STRICT;

CREATE TABLE item (
    key        INTEGER PRIMARY KEY,
    org        INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    canonical  TEXT NOT NULL,
    kind       INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX item_name ON item (org, canonical);

CREATE TABLE event_item (
    org      INTEGER NOT NULL,
    item     INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    role     INTEGER NOT NULL,
    time_us  INTEGER NOT NULL,
    PRIMARY KEY (org, item, seq, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_once (
    org      INTEGER NOT NULL,
    time_us  INTEGER NOT NULL,
    head     INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    PRIMARY KEY (org, time_us, head, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_name (
    org   INTEGER NOT NULL,
    head  INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    PRIMARY KEY (org, head, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
    org      INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    code     TEXT NOT NULL,
    pointer  TEXT NOT NULL,
    message  TEXT NOT NULL,
    PRIMARY KEY (org, seq, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE master (
    key        INTEGER PRIMARY KEY,
    org        INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    canonical  TEXT NOT NULL,
    type       TEXT NOT NULL,
    record_us  INTEGER NOT NULL,
    body       TEXT NOT NULL
) STRICT;

CREATE INDEX master_name ON master (org, canonical, n);

CREATE TABLE capture (
    org        INTEGER NOT NULL,
    id         TEXT NOT NULL,
    record_us  INTEGER NOT NULL,
    report     TEXT NOT NULL,
    PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;
