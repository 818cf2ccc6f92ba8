-- Devices that measure (sensing/).

-- name: device_mark
SELECT n FROM device_mark WHERE name = :name;

-- name: device_mark_set
INSERT INTO device_mark (name, n) VALUES (:name, :n) ON CONFLICT (name) DO UPDATE SET n = excluded.n;

-- name: device_one
SELECT id, org, code, place, model, protocol, mn, salt, hash, broker_hash, max_per_minute, detail, created_us, revoked_us, removed_us, successor, stated, change
FROM device WHERE id = :id;

-- name: device_changed
SELECT id, org, code, place, model, protocol, mn, salt, hash, broker_hash, max_per_minute, detail, created_us, revoked_us, removed_us, successor, stated, change
FROM device WHERE change > :after ORDER BY change;

-- name: device_page
-- Each with its open findings by severity, and whether nobody put its place.
SELECT d.id, count(CASE WHEN f.severity <= 0 THEN 1 END), count(CASE WHEN f.severity = 1 THEN 1 END), count(CASE WHEN f.severity >= 2 THEN 1 END),
  CASE WHEN d.place <> '' AND NOT EXISTS (SELECT 1 FROM master m WHERE m.canonical = d.place AND m.org = d.org) THEN 1 ELSE 0 END
FROM device d LEFT JOIN device_finding f ON f.device = d.id AND f.closed_us = 0 WHERE d.org = :org AND d.id > :after GROUP BY d.id ORDER BY d.id LIMIT :max;

-- name: device_page_all
SELECT d.id, count(CASE WHEN f.severity <= 0 THEN 1 END), count(CASE WHEN f.severity = 1 THEN 1 END), count(CASE WHEN f.severity >= 2 THEN 1 END),
  CASE WHEN d.place <> '' AND NOT EXISTS (SELECT 1 FROM master m WHERE m.canonical = d.place AND m.org = d.org) THEN 1 ELSE 0 END
FROM device d LEFT JOIN device_finding f ON f.device = d.id AND f.closed_us = 0 WHERE d.id > :after GROUP BY d.id ORDER BY d.id LIMIT :max;

-- name: device_count
SELECT count(*) FROM device WHERE org = :org;

-- name: device_of_mn
SELECT id FROM device WHERE mn = :mn AND removed_us = 0;

-- name: device_put
INSERT INTO device (id, org, code, place, model, protocol, mn, salt, hash, broker_hash, max_per_minute, detail, created_us, revoked_us, removed_us, successor, stated, change)
VALUES (:id, :org, :code, :place, :model, :protocol, :mn, :salt, :hash, :broker_hash, :max_per_minute, :detail, :created_us, :revoked_us, :removed_us, :successor, :stated, :change)
ON CONFLICT (id) DO UPDATE SET place = excluded.place, model = excluded.model, protocol = excluded.protocol, mn = excluded.mn, salt = excluded.salt, hash = excluded.hash,
  broker_hash = excluded.broker_hash, max_per_minute = excluded.max_per_minute, detail = excluded.detail, revoked_us = excluded.revoked_us, removed_us = excluded.removed_us,
  successor = excluded.successor, stated = excluded.stated, change = excluded.change;

-- name: device_seen_all
SELECT device, last_ms, slots FROM device_seen;

-- name: device_seen_set
INSERT INTO device_seen (device, last_ms, slots) VALUES (:device, :last_ms, :slots)
ON CONFLICT (device) DO UPDATE SET last_ms = excluded.last_ms, slots = excluded.slots;

-- name: device_finding_open
INSERT INTO device_finding (device, channel, kind, severity, opened_us, last_us, closed_us, times, told_us, evidence)
VALUES (:device, :channel, :kind, :severity, :now, :now, 0, :times, 0, :evidence)
ON CONFLICT (device, channel, kind) DO UPDATE SET severity = excluded.severity, last_us = excluded.last_us, evidence = excluded.evidence,
  times = CASE WHEN device_finding.closed_us = 0 THEN device_finding.times + excluded.times ELSE excluded.times END,
  opened_us = CASE WHEN device_finding.closed_us = 0 THEN device_finding.opened_us ELSE excluded.opened_us END,
  told_us = CASE WHEN device_finding.closed_us = 0 THEN device_finding.told_us ELSE 0 END, closed_us = 0;

-- name: device_finding_close
UPDATE device_finding SET closed_us = :now WHERE device = :device AND channel = :channel AND kind = :kind AND closed_us = 0;

-- name: device_finding_fade
-- What the doors noticed has no reading that would end it.
UPDATE device_finding SET closed_us = :now WHERE closed_us = 0 AND last_us < :before
  AND kind IN ('conflict', 'wrong-secret', 'foreign-topic', 'throttled', 'bad-frame', 'no-answer', 'refused-address');

-- name: device_findings
SELECT channel, kind, severity, opened_us, last_us, times, evidence FROM device_finding WHERE device = :device AND closed_us = 0 ORDER BY severity DESC, kind, channel;

-- name: device_findings_alarmed
SELECT DISTINCT device FROM device_finding WHERE closed_us = 0 AND kind LIKE 'alarm:%' ORDER BY device;

-- name: device_findings_untold
SELECT device, channel, kind, evidence, opened_us FROM device_finding WHERE told_us = 0 AND closed_us = 0 AND severity = 2 ORDER BY opened_us, device LIMIT :most;

-- name: device_finding_told
UPDATE device_finding SET told_us = :now WHERE device = :device AND channel = :channel AND kind = :kind AND opened_us = :opened_us;

-- name: device_notice_next
SELECT COALESCE(max(n), 0) + 1 FROM device_notice;

-- name: device_notice_add
INSERT INTO device_notice (n, time_us, what, device, sender, detail, bytes) VALUES (:n, :time_us, :what, :device, :sender, :detail, :bytes);

-- name: device_notice_tidy
DELETE FROM device_notice WHERE n <= :upto;

-- name: device_notices
SELECT n, time_us, what, sender, detail, bytes FROM device_notice WHERE device = :device ORDER BY n DESC LIMIT :max;

-- name: device_hour_add
INSERT INTO device_hour (device, hour_ms, revision, org, readings, channels, root, statement)
VALUES (:device, :hour_ms, :revision, :org, :readings, :channels, :root, :statement);

-- name: device_hours_newest
SELECT hour_ms, revision, readings, channels, root, statement FROM device_hour WHERE device = :device AND hour_ms >= :from AND hour_ms < :to
ORDER BY hour_ms DESC, revision DESC LIMIT :max;

-- name: device_hours_after
SELECT device, hour_ms, revision, readings, root FROM device_hour WHERE (device > :device OR (device = :device AND hour_ms > :hour_ms))
ORDER BY device, hour_ms, revision LIMIT :max;
