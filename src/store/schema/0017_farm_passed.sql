-- The day book goes on past what it cannot follow, and follows anew what was erased (docs/design/farm.md).

CREATE TABLE farm_passed (
    org      INTEGER NOT NULL,
    what     INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    name     TEXT NOT NULL,
    time_us  INTEGER NOT NULL,
    why      TEXT NOT NULL,
    PRIMARY KEY (org, what, n, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE farm_again (
    org  INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    PRIMARY KEY (org, seq)
) STRICT, WITHOUT ROWID;

-- What was erased before this step may still stand in the views.
INSERT INTO farm_again (org, seq) SELECT org, seq FROM event_erased;
