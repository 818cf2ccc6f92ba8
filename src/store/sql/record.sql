-- Keys that devices sign with, and erased records (store/record.h, ledger/).

-- name: device_key
SELECT name, public_key, created_us, revoked_us, actor FROM device_key WHERE org = :org AND n = :n;

-- name: device_keys
SELECT n, name, public_key, created_us, revoked_us, actor FROM device_key WHERE org = :org AND n > :after ORDER BY n LIMIT :max;

-- name: device_key_find
-- Asked within the turn of the organisation, so that a revocation and a record have an order, whichever server took them.
SELECT n, revoked_us FROM device_key WHERE org = :org AND public_key = :public_key;

-- name: device_key_of_record
-- A copy's key is known to the organisation that recorded the original.
SELECT d.org, d.n, d.name, d.created_us, d.revoked_us FROM device_key d
WHERE d.public_key = :public_key AND d.org = COALESCE((SELECT r.from_org FROM received r WHERE r.org = :org AND r.seq = :seq), :org);

-- name: device_key_next
SELECT COALESCE(max(n), 0) + 1 FROM device_key WHERE org = :org;

-- name: device_key_add
INSERT INTO device_key (org, n, name, public_key, created_us, revoked_us, actor)
VALUES (:org, :n, :name, :public_key, :created_us, 0, :actor);

-- name: device_key_revoke
UPDATE device_key SET revoked_us = :now WHERE org = :org AND n = :n AND revoked_us = 0;

-- name: record_facts
-- What a record's canonical form is made of; the last columns only where it was erased.
SELECT b.body, e.context, e.salt, x.form FROM event e JOIN event_body b ON b.key = e.key LEFT JOIN event_erased x ON x.key = e.key
WHERE e.key = (:org << 40) | :seq;

-- name: record_erased
SELECT erased_us, members, reason FROM event_erased WHERE key = (:org << 40) | :seq;

-- name: erasing
-- The record that is to be erased.
SELECT e.digest, e.event_id, e.record_us, e.context, b.body, x.members FROM event e JOIN event_body b ON b.key = e.key LEFT JOIN event_erased x ON x.key = e.key
WHERE e.key = (:org << 40) | :seq;

-- name: erased_add
INSERT INTO event_erased (key, org, seq, form, erased_us, members, reason)
VALUES ((:org << 40) | :seq, :org, :seq, :form, :erased_us, :members, :reason);

-- name: body_erase
UPDATE event_body SET body = :body WHERE key = (:org << 40) | :seq;

-- name: event_erase
UPDATE event SET salt = :nothing, biz_step = biz_step * :step, disposition = disposition * :disposition WHERE key = (:org << 40) | :seq;

-- name: finding_erase
-- Messages quote what they found.
UPDATE finding SET message = '' WHERE org = :org AND seq = :seq;

-- name: facet_erase
DELETE FROM event_facet WHERE org = :org AND facet = :facet AND value = :value AND seq = :seq;

-- name: facet_bears
SELECT seq FROM event_facet WHERE org = :org AND facet = :facet AND value = :value LIMIT 1;

-- name: term_borne
-- Actors and contexts are in no index; asked only of a text that is about to go.
SELECT seq FROM event WHERE key > (:org << 40) AND key < ((:org + 1) << 40) AND (actor = :id OR context = :id OR biz_step = :id OR disposition = :id) LIMIT 1;

-- name: term_erase
UPDATE term SET text = '' WHERE key = (:org << 40) | :id;

-- name: term_head_erase
DELETE FROM term_head WHERE org = :org AND head = :head AND id = :id;

-- name: captures_at
-- The jobs of one commit.
SELECT id, report FROM capture WHERE org = :org AND record_us = :record_us ORDER BY id;

-- name: capture_report_set
UPDATE capture SET report = :report WHERE org = :org AND id = :id;

-- name: copies_of
SELECT org, seq FROM received WHERE from_org = :org AND from_seq = :seq ORDER BY org;
