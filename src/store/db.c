#include <string.h>

#include "store/db_impl.h"

/* One face, two engines: which one a connection belongs to is decided when it is opened. */

bool db_is_server(const char *path)
{
        return strncmp(path, "postgres://", 11) == 0 || strncmp(path, "postgresql://", 13) == 0;
}

int db_open(const char *path, const struct db_options *o, struct db **ret, struct err *reterr)
{
        return (db_is_server(path) ? &db_engine_postgres : &db_engine_sqlite)->open(path, o, ret, reterr);
}

void db_close(struct db *db)
{
        if (db)
                db->engine->close(db);
}

int64_t db_int(const struct db_row *row, int column)
{
        return row->engine->row_int(row, column);
}

struct str db_text(const struct db_row *row, int column)
{
        return row->engine->row_text(row, column);
}

bool db_is_null(const struct db_row *row, int column)
{
        return row->engine->row_is_null(row, column);
}

int db_columns(const struct db_row *row)
{
        return row->engine->row_columns(row);
}

int db_run(struct db *db, int sql, const struct db_value *args, size_t n, struct err *reterr)
{
        return db->engine->many(db, sql, args, n, 1, NULL, NULL, reterr);
}

int db_one(struct db *db, int sql, const struct db_value *args, size_t n, const struct db_row **ret, struct err *reterr)
{
        return db->engine->one(db, sql, args, n, ret, reterr);
}

void db_done(struct db *db, int sql)
{
        db->engine->done(db, sql);
}

int db_query(struct db *db, int sql, const struct db_value *args, size_t n, struct err *reterr)
{
        return db->engine->query(db, sql, args, n, reterr);
}

int db_next(struct db *db, int sql, const struct db_row **ret, struct err *reterr)
{
        return db->engine->next(db, sql, ret, reterr);
}

int db_many(struct db *db, int sql, const struct db_value *values, size_t per_row, size_t n_rows,
            db_on_row *on_row, void *ctx, struct err *reterr)
{
        return db->engine->many(db, sql, values, per_row, n_rows, on_row, ctx, reterr);
}

int db_begin(struct db *db, struct err *reterr)
{
        return db->engine->begin(db, reterr);
}

int db_commit(struct db *db, struct err *reterr)
{
        return db->engine->commit(db, reterr);
}

void db_rollback(struct db *db)
{
        db->engine->rollback(db);
}

bool db_again(struct db *db)
{
        return db->engine->again(db);
}

bool db_refused(struct db *db)
{
        return db->engine->refused(db);
}

int db_turn(struct db *db, int64_t org, bool anew, int64_t *ret, struct err *reterr)
{
        return db->engine->turn(db, org, anew, ret, reterr);
}

int64_t db_version(struct db *db, struct err *reterr)
{
        return db->engine->version(db, reterr);
}

int db_upgrade(struct db *db, const struct schema_step *steps, size_t n, struct err *reterr)
{
        return db->engine->upgrade(db, steps, n, reterr);
}

int db_copy(struct db *db, const char *path, struct err *reterr)
{
        return db->engine->copy(db, path, reterr);
}

int db_overwrite(struct db *db, bool on, struct err *reterr)
{
        return db->engine->overwrite(db, on, reterr);
}

int64_t db_integrity(struct db *db, void (*say)(void *ctx, const char *what, const char *detail), void *ctx, struct err *reterr)
{
        return db->engine->integrity(db, say, ctx, reterr);
}

int64_t db_log_bytes(const struct db *db)
{
        return db->engine->log_bytes(db);
}

int db_checkpoint(struct db *db, enum db_checkpoint how, bool *ret_all, struct err *reterr)
{
        return db->engine->checkpoint(db, how, ret_all, reterr);
}
