-- What the one writer does (ledger/).

-- name: org_add
INSERT INTO org (id, code, name, secret, created_us) VALUES (:id, :code, :name, :secret, :created_us);

-- name: origin_add
INSERT INTO origin (n, url) VALUES (:n, :url);

-- name: item_last
SELECT id FROM item WHERE key > (:org << 40) AND key < ((:org + 1) << 40) ORDER BY key DESC LIMIT 1;

-- name: term_last
SELECT id FROM term WHERE key > (:org << 40) AND key < ((:org + 1) << 40) ORDER BY key DESC LIMIT 1;

-- name: master_last
SELECT n FROM master WHERE key > (:org << 40) AND key < ((:org + 1) << 40) ORDER BY key DESC LIMIT 1;

-- name: event_known
-- The candidates for "we have this record"; the caller compares the whole digest.
SELECT o.seq, e.digest, e.event_id,
       CASE WHEN e.door = 6 THEN (SELECT t.text FROM term t WHERE t.key = (e.org << 40) | e.actor) END, e.flags, length(e.salt)
FROM event_once o JOIN event e ON e.key = (o.org << 40) | o.seq
WHERE o.org = :org AND o.time_us = :time_us AND o.head = :head;

-- name: event_add
INSERT INTO event (key, org, seq, record_us, door, actor, context, event_id, time_us, offset_min, type, action, flags,
                   biz_step, disposition, digest, salt, event_hash, refs)
VALUES ((:org << 40) | :seq, :org, :seq, :record_us, :door, :actor, :context, :event_id, :time_us, :offset_min, :type, :action, :flags,
        :biz_step, :disposition, :digest, :salt, :event_hash, :refs);

-- name: event_flag
UPDATE event SET flags = flags | :flag WHERE key = (:org << 40) | :seq;

-- name: event_refs
SELECT refs FROM event WHERE key = (:org << 40) | :seq;

-- name: event_body_add
INSERT INTO event_body (key, org, seq, body) VALUES ((:org << 40) | :seq, :org, :seq, :body);

-- name: item_add
INSERT INTO item (key, org, id, canonical, kind) VALUES ((:org << 40) | :id, :org, :id, :canonical, :kind);

-- name: event_item_add
INSERT INTO event_item (org, item, seq, role, time_us) VALUES (:org, :item, :seq, :role, :time_us);

-- name: event_facet_add
INSERT INTO event_facet (org, facet, value, seq, time_us) VALUES (:org, :facet, :value, :seq, :time_us);

-- name: event_once_add
INSERT INTO event_once (org, time_us, head, seq) VALUES (:org, :time_us, :head, :seq);

-- name: event_name_add
INSERT INTO event_name (org, head, seq) VALUES (:org, :head, :seq);

-- name: term_find
SELECT h.id, t.text FROM term_head h JOIN term t ON t.key = (h.org << 40) | h.id
WHERE h.org = :org AND h.head = :head ORDER BY h.id;

-- name: term_add
INSERT INTO term (key, org, id, text) VALUES ((:org << 40) | :id, :org, :id, :text);

-- name: term_head_add
INSERT INTO term_head (org, head, id) VALUES (:org, :head, :id);

-- name: finding_add
INSERT INTO finding (org, seq, n, code, pointer, message) VALUES (:org, :seq, :n, :code, :pointer, :message);

-- name: master_add
INSERT INTO master (key, org, n, canonical, type, record_us, body)
VALUES ((:org << 40) | :n, :org, :n, :canonical, :type, :record_us, :body);

-- name: capture_add
INSERT INTO capture (org, id, record_us, report) VALUES (:org, :id, :record_us, :report);
