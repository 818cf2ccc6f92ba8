-- The log (docs/design/proof.md): leaves in order, the way to them, what is no event, and how far it is signed.
CREATE TABLE log_leaf (
    idx         INTEGER PRIMARY KEY,
    org         INTEGER NOT NULL,
    type        INTEGER NOT NULL,
    ref         INTEGER NOT NULL,
    ms          INTEGER NOT NULL,
    commitment  BLOB NOT NULL
) STRICT;

CREATE TABLE log_of (
    org   INTEGER NOT NULL,
    type  INTEGER NOT NULL,
    ref   INTEGER NOT NULL,
    idx   INTEGER NOT NULL,
    salt  BLOB NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (org, type, ref)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_statement (
    org        INTEGER NOT NULL,
    type       INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    record_us  INTEGER NOT NULL,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL,
    PRIMARY KEY (org, type, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_statement_subject ON log_statement (org, type, subject, n);

CREATE TABLE log_state (
    n           INTEGER PRIMARY KEY,
    origin      TEXT NOT NULL,
    vkey        TEXT NOT NULL,
    created_us  INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    root        BLOB NOT NULL,
    note        TEXT NOT NULL,
    epoch       INTEGER NOT NULL,
    holder      TEXT NOT NULL,
    until_us    INTEGER NOT NULL
) STRICT;

CREATE TABLE log_checkpoint (
    n          INTEGER NOT NULL,
    size       INTEGER NOT NULL,
    note       TEXT NOT NULL,
    signed_us  INTEGER NOT NULL,
    PRIMARY KEY (n, size)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_cosign (
    n         INTEGER NOT NULL,
    size      INTEGER NOT NULL,
    name      TEXT NOT NULL,
    line      TEXT NOT NULL,
    time_s    INTEGER NOT NULL,
    PRIMARY KEY (n, size, name)
) STRICT, WITHOUT ROWID;

-- Events that were there before are put into the log by the next process that writes.
INSERT INTO view_pending (name) SELECT 'log' WHERE EXISTS (SELECT 1 FROM event);
