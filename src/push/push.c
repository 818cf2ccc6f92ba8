#include "push/push.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/oom.h"
#include "push/push_impl.h"
#include "push/stream.h"

/* The thread: looks who has something to be told, sends, keeps what became of it, waits.  A subscription has one delivery under way at most,
 * which keeps its order; everything it waits for is its own, so nobody waits for another's consumer. */

enum { WAIT_MAX_US = 300000000, POLL_MS = 100, LOOK_US = 2000000 };

/* ---- beginning a delivery ---- */

static struct flight *flight_new(struct sub *s)
{
        struct arena *a = arena_new();
        struct flight *f = arena_alloc(a, sizeof *f);
        f->arena = a;
        f->sub = s;
        f->body.max = 64 * 1024 * 1024;
        return f;
}

/* Half of the wait is drawn, so that subscriptions of one consumer do not come back all at once. */
static void wait_longer(struct push *p, struct sub *s)
{
        uint32_t draw;
        int64_t wait = p->retry_us << (s->s.failures < 20 ? s->s.failures : 20);
        random_bytes(&draw, sizeof draw);
        if (wait > WAIT_MAX_US)
                wait = WAIT_MAX_US;
        s->retry_us = clock_mono_us() + wait / 2 + (int64_t)(draw % (uint32_t)(wait / 2 + 1));
}

static void failed(struct push *p, struct sub *s, const char *why)
{
        wait_longer(p, s);
        s->s.failures++;
        places_back(s);
        s->look = true;
        s->s.last_error = str_of(why);
        p->n_failed++;
}

static struct outcome_row *row_of(struct arena *a, struct sub *s, bool sent, size_t n, struct outcome_row *list)
{
        struct outcome_row *o = arena_alloc(a, sizeof *o);
        *o = (struct outcome_row){ s, sent, n, list };
        return o;
}

/* A scheduled run has told all it had. */
static bool run_over(struct sub *s)
{
        if (!s->running || !places_over(s))
                return false;
        s->running = false;
        s->run_told = false;
        s->s.next_us = schedule_next(&s->schedule, clock_now_us());
        return true;
}

/* Nothing (more) to tell: what was looked at need not be looked at again. */
static struct outcome_row *nothing(struct sub *s, struct arena *round, struct outcome_row *list)
{
        enum { KEEP_EVERY = 10000 };
        bool over = run_over(s);
        if (!over && places_ahead(s) < KEEP_EVERY)
                return list;
        places_take(s);
        return row_of(round, s, true, 0, list);
}

static struct outcome_row *tell(struct push *p, struct sub *s, struct arena *round, struct outcome_row *list)
{
        struct err e = { 0 };
        struct flight *f = flight_new(s);
        int rc = batch_collect(p, s, f, &e);
        if (rc == 0 && s->running && places_over(s) && s->s.report_if_empty && !s->run_told) {
                batch_write_empty(f, s);
                rc = 1;
        }
        if (rc == 1 && deliver_begin(p, s, f) == 0) {
                s->flight = f;
                p->in_flight++;
                return list;
        }
        if (rc == 0) {
                list = nothing(s, round, list);
        } else {
                if (rc < 0)
                        log_err(LOG_ERROR, "push.collect", &e);
                failed(p, s, arena_cstr(round, str_of(rc < 0 ? "the events could not be read" : f->error)));
                list = row_of(round, s, false, 0, list);
        }
        flight_free(p, f);
        return list;
}

static bool due(const struct push *p, const struct sub *s)
{
        if (s->flight || s->gone || p->in_flight >= IN_FLIGHT || s->retry_us > clock_mono_us())
                return false;
        return s->s.schedule.n ? s->running || (s->s.next_us && s->s.next_us <= clock_now_us()) : s->look;
}

/* ---- the end of a delivery ---- */

static const char *why_not(const struct flight *f, CURLcode rc, long status, struct arena *a)
{
        if (f->refused)
                return "the name leads to an address that is private, local or not globally reachable; the operator can allow it (--push-allow)";
        if (status)
                return arena_printf(a, "the consumer answered %ld%s", status, status == 413 ? " to a single event" : "").p;
        return arena_printf(a, "%.200s", *f->error ? f->error : curl_easy_strerror(rc)).p;
}

static struct outcome_row *landed(struct push *p, struct flight *f, CURLcode rc, struct arena *round, struct outcome_row *list)
{
        struct sub *s = f->sub;
        long status = 0;
        curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
        bool sent = status >= 200 && status < 300;
        if (sent) {
                places_take(s);
                s->s.sent_us = clock_now_us();
                s->s.failures = 0;
                s->s.delivered += (int64_t)f->n;
                s->batch = s->batch * 2 < BATCH_EVENTS ? s->batch * 2 : BATCH_EVENTS;
                s->run_told = true;
                s->look = true;         /* there may be more */
                run_over(s);
                p->n_sent++;
                p->n_events += f->n;
        } else if (status == 413 && f->n > 1) {
                s->batch = f->n / 2;
                places_back(s);
                s->look = true;
                return list;
        } else {
                failed(p, s, why_not(f, rc, status, round));
        }
        return row_of(round, s, sent, f->n, list);
}

static struct outcome_row *collect_landed(struct push *p, struct arena *round, struct outcome_row *list)
{
        CURLMsg *m;
        int left;
        while ((m = curl_multi_info_read(p->multi, &left))) {
                struct flight *f;
                if (m->msg != CURLMSG_DONE)
                        continue;
                curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&f);
                list = landed(p, f, m->data.result, round, list);
                f->sub->flight = NULL;
                p->in_flight--;
                flight_free(p, f);
        }
        return list;
}

/* ---- the loop ---- */

static void forget_gone(struct push *p)
{
        for (struct sub **at = &p->subs; *at;) {
                struct sub *s = *at;
                if (!s->gone) {
                        at = &s->next;
                        continue;
                }
                if (s->flight) {
                        p->in_flight--;
                        flight_free(p, s->flight);
                }
                *at = s->next;
                sub_free(s);
        }
}

/* A district that has got another organisation, or lost one, brings no event. */
static void look_at_districts(struct push *p, struct arena *round)
{
        for (struct sub *s = p->subs; s; s = s->next)
                s->look = s->look || places_changed(p, round, s);
}

static void reload(struct push *p, struct arena *round)
{
        struct err e = { 0 };
        int changed = atomic_exchange(&p->changed, false);
        if (!changed && clock_mono_us() >= p->look_us) {
                look_at_districts(p, round);
                changed = rows_changed(p, &e);
                if (changed < 0)
                        log_err(LOG_ERROR, "push.look", &e);
                p->look_us = clock_mono_us() + LOOK_US;
        }
        if (changed <= 0)
                return;
        if (rows_load(p, &e) < 0) {
                log_err(LOG_ERROR, "push.load", &e);
                p->changed = true;
                return;
        }
        forget_gone(p);
}

static void count(struct push *p)
{
        uint64_t n = 0, failing = 0;
        for (const struct sub *s = p->subs; s; s = s->next) {
                n++;
                failing += s->s.failures > 0;
        }
        p->n_subs = n;
        p->n_failing = failing;
}

/* While another process delivers, what we know of marks goes stale. */
static void let_go(struct push *p)
{
        for (struct sub *s = p->subs; s; s = s->next)
                s->gone = true;
        forget_gone(p);
}

static bool my_turn(struct push *p)
{
        struct err e = { 0 };
        if (!p->subs || p->mine_until_us > clock_mono_us())
                return p->mine;
        bool before = p->mine;
        if (rows_turn(p, &e) < 0)
                log_err(LOG_ERROR, "push.turn", &e);
        if (before != p->mine) {
                let_go(p);
                p->changed = true;
        }
        return p->mine;
}

static void round_once(struct push *p, struct arena *round)
{
        struct outcome_row *list = NULL;
        struct err e = { 0 };
        int running;
        curl_multi_perform(p->multi, &running);
        list = collect_landed(p, round, list);
        uint64_t now = store_change_now(p->store);
        bool news = now != p->seen;
        p->seen = now;
        for (struct sub *s = p->subs; s; s = s->next) {
                s->look = s->look || news;
                if (due(p, s))
                        list = tell(p, s, round, list);
        }
        if (rows_keep(p, list, &e) < 0)
                log_err(LOG_ERROR, "push.keep", &e);    /* told again after a restart: at least once */
        for (struct outcome_row *o = list; o; o = o->next)
                o->sub->s.last_error = STR_NONE;        /* lived in the round's arena */
        curl_multi_perform(p->multi, &running);
}

static void *run(void *ctx)
{
        struct push *p = ctx;
        struct arena *round = arena_new();
        while (!p->stop) {
                int n;
                reload(p, round);
                if (my_turn(p))
                        round_once(p, round);
                count(p);
                arena_reset(round);
                curl_multi_poll(p->multi, NULL, 0, p->subs || p->changed ? POLL_MS : LOOK_US / 1000, &n);
        }
        arena_free(round);
        return NULL;
}

/* ---- beginning and end ---- */

int push_start(const struct service *v, const struct push_options *o, struct push **ret, struct err *reterr)
{
        struct push *p = or_abort(calloc(1, sizeof *p));
        (void)reterr;
        p->store = v->store;
        p->ledger = v->ledger;
        p->guard = (struct guard){ o->allow, o->n_allow };
        p->sees = o->sees;
        p->sees_ctx = o->sees_ctx;
        p->retry_us = (o->retry_ms < 1 ? 1 : o->retry_ms > 300000 ? 300000 : o->retry_ms) * 1000;
        p->changed = true;
        store_holder(p->store, p->me, sizeof p->me);
        curl_global_init(CURL_GLOBAL_DEFAULT);
        p->multi = or_abort(curl_multi_init());
        if (pthread_create(&p->thread, NULL, run, p) != 0)
                or_abort(NULL);
        pthread_setname_np(p->thread, "push");
        p->streams = streams_new(p);
        *ret = p;
        return 0;
}

void push_end_streams(struct push *p)
{
        if (!p || p->streams_ended)
                return;
        streams_end(p->streams);
        p->streams_ended = true;
}

void push_stop(struct push *p)
{
        if (!p)
                return;
        push_end_streams(p);
        streams_free(p->streams);
        p->stop = true;
        push_wake(p);
        pthread_join(p->thread, NULL);
        let_go(p);
        curl_multi_cleanup(p->multi);
        free(p);
}

void push_reload(struct push *p)
{
        if (!p)
                return;
        p->changed = true;
        push_wake(p);
}

void push_wake(struct push *p)
{
        curl_multi_wakeup(p->multi);
}

static void figure(struct buf *b, const char *name, const char *kind, const char *about, uint64_t v)
{
        buf_printf(b, "# HELP suyuan_%s %s\n# TYPE suyuan_%s %s\nsuyuan_%s %llu\n", name, about, name, kind, name, (unsigned long long)v);
}

void push_metrics(struct push *p, struct buf *out)
{
        if (!p)
                return;
        figure(out, "streams_waiting", "gauge", "Askers that wait for new events (Server-Sent Events).", streams_count(p->streams));
        figure(out, "subscriptions", "gauge", "Subscriptions of all organisations.", p->n_subs);
        figure(out, "subscriptions_failing", "gauge", "Subscriptions whose last delivery was not taken.", p->n_failing);
        figure(out, "deliveries_total", "counter", "Deliveries that consumers took.", p->n_sent);
        figure(out, "deliveries_failed_total", "counter", "Deliveries that were not taken.", p->n_failed);
        figure(out, "delivered_events_total", "counter", "Events in deliveries that were taken.", p->n_events);
}
