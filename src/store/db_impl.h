#ifndef SUYUAN_STORE_DB_IMPL_H
#define SUYUAN_STORE_DB_IMPL_H

#include "store/db.h"

/* For the implementers of db.h: a statement's text in one dialect. */
struct sql_text {
        const char *name, *text;
        size_t n_params;
        const char *many;       /* PostgreSQL: the same with an array for each parameter; NULL where there is none */
};
extern const struct sql_text sql_sqlite[], sql_postgres[];

/* An engine: one function for each of db.h, which says what they do. */
struct db_engine {
        int (*open)(const char *path, const struct db_options *o, struct db **ret, struct err *reterr);
        void (*close)(struct db *db);
        int (*query)(struct db *db, int sql, const struct db_value *args, size_t n, struct err *reterr);
        int (*next)(struct db *db, int sql, const struct db_row **ret, struct err *reterr);
        void (*done)(struct db *db, int sql);
        int (*one)(struct db *db, int sql, const struct db_value *args, size_t n, const struct db_row **ret, struct err *reterr);
        int (*many)(struct db *db, int sql, const struct db_value *values, size_t per_row, size_t n_rows,
                    db_on_row *on_row, void *ctx, struct err *reterr);
        int (*begin)(struct db *db, struct err *reterr);
        int (*commit)(struct db *db, struct err *reterr);
        void (*rollback)(struct db *db);
        bool (*again)(struct db *db);
        bool (*refused)(struct db *db);
        int (*turn)(struct db *db, int64_t org, bool anew, int64_t *ret, struct err *reterr);
        int64_t (*version)(struct db *db, struct err *reterr);
        int (*upgrade)(struct db *db, const struct schema_step *steps, size_t n, struct err *reterr);
        int (*copy)(struct db *db, const char *path, struct err *reterr);
        int (*overwrite)(struct db *db, bool on, struct err *reterr);
        int64_t (*integrity)(struct db *db, void (*say)(void *ctx, const char *what, const char *detail), void *ctx, struct err *reterr);
        int64_t (*log_bytes)(const struct db *db);
        int (*checkpoint)(struct db *db, enum db_checkpoint how, bool *ret_all, struct err *reterr);

        int64_t (*row_int)(const struct db_row *row, int column);
        struct str (*row_text)(const struct db_row *row, int column);
        bool (*row_is_null)(const struct db_row *row, int column);
        int (*row_columns)(const struct db_row *row);
};
extern const struct db_engine db_engine_sqlite, db_engine_postgres;

/* What stands first in an engine's own connection and row. */
struct db { const struct db_engine *engine; };
struct db_row { const struct db_engine *engine; };

#endif
