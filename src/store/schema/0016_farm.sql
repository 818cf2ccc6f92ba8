-- The farm's day (docs/design/farm.md).  thing, season_act, stock_move, farm_mark and alarm are views that daybook/ follows up
-- and rebuild drops; staff, alarm_decision and regulation are facts.

CREATE TABLE farm_mark (
    org     INTEGER PRIMARY KEY,
    seq     INTEGER NOT NULL,
    master  INTEGER NOT NULL
) STRICT;

CREATE TABLE thing (
    org        INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    code       TEXT NOT NULL,
    canonical  TEXT NOT NULL,
    n          INTEGER NOT NULL,
    record_us  INTEGER NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (org, kind, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX thing_name ON thing (org, canonical);

CREATE TABLE season_act (
    org      INTEGER NOT NULL,
    season   TEXT NOT NULL,
    time_us  INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    act      INTEGER NOT NULL,
    facts    TEXT NOT NULL,
    PRIMARY KEY (org, season, time_us, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_move (
    org       INTEGER NOT NULL,
    lot       TEXT NOT NULL,
    seq       INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    time_us   INTEGER NOT NULL,
    good      TEXT NOT NULL,
    place     TEXT NOT NULL,
    quantity  TEXT NOT NULL,
    uom       TEXT NOT NULL,
    expires   TEXT NOT NULL,
    PRIMARY KEY (org, lot, seq, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX stock_of ON stock_move (org, good, lot);

CREATE TABLE alarm (
    org        INTEGER NOT NULL,
    subject    TEXT NOT NULL,
    rule       TEXT NOT NULL,
    key        TEXT NOT NULL,
    severity   INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    pointer    TEXT NOT NULL,
    opened_us  INTEGER NOT NULL,
    closed_us  INTEGER NOT NULL,
    words      TEXT NOT NULL,
    PRIMARY KEY (org, subject, rule, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX alarm_open ON alarm (org, closed_us, opened_us);

CREATE TABLE alarm_decision (
    org         INTEGER NOT NULL,
    subject     TEXT NOT NULL,
    rule        TEXT NOT NULL,
    key         TEXT NOT NULL,
    n           INTEGER NOT NULL,
    decided_us  INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    owner       TEXT NOT NULL,
    closes      INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    PRIMARY KEY (org, subject, rule, key, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff (
    org         INTEGER NOT NULL,
    code        TEXT NOT NULL,
    created_us  INTEGER NOT NULL,
    body        TEXT NOT NULL,
    PRIMARY KEY (org, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE regulation_import (
    n         INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL,
    file      TEXT NOT NULL,
    hash      BLOB NOT NULL,
    time_us   INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    row_count INTEGER NOT NULL
) STRICT;

CREATE TABLE regulation (
    kind            TEXT NOT NULL,
    name            TEXT NOT NULL,
    import_n        INTEGER NOT NULL,
    effective_from  TEXT NOT NULL,
    effective_to    TEXT NOT NULL,
    confidence      TEXT NOT NULL,
    body            TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

-- What is to be judged anew: a season or lot that was touched, or everything after the regulation changed.
CREATE TABLE judge_due (
    org      INTEGER NOT NULL,
    subject  TEXT NOT NULL,
    PRIMARY KEY (org, subject)
) STRICT, WITHOUT ROWID;
