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

-- name: farm_event
-- No more than following needs: what is damaged elsewhere in the row does not matter here.
SELECT e.flags, e.event_id, b.body, t.text FROM event e LEFT JOIN event_body b ON b.key = e.key LEFT JOIN term t ON t.key = (e.org << 40) | e.context
WHERE e.key = (:org << 40) | :seq;

-- name: farm_passed_put
INSERT INTO farm_passed (org, what, n, name, time_us, why) VALUES (:org, :what, :n, :name, :time_us, :why) ON CONFLICT (org, what, n, name) DO NOTHING;

-- name: farm_passed_drop
DELETE FROM farm_passed WHERE org = :org AND what = :what AND n = :n AND name = :name;

-- name: farm_passed_count
SELECT count(*) FROM farm_passed;

-- name: all_farm_passed
SELECT p.what, p.n, p.name, p.why, o.code FROM farm_passed p JOIN org o ON o.id = p.org ORDER BY p.org, p.what, p.n, p.name;

-- name: farm_again_some
SELECT seq FROM farm_again WHERE org = :org AND seq > :after AND seq <= :upto ORDER BY seq LIMIT :max;

-- name: farm_again_drop
DELETE FROM farm_again WHERE org = :org AND seq = :seq;

-- name: farm_again_add
INSERT INTO farm_again (org, seq) VALUES (:org, :seq) ON CONFLICT (org, seq) DO NOTHING;

-- name: judge_due_of_event
INSERT INTO judge_due (org, subject) SELECT org, season FROM season_act WHERE org = :org AND seq = :seq ON CONFLICT (org, subject) DO NOTHING;

-- name: season_act_erase
DELETE FROM season_act WHERE org = :org AND seq = :seq;

-- name: stock_move_erase
DELETE FROM stock_move WHERE org = :org AND seq = :seq;

-- name: alarm_erase
-- Its words may quote what was erased; what is still so is found anew.
DELETE FROM alarm WHERE org = :org AND seq = :seq;

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

-- name: drop_farm_passed
DELETE FROM farm_passed;

-- name: drop_farm_again
DELETE FROM farm_again;

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

-- ---- `suyuan check`: what stands, and what the record gives ----

-- name: all_farm_marks
SELECT o.id, COALESCE(f.seq, 0), COALESCE(f.master, 0), o.code FROM org o LEFT JOIN farm_mark f ON f.org = o.id ORDER BY o.id;

-- name: all_things
SELECT org, n, canonical, kind, code, record_us, body FROM thing ORDER BY org, n, kind, code;

-- name: all_season_acts
SELECT org, seq, season, time_us, act, facts FROM season_act ORDER BY org, seq, season, time_us;

-- name: all_stock_moves
SELECT org, seq, n, lot, time_us, good, place, quantity, uom, expires FROM stock_move ORDER BY org, seq, n, lot;

-- name: season_acts_of_event
SELECT season, time_us, act, facts FROM season_act WHERE org = :org AND seq = :seq;

-- name: stock_moves_of_event
SELECT lot, n, time_us, good, place, quantity, uom, expires FROM stock_move WHERE org = :org AND seq = :seq;

-- name: all_judge_due
SELECT org, subject FROM judge_due ORDER BY org, subject;

-- name: all_alarm_subjects
SELECT DISTINCT org, subject FROM alarm ORDER BY org, subject;

