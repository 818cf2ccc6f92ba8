#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/background.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "base/spread.h"
#include "sensing/sensing_impl.h"
#include "store/sql_names.h"

/* A copy of the readings in VictoriaMetrics, by its import protocol (POST /api/v1/import, a JSON object a line).  The series' writer only notes which spans of which channels have
 * something new; a thread reads them from what is stored and sends them, so no acknowledgement waits, nothing is queued twice, and what cannot be sent now is sent later.  The
 * same reading sent again is the same point there.  A mark says up to when everything was sent; after a start what was said since an hour before it is sent again. */

enum { TABLE = 4096, LOOK_MS = 1000, BACK_OFF_MAX_S = 60, KEEP_S = 10, MARGIN_MS = 3600 * 1000, SAMPLES_A_LINE = 5000, TIMEOUT_S = 20, LAST_MS = 2000 /* for the last try */ };

struct span { struct span *next; int64_t from_ms, to_ms; char device[65], channel[65]; };
struct spans { struct span *table[TABLE]; size_t n; int64_t all_from_ms; /* INT64_MAX: none */ };
struct copy {
        struct sensing *g;
        char *url;
        void *listener;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t wake;
        struct spans *waiting;
        bool stop, trouble;
        int64_t kept_us;
        _Atomic int64_t end_us;         /* when the last try is over; 0: nobody ends it */
        /* of a request under way */
        struct arena *arena;
        struct buf body;
        CURL *curl;
};

/* ---- what is new ---- */

static struct spans *spans_new(void)
{
        struct spans *s = or_abort(calloc(1, sizeof *s));
        s->all_from_ms = INT64_MAX;
        return s;
}

static void spans_free(struct spans *s)
{
        for (size_t i = 0; i < TABLE; i++)
                for (struct span *p = s->table[i], *next; p; p = next) {
                        next = p->next;
                        free(p);
                }
        free(s);
}

static size_t bucket_of(struct str device, struct str channel)
{
        return spread_in(spread_more(spread(device), channel), TABLE);
}

static void note(struct spans *s, struct str device, struct str channel, int64_t from_ms, int64_t to_ms)
{
        size_t b = bucket_of(device, channel);
        struct span *p = s->table[b];
        while (p && !(str_is(device, p->device) && str_is(channel, p->channel)))
                p = p->next;
        if (!p && (s->n == LIMIT_COPY_SPANS || device.n >= sizeof p->device || channel.n >= sizeof p->channel)) {
                s->all_from_ms = s->all_from_ms < from_ms ? s->all_from_ms : from_ms;
                return;
        }
        if (!p) {
                p = or_abort(calloc(1, sizeof *p));
                *p = (struct span){ .next = s->table[b], .from_ms = from_ms, .to_ms = to_ms };
                memcpy(p->device, device.p, device.n);
                memcpy(p->channel, channel.p, channel.n);
                s->table[b] = p;
                s->n++;
        }
        p->from_ms = p->from_ms < from_ms ? p->from_ms : from_ms;
        p->to_ms = p->to_ms > to_ms ? p->to_ms : to_ms;
}

static void note_reading(void *ctx, const struct reading *r)
{
        note(ctx, r->device, r->channel, r->t_ms, r->t_ms + 1);
}

static void stored(void *ctx, const struct batch_view *v, int64_t received_ms)
{
        struct copy *c = ctx;
        (void)received_ms;
        pthread_mutex_lock(&c->mutex);
        batch_each(v, STR_NONE, note_reading, c->waiting);
        pthread_mutex_unlock(&c->mutex);
}

/* ---- sending ---- */

static size_t swallow(char *p, size_t size, size_t n, void *ctx)
{
        (void)p;
        (void)ctx;
        return size * n;
}

/* A server that hangs keeps nobody from ending. */
static int go_on(void *ctx, curl_off_t a, curl_off_t b, curl_off_t d, curl_off_t e)
{
        struct copy *c = ctx;
        int64_t end = atomic_load(&c->end_us);
        (void)a, (void)b, (void)d, (void)e;
        return end && clock_mono_us() > end;
}

static int post(struct copy *c, struct err *reterr)
{
        long status = 0;
        if (!c->body.n)
                return 0;
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, c->body.p);
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body.n);
        CURLcode rc = curl_easy_perform(c->curl);
        curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
        buf_clear(&c->body);
        if (rc == CURLE_OK && status >= 200 && status < 300)
                return 0;
        return err_set(reterr, ERR_STORE, "the copy of the readings is not taken: %s, status %ld", curl_easy_strerror(rc), status);
}

struct line { struct copy *c; struct buf values, times; size_t n; struct str head; struct err *reterr; int rc; };

static void end_line(struct line *l)
{
        struct copy *c = l->c;
        if (!l->n)
                return;
        buf_printf(&c->body, "{\"metric\":{%.*s},\"values\":[", STR_ARG(l->head));
        buf_str(&c->body, buf_view(&l->values));
        buf_z(&c->body, "],\"timestamps\":[");
        buf_str(&c->body, buf_view(&l->times));
        buf_z(&c->body, "]}\n");
        buf_clear(&l->values);
        buf_clear(&l->times);
        l->n = 0;
}

static int add_sample(void *ctx, const struct sample *s)
{
        struct line *l = ctx;
        buf_printf(&l->values, "%s%.*s", l->n ? "," : "", STR_ARG(decimal_text(l->c->arena, s->value)));
        buf_printf(&l->times, "%s%lld", l->n ? "," : "", (long long)s->t_ms);
        if (++l->n < SAMPLES_A_LINE)
                return 0;
        end_line(l);
        arena_reset(l->c->arena);
        l->rc = l->c->body.n > LIMIT_COPY_REQUEST_BYTES ? post(l->c, l->reterr) : 0;
        return l->rc;
}

static int send_span(struct copy *c, struct str device, struct str channel, int64_t from_ms, int64_t to_ms, struct err *reterr)
{
        char head[400];
        struct arena *names = arena_new();
        struct line l = { .c = c, .values = { .max = LIMIT_COPY_REQUEST_BYTES }, .times = { .max = LIMIT_COPY_REQUEST_BYTES }, .reterr = reterr };
        struct str org = store_org_code(c->g->store, names, sensing_device_org(c->g, device));
        int n = snprintf(head, sizeof head, "\"__name__\":\"suyuan\",\"org\":\"%.*s\",\"device\":\"%.*s\",\"channel\":\"%.*s\"", (int)(org.n < 100 ? org.n : 100), org.p ? org.p : "",
                         STR_ARG(device), STR_ARG(channel));
        l.head = (struct str){ head, (size_t)n };
        int rc = series_read(c->g->series, device, channel, from_ms, to_ms, add_sample, &l, reterr);
        end_line(&l);
        buf_free(&l.values);
        buf_free(&l.times);
        arena_free(names);
        arena_reset(c->arena);
        if (rc < 0 || l.rc < 0)
                return -1;
        return c->body.n > LIMIT_COPY_REQUEST_BYTES ? post(c, reterr) : 0;
}

/* ---- a round ---- */

/* Everything since then, of every device that said something. */
static void note_all(struct copy *c, struct spans *s, int64_t from_ms)
{
        struct sensing *g = c->g;
        struct arena *a = arena_new();
        struct str *ids;
        size_t n = book_ids(g, a, &ids);
        for (size_t i = 0; i < n; i++) {
                struct channel_state *list;
                size_t channels = 0;
                if (series_channels(g->series, a, ids[i], &list, &channels, NULL) < 0)
                        continue;
                for (size_t k = 0; k < channels; k++)
                        if (list[k].last.t_ms >= from_ms)
                                note(s, ids[i], list[k].channel, from_ms, list[k].last.t_ms + 1);
        }
        arena_free(a);
}

static int send_all(struct copy *c, struct spans *s, struct err *reterr)
{
        if (s->all_from_ms != INT64_MAX) {
                int64_t from = s->all_from_ms;
                s->all_from_ms = INT64_MAX;
                note_all(c, s, from);
        }
        for (size_t i = 0; i < TABLE; i++)
                for (const struct span *p = s->table[i]; p; p = p->next)
                        if (send_span(c, str_of(p->device), str_of(p->channel), p->from_ms, p->to_ms, reterr) < 0)
                                return -1;
        return post(c, reterr);
}

static void put_back(struct copy *c, const struct spans *s)
{
        pthread_mutex_lock(&c->mutex);
        for (size_t i = 0; i < TABLE; i++)
                for (const struct span *p = s->table[i]; p; p = p->next)
                        note(c->waiting, str_of(p->device), str_of(p->channel), p->from_ms, p->to_ms);
        if (s->all_from_ms < c->waiting->all_from_ms)
                c->waiting->all_from_ms = s->all_from_ms;
        pthread_mutex_unlock(&c->mutex);
}

static int write_mark(struct db *db, void *ctx, struct err *reterr)
{
        const int64_t *ms = ctx;
        int64_t turn;
        return db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 ? -1 : db_run(db, SQL_device_mark_set, DB_ARGS(db_t(STR("copy")), db_i(*ms)), reterr);
}

static int round_of(struct copy *c, bool last, struct err *reterr)
{
        struct spans *fresh = spans_new(), *s;
        int64_t now_ms = clock_now_us() / 1000;
        pthread_mutex_lock(&c->mutex);
        s = c->waiting;
        c->waiting = fresh;
        pthread_mutex_unlock(&c->mutex);
        bool any = s->n || s->all_from_ms != INT64_MAX;
        int rc = send_all(c, s, reterr);
        if (rc < 0) {
                buf_clear(&c->body);
                put_back(c, s);
        } else if (any && (last || clock_mono_us() - c->kept_us > KEEP_S * INT64_C(1000000))) {
                rc = ledger_act(c->g->ledger, write_mark, &now_ms, reterr);
                c->kept_us = clock_mono_us();
        }
        spans_free(s);
        return rc;
}

static bool rest(struct copy *c, int ms)
{
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += ms % 1000 * 1000000L;
        until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_mutex_lock(&c->mutex);
        while (!c->stop && pthread_cond_timedwait(&c->wake, &c->mutex, &until) == 0)
                ;
        bool stop = c->stop;
        pthread_mutex_unlock(&c->mutex);
        return stop;
}

static void *run(void *ctx)
{
        struct copy *c = ctx;
        int wait_s = 0;
        background_thread();
        for (bool stop = false; !stop;) {
                struct err e = { 0 };
                stop = rest(c, wait_s ? wait_s * 1000 : LOOK_MS);
                bool failed = round_of(c, stop, &e) < 0;
                if (failed && !c->trouble)
                        log_err(LOG_WARN, "metrics.copy", &e);
                c->trouble = failed;
                wait_s = !failed ? 0 : !wait_s ? 1 : wait_s * 2 > BACK_OFF_MAX_S ? BACK_OFF_MAX_S : wait_s * 2;
        }
        return NULL;
}

/* ---- beginning and end ---- */

/* What was said while the copy was not there to hear it. */
static int resume(struct copy *c, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        if (reader_begin(c->g->store, &r, reterr) < 0)
                return -1;
        int rc = db_one(reader_db(r), SQL_device_mark, DB_ARGS(db_t(STR("copy"))), &row, reterr);
        if (rc == 1)
                c->waiting->all_from_ms = db_int(row, 0) - MARGIN_MS;
        db_done(reader_db(r), SQL_device_mark);
        reader_end(r);
        return rc < 0 ? -1 : 0;
}

static void prepare(struct copy *c)
{
        c->curl = or_abort(curl_easy_init());
        curl_easy_setopt(c->curl, CURLOPT_URL, c->url);
        curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
        curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, swallow);
        curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
        curl_easy_setopt(c->curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, go_on);
        curl_easy_setopt(c->curl, CURLOPT_XFERINFODATA, c);
        curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
}

int copy_start(struct sensing *g, const char *url, struct err *reterr)
{
        size_t n = strlen(url);
        if ((strncmp(url, "http://", 7) && strncmp(url, "https://", 8)) || n > 2000)
                return err_set(reterr, ERR_BAD_INPUT, "--metrics-url is http://HOST:PORT of a VictoriaMetrics server");
        struct copy *c = or_abort(calloc(1, sizeof *c));
        c->g = g;
        c->url = or_abort(malloc(n + sizeof "/api/v1/import"));
        snprintf(c->url, n + sizeof "/api/v1/import", "%.*s/api/v1/import", (int)(n && url[n - 1] == '/' ? n - 1 : n), url);
        c->waiting = spans_new();
        c->arena = arena_new();
        c->body.max = 4 * LIMIT_COPY_REQUEST_BYTES;
        pthread_mutex_init(&c->mutex, NULL);
        pthread_cond_init(&c->wake, NULL);
        prepare(c);
        g->copy = c;
        if (resume(c, reterr) < 0)
                return -1;
        c->listener = sensing_listen(g, stored, c);
        if (pthread_create(&c->thread, NULL, run, c) != 0)
                or_abort(NULL);
        pthread_setname_np(c->thread, "copy");
        return 0;
}

/* One last try for what waits. */
void copy_stop(struct sensing *g)
{
        struct copy *c = g->copy;
        if (!c)
                return;
        if (c->listener) {
                atomic_store(&c->end_us, clock_mono_us() + LAST_MS * INT64_C(1000));
                pthread_mutex_lock(&c->mutex);
                c->stop = true;
                pthread_cond_signal(&c->wake);
                pthread_mutex_unlock(&c->mutex);
                pthread_join(c->thread, NULL);
                sensing_unlisten(g, c->listener);
        }
        curl_easy_cleanup(c->curl);
        buf_free(&c->body);
        arena_free(c->arena);
        spans_free(c->waiting);
        pthread_mutex_destroy(&c->mutex);
        pthread_cond_destroy(&c->wake);
        free(c->url);
        free(c);
        g->copy = NULL;
}
