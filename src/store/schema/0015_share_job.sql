-- Copies of what was recorded before an organisation, or one of its identifiers, was registered (docs/design/sight.md).
CREATE TABLE share_job (
    org          INTEGER NOT NULL,
    n            INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    actor        TEXT NOT NULL,
    asked_us     INTEGER NOT NULL,
    due_us       INTEGER NOT NULL,
    begun_us     INTEGER NOT NULL,
    done_us      INTEGER NOT NULL,
    replaced_by  INTEGER NOT NULL,
    holder       TEXT NOT NULL,
    until_us     INTEGER NOT NULL,
    epoch        INTEGER NOT NULL,
    place        INTEGER NOT NULL,
    copied       INTEGER NOT NULL,
    PRIMARY KEY (org, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX share_job_unfinished ON share_job (due_us) WHERE done_us = 0;
