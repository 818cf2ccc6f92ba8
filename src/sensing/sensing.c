#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "sensing/sensing_impl.h"
#include "sensing/watch.h"

/* Beginning and end, and what the series tells. */

enum { LOOK_MS = 500, FOLLOW_LOOKS = 4, KEEP_LOOKS = 60, FADE_LOOKS = 600 /* five minutes */, READERS = 3, CACHE_KIB = 8192 };

/* ---- what the series tells, on its writer's thread ---- */

static void stored(void *ctx, const struct batch_view *v, int64_t received_ms)
{
        struct sensing *g = ctx;
        seen_take(g, v, received_ms);
        live_news(g);
        pthread_rwlock_rdlock(&g->listening);
        for (const struct listener *l = g->listeners; l; l = l->next)
                l->on(l->ctx, v, received_ms);
        pthread_rwlock_unlock(&g->listening);
}

/* Both values are the evidence: the first statement stands. */
static void conflict(void *ctx, const struct reading *r, struct decimal stands)
{
        struct sensing *g = ctx;
        struct arena *a = arena_new();
        struct str evidence = arena_printf(a, "{\"t\":%lld,\"stands\":%.*s,\"said\":%.*s}", (long long)r->t_ms, STR_ARG(decimal_text(a, stands)), STR_ARG(decimal_text(a, r->value)));
        sensing_finding(g, &(struct device_finding){ .device = r->device, .channel = r->channel, .kind = STR("conflict"), .evidence = evidence, .severity = 1 });
        arena_free(a);
}

void *sensing_listen(struct sensing *g, sensing_live *on, void *ctx)
{
        struct listener *l = or_abort(calloc(1, sizeof *l));
        *l = (struct listener){ on, ctx, NULL };
        pthread_rwlock_wrlock(&g->listening);
        l->next = g->listeners;
        g->listeners = l;
        pthread_rwlock_unlock(&g->listening);
        return l;
}

void sensing_unlisten(struct sensing *g, void *listener)
{
        pthread_rwlock_wrlock(&g->listening);
        for (struct listener **at = &g->listeners; *at; at = &(*at)->next)
                if (*at == listener) {
                        *at = (*at)->next;
                        break;
                }
        pthread_rwlock_unlock(&g->listening);
        free(listener);
}

void sensing_stage_from(struct sensing *g, sensing_stage *ask, void *ctx)
{
        g->stage_ctx = ctx;
        atomic_store(&g->stage, ask);
}

struct series *sensing_series(struct sensing *g)
{
        return g->series;
}

/* ---- who logs in ---- */

/* "/api/devices/{id}/readings": whose path it is.  `id` of the login, where it has one, is who speaks; a secret alone is that of the device in the path. */
static bool which(void *ctx, const struct request *q, struct str id, struct str secret, int64_t *ret_org, struct str *ret_id)
{
        struct sensing *g = ctx;
        struct device_row d;
        struct str rest = str_from(q->path, sizeof "/api/devices/" - 1);
        for (size_t i = 0; i < rest.n; i++)
                if (rest.p[i] == '/')
                        rest.n = i;
        if (!book_copy(g, q->arena, id.n ? id : rest, &d))
                return false;
        *ret_org = d.org;
        *ret_id = d.id;
        return device_secret_right(&d, secret);
}

/* ---- the keeper ---- */

static int keep_once(struct sensing *g, int64_t round, bool last, struct err *reterr)
{
        int rc = notes_flush(g, reterr);
        if (rc == 0 && store_shared(g->store) && round % FOLLOW_LOOKS == 0)
                rc = book_refresh(g, reterr);
        if (rc == 0 && round % FADE_LOOKS == FADE_LOOKS - 1)
                rc = notes_fade(g, reterr);
        return rc == 0 && (last || round % KEEP_LOOKS == KEEP_LOOKS - 1) ? seen_flush(g, reterr) : rc;
}

static void *keep(void *ctx)
{
        struct sensing *g = ctx;
        bool stop = false, trouble = false;
        for (int64_t round = 0; !stop; round++) {
                struct timespec until;
                struct err e = { 0 };
                clock_gettime(CLOCK_REALTIME, &until);
                until.tv_nsec += LOOK_MS * 1000000L;
                until.tv_sec += until.tv_nsec / 1000000000L;
                until.tv_nsec %= 1000000000L;
                pthread_mutex_lock(&g->mutex);
                while (!g->stop && pthread_cond_timedwait(&g->wake, &g->mutex, &until) != ETIMEDOUT)
                        ;
                stop = g->stop;
                pthread_mutex_unlock(&g->mutex);
                bool failed = keep_once(g, round, stop, &e) < 0;
                if (failed && !trouble)
                        log_err(LOG_WARN, "sensing.keep", &e);
                trouble = failed;
        }
        return NULL;
}

/* ---- beginning and end ---- */

static int start(struct sensing *g, const struct sensing_options *o, struct err *reterr)
{
        struct series_options so = { .readers = o->readers ? o->readers : READERS, .cache_kib = CACHE_KIB, .grace_ms = o->grace_s * 1000, .on_stored = stored, .on_conflict = conflict, .ctx = g };
        if (book_refresh(g, reterr) < 0 || seen_load(g, reterr) < 0 || series_open(g->store, &so, &g->series, reterr) < 0 || hours_start(g, reterr) < 0)
                return -1;
        if (o->metrics_url && *o->metrics_url && copy_start(g, o->metrics_url, reterr) < 0)
                return -1;
        if (o->retains && retention_start(g, reterr) < 0)
                return -1;
        if (pthread_create(&g->keeper, NULL, keep, g) != 0)
                return err_set(reterr, ERR_INTERNAL, "the thread that keeps devices cannot be started");
        pthread_setname_np(g->keeper, "devices");
        g->keeping = true;
        access_devices_are(g->access, which, g);
        return watch_start(g, reterr) < 0 ? -1 : teller_start(g, o, &g->teller, reterr);
}

int sensing_start(struct store *s, struct ledger *l, struct access *x, const struct sensing_options *o, struct sensing **ret, struct err *reterr)
{
        struct sensing *g = or_abort(calloc(1, sizeof *g));
        g->store = s;
        g->ledger = l;
        g->access = x;
        g->keep_days_least = o->keep_days_least ? o->keep_days_least : LIMIT_KEEP_DAYS;
        pthread_rwlock_init(&g->lock, NULL);
        pthread_mutex_init(&g->hot, NULL);
        pthread_rwlock_init(&g->listening, NULL);
        pthread_mutex_init(&g->mutex, NULL);
        pthread_cond_init(&g->wake, NULL);
        g->notes = notes_new();
        g->live = live_start(g);
        if (start(g, o, reterr) < 0) {
                sensing_stop(g);
                return -1;
        }
        *ret = g;
        return 0;
}

static void stop_keeping(struct sensing *g)
{
        if (!g->keeping)
                return;
        pthread_mutex_lock(&g->mutex);
        g->stop = true;
        pthread_cond_signal(&g->wake);
        pthread_mutex_unlock(&g->mutex);
        pthread_join(g->keeper, NULL);
}

void sensing_stop(struct sensing *g)
{
        if (!g)
                return;
        access_devices_are(g->access, NULL, NULL);
        sensing_end_live(g);
        retention_stop(g);
        copy_stop(g);
        hours_stop(g);
        if (g->series) {
                struct err e = { 0 };
                if (g->keeping && series_settle(g->series, &e) < 0)
                        log_err(LOG_WARN, "series.settle", &e);         /* what was acknowledged is in the journal */
                watch_stop(g);          /* behind the last that was stored */
                series_close(g->series);
        }
        teller_stop(g->teller);
        stop_keeping(g);        /* behind what the series told at its end */
        live_stop(g->live);
        notes_free(g->notes);
        book_end(g);
        pthread_rwlock_destroy(&g->lock);
        pthread_mutex_destroy(&g->hot);
        pthread_rwlock_destroy(&g->listening);
        pthread_mutex_destroy(&g->mutex);
        pthread_cond_destroy(&g->wake);
        free(g);
}
