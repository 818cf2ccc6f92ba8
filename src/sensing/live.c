#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "base/text.h"
#include "sensing/sensing_impl.h"

/* Live values as Server-Sent Events, one message an exchange as in push/stream.c: who waits is answered whole and comes again with the number it reached.  What is told is the
 * newest value of each channel that was said since; the way between two is in the series. */

enum { LOOK_MS = 100, WANTED_MS = 90000, MESSAGE_BYTES = 4 * 1024 * 1024 };

struct waiting { struct live_request ask; int64_t until_us; struct waiting *next; };
struct live {
        struct sensing *g;
        pthread_mutex_t mutex;
        pthread_cond_t wake;
        struct waiting *first;
        size_t n;
        bool ending, news, started;
        _Atomic int64_t wanted_until_us;        /* monotonic: values are kept until then */
        _Atomic int64_t number;
        pthread_t thread;
};

bool live_wanted(struct sensing *g)
{
        return clock_mono_us() < atomic_load(&g->live->wanted_until_us);
}

/* One writer calls it.  Numbers of a later process are higher. */
int64_t live_number(struct sensing *g)
{
        int64_t now = clock_now_us() / 1000, was = atomic_load(&g->live->number);
        atomic_store(&g->live->number, now > was ? now : was + 1);
        return atomic_load(&g->live->number);
}

void live_news(struct sensing *g)
{
        struct live *l = g->live;
        if (!live_wanted(g))
                return;
        pthread_mutex_lock(&l->mutex);
        l->news = true;
        pthread_cond_signal(&l->wake);
        pthread_mutex_unlock(&l->mutex);
}

/* ---- answering ---- */

static bool write_values(struct buf *b, struct arena *a, const struct device *d, int64_t after, bool *more)
{
        size_t told = 0;
        for (size_t i = 0; i < d->n_values; i++) {
                const struct live_value *v = &d->values[i];
                if (v->at <= after)
                        continue;
                if (!told) {
                        buf_printf(b, "%s{\"device\":\"%.*s\",\"values\":{", *more ? "," : "", STR_ARG(d->row.id));
                        *more = true;
                }
                buf_printf(b, "%s\"%s\":[%lld,%.*s]", told++ ? "," : "", v->channel, (long long)v->t_ms, STR_ARG(decimal_text(a, v->value)));
        }
        if (told)
                buf_z(b, "}}");
        return told > 0;
}

/* What the devices said behind `after`; false: nothing. */
static bool collect(struct live *l, const struct live_request *r, struct buf *b, int64_t *ret_at)
{
        struct sensing *g = l->g;
        bool more = false;
        buf_char(b, '[');
        pthread_rwlock_rdlock(&g->lock);
        pthread_mutex_lock(&g->hot);
        *ret_at = atomic_load(&l->number);
        for (size_t i = 0; i < r->n; i++) {
                const struct device *d = book_find(g, r->devices[i]);
                if (d && d->live_at > r->after)
                        write_values(b, r->request->arena, d, r->after, &more);
        }
        pthread_mutex_unlock(&g->hot);
        pthread_rwlock_unlock(&g->lock);
        buf_char(b, ']');
        return more;
}

static void answer(struct waiting *w, const struct buf *values, bool any, int64_t at)
{
        struct request *q = w->ask.request;
        struct reply r = { .status = 200, .content_type = "text/event-stream" };
        r.body = any ? arena_printf(q->arena, "retry: 1000\nid: %lld\ndata: %.*s\n\n", (long long)at, STR_ARG(buf_view(values)))
                     : arena_printf(q->arena, "retry: 1000\nid: %lld\n: nothing new\n\n", (long long)at);
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);       /* w is of its arena: gone now */
}

static bool look(struct live *l, struct waiting *w, bool over)
{
        struct buf b = { .max = MESSAGE_BYTES };
        int64_t at;
        bool any = collect(l, &w->ask, &b, &at);
        if (any || over)
                answer(w, &b, any && !b.overflow, at);
        buf_free(&b);
        return any || over;
}

static struct waiting *look_all(struct live *l, struct waiting *list, bool news, bool ending, size_t *ret_gone)
{
        struct waiting *kept = NULL, *next;
        for (struct waiting *w = list; w; w = next) {
                bool over = ending || clock_mono_us() >= w->until_us;
                next = w->next;
                if ((news || over) && look(l, w, over)) {
                        (*ret_gone)++;
                        continue;
                }
                w->next = kept;
                kept = w;
        }
        return kept;
}

static void pause_for(struct live *l)
{
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        while (!l->first && !l->ending)
                pthread_cond_wait(&l->wake, &l->mutex);
        if (!l->news && !l->ending)
                pthread_cond_timedwait(&l->wake, &l->mutex, &until);
}

static void *run(void *ctx)
{
        struct live *l = ctx;
        bool ending = false;
        while (!ending) {
                size_t gone = 0;
                pthread_mutex_lock(&l->mutex);
                pause_for(l);
                struct waiting *list = l->first;
                bool news = l->news;
                l->first = NULL;
                l->news = false;
                ending = l->ending;
                pthread_mutex_unlock(&l->mutex);
                list = look_all(l, list, news, ending, &gone);
                pthread_mutex_lock(&l->mutex);
                l->n -= gone;
                while (list) {
                        struct waiting *next = list->next;
                        list->next = l->first;
                        l->first = list;
                        list = next;
                }
                pthread_mutex_unlock(&l->mutex);
        }
        return NULL;
}

/* ---- what others call ---- */

int sensing_live_wait(struct sensing *g, const struct live_request *r, struct err *reterr)
{
        struct live *l = g->live;
        struct waiting *w = arena_alloc(r->request->arena, sizeof *w);
        size_t of_org = 0;
        atomic_store(&l->wanted_until_us, clock_mono_us() + WANTED_MS * INT64_C(1000));
        w->ask = *r;
        w->until_us = clock_mono_us() + r->wait_ms * 1000;
        if (!r->after)
                w->ask.after = atomic_load(&l->number);
        pthread_mutex_lock(&l->mutex);
        for (const struct waiting *o = l->first; o; o = o->next)
                of_org += o->ask.org == r->org;
        bool room = !l->ending && l->n < LIMIT_STREAMS && of_org < LIMIT_STREAMS_EACH;
        if (room) {
                l->n++;
                l->news = true;
                w->next = l->first;
                l->first = w;
                pthread_cond_signal(&l->wake);
        }
        pthread_mutex_unlock(&l->mutex);
        return room ? 0 : err_set(reterr, ERR_BUSY, "too many wait for live values already (%d of an organisation at most); try again", LIMIT_STREAMS_EACH);
}

struct live *live_start(struct sensing *g)
{
        struct live *l = or_abort(calloc(1, sizeof *l));
        l->g = g;
        l->number = clock_now_us() / 1000;
        pthread_mutex_init(&l->mutex, NULL);
        pthread_cond_init(&l->wake, NULL);
        if (pthread_create(&l->thread, NULL, run, l) != 0)
                or_abort(NULL);
        pthread_setname_np(l->thread, "live");
        l->started = true;
        return l;
}

static void end(struct live *l)
{
        if (!l->started)
                return;
        pthread_mutex_lock(&l->mutex);
        l->ending = true;
        pthread_cond_signal(&l->wake);
        pthread_mutex_unlock(&l->mutex);
        pthread_join(l->thread, NULL);
        l->started = false;
}

void sensing_end_live(struct sensing *g)
{
        if (g && g->live)
                end(g->live);
}

void live_stop(struct live *l)
{
        if (!l)
                return;
        end(l);
        pthread_mutex_destroy(&l->mutex);
        pthread_cond_destroy(&l->wake);
        free(l);
}
