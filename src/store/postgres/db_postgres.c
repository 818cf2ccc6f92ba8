#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/oom.h"
#include "store/postgres/pg_impl.h"
#include "store/sql_names.h"

/* How long a transaction waits for a server that is gone: a reader's client waits with it; a writer's queue fills meanwhile. */
enum { READER_PATIENCE_MS = 2000, WRITER_PATIENCE_MS = 30000 };

/* ---- opening ---- */

static void name_writer(struct pg *pg)
{
        uint8_t r[16];
        random_bytes(r, sizeof r);
        for (size_t i = 0; i < sizeof r; i++)
                snprintf(pg->writer + 2 * i, 3, "%02x", r[i]);
}

static void close_pg(struct db *base);

static int open_pg(const char *path, const struct db_options *o, struct db **ret, struct err *reterr)
{
        PQconninfoOption *parts = PQconninfoParse(path, NULL);
        if (!parts)     /* libpq's own words could repeat the password */
                return err_set(reterr, ERR_BAD_INPUT, "the database's address is not a URI as PostgreSQL wants it (special characters in a password are written %%XX)");
        PQconninfoFree(parts);
        struct pg *pg = or_abort(calloc(1, sizeof(*pg) + SQL_STATEMENTS * sizeof(struct pg_statement)));
        pg->base.engine = &db_engine_postgres;
        pg->url = or_abort(strdup(path));
        pg->mode = o->mode;
        pg->space = o->space;
        pg->streaming = -1;
        pg->lost = true;
        name_writer(pg);
        if (pg_connect(pg, 0, reterr) < 0) {
                close_pg(&pg->base);
                return err_while(reterr, "opening the database server");
        }
        *ret = &pg->base;
        return 0;
}

static void rollback_pg(struct db *base)
{
        struct pg *pg = (struct pg *)base;
        pg_end_all(pg);
        if (pg->in_transaction && !pg->lost)
                pg_exec(pg, "ROLLBACK", NULL);
        pg->in_transaction = false;
}

static void close_pg(struct db *base)
{
        struct pg *pg = (struct pg *)base;
        rollback_pg(base);
        if (pg->mode == DB_WRITE && !pg->lost) {
                char sql[120];
                snprintf(sql, sizeof sql, "DELETE FROM suyuan_writer WHERE id = '%s'", pg->writer);
                pg_exec(pg, sql, NULL);
        }
        PQfinish(pg->conn);
        free(pg->url);
        free(pg);
}

/* ---- transactions ---- */

static int begin_pg(struct db *base, struct err *reterr)
{
        struct pg *pg = (struct pg *)base;
        int patience = pg->mode == DB_WRITE ? WRITER_PATIENCE_MS : READER_PATIENCE_MS;
        const char *sql = pg->mode == DB_WRITE ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        int64_t until = clock_mono_us() + (int64_t)patience * 1000;
        assert(!pg->in_transaction);
        do {
                if (pg->lost && pg_connect(pg, patience, reterr) < 0)
                        return -1;
                pg_end_all(pg);
                if (pg_exec(pg, sql, reterr) == 0) {
                        pg->in_transaction = true;
                        pg->again = false;
                        pg->mark++;
                        return 0;
                }
        } while (pg->lost && clock_mono_us() < until);
        return -1;
}

/* The connection went away while the commit was under way.  Each transaction of ours leaves a number in our row of suyuan_writer, so that row
 * says whether it was committed.  Should its backend still be at work, FOR UPDATE waits for it: it holds the row.  (The
 * transaction's own number would not do: a promoted standby may have given it to another one.) */
static int settle(struct pg *pg, struct err *reterr)
{
        char sql[160];
        int64_t until = clock_mono_us() + WRITER_PATIENCE_MS * INT64_C(1000), found = 0;
        snprintf(sql, sizeof sql, "SELECT mark FROM suyuan_writer WHERE id = '%s' FOR UPDATE", pg->writer);
        do {
                if (pg_connect(pg, WRITER_PATIENCE_MS, NULL) < 0)
                        break;
                if (pg_int(pg, sql, -1, &found, NULL) == 0) {
                        pg->again = found != pg->mark;
                        return pg->again ? err_set(reterr, ERR_STORE, "the database server was lost; nothing of this was stored. Send it again") : 0;
                }
        } while (pg->lost && clock_mono_us() < until);
        pg->again = false;
        return err_set(reterr, ERR_STORE, "the database server was lost while this was stored; send it again: what is there already is recognised");
}

static int commit_pg(struct db *base, struct err *reterr)
{
        struct pg *pg = (struct pg *)base;
        char sql[240], notify[80] = "";
        assert(pg->in_transaction);
        pg_end_all(pg);
        if (pg->lost) {
                pg->in_transaction = false;
                pg->again = true;
                return err_set(reterr, ERR_STORE, "the database server was lost; nothing of this was stored. Send it again");
        }
        if (!pg->space) /* who listens knows the main tables */
                snprintf(notify, sizeof notify, "NOTIFY suyuan, '%s'; ", pg->writer);
        snprintf(sql, sizeof sql, "UPDATE suyuan_writer SET mark = %lld WHERE id = '%s'; %sCOMMIT", (long long)pg->mark, pg->writer, notify);
        PGresult *r = PQexec(pg->conn, pg->mode == DB_WRITE ? sql : "COMMIT");
        bool committed = PQresultStatus(r) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(r), "COMMIT") == 0;
        int rc = committed ? 0 : pg_fail(pg, r, "COMMIT", reterr);
        PQclear(r);
        if (committed) {
                pg->in_transaction = false;
        } else if (pg->lost) {
                pg->in_transaction = false;
                rc = pg->mode == DB_WRITE ? settle(pg, reterr) : rc;
        } else {
                rollback_pg(base);
        }
        return rc;
}

static bool again_pg(struct db *base)
{
        return ((struct pg *)base)->again;
}

static bool refused_pg(struct db *base)
{
        return ((struct pg *)base)->refused;
}

static int turn_pg(struct db *base, int64_t org, bool anew, int64_t *ret, struct err *reterr)
{
        struct pg *pg = (struct pg *)base;
        char sql[320];
        assert(pg->in_transaction);
        if (pg->lost)
                return pg_fail(pg, NULL, "taking the turn", reterr);
        snprintf(sql, sizeof sql, "INSERT INTO suyuan_turn AS t (org, turn) VALUES (%lld, 1) ON CONFLICT (org) DO UPDATE SET turn = %s RETURNING turn",
                 (long long)org, anew ? "((t.turn >> 32) + 1) << 32" : "t.turn + 1");
        return pg_int(pg, sql, 0, ret, reterr);
}

/* ---- what a server does by itself ---- */

static int copy_pg(struct db *base, const char *path, struct err *reterr)
{
        (void)base, (void)path;
        return err_set(reterr, ERR_STORE, "a database server is copied with its own tools: pg_dump, pg_basebackup");
}

static int64_t integrity_pg(struct db *base, void (*say)(void *ctx, const char *what, const char *detail), void *ctx, struct err *reterr)
{
        (void)base, (void)say, (void)ctx, (void)reterr;
        return 0;       /* pg_amcheck and the server's page checksums */
}

static int64_t log_bytes_pg(const struct db *base)
{
        (void)base;
        return 0;
}

static int overwrite_pg(struct db *base, bool on, struct err *reterr)
{
        (void)base, (void)on, (void)reterr;
        return 0;
}

static int checkpoint_pg(struct db *base, enum db_checkpoint how, bool *ret_all, struct err *reterr)
{
        (void)base, (void)how, (void)reterr;
        if (ret_all)
                *ret_all = true;
        return 0;
}

const struct db_engine db_engine_postgres = {
        .open = open_pg, .close = close_pg, .query = pg_query, .next = pg_next, .done = pg_done, .one = pg_one, .many = pg_many,
        .begin = begin_pg, .commit = commit_pg, .rollback = rollback_pg, .again = again_pg, .refused = refused_pg, .turn = turn_pg,
        .version = pg_version, .upgrade = pg_upgrade, .copy = copy_pg, .integrity = integrity_pg,
        .log_bytes = log_bytes_pg, .checkpoint = checkpoint_pg, .overwrite = overwrite_pg,
        .row_int = pg_row_int, .row_text = pg_row_text, .row_is_null = pg_row_is_null, .row_columns = pg_row_columns,
};
