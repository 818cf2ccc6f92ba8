#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "ingest/collector_impl.h"

/* One lot in the making, one on its way.  The courier's thread takes what has gathered, hands it over, tells the doors, and takes the next: at a slow disk lots
 * grow.  At a quick one a lot of many devices would be one reading, and cost them all a question, a commit and a wake-up each; so lots begin GATHER_US after each
 * other, unless much has gathered already: who speaks seldom waits for nobody, and nobody longer than that.  What has no room in the one in the making waits at its sender. */
enum { BACK_OFF_MIN_US = 50 * 1000, BACK_OFF_MAX_US = 2 * 1000000, PATIENCE_US = 20 * 1000000, NOTICES_US = 200 * 1000, GATHER_US = 50 * 1000, GATHER_READINGS = 4096,
       ANSWER_BYTES = 64 * 1024, NOTICES_BYTES = 4 * 1024 * 1024 };

/* A message: its readings are those of its lot from `first` on. */
struct waiter {
        collector_told *told;
        void *ctx;
        size_t first, n;
};

struct lot {
        struct arena *arena;
        struct batch *batch;
        size_t n, bytes;                /* readings; what they will take, reckoned high */
        struct reading *readings;       /* of the messages that wait, kept until it is known which of them is refused */
        size_t n_readings, cap_readings;
        struct waiter *waiters;
        size_t n_waiters, cap;
        bool full;
};

struct collector {
        struct line *line;
        struct refresher *refresher;
        struct notices *notices;
        struct allowances *allowances;
        pthread_mutex_t lock;
        pthread_cond_t wake, over;      /* there is something to do; all is done */
        pthread_t thread;
        struct lot *making;
        bool draining, idle, drained;
        _Atomic bool hurry;             /* draining, for those who look without the lock */
        _Atomic int64_t until_us;       /* of what is on its way */
        _Atomic int64_t drain_until_us;
        bool failing;
        int64_t notices_us, lot_us;     /* the last one was taken */
};

/* ---- lots ---- */

static struct lot *lot_new(void)
{
        struct lot *l = or_abort(calloc(1, sizeof *l));
        l->arena = arena_new();
        l->batch = batch_new(l->arena);
        return l;
}

static void lot_free(struct lot *l)
{
        arena_free(l->arena);
        free(l->readings);
        free(l->waiters);
        free(l);
}

/* A reading takes a head, a time, a value and numbers for its names; the names stand once, but may be new with every reading. */
static size_t reckon(const struct reading *r, size_t n)
{
        size_t sum = 0;
        for (size_t i = 0; i < n; i++)
                sum += 40 + r[i].channel.n + (i ? 0 : r[i].device.n);
        return sum;
}

static void lot_keep(struct lot *l, const struct reading *r, size_t n)
{
        if (l->n_readings + n > l->cap_readings) {
                l->cap_readings = 2 * l->cap_readings + n;
                l->readings = or_abort(realloc(l->readings, l->cap_readings * sizeof *l->readings));
        }
        for (size_t i = 0; i < n; i++) {
                struct reading *k = &l->readings[l->n_readings++];
                *k = r[i];
                k->device = i && str_eq(r[i].device, r[i - 1].device) ? k[-1].device : arena_str(l->arena, r[i].device);
                k->channel = i && str_eq(r[i].channel, r[i - 1].channel) ? k[-1].channel : arena_str(l->arena, r[i].channel);
        }
}

static void lot_wait(struct lot *l, struct waiter w, const struct reading *r)
{
        if (l->n_waiters == l->cap) {
                l->cap = l->cap ? 2 * l->cap : 64;
                l->waiters = or_abort(realloc(l->waiters, l->cap * sizeof *l->waiters));
        }
        w.first = l->n_readings;
        lot_keep(l, r, w.n);
        l->waiters[l->n_waiters++] = w;
}

/* An empty one takes whatever one message holds: its decoder had the same bounds.  What a batch bounds beside number and size (names, hours) shows only in the
 * middle of a message: then those of its readings that are in go with this lot, nobody is told for them, and the whole message comes again for the next,
 * where they are duplicates.  What an empty lot does not take no lot will: it is let in alone, without a reading in the batch, and refused on its way. */
static bool lot_add(struct lot *l, const struct reading *r, size_t n, struct waiter w)
{
        size_t bytes = reckon(r, n);
        bool empty = !l->n;
        if (l->full || (l->n && (l->n + n > LIMIT_COLLECT_READINGS || l->bytes + bytes > LIMIT_COLLECT_WAITING_BYTES)))
                return false;
        for (size_t i = 0; i < n && !l->full; i++) {
                l->full = !batch_add(l->batch, &r[i]);
                l->n += !l->full;
        }
        l->bytes += bytes;
        if (l->full && !empty)
                return false;
        if (l->full)
                l->n = 0;
        lot_wait(l, w, r);
        return true;
}

bool collector_give(struct collector *c, const struct reading *r, size_t n, collector_told *told, void *ctx)
{
        pthread_mutex_lock(&c->lock);
        bool taken = !c->draining && lot_add(c->making, r, n, (struct waiter){ .told = told, .ctx = ctx, .n = n });
        if (!taken && !c->draining)
                c->making->full = true;         /* no more of it is waited for */
        if (c->idle || c->making->full || c->making->n >= GATHER_READINGS)
                pthread_cond_signal(&c->wake);
        pthread_mutex_unlock(&c->lock);
        return taken;
}

/* ---- the courier ---- */

static void say(struct collector *c, int status, struct str answer)
{
        bool good = status >= 200 && status < 300;
        const char *why = status ? answer.p : line_error(c->line);
        if (!good && !c->failing)
                log_line(LOG_WARN, "collect.handover", "status=%d error=%s, trying again", status, log_quote(why ? why : "", why ? strnlen(why, 200) : 0));
        else if (good && c->failing)
                log_line(LOG_INFO, "collect.handover", "taken again");
        c->failing = !good;
}

/* Waits so long, or until the end is near. */
static void back_off(struct collector *c, int64_t us)
{
        int64_t until = clock_mono_us() + us;
        pthread_mutex_lock(&c->lock);
        while (!c->draining && clock_mono_us() < until) {
                struct timespec t = { until / 1000000, until % 1000000 * 1000 };
                pthread_cond_timedwait(&c->wake, &c->lock, &t);
        }
        pthread_mutex_unlock(&c->lock);
        if (c->hurry) {
                struct timespec t = { 0, BACK_OFF_MIN_US * 1000L };
                nanosleep(&t, NULL);
        }
}

static int64_t deadline(struct collector *c, int64_t us)
{
        int64_t until = clock_mono_us() + us, drain = c->drain_until_us;
        return drain && drain < until ? drain : until;
}

/* Of the next question.  Under the lock, so that a drain that begins now finds it set or sees its own end in it. */
static const _Atomic int64_t *patience(struct collector *c)
{
        pthread_mutex_lock(&c->lock);
        c->until_us = deadline(c, PATIENCE_US);
        pthread_mutex_unlock(&c->lock);
        return &c->until_us;
}

/* The server understood and says no: the same again would get the same answer.  What speaks of the address, the key or the server and not of these bytes (404, 401,
 * 415 …) is none: with it everything would be thrown away because something is set up wrongly. */
static bool refused(int status)
{
        return status == 400 || status == 413 || status == 422;
}

static enum told hand_over(struct collector *c, struct str bytes, struct buf *answer)
{
        int64_t keep_until = clock_mono_us() + LIMIT_COLLECT_KEEP_MS * INT64_C(1000), pause = BACK_OFF_MIN_US;
        for (;;) {
                int status = line_ask(c->line, "POST", "/api/collect/readings", "application/octet-stream", bytes, patience(c), answer);
                if (refused(status))
                        return TOLD_REFUSED;
                say(c, status, buf_view(answer));
                if (status >= 200 && status < 300)
                        return TOLD_DURABLE;
                if (clock_mono_us() >= deadline(c, keep_until - clock_mono_us()))
                        return TOLD_LATER;
                back_off(c, pause);
                pause = pause * 2 > BACK_OFF_MAX_US ? BACK_OFF_MAX_US : pause * 2;
        }
}

static struct str why_of(struct arena *a, struct str answer)
{
        const struct json *j;
        struct str why = json_read(a, answer.p ? answer.p : "", answer.n, NULL, &j, NULL) == 0 ? json_str(j, "detail") : STR_NONE;
        return why.n ? why : answer;
}

/* Its readings go with the notice as far as a notice carries bytes: they are kept nowhere else. */
static void notice_refused(struct collector *c, const struct waiter *w, const struct reading *r, struct str bytes, struct str why)
{
        struct str device = w->n ? r->device : STR_NONE;
        log_line(LOG_WARN, "collect.refused", "device=%s readings=%zu error=%s", log_quote(device.p ? device.p : "", device.n), w->n, log_quote(why.p ? why.p : "", why.n < 200 ? why.n : 200));
        collector_notice(c, NOTICE_BAD_FRAME, device, STR_NONE, why, bytes);
}

static enum told send_messages(struct collector *c, const struct lot *l, size_t at, size_t n, struct buf *answer)
{
        struct arena *a = arena_new();
        struct batch *b = batch_new(a);
        const struct waiter *w = &l->waiters[at], *last = w + n - 1;
        bool fits = true;
        for (size_t i = w->first; fits && i < last->first + last->n; i++)
                fits = batch_add(b, &l->readings[i]);
        enum told what = !fits ? TOLD_REFUSED : batch_n(b) ? hand_over(c, batch_bytes(b), answer) : TOLD_DURABLE;
        if (what == TOLD_REFUSED && n == 1)
                notice_refused(c, w, &l->readings[w->first], batch_bytes(b), fits ? why_of(a, buf_view(answer)) : STR("it fits no batch"));
        arena_free(a);
        return what;
}

static void tell(const struct waiter *w, size_t n, enum told what)
{
        for (size_t i = 0; i < n; i++)
                w[i].told(w[i].ctx, what);
}

/* The server refuses the lot: its messages go in halves, and halves of these, until who is guilty stands alone.  Once nobody answers any more, what is left comes again. */
static void send_apart(struct collector *c, const struct lot *l, struct buf *answer)
{
        enum told what = TOLD_DURABLE;
        for (size_t at = 0, n = l->n_waiters; at < l->n_waiters;) {
                n = n < l->n_waiters - at ? n : l->n_waiters - at;
                if (what != TOLD_LATER)
                        what = send_messages(c, l, at, n, answer);
                if (what == TOLD_REFUSED && n > 1) {
                        n /= 2;
                        continue;
                }
                tell(&l->waiters[at], n, what);
                at += n;
                n *= 2;
        }
}

static void send_lot(struct collector *c, struct lot *l, struct buf *answer)
{
        if (!l)
                return;
        enum told what = l->n ? hand_over(c, batch_bytes(l->batch), answer) : TOLD_REFUSED;
        if (what == TOLD_LATER)
                log_line(LOG_WARN, "collect.given_up", "readings=%zu messages=%zu, their senders will send them again", l->n, l->n_waiters);
        if (what == TOLD_REFUSED)
                send_apart(c, l, answer);
        else
                tell(l->waiters, l->n_waiters, what);
        lot_free(l);
}

/* Notices are worth one try each: what they say is in our log's figures too, and a device that has trouble has it again. */
static void send_notices(struct collector *c, struct buf *answer)
{
        struct buf b;
        if (clock_mono_us() < c->notices_us + NOTICES_US && !c->hurry)
                return;
        buf_init(&b, NOTICES_BYTES);
        if (notices_take(c->notices, &b) && !b.overflow) {
                int status = line_ask(c->line, "POST", "/api/collect/notices", "application/json", buf_view(&b), patience(c), answer);
                if (status < 200 || status >= 300)
                        log_line(LOG_WARN, "collect.notices", "status=%d, ignoring", status);
        }
        buf_free(&b);
        c->notices_us = clock_mono_us();
}

static bool let_gather(const struct collector *c)
{
        return c->making->n_waiters && c->making->n < GATHER_READINGS && !c->making->full && clock_mono_us() < c->lot_us + GATHER_US;
}

/* What has gathered, or NULL: only notices, or the end. */
static struct lot *take_lot(struct collector *c, bool *ret_end)
{
        struct lot *l = NULL;
        pthread_mutex_lock(&c->lock);
        while (!c->draining && (!c->making->n_waiters || let_gather(c))) {
                bool gathering = c->making->n_waiters;
                int64_t until = gathering ? c->lot_us + GATHER_US : clock_mono_us() + NOTICES_US;
                struct timespec t = { until / 1000000, until % 1000000 * 1000 };
                c->idle = !gathering;
                int rc = pthread_cond_timedwait(&c->wake, &c->lock, &t);
                c->idle = false;
                if (rc != 0 && !gathering && notices_wait(c->notices))
                        break;
        }
        if (c->making->n_waiters) {
                l = c->making;
                c->making = lot_new();
                c->lot_us = clock_mono_us();
        }
        *ret_end = c->draining && !l;
        pthread_mutex_unlock(&c->lock);
        return l;
}

static void *run(void *ctx)
{
        struct collector *c = ctx;
        struct buf answer;
        bool end = false;
        buf_init(&answer, ANSWER_BYTES);
        while (!end) {
                struct lot *l = take_lot(c, &end);
                send_lot(c, l, &answer);
                send_notices(c, &answer);
        }
        buf_free(&answer);
        pthread_mutex_lock(&c->lock);
        c->drained = true;
        pthread_cond_broadcast(&c->over);
        pthread_mutex_unlock(&c->lock);
        return NULL;
}

/* ---- beginning and end ---- */

static void init_conds(struct collector *c)
{
        pthread_condattr_t attr;
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        pthread_cond_init(&c->wake, &attr);
        pthread_cond_init(&c->over, &attr);
        pthread_condattr_destroy(&attr);
}

int collector_start(const struct collect_options *o, struct collector **ret, struct err *reterr)
{
        if (!o->socket == !o->url)
                return err_set(reterr, ERR_BAD_INPUT, "readings go to the socket of a data directory or to a server's address");
        struct collector *c = or_abort(calloc(1, sizeof *c));
        curl_global_init(CURL_GLOBAL_DEFAULT);
        pthread_mutex_init(&c->lock, NULL);
        init_conds(c);
        c->making = lot_new();
        c->notices = notices_new();
        c->allowances = allowances_new();
        c->line = line_new(o);
        c->refresher = refresher_start(o);
        if (pthread_create(&c->thread, NULL, run, c) != 0)
                or_abort(NULL);
        pthread_setname_np(c->thread, "courier");
        *ret = c;
        return 0;
}

void collector_drain(struct collector *c, int ms)
{
        pthread_mutex_lock(&c->lock);
        if (!c->draining) {
                c->drain_until_us = clock_mono_us() + ms * INT64_C(1000);
                c->hurry = true;
                c->draining = true;
                if (c->until_us > c->drain_until_us)
                        c->until_us = c->drain_until_us;
                pthread_cond_broadcast(&c->wake);
        }
        while (!c->drained)
                pthread_cond_wait(&c->over, &c->lock);
        pthread_mutex_unlock(&c->lock);
}

void collector_stop(struct collector *c)
{
        if (!c)
                return;
        collector_drain(c, 0);
        pthread_join(c->thread, NULL);
        refresher_stop(c->refresher);
        lot_free(c->making);
        line_free(c->line);
        notices_free(c->notices);
        allowances_free(c->allowances);
        pthread_cond_destroy(&c->wake);
        pthread_cond_destroy(&c->over);
        pthread_mutex_destroy(&c->lock);
        free(c);
}

/* ---- what the doors ask ---- */

const struct device_list *collector_devices(struct collector *c)
{
        return refresher_list(c->refresher);
}

const struct device_list *collector_devices_since(struct collector *c, int64_t since_us)
{
        return refresher_list_since(c->refresher, since_us);
}

void collector_notice(struct collector *c, enum notice what, struct str device, struct str from, struct str detail, struct str bytes)
{
        notices_add(c->notices, what, device, from, detail, bytes, clock_mono_us());
}

bool collector_allows(struct collector *c, const struct known_device *d, size_t n)
{
        bool tell;
        bool good = allowances_take(c->allowances, d->id, d->max_per_minute, n, clock_mono_us(), &tell);
        if (tell)
                collector_notice(c, NOTICE_THROTTLED, d->id, STR_NONE, STR("more readings than it is allowed a minute"), STR_NONE);
        return good;
}
