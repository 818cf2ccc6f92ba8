-- What the log has come to (proof/): its state, the checkpoints, the lines of witnesses.

-- name: log_state_last
SELECT n, origin, vkey, created_us, size, root, note, epoch, holder, until_us FROM log_state ORDER BY n DESC LIMIT 1;

-- name: log_state_add
INSERT INTO log_state (n, origin, vkey, created_us, size, root, note, epoch, holder, until_us)
VALUES (:n, :origin, :vkey, :created_us, 0, :root, '', 0, '', 0) ON CONFLICT (n) DO NOTHING;

-- name: log_state_take
-- A new holder; what an earlier one still has under way fails by its epoch.
UPDATE log_state SET holder = :me, epoch = epoch + 1, until_us = :until
WHERE n = :n AND (until_us < :now OR (CAST(:again AS INTEGER) = 1 AND holder = :me)) RETURNING epoch;

-- name: log_state_renew
UPDATE log_state SET until_us = :until WHERE n = :n AND epoch = :epoch RETURNING epoch;

-- name: log_state_sign
-- Only from the size that was known, and only by who holds it; never of a log after which another one was begun.
UPDATE log_state SET size = :size, root = :root, note = :note, until_us = :until
WHERE n = :n AND size = :old AND epoch = :epoch AND NOT EXISTS (SELECT 1 FROM log_state l WHERE l.n > :n) RETURNING n;

-- name: log_state_key
UPDATE log_state SET vkey = :vkey WHERE n = :n AND epoch = :epoch RETURNING n;

-- name: log_checkpoint_add
INSERT INTO log_checkpoint (n, size, note, signed_us) VALUES (:n, :size, :note, :signed_us) ON CONFLICT (n, size) DO UPDATE SET note = excluded.note;

-- name: log_checkpoint_one
SELECT note, signed_us FROM log_checkpoint WHERE n = :n AND size = :size;

-- name: log_cosign_add
INSERT INTO log_cosign (n, size, name, line, time_s) VALUES (:n, :size, :name, :line, :time_s)
ON CONFLICT (n, size, name) DO UPDATE SET line = excluded.line, time_s = excluded.time_s;

-- name: log_cosigns
SELECT line FROM log_cosign WHERE n = :n AND size = :size ORDER BY name;

-- name: log_cosigned_first
SELECT COALESCE(min(size), -1) FROM log_cosign WHERE n = :n AND size > :index;
