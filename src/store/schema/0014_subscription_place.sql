-- How far a regulator's subscription has told of each organisation of its district.
CREATE TABLE subscription_place (
    org     INTEGER NOT NULL,
    id      TEXT NOT NULL,
    of_org  INTEGER NOT NULL,
    mark    INTEGER NOT NULL,
    PRIMARY KEY (org, id, of_org)
) STRICT, WITHOUT ROWID;
