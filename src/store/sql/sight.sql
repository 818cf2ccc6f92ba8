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

-- name: received_add
INSERT INTO received (org, seq, from_org, from_seq) VALUES (:org, :seq, :from_org, :from_seq);

-- name: org_codes
SELECT id, code FROM org ORDER BY id;

-- name: org_parties
SELECT org, canonical FROM org_party ORDER BY org;

-- name: received_wrong
-- Copies that are no event, that came by no copies' door, or whose original is another; events that came by that door and are no copies.
-- What was erased is held against its own form.
SELECT count(*) FROM (
    SELECT 1 FROM received x LEFT JOIN event e ON e.key = (x.org << 40) | x.seq LEFT JOIN event_body b ON b.key = e.key
    LEFT JOIN event_body o ON o.key = (x.from_org << 40) | x.from_seq
    LEFT JOIN event_erased be ON be.key = e.key LEFT JOIN event_erased oe ON oe.key = (x.from_org << 40) | x.from_seq
    WHERE e.key IS NULL OR e.door <> 6 OR o.key IS NULL OR (o.body <> b.body AND be.key IS NULL AND oe.key IS NULL)
    UNION ALL
    SELECT 1 FROM event e WHERE e.door = 6 AND NOT EXISTS (SELECT 1 FROM received x WHERE x.org = e.org AND x.seq = e.seq)
) AS wrong;

-- name: org_authorities
SELECT org, '' FROM org_authority ORDER BY org;

-- name: org_hidden
SELECT org, '' FROM org_about WHERE published = 0 ORDER BY org;

-- name: master_first
-- Who spoke first of a thing of which nobody is known to be the owner.
SELECT org FROM master WHERE canonical = :canonical ORDER BY record_us, org LIMIT 1;

-- name: links
SELECT org, link_type, lang, media, href, title FROM resolver_link WHERE canonical = :canonical ORDER BY link_type, lang, media, org LIMIT :max;

-- name: link_count
SELECT count(*) FROM resolver_link WHERE canonical = :canonical AND org = :org;

-- name: link_set
INSERT INTO resolver_link (canonical, org, link_type, lang, media, href, title) VALUES (:canonical, :org, :link_type, :lang, :media, :href, :title)
ON CONFLICT (canonical, org, link_type, lang, media) DO UPDATE SET href = excluded.href, title = excluded.title;

-- name: link_drop
DELETE FROM resolver_link WHERE canonical = :canonical AND org = :org AND link_type = :link_type AND lang = :lang AND media = :media;
