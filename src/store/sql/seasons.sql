-- Seasons and stock: views that the day book follows up (docs/design/farm.md).

-- name: season_act_put
INSERT INTO season_act (org, season, time_us, seq, act, facts) VALUES (:org, :season, :time_us, :seq, :act, :facts)
ON CONFLICT (org, season, time_us, seq) DO UPDATE SET act = excluded.act, facts = excluded.facts;

-- name: season_acts
SELECT time_us, seq, facts FROM season_act WHERE org = :org AND season = :season ORDER BY time_us, seq;

-- name: stock_move_put
INSERT INTO stock_move (org, lot, seq, n, time_us, good, place, quantity, uom, expires)
VALUES (:org, :lot, :seq, :n, :time_us, :good, :place, :quantity, :uom, :expires)
ON CONFLICT (org, lot, seq, n) DO UPDATE SET quantity = excluded.quantity;

-- name: stock_move_drop
DELETE FROM stock_move WHERE org = :org AND lot = :lot AND seq = :seq;

-- name: stock_moves
SELECT lot, time_us, good, place, quantity, uom, expires FROM stock_move WHERE org = :org ORDER BY lot, time_us, seq, n;

-- name: stock_moves_of
-- What left a lot need not say what it was: what came in does.
SELECT lot, time_us, good, place, quantity, uom, expires, seq FROM stock_move
WHERE org = :org AND lot IN (SELECT s.lot FROM stock_move s WHERE s.org = :org AND s.good = :good) ORDER BY lot, time_us, seq, n;
