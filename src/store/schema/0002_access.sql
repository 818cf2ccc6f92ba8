-- Organisations in more words, users, keys, sessions, the audit trail.

CREATE TABLE org_about (
    org        INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,
    district   INTEGER NOT NULL,
    published  INTEGER NOT NULL
) STRICT;

CREATE TABLE account (
    id          INTEGER PRIMARY KEY,
    org         INTEGER NOT NULL,
    name        TEXT NOT NULL UNIQUE,
    role        TEXT NOT NULL,
    password    TEXT NOT NULL,
    disabled    INTEGER NOT NULL,
    created_us  INTEGER NOT NULL
) STRICT;

CREATE TABLE api_key (
    id          INTEGER PRIMARY KEY,
    org         INTEGER NOT NULL,
    hash        BLOB NOT NULL UNIQUE,
    role        TEXT NOT NULL,
    scope       TEXT NOT NULL,
    name        TEXT NOT NULL,
    device      TEXT NOT NULL,
    created_us  INTEGER NOT NULL,
    expires_us  INTEGER NOT NULL,
    revoked_us  INTEGER NOT NULL,
    used_us     INTEGER NOT NULL
) STRICT;

CREATE TABLE login (
    hash        BLOB PRIMARY KEY,
    account     INTEGER NOT NULL,
    created_us  INTEGER NOT NULL,
    rotated_us  INTEGER NOT NULL,
    until_us    INTEGER NOT NULL,
    seen_us     INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    org      INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    time_us  INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    address  TEXT NOT NULL,
    act      TEXT NOT NULL,
    target   TEXT NOT NULL,
    outcome  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    request  TEXT NOT NULL,
    PRIMARY KEY (org, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE access_change (
    id  INTEGER PRIMARY KEY,
    n   INTEGER NOT NULL
) STRICT;
