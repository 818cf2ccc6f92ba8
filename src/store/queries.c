#include "store/queries.h"

#include "base/limits.h"
#include "store/sql_names.h"
#include "store/store_impl.h"

static struct named_query row_of(struct arena *a, const struct db_row *row)
{
        return (struct named_query){ arena_str(a, db_text(row, 0)), arena_str(a, db_text(row, 1)), arena_str(a, db_text(row, 2)), db_int(row, 3) };
}

int reader_named_query(struct reader *r, struct arena *a, int64_t org, struct str name, struct named_query *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(reader_db(r), SQL_named_query_one, DB_ARGS(db_i(org), db_t(name)), &row, reterr);
        *ret = (struct named_query){ 0 };
        if (rc == 1)
                *ret = row_of(a, row);
        db_done(reader_db(r), SQL_named_query_one);
        return rc;
}

ssize_t reader_named_queries(struct reader *r, struct arena *a, int64_t org, struct str after, struct named_query *ret, size_t max, struct err *reterr)
{
        const struct db_row *row;
        size_t n = 0;
        int rc = db_query(reader_db(r), SQL_named_query_page, DB_ARGS(db_i(org), db_t(after), db_i((int64_t)max)), reterr);
        while (rc >= 0 && n < max && (rc = db_next(reader_db(r), SQL_named_query_page, &row, reterr)) == 1)
                ret[n++] = row_of(a, row);
        db_done(reader_db(r), SQL_named_query_page);
        return rc < 0 ? -1 : (ssize_t)n;
}

int named_query_is(struct db *db, int64_t org, struct str name, struct str query, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_named_query_one, DB_ARGS(db_i(org), db_t(name)), &row, reterr);
        if (rc == 1)
                rc = str_eq(db_text(row, 1), query);
        db_done(db, SQL_named_query_one);
        return rc;
}

/* 0: the name is free; 1: this very query stands there; -1 with ERR_DUPLICATE_NAME: another. */
static int taken(struct db *db, int64_t org, const struct named_query *n, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_named_query_one, DB_ARGS(db_i(org), db_t(n->name)), &row, reterr);
        if (rc == 1 && !(db_int(row, 3) == n->created_us && str_eq(db_text(row, 2), n->sent)))
                rc = err_set(reterr, ERR_DUPLICATE_NAME, "a query with this name is there already; delete it first, or take another name");
        db_done(db, SQL_named_query_one);
        return rc;
}

static int64_t count(struct db *db, int64_t org, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_named_query_count, DB_ARGS(db_i(org)), &row, reterr);
        int64_t n = rc == 1 ? db_int(row, 0) : -1;
        db_done(db, SQL_named_query_count);
        return n;
}

int named_query_add(struct db *db, int64_t org, const struct named_query *n, struct str actor, struct err *reterr)
{
        int there = taken(db, org, n, reterr);
        if (there)
                return there < 0 ? -1 : 0;
        int64_t have = count(db, org, reterr);
        if (have < 0)
                return -1;
        if (have >= LIMIT_NAMED_QUERIES)
                return err_set(reterr, ERR_BAD_QUERY, "an organisation has at most %d named queries", LIMIT_NAMED_QUERIES);
        return db_run(db, SQL_named_query_add, DB_ARGS(db_i(org), db_t(n->name), db_t(n->query), db_t(n->sent), db_t(actor), db_i(n->created_us)), reterr);
}

int named_query_drop(struct db *db, int64_t org, struct str name, struct err *reterr)
{
        return db_run(db, SQL_named_query_drop, DB_ARGS(db_i(org), db_t(name)), reterr);
}
