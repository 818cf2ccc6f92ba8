-- The farm's day (docs/design/farm.md): how far it was followed.

-- name: farm_mark
SELECT seq, master FROM farm_mark WHERE org = :org;

-- name: farm_mark_take
-- Holds the row until the change ends: of several processes on one database one follows an organisation at a time.
INSERT INTO farm_mark (org, seq, master) VALUES (:org, 0, 0) ON CONFLICT (org) DO UPDATE SET seq = farm_mark.seq RETURNING seq, master;

-- name: farm_mark_set
UPDATE farm_mark SET seq = :seq, master = :master WHERE org = :org;

-- name: farm_orgs
-- Whose day there is something to follow of: who has things, or master data that nobody looked at.
SELECT o.id FROM org o WHERE EXISTS (SELECT 1 FROM thing t WHERE t.org = o.id)
    OR EXISTS (SELECT 1 FROM master m WHERE m.key > (o.id << 40) | COALESCE((SELECT f.master FROM farm_mark f WHERE f.org = o.id), 0) AND m.key < ((o.id + 1) << 40))
ORDER BY o.id;

-- name: thing_any
SELECT 1 FROM thing WHERE org = :org LIMIT 1;

-- name: master_after
SELECT n, record_us, canonical, type, body FROM master WHERE key > (:org << 40) | :after AND key < ((:org + 1) << 40) ORDER BY key LIMIT :max;

-- name: judge_due_add
INSERT INTO judge_due (org, subject) VALUES (:org, :subject) ON CONFLICT (org, subject) DO NOTHING;

-- name: drop_farm_marks
DELETE FROM farm_mark;

-- name: drop_things
DELETE FROM thing;

-- name: drop_season_acts
DELETE FROM season_act;

-- name: drop_stock_moves
DELETE FROM stock_move;

-- name: drop_alarms
DELETE FROM alarm;

-- name: drop_judge_due
DELETE FROM judge_due;

-- name: thing_put
INSERT INTO thing (org, kind, code, canonical, n, record_us, body) VALUES (:org, :kind, :code, :canonical, :n, :record_us, :body)
ON CONFLICT (org, kind, code) DO UPDATE SET canonical = excluded.canonical, n = excluded.n, record_us = excluded.record_us, body = excluded.body;

-- name: thing_one
SELECT kind, code, canonical, n, record_us, body FROM thing WHERE org = :org AND kind = :kind AND code = :code;

-- name: thing_named
SELECT kind, code, canonical, n, record_us, body FROM thing WHERE org = :org AND canonical = :canonical ORDER BY n DESC LIMIT 1;

-- name: thing_page
SELECT kind, code, canonical, n, record_us, body FROM thing WHERE org = :org AND kind = :kind AND code > :after ORDER BY code LIMIT :max;

-- name: thing_canonicals
SELECT canonical FROM thing WHERE org = :org AND kind = :kind ORDER BY code;

-- name: master_history
-- What was stated under a name before some statement, the newest first.
SELECT n, record_us, canonical, type, body FROM master WHERE canonical = :canonical AND org = :org AND n < :before ORDER BY n DESC LIMIT :max;
