#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/oom.h"
#include "store/db_impl.h"
#include "store/sql_names.h"
#include "store/sqlite/mapped.h"

#define APPLICATION_ID 0x53555941       /* "SUYA" in the file's header */
#define BUSY_MS 10000
#define RESTART_MS 20           /* how long a restart of the log waits for readers to leave it */
#define MMAP_BYTES "2147418112"         /* what SQLite allows at most; address space, not memory */
#define LOG_KEPT_BYTES "67108864"       /* a log that once grew is cut back to this when it begins anew */

struct statement {
        struct db_row row;              /* first: what its rows are known by outside */
        sqlite3_stmt *stmt;
        bool open;                      /* between its first row and db_done */
};

struct sqlite {
        struct db base;                 /* first */
        sqlite3 *conn;
        enum db_mode mode;
        bool in_transaction;
        bool refused;                   /* the last failure: db_refused */
        int log_pages;
        int page_bytes;
        struct statement statements[SQL_STATEMENTS];
};

static int fail(struct sqlite *db, int rc, const char *what, struct err *reterr)
{
        int base = rc & 0xff;
        if (db)
                db->refused = base == SQLITE_CONSTRAINT || base == SQLITE_MISMATCH || base == SQLITE_TOOBIG;
        if (base == SQLITE_FULL)
                err_set(reterr, ERR_STORE, "the disk is full; nothing of this was stored. Make room and send it again");
        else if (base == SQLITE_CORRUPT || base == SQLITE_NOTADB)
                err_set(reterr, ERR_STORE, "the database is damaged; run `suyuan check` and restore a copy");
        else if (base == SQLITE_READONLY || base == SQLITE_PERM || base == SQLITE_CANTOPEN || base == SQLITE_AUTH)
                err_set(reterr, ERR_STORE, "the database cannot be opened or written; look at the folder's owner and permissions");
        else if (base == SQLITE_BUSY || base == SQLITE_LOCKED)
                err_set(reterr, ERR_BUSY, "the database is held by another process");
        else if (base == SQLITE_IOERR)
                err_set(reterr, ERR_STORE, "the disk failed to read or write");
        else
                err_set(reterr, ERR_INTERNAL, "the database refused a statement");
        return err_while(reterr, "%s: %s (SQLite %d)", what, db && db->conn ? sqlite3_errmsg(db->conn) : sqlite3_errstr(rc), rc);
}

static int exec(struct sqlite *db, const char *sql, struct err *reterr)
{
        int rc = sqlite3_exec(db->conn, sql, NULL, NULL, NULL);
        return rc == SQLITE_OK ? 0 : fail(db, rc, sql, reterr);
}

/* The first column of a one-row statement such as a pragma; `otherwise` when there is no row. */
static int pragma_int(struct sqlite *db, const char *sql, int64_t *ret, struct err *reterr)
{
        sqlite3_stmt *st = NULL;
        int rc = sqlite3_prepare_v2(db->conn, sql, -1, &st, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(st);
        if (rc == SQLITE_ROW)
                *ret = sqlite3_column_int64(st, 0);
        int end = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : fail(db, rc, sql, reterr);
        sqlite3_finalize(st);
        return end;
}

/* ---- opening ---- */

static void sqlite_close(struct db *base);
static void sqlite_rollback(struct db *base);

static int on_commit(void *ctx, sqlite3 *conn, const char *name, int pages)
{
        (void)conn, (void)name;
        ((struct sqlite *)ctx)->log_pages = pages;
        return SQLITE_OK;
}

static int configure(struct sqlite *db, const struct db_options *o, struct err *reterr)
{
        char cache[64];
        snprintf(cache, sizeof(cache), "PRAGMA cache_size=-%lld", (long long)(o->cache_kib > 0 ? o->cache_kib : 2048));
        sqlite3_busy_timeout(db->conn, BUSY_MS);
        if (exec(db, cache, reterr) < 0)
                return -1;
        int64_t page = 4096;
        switch (o->mode) {
        case DB_READ:
                if (exec(db, "PRAGMA query_only=1; PRAGMA mmap_size=" MMAP_BYTES, reterr) < 0)
                        return -1;
                break;
        case DB_WRITE:
                /* The hook stands where SQLite's own checkpoint inside COMMIT would.  Room that becomes free within a page is cleared always, at no
                 * cost in writing, or what is erased later could have left its bytes where a page was divided. */
                if (exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=FAST; PRAGMA journal_size_limit=" LOG_KEPT_BYTES, reterr) < 0)
                        return -1;
                sqlite3_wal_hook(db->conn, on_commit, db);
                break;
        case DB_SCRATCH:
                if (exec(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE", reterr) < 0)
                        return -1;
                break;
        }
        if (pragma_int(db, "PRAGMA page_size", &page, reterr) < 0)
                return -1;
        db->page_bytes = (int)page;
        return 0;
}

/* SQLite counts its memory behind one lock for the whole process; nobody reads the count, and every reader pays for it.  Only
 * before its first use may that be said; later (a test that opened SQLite itself) it is refused, and harmless. */
static void count_nothing(void)
{
        (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int sqlite_open(const char *path, const struct db_options *o, struct db **ret, struct err *reterr)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        struct sqlite *db = or_abort(calloc(1, sizeof(*db)));
        db->base.engine = &db_engine_sqlite;
        pthread_once(&once, count_nothing);
        db->mode = o->mode;
        int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | (o->mode == DB_READ ? 0 : SQLITE_OPEN_CREATE);
        int rc = sqlite3_open_v2(path, &db->conn, flags, o->mode == DB_READ ? mapped_vfs() : NULL);
        if (rc == SQLITE_OK)
                sqlite3_extended_result_codes(db->conn, 1);
        if (rc != SQLITE_OK ? fail(db, rc, "opening", reterr) < 0 : configure(db, o, reterr) < 0) {
                err_while(reterr, "opening %s", path);
                sqlite_close(&db->base);
                return -1;
        }
        *ret = &db->base;
        return 0;
}

static void sqlite_close(struct db *base)
{
        struct sqlite *db = (struct sqlite *)base;
        sqlite_rollback(base);
        for (size_t i = 0; i < SQL_STATEMENTS; i++)
                sqlite3_finalize(db->statements[i].stmt);
        int rc = sqlite3_close(db->conn);
        assert(rc == SQLITE_OK);        /* a statement that is not ours would be a bug */
        (void)rc;
        free(db);
}

/* ---- statements ---- */

static void end(struct statement *s)
{
        if (s->open)
                sqlite3_reset(s->stmt);
        s->open = false;
}

/* Ready to be bound and run: prepared, and no run under way.  NULL on failure. */
static sqlite3_stmt *ready(struct sqlite *db, int sql, size_t n, struct err *reterr)
{
        assert(sql >= 0 && sql < SQL_STATEMENTS && n == sql_sqlite[sql].n_params);
        struct statement *s = &db->statements[sql];
        end(s);
        if (!s->stmt) {
                s->row.engine = &db_engine_sqlite;
                int rc = sqlite3_prepare_v3(db->conn, sql_sqlite[sql].text, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
                if (rc != SQLITE_OK) {
                        fail(db, rc, sql_sqlite[sql].name, reterr);
                        return NULL;
                }
        }
        return s->stmt;
}

static int bind(sqlite3_stmt *st, const struct db_value *v, size_t n)
{
        int rc = SQLITE_OK;
        for (size_t i = 0; i < n && rc == SQLITE_OK; i++) {
                int at = (int)i + 1;
                switch (v[i].kind) {
                case DB_NULL:
                        rc = sqlite3_bind_null(st, at);
                        break;
                case DB_INT:
                        rc = sqlite3_bind_int64(st, at, v[i].i);
                        break;
                case DB_TEXT:
                        rc = sqlite3_bind_text64(st, at, v[i].s.n ? v[i].s.p : "", v[i].s.n, SQLITE_STATIC, SQLITE_UTF8);
                        break;
                case DB_BLOB:
                        rc = sqlite3_bind_blob64(st, at, v[i].s.n ? v[i].s.p : "", v[i].s.n, SQLITE_STATIC);
                        break;
                }
        }
        return rc;
}

static sqlite3_stmt *stmt_of(const struct db_row *row)
{
        return ((const struct statement *)row)->stmt;
}

static int64_t sqlite_int(const struct db_row *row, int column)
{
        return sqlite3_column_int64(stmt_of(row), column);
}

static struct str sqlite_text(const struct db_row *row, int column)
{
        const void *p = sqlite3_column_blob(stmt_of(row), column);
        return p ? (struct str){ p, (size_t)sqlite3_column_bytes(stmt_of(row), column) } : STR_NONE;
}

static bool sqlite_is_null(const struct db_row *row, int column)
{
        return sqlite3_column_type(stmt_of(row), column) == SQLITE_NULL;
}

static int sqlite_columns(const struct db_row *row)
{
        return sqlite3_column_count(stmt_of(row));
}

static int sqlite_query(struct db *base, int sql, const struct db_value *args, size_t n, struct err *reterr)
{
        struct sqlite *db = (struct sqlite *)base;
        sqlite3_stmt *st = ready(db, sql, n, reterr);
        if (!st)
                return -1;
        int rc = bind(st, args, n);
        if (rc != SQLITE_OK)
                return fail(db, rc, sql_sqlite[sql].name, reterr);
        db->statements[sql].open = true;
        return 0;
}

static int sqlite_next(struct db *base, int sql, const struct db_row **ret, struct err *reterr)
{
        struct sqlite *db = (struct sqlite *)base;
        struct statement *s = &db->statements[sql];
        assert(s->open);
        int rc = sqlite3_step(s->stmt);
        if (rc == SQLITE_ROW) {
                *ret = &s->row;
                return 1;
        }
        if (rc != SQLITE_DONE)
                fail(db, rc, sql_sqlite[sql].name, reterr);
        end(s);
        return rc == SQLITE_DONE ? 0 : -1;
}

static void sqlite_done(struct db *base, int sql)
{
        struct sqlite *db = (struct sqlite *)base;
        end(&db->statements[sql]);
}

static int sqlite_one(struct db *base, int sql, const struct db_value *args, size_t n, const struct db_row **ret, struct err *reterr)
{
        struct sqlite *db = (struct sqlite *)base;
        return sqlite_query(&db->base, sql, args, n, reterr) < 0 ? -1 : sqlite_next(&db->base, sql, ret, reterr);
}

/* One input row of db_many. */
static int run_row(struct sqlite *db, int sql, size_t input, db_on_row *on_row, void *ctx, struct err *reterr)
{
        const struct statement *s = &db->statements[sql];
        sqlite3_stmt *st = s->stmt;
        int rc;
        while ((rc = sqlite3_step(st)) == SQLITE_ROW)
                if (on_row && on_row(ctx, input, &s->row, reterr) < 0) {
                        sqlite3_reset(st);
                        return -1;
                }
        if (rc != SQLITE_DONE)
                fail(db, rc, sql_sqlite[sql].name, reterr);
        sqlite3_reset(st);
        return rc == SQLITE_DONE ? 0 : -1;
}

static int sqlite_many(struct db *base, int sql, const struct db_value *values, size_t per_row, size_t n_rows,
            db_on_row *on_row, void *ctx, struct err *reterr)
{
        struct sqlite *db = (struct sqlite *)base;
        sqlite3_stmt *st = ready(db, sql, per_row, reterr);
        if (!st)
                return -1;
        for (size_t i = 0; i < n_rows; i++) {
                int rc = bind(st, values + i * per_row, per_row);
                if (rc != SQLITE_OK)
                        return fail(db, rc, sql_sqlite[sql].name, reterr);
                if (run_row(db, sql, i, on_row, ctx, reterr) < 0)
                        return -1;
        }
        return 0;
}

/* ---- transactions ---- */

static void end_all(struct sqlite *db)
{
        for (size_t i = 0; i < SQL_STATEMENTS; i++)
                end(&db->statements[i]);
}

static int sqlite_begin(struct db *base, struct err *reterr)
{
        struct sqlite *db = (struct sqlite *)base;
        assert(!db->in_transaction);
        if (exec(db, db->mode == DB_READ ? "BEGIN" : "BEGIN IMMEDIATE", reterr) < 0)
                return -1;
        db->in_transaction = true;
        return 0;
}

static int sqlite_commit(struct db *base, struct err *reterr)
{
        struct sqlite *db = (struct sqlite *)base;
        assert(db->in_transaction);
        end_all(db);
        if (exec(db, "COMMIT", reterr) < 0) {
                sqlite_rollback(&db->base);
                return -1;
        }
        db->in_transaction = false;
        return 0;
}

static void sqlite_rollback(struct db *base)
{
        struct sqlite *db = (struct sqlite *)base;
        end_all(db);
        if (db->in_transaction && !sqlite3_get_autocommit(db->conn))
                sqlite3_exec(db->conn, "ROLLBACK", NULL, NULL, NULL);   /* SQLite may have rolled back by itself */
        db->in_transaction = false;
}

static bool sqlite_again(struct db *base)
{
        (void)base;
        return false;
}

static bool sqlite_refused(struct db *base)
{
        return ((struct sqlite *)base)->refused;
}

static int sqlite_turn(struct db *base, int64_t org, bool anew, int64_t *ret, struct err *reterr)
{
        (void)base, (void)org, (void)anew, (void)reterr;
        *ret = 0;
        return 0;
}

/* ---- schema ---- */

static int64_t sqlite_version(struct db *base, struct err *reterr)
{
        struct sqlite *db = (struct sqlite *)base;
        int64_t version = 0, id = 0;
        if (pragma_int(db, "PRAGMA user_version", &version, reterr) < 0 || pragma_int(db, "PRAGMA application_id", &id, reterr) < 0)
                return -1;
        if (version && id != APPLICATION_ID)
                return err_set(reterr, ERR_STORE, "this is a database of another program");
        return version;
}

static int upgrade_step(struct sqlite *db, const struct schema_step *step, int64_t version, struct err *reterr)
{
        char mark[96];
        snprintf(mark, sizeof(mark), "PRAGMA application_id=%d; PRAGMA user_version=%lld", APPLICATION_ID, (long long)version);
        if (sqlite_begin(&db->base, reterr) < 0)
                return -1;
        if (exec(db, step->sql, reterr) < 0 || exec(db, mark, reterr) < 0 || sqlite_commit(&db->base, reterr) < 0) {
                sqlite_rollback(&db->base);
                return err_while(reterr, "schema step %s", step->name);
        }
        return 0;
}

static int sqlite_upgrade(struct db *base, const struct schema_step *steps, size_t n, struct err *reterr)
{
        struct sqlite *db = (struct sqlite *)base;
        int64_t version = sqlite_version(&db->base, reterr);
        if (version < 0)
                return -1;
        for (size_t i = (size_t)version; i < n; i++)
                if (upgrade_step(db, &steps[i], (int64_t)i + 1, reterr) < 0)
                        return -1;
        return 0;
}

static int sync_file(const char *path, struct err *reterr)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        int rc = fd < 0 ? -1 : fsync(fd);
        if (fd >= 0)
                close(fd);
        return rc == 0 ? 0 : err_set(reterr, ERR_STORE, "the copy of the database could not be written to disk");
}

/* A reader may copy too: what is written is another file. */
static int sqlite_copy(struct db *base, const char *path, struct err *reterr)
{
        struct sqlite *db = (struct sqlite *)base;
        sqlite3_stmt *st = NULL;
        if (db->mode == DB_READ && exec(db, "PRAGMA query_only=0", reterr) < 0)
                return -1;
        int rc = sqlite3_prepare_v2(db->conn, "VACUUM INTO ?1", -1, &st, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_bind_text(st, 1, path, -1, SQLITE_STATIC);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(st);
        int result = rc == SQLITE_DONE ? 0 : fail(db, rc, "copying the database", reterr);
        sqlite3_finalize(st);
        if (db->mode == DB_READ && exec(db, "PRAGMA query_only=1", reterr) < 0)
                return -1;
        return result < 0 ? -1 : sync_file(path, reterr);
}

static int64_t sqlite_integrity(struct db *base, void (*say)(void *ctx, const char *what, const char *detail), void *ctx, struct err *reterr)
{
        struct sqlite *db = (struct sqlite *)base;
        sqlite3_stmt *st = NULL;
        int64_t faults = 0;
        int rc = sqlite3_prepare_v2(db->conn, "PRAGMA integrity_check", -1, &st, NULL);
        while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
                const char *line = (const char *)sqlite3_column_text(st, 0);
                if (line && strcmp(line, "ok") != 0) {
                        faults++;
                        say(ctx, "database", line);
                }
                rc = SQLITE_OK;
        }
        if (rc != SQLITE_DONE)
                faults = fail(db, rc, "integrity_check", reterr);
        sqlite3_finalize(st);
        return faults;
}

/* ---- the write-ahead log ---- */

static int64_t sqlite_log_bytes(const struct db *base)
{
        const struct sqlite *db = (const struct sqlite *)base;
        return (int64_t)db->log_pages * (db->page_bytes + 24);
}

static int sqlite_overwrite(struct db *base, bool on, struct err *reterr)
{
        int64_t now;
        return pragma_int((struct sqlite *)base, on ? "PRAGMA secure_delete=ON" : "PRAGMA secure_delete=FAST", &now, reterr);
}

static int sqlite_checkpoint(struct db *base, enum db_checkpoint how, bool *ret_all, struct err *reterr)
{
        struct sqlite *db = (struct sqlite *)base;
        static const int modes[] = { [DB_CHECKPOINT_PASSIVE] = SQLITE_CHECKPOINT_PASSIVE, [DB_CHECKPOINT_RESTART] = SQLITE_CHECKPOINT_RESTART,
                                     [DB_CHECKPOINT_TRUNCATE] = SQLITE_CHECKPOINT_TRUNCATE };
        bool restart = how != DB_CHECKPOINT_PASSIVE;
        int pages = 0, moved = 0;
        if (restart)
                sqlite3_busy_timeout(db->conn, RESTART_MS);
        int rc = sqlite3_wal_checkpoint_v2(db->conn, "main", modes[how], &pages, &moved);
        sqlite3_busy_timeout(db->conn, BUSY_MS);
        bool all = rc == SQLITE_OK && pages == moved;
        if (all && restart)
                db->log_pages = 0;
        if (ret_all)
                *ret_all = all;
        return rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY ? 0 : fail(db, rc, "checkpoint", reterr);
}

const struct db_engine db_engine_sqlite = {
        .open = sqlite_open, .close = sqlite_close, .query = sqlite_query, .next = sqlite_next, .done = sqlite_done, .one = sqlite_one,
        .many = sqlite_many, .begin = sqlite_begin, .commit = sqlite_commit, .rollback = sqlite_rollback, .again = sqlite_again, .refused = sqlite_refused,
        .turn = sqlite_turn, .version = sqlite_version, .upgrade = sqlite_upgrade, .copy = sqlite_copy, .integrity = sqlite_integrity,
        .log_bytes = sqlite_log_bytes, .checkpoint = sqlite_checkpoint, .overwrite = sqlite_overwrite,
        .row_int = sqlite_int, .row_text = sqlite_text, .row_is_null = sqlite_is_null, .row_columns = sqlite_columns,
};
