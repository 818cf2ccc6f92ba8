#ifndef SUYUAN_STORE_POSTGRES_PG_IMPL_H
#define SUYUAN_STORE_POSTGRES_PG_IMPL_H

#include <libpq-fe.h>

#include "base/buf.h"
#include "store/db_impl.h"

/* The inside of the PostgreSQL engine (docs/design/storage.md, "PostgreSQL"). */

enum { PG_PARAMS = 32 };

struct pg_row {
        struct db_row base;             /* first */
        PGresult *result;
        int at;
        int skip;                       /* leading columns that are not the statement's own */
};

/* A statement is prepared for the kinds of the values it was first given, and again when a NULL told us nothing then. */
struct pg_prepared {
        bool there;
        Oid types[PG_PARAMS];           /* 0: only NULL so far */
};

struct pg_statement {
        struct pg_row row;
        struct pg_prepared single, many;
        bool open;
        PGresult **kept;                /* rows taken off the wire because another statement wanted it */
        size_t n_kept, at_kept, kept_bytes;
        bool kept_all;
};

struct pg {
        struct db base;                 /* first */
        PGconn *conn;                   /* NULL or broken: lost */
        char *url;
        enum db_mode mode;
        const char *space;              /* db_options.space */
        bool in_transaction;
        bool lost;                      /* connect again before anything else */
        bool again;                     /* see db_again */
        bool refused;                   /* see db_refused */
        char writer[33];                /* who we are in suyuan_writer: a name for the life of this object */
        int64_t mark;                   /* of our last transaction */
        int streaming;                  /* the statement whose rows are on the wire, -1 */
        struct pg_statement statements[];       /* SQL_STATEMENTS of them */
};

/* ---- pg_connect.c ---- */
/* Connects, or connects again, trying until `patience_ms` are over (0: once). */
int pg_connect(struct pg *pg, int patience_ms, struct err *reterr);
/* Fills reterr from a result (NULL: from the connection); notes whether the connection is lost and the transaction may be repeated. */
int pg_fail(struct pg *pg, const PGresult *result, const char *what, struct err *reterr);
/* SQL text without parameters. */
int pg_exec(struct pg *pg, const char *sql, struct err *reterr);
/* The first column of the first row as an integer; `otherwise` when there is none or it is NULL. */
int pg_int(struct pg *pg, const char *sql, int64_t otherwise, int64_t *ret, struct err *reterr);

/* ---- pg_statement.c ---- */
int pg_query(struct db *base, int sql, const struct db_value *args, size_t n, struct err *reterr);
int pg_next(struct db *base, int sql, const struct db_row **ret, struct err *reterr);
void pg_done(struct db *base, int sql);
int pg_one(struct db *base, int sql, const struct db_value *args, size_t n, const struct db_row **ret, struct err *reterr);
int pg_many(struct db *base, int sql, const struct db_value *values, size_t per_row, size_t n_rows,
            db_on_row *on_row, void *ctx, struct err *reterr);
void pg_end_all(struct pg *pg);         /* every open query ends */
void pg_forget_prepared(struct pg *pg); /* a new connection knows none */

/* ---- pg_value.c ---- */
int64_t pg_row_int(const struct db_row *row, int column);
struct str pg_row_text(const struct db_row *row, int column);
bool pg_row_is_null(const struct db_row *row, int column);
int pg_row_columns(const struct db_row *row);
void pg_put64(char ret[8], int64_t v);  /* as the wire has it */
/* A column of `n_rows` values, each `per_row` after the one before, as a binary array; `type` is that of an element. */
void pg_array(struct buf *b, const struct db_value *first, size_t per_row, size_t n_rows, Oid type);
Oid pg_type_of(enum db_kind kind);      /* 0 for NULL */
Oid pg_array_type_of(Oid element);

/* ---- pg_schema.c ---- */
int64_t pg_version(struct db *base, struct err *reterr);
int pg_upgrade(struct db *base, const struct schema_step *steps, size_t n, struct err *reterr);

#endif
