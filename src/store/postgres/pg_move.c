#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/file.h"
#include "store/move.h"
#include "store/postgres/pg_impl.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

/* From SQLite to PostgreSQL, table by table in the order of their keys.  What SQLite says of its tables says what to copy, so a new table needs
 * nothing here. */

enum { COLUMNS = 40, SEND_BYTES = 256 * 1024, TELL_ROWS = 5000 };

struct move {
        sqlite3 *from;
        struct pg *to;
        bool clear;                     /* what an earlier move left in the target goes */
        struct arena *arena;
        store_progress *progress;
        void *ctx;
        struct err *err;
};

struct table {
        const char *name;
        struct str columns, order;      /* as they stand in SQL; of the key, or of everything where there is none */
        struct hash digest;
        int64_t rows;
};

static int sqlite_failed(struct move *m, const char *what)
{
        err_set(m->err, ERR_STORE, "the source could not be read; run `suyuan check` on it");
        return err_while(m->err, "%s: %s", what, sqlite3_errmsg(m->from));
}

/* Text of the first row's first column, in the arena; STR_NONE when there is none. */
static struct str ask(struct move *m, const char *sql, const char *arg)
{
        sqlite3_stmt *st = NULL;
        struct str s = STR_NONE;
        if (sqlite3_prepare_v2(m->from, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_bind_text(st, 1, arg, -1, SQLITE_STATIC) == SQLITE_OK &&
            sqlite3_step(st) == SQLITE_ROW && sqlite3_column_text(st, 0))
                s = arena_str(m->arena, str_of((const char *)sqlite3_column_text(st, 0)));
        sqlite3_finalize(st);
        return s;
}

static int describe(struct move *m, const char *name, struct table *ret)
{
        *ret = (struct table){ .name = name };
        ret->columns = ask(m, "SELECT group_concat(name, ', ') FROM pragma_table_info(?1)", name);
        ret->order = ask(m, "SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk)", name);
        if (!ret->order.n)
                ret->order = ask(m, "SELECT group_concat(name || ' NULLS FIRST', ', ') FROM pragma_table_info(?1)", name);
        struct str n = ask(m, arena_printf(m->arena, "SELECT count(*) FROM %s WHERE ?1 <> ''", name).p, name);
        ret->rows = n.n ? strtoll(n.p, NULL, 10) : -1;
        return ret->columns.n && ret->rows >= 0 ? 0 : sqlite_failed(m, name);
}

/* ---- a row as COPY's binary form has it; the digest is of these bytes, on both sides ---- */

static void add16(struct buf *b, unsigned v)
{
        buf_char(b, (char)(v >> 8));
        buf_char(b, (char)v);
}

static void add32(struct buf *b, uint32_t v)
{
        add16(b, v >> 16);
        add16(b, v & 0xffff);
}

static void add_cell(struct buf *b, sqlite3_stmt *st, int c)
{
        char eight[8];
        int64_t bits = sqlite3_column_int64(st, c);
        double d;
        switch (sqlite3_column_type(st, c)) {
        case SQLITE_NULL:
                add32(b, UINT32_MAX);
                return;
        case SQLITE_FLOAT:
                d = sqlite3_column_double(st, c);
                memcpy(&bits, &d, 8);
                __attribute__((fallthrough));
        case SQLITE_INTEGER:
                add32(b, 8);
                pg_put64(eight, bits);
                buf_add(b, eight, 8);
                return;
        default:
                add32(b, (uint32_t)sqlite3_column_bytes(st, c));
                buf_add(b, sqlite3_column_blob(st, c), (size_t)sqlite3_column_bytes(st, c));
        }
}

static int put(struct move *m, struct buf *b)
{
        int rc = b->n == 0 || PQputCopyData(m->to->conn, b->p, (int)b->n) == 1 ? 0 : pg_fail(m->to, NULL, "COPY", m->err);
        buf_clear(b);
        return rc;
}

static int send_rows(struct move *m, struct table *t, sqlite3_stmt *st)
{
        struct buf b;
        struct sha256_run *digest = sha256_new();
        int rc, sent = 0;
        int64_t n = 0;
        buf_init(&b, 1u << 30);
        buf_add(&b, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
        while (sent == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
                size_t before = b.n;
                add16(&b, (unsigned)sqlite3_column_count(st));
                for (int c = 0; c < sqlite3_column_count(st); c++)
                        add_cell(&b, st, c);
                sha256_add(digest, b.p + before, b.n - before);
                if (b.n >= SEND_BYTES)
                        sent = put(m, &b);
                if (++n % TELL_ROWS == 0 && m->progress)
                        m->progress(m->ctx, t->name, n, t->rows);
        }
        t->digest = sha256_final(digest);
        t->rows = n;
        add16(&b, 0xffff);
        if (sent == 0)
                sent = rc == SQLITE_DONE ? put(m, &b) : sqlite_failed(m, t->name);
        buf_free(&b);
        return sent;
}

static int copy_table(struct move *m, struct table *t)
{
        sqlite3_stmt *st = NULL;
        PGconn *c = m->to->conn;
        struct str from = arena_printf(m->arena, "SELECT %.*s FROM %s ORDER BY %.*s", STR_ARG(t->columns), t->name, STR_ARG(t->order));
        struct str to = arena_printf(m->arena, "COPY %s (%.*s) FROM STDIN (FORMAT binary)", t->name, STR_ARG(t->columns));
        if (sqlite3_prepare_v2(m->from, from.p, -1, &st, NULL) != SQLITE_OK)
                return sqlite_failed(m, t->name);
        PGresult *r = PQexec(c, to.p);
        int rc = PQresultStatus(r) == PGRES_COPY_IN ? 0 : pg_fail(m->to, r, to.p, m->err);
        PQclear(r);
        if (rc == 0) {
                rc = send_rows(m, t, st);
                PQputCopyEnd(c, rc < 0 ? "given up" : NULL);
                r = PQgetResult(c);
                if (rc == 0 && PQresultStatus(r) != PGRES_COMMAND_OK)
                        rc = pg_fail(m->to, r, t->name, m->err);
                PQclear(r);
                while ((r = PQgetResult(c)))
                        PQclear(r);
        }
        sqlite3_finalize(st);
        return rc;
}

/* ---- reading back ---- */

static void digest_row(struct sha256_run *digest, struct buf *b, const PGresult *r)
{
        buf_clear(b);
        add16(b, (unsigned)PQnfields(r));
        for (int c = 0; c < PQnfields(r); c++) {
                bool null = PQgetisnull(r, 0, c);
                add32(b, null ? UINT32_MAX : (uint32_t)PQgetlength(r, 0, c));
                if (!null)
                        buf_add(b, PQgetvalue(r, 0, c), (size_t)PQgetlength(r, 0, c));
        }
        sha256_add(digest, b->p, b->n);
}

static int compare_table(struct move *m, const struct table *t)
{
        PGconn *c = m->to->conn;
        struct sha256_run *digest = sha256_new();
        struct buf b;
        int64_t n = 0;
        int rc = 0;
        PGresult *r;
        struct str sql = arena_printf(m->arena, "SELECT %.*s FROM %s ORDER BY %.*s", STR_ARG(t->columns), t->name, STR_ARG(t->order));
        buf_init(&b, 1u << 30);
        if (!PQsendQueryParams(c, sql.p, 0, NULL, NULL, NULL, NULL, 1))
                rc = pg_fail(m->to, NULL, t->name, m->err);
        PQsetSingleRowMode(c);
        while (rc == 0 && (r = PQgetResult(c))) {
                if (PQresultStatus(r) == PGRES_SINGLE_TUPLE) {
                        digest_row(digest, &b, r);
                        if (++n % TELL_ROWS == 0 && m->progress)
                                m->progress(m->ctx, "compare", n, t->rows);
                } else if (PQresultStatus(r) != PGRES_TUPLES_OK) {
                        rc = pg_fail(m->to, r, t->name, m->err);
                }
                PQclear(r);
        }
        struct hash found = sha256_final(digest);
        buf_free(&b);
        if (rc == 0 && (n != t->rows || memcmp(found.b, t->digest.b, sizeof found.b) != 0))
                rc = err_set(m->err, ERR_STORE, "table %s came out different (%lld rows of %lld); nothing was kept", t->name, (long long)n, (long long)t->rows);
        return rc;
}

static int clear_table(struct move *m, const struct table *t)
{
        char sql[160];
        snprintf(sql, sizeof sql, "DELETE FROM %s", t->name);
        return pg_exec(m->to, sql, m->err);
}

static int move_tables(struct move *m)
{
        sqlite3_stmt *st = NULL;
        int rc = 0;
        if (sqlite3_prepare_v2(m->from, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid", -1, &st, NULL) != SQLITE_OK)
                return sqlite_failed(m, "listing tables");
        while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
                struct table t;
                rc = describe(m, arena_str(m->arena, str_of((const char *)sqlite3_column_text(st, 0))).p, &t);
                if (rc == 0 && m->clear)
                        rc = clear_table(m, &t);
                if (rc == 0)
                        rc = copy_table(m, &t);
                if (rc == 0)
                        rc = compare_table(m, &t);
        }
        sqlite3_finalize(st);
        return rc;
}

/* ---- blobs ---- */

static int copy_file(const char *from, const char *to)
{
        if (link(from, to) == 0 || errno == EEXIST)     /* the content is the name: shared or there already is the same */
                return 0;
        char part[PATH_BYTES + 16];
        snprintf(part, sizeof part, "%s.moving", to);
        int in = open(from, O_RDONLY | O_CLOEXEC), out = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
        ssize_t n = in < 0 || out < 0 ? -1 : 1;
        while (n > 0)
                n = copy_file_range(in, NULL, out, NULL, 1 << 20, 0);
        int rc = n == 0 && fsync(out) == 0 && rename(part, to) == 0 ? 0 : -1;
        if (in >= 0)
                close(in);
        if (out >= 0)
                close(out);
        return rc;
}

static int copy_folder(const char *from, const char *to, int depth)
{
        DIR *d = opendir(from);
        int rc = d ? 0 : errno == ENOENT ? 0 : -1;
        if (d && mkdir(to, 0750) < 0 && errno != EEXIST)
                rc = -1;
        for (struct dirent *e; d && rc == 0 && (e = readdir(d));) {
                char a[PATH_BYTES], b[PATH_BYTES];
                if (e->d_name[0] == '.')
                        continue;
                snprintf(a, sizeof a, "%.3800s/%.250s", from, e->d_name);
                snprintf(b, sizeof b, "%.3800s/%.250s", to, e->d_name);
                rc = depth ? copy_folder(a, b, depth - 1) : copy_file(a, b);
        }
        if (d)
                closedir(d);
        return rc < 0 || !d ? rc : sync_folder(to);
}

/* Files that are stored; parts of those on their way stay behind, and their sender begins anew. */
static int move_blobs(struct move *m, const char *from_dir, const char *to_dir)
{
        char a[PATH_BYTES], b[PATH_BYTES], ra[PATH_BYTES], rb[PATH_BYTES];
        snprintf(a, sizeof a, "%.3800s/blobs", from_dir);
        snprintf(b, sizeof b, "%.3800s/blobs", to_dir);
        if (mkdir(to_dir, 0750) < 0 && errno != EEXIST)
                return err_set(m->err, ERR_STORE, "%s: %s", to_dir, strerror(errno));
        if (realpath(a, ra) && realpath(b, rb) && strcmp(ra, rb) == 0)
                return 0;
        if (mkdir(b, 0750) < 0 && errno != EEXIST)
                return err_set(m->err, ERR_STORE, "%s: %s", b, strerror(errno));
        snprintf(ra, sizeof ra, "%.3800s/blobs/sha256", from_dir);
        snprintf(rb, sizeof rb, "%.3800s/blobs/sha256", to_dir);
        return copy_folder(ra, rb, 1) == 0 ? 0 : err_set(m->err, ERR_STORE, "the blobs could not be copied to %s: %s", b, strerror(errno));
}

/* ---- the whole ---- */

static int hold_source(const char *dir, int *ret_fd, struct err *reterr)
{
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%.3900s/suyuan.lock", dir);
        *ret_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
        if (*ret_fd < 0)
                return err_set(reterr, ERR_STORE, "%s: %s", path, strerror(errno));
        if (flock(*ret_fd, LOCK_EX | LOCK_NB) < 0)
                return err_set(reterr, ERR_BUSY, "a suyuan process writes in %s; stop it first", dir);
        return 0;
}

static int open_file(struct move *m, const char *path, size_t steps)
{
        if (sqlite3_open_v2(path, &m->from, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
            sqlite3_exec(m->from, "PRAGMA query_only = 1; BEGIN", NULL, NULL, NULL) != SQLITE_OK)
                return sqlite_failed(m, "opening");
        struct str version = ask(m, "SELECT user_version FROM pragma_user_version WHERE ?1 <> ''", "x");
        if (!version.n || (size_t)strtoll(version.p, NULL, 10) != steps)
                return err_set(m->err, ERR_CONFLICT, "the source has schema %s, this program %zu; `suyuan rebuild` brings an older one up to date", version.n ? version.p : "0", steps);
        return 0;
}

static int open_source(struct move *m, const char *dir)
{
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%.3900s/suyuan.db", dir);
        return access(path, R_OK) < 0 ? err_set(m->err, ERR_NOT_FOUND, "%s holds no suyuan database", dir) : open_file(m, path, n_schema_steps);
}

static int open_target(struct move *m, const char *database)
{
        struct db *db = NULL;
        const struct db_row *row;
        if (!db_is_server(database))
                return err_set(m->err, ERR_BAD_INPUT, "the target is a database server, postgres://…");
        if (db_open(database, &(struct db_options){ .mode = DB_WRITE }, &db, m->err) < 0)
                return -1;
        m->to = (struct pg *)db;
        int64_t version = db_version(db, m->err);
        if (version < 0 || ((size_t)version <= n_schema_steps && db_upgrade(db, schema_steps, n_schema_steps, m->err) < 0))
                return -1;
        int rc = db_one(db, SQL_orgs, DB_NO_ARGS, &row, m->err);
        db_done(db, SQL_orgs);
        return rc == 1 ? err_set(m->err, ERR_CONFLICT, "the database server already holds a suyuan database; name an empty one") : rc;
}

static int run_series(struct move *m, const char *path, const char *to_database)
{
        struct db *db = NULL;
        if (open_file(m, path, n_series_steps) < 0 || db_open(to_database, &(struct db_options){ .mode = DB_WRITE, .space = "series" }, &db, m->err) < 0)
                return -1;
        m->to = (struct pg *)db;
        if (db_upgrade(db, series_steps, n_series_steps, m->err) < 0 || db_begin(db, m->err) < 0)
                return -1;
        if (move_tables(m) < 0) {
                db_rollback(db);
                return -1;
        }
        return db_commit(db, m->err) < 0 ? -1 : pg_exec(m->to, "ANALYZE", m->err);
}

/* The readings of devices, in a transaction of their own just before that of the records: should that one fail, the server counts as empty still, and the next
 * move clears what is here. */
static int move_series(const struct move *records, const char *from_dir, const char *to_database)
{
        struct move m = { .arena = records->arena, .progress = records->progress, .ctx = records->ctx, .err = records->err, .clear = true };
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%.3900s/series.db", from_dir);
        if (access(path, R_OK) < 0)
                return 0;
        int rc = run_series(&m, path, to_database);
        sqlite3_close(m.from);
        if (m.to)
                db_close(&m.to->base);
        return rc;
}

static int run(struct move *m, const char *from_dir, const char *to_database, const char *to_dir)
{
        if (open_source(m, from_dir) < 0 || open_target(m, to_database) < 0 || move_blobs(m, from_dir, to_dir) < 0 || db_begin(&m->to->base, m->err) < 0)
                return -1;
        if (move_tables(m) < 0 || move_series(m, from_dir, to_database) < 0) {
                db_rollback(&m->to->base);
                return -1;
        }
        return db_commit(&m->to->base, m->err) < 0 ? -1 : pg_exec(m->to, "ANALYZE", m->err);
}

int store_move(const char *from_dir, const char *to_database, const char *to_dir, store_progress *progress, void *ctx, struct err *reterr)
{
        struct err e = { 0 };
        struct move m = { .arena = arena_new(), .progress = progress, .ctx = ctx, .err = &e };
        int lock = -1;
        int rc = hold_source(from_dir, &lock, &e);
        if (rc == 0)
                rc = run(&m, from_dir, to_database, to_dir);
        sqlite3_close(m.from);
        if (m.to)
                db_close(&m.to->base);
        if (lock >= 0)
                close(lock);
        arena_free(m.arena);
        if (rc < 0 && reterr)
                *reterr = e;
        return rc;
}
