-- Readings of devices: a file, or namespace, of their own (schema/series/).  Every name begins with series_.

-- name: series_devices_after
SELECT id, name FROM series_device WHERE id > :id ORDER BY id

-- name: series_channels_after
SELECT id, name FROM series_channel WHERE id > :id ORDER BY id

-- name: series_device_add
INSERT INTO series_device (id, name) VALUES (:id, :name)

-- name: series_channel_add
INSERT INTO series_channel (id, name) VALUES (:id, :name)

-- name: series_device_id
SELECT id FROM series_device WHERE name = :name

-- name: series_channel_id
SELECT id FROM series_channel WHERE name = :name

-- name: series_journal_state
SELECT COALESCE(max(n), 0), count(*), COALESCE(sum(readings), 0) FROM series_journal

-- name: series_journal_add
INSERT INTO series_journal (n, received_ms, readings, from_ms, to_ms, devices, batches)
VALUES (:n, :received_ms, :readings, :from_ms, :to_ms, :devices, :batches)

-- name: series_journal_all
SELECT n, received_ms, batches FROM series_journal ORDER BY n

-- name: series_journal_clear
DELETE FROM series_journal WHERE n <= :n

-- name: series_journal_of
SELECT received_ms, batches FROM series_journal
WHERE from_ms < :to_ms AND to_ms >= :from_ms AND (devices & :device) <> 0 ORDER BY n

-- name: series_block_get
SELECT packed FROM series_block WHERE slot = :slot

-- name: series_block_put
INSERT INTO series_block (slot, packed) VALUES (:slot, :packed) ON CONFLICT (slot) DO UPDATE SET packed = excluded.packed

-- name: series_day_get
SELECT packed FROM series_day WHERE slot = :slot

-- name: series_day_put
INSERT INTO series_day (slot, packed) VALUES (:slot, :packed) ON CONFLICT (slot) DO UPDATE SET packed = excluded.packed

-- name: series_days
SELECT slot, packed FROM series_day WHERE slot >= :first AND slot <= :last ORDER BY slot

-- name: series_last_add
INSERT INTO series_last (device, channel, n, first_ms, last_ms, mantissa, scale, flag)
VALUES (:device, :channel, :n, :first_ms, :last_ms, :mantissa, :scale, :flag)
ON CONFLICT (device, channel) DO UPDATE SET n = series_last.n + excluded.n,
    first_ms = CASE WHEN excluded.first_ms < series_last.first_ms THEN excluded.first_ms ELSE series_last.first_ms END,
    last_ms = CASE WHEN excluded.last_ms >= series_last.last_ms THEN excluded.last_ms ELSE series_last.last_ms END,
    mantissa = CASE WHEN excluded.last_ms >= series_last.last_ms THEN excluded.mantissa ELSE series_last.mantissa END,
    scale = CASE WHEN excluded.last_ms >= series_last.last_ms THEN excluded.scale ELSE series_last.scale END,
    flag = CASE WHEN excluded.last_ms >= series_last.last_ms THEN excluded.flag ELSE series_last.flag END

-- name: series_last_of
SELECT c.name, l.n, l.first_ms, l.last_ms, l.mantissa, l.scale, l.flag
FROM series_last l JOIN series_channel c ON c.id = l.channel WHERE l.device = :device ORDER BY c.name

-- name: series_open_add
INSERT INTO series_open (slot, due_ms) VALUES (:slot, :due_ms) ON CONFLICT (slot) DO NOTHING

-- name: series_open_due
SELECT slot FROM series_open WHERE due_ms <= :now_ms ORDER BY due_ms, slot LIMIT :max

-- name: series_open_has
SELECT 1 FROM series_open WHERE slot = :slot

-- name: series_open_drop
DELETE FROM series_open WHERE slot = :slot

-- name: series_sealed_newest
SELECT COALESCE(max(at), 0) FROM series_sealed

-- name: series_sealed_revision
SELECT revision, root, n FROM series_sealed WHERE slot = :slot ORDER BY revision DESC LIMIT 1

-- name: series_sealed_add
INSERT INTO series_sealed (at, slot, revision, n, channels, root) VALUES (:at, :slot, :revision, :n, :channels, :root)

-- name: series_sealed_after
SELECT s.at, s.slot, s.revision, s.n, s.channels, s.root, d.name
FROM series_sealed s JOIN series_device d ON d.id = (s.slot & 4294967295) WHERE s.at > :after ORDER BY s.at LIMIT :max

-- name: series_channel_name
SELECT name FROM series_channel WHERE id = :id

-- name: series_blocks_all
SELECT slot, packed FROM series_block ORDER BY slot

-- name: series_days_all
SELECT slot, packed FROM series_day ORDER BY slot

-- name: series_counts
SELECT (SELECT count(*) FROM series_journal), (SELECT count(*) FROM series_sealed), (SELECT count(*) FROM series_block), (SELECT count(*) FROM series_day)
