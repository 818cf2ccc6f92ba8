-- Subscriptions (push/).

-- name: subscription_add
INSERT INTO subscription (org, id, query_name, query, dest, token, schedule, report_if_empty, actor, created_us, from_us, mark, next_us, sent_us, delivered, failures, last_error)
VALUES (:org, :id, :query_name, :query, :dest, :token, :schedule, :report_if_empty, :actor, :created_us, :from_us, :mark, :next_us, 0, 0, 0, '');

-- name: subscription_count
SELECT count(*) FROM subscription WHERE org = :org;

-- name: subscriptions
SELECT org, id, query_name, query, dest, schedule, report_if_empty, created_us, from_us, mark, next_us, sent_us, delivered, failures, last_error, token
FROM subscription s WHERE NOT EXISTS (SELECT 1 FROM org_disabled d WHERE d.org = s.org) ORDER BY org, id;

-- name: push_mark
-- Another number when a subscription came or went, or an organisation was disabled or enabled: here or in another process.
SELECT (SELECT count(*) FROM subscription), (SELECT COALESCE(max(created_us), 0) FROM subscription), (SELECT count(*) FROM org_disabled),
       (SELECT COALESCE(max(since_us), 0) FROM org_disabled);

-- name: subscription_page
SELECT org, id, query_name, query, dest, schedule, report_if_empty, created_us, from_us, mark, next_us, sent_us, delivered, failures, last_error
FROM subscription WHERE org = :org AND query_name = :query_name AND id > :after ORDER BY id LIMIT :max;

-- name: subscription_one
SELECT org, id, query_name, query, dest, schedule, report_if_empty, created_us, from_us, mark, next_us, sent_us, delivered, failures, last_error
FROM subscription WHERE org = :org AND query_name = :query_name AND id = :id;

-- name: subscription_sent
UPDATE subscription SET mark = :mark, next_us = :next_us, sent_us = :sent_us, delivered = delivered + :n, failures = 0, last_error = ''
WHERE org = :org AND id = :id;

-- name: subscription_failed
UPDATE subscription SET failures = :failures, last_error = :last_error WHERE org = :org AND id = :id;

-- name: subscription_end
DELETE FROM subscription WHERE org = :org AND id = :id;

-- name: subscription_end_places
DELETE FROM subscription_place WHERE org = :org AND id = :id;

-- name: subscription_end_query_places
DELETE FROM subscription_place WHERE org = :org AND id IN (SELECT s.id FROM subscription s WHERE s.org = :org AND s.query_name = :query_name);

-- name: subscription_places
SELECT of_org, mark FROM subscription_place WHERE org = :org AND id = :id ORDER BY of_org;

-- name: subscription_place_set
-- Not for one that was ended meanwhile.
INSERT INTO subscription_place (org, id, of_org, mark) SELECT s.org, s.id, CAST(:of_org AS INTEGER), CAST(:mark AS INTEGER) FROM subscription s WHERE s.org = :org AND s.id = :id
ON CONFLICT (org, id, of_org) DO UPDATE SET mark = excluded.mark;

-- name: subscription_end_query
DELETE FROM subscription WHERE org = :org AND query_name = :query_name;

-- name: record_first_since
-- The first event recorded then or later.
SELECT seq FROM event WHERE key > (:org << 40) AND key < ((:org + 1) << 40) AND record_us >= :since ORDER BY key LIMIT 1;

-- name: push_turn_row
INSERT INTO push_turn (n, holder, until_us) VALUES (1, '', 0) ON CONFLICT (n) DO NOTHING;

-- name: push_turn_take
UPDATE push_turn SET holder = :me, until_us = :until WHERE n = 1 AND (holder = :me OR until_us < :now);

-- name: push_turn_holder
SELECT holder FROM push_turn WHERE n = 1;
