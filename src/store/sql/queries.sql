-- Named queries (store/queries.h).

-- name: named_query_count
SELECT count(*) FROM named_query WHERE org = :org;

-- name: named_query_add
INSERT INTO named_query (org, name, query, sent, actor, created_us) VALUES (:org, :name, :query, :sent, :actor, :created_us);

-- name: named_query_one
SELECT name, query, sent, created_us FROM named_query WHERE org = :org AND name = :name;

-- name: named_query_page
SELECT name, query, sent, created_us FROM named_query WHERE org = :org AND name > :after ORDER BY name LIMIT :max;

-- name: named_query_drop
DELETE FROM named_query WHERE org = :org AND name = :name;
