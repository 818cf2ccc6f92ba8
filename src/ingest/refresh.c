#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "base/text.h"
#include "ingest/collector_impl.h"

/* Asks once a second whether the list has changed; sooner, but not more than ten times a second, for who met a name that is not in it. */
enum { EVERY_US = 1000000, SOON_US = 100000, PATIENCE_US = 10 * 1000000 };

struct refresher {
        struct line *line;
        pthread_mutex_t lock;
        pthread_cond_t wake;
        pthread_t thread;
        const struct device_list *list;         /* NULL: not yet */
        const struct device_list *pending;      /* the thread's own: on its way to be the list, page after page */
        int64_t asof_us, wanted_us;
        bool stop, failing;
        _Atomic int64_t until_us;
};

static void path_of(struct refresher *x, struct buf *path)
{
        buf_clear(path);
        const struct device_list *have = x->pending ? x->pending : x->list;
        buf_printf(path, "/api/collect/devices?page=%d", LIMIT_COLLECT_PAGE);
        if (have) {
                buf_z(path, "&since=");
                percent_encode(path, str_of(device_list_mark(have)), "");
        }
}

static void keep(struct refresher *x, const struct device_list *fresh, int64_t began_us)
{
        pthread_mutex_lock(&x->lock);
        const struct device_list *old = fresh ? x->list : NULL;
        if (fresh)
                x->list = fresh;
        x->asof_us = began_us;
        pthread_mutex_unlock(&x->lock);
        device_list_done(old);
}

static void say(struct refresher *x, int status, const struct err *e)
{
        bool good = status == 204 || (status == 200 && !e->kind);
        if (!good && !x->failing)
                log_line(LOG_WARN, "collect.devices", "status=%d error=%s, trying again", status, log_quote(e->kind ? e->detail : line_error(x->line), strlen(e->kind ? e->detail : line_error(x->line))));
        else if (good && x->failing)
                log_line(LOG_INFO, "collect.devices", "answered again");
        x->failing = !good;
}

/* A page of what changed: half of it is nobody's list. */
static bool take(struct refresher *x, struct str answer, int64_t began, struct err *e)
{
        bool more = false;
        const struct device_list *next = device_list_apply(x->pending ? x->pending : x->list, answer, &more, e);
        if (!next)
                return false;
        device_list_done(x->pending);
        x->pending = more ? next : NULL;
        if (!more)
                keep(x, next, began);
        return more;
}

/* True: there is more to be asked for at once. */
static bool ask(struct refresher *x, struct buf *path, struct buf *answer)
{
        struct err e = { 0 };
        int64_t began = clock_mono_us();
        bool more = false;
        pthread_mutex_lock(&x->lock);
        x->until_us = x->stop ? 0 : began + PATIENCE_US;
        pthread_mutex_unlock(&x->lock);
        path_of(x, path);
        int status = line_ask(x->line, "GET", path->p, "application/json", STR_NONE, &x->until_us, answer);
        if (status == 204) {
                keep(x, x->pending, began);
                x->pending = NULL;
        }
        if (status == 200)
                more = take(x, buf_view(answer), began, &e);
        say(x, status, &e);
        return more;
}

/* Until it is time to ask again, or the end. */
static bool pause_until_due(struct refresher *x, int64_t last_us)
{
        pthread_mutex_lock(&x->lock);
        for (;;) {
                int64_t now = clock_mono_us(), due = last_us + (x->wanted_us > x->asof_us ? SOON_US : EVERY_US);
                if (x->stop || now >= due)
                        break;
                struct timespec t = { due / 1000000, due % 1000000 * 1000 };
                pthread_cond_timedwait(&x->wake, &x->lock, &t);
        }
        bool go_on = !x->stop;
        pthread_mutex_unlock(&x->lock);
        return go_on;
}

static void *run(void *ctx)
{
        struct refresher *x = ctx;
        struct buf path, answer;
        int64_t last;
        bool more;
        buf_init(&path, 4096);
        buf_init(&answer, LIMIT_COLLECT_LIST_BYTES);
        do {
                last = clock_mono_us();
                more = ask(x, &path, &answer);
        } while (more || pause_until_due(x, last));
        buf_free(&path);
        buf_free(&answer);
        return NULL;
}

struct refresher *refresher_start(const struct collect_options *o)
{
        struct refresher *x = or_abort(calloc(1, sizeof *x));
        pthread_condattr_t attr;
        x->line = line_new(o);
        pthread_mutex_init(&x->lock, NULL);
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        pthread_cond_init(&x->wake, &attr);
        pthread_condattr_destroy(&attr);
        if (pthread_create(&x->thread, NULL, run, x) != 0)
                or_abort(NULL);
        pthread_setname_np(x->thread, "devices");
        return x;
}

void refresher_stop(struct refresher *x)
{
        if (!x)
                return;
        pthread_mutex_lock(&x->lock);
        x->stop = true;
        x->until_us = 0;
        pthread_cond_signal(&x->wake);
        pthread_mutex_unlock(&x->lock);
        pthread_join(x->thread, NULL);
        device_list_done(x->list);
        device_list_done(x->pending);
        line_free(x->line);
        pthread_cond_destroy(&x->wake);
        pthread_mutex_destroy(&x->lock);
        free(x);
}

const struct device_list *refresher_list(struct refresher *x)
{
        pthread_mutex_lock(&x->lock);
        const struct device_list *l = device_list_ref(x->list);
        pthread_mutex_unlock(&x->lock);
        return l;
}

const struct device_list *refresher_list_since(struct refresher *x, int64_t since_us)
{
        const struct device_list *l = NULL;
        pthread_mutex_lock(&x->lock);
        if (x->list && x->asof_us >= since_us) {
                l = device_list_ref(x->list);
        } else if (x->wanted_us < since_us) {
                x->wanted_us = since_us;
                pthread_cond_signal(&x->wake);
        }
        pthread_mutex_unlock(&x->lock);
        return l;
}
