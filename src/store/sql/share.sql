-- Share jobs (store/shares.h).

-- name: share_job_next
SELECT COALESCE(max(n), 0) + 1 FROM share_job WHERE org = :org;

-- name: share_job_add
INSERT INTO share_job (org, n, kind, actor, asked_us, due_us, begun_us, done_us, replaced_by, holder, until_us, epoch, place, copied)
VALUES (:org, :n, :kind, :actor, :asked_us, :due_us, :begun_us, 0, 0, :holder, :until_us, 1, 0, 0);

-- name: share_job_replace
UPDATE share_job SET done_us = :now, until_us = 0, replaced_by = :by WHERE org = :org AND done_us = 0;

-- name: share_job_running
-- The job that a new look, or who asks again, need only wait for.
SELECT n FROM share_job WHERE org = :org AND done_us = 0 AND (kind = 2 OR kind = :kind) ORDER BY n LIMIT 1;

-- name: share_job_look_later
UPDATE share_job SET due_us = CASE WHEN due_us < :due THEN :due ELSE due_us END WHERE org = :org AND done_us = 0 AND begun_us = 0 AND kind = 3 RETURNING n;

-- name: share_job_due
SELECT org, n, epoch FROM share_job WHERE done_us = 0 AND due_us <= :now AND until_us < :now ORDER BY due_us, org, n LIMIT 1;

-- name: share_job_take
UPDATE share_job SET holder = :me, until_us = :until, epoch = epoch + 1, begun_us = CASE WHEN begun_us = 0 THEN :now ELSE begun_us END
WHERE org = :org AND n = :n AND epoch = :epoch AND done_us = 0 AND until_us < :now RETURNING kind, epoch, place, copied;

-- name: share_job_keep
UPDATE share_job SET until_us = :until, place = CASE WHEN place < :place THEN :place ELSE place END
WHERE org = :org AND n = :n AND epoch = :epoch AND done_us = 0 RETURNING copied;

-- name: share_job_step
-- In the transaction of the copies; whoever wrote them, so that each is counted once.
UPDATE share_job SET copied = copied + :copied, place = CASE WHEN place < :place THEN :place ELSE place END WHERE org = :org AND n = :n;

-- name: share_job_let_go
UPDATE share_job SET until_us = 0, due_us = :due WHERE org = :org AND n = :n AND epoch = :epoch AND done_us = 0;

-- name: share_job_take_back
-- What an earlier process of this place held when it ended.
UPDATE share_job SET until_us = 0 WHERE done_us = 0 AND until_us > 0 AND (CAST(:alone AS INTEGER) = 1 OR holder = :me);

-- name: share_job_end
UPDATE share_job SET done_us = :now, until_us = 0 WHERE org = :org AND n = :n AND epoch = :epoch AND done_us = 0 RETURNING kind, copied, actor;

-- name: share_job_page
SELECT n, kind, actor, asked_us, due_us, begun_us, done_us, replaced_by, until_us, place, copied FROM share_job WHERE org = :org AND n > :after ORDER BY n LIMIT :max;
