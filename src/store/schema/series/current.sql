-- The model of series.db, as the steps beside this file make it.  Bytes of the packed columns: docs/ref/series.md.

-- Names are kept once.  Numbers are given in order of first sight, from 1.
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

-- What was acknowledged and is not yet in blocks: one row a commit.
CREATE TABLE series_journal (
    n            INTEGER PRIMARY KEY,   -- in order of commits
    received_ms  INTEGER NOT NULL,
    readings     INTEGER NOT NULL,
    from_ms      INTEGER NOT NULL,      -- the first and last moment in it
    to_ms        INTEGER NOT NULL,
    devices      INTEGER NOT NULL,      -- a bit for each device named (of 64, by a hash): who looks for one passes most rows over
    batches      BLOB NOT NULL          -- each with its length before it
) STRICT;

-- slot = hour << 32 | device: the newest hours of all devices lie together.
CREATE TABLE series_block (
    slot    INTEGER PRIMARY KEY,
    packed  BLOB NOT NULL
) STRICT;

-- slot = device << 32 | day: a year of one device lies together.
CREATE TABLE series_day (
    slot    INTEGER PRIMARY KEY,
    packed  BLOB NOT NULL
) STRICT;

-- What a device has said at all; last_ms -1: nothing but moments beyond belief.
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

-- Hours that changed since they were sealed, or never were; slot as of series_block.
CREATE TABLE series_open (
    slot    INTEGER PRIMARY KEY,
    due_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX series_open_due ON series_open (due_ms);

CREATE TABLE series_sealed (
    at        INTEGER PRIMARY KEY,      -- gapless from 1, in order of sealing
    slot      INTEGER NOT NULL,
    revision  INTEGER NOT NULL,         -- of that hour, from 1
    n         INTEGER NOT NULL,         -- readings
    channels  INTEGER NOT NULL,
    root      BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX series_sealed_slot ON series_sealed (slot, revision);
