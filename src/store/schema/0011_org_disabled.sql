-- Organisations whose keys and users are refused.  What they recorded stays as it is.
CREATE TABLE org_disabled (
    org       INTEGER PRIMARY KEY,
    since_us  INTEGER NOT NULL
) STRICT;
