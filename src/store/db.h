#ifndef SUYUAN_STORE_DB_H
#define SUYUAN_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* The narrow face of an SQL engine: one connection, statements by number (enum sql in store/sql_names.h, made from
 * store/sql/ by tools/gen-sql), values bound in order of the parameters' first use.  Anything that is done for many
 * rows goes through db_many, which an engine across a socket turns into arrays and a pipeline.
 *
 * One thread at a time.  Statements are prepared when first run and kept. */
struct db;

enum db_mode {
        DB_READ,        /* queries only */
        DB_WRITE,       /* the one writing connection: durable when db_commit returns */
        DB_SCRATCH      /* a new file that need not survive: for `check` */
};

struct db_options {
        enum db_mode mode;
        int64_t cache_kib;      /* page cache of this connection */
        const char *space;      /* on a server: tables in a namespace of their own, made by DB_WRITE; NULL: the main ones.  Outlives the connection */
};

/* `path` is a file (SQLite) or "postgres://…" (libpq's URI: several hosts, sslmode and so on).  A password in it is never told. */
bool db_is_server(const char *path);
int db_open(const char *path, const struct db_options *o, struct db **ret, struct err *reterr);
void db_close(struct db *db);                           /* NULL is fine; rolls back what is open */

enum db_kind { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };
struct db_value {
        enum db_kind kind;
        union { int64_t i; struct str s; };
};
static inline struct db_value db_i(int64_t i) { return (struct db_value){ .kind = DB_INT, .i = i }; }
static inline struct db_value db_t(struct str s) { return (struct db_value){ .kind = DB_TEXT, .s = s }; }
static inline struct db_value db_b(const void *p, size_t n)
{
        return (struct db_value){ .kind = DB_BLOB, .s = { p, n } };
}
/* DB_ARGS(db_i(org), db_t(name)) → pointer and count */
#define DB_ARGS(...) (const struct db_value[]){ __VA_ARGS__ }, sizeof((const struct db_value[]){ __VA_ARGS__ }) / sizeof(struct db_value)
#define DB_NO_ARGS NULL, 0

/* A result row, valid until its callback returns or the next db_next. */
struct db_row;
int64_t db_int(const struct db_row *row, int column);   /* NULL is 0 */
struct str db_text(const struct db_row *row, int column);       /* bytes of a text or blob; STR_NONE for NULL */
bool db_is_null(const struct db_row *row, int column);
int db_columns(const struct db_row *row);

/* Runs a statement that gives no rows. */
int db_run(struct db *db, int sql, const struct db_value *args, size_t n, struct err *reterr);

/* At most one row: 1 with `*ret`, 0 none, -1.  The row is valid until the statement is run again or db_done. */
int db_one(struct db *db, int sql, const struct db_value *args, size_t n, const struct db_row **ret, struct err *reterr);
/* Ends a query before its last row. */
void db_done(struct db *db, int sql);

/* A query of many rows: db_query, then db_next until it gives 0 (which ends it) or db_done.  `args` must stay until then.
 * A statement has one run at a time. */
int db_query(struct db *db, int sql, const struct db_value *args, size_t n, struct err *reterr);
int db_next(struct db *db, int sql, const struct db_row **ret, struct err *reterr);     /* 1, 0, -1 */

/* Runs one statement for `n_rows` rows of `per_row` values.  `on_row` (or NULL) gets each result row with the number of
 * the input row it answers; returns -1 to stop. */
typedef int db_on_row(void *ctx, size_t input, const struct db_row *row, struct err *reterr);
int db_many(struct db *db, int sql, const struct db_value *values, size_t per_row, size_t n_rows,
            db_on_row *on_row, void *ctx, struct err *reterr);

/* A reading transaction sees one state of the database; a writing one is the only one. */
int db_begin(struct db *db, struct err *reterr);
int db_commit(struct db *db, struct err *reterr);       /* on failure everything since db_begin is gone */
void db_rollback(struct db *db);                        /* never fails; nothing open is fine */
/* After a failure: nothing of the transaction is stored, and the same done again from db_begin may well succeed (the connection was
 * lost, two writers were in each other's way).  Never true of SQLite.  A commit whose answer was lost is settled by db_commit
 * itself, which asks again what became of it. */
bool db_again(struct db *db);

/* After a failure: a statement's values were refused (a constraint, a size, a type).  The store is well, and the same again is refused again. */
bool db_refused(struct db *db);

/* Several processes may write to one server.  The turn of an organisation is held until the transaction ends; who wants it meanwhile
 * waits, so organisations are taken in ascending order.  `ret` grows by one with each turn that was committed: more means that another
 * process wrote.  Its high half (TURN_ERA) grows when numbers once given have been given anew (`anew`: we are about to do that).
 * SQLite has one writer: always 0. */
#define TURN_ERA(turn) ((turn) >> 32)
int db_turn(struct db *db, int64_t org, bool anew, int64_t *ret, struct err *reterr);

/* ---- schema: steps are run in order, each in its own transaction; the number of steps done is the version ---- */
struct schema_step { const char *name, *sql, *sql_postgres; };
extern const struct schema_step schema_steps[];
extern const size_t n_schema_steps;
extern const struct schema_step series_steps[]; /* of the series' tables (schema/series/), a file or space of their own */
extern const size_t n_series_steps;

int64_t db_version(struct db *db, struct err *reterr);  /* steps done, 0 for an empty file, -1 */
int db_upgrade(struct db *db, const struct schema_step *steps, size_t n, struct err *reterr);
/* A complete, durable copy in a new file (SQLite only). */
int db_copy(struct db *db, const char *path, struct err *reterr);

/* From here on what is deleted or changed is overwritten in the file, also where a whole page becomes free (SQLite; a server keeps old rows until its VACUUM).
 * Off, pages that become free keep their bytes. */
int db_overwrite(struct db *db, bool on, struct err *reterr);

/* The engine's own check of its pages and indexes: calls `say` for each fault; how many, or -1. */
int64_t db_integrity(struct db *db, void (*say)(void *ctx, const char *what, const char *detail), void *ctx, struct err *reterr);

/* ---- write-ahead log (docs/design/write-path.md): written by commits, moved into the database file by checkpoints ---- */
int64_t db_log_bytes(const struct db *db);      /* after the last commit of this connection */
enum db_checkpoint {
        DB_CHECKPOINT_PASSIVE,  /* as much as can be moved without waiting for anybody */
        DB_CHECKPOINT_TRUNCATE, /* and the log is cut to nothing */
        DB_CHECKPOINT_RESTART   /* everything, so that the log begins anew; gives up when readers hold it */
};
/* `ret_all`: the log was moved wholly (and, with RESTART, begins anew); may be NULL. */
int db_checkpoint(struct db *db, enum db_checkpoint how, bool *ret_all, struct err *reterr);

#endif
