#include <stdlib.h>

#include "series/series_impl.h"
#include "store/sql_names.h"

/* What a device said at all, what was sealed, an hour's root. */

/* ---- channels ---- */

struct states { struct arena *a; struct channel_state *list; size_t n, cap; struct names ids; };

static struct channel_state *state_of(struct states *s, struct str channel)
{
        uint32_t id = names_find(&s->ids, channel);
        if (id)
                return &s->list[id - 1];
        if (s->n == s->cap) {
                s->cap = 2 * s->cap + 16;
                struct channel_state *more = arena_array(s->a, struct channel_state, s->cap);
                if (s->n)
                        memcpy(more, s->list, s->n * sizeof *more);
                s->list = more;
        }
        s->list[s->n++] = (struct channel_state){ .channel = arena_str(s->a, channel), .last.t_ms = -1, .first_ms = INT64_MAX };
        names_add(&s->ids, s->list[s->n - 1].channel, (uint32_t)s->n);
        return &s->list[s->n - 1];
}

static int stored_states(struct db *db, int64_t device, struct states *s, struct err *reterr)
{
        const struct db_row *row;
        int rc;
        if (db_query(db, SQL_series_last_of, DB_ARGS(db_i(device)), reterr) < 0)
                return -1;
        while ((rc = db_next(db, SQL_series_last_of, &row, reterr)) == 1) {
                struct channel_state *c = state_of(s, db_text(row, 0));
                c->n = db_int(row, 1);
                c->first_ms = db_int(row, 2);
                c->last = (struct sample){ .t_ms = db_int(row, 3), .value = { db_int(row, 4), (int8_t)db_int(row, 5) }, .flag = (uint8_t)db_int(row, 6) };
        }
        return rc;
}

struct overlay { struct states *s; struct str device; };

/* What is in the journal counts as new: whether it is, is seen when it moves. */
static int overlay_batch(void *ctx, const struct batch_view *v, int64_t received_ms, struct err *reterr)
{
        struct overlay *o = ctx;
        (void)reterr;
        for (size_t i = 0; i < v->n_devices; i++) {
                if (!str_eq(v->devices[i].name, o->device))
                        continue;
                struct batch_cursor c = batch_begin(&v->devices[i]);
                struct batch_item x;
                while (batch_next(&c, v, &x)) {
                        struct channel_state *st = state_of(o->s, v->channels[x.channel]);
                        uint8_t flag = flag_judged(x.flag, x.t_ms, received_ms);
                        st->n++;
                        st->first_ms = x.t_ms < st->first_ms ? x.t_ms : st->first_ms;
                        if (flag != FLAG_CLOCK && x.t_ms > st->last.t_ms)
                                st->last = (struct sample){ .t_ms = x.t_ms, .value = { x.mantissa, x.scale }, .flag = flag };
                }
        }
        return 0;
}

static int by_channel(const void *a, const void *b)
{
        return str_cmp(((const struct channel_state *)a)->channel, ((const struct channel_state *)b)->channel);
}

static int all_states(struct db *db, struct str device, struct states *s, struct err *reterr)
{
        struct overlay o = { s, device };
        const struct db_row *row;
        int64_t id = look_number(db, SQL_series_device_id, device, reterr);
        int rc = id < 0 ? -1 : 0;
        if (id > 0)
                rc = stored_states(db, id, s, reterr);
        if (rc < 0 || db_query(db, SQL_series_journal_of, DB_ARGS(db_i(INT64_MAX), db_i(0), db_i(journal_bit(device))), reterr) < 0)
                return -1;
        struct arena *scratch = arena_new();
        while ((rc = db_next(db, SQL_series_journal_of, &row, reterr)) == 1) {
                if ((rc = journal_row_each(scratch, db_text(row, 1), db_int(row, 0), overlay_batch, &o, reterr)) < 0)
                        break;
                arena_reset(scratch);
        }
        db_done(db, SQL_series_journal_of);
        arena_free(scratch);
        return rc;
}

int series_channels(struct series *x, struct arena *a, struct str device, struct channel_state **ret, size_t *ret_n, struct err *reterr)
{
        struct states s = { .a = a, .ids.a = a };
        struct db *db;
        if (pool_begin(x->pool, &db, reterr) < 0)
                return -1;
        int rc = all_states(db, device, &s, reterr);
        pool_end(x->pool, db);
        if (s.n)
                qsort(s.list, s.n, sizeof *s.list, by_channel);
        *ret = s.list;
        *ret_n = s.n;
        return rc;
}

/* ---- sealed hours ---- */

static int give_sealed(struct db *db, int64_t after, int64_t max, series_on_sealed *on, void *ctx, struct err *reterr)
{
        const struct db_row *row;
        int rc;
        if (db_query(db, SQL_series_sealed_after, DB_ARGS(db_i(after), db_i(max)), reterr) < 0)
                return -1;
        while ((rc = db_next(db, SQL_series_sealed_after, &row, reterr)) == 1) {
                struct sealed_hour h = { .at = db_int(row, 0), .hour_ms = (db_int(row, 1) >> 32) * HOUR_MS, .revision = db_int(row, 2), .n = db_int(row, 3),
                                         .channels = (int)db_int(row, 4), .device = db_text(row, 6) };
                struct str root = db_text(row, 5);
                memcpy(h.root.b, root.p, root.n < sizeof h.root.b ? root.n : sizeof h.root.b);
                if (on(ctx, &h) < 0) {
                        rc = -1;
                        break;
                }
        }
        db_done(db, SQL_series_sealed_after);
        return rc;
}

int series_sealed(struct series *x, int64_t after, int64_t max, series_on_sealed *on, void *ctx, struct err *reterr)
{
        struct db *db;
        if (pool_begin(x->pool, &db, reterr) < 0)
                return -1;
        int rc = give_sealed(db, after, max, on, ctx, reterr);
        pool_end(x->pool, db);
        return rc;
}

/* ---- a root ---- */

struct naming { struct db *db; struct arena *a; };

static struct str stored_channel(void *ctx, uint32_t id)
{
        struct naming *n = ctx;
        const struct db_row *row;
        int rc = db_one(n->db, SQL_series_channel_name, DB_ARGS(db_i(id)), &row, NULL);
        struct str name = rc == 1 ? arena_str(n->a, db_text(row, 0)) : STR_NONE;
        db_done(n->db, SQL_series_channel_name);
        return name;
}

int stored_root(struct db *db, struct arena *a, struct str device, int64_t hour, struct tree_of *ret, struct err *reterr)
{
        struct naming n = { db, a };
        const struct db_row *row;
        int64_t id = look_number(db, SQL_series_device_id, device, reterr);
        if (id < 0)
                return -1;
        int rc = db_one(db, SQL_series_block_get, DB_ARGS(db_i(block_slot((uint32_t)id, hour))), &row, reterr);
        if (rc == 1)
                rc = block_tree(a, db_text(row, 0), device, hour, stored_channel, &n, ret, reterr);
        else if (rc == 0)
                rc = err_set(reterr, ERR_NOT_FOUND, "%.*s said nothing in that hour", STR_ARG(device));
        db_done(db, SQL_series_block_get);
        return rc;
}

int series_root(struct series *x, struct arena *a, struct str device, int64_t hour_ms, struct hash *ret, int64_t *ret_n, struct err *reterr)
{
        struct tree_of t = { .n = 0 };
        struct db *db;
        if (pool_begin(x->pool, &db, reterr) < 0)
                return -1;
        int rc = stored_root(db, a, device, hour_ms / HOUR_MS, &t, reterr);
        pool_end(x->pool, db);
        if (rc < 0)
                return -1;
        *ret = t.root;
        *ret_n = t.n;
        return 0;
}
