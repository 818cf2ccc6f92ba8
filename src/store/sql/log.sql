-- The log's leaves, the way to them, and what is no event (docs/design/proof.md).

-- name: log_rows
SELECT idx, org, type, ref, ms, commitment FROM log_leaf WHERE idx >= :first ORDER BY idx LIMIT :max;

-- name: log_last
SELECT idx, ms FROM log_leaf ORDER BY idx DESC LIMIT 1;

-- name: log_opening
SELECT o.idx, l.ms, o.salt, o.hash FROM log_of o JOIN log_leaf l ON l.idx = o.idx WHERE o.org = :org AND o.type = :type AND o.ref = :ref;

-- name: log_hash
SELECT hash FROM log_of WHERE org = :org AND type = :type AND ref = :ref;

-- name: log_statement
SELECT subject, detail FROM log_statement WHERE org = :org AND type = :type AND n = :n;

-- name: log_about
SELECT n FROM log_statement WHERE org = :org AND type = :type AND subject = :subject ORDER BY n DESC LIMIT :max;

-- name: log_statement_find
SELECT n FROM log_statement WHERE org = :org AND type = :type AND subject = :subject AND detail = :detail ORDER BY n LIMIT 1;

-- name: log_statement_last
SELECT n FROM log_statement WHERE org = :org AND type = :type ORDER BY n DESC LIMIT 1;

-- name: log_leaf_add
INSERT INTO log_leaf (idx, org, type, ref, ms, commitment) VALUES (:idx, :org, :type, :ref, :ms, :commitment);

-- name: log_of_add
INSERT INTO log_of (org, type, ref, idx, salt, hash) VALUES (:org, :type, :ref, :idx, :salt, :hash);

-- name: log_statement_add
INSERT INTO log_statement (org, type, n, record_us, subject, detail) VALUES (:org, :type, :n, :record_us, :subject, :detail);

-- name: log_earlier
-- What a record of before the log is committed to; from a place on.
SELECT seq, time_us, record_us, digest FROM event WHERE key > (:org << 40) | :after AND key < ((:org + 1) << 40) ORDER BY key LIMIT :max;

-- ---- what `check` reads ----

-- name: check_log_events
-- Records, and what the log has of each.
SELECT e.seq, e.time_us, e.digest, o.idx, o.salt, o.hash, l.org, l.type, l.ref, l.commitment
FROM event e LEFT JOIN log_of o ON o.org = e.org AND o.type = 1 AND o.ref = e.seq LEFT JOIN log_leaf l ON l.idx = o.idx
WHERE e.key > (:org << 40) | :after AND e.key <= (:org << 40) | :upto ORDER BY e.key;

-- name: check_log_statements
SELECT s.org, s.type, s.n, g.code, s.subject, s.detail, o.idx, o.salt, o.hash, l.org, l.type, l.ref, l.commitment
FROM log_statement s LEFT JOIN org g ON g.id = s.org
LEFT JOIN log_of o ON o.org = s.org AND o.type = s.type AND o.ref = s.n LEFT JOIN log_leaf l ON l.idx = o.idx
ORDER BY s.org, s.type, s.n;

-- name: check_log_leaves
SELECT l.idx, l.org, l.type, l.ref, l.ms, l.commitment, o.idx, CASE WHEN l.type = 1 THEN e.record_us ELSE s.record_us END
FROM log_leaf l LEFT JOIN log_of o ON o.org = l.org AND o.type = l.type AND o.ref = l.ref
LEFT JOIN event e ON e.key = (l.org << 40) | l.ref
LEFT JOIN log_statement s ON s.org = l.org AND s.type = l.type AND s.n = l.ref
ORDER BY l.idx;

-- name: check_log_lost
SELECT o.org, o.type, o.ref FROM log_of o
WHERE NOT EXISTS (SELECT 1 FROM log_leaf l WHERE l.idx = o.idx AND l.org = o.org AND l.type = o.type AND l.ref = o.ref) ORDER BY o.org, o.type, o.ref;

-- name: check_log_roots
SELECT n, size, root FROM log_state WHERE size > 0 ORDER BY size, n;
