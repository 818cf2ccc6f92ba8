#include "series/series_impl.h"
#include "store/sql_names.h"

/* Dropping of readings that are old enough: their leaf stays, so that the root of the hour can still be made, and figures stay. */

enum { DAYS_A_TURN = 16 };

struct retaining {
        struct series *x;
        struct str device, channel;
        int64_t before_ms;
        enum column_kind to;
        int64_t next, then;             /* day rows from this slot on; in the next transaction, 0: there is none */
        struct arena *a;
};

static uint32_t due_bits(const struct retaining *r, int64_t day, const struct day_channel *c)
{
        uint32_t bits = r->to == COLUMN_MINUTES ? c->raw : c->raw | c->minutes, over = 0;
        for (int h = 0; h < DAY_HOURS; h++)
                if ((day * DAY_HOURS + h + 1) * HOUR_MS <= r->before_ms)
                        over |= 1u << h;
        return bits & over;
}

static int is_open(struct db *db, int64_t slot, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_series_open_has, DB_ARGS(db_i(slot)), &row, reterr);
        db_done(db, SQL_series_open_has);
        return rc;
}

static int reduce_block(struct retaining *r, int64_t slot, uint32_t channel, struct str packed, struct err *reterr)
{
        struct block b;
        struct pack k = { .a = r->a };
        if (block_open(r->a, packed, &b, reterr) < 0)
                return -1;
        struct column *c = arena_array(r->a, struct column, b.n + 1);
        for (size_t i = 0; i < b.n; i++) {
                if (block_column(r->a, &b, &b.entries[i], &c[i], reterr) < 0)
                        return -1;
                if (c[i].id != channel)
                        continue;
                struct hash leaf = c[i].leaf;
                if (c[i].kind == COLUMN_RAW)
                        leaf = column_leaf(r->a, r->device, r->channel, (slot >> 32) * HOUR_MS, c[i].p, c[i].n);
                column_reduce(r->a, &c[i], r->to, &leaf);
        }
        block_pack(&k, c, b.n);
        return db_run(r->x->db, SQL_series_block_put, DB_ARGS(db_i(slot), db_b(k.p, k.n)), reterr);
}

/* 1; 0: the hour is not sealed yet, so it waits; -1. */
static int reduce_hour(struct retaining *r, int64_t slot, uint32_t channel, struct err *reterr)
{
        const struct db_row *row;
        struct str packed = STR_NONE;
        int open = is_open(r->x->db, slot, reterr);
        if (open)
                return open < 0 ? -1 : 0;
        int rc = db_one(r->x->db, SQL_series_block_get, DB_ARGS(db_i(slot)), &row, reterr);
        if (rc == 1)
                packed = arena_str(r->a, db_text(row, 0));
        db_done(r->x->db, SQL_series_block_get);
        if (rc == 1)
                rc = reduce_block(r, slot, channel, packed, reterr) < 0 ? -1 : 1;
        return rc;
}

static int reduce_channel(struct retaining *r, int64_t slot, struct day_channel *c, uint32_t bits, struct err *reterr)
{
        int64_t day = slot & SLOT_DEVICE;
        for (int h = 0; h < DAY_HOURS; h++) {
                uint32_t bit = 1u << h;
                if (!(bits & bit))
                        continue;
                int rc = reduce_hour(r, block_slot((uint32_t)(slot >> 32), day * DAY_HOURS + h), c->id, reterr);
                if (rc < 0)
                        return -1;
                if (rc == 0)
                        continue;
                c->raw &= ~bit;
                c->minutes = r->to == COLUMN_MINUTES ? c->minutes | bit : c->minutes & ~bit;
        }
        return 0;
}

static int reduce_day(struct retaining *r, int64_t slot, struct str packed, uint32_t channel, struct err *reterr)
{
        struct day d;
        struct pack k = { .a = r->a };
        uint32_t bits = 0;
        if (day_open(r->a, packed, &d, reterr) < 0)
                return -1;
        struct day_channel **c = arena_array(r->a, struct day_channel *, d.n + 1);
        for (size_t i = 0; i < d.n; i++) {
                c[i] = arena_raw(r->a, sizeof *c[i]);
                if (day_unpack(&d.entries[i], c[i], reterr) < 0)
                        return -1;
                if (c[i]->id == channel && (bits = due_bits(r, slot & SLOT_DEVICE, c[i])) && reduce_channel(r, slot, c[i], bits, reterr) < 0)
                        return -1;
        }
        if (!bits)
                return 0;
        day_pack(&k, c, d.n);
        return db_run(r->x->db, SQL_series_day_put, DB_ARGS(db_i(slot), db_b(k.p, k.n)), reterr);
}

struct day_row { int64_t slot; struct str packed; };

static int next_days(struct retaining *r, uint32_t device, struct day_row *ret, size_t *ret_n, struct err *reterr)
{
        struct db *db = r->x->db;
        const struct db_row *row;
        int rc;
        *ret_n = 0;
        if (db_query(db, SQL_series_days, DB_ARGS(db_i(r->next ? r->next : day_slot(device, 0)), db_i(day_slot(device, (r->before_ms - 1) / DAY_MS))), reterr) < 0)
                return -1;
        while ((rc = db_next(db, SQL_series_days, &row, reterr)) == 1) {
                ret[(*ret_n)++] = (struct day_row){ db_int(row, 0), arena_str(r->a, db_text(row, 1)) };
                if (*ret_n == DAYS_A_TURN) {
                        db_done(db, SQL_series_days);
                        break;
                }
        }
        return rc < 0 ? -1 : 0;
}

/* May be made again before it is committed, so `next` stays. */
static int retain_some(struct db *db, void *ctx, struct err *reterr)
{
        struct retaining *r = ctx;
        struct day_row days[DAYS_A_TURN];
        size_t n;
        uint32_t device = names_find(&r->x->devices.ids, r->device), channel = names_find(&r->x->channels.ids, r->channel);
        (void)db;
        r->then = 0;
        if (!device || !channel)
                return 0;
        if (next_days(r, device, days, &n, reterr) < 0)
                return -1;
        for (size_t i = 0; i < n; i++)
                if (reduce_day(r, days[i].slot, days[i].packed, channel, reterr) < 0)
                        return -1;
        if (n == DAYS_A_TURN)
                r->then = days[n - 1].slot + 1;
        return 0;
}

int series_retain(struct series *x, struct str device, struct str channel, int64_t before_ms, enum series_keep keep, struct err *reterr)
{
        struct retaining r = { .x = x, .device = device, .channel = channel, .before_ms = before_ms, .to = keep == KEEP_MINUTES ? COLUMN_MINUTES : COLUMN_HOUR };
        int rc;
        if (keep == KEEP_RAW || before_ms <= 0)
                return 0;
        r.a = arena_new();
        do {
                r.next = r.then;
                rc = series_act(x, retain_some, &r, reterr);
                arena_reset(r.a);
        } while (rc == 0 && r.then);
        arena_free(r.a);
        return rc;
}
