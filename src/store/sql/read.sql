-- What readers ask.  Parameters are numbered in order of first use; both engines prepare every statement.

-- name: item_find
SELECT key & 1099511627775 FROM item WHERE org = :org AND canonical = :canonical;

-- name: item_name
SELECT canonical, kind FROM item WHERE key = (:org << 40) | :id;

-- name: item_names
-- A run of neighbours: half the cost of a short query is to begin and end it.
SELECT key & 1099511627775, canonical, kind FROM item WHERE key BETWEEN (:org << 40) | :first AND (:org << 40) | :last;

-- name: term_text
SELECT text FROM term WHERE key = (:org << 40) | :id;

-- name: item_events
SELECT seq, time_us, role FROM event_item
WHERE org = :org AND item = :item AND seq > :after ORDER BY seq, role LIMIT :max;

-- name: event_head
SELECT time_us, offset_min, record_us, type, action, flags, event_id, biz_step, disposition, refs
FROM event WHERE key = (:org << 40) | :seq;

-- name: event_digests
SELECT digest, salt, event_hash FROM event WHERE key = (:org << 40) | :seq;

-- name: event_body
SELECT b.body, e.context FROM event e JOIN event_body b ON b.key = e.key WHERE e.key = (:org << 40) | :seq;

-- name: event_named
-- The candidates; the caller compares the whole eventID.  More than 1024 records under one key are not looked at: an
-- eventID that everybody reuses must not make every capture read them all.
-- The last column says whose copy it is, 6 being the door of copies.
SELECT n.seq, e.event_id, e.flags, e.event_hash,
       CASE WHEN e.door = 6 THEN (SELECT t.text FROM term t WHERE t.key = (e.org << 40) | e.actor) END
FROM event_name n JOIN event e ON e.key = (n.org << 40) | n.seq
WHERE n.org = :org AND n.head = :head ORDER BY n.seq LIMIT 1024;

-- name: event_last
SELECT seq, record_us FROM event WHERE key > (:org << 40) AND key < ((:org + 1) << 40) ORDER BY key DESC LIMIT 1;

-- name: event_findings
SELECT code, pointer, message FROM finding WHERE org = :org AND seq = :seq ORDER BY n;

-- name: master_newest
SELECT type, body FROM master WHERE org = :org AND canonical = :canonical ORDER BY n DESC LIMIT 1;

-- name: capture_report
SELECT report FROM capture WHERE org = :org AND id = :id;

-- name: capture_page
-- By id, which the primary key holds in order.
SELECT id, report FROM capture WHERE org = :org AND id > :after ORDER BY id LIMIT :max;

-- name: origins
SELECT url FROM origin ORDER BY n;

-- name: orgs
SELECT id, code, secret FROM org ORDER BY id;
