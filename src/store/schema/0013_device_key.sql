-- Keys with which devices sign records, and records whose sealed members are erased.
CREATE TABLE device_key (
    org         INTEGER NOT NULL,
    n           INTEGER NOT NULL,
    name        TEXT NOT NULL,
    public_key  BLOB NOT NULL,
    created_us  INTEGER NOT NULL,
    revoked_us  INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    PRIMARY KEY (org, n)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX device_key_public ON device_key (org, public_key);

CREATE TABLE event_erased (
    key        INTEGER PRIMARY KEY,
    org        INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    form       TEXT NOT NULL,
    erased_us  INTEGER NOT NULL,
    members    INTEGER NOT NULL,
    reason     TEXT NOT NULL
) STRICT;
