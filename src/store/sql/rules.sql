-- What the rules ask and find (docs/design/farm.md): the regulation, what is to be judged, alarms and decisions.

-- name: judge_due_some
SELECT subject FROM judge_due WHERE org = :org ORDER BY subject LIMIT :max;

-- name: judge_due_drop
DELETE FROM judge_due WHERE org = :org AND subject = :subject;

-- name: judge_due_all_seasons
-- After the regulation changed: every season (kind 6) there is.
INSERT INTO judge_due (org, subject) SELECT org, canonical FROM thing WHERE kind = :kind ON CONFLICT (org, subject) DO NOTHING;

-- name: judge_due_all_lots
INSERT INTO judge_due (org, subject) SELECT DISTINCT org, lot FROM stock_move WHERE good <> '' ON CONFLICT (org, subject) DO NOTHING;

-- name: inputs_of
SELECT code, canonical, body FROM thing WHERE org = :org AND kind = :kind ORDER BY canonical;

-- name: lot_moves
SELECT seq, time_us, good, quantity, uom FROM stock_move WHERE org = :org AND lot = :lot ORDER BY time_us, seq, n;

-- name: regulation_version
SELECT COALESCE(max(n), 0) FROM regulation_import;

-- name: regulation_all
SELECT kind, name, effective_from, effective_to, confidence, body FROM regulation ORDER BY kind, name;

-- name: regulation_one
SELECT body FROM regulation WHERE kind = :kind AND name = :name;

-- name: regulation_put
INSERT INTO regulation (kind, name, import_n, effective_from, effective_to, confidence, body)
VALUES (:kind, :name, :import_n, :effective_from, :effective_to, :confidence, :body)
ON CONFLICT (kind, name) DO UPDATE SET import_n = excluded.import_n, effective_from = excluded.effective_from, effective_to = excluded.effective_to,
    confidence = excluded.confidence, body = excluded.body;

-- name: regulation_import_add
INSERT INTO regulation_import (n, kind, file, hash, time_us, actor, row_count) VALUES (:n, :kind, :file, :hash, :time_us, :actor, :row_count);

-- name: regulation_imports
SELECT n, kind, file, hash, time_us, actor, row_count FROM regulation_import ORDER BY n;

-- name: alarms_of_subject
SELECT rule, key, severity, seq, opened_us, closed_us, words, pointer FROM alarm WHERE org = :org AND subject = :subject;

-- name: alarm_put
INSERT INTO alarm (org, subject, rule, key, severity, seq, pointer, opened_us, closed_us, words)
VALUES (:org, :subject, :rule, :key, :severity, :seq, :pointer, :opened_us, :closed_us, :words)
ON CONFLICT (org, subject, rule, key) DO UPDATE SET severity = excluded.severity, seq = excluded.seq, pointer = excluded.pointer,
    opened_us = excluded.opened_us, closed_us = excluded.closed_us, words = excluded.words;

-- name: alarm_close
UPDATE alarm SET closed_us = :closed_us WHERE org = :org AND subject = :subject AND rule = :rule AND key = :key;

-- name: alarm_one
SELECT subject, rule, key, severity, seq, pointer, opened_us, closed_us, words FROM alarm
WHERE org = :org AND subject = :subject AND rule = :rule AND key = :key;

-- name: alarms_open
SELECT subject, rule, key, severity, seq, pointer, opened_us, closed_us, words FROM alarm
WHERE org = :org AND closed_us = 0 AND (opened_us, subject, rule, key) < (:before_us, :subject, :rule, :key)
ORDER BY opened_us DESC, subject DESC, rule DESC, key DESC LIMIT :max;

-- name: alarms_closed
SELECT subject, rule, key, severity, seq, pointer, opened_us, closed_us, words FROM alarm
WHERE org = :org AND closed_us > 0 AND (closed_us, subject, rule, key) < (:before_us, :subject, :rule, :key)
ORDER BY closed_us DESC, subject DESC, rule DESC, key DESC LIMIT :max;

-- name: alarm_decisions
SELECT rule, key, n, decided_us, actor, owner, closes, reason FROM alarm_decision WHERE org = :org AND subject = :subject ORDER BY n;

-- name: alarm_decide
INSERT INTO alarm_decision (org, subject, rule, key, n, decided_us, actor, owner, closes, reason)
SELECT CAST(:org AS INTEGER), CAST(:subject AS TEXT), CAST(:rule AS TEXT), CAST(:key AS TEXT),
    1 + COALESCE((SELECT max(d.n) FROM alarm_decision d WHERE d.org = :org AND d.subject = :subject AND d.rule = :rule AND d.key = :key), 0),
    CAST(:decided_us AS INTEGER), CAST(:actor AS TEXT), CAST(:owner AS TEXT), CAST(:closes AS INTEGER), CAST(:reason AS TEXT);
