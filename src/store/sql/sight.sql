-- Reading over many organisations (store/reader_many.c), and the copies that organisations get of each other's records.

-- name: item_everywhere
-- Who knows a thing by this name: one search.
SELECT org, key & 1099511627775 FROM item WHERE canonical = :canonical ORDER BY org;

-- name: item_events_many
SELECT e.seq, e.time_us, e.role, x.from_org, x.from_seq FROM event_item e LEFT JOIN received x ON x.org = e.org AND x.seq = e.seq
WHERE e.org = :org AND e.item = :item AND e.seq > :after ORDER BY e.seq, e.role;

-- name: received_from
-- Where a copy came from.
SELECT from_org, from_seq FROM received WHERE org = :org AND seq = :seq;

-- name: received_by
-- Who has copies of a record.
SELECT org, seq FROM received WHERE from_org = :from_org AND from_seq = :from_seq ORDER BY org;

-- name: master_everywhere
SELECT m.org, m.type, m.body, m.record_us FROM master m
WHERE m.canonical = :canonical AND m.n = (SELECT max(x.n) FROM master x WHERE x.canonical = m.canonical AND x.org = m.org) ORDER BY m.org;
