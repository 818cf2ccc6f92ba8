#include "sensing/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/background.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "base/spread.h"

enum { LOOK_S = 15, STAGE_EVERY_MS = 10 * 60 * 1000, COMPARE_AFTER_MS = 10 * 60 * 1000, HOUR_MS = 3600000 };

struct seen_reading { struct str device, channel; int64_t t_ms; struct decimal value; uint8_t flag; };
struct chunk {
        struct chunk *next;
        struct arena *arena;
        struct seen_reading *list;
        size_t n;
        int64_t received_ms;
};

/* ---- on the series' writer's thread: copied, and nothing else ---- */

static struct str copy_name(struct arena *a, const struct chunk *c, struct str name, bool device)
{
        for (size_t i = c->n; i > 0 && i + 64 > c->n; i--) {
                struct str was = device ? c->list[i - 1].device : c->list[i - 1].channel;
                if (str_eq(was, name))
                        return was;
        }
        return arena_str(a, name);
}

static void copy_reading(void *ctx, const struct reading *r)
{
        struct chunk *c = ctx;
        struct seen_reading s = { copy_name(c->arena, c, r->device, true), copy_name(c->arena, c, r->channel, false), r->t_ms, r->value, r->flag };
        c->list[c->n++] = s;
}

static void stored(void *ctx, const struct batch_view *v, int64_t received_ms)
{
        struct watch *w = ctx;
        size_t n = batch_view_n(v);
        pthread_mutex_lock(&w->mutex);
        bool room = w->waiting + n <= LIMIT_WATCH_READINGS;
        w->waiting += room ? n : 0;
        pthread_mutex_unlock(&w->mutex);
        if (!room) {
                atomic_fetch_add(&w->dropped, n);
                return;
        }
        struct chunk *c = or_abort(calloc(1, sizeof *c));
        *c = (struct chunk){ .arena = arena_new(), .received_ms = received_ms };
        c->list = arena_array(c->arena, struct seen_reading, n + 1);
        batch_each(v, STR_NONE, copy_reading, c);
        pthread_mutex_lock(&w->mutex);
        *w->last = c;
        w->last = &c->next;
        pthread_cond_signal(&w->wake);
        pthread_mutex_unlock(&w->mutex);
}

/* ---- who is watched ---- */

static struct watched **slot_of(struct watch *w, struct str id)
{
        struct watched **at = &w->table[spread_in(spread(id), WATCH_BUCKETS)];
        while (*at && !str_eq((*at)->id, id))
                at = &(*at)->next;
        return at;
}

static void forget(struct watched **at)
{
        struct watched *d = *at;
        *at = d->next;
        quality_free(d->quality);
        arena_free(d->arena);
}

static void ask_stage(struct watch *w, struct watched *d);

static struct watched *watch_new(struct watch *w, const struct device_row *row, bool first)
{
        struct arena *a = arena_new();
        struct watched *d = arena_array(a, struct watched, 1);
        const struct json *detail = NULL;
        struct err e = { 0 };
        json_read(a, row->detail.p, row->detail.n, NULL, &detail, NULL);
        *d = (struct watched){ .arena = a, .id = arena_str(a, row->id), .place = arena_str(a, row->place), .org = row->org, .change = row->change, .quality = quality_new(row->id, detail) };
        if (watch_resume(w, d, first, &e) < 0)
                log_err(LOG_WARN, "sensing.watch", &e);
        return d;
}

/* As the registry has it now; NULL: nobody's, revoked or taken down. */
static struct watched *watched_of(struct watch *w, struct str id)
{
        struct watched **at = slot_of(w, id);
        pthread_rwlock_rdlock(&w->g->lock);
        const struct device *d = book_find(w->g, id);
        bool gone = !d || d->row.removed_us || d->row.revoked_us, same = *at && d && (*at)->change == d->row.change;
        pthread_rwlock_unlock(&w->g->lock);
        if (same && !gone)
                return *at;
        bool first = !*at;
        if (!first)
                forget(at);
        if (gone)
                return NULL;
        struct arena *a = arena_new();
        struct device_row row;
        struct watched *made = book_copy(w->g, a, id, &row) ? watch_new(w, &row, first) : NULL;
        if (made) {
                at = slot_of(w, id);
                *at = made;
                ask_stage(w, made);
        }
        arena_free(a);
        return made;
}

/* ---- looking ---- */

static void look_at(struct watch *w, struct chunk *c)
{
        struct watched *d = NULL;
        struct str id = STR_NONE;
        struct telling t = { .w = w, .now_ms = c->received_ms };
        for (size_t i = 0; i < c->n; i++) {
                const struct seen_reading *s = &c->list[i];
                if (!id.n || !str_eq(id, s->device)) {
                        id = s->device;
                        d = watched_of(w, id);
                }
                t.d = d;
                struct reading r = { .device = id, .channel = s->channel, .t_ms = s->t_ms, .value = s->value, .flag = s->flag };
                if (d)
                        quality_reading(d->quality, &r, c->received_ms, watch_tell, &t);
        }
}

static void ask_stage(struct watch *w, struct watched *d)
{
        sensing_stage *ask = atomic_load(&w->g->stage);
        if (!ask || !d->place.n || !quality_asks_stage(d->quality))
                return;
        struct arena *a = arena_new();
        quality_stage(d->quality, ask(w->g->stage_ctx, a, d->org, d->place));
        arena_free(a);
}

static void ask_stages(struct watch *w, int64_t now_ms)
{
        if (now_ms - w->staged_ms < STAGE_EVERY_MS)
                return;
        w->staged_ms = now_ms;
        for (size_t i = 0; i < WATCH_BUCKETS; i++)
                for (struct watched *d = w->table[i]; d; d = d->next)
                        ask_stage(w, d);
}

static void look_at_silence(struct watch *w, int64_t now_ms)
{
        struct telling t = { .w = w, .now_ms = now_ms };
        for (size_t i = 0; i < WATCH_BUCKETS; i++)
                for (struct watched *d = w->table[i]; d; d = d->next) {
                        t.d = d;
                        quality_time(d->quality, now_ms, watch_tell, &t);
                }
        ask_stages(w, now_ms);
        int64_t hour = (now_ms - COMPARE_AFTER_MS) / HOUR_MS - 1;
        if (hour > w->compared_hour) {
                w->compared_hour = hour;
                watch_compare(w, hour * HOUR_MS);
        }
}

static struct chunk *next_chunk(struct watch *w, bool *ret_stop, bool *ret_idle)
{
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += LOOK_S;
        pthread_mutex_lock(&w->mutex);
        *ret_idle = false;
        while (!w->first && !w->stop && !*ret_idle)
                *ret_idle = pthread_cond_timedwait(&w->wake, &w->mutex, &until) == ETIMEDOUT;
        struct chunk *c = w->first;
        if (c) {
                w->first = c->next;
                w->last = w->first ? w->last : &w->first;
        }
        *ret_stop = w->stop && !c;
        pthread_mutex_unlock(&w->mutex);
        return c;
}

static void done_with(struct watch *w, struct chunk *c)
{
        pthread_mutex_lock(&w->mutex);
        w->waiting -= c->n;
        pthread_mutex_unlock(&w->mutex);
        arena_free(c->arena);
        free(c);
}

static void *watching(void *ctx)
{
        struct watch *w = ctx;
        bool stop = false, idle;
        int64_t looked_us = 0;
        background_thread();
        while (!stop) {
                struct chunk *c = next_chunk(w, &stop, &idle);
                if (c) {
                        look_at(w, c);
                        done_with(w, c);
                }
                if (!stop && clock_mono_us() - looked_us >= LOOK_S * INT64_C(1000000)) {
                        looked_us = clock_mono_us();
                        look_at_silence(w, clock_now_us() / 1000);
                        alarm_queue_try(w->alarms, clock_now_us() / 1000, false);
                }
        }
        alarm_queue_try(w->alarms, clock_now_us() / 1000, true);
        return NULL;
}

void sensing_stats(struct sensing *g, struct sensing_stats *ret)
{
        *ret = (struct sensing_stats){ .unwatched = g->watch ? atomic_load(&g->watch->dropped) : 0, .findings_dropped = notes_dropped(g) };
}

/* ---- beginning and end ---- */

/* That they were heard is written now and then only; that they stand alarmed is known at once, and their events may be missing. */
static void begin_alarmed(struct watch *w)
{
        struct err e = { 0 };
        struct arena *a = arena_new();
        struct str *ids = arena_array(a, struct str, w->g->n_devices + 1);
        ssize_t n = watch_alarmed(w, a, ids, w->g->n_devices, &e);
        if (n < 0)
                log_err(LOG_WARN, "sensing.watch", &e);
        for (ssize_t i = 0; i < n; i++)
                watched_of(w, ids[i]);
        arena_free(a);
}

/* Those that were heard in an earlier life: one that does not speak any more is silent, not unknown. */
static void begin_with(struct watch *w)
{
        struct arena *a = arena_new();
        struct str *ids = arena_array(a, struct str, w->g->n_devices + 1);
        int64_t *heard = arena_array(a, int64_t, w->g->n_devices + 1);
        size_t n = 0;
        pthread_rwlock_rdlock(&w->g->lock);
        for (size_t i = 0; i < BUCKETS; i++)
                for (const struct device *d = w->g->table[i]; d && n < w->g->n_devices; d = d->next)
                        if (d->last_ms) {
                                heard[n] = d->last_ms;
                                ids[n++] = arena_str(a, d->row.id);
                        }
        pthread_rwlock_unlock(&w->g->lock);
        for (size_t i = 0; i < n; i++) {
                struct watched *d = watched_of(w, ids[i]);
                if (d)
                        quality_heard(d->quality, heard[i]);
        }
        arena_free(a);
}

int watch_start(struct sensing *g, struct err *reterr)
{
        struct watch *w = or_abort(calloc(1, sizeof *w));
        w->g = g;
        w->began_us = clock_now_us();
        w->last = &w->first;
        w->alarms = alarm_queue_new(watch_record, w);
        pthread_mutex_init(&w->mutex, NULL);
        pthread_cond_init(&w->wake, NULL);
        g->watch = w;
        begin_with(w);
        begin_alarmed(w);
        w->compared_hour = (clock_now_us() / 1000 - COMPARE_AFTER_MS) / HOUR_MS - 1;
        if (pthread_create(&w->thread, NULL, watching, w) != 0)
                return err_set(reterr, ERR_INTERNAL, "the thread that watches devices cannot be started");
        pthread_setname_np(w->thread, "watch");
        w->listener = sensing_listen(g, stored, w);
        return 0;
}

void watch_stop(struct sensing *g)
{
        struct watch *w = g->watch;
        if (!w)
                return;
        if (w->listener) {
                sensing_unlisten(g, w->listener);
                pthread_mutex_lock(&w->mutex);
                w->stop = true;
                pthread_cond_signal(&w->wake);
                pthread_mutex_unlock(&w->mutex);
                pthread_join(w->thread, NULL);
        }
        for (size_t i = 0; i < WATCH_BUCKETS; i++)
                while (w->table[i])
                        forget(&w->table[i]);
        alarm_queue_free(w->alarms);
        pthread_mutex_destroy(&w->mutex);
        pthread_cond_destroy(&w->wake);
        free(w);
        g->watch = NULL;
}
