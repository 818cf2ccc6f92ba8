-- Subscriptions: a named query whose new answers are delivered.
CREATE TABLE subscription (
    org              INTEGER NOT NULL,
    id               TEXT NOT NULL,
    query_name       TEXT NOT NULL,
    query            TEXT NOT NULL,
    dest             TEXT NOT NULL,
    token            TEXT NOT NULL,
    schedule         TEXT NOT NULL,
    report_if_empty  INTEGER NOT NULL,
    actor            TEXT NOT NULL,
    created_us       INTEGER NOT NULL,
    from_us          INTEGER NOT NULL,
    mark             INTEGER NOT NULL,
    next_us          INTEGER NOT NULL,
    sent_us          INTEGER NOT NULL,
    delivered        INTEGER NOT NULL,
    failures         INTEGER NOT NULL,
    last_error       TEXT NOT NULL,
    PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_query ON subscription (org, query_name, id);

-- Which of several processes on one database delivers.
CREATE TABLE push_turn (
    n         INTEGER PRIMARY KEY,
    holder    TEXT NOT NULL,
    until_us  INTEGER NOT NULL
) STRICT;
