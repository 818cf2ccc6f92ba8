#include <stdio.h>

#include "store/postgres/pg_impl.h"

/* The steps of schema/, translated by tools/gen-sql, and the three small tables of this engine's own:
 * the version, who writes (settling a commit in doubt), whose turn it is (several writers). */
static const char own_tables[] =
        "CREATE TABLE IF NOT EXISTS suyuan_schema (one bigint PRIMARY KEY CHECK (one = 1), version bigint NOT NULL);"
        "INSERT INTO suyuan_schema (one, version) VALUES (1, 0) ON CONFLICT DO NOTHING;"
        "CREATE TABLE IF NOT EXISTS suyuan_writer (id text PRIMARY KEY, mark bigint NOT NULL);"
        "CREATE TABLE IF NOT EXISTS suyuan_turn (org bigint PRIMARY KEY, turn bigint NOT NULL) WITH (fillfactor = 50);";

#define LOCK "7310033810"       /* advisory: one migrates at a time */

int64_t pg_version(struct db *base, struct err *reterr)
{
        struct pg *pg = (struct pg *)base;
        int64_t ours = 0, foreign = 0, version = 0;
        if (pg->lost && pg_connect(pg, 0, reterr) < 0)
                return -1;
        if (pg_int(pg, "SELECT 1 WHERE to_regclass('suyuan_schema') IS NOT NULL", 0, &ours, reterr) < 0 ||
            pg_int(pg, "SELECT 1 WHERE to_regclass('event') IS NOT NULL OR to_regclass('org') IS NOT NULL", 0, &foreign, reterr) < 0)
                return -1;
        if (!ours && foreign)
                return err_set(reterr, ERR_STORE, "this is a database of another program; make an empty one for suyuan");
        if (ours && pg_int(pg, "SELECT version FROM suyuan_schema", 0, &version, reterr) < 0)
                return -1;
        return version;
}

static int step(struct pg *pg, const struct schema_step *s, int64_t version, struct err *reterr)
{
        char mark[80];
        snprintf(mark, sizeof mark, "UPDATE suyuan_schema SET version = %lld", (long long)version);
        if (!s->sql_postgres)
                return err_set(reterr, ERR_INTERNAL, "the schema step %s has no text for PostgreSQL", s->name);
        if (pg_exec(pg, "BEGIN", reterr) == 0 && pg_exec(pg, s->sql_postgres, reterr) == 0 && pg_exec(pg, mark, reterr) == 0 &&
            pg_exec(pg, "COMMIT", reterr) == 0)
                return 0;
        if (!pg->lost)
                pg_exec(pg, "ROLLBACK", NULL);
        return err_while(reterr, "schema step %s", s->name);
}

static int steps_from(struct pg *pg, const struct schema_step *steps, size_t n, struct err *reterr)
{
        char present[160];
        int64_t version = pg_version(&pg->base, reterr);        /* again, under the lock */
        snprintf(present, sizeof present, "INSERT INTO suyuan_writer (id, mark) VALUES ('%s', 0) ON CONFLICT DO NOTHING", pg->writer);
        if (version < 0 || pg_exec(pg, own_tables, reterr) < 0 || pg_exec(pg, present, reterr) < 0)
                return -1;
        for (size_t i = (size_t)version; i < n; i++)
                if (step(pg, &steps[i], (int64_t)i + 1, reterr) < 0)
                        return -1;
        return 0;
}

int pg_upgrade(struct db *base, const struct schema_step *steps, size_t n, struct err *reterr)
{
        struct pg *pg = (struct pg *)base;
        if (pg_version(base, reterr) < 0 || pg_exec(pg, "SELECT pg_advisory_lock(" LOCK ")", reterr) < 0)
                return -1;
        int rc = steps_from(pg, steps, n, reterr);
        if (!pg->lost)
                pg_exec(pg, "SELECT pg_advisory_unlock(" LOCK ")", NULL);
        return rc;
}
