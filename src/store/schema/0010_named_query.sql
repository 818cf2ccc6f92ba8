-- Named queries (EPCIS 2.0 §8.2.2): views of an organisation on events.
CREATE TABLE named_query (
    org         INTEGER NOT NULL,
    name        TEXT NOT NULL,
    query       TEXT NOT NULL,          -- canonical JSON, every name in full: what runs
    sent        TEXT NOT NULL,          -- as it was sent: what is shown
    actor       TEXT NOT NULL,
    created_us  INTEGER NOT NULL,
    PRIMARY KEY (org, name)
) STRICT, WITHOUT ROWID;
