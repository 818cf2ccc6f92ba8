-- Searching one organisation's events (store/reader_search.c): candidates in an order, from a place on.  `down` is newest first.
-- A role's bit is spelt out: no shift by a column is known to both engines.
-- By time, equal times are ordered by seq; :t and :s are the place.

-- name: search_all_down
SELECT seq, time_us, record_us, type, action FROM event
WHERE key >= (:org << 40) | :first AND key <= (:org << 40) | :last AND time_us >= :from AND time_us <= :upto ORDER BY key DESC LIMIT :max;

-- name: search_all_up
SELECT seq, time_us, record_us, type, action FROM event
WHERE key >= (:org << 40) | :first AND key <= (:org << 40) | :last AND time_us >= :from AND time_us <= :upto ORDER BY key LIMIT :max;

-- name: search_time_seq_down
SELECT o.seq, o.time_us, e.record_us, e.type, e.action FROM event_once o JOIN event e ON e.key = (o.org << 40) | o.seq
WHERE o.org = :org AND o.seq >= :first AND o.seq <= :last AND o.time_us >= :from AND o.time_us <= :upto ORDER BY o.seq DESC LIMIT :max;

-- name: search_time_seq_up
SELECT o.seq, o.time_us, e.record_us, e.type, e.action FROM event_once o JOIN event e ON e.key = (o.org << 40) | o.seq
WHERE o.org = :org AND o.seq >= :first AND o.seq <= :last AND o.time_us >= :from AND o.time_us <= :upto ORDER BY o.seq LIMIT :max;

-- name: search_time_down
SELECT o.seq, o.time_us, e.record_us, e.type, e.action FROM event_once o JOIN event e ON e.key = (o.org << 40) | o.seq
WHERE o.org = :org AND o.seq >= :first AND o.seq <= :last AND o.time_us >= :from AND o.time_us <= :upto
  AND (o.time_us < :t OR o.seq < :s) ORDER BY o.time_us DESC, o.seq DESC LIMIT :max;

-- name: search_time_up
SELECT o.seq, o.time_us, e.record_us, e.type, e.action FROM event_once o JOIN event e ON e.key = (o.org << 40) | o.seq
WHERE o.org = :org AND o.seq >= :first AND o.seq <= :last AND o.time_us >= :from AND o.time_us <= :upto
  AND (o.time_us > :t OR o.seq > :s) ORDER BY o.time_us, o.seq LIMIT :max;

-- name: search_facet_seq_down
SELECT f.seq, f.time_us, e.record_us, e.type, e.action FROM event_facet f JOIN event e ON e.key = (f.org << 40) | f.seq
WHERE f.org = :org AND f.facet = :facet AND f.value = :value AND f.seq >= :first AND f.seq <= :last
  AND f.time_us >= :from AND f.time_us <= :upto ORDER BY f.seq DESC LIMIT :max;

-- name: search_facet_seq_up
SELECT f.seq, f.time_us, e.record_us, e.type, e.action FROM event_facet f JOIN event e ON e.key = (f.org << 40) | f.seq
WHERE f.org = :org AND f.facet = :facet AND f.value = :value AND f.seq >= :first AND f.seq <= :last
  AND f.time_us >= :from AND f.time_us <= :upto ORDER BY f.seq LIMIT :max;

-- name: search_facet_time_down
SELECT f.seq, f.time_us, e.record_us, e.type, e.action FROM event_facet f JOIN event e ON e.key = (f.org << 40) | f.seq
WHERE f.org = :org AND f.facet = :facet AND f.value = :value AND f.seq >= :first AND f.seq <= :last
  AND f.time_us >= :from AND f.time_us <= :upto AND (f.time_us < :t OR f.seq < :s) ORDER BY f.time_us DESC, f.seq DESC LIMIT :max;

-- name: search_facet_time_up
SELECT f.seq, f.time_us, e.record_us, e.type, e.action FROM event_facet f JOIN event e ON e.key = (f.org << 40) | f.seq
WHERE f.org = :org AND f.facet = :facet AND f.value = :value AND f.seq >= :first AND f.seq <= :last
  AND f.time_us >= :from AND f.time_us <= :upto AND (f.time_us > :t OR f.seq > :s) ORDER BY f.time_us, f.seq LIMIT :max;

-- name: search_item_seq_down
SELECT i.seq, i.time_us, e.record_us, e.type, e.action FROM event_item i JOIN event e ON e.key = (i.org << 40) | i.seq
WHERE i.org = :org AND i.item = :item AND (:roles & CASE i.role WHEN 1 THEN 2 WHEN 2 THEN 4 WHEN 3 THEN 8 WHEN 4 THEN 16 WHEN 5 THEN 32 WHEN 6 THEN 64 WHEN 7 THEN 128 WHEN 8 THEN 256 WHEN 9 THEN 512 WHEN 10 THEN 1024 ELSE 0 END) <> 0 AND i.seq >= :first AND i.seq <= :last
  AND i.time_us >= :from AND i.time_us <= :upto ORDER BY i.seq DESC LIMIT :max;

-- name: search_item_seq_up
SELECT i.seq, i.time_us, e.record_us, e.type, e.action FROM event_item i JOIN event e ON e.key = (i.org << 40) | i.seq
WHERE i.org = :org AND i.item = :item AND (:roles & CASE i.role WHEN 1 THEN 2 WHEN 2 THEN 4 WHEN 3 THEN 8 WHEN 4 THEN 16 WHEN 5 THEN 32 WHEN 6 THEN 64 WHEN 7 THEN 128 WHEN 8 THEN 256 WHEN 9 THEN 512 WHEN 10 THEN 1024 ELSE 0 END) <> 0 AND i.seq >= :first AND i.seq <= :last
  AND i.time_us >= :from AND i.time_us <= :upto ORDER BY i.seq LIMIT :max;

-- name: search_item_time_down
SELECT i.seq, i.time_us, e.record_us, e.type, e.action FROM event_item i JOIN event e ON e.key = (i.org << 40) | i.seq
WHERE i.org = :org AND i.item = :item AND (:roles & CASE i.role WHEN 1 THEN 2 WHEN 2 THEN 4 WHEN 3 THEN 8 WHEN 4 THEN 16 WHEN 5 THEN 32 WHEN 6 THEN 64 WHEN 7 THEN 128 WHEN 8 THEN 256 WHEN 9 THEN 512 WHEN 10 THEN 1024 ELSE 0 END) <> 0 AND i.seq >= :first AND i.seq <= :last
  AND i.time_us >= :from AND i.time_us <= :upto AND (i.time_us < :t OR i.seq < :s) ORDER BY i.time_us DESC, i.seq DESC LIMIT :max;

-- name: search_item_time_up
SELECT i.seq, i.time_us, e.record_us, e.type, e.action FROM event_item i JOIN event e ON e.key = (i.org << 40) | i.seq
WHERE i.org = :org AND i.item = :item AND (:roles & CASE i.role WHEN 1 THEN 2 WHEN 2 THEN 4 WHEN 3 THEN 8 WHEN 4 THEN 16 WHEN 5 THEN 32 WHEN 6 THEN 64 WHEN 7 THEN 128 WHEN 8 THEN 256 WHEN 9 THEN 512 WHEN 10 THEN 1024 ELSE 0 END) <> 0 AND i.seq >= :first AND i.seq <= :last
  AND i.time_us >= :from AND i.time_us <= :upto AND (i.time_us > :t OR i.seq > :s) ORDER BY i.time_us, i.seq LIMIT :max;

-- name: count_time
-- How many there are, looking no further than :max.
SELECT count(*) FROM (SELECT seq FROM event_once WHERE org = :org AND time_us >= :from AND time_us <= :upto LIMIT :max) AS few;

-- name: count_facet
SELECT count(*) FROM (SELECT seq FROM event_facet WHERE org = :org AND facet = :facet AND value = :value AND seq >= :first AND seq <= :last LIMIT :max) AS few;

-- name: count_item
SELECT count(*) FROM (SELECT seq FROM event_item WHERE org = :org AND item = :item AND seq >= :first AND seq <= :last LIMIT :max) AS few;

-- name: has_facet
SELECT seq FROM event_facet WHERE org = :org AND facet = :facet AND value = :value AND seq = :seq;

-- name: has_item
SELECT seq FROM event_item WHERE org = :org AND item = :item AND seq = :seq AND (:roles & CASE role WHEN 1 THEN 2 WHEN 2 THEN 4 WHEN 3 THEN 8 WHEN 4 THEN 16 WHEN 5 THEN 32 WHEN 6 THEN 64 WHEN 7 THEN 128 WHEN 8 THEN 256 WHEN 9 THEN 512 WHEN 10 THEN 1024 ELSE 0 END) <> 0 LIMIT 1;

-- name: event_row
SELECT time_us, record_us, type, action FROM event WHERE key = (:org << 40) | :seq;

-- name: event_found
SELECT b.body, e.context, e.event_id, e.flags FROM event e JOIN event_body b ON b.key = e.key WHERE e.key = (:org << 40) | :seq;

-- name: facet_next
-- The next value of a facet: one search an answer, however many events bear it.
SELECT value FROM event_facet WHERE org = :org AND facet = :facet AND value > :after ORDER BY value LIMIT 1;

-- name: items_seen
SELECT id, canonical FROM item WHERE org = :org AND key > (:org << 40) | :after AND key < ((:org + 1) << 40) ORDER BY key LIMIT :max;
