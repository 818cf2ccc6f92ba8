#include <stdlib.h>

#include "merkle/tree.h"
#include "series/series_impl.h"
#include "store/sql_names.h"

/* Hours that are over: the root of what each channel said. */

struct leaf { struct str channel; struct hash hash; };

static int by_channel(const void *a, const void *b)
{
        return str_cmp(((const struct leaf *)a)->channel, ((const struct leaf *)b)->channel);
}

static struct hash root_of(struct leaf *leaves, size_t n)
{
        struct frontier t = { 0 };
        qsort(leaves, n, sizeof *leaves, by_channel);
        for (size_t i = 0; i < n; i++)
                frontier_add(&t, &leaves[i].hash);
        return frontier_root(&t);
}

int block_tree(struct arena *a, struct str packed, struct str device, int64_t hour, channel_name *name, void *ctx, struct tree_of *ret, struct err *reterr)
{
        struct block b;
        struct column c;
        if (block_open(a, packed, &b, reterr) < 0)
                return -1;
        struct leaf *leaves = arena_array(a, struct leaf, b.n + 1);
        *ret = (struct tree_of){ .channels = (int)b.n };
        for (size_t i = 0; i < b.n; i++) {
                leaves[i].channel = name(ctx, b.entries[i].id);
                if (!leaves[i].channel.p)
                        return err_set(reterr, ERR_STORE, "a block of readings names a channel that has no name; run `suyuan check` and restore a copy");
                if (block_column(a, &b, &b.entries[i], &c, reterr) < 0)
                        return -1;
                leaves[i].hash = c.kind == COLUMN_RAW ? column_leaf(a, device, leaves[i].channel, hour * HOUR_MS, c.p, c.n) : c.leaf;
                ret->n += c.n;
        }
        ret->root = root_of(leaves, b.n);
        return 0;
}

/* ---- on the writer's thread ---- */

static struct str known_channel(void *ctx, uint32_t id)
{
        const struct series *x = ctx;
        return id <= x->channels.n ? x->channels.names[id] : STR_NONE;
}

static int newest(struct series *x, int64_t *ret, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(x->db, SQL_series_sealed_newest, DB_NO_ARGS, &row, reterr);
        if (rc == 1)
                *ret = db_int(row, 0);
        db_done(x->db, SQL_series_sealed_newest);
        return rc < 0 ? -1 : 0;
}

/* The revision before, 0: none; in `ret_same` whether it had this root. */
static int revision_of(struct series *x, int64_t slot, const struct tree_of *t, int64_t *ret, bool *ret_same, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(x->db, SQL_series_sealed_revision, DB_ARGS(db_i(slot)), &row, reterr);
        *ret = rc == 1 ? db_int(row, 0) : 0;
        *ret_same = rc == 1 && str_eq(db_text(row, 1), (struct str){ (const char *)t->root.b, sizeof t->root.b });
        db_done(x->db, SQL_series_sealed_revision);
        return rc < 0 ? -1 : 0;
}

static int seal_hour(struct series *x, int64_t slot, int64_t *at, struct arena *a, struct err *reterr)
{
        const struct db_row *row;
        struct tree_of t;
        int64_t revision;
        bool same;
        struct str device = x->devices.names[slot & SLOT_DEVICE];
        int rc = db_one(x->db, SQL_series_block_get, DB_ARGS(db_i(slot)), &row, reterr);
        if (rc == 1 && block_tree(a, db_text(row, 0), device, slot >> 32, known_channel, x, &t, reterr) < 0)
                rc = -1;
        db_done(x->db, SQL_series_block_get);
        if (rc < 0 || (rc == 1 && revision_of(x, slot, &t, &revision, &same, reterr) < 0))
                return -1;
        if (rc == 1 && !same &&
            db_run(x->db, SQL_series_sealed_add, DB_ARGS(db_i(++*at), db_i(slot), db_i(revision + 1), db_i(t.n), db_i(t.channels), db_b(t.root.b, sizeof t.root.b)), reterr) < 0)
                return -1;
        return db_run(x->db, SQL_series_open_drop, DB_ARGS(db_i(slot)), reterr);
}

static int due(struct series *x, int64_t max, int64_t *ret, size_t *ret_n, struct err *reterr)
{
        const struct db_row *row;
        int rc;
        *ret_n = 0;
        if (db_query(x->db, SQL_series_open_due, DB_ARGS(db_i(series_now_ms(x)), db_i(max)), reterr) < 0)
                return -1;
        while ((rc = db_next(x->db, SQL_series_open_due, &row, reterr)) == 1)
                ret[(*ret_n)++] = db_int(row, 0);
        return rc;
}

int64_t seal_due(struct series *x, int64_t max, struct err *reterr)
{
        int64_t *slots = arena_array(x->arena, int64_t, max), at = 0;
        size_t n;
        if (due(x, max, slots, &n, reterr) < 0 || (n && newest(x, &at, reterr) < 0))
                return -1;
        struct arena *a = arena_new();
        int rc = 0;
        for (size_t i = 0; i < n && rc == 0; i++) {
                rc = seal_hour(x, slots[i], &at, a, reterr);
                arena_reset(a);
        }
        arena_free(a);
        return rc < 0 ? -1 : (int64_t)n;
}

int seal_pending(struct series *x, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(x->db, SQL_series_open_due, DB_ARGS(db_i(series_now_ms(x)), db_i(1)), &row, reterr);
        db_done(x->db, SQL_series_open_due);
        return rc;
}
