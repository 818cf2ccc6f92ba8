-- What stands on an organisation's licence, and where it is found.
CREATE TABLE org_card (
    org          INTEGER PRIMARY KEY,
    credit_code  TEXT NOT NULL,
    name_hant    TEXT NOT NULL,
    name_en      TEXT NOT NULL,
    address      TEXT NOT NULL,
    contact      TEXT NOT NULL
) STRICT;
