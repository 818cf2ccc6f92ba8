#include <stdlib.h>

#include "series/series_impl.h"
#include "store/sql_names.h"

/* Reading: one state of the database, the blocks that the day rows name, and what the journal has of the channel. */

int64_t look_number(struct db *db, int sql, struct str name, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, sql, DB_ARGS(db_t(name)), &row, reterr);
        int64_t id = rc == 1 ? db_int(row, 0) : rc;
        db_done(db, sql);
        return id;
}

/* ---- the journal ---- */

struct hunt { struct gathering g; struct str device, channel; };

static int search_batch(void *ctx, const struct batch_view *v, int64_t received_ms, struct err *reterr)
{
        struct hunt *s = ctx;
        (void)reterr;
        gather_channel(&s->g, v, s->device, s->channel, received_ms);
        return 0;
}

int look_journal(struct db *db, struct arena *a, struct str device, struct str channel, int64_t from_ms, int64_t to_ms, struct journal_part *ret, struct err *reterr)
{
        struct hunt s = { .device = device, .channel = channel };
        const struct db_row *row;
        int rc;
        struct arena *scratch = arena_new();
        gathering_begin(&s.g, a);
        if (db_query(db, SQL_series_journal_of, DB_ARGS(db_i(to_ms), db_i(from_ms), db_i(journal_bit(device))), reterr) < 0) {
                arena_free(scratch);
                return -1;
        }
        while ((rc = db_next(db, SQL_series_journal_of, &row, reterr)) == 1) {
                if (journal_row_each(scratch, db_text(row, 1), db_int(row, 0), search_batch, &s, reterr) < 0) {
                        rc = -1;
                        break;
                }
                arena_reset(scratch);
        }
        db_done(db, SQL_series_journal_of);
        arena_free(scratch);
        ret->hours = gathered(&s.g, &ret->n);
        return rc;
}

/* ---- hours ---- */

struct look {
        const struct looking *l;
        struct db *db;
        struct arena *a, *scratch;      /* scratch: of one day */
        int64_t device, channel;
        struct journal_part journal;
        size_t at;                      /* in the journal's hours */
};

/* What the journal has of an hour, after what the column has. */
static void add_journal(struct look *k, struct look_hour *h, struct gathered_hour *journal)
{
        struct merging m = { .a = k->scratch };
        if (journal)
                merge_column(&m, &h->column, &journal->columns[0]);
}

static int load_column(struct look *k, struct look_hour *h, struct err *reterr)
{
        const struct db_row *row;
        struct block b;
        int rc = db_one(k->db, SQL_series_block_get, DB_ARGS(db_i(block_slot((uint32_t)k->device, h->hour))), &row, reterr);
        if (rc == 1) {
                rc = block_open(k->scratch, db_text(row, 0), &b, reterr);
                const struct entry *e = rc == 0 ? block_find(&b, (uint32_t)k->channel) : NULL;
                if (e)
                        rc = block_column(k->scratch, &b, e, &h->column, reterr);
        }
        db_done(k->db, SQL_series_block_get);
        return rc < 0 ? -1 : 0;
}

/* Hours that only the journal knows, before `hour`. */
static int journal_before(struct look *k, int64_t hour, struct err *reterr)
{
        for (; k->at < k->journal.n && k->journal.hours[k->at]->hour < hour; k->at++) {
                struct look_hour h = { .hour = k->journal.hours[k->at]->hour };
                add_journal(k, &h, k->journal.hours[k->at]);
                if (k->l->on(k->l->ctx, &h, reterr) < 0)
                        return -1;
        }
        return 0;
}

static int one_hour(struct look *k, int64_t hour, const struct day_channel *d, struct err *reterr)
{
        struct look_hour h = { .hour = hour };
        uint32_t bit = 1u << hour % DAY_HOURS;
        if (!((d->raw | d->minutes | d->counted) & bit))
                return 0;
        if (journal_before(k, hour, reterr) < 0)
                return -1;
        struct gathered_hour *journal = k->at < k->journal.n && k->journal.hours[k->at]->hour == hour ? k->journal.hours[k->at++] : NULL;
        if (d->counted & bit && (!journal || !(d->raw & bit)))
                h.sums = &d->hours[hour % DAY_HOURS];
        if (((d->raw | d->minutes) & bit) && (journal || k->l->wants(k->l->ctx, hour, h.sums)) && load_column(k, &h, reterr) < 0)
                return -1;
        if (d->raw & bit)
                add_journal(k, &h, journal);    /* else what comes now comes too late: the readings of that hour were dropped */
        return k->l->on(k->l->ctx, &h, reterr);
}

static int one_day(struct look *k, int64_t day, struct str packed, struct err *reterr)
{
        struct day d;
        struct day_channel c;
        int64_t first = k->l->from_ms / HOUR_MS, last = (k->l->to_ms - 1) / HOUR_MS;
        if (day_open(k->scratch, packed, &d, reterr) < 0 || day_find(&d, (uint32_t)k->channel, &c, reterr) < 0)
                return -1;
        for (int64_t hour = day * DAY_HOURS; hour < (day + 1) * DAY_HOURS; hour++)
                if (hour >= first && hour <= last && one_hour(k, hour, &c, reterr) < 0)
                        return -1;
        return 0;
}

static int all_days(struct look *k, struct err *reterr)
{
        const struct db_row *row;
        int64_t first = day_slot((uint32_t)k->device, k->l->from_ms / DAY_MS), last = day_slot((uint32_t)k->device, (k->l->to_ms - 1) / DAY_MS);
        int rc;
        if (db_query(k->db, SQL_series_days, DB_ARGS(db_i(first), db_i(last)), reterr) < 0)
                return -1;
        while ((rc = db_next(k->db, SQL_series_days, &row, reterr)) == 1) {
                if ((rc = one_day(k, db_int(row, 0) & SLOT_DEVICE, db_text(row, 1), reterr)) < 0)
                        break;
                arena_reset(k->scratch);
        }
        db_done(k->db, SQL_series_days);
        return rc;
}

static int look_at(struct look *k, struct err *reterr)
{
        const struct looking *l = k->l;
        k->device = look_number(k->db, SQL_series_device_id, l->device, reterr);
        k->channel = k->device > 0 ? look_number(k->db, SQL_series_channel_id, l->channel, reterr) : 0;
        if (k->device < 0 || k->channel < 0 || look_journal(k->db, k->a, l->device, l->channel, l->from_ms, l->to_ms, &k->journal, reterr) < 0)
                return -1;
        while (k->at < k->journal.n && k->journal.hours[k->at]->hour < l->from_ms / HOUR_MS)
                k->at++;        /* of a batch that reaches in */
        if (k->channel && all_days(k, reterr) < 0)
                return -1;
        return journal_before(k, (l->to_ms - 1) / HOUR_MS + 1, reterr);
}

int look_hours(struct series *x, const struct looking *l, struct err *reterr)
{
        struct look k = { .l = l };
        if (l->from_ms < 0 || l->to_ms <= l->from_ms)
                return l->from_ms < 0 ? err_set(reterr, ERR_BAD_INPUT, "times are from 1970 on") : 0;
        if (pool_begin(x->pool, &k.db, reterr) < 0)
                return -1;
        k.a = arena_new();
        k.scratch = arena_new();
        int rc = look_at(&k, reterr);
        pool_end(x->pool, k.db);
        arena_free(k.a);
        arena_free(k.scratch);
        return rc;
}
