-- Devices that measure (docs/design/sensing.md): who they are, what is wrong with them, which of their hours are in the log.
CREATE TABLE device (
    id              TEXT NOT NULL PRIMARY KEY,
    org             INTEGER NOT NULL,
    code            TEXT NOT NULL,
    place           TEXT NOT NULL,
    model           TEXT NOT NULL,
    protocol        TEXT NOT NULL,
    mn              TEXT NOT NULL,
    salt            BLOB NOT NULL,
    hash            BLOB NOT NULL,
    broker_hash     TEXT NOT NULL,
    max_per_minute  INTEGER NOT NULL,
    detail          TEXT NOT NULL,
    created_us      INTEGER NOT NULL,
    revoked_us      INTEGER NOT NULL,
    removed_us      INTEGER NOT NULL,
    successor       TEXT NOT NULL,
    stated          INTEGER NOT NULL,
    change          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX device_mn ON device (mn) WHERE mn <> '' AND removed_us = 0;
CREATE INDEX device_change ON device (change);
CREATE INDEX device_org ON device (org, id);

CREATE TABLE device_seen (
    device   TEXT NOT NULL PRIMARY KEY,
    last_ms  INTEGER NOT NULL,
    slots    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE device_finding (
    device     TEXT NOT NULL,
    channel    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    severity   INTEGER NOT NULL,
    opened_us  INTEGER NOT NULL,
    last_us    INTEGER NOT NULL,
    closed_us  INTEGER NOT NULL,
    times      INTEGER NOT NULL,
    told_us    INTEGER NOT NULL,
    evidence   TEXT NOT NULL,
    PRIMARY KEY (device, channel, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_notice (
    n        INTEGER PRIMARY KEY,
    time_us  INTEGER NOT NULL,
    what     INTEGER NOT NULL,
    device   TEXT NOT NULL,
    sender   TEXT NOT NULL,
    detail   TEXT NOT NULL,
    bytes    BLOB NOT NULL
) STRICT;
CREATE INDEX device_notice_of ON device_notice (device, n);

CREATE TABLE device_hour (
    device     TEXT NOT NULL,
    hour_ms    INTEGER NOT NULL,
    revision   INTEGER NOT NULL,
    org        INTEGER NOT NULL,
    readings   INTEGER NOT NULL,
    channels   INTEGER NOT NULL,
    root       BLOB NOT NULL,
    statement  INTEGER NOT NULL,
    PRIMARY KEY (device, hour_ms, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_mark (
    name  TEXT NOT NULL PRIMARY KEY,
    n     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
