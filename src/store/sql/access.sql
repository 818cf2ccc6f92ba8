-- Organisations, users, keys, sessions, the audit trail (access/).

-- name: org_list
SELECT o.id, o.code, o.name, COALESCE(a.kind, 'enterprise'), COALESCE(a.district, 0), COALESCE(a.published, 1), COALESCE(d.since_us, 0), (SELECT count(*) FROM org_party p WHERE p.org = o.id),
       COALESCE(c.credit_code, ''), COALESCE(c.name_hant, ''), COALESCE(c.name_en, ''), COALESCE(c.address, ''), COALESCE(c.contact, '')
FROM org o LEFT JOIN org_about a ON a.org = o.id LEFT JOIN org_disabled d ON d.org = o.id LEFT JOIN org_card c ON c.org = o.id ORDER BY o.id;

-- name: org_next
SELECT max(id) + 1 FROM org;

-- name: org_about_set
INSERT INTO org_about (org, kind, district, published) VALUES (:org, :kind, :district, :published)
ON CONFLICT (org) DO UPDATE SET kind = excluded.kind, district = excluded.district, published = excluded.published;

-- name: org_card_set
INSERT INTO org_card (org, credit_code, name_hant, name_en, address, contact) VALUES (:org, :credit_code, :name_hant, :name_en, :address, :contact)
ON CONFLICT (org) DO UPDATE SET credit_code = excluded.credit_code, name_hant = excluded.name_hant, name_en = excluded.name_en, address = excluded.address, contact = excluded.contact;

-- name: org_rename
UPDATE org SET name = :name WHERE id = :id;

-- name: org_party_add
INSERT INTO org_party (org, canonical) VALUES (:org, :canonical) ON CONFLICT (org, canonical) DO NOTHING;

-- name: org_party_of
SELECT org FROM org_party WHERE canonical = :canonical;

-- name: accounts
SELECT id, org, name, role, password, disabled FROM account ORDER BY id;

-- name: account_next
SELECT COALESCE(max(id), 0) + 1 FROM account;

-- name: account_add
INSERT INTO account (id, org, name, role, password, disabled, created_us) VALUES (:id, :org, :name, :role, :password, 0, :created_us);

-- name: account_disable
UPDATE account SET disabled = :disabled WHERE id = :id;

-- name: account_password
UPDATE account SET password = :password WHERE id = :id;

-- name: api_keys
SELECT id, org, hash, role, scope, name, device, created_us, expires_us, revoked_us, used_us FROM api_key ORDER BY hash;

-- name: api_key_next
SELECT COALESCE(max(id), 0) + 1 FROM api_key;

-- name: api_key_add
INSERT INTO api_key (id, org, hash, role, scope, name, device, created_us, expires_us, revoked_us, used_us)
VALUES (:id, :org, :hash, :role, :scope, :name, :device, :created_us, :expires_us, 0, 0);

-- name: api_key_revoke
UPDATE api_key SET revoked_us = :now WHERE id = :id AND revoked_us = 0;

-- name: api_key_used
UPDATE api_key SET used_us = :used WHERE id = :id AND used_us < :used;

-- name: logins
SELECT hash, account, created_us, rotated_us, until_us, seen_us FROM login ORDER BY hash;

-- name: login_add
INSERT INTO login (hash, account, created_us, rotated_us, until_us, seen_us) VALUES (:hash, :account, :created_us, :now, :until, :now);

-- name: login_end
UPDATE login SET until_us = :until WHERE hash = :hash AND until_us > :until;

-- name: login_end_all
DELETE FROM login WHERE account = :account;

-- name: login_seen
UPDATE login SET seen_us = :seen WHERE hash = :hash AND seen_us < :seen;

-- name: login_tidy
DELETE FROM login WHERE until_us < :now OR seen_us < :idle;

-- name: audit_add
INSERT INTO audit (org, n, time_us, actor, address, act, target, outcome, detail, request)
SELECT CAST(:org AS INTEGER), COALESCE(max(n), 0) + 1, CAST(:time_us AS INTEGER), CAST(:actor AS TEXT), CAST(:address AS TEXT), CAST(:act AS TEXT),
       CAST(:target AS TEXT), CAST(:outcome AS TEXT), CAST(:detail AS TEXT), CAST(:request AS TEXT) FROM audit WHERE org = :org;

-- name: audit_page
SELECT n, time_us, actor, address, act, target, outcome, detail, request FROM audit WHERE org = :org AND n > :after ORDER BY n LIMIT :max;

-- name: access_changed
INSERT INTO access_change (id, n) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = access_change.n + 1;

-- name: access_change_now
SELECT n FROM access_change WHERE id = 1;

-- name: org_authority_add
INSERT INTO org_authority (org) VALUES (:org) ON CONFLICT (org) DO NOTHING;

-- name: org_authority_drop
DELETE FROM org_authority WHERE org = :org;

-- name: org_disable
INSERT INTO org_disabled (org, since_us) VALUES (:org, :since_us) ON CONFLICT (org) DO NOTHING;

-- name: org_enable
DELETE FROM org_disabled WHERE org = :org;

-- name: staff_put
INSERT INTO staff (org, code, created_us, body) VALUES (:org, :code, :created_us, :body)
ON CONFLICT (org, code) DO UPDATE SET body = excluded.body;

-- name: staff_one
SELECT body, created_us FROM staff WHERE org = :org AND code = :code;

-- name: staff_count
SELECT count(*) FROM staff WHERE org = :org;

-- name: staff_page
SELECT code, body FROM staff WHERE org = :org AND code > :after ORDER BY code LIMIT :max;

-- name: staff_erase
DELETE FROM staff WHERE org = :org AND code = :code;
