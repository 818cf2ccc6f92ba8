-- The data model as it is now, for people.  It is not what runs: NNNN_*.sql do, in their order, and a test
-- compares the outcome of both.
--
-- Every table that grows has the organisation first in its key, so that an installation can be cut by it.
-- `key` is (organisation << 40) | number: SQLite clusters a table by one integer, and this one keeps an
-- organisation's rows together and in order (docs/design/storage.md).  Statements take :org and :seq and
-- make the key themselves.
--
-- Facts: org, origin, term, event_body, event_erased, finding, master, capture and the first columns, digest and salt of event.
-- Views, which `suyuan rebuild` recreates from the facts: item, event_item, event_facet, event_once, event_name and the
-- other columns of event.

-- An organisation: whose records these are.
CREATE TABLE org (
    id          INTEGER PRIMARY KEY,    -- 1 is the default organisation
    code        TEXT NOT NULL UNIQUE,   -- as in /org/{code}
    name        TEXT NOT NULL,
    secret      BLOB NOT NULL,          -- 32 bytes: the salts of its sealed members come from it
    created_us  INTEGER NOT NULL
) STRICT;

-- Where this installation answers, "https://trace.example.cn".  n = 1 is printed on new codes.
CREATE TABLE origin (
    n    INTEGER PRIMARY KEY,
    url  TEXT NOT NULL UNIQUE
) STRICT;

-- Texts that come again and again, kept once: actors, business steps, dispositions, @contexts.  Ids from 1 in order
-- of first sight, never changed or reused; 0 in another table means "none".
CREATE TABLE term (
    key   INTEGER PRIMARY KEY,          -- org, id
    org   INTEGER NOT NULL,
    id    INTEGER NOT NULL,
    text  TEXT NOT NULL
) STRICT;

-- From a text to its term: contexts are long, so by the first 8 bytes of the text's SHA-256.
CREATE TABLE term_head (
    org   INTEGER NOT NULL,
    head  INTEGER NOT NULL,
    id    INTEGER NOT NULL,
    PRIMARY KEY (org, head, id)
) STRICT, WITHOUT ROWID;

-- An event: the small part that walks read.  Never changed, but for flags.
CREATE TABLE event (
    key          INTEGER PRIMARY KEY,   -- org, seq
    org          INTEGER NOT NULL,
    seq          INTEGER NOT NULL,      -- from 1 without a gap in its organisation
    -- facts
    record_us    INTEGER NOT NULL,      -- when we had it (UTC, microseconds); never runs backwards
    door         INTEGER NOT NULL,      -- enum door
    actor        INTEGER NOT NULL,      -- term
    context      INTEGER NOT NULL,      -- term: the @context text that the body needs
    event_id     TEXT NOT NULL,         -- the client's own, or the one given here
    -- views of the body, but for digest and salt: those were computed once, and others may have been given them
    time_us      INTEGER NOT NULL,      -- eventTime
    offset_min   INTEGER NOT NULL,      -- minutes east of UTC, as sent
    type         INTEGER NOT NULL,      -- enum event_type
    action       INTEGER NOT NULL,      -- enum event_action
    flags        INTEGER NOT NULL,      -- 1: an error declaration; 2: one is known for it; 4: the eventID was given here; 8: signed by a device
    biz_step     INTEGER NOT NULL,      -- term
    disposition  INTEGER NOT NULL,      -- term
    digest       BLOB NOT NULL,         -- record digest, 32 bytes
    salt         BLOB NOT NULL,         -- of its sealed members, 32 bytes; empty: erased with them
    event_hash   BLOB NOT NULL,         -- CBV 2.0, 32 bytes
    refs         BLOB NOT NULL          -- its items with role and quantity, packed (store/refs.h)
) STRICT;

-- The event as sent, written compactly; nothing left out, but for what was erased (event_erased).
CREATE TABLE event_body (
    key   INTEGER PRIMARY KEY,          -- org, seq
    org   INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    body  TEXT NOT NULL
) STRICT;

-- Things that events name.  Ids from 1 in order of first sight: what is made together stands together.
CREATE TABLE item (
    key        INTEGER PRIMARY KEY,     -- org, id
    org        INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    canonical  TEXT NOT NULL,
    kind       INTEGER NOT NULL         -- enum ident_kind
) STRICT;

-- One search gives every organisation that knows a thing.
CREATE UNIQUE INDEX item_name ON item (canonical, org);

-- Which events touch an item, and in which role: the edges that a walk follows.
CREATE TABLE event_item (
    org      INTEGER NOT NULL,
    item     INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    role     INTEGER NOT NULL,          -- enum item_role
    time_us  INTEGER NOT NULL,
    PRIMARY KEY (org, item, seq, role)
) STRICT, WITHOUT ROWID;

-- What events are searched by beside their items: words, places, parties, papers, devices.  Rows are appended below their value.
CREATE TABLE event_facet (
    org      INTEGER NOT NULL,
    facet    INTEGER NOT NULL,          -- enum facet
    value    INTEGER NOT NULL,          -- term
    seq      INTEGER NOT NULL,
    time_us  INTEGER NOT NULL,          -- eventTime: spares a look into event
    PRIMARY KEY (org, facet, value, seq)
) STRICT, WITHOUT ROWID;

-- Views that a schema step brought and that are still to be made of the events that were there before; the next writer does.
CREATE TABLE view_pending (
    name  TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- The same record is kept once.  Identity is (org, time_us, digest); 8 bytes of the digest find the candidate,
-- the whole one in event decides.
CREATE TABLE event_once (
    org      INTEGER NOT NULL,
    time_us  INTEGER NOT NULL,
    head     INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    PRIMARY KEY (org, time_us, head, seq)
) STRICT, WITHOUT ROWID;

-- From an eventID to the records that bear it; head: event_name_head() in store/names.h.
CREATE TABLE event_name (
    org   INTEGER NOT NULL,
    head  INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    PRIMARY KEY (org, head, seq)
) STRICT, WITHOUT ROWID;

-- What was odd about a record when it came, beyond what the standard's schema refuses.
CREATE TABLE finding (
    org      INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    code     TEXT NOT NULL,             -- stable slug
    pointer  TEXT NOT NULL,             -- JSON Pointer within the event
    message  TEXT NOT NULL,
    PRIMARY KEY (org, seq, n)
) STRICT, WITHOUT ROWID;

-- Statements about things that are no events (EPCIS master data).  None is changed; the newest holds.
CREATE TABLE master (
    key        INTEGER PRIMARY KEY,     -- org, n
    org        INTEGER NOT NULL,
    n          INTEGER NOT NULL,        -- from 1 without a gap in its organisation
    canonical  TEXT NOT NULL,
    type       TEXT NOT NULL,           -- vocabulary type as sent
    record_us  INTEGER NOT NULL,
    body       TEXT NOT NULL            -- the vocabulary element as sent
) STRICT;

CREATE INDEX master_name ON master (canonical, org, n);

-- Capture jobs and what became of them.
CREATE TABLE capture (
    org        INTEGER NOT NULL,
    id         TEXT NOT NULL,           -- UUID
    record_us  INTEGER NOT NULL,
    report     TEXT NOT NULL,           -- JSON, as GET /capture/{id} gives it
    PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;

-- A record that names another organisation is copied into that one's own sequence (docs/design/sight.md): a fact, since
-- nothing in the copy says where it came from.
CREATE TABLE received (
    org       INTEGER NOT NULL,         -- whose copy
    seq       INTEGER NOT NULL,
    from_org  INTEGER NOT NULL,         -- whose record
    from_seq  INTEGER NOT NULL,
    PRIMARY KEY (org, seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX received_from ON received (from_org, from_seq, org);

-- Identifiers of organisations beside /org/{code}: parties (417), their places (414).
CREATE TABLE org_party (
    org        INTEGER NOT NULL,
    canonical  TEXT NOT NULL,
    PRIMARY KEY (org, canonical)
) STRICT, WITHOUT ROWID;

-- Regulators and laboratories: what they state counts on every public page.
CREATE TABLE org_authority (
    org  INTEGER PRIMARY KEY
) STRICT;

-- What an organisation wants the addresses of its own things to lead to, beside what is here (docs/ref/resolver.md).
CREATE TABLE resolver_link (
    org        INTEGER NOT NULL,
    canonical  TEXT NOT NULL,
    link_type  TEXT NOT NULL,           -- "gs1:instructions", or an IRI
    lang       TEXT NOT NULL,           -- hreflang, or ''
    media      TEXT NOT NULL,           -- media type, or ''
    href       TEXT NOT NULL,
    title      TEXT NOT NULL,
    PRIMARY KEY (canonical, org, link_type, lang, media)
) STRICT, WITHOUT ROWID;

-- Subscriptions (docs/design/push.md): a named query whose new answers are delivered.
CREATE TABLE subscription (
    org              INTEGER NOT NULL,
    id               TEXT NOT NULL,     -- UUID
    query_name       TEXT NOT NULL,
    query            TEXT NOT NULL,     -- the named query's JSON: named queries never change
    dest             TEXT NOT NULL,     -- http or https address
    token            TEXT NOT NULL,     -- signs deliveries; never told
    schedule         TEXT NOT NULL,     -- JSON as sent; '': a stream
    report_if_empty  INTEGER NOT NULL,
    actor            TEXT NOT NULL,
    created_us       INTEGER NOT NULL,
    from_us          INTEGER NOT NULL,  -- nothing recorded earlier is told
    mark             INTEGER NOT NULL,  -- events up to this seq were delivered, or do not match
    next_us          INTEGER NOT NULL,  -- the next run of a schedule; 0: a stream
    sent_us          INTEGER NOT NULL,  -- of the last delivery taken; 0: none
    delivered        INTEGER NOT NULL,  -- events
    failures         INTEGER NOT NULL,  -- tries since the last delivery taken
    last_error       TEXT NOT NULL,
    PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX subscription_query ON subscription (org, query_name, id);

-- How far a regulator's subscription has told of each organisation of its district; of its own organisation, subscription.mark.
CREATE TABLE subscription_place (
    org     INTEGER NOT NULL,
    id      TEXT NOT NULL,              -- of the subscription
    of_org  INTEGER NOT NULL,           -- whose events; none: from the subscription's beginning
    mark    INTEGER NOT NULL,           -- events up to this seq were delivered, or do not match
    PRIMARY KEY (org, id, of_org)
) STRICT, WITHOUT ROWID;

-- Which of several processes on one database delivers.
CREATE TABLE push_turn (
    n         INTEGER PRIMARY KEY,      -- 1
    holder    TEXT NOT NULL,            -- host and data directory
    until_us  INTEGER NOT NULL          -- then another may take over
) STRICT;

-- Organisations in more words; the default organisation may have no row.
CREATE TABLE org_about (
    org        INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,           -- enterprise, regulator, laboratory, buyer, carrier
    district   INTEGER NOT NULL,        -- the regulator's organisation that sees it; 0: none
    published  INTEGER NOT NULL         -- its lots have public pages
) STRICT;

-- What stands on an organisation's licence, and where it is found; empty: not stated.  org.name is its name in simplified characters.
CREATE TABLE org_card (
    org          INTEGER PRIMARY KEY,
    credit_code  TEXT NOT NULL,         -- GB 32100-2015, its check character right
    name_hant    TEXT NOT NULL,
    name_en      TEXT NOT NULL,
    address      TEXT NOT NULL,
    contact      TEXT NOT NULL          -- a person or a telephone number: shown to the organisation alone
) STRICT;

-- Organisations whose keys and users are refused.  What they recorded stays as it is.
CREATE TABLE org_disabled (
    org       INTEGER PRIMARY KEY,
    since_us  INTEGER NOT NULL
) STRICT;

-- People who log in.
CREATE TABLE account (
    id          INTEGER PRIMARY KEY,
    org         INTEGER NOT NULL,
    name        TEXT NOT NULL UNIQUE,
    role        TEXT NOT NULL,          -- access/roles.def
    password    TEXT NOT NULL,          -- argon2id with its parameters and salt
    disabled    INTEGER NOT NULL,
    created_us  INTEGER NOT NULL
) STRICT;

-- Keys of machines.
CREATE TABLE api_key (
    id          INTEGER PRIMARY KEY,
    org         INTEGER NOT NULL,
    hash        BLOB NOT NULL UNIQUE,   -- SHA-256 of the key, which nobody else knows
    role        TEXT NOT NULL,
    scope       TEXT NOT NULL,          -- "capture,query"
    name        TEXT NOT NULL,
    device      TEXT NOT NULL,          -- the device's canonical identifier, or empty
    created_us  INTEGER NOT NULL,
    expires_us  INTEGER NOT NULL,       -- 0: never
    revoked_us  INTEGER NOT NULL,       -- 0: good
    used_us     INTEGER NOT NULL        -- about: flushed now and then
) STRICT;

-- Who is logged in; the cookie's SHA-256.
CREATE TABLE login (
    hash        BLOB PRIMARY KEY,
    account     INTEGER NOT NULL,
    created_us  INTEGER NOT NULL,
    rotated_us  INTEGER NOT NULL,
    until_us    INTEGER NOT NULL,       -- the absolute end, or a moment after rotation
    seen_us     INTEGER NOT NULL        -- about: flushed now and then
) STRICT;

-- Refusals and administrative acts; refusals of a kind are counted in one row.
CREATE TABLE audit (
    org      INTEGER NOT NULL,
    n        INTEGER NOT NULL,          -- from 1 without a gap
    time_us  INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    address  TEXT NOT NULL,
    act      TEXT NOT NULL,
    target   TEXT NOT NULL,
    outcome  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    request  TEXT NOT NULL,
    PRIMARY KEY (org, n)
) STRICT, WITHOUT ROWID;

-- Grows with every change of accounts, so that other processes notice.
CREATE TABLE access_change (
    id  INTEGER PRIMARY KEY,
    n   INTEGER NOT NULL
) STRICT;

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

-- ---- the log (docs/design/proof.md) ----

-- The leaves in their order, which is the truth of the log; the tree follows from it.
CREATE TABLE log_leaf (
    idx         INTEGER PRIMARY KEY,    -- from 0 without a gap
    org         INTEGER NOT NULL,
    type        INTEGER NOT NULL,       -- enum leaf_type
    ref         INTEGER NOT NULL,       -- event: its seq; others: n of log_statement
    ms          INTEGER NOT NULL,       -- when it was recorded; never runs backwards
    commitment  BLOB NOT NULL           -- 32 bytes
) STRICT;

-- From a record to its leaf, and what opens it.
CREATE TABLE log_of (
    org   INTEGER NOT NULL,
    type  INTEGER NOT NULL,
    ref   INTEGER NOT NULL,
    idx   INTEGER NOT NULL,
    salt  BLOB NOT NULL,                -- 32 random bytes
    hash  BLOB NOT NULL,                -- what is committed to: the record hash, or a statement's
    PRIMARY KEY (org, type, ref)
) STRICT, WITHOUT ROWID;

-- What is in the log and no event: photos, seals of lots, erasures, keys, anchors.
CREATE TABLE log_statement (
    org        INTEGER NOT NULL,
    type       INTEGER NOT NULL,        -- enum leaf_type
    n          INTEGER NOT NULL,        -- from 1 without a gap in its organisation and type
    record_us  INTEGER NOT NULL,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL,
    PRIMARY KEY (org, type, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX log_statement_subject ON log_statement (org, type, subject, n);

-- The log as it was last signed.  The greatest n is the one that goes on; earlier ones are frozen.
CREATE TABLE log_state (
    n           INTEGER PRIMARY KEY,    -- from 1: each begun log
    origin      TEXT NOT NULL,          -- "trace.example.cn/log"
    vkey        TEXT NOT NULL,
    created_us  INTEGER NOT NULL,
    size        INTEGER NOT NULL,       -- leaves under the last signed checkpoint
    root        BLOB NOT NULL,
    note        TEXT NOT NULL,          -- that checkpoint, signed by us alone; '' before the first
    epoch       INTEGER NOT NULL,       -- grows with each holder: what an earlier one does fails
    holder      TEXT NOT NULL,          -- host and data directory
    until_us    INTEGER NOT NULL        -- then another may take over
) STRICT;

-- Every checkpoint that was signed.
CREATE TABLE log_checkpoint (
    n          INTEGER NOT NULL,        -- of log_state
    size       INTEGER NOT NULL,
    note       TEXT NOT NULL,
    signed_us  INTEGER NOT NULL,
    PRIMARY KEY (n, size)
) STRICT, WITHOUT ROWID;

-- Witnesses' lines below them.
CREATE TABLE log_cosign (
    n         INTEGER NOT NULL,
    size      INTEGER NOT NULL,
    name      TEXT NOT NULL,
    line      TEXT NOT NULL,            -- as it stands in a note, with its newline
    time_s    INTEGER NOT NULL,         -- the witness's clock
    PRIMARY KEY (n, size, name)
) STRICT, WITHOUT ROWID;

-- Ed25519 keys with which devices sign what they record (docs/design/proof.md).
CREATE TABLE device_key (
    org         INTEGER NOT NULL,
    n           INTEGER NOT NULL,       -- from 1 without a gap in its organisation
    name        TEXT NOT NULL,
    public_key  BLOB NOT NULL,          -- 32 bytes
    created_us  INTEGER NOT NULL,
    revoked_us  INTEGER NOT NULL,       -- 0: good
    actor       TEXT NOT NULL,          -- who registered it
    PRIMARY KEY (org, n)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX device_key_public ON device_key (org, public_key);

-- Records whose sealed members are erased: in event_body stands what is left, here what the digest was made of.
CREATE TABLE event_erased (
    key        INTEGER PRIMARY KEY,     -- org, seq
    org        INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    form       TEXT NOT NULL,           -- the canonical form with its seals
    erased_us  INTEGER NOT NULL,        -- the first time
    members    INTEGER NOT NULL,        -- how many were erased
    reason     TEXT NOT NULL            -- a word
) STRICT;

-- Copies of what was recorded before an organisation, or one of its identifiers, was registered (docs/design/sight.md).
CREATE TABLE share_job (
    org          INTEGER NOT NULL,      -- who gets the copies
    n            INTEGER NOT NULL,      -- from 1 without a gap in its organisation
    kind         INTEGER NOT NULL,      -- 1 asked for, 2 with a registration (a look follows its end), 3 a look
    actor        TEXT NOT NULL,         -- who asked, or whose registration it was
    asked_us     INTEGER NOT NULL,
    due_us       INTEGER NOT NULL,      -- not before
    begun_us     INTEGER NOT NULL,      -- 0: not yet
    done_us      INTEGER NOT NULL,      -- 0: not yet
    replaced_by  INTEGER NOT NULL,      -- the job that looks at all of it once more; 0: none
    holder       TEXT NOT NULL,         -- the process that works at it: host and data directory
    until_us     INTEGER NOT NULL,      -- then another may go on; 0: nobody works at it
    epoch        INTEGER NOT NULL,      -- grows with each holder
    place        INTEGER NOT NULL,      -- organisation << 40 | number: looked at up to here; only grows
    copied       INTEGER NOT NULL,      -- copies that it brought
    PRIMARY KEY (org, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX share_job_unfinished ON share_job (due_us) WHERE done_us = 0;

-- ---- the farm's day (docs/design/farm.md): farm_mark, thing, season_act, stock_move, alarm and judge_due are views that daybook/ follows up ----

-- How far an organisation was followed.
CREATE TABLE farm_mark (
    org     INTEGER PRIMARY KEY,
    seq     INTEGER NOT NULL,           -- events
    master  INTEGER NOT NULL            -- master data
) STRICT;

-- What could not be followed or judged: the day book went on past it, and a rebuild tries again.
CREATE TABLE farm_passed (
    org      INTEGER NOT NULL,
    what     INTEGER NOT NULL,          -- 1 event, 2 statement of master data, 3 judging of a season or lot
    n        INTEGER NOT NULL,          -- of the event or statement; 0
    name     TEXT NOT NULL,             -- canonical of the season or lot; ''
    time_us  INTEGER NOT NULL,
    why      TEXT NOT NULL,             -- a sentence for the operator
    PRIMARY KEY (org, what, n, name)
) STRICT, WITHOUT ROWID;

-- Events that are to be followed once more: their sealed members were erased.
CREATE TABLE farm_again (
    org  INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    PRIMARY KEY (org, seq)
) STRICT, WITHOUT ROWID;

-- The newest statement of each thing that was put (places, products, inputs, crops, partners, seasons).
CREATE TABLE thing (
    org        INTEGER NOT NULL,
    kind       INTEGER NOT NULL,        -- enum thing_kind
    code       TEXT NOT NULL,
    canonical  TEXT NOT NULL,
    n          INTEGER NOT NULL,        -- of master
    record_us  INTEGER NOT NULL,
    body       TEXT NOT NULL,           -- JSON as kept by thing_read()
    PRIMARY KEY (org, kind, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX thing_name ON thing (org, canonical);

-- The events of a season with the facts that rules need.
CREATE TABLE season_act (
    org      INTEGER NOT NULL,
    season   TEXT NOT NULL,             -- canonical
    time_us  INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    act      INTEGER NOT NULL,          -- enum act
    facts    TEXT NOT NULL,             -- fact_write()
    PRIMARY KEY (org, season, time_us, seq)
) STRICT, WITHOUT ROWID;

-- What came into and left a lot.
CREATE TABLE stock_move (
    org       INTEGER NOT NULL,
    lot       TEXT NOT NULL,            -- canonical
    seq       INTEGER NOT NULL,
    n         INTEGER NOT NULL,         -- within the event
    time_us   INTEGER NOT NULL,
    good      TEXT NOT NULL,            -- canonical of the input or product; '': not known
    place     TEXT NOT NULL,
    quantity  TEXT NOT NULL,            -- decimal: below 0 what left; =n: so much was counted.  A mass in KGM, a volume in LTR
    uom       TEXT NOT NULL,
    expires   TEXT NOT NULL,            -- day, or ''
    PRIMARY KEY (org, lot, seq, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX stock_of ON stock_move (org, good, lot);

-- Open findings of the rules, and closed ones.
CREATE TABLE alarm (
    org        INTEGER NOT NULL,
    subject    TEXT NOT NULL,           -- canonical of a season or lot
    rule       TEXT NOT NULL,
    key        TEXT NOT NULL,           -- within subject and rule
    severity   INTEGER NOT NULL,        -- enum severity
    seq        INTEGER NOT NULL,        -- the record it is about
    pointer    TEXT NOT NULL,
    opened_us  INTEGER NOT NULL,
    closed_us  INTEGER NOT NULL,        -- 0: open
    words      TEXT NOT NULL,           -- JSON: the explanation in each language
    PRIMARY KEY (org, subject, rule, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX alarm_open ON alarm (org, closed_us, opened_us);

-- What people decided about an alarm: who owns it, why it is closed.  A fact.
CREATE TABLE alarm_decision (
    org         INTEGER NOT NULL,
    subject     TEXT NOT NULL,
    rule        TEXT NOT NULL,
    key         TEXT NOT NULL,
    n           INTEGER NOT NULL,       -- from 1
    decided_us  INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    owner       TEXT NOT NULL,          -- '': as it was
    closes      INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    PRIMARY KEY (org, subject, rule, key, n)
) STRICT, WITHOUT ROWID;

-- People of an organisation: can be erased, so no master data.
CREATE TABLE staff (
    org         INTEGER NOT NULL,
    code        TEXT NOT NULL,
    created_us  INTEGER NOT NULL,
    body        TEXT NOT NULL,
    PRIMARY KEY (org, code)
) STRICT, WITHOUT ROWID;

-- Which files the regulation in force came from.
CREATE TABLE regulation_import (
    n          INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,
    file       TEXT NOT NULL,
    hash       BLOB NOT NULL,
    time_us    INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    row_count  INTEGER NOT NULL
) STRICT;

-- Bans, intervals, limits: dated, with source and confidence.
CREATE TABLE regulation (
    kind            TEXT NOT NULL,      -- regulation_kind_name()
    name            TEXT NOT NULL,      -- the row's key: the same row imported again replaces itself
    import_n        INTEGER NOT NULL,
    effective_from  TEXT NOT NULL,      -- day, or ''
    effective_to    TEXT NOT NULL,
    confidence      TEXT NOT NULL,
    body            TEXT NOT NULL,      -- JSON of the row
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

-- What is to be judged anew.
CREATE TABLE judge_due (
    org      INTEGER NOT NULL,
    subject  TEXT NOT NULL,
    PRIMARY KEY (org, subject)
) STRICT, WITHOUT ROWID;

-- Devices that measure (docs/design/sensing.md).  What a device says of itself and where it stands is master data (thing, kind 7) with its history; here is what
-- makes its id unique in the installation, and what must not stand in a record.
CREATE TABLE device (
    id              TEXT NOT NULL PRIMARY KEY,  -- [A-Za-z0-9._-]{1,64}
    org             INTEGER NOT NULL,
    code            TEXT NOT NULL,              -- as in /device/{org}/{code}
    place           TEXT NOT NULL,              -- canonical, or as it was given; empty: none
    model           TEXT NOT NULL,
    protocol        TEXT NOT NULL,              -- sensing/protocols.def
    mn              TEXT NOT NULL,              -- HJ 212's number of it, or empty
    salt            BLOB NOT NULL,              -- 16 random bytes
    hash            BLOB NOT NULL,              -- SHA-256(salt ‖ secret)
    broker_hash     TEXT NOT NULL,              -- the secret as the MQTT broker keeps it, or empty
    max_per_minute  INTEGER NOT NULL,           -- readings; beyond it the device is throttled
    detail          TEXT NOT NULL,              -- JSON: the body of the thing
    created_us      INTEGER NOT NULL,
    revoked_us      INTEGER NOT NULL,           -- 0: its secret is good
    removed_us      INTEGER NOT NULL,           -- 0: it stands where it was put
    successor       TEXT NOT NULL,              -- what replaced it, or empty
    stated          INTEGER NOT NULL,           -- 0: registered, but its statement may not be durable yet
    change          INTEGER NOT NULL            -- device_mark 'change' when it was last changed: who follows reads what is behind
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX device_mn ON device (mn) WHERE mn <> '' AND removed_us = 0;
CREATE INDEX device_change ON device (change);
CREATE INDEX device_org ON device (org, id);

-- When devices were heard, kept now and then: after a crash a little of it may be missing.
CREATE TABLE device_seen (
    device   TEXT NOT NULL PRIMARY KEY,
    last_ms  INTEGER NOT NULL,                  -- when something of it was last received
    slots    BLOB NOT NULL                      -- 288 bits: in which five minutes of the last day
) STRICT, WITHOUT ROWID;

-- What is wrong with a device or one of its channels: one row a kind, open while closed_us is 0.
CREATE TABLE device_finding (
    device     TEXT NOT NULL,
    channel    TEXT NOT NULL,                   -- empty: of the whole device
    kind       TEXT NOT NULL,                   -- a word: "conflict", "unknown-model" …
    severity   INTEGER NOT NULL,
    opened_us  INTEGER NOT NULL,
    last_us    INTEGER NOT NULL,
    closed_us  INTEGER NOT NULL,
    times      INTEGER NOT NULL,
    told_us    INTEGER NOT NULL,                -- 0: a letter may still be due
    evidence   TEXT NOT NULL,                   -- JSON
    PRIMARY KEY (device, channel, kind)
) STRICT, WITHOUT ROWID;

-- What the doors noticed: wrong secrets, frames that are none with their bytes.  The newest LIMIT_NOTICES.
CREATE TABLE device_notice (
    n        INTEGER PRIMARY KEY,
    time_us  INTEGER NOT NULL,
    what     INTEGER NOT NULL,                  -- enum notice
    device   TEXT NOT NULL,
    sender   TEXT NOT NULL,
    detail   TEXT NOT NULL,
    bytes    BLOB NOT NULL
) STRICT;
CREATE INDEX device_notice_of ON device_notice (device, n);

-- The sealed hours that are in the log.
CREATE TABLE device_hour (
    device     TEXT NOT NULL,
    hour_ms    INTEGER NOT NULL,
    revision   INTEGER NOT NULL,
    org        INTEGER NOT NULL,
    readings   INTEGER NOT NULL,
    channels   INTEGER NOT NULL,
    root       BLOB NOT NULL,
    statement  INTEGER NOT NULL,                -- its number in the organisation and type
    PRIMARY KEY (device, hour_ms, revision)
) STRICT, WITHOUT ROWID;

-- 'change': of device; 'sealed': up to which sealed hour of the series the log has it; 'copy': up to where the copy of the readings is.
CREATE TABLE device_mark (
    name  TEXT NOT NULL PRIMARY KEY,
    n     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
