#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/oom.h"
#include "sensing/quality/quality.h"
#include "sensing/sensing_impl.h"
#include "store/sql_names.h"

/* When devices were heard.  In memory, after each commit of readings; kept now and then. */

static void mark_slot(struct device *d, int64_t ms)
{
        int64_t slot = ms / SLOT_MS;
        if (slot < d->slot - SLOTS)
                return;
        if (slot > d->slot + SLOTS)
                memset(d->slots, 0, sizeof d->slots);
        for (int64_t i = d->slot + 1; i < slot && slot - d->slot <= SLOTS; i++)
                d->slots[i % SLOTS / 8] &= (uint8_t) ~(1u << i % 8);
        if (slot > d->slot)
                d->slot = slot;
        d->slots[slot % SLOTS / 8] |= (uint8_t)(1u << slot % 8);
}

/* ---- what comes ---- */

struct taking { struct sensing *g; struct device *d; struct str device; int64_t received_ms, at; bool live; };

static struct live_value *value_of(struct device *d, struct str channel)
{
        for (size_t i = 0; i < d->n_values; i++)
                if (str_is(channel, d->values[i].channel))
                        return &d->values[i];
        if (d->n_values == LIMIT_LIVE_CHANNELS || channel.n >= sizeof d->values->channel)
                return NULL;
        d->values = or_abort(realloc(d->values, (d->n_values + 1) * sizeof *d->values));
        struct live_value *v = &d->values[d->n_values++];
        *v = (struct live_value){ .t_ms = INT64_MIN };
        memcpy(v->channel, channel.p, channel.n);
        return v;
}

/* What is beyond our clock would be the newest for ever. */
static void keep_value(struct device *d, const struct reading *r, int64_t at, int64_t received_ms)
{
        if (r->t_ms > received_ms + AHEAD_MS)
                return;
        struct live_value *v = value_of(d, r->channel);
        if (!v || v->t_ms > r->t_ms)
                return;
        v->t_ms = r->t_ms;
        v->at = at;
        v->value = r->value;
}

static void take_reading(void *ctx, const struct reading *r)
{
        struct taking *t = ctx;
        if (!t->d || !str_eq(r->device, t->device)) {
                t->device = r->device;
                t->d = book_find(t->g, r->device);
                if (t->d) {
                        mark_slot(t->d, t->received_ms);
                        t->d->last_ms = t->d->last_ms > t->received_ms ? t->d->last_ms : t->received_ms;
                        t->d->heard = true;
                        t->d->live_at = t->at;
                }
        }
        if (t->d && t->live)
                keep_value(t->d, r, t->at, t->received_ms);
}

void seen_take(struct sensing *g, const struct batch_view *v, int64_t received_ms)
{
        struct taking t = { .g = g, .received_ms = received_ms, .at = live_number(g), .live = live_wanted(g) };
        pthread_rwlock_rdlock(&g->lock);
        pthread_mutex_lock(&g->hot);
        batch_each(v, STR_NONE, take_reading, &t);
        pthread_mutex_unlock(&g->hot);
        pthread_rwlock_unlock(&g->lock);
}

/* ---- kept ---- */

int seen_load(struct sensing *g, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        if (reader_begin(g->store, &r, reterr) < 0)
                return -1;
        int rc = db_query(reader_db(r), SQL_device_seen_all, DB_NO_ARGS, reterr);
        pthread_rwlock_rdlock(&g->lock);
        while (rc >= 0 && (rc = db_next(reader_db(r), SQL_device_seen_all, &row, reterr)) == 1) {
                struct device *d = book_find(g, db_text(row, 0));
                struct str slots = db_text(row, 2);
                if (!d || slots.n != SLOT_BYTES)
                        continue;
                d->last_ms = db_int(row, 1);
                d->slot = d->last_ms / SLOT_MS;
                memcpy(d->slots, slots.p, SLOT_BYTES);
        }
        pthread_rwlock_unlock(&g->lock);
        reader_end(r);
        return rc < 0 ? err_while(reterr, "reading when devices were heard") : 0;
}

struct kept { char id[65]; int64_t last_ms; uint8_t slots[SLOT_BYTES]; };
struct flushing { struct kept *list; size_t n; };

static int write_seen(struct db *db, void *ctx, struct err *reterr)
{
        const struct flushing *f = ctx;
        int64_t turn;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0)
                return -1;
        for (size_t i = 0; i < f->n; i++)
                if (db_run(db, SQL_device_seen_set, DB_ARGS(db_t(str_of(f->list[i].id)), db_i(f->list[i].last_ms), db_b(f->list[i].slots, SLOT_BYTES)), reterr) < 0)
                        return -1;
        return 0;
}

static void collect_heard(struct sensing *g, struct flushing *f)
{
        pthread_rwlock_rdlock(&g->lock);
        pthread_mutex_lock(&g->hot);
        f->list = or_abort(malloc((g->n_devices + 1) * sizeof *f->list));
        for (size_t b = 0; b < BUCKETS; b++)
                for (struct device *d = g->table[b]; d; d = d->next) {
                        if (!d->heard || d->row.id.n >= sizeof f->list->id)
                                continue;
                        struct kept *k = &f->list[f->n++];
                        memcpy(k->id, d->row.id.p, d->row.id.n + 1);
                        k->last_ms = d->last_ms;
                        memcpy(k->slots, d->slots, SLOT_BYTES);
                        d->heard = false;
                }
        pthread_mutex_unlock(&g->hot);
        pthread_rwlock_unlock(&g->lock);
}

int seen_flush(struct sensing *g, struct err *reterr)
{
        struct flushing f = { 0 };
        collect_heard(g, &f);
        int rc = f.n ? ledger_act(g->ledger, write_seen, &f, reterr) : 0;
        free(f.list);
        return rc;
}

/* ---- asked ---- */

static double share(const struct device *d, int64_t now_ms, int64_t since_ms)
{
        int64_t now = now_ms / SLOT_MS, first = since_ms / SLOT_MS > now - SLOTS ? since_ms / SLOT_MS : now - SLOTS + 1, n = 0;
        for (int64_t i = first; i <= now; i++)
                n += i <= d->slot && i > d->slot - SLOTS && d->slots[i % SLOTS / 8] >> i % 8 & 1;
        return first > now ? 0 : (double)n / (double)(now - first + 1);
}

void seen_of(struct sensing *g, const struct device_row *row, struct heard *ret)
{
        *ret = (struct heard){ .online = -1 };
        pthread_rwlock_rdlock(&g->lock);
        pthread_mutex_lock(&g->hot);
        const struct device *d = book_find(g, row->id);
        if (d && d->last_ms)
                *ret = (struct heard){ d->last_ms, share(d, clock_now_us() / 1000, row->created_us / 1000) };
        pthread_mutex_unlock(&g->hot);
        pthread_rwlock_unlock(&g->lock);
}

/* ---- allowance ---- */

/* Readings: so many a minute, and an outage's worth at once.  Messages: twenty a second, and two minutes of them at once; what a busy device has to say fits into
 * batches.  */
enum { MESSAGES_PER_S = 20, MESSAGES_BURST = 2400 };

static void refill(struct device *d, double per_s, double burst, int64_t now)
{
        double s = d->allowed_us ? (double)(now - d->allowed_us) / 1e6 : 1e9;
        d->readings = d->readings + s * per_s > burst ? burst : d->readings + s * per_s;
        d->messages = d->messages + s * MESSAGES_PER_S > MESSAGES_BURST ? MESSAGES_BURST : d->messages + s * MESSAGES_PER_S;
        d->allowed_us = now;
}

bool sensing_allows(struct sensing *g, struct str id, size_t readings, int *ret_wait_s)
{
        bool yes = true;
        *ret_wait_s = 0;
        pthread_rwlock_rdlock(&g->lock);
        pthread_mutex_lock(&g->hot);
        struct device *d = book_find(g, id);
        if (d) {
                double per_s = (double)(d->row.max_per_minute > 0 ? d->row.max_per_minute : 1) / 60, burst = per_s * 60 * LIMIT_DEVICE_BURST_MINUTES;
                double want = (double)readings > burst ? burst : (double)readings;       /* who waits long enough may say much */
                refill(d, per_s, burst, clock_mono_us());
                yes = d->messages >= 1 && d->readings >= want;
                if (yes) {
                        d->messages -= 1;
                        d->readings -= want;
                } else {
                        double wait = d->readings < want ? (want - d->readings) / per_s : 1;
                        *ret_wait_s = wait > 3600 ? 3600 : wait < 1 ? 1 : (int)wait;
                }
        }
        pthread_mutex_unlock(&g->hot);
        pthread_rwlock_unlock(&g->lock);
        return yes;
}
