#include "series/series_impl.h"
#include "store/sql_names.h"

/* What is kept of a channel: its readings, or figures alone.  The day rows say so. */

struct kept { struct series *x; struct str device, channel; int64_t from_ms, to_ms; void (*on)(struct kept *k, int64_t day, const struct day_channel *c); int64_t n, first_ms, end_ms; };

static int each_day(struct kept *k, struct db *db, struct arena *a, int64_t device, int64_t channel, struct err *reterr)
{
        const struct db_row *row;
        struct day d;
        struct day_channel c;
        int rc = db_query(db, SQL_series_days, DB_ARGS(db_i(day_slot((uint32_t)device, k->from_ms / DAY_MS)), db_i(day_slot((uint32_t)device, (k->to_ms - 1) / DAY_MS))), reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_series_days, &row, reterr)) == 1) {
                if (day_open(a, db_text(row, 1), &d, reterr) < 0 || (rc = day_find(&d, (uint32_t)channel, &c, reterr)) < 0) {
                        rc = -1;
                        break;
                }
                if (rc == 1)
                        k->on(k, db_int(row, 0) & SLOT_DEVICE, &c);
                arena_reset(a);
        }
        db_done(db, SQL_series_days);
        return rc;
}

static int look_at_days(struct kept *k, struct err *reterr)
{
        struct db *db;
        if (k->from_ms < 0 || k->to_ms <= k->from_ms)
                return k->from_ms < 0 ? err_set(reterr, ERR_BAD_INPUT, "times are from 1970 on") : 0;
        if (pool_begin(k->x->pool, &db, reterr) < 0)
                return -1;
        struct arena *a = arena_new();
        int64_t device = look_number(db, SQL_series_device_id, k->device, reterr);
        int64_t channel = device > 0 ? look_number(db, SQL_series_channel_id, k->channel, reterr) : device;
        int rc = channel > 0 ? each_day(k, db, a, device, channel, reterr) : (int)channel;
        pool_end(k->x->pool, db);
        arena_free(a);
        return rc;
}

static void note_due(struct kept *k, int64_t day, const struct day_channel *c)
{
        for (int h = 0; h < DAY_HOURS; h++) {
                int64_t begin = (day * DAY_HOURS + h) * HOUR_MS;
                if (!((c->raw | c->minutes) >> h & 1) || begin + HOUR_MS > k->to_ms)
                        continue;
                k->first_ms = k->n++ ? k->first_ms : begin;
        }
}

int series_due(struct series *x, struct str device, struct str channel, int64_t before_ms, struct series_due *ret, struct err *reterr)
{
        struct kept k = { .x = x, .device = device, .channel = channel, .to_ms = before_ms, .on = note_due };
        int rc = before_ms > 0 ? look_at_days(&k, reterr) : 0;
        *ret = (struct series_due){ .hours = k.n, .first_ms = k.first_ms };
        return rc;
}

static void note_dropped(struct kept *k, int64_t day, const struct day_channel *c)
{
        for (int h = 0; h < DAY_HOURS; h++) {
                int64_t begin = (day * DAY_HOURS + h) * HOUR_MS;
                if ((c->counted & ~c->raw) >> h & 1 && begin + HOUR_MS > k->from_ms && begin < k->to_ms)
                        k->end_ms = begin + HOUR_MS;
        }
}

int series_dropped(struct series *x, struct str device, struct str channel, int64_t from_ms, int64_t to_ms, int64_t *ret_end_ms, struct err *reterr)
{
        struct kept k = { .x = x, .device = device, .channel = channel, .from_ms = from_ms, .to_ms = to_ms, .on = note_dropped };
        int rc = look_at_days(&k, reterr);
        *ret_end_ms = k.end_ms;
        return rc;
}
