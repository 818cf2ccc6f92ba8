#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/oom.h"
#include "store/postgres/pg_impl.h"

/* Connections: made, made again, and what a failure means. */

/* Statements are written for one walk along indexes, as SQLite does them.  A plan chosen while a table was small must not be kept
 * when it is large, so the planner is not asked whether to read whole tables.  Whoever turned durable commits off for the
 * whole server did not mean ours. */
static const char settings[] =
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;"
        "SET client_min_messages = warning;"
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';";

enum { BACKOFF_FIRST_MS = 50, BACKOFF_MAX_MS = 500 };

static bool begins(const char *state, const char *with)
{
        return state && strncmp(state, with, strlen(with)) == 0;
}

/* Connection exceptions, a server that stops or is not ready, a former primary: another connection may do better. */
static bool means_lost(const char *state)
{
        return begins(state, "08") || begins(state, "57P") || begins(state, "25006");
}

static const char *words_for(const char *state, bool lost, enum err_kind *ret)
{
        *ret = ERR_STORE;
        if (lost)
                return "the database server cannot be reached just now; nothing of this was stored. Send it again";
        if (begins(state, "40"))
                return "another writer was in the way; nothing of this was stored. Send it again";
        if (begins(state, "53"))
                return "the database server is short of disk, memory or connections; nothing of this was stored";
        if (begins(state, "28"))
                return "the database server refuses this user or password";
        if (begins(state, "57014"))
                return "the database server ended a statement that took too long";
        *ret = ERR_INTERNAL;
        return "the database refused a statement";
}

int pg_fail(struct pg *pg, const PGresult *result, const char *what, struct err *reterr)
{
        const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
        const char *said = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
        char words[256];
        enum err_kind kind;
        /* What bears no SQLSTATE the server did not say: the connection ended, also where libpq has not noticed yet (a server that says good-bye first). */
        if (!pg->conn || PQstatus(pg->conn) != CONNECTION_OK || !state || means_lost(state))
                pg->lost = true;
        snprintf(words, sizeof words, "%.250s", said ? said : pg->conn ? PQerrorMessage(pg->conn) : "no connection");
        words[strcspn(words, "\n")] = '\0';
        pg->again = pg->lost || begins(state, "40001") || begins(state, "40P01");
        /* Data exceptions, broken constraints, what does not fit into an index. */
        pg->refused = !pg->lost && (begins(state, "22") || begins(state, "23") || begins(state, "54"));
        const char *detail = words_for(state, pg->lost, &kind);
        err_set(reterr, kind, "%s", detail);
        return err_while(reterr, "%s: %s (%s)", what, words, state ? state : "no answer");
}

int pg_exec(struct pg *pg, const char *sql, struct err *reterr)
{
        PGresult *r = PQexec(pg->conn, sql);
        ExecStatusType st = PQresultStatus(r);
        int rc = st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK ? 0 : pg_fail(pg, r, sql, reterr);
        PQclear(r);
        return rc;
}

int pg_int(struct pg *pg, const char *sql, int64_t otherwise, int64_t *ret, struct err *reterr)
{
        PGresult *r = PQexec(pg->conn, sql);
        int rc = PQresultStatus(r) == PGRES_TUPLES_OK ? 0 : pg_fail(pg, r, sql, reterr);
        *ret = otherwise;
        if (rc == 0 && PQntuples(r) && !PQgetisnull(r, 0, 0))
                *ret = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
        PQclear(r);
        return rc;
}

/* Our row in suyuan_writer must be there before a commit marks it: see settle() in db_postgres.c. */
static int present(struct pg *pg, struct err *reterr)
{
        int64_t there = 0;
        char sql[160];
        if (pg->mode != DB_WRITE)
                return 0;
        if (pg_int(pg, "SELECT 1 WHERE to_regclass('suyuan_writer') IS NOT NULL", 0, &there, reterr) < 0)
                return -1;
        snprintf(sql, sizeof sql, "INSERT INTO suyuan_writer (id, mark) VALUES ('%s', 0) ON CONFLICT DO NOTHING", pg->writer);
        return there ? pg_exec(pg, sql, reterr) : 0;
}

/* A namespace named after the one that the address leads to: public_series.  Only a writer makes it. */
static int enter_space(struct pg *pg, struct err *reterr)
{
        char sql[400];
        if (!pg->space)
                return 0;
        if (pg->mode == DB_WRITE) {
                snprintf(sql, sizeof sql, "DO $$ DECLARE s text := current_schema() || '_%s'; BEGIN IF to_regnamespace(quote_ident(s)) IS NULL THEN EXECUTE format('CREATE SCHEMA %%I', s); END IF; "
                         "EXCEPTION WHEN unique_violation OR duplicate_schema THEN NULL; END $$", pg->space);
                if (pg_exec(pg, sql, reterr) < 0)
                        return -1;
        }
        snprintf(sql, sizeof sql, "SELECT set_config('search_path', quote_ident(current_schema() || '_%s'), false)", pg->space);
        return pg_exec(pg, sql, reterr);
}

static int connect_once(struct pg *pg, struct err *reterr)
{
        /* What stands in the URI comes later and so has the last word. */
        static const char *const keys[] = { "fallback_application_name", "connect_timeout", "target_session_attrs", "keepalives_idle",
                                            "keepalives_interval", "keepalives_count", "tcp_user_timeout", "client_encoding", "dbname", NULL };
        const char *values[] = { "suyuan", "2", "read-write", "5", "2", "3", "10000", "UTF8", pg->url, NULL };
        pg_end_all(pg);
        pg_forget_prepared(pg);
        PQfinish(pg->conn);
        pg->conn = PQconnectdbParams(keys, values, 1);
        pg->in_transaction = false;
        if (PQstatus(pg->conn) != CONNECTION_OK)
                return pg_fail(pg, NULL, "connecting", reterr);
        pg->lost = false;
        return pg_exec(pg, settings, reterr) < 0 || enter_space(pg, reterr) < 0 || present(pg, reterr) < 0 ? -1 : 0;
}

static void pause_ms(int ms)
{
        nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L }, NULL);
}

int pg_connect(struct pg *pg, int patience_ms, struct err *reterr)
{
        int64_t until = clock_mono_us() + (int64_t)patience_ms * 1000;
        for (int wait = BACKOFF_FIRST_MS;; wait = wait * 2 < BACKOFF_MAX_MS ? wait * 2 : BACKOFF_MAX_MS) {
                struct err e = { 0 };
                if (connect_once(pg, &e) == 0)
                        return 0;
                pg->lost = true;
                if (clock_mono_us() + wait * 1000 > until) {
                        if (reterr)
                                *reterr = e;
                        return -1;
                }
                pause_ms(wait);
        }
}
