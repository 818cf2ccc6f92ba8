#include <assert.h>

#include "ledger/views.h"

struct rows *rows_begin(struct arena *a, struct db *db, int sql, size_t per_row, struct err *reterr)
{
        struct rows *r = arena_raw(a, sizeof(*r));
        assert(per_row <= ROWS_COLUMNS);
        r->db = db;
        r->sql = sql;
        r->per_row = per_row;
        r->n = 0;
        r->err = reterr;
        return r;
}

int rows_end(struct rows *r)
{
        size_t n = r->n;
        r->n = 0;
        return n ? db_many(r->db, r->sql, r->values, r->per_row, n, NULL, NULL, r->err) : 0;
}

int rows_add(struct rows *r, const struct db_value *values, size_t n)
{
        assert(n == r->per_row);
        memcpy(r->values + r->n * r->per_row, values, n * sizeof(*values));
        return ++r->n == ROWS_CHUNK ? rows_end(r) : 0;
}
