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
