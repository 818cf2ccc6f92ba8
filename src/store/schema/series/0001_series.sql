-- Readings of devices (docs/ref/series.md): names, the journal, hours packed, figures of days, what is to be sealed, what is.
CREATE TABLE series_device (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX series_device_name ON series_device (name);

CREATE TABLE series_channel (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX series_channel_name ON series_channel (name);

CREATE TABLE series_journal (
    n            INTEGER PRIMARY KEY,
    received_ms  INTEGER NOT NULL,
    readings     INTEGER NOT NULL,
    from_ms      INTEGER NOT NULL,
    to_ms        INTEGER NOT NULL,
    devices      INTEGER NOT NULL,
    batches      BLOB NOT NULL
) STRICT;

CREATE TABLE series_block (
    slot    INTEGER PRIMARY KEY,
    packed  BLOB NOT NULL
) STRICT;

CREATE TABLE series_day (
    slot    INTEGER PRIMARY KEY,
    packed  BLOB NOT NULL
) STRICT;

CREATE TABLE series_last (
    device    INTEGER NOT NULL,
    channel   INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    first_ms  INTEGER NOT NULL,
    last_ms   INTEGER NOT NULL,
    mantissa  INTEGER NOT NULL,
    scale     INTEGER NOT NULL,
    flag      INTEGER NOT NULL,
    PRIMARY KEY (device, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE series_open (
    slot    INTEGER PRIMARY KEY,
    due_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX series_open_due ON series_open (due_ms);

CREATE TABLE series_sealed (
    at        INTEGER PRIMARY KEY,
    slot      INTEGER NOT NULL,
    revision  INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    channels  INTEGER NOT NULL,
    root      BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX series_sealed_slot ON series_sealed (slot, revision);
