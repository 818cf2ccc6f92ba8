#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/oom.h"
#include "base/text.h"
#include "store/postgres/pg_impl.h"
#include "store/sql_names.h"

/* Running statements.  A query's rows come one by one, so that a long listing needs no memory; when another statement is to run
 * before its end, the rest is taken off the wire first (docs/design/storage.md). */

enum { CHUNK_ROWS = 1024, CHUNK_BYTES = 4 << 20,        /* of a run for many rows */
       PIPELINED = 128,                                 /* runs between two synchronisations */
       KEPT_BYTES = 64 << 20 };                         /* rows kept of a query that was interrupted */

/* ---- the wire ---- */

static void keep(struct pg_statement *s, PGresult *r)
{
        if ((s->n_kept & (s->n_kept - 1)) == 0)
                s->kept = or_abort(realloc(s->kept, (s->n_kept ? s->n_kept * 2 : 1) * sizeof *s->kept));
        s->kept[s->n_kept++] = r;
        s->kept_bytes += PQresultMemorySize(r);
}

/* What is left of the query under way is kept (or, where nobody will ask for it, dropped): the connection is free. */
static void clear_wire(struct pg *pg)
{
        if (pg->streaming < 0)
                return;
        struct pg_statement *s = &pg->statements[pg->streaming];
        PGresult *r;
        while ((r = PQgetResult(pg->conn)))
                if (s->open && (s->kept_bytes < KEPT_BYTES || PQresultStatus(r) != PGRES_SINGLE_TUPLE))
                        keep(s, r);
                else
                        PQclear(r);
        s->kept_all = s->kept_bytes < KEPT_BYTES;
        pg->streaming = -1;
}

static void end(struct pg *pg, int sql)
{
        struct pg_statement *s = &pg->statements[sql];
        s->open = false;
        if (pg->streaming == sql)
                clear_wire(pg);
        PQclear(s->row.result);
        s->row.result = NULL;
        for (size_t i = s->at_kept; i < s->n_kept; i++)
                PQclear(s->kept[i]);
        free(s->kept);
        s->kept = NULL;
        s->n_kept = s->at_kept = s->kept_bytes = 0;
}

void pg_end_all(struct pg *pg)
{
        for (int i = 0; i < SQL_STATEMENTS; i++)
                if (pg->statements[i].open)
                        end(pg, i);
        if (pg->conn)
                clear_wire(pg);
}

void pg_forget_prepared(struct pg *pg)
{
        for (int i = 0; i < SQL_STATEMENTS; i++)
                pg->statements[i].single.there = pg->statements[i].many.there = false;
}

/* ---- preparing ---- */

static int prepare(struct pg *pg, int sql, struct pg_prepared *p, const Oid *types, size_t n, bool many, struct err *reterr)
{
        char name[24];
        const struct sql_text *t = &sql_postgres[sql];
        if (p->there) {
                char drop[40];
                snprintf(drop, sizeof drop, "DEALLOCATE %c%d", many ? 'm' : 's', sql);
                if (pg_exec(pg, drop, reterr) < 0)
                        return -1;
                p->there = false;
        }
        snprintf(name, sizeof name, "%c%d", many ? 'm' : 's', sql);
        PGresult *r = PQprepare(pg->conn, name, many ? t->many : t->text, (int)n, types);
        int rc = PQresultStatus(r) == PGRES_COMMAND_OK ? 0 : pg_fail(pg, r, t->name, reterr);
        PQclear(r);
        if (rc < 0)
                return -1;
        p->there = true;
        memcpy(p->types, types, n * sizeof *types);
        return 0;
}

/* Ready to run with values of these types: prepared, the wire free, no run of it under way. */
static int ready(struct pg *pg, int sql, const Oid *types, size_t n, bool many, struct err *reterr)
{
        struct pg_statement *s = &pg->statements[sql];
        struct pg_prepared *p = many ? &s->many : &s->single;
        assert(sql >= 0 && sql < SQL_STATEMENTS && n == sql_postgres[sql].n_params && n <= PG_PARAMS);
        if (s->open)
                end(pg, sql);
        clear_wire(pg);
        if (pg->lost && (pg->in_transaction || pg_connect(pg, 0, reterr) < 0))
                return pg->in_transaction ? pg_fail(pg, NULL, sql_postgres[sql].name, reterr) : -1;
        bool fits = p->there;
        for (size_t i = 0; fits && i < n; i++)
                fits = !types[i] || types[i] == p->types[i];
        return fits ? 0 : prepare(pg, sql, p, types, n, many, reterr);
}

struct bound {
        const char *values[PG_PARAMS];
        int lengths[PG_PARAMS], formats[PG_PARAMS];
        char ints[PG_PARAMS][8];
};

static void bind(struct bound *b, const struct db_value *v, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                b->formats[i] = 1;
                b->values[i] = v[i].kind == DB_NULL ? NULL : v[i].kind == DB_INT ? b->ints[i] : v[i].s.n ? v[i].s.p : "";
                b->lengths[i] = v[i].kind == DB_INT ? 8 : v[i].kind == DB_NULL ? 0 : (int)v[i].s.n;
                if (v[i].kind == DB_INT)
                        pg_put64(b->ints[i], v[i].i);
        }
}

/* Text as the server can hold it.  A stranger may ask for what cannot be: nothing bears such a name. */
static bool storable(const struct db_value *v, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (v[i].kind == DB_TEXT && v[i].s.n && (memchr(v[i].s.p, 0, v[i].s.n) || !utf8_valid(v[i].s)))
                        return false;
        return true;
}

static bool asks(int sql)
{
        return strncmp(sql_postgres[sql].text, "SELECT ", 7) == 0;
}

static int ready_for(struct pg *pg, int sql, const struct db_value *args, size_t n, struct err *reterr)
{
        Oid types[PG_PARAMS] = { 0 };
        for (size_t i = 0; i < n && i < PG_PARAMS; i++)
                types[i] = pg_type_of(args[i].kind);
        return ready(pg, sql, types, n, false, reterr);
}

/* ---- one row, many rows of one query ---- */

int pg_one(struct db *base, int sql, const struct db_value *args, size_t n, const struct db_row **ret, struct err *reterr)
{
        struct pg *pg = (struct pg *)base;
        struct bound b;
        char name[24];
        if (asks(sql) && !storable(args, n))
                return pg_done(base, sql), 0;
        if (ready_for(pg, sql, args, n, reterr) < 0)
                return -1;
        bind(&b, args, n);
        snprintf(name, sizeof name, "s%d", sql);
        PGresult *r = PQexecPrepared(pg->conn, name, (int)n, b.values, b.lengths, b.formats, 1);
        if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) == 0) {
                int rc = PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK ? 0 : pg_fail(pg, r, sql_postgres[sql].name, reterr);
                PQclear(r);
                return rc;
        }
        struct pg_statement *s = &pg->statements[sql];
        s->row = (struct pg_row){ .base.engine = &db_engine_postgres, .result = r };
        s->open = true;
        *ret = &s->row.base;
        return 1;
}

/* An open query without rows. */
static int query_nothing(struct pg *pg, int sql)
{
        struct pg_statement *s = &pg->statements[sql];
        pg_done(&pg->base, sql);
        s->row = (struct pg_row){ .base.engine = &db_engine_postgres };
        s->open = true;
        s->kept_all = true;
        keep(s, PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK));
        return 0;
}

int pg_query(struct db *base, int sql, const struct db_value *args, size_t n, struct err *reterr)
{
        struct pg *pg = (struct pg *)base;
        struct bound b;
        char name[24];
        if (asks(sql) && !storable(args, n))
                return query_nothing(pg, sql);
        if (ready_for(pg, sql, args, n, reterr) < 0)
                return -1;
        bind(&b, args, n);
        snprintf(name, sizeof name, "s%d", sql);
        if (!PQsendQueryPrepared(pg->conn, name, (int)n, b.values, b.lengths, b.formats, 1))
                return pg_fail(pg, NULL, sql_postgres[sql].name, reterr);
        PQsetSingleRowMode(pg->conn);
        struct pg_statement *s = &pg->statements[sql];
        s->row = (struct pg_row){ .base.engine = &db_engine_postgres };
        s->open = true;
        s->kept_all = true;
        pg->streaming = sql;
        return 0;
}

static PGresult *next_result(struct pg *pg, struct pg_statement *s, int sql)
{
        if (s->at_kept < s->n_kept)
                return s->kept[s->at_kept++];
        return pg->streaming == sql ? PQgetResult(pg->conn) : NULL;
}

int pg_next(struct db *base, int sql, const struct db_row **ret, struct err *reterr)
{
        struct pg *pg = (struct pg *)base;
        struct pg_statement *s = &pg->statements[sql];
        assert(s->open);
        PQclear(s->row.result);
        s->row.result = next_result(pg, s, sql);
        s->row.at = 0;
        ExecStatusType st = PQresultStatus(s->row.result);
        if (s->row.result && st == PGRES_SINGLE_TUPLE) {
                *ret = &s->row.base;
                return 1;
        }
        int rc = 0;
        if (!s->row.result || (st != PGRES_TUPLES_OK && st != PGRES_COMMAND_OK))
                rc = pg_fail(pg, s->row.result, sql_postgres[sql].name, reterr);
        else if (!s->kept_all)
                rc = err_set(reterr, ERR_QUERY_COMPLEX, "the answer is larger than this server keeps at once");
        end(pg, sql);
        return rc;
}

void pg_done(struct db *base, int sql)
{
        struct pg *pg = (struct pg *)base;
        if (pg->statements[sql].open)
                end(pg, sql);
}

/* ---- for many rows ---- */

static int tell_rows(const PGresult *r, int skip, size_t input, db_on_row *on_row, void *ctx, struct err *reterr)
{
        struct pg_row row = { .base.engine = &db_engine_postgres, .result = (PGresult *)(uintptr_t)r, .skip = skip };
        for (row.at = 0; on_row && row.at < PQntuples(r); row.at++) {
                struct pg_row first = { .base.engine = &db_engine_postgres, .result = row.result, .at = row.at };
                size_t which = skip ? input + (size_t)pg_row_int(&first.base, 0) : input;
                if (on_row(ctx, which, &row.base, reterr) < 0)
                        return -1;
        }
        return 0;
}

static int told(struct pg *pg, int sql, PGresult *r, int skip, size_t input, db_on_row *on_row, void *ctx, struct err *reterr)
{
        ExecStatusType st = PQresultStatus(r);
        int rc = st == PGRES_COMMAND_OK ? 0 : st == PGRES_TUPLES_OK ? tell_rows(r, skip, input, on_row, ctx, reterr)
                                                                   : pg_fail(pg, r, sql_postgres[sql].name, reterr);
        PQclear(r);
        return rc;
}

static int run_one(struct pg *pg, int sql, const struct db_value *values, size_t n, size_t input, db_on_row *on_row, void *ctx, struct err *reterr)
{
        struct bound b;
        char name[24];
        if (ready_for(pg, sql, values, n, reterr) < 0)
                return -1;
        bind(&b, values, n);
        snprintf(name, sizeof name, "s%d", sql);
        return told(pg, sql, PQexecPrepared(pg->conn, name, (int)n, b.values, b.lengths, b.formats, 1), 0, input, on_row, ctx, reterr);
}

/* Up to PIPELINED runs are sent before the first answer is read. */
static int run_pipelined(struct pg *pg, int sql, const struct db_value *values, size_t per_row, size_t first, size_t n, db_on_row *on_row, void *ctx, struct err *reterr)
{
        struct bound b;
        char name[24];
        int rc = 0;
        snprintf(name, sizeof name, "s%d", sql);
        bool sent = PQenterPipelineMode(pg->conn);
        for (size_t i = 0; i < n && sent; i++) {
                bind(&b, values + (first + i) * per_row, per_row);
                sent = PQsendQueryPrepared(pg->conn, name, (int)per_row, b.values, b.lengths, b.formats, 1);
        }
        if (!sent || !PQpipelineSync(pg->conn))
                return pg_fail(pg, NULL, sql_postgres[sql].name, reterr);
        for (size_t i = 0; i < n; i++) {
                PGresult *r = PQgetResult(pg->conn);
                if (!r || PQresultStatus(r) == PGRES_PIPELINE_ABORTED || rc < 0)
                        PQclear(r);
                else
                        rc = told(pg, sql, r, 0, first + i, on_row, ctx, reterr);
                if (r)
                        PQclear(PQgetResult(pg->conn)); /* the NULL that ends a run's results */
        }
        PQclear(PQgetResult(pg->conn));                 /* the synchronisation */
        if (!PQexitPipelineMode(pg->conn))
                return rc < 0 ? -1 : pg_fail(pg, NULL, sql_postgres[sql].name, reterr);
        return rc;
}

/* The type of each column, by its first value that is not NULL; false when one has none. */
static bool column_types(const struct db_value *values, size_t per_row, size_t n, Oid *ret)
{
        for (size_t c = 0; c < per_row; c++) {
                ret[c] = 0;
                for (size_t i = 0; i < n && !ret[c]; i++)
                        ret[c] = pg_type_of(values[i * per_row + c].kind);
                if (!ret[c])
                        return false;
        }
        return true;
}

/* As many rows as go into one statement. */
static size_t chunk(const struct db_value *values, size_t per_row, size_t n)
{
        size_t bytes = 0, i = 0;
        for (; i < n && i < CHUNK_ROWS && bytes < CHUNK_BYTES; i++)
                for (size_t c = 0; c < per_row; c++) {
                        const struct db_value *v = &values[i * per_row + c];
                        bytes += v->kind == DB_TEXT || v->kind == DB_BLOB ? v->s.n : 8;
                }
        return i;
}

static int run_arrays(struct pg *pg, int sql, const struct db_value *values, size_t per_row, size_t first, size_t n, const Oid *elements,
                      db_on_row *on_row, void *ctx, struct err *reterr)
{
        struct buf arrays[PG_PARAMS];
        Oid types[PG_PARAMS] = { 0 };
        const char *p[PG_PARAMS];
        int lengths[PG_PARAMS], formats[PG_PARAMS], rc;
        char name[24];
        for (size_t c = 0; c < per_row; c++)
                types[c] = pg_array_type_of(elements[c]);
        if (ready(pg, sql, types, per_row, true, reterr) < 0)
                return -1;
        for (size_t c = 0; c < per_row; c++) {
                buf_init(&arrays[c], 1u << 30);
                pg_array(&arrays[c], values + first * per_row + c, per_row, n, elements[c]);
                p[c] = arrays[c].p;
                lengths[c] = (int)arrays[c].n;
                formats[c] = 1;
        }
        snprintf(name, sizeof name, "m%d", sql);
        rc = told(pg, sql, PQexecPrepared(pg->conn, name, (int)per_row, p, lengths, formats, 1), on_row ? 1 : 0, first, on_row, ctx, reterr);
        for (size_t c = 0; c < per_row; c++)
                buf_free(&arrays[c]);
        return rc;
}

int pg_many(struct db *base, int sql, const struct db_value *values, size_t per_row, size_t n_rows,
            db_on_row *on_row, void *ctx, struct err *reterr)
{
        struct pg *pg = (struct pg *)base;
        for (size_t at = 0, n; at < n_rows; at += n) {
                const struct db_value *from = values + at * per_row;
                Oid types[PG_PARAMS] = { 0 };
                int rc;
                assert(per_row <= PG_PARAMS);
                n = chunk(from, per_row, n_rows - at);
                bool known = column_types(from, per_row, n, types);
                if (n == 1) {
                        rc = run_one(pg, sql, from, per_row, at, on_row, ctx, reterr);
                } else if (known && sql_postgres[sql].many) {
                        rc = run_arrays(pg, sql, values, per_row, at, n, types, on_row, ctx, reterr);
                } else {
                        n = n < PIPELINED ? n : PIPELINED;
                        rc = ready(pg, sql, types, per_row, false, reterr);
                        if (rc == 0)
                                rc = run_pipelined(pg, sql, values, per_row, at, n, on_row, ctx, reterr);
                }
                if (rc < 0)
                        return -1;
        }
        return 0;
}
