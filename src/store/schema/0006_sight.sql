-- One search by name gives every organisation that knows a thing; within one organisation it costs the same.
DROP INDEX item_name;
CREATE UNIQUE INDEX item_name ON item (canonical, org);
DROP INDEX master_name;
CREATE INDEX master_name ON master (canonical, org, n);

-- A record that names another organisation, copied into that one's own sequence.
CREATE TABLE received (
    org       INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    from_org  INTEGER NOT NULL,
    from_seq  INTEGER NOT NULL,
    PRIMARY KEY (org, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX received_from ON received (from_org, from_seq, org);

-- Identifiers of organisations beside /org/{code}: parties (417), their places (414).
CREATE TABLE IF NOT EXISTS org_party (
    org        INTEGER NOT NULL,
    canonical  TEXT NOT NULL,
    PRIMARY KEY (org, canonical)
) STRICT, WITHOUT ROWID;

-- Regulators and laboratories: what they state counts on every public page.
CREATE TABLE org_authority (
    org  INTEGER PRIMARY KEY
) STRICT;
