-- `suyuan rebuild` and `suyuan check`: the views from the facts, and one against the other.  Every listing comes in the
-- order of its table's key, so that two of them can be compared as they stream.

-- name: drop_items
DELETE FROM item;

-- name: drop_event_items
DELETE FROM event_item;

-- name: drop_event_facets
DELETE FROM event_facet;

-- name: drop_event_once
DELETE FROM event_once;

-- name: drop_event_names
DELETE FROM event_name;

-- name: event_facts
-- In order of capture, from a place on.  The digest is a fact: others may have been given it.
SELECT e.seq, e.record_us, e.door, e.actor, e.context, e.event_id, b.body, e.digest
FROM event e LEFT JOIN event_body b ON b.key = e.key
WHERE e.key > (:org << 40) | :after AND e.key < ((:org + 1) << 40) ORDER BY e.key LIMIT :max;

-- name: event_views_set
UPDATE event SET time_us = :time_us, offset_min = :offset_min, type = :type, action = :action, flags = :flags,
                 biz_step = :biz_step, disposition = :disposition, event_hash = :event_hash, refs = :refs
WHERE key = (:org << 40) | :seq;

-- name: event_count
SELECT count(*) FROM event;

-- name: body_count
SELECT count(*) FROM event_body;

-- name: all_terms
SELECT org, id, text FROM term ORDER BY key;

-- name: all_items
SELECT org, id, canonical, kind FROM item ORDER BY key;

-- name: all_events
SELECT org, seq, time_us, offset_min, type, action, flags, biz_step, disposition, digest, salt, event_hash, refs
FROM event ORDER BY key;

-- name: all_event_items
SELECT org, item, seq, role, time_us FROM event_item ORDER BY org, item, seq, role;

-- name: all_event_facets
SELECT org, facet, value, seq, time_us FROM event_facet ORDER BY org, facet, value, seq;

-- name: view_pending
SELECT name FROM view_pending WHERE name = :name;

-- name: view_made
DELETE FROM view_pending WHERE name = :name;

-- name: all_event_once
SELECT org, time_us, head, seq FROM event_once ORDER BY org, time_us, head, seq;

-- name: all_event_names
SELECT org, head, seq FROM event_name ORDER BY org, head, seq;
