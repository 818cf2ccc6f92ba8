#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "access/access_impl.h"
#include "base/background.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/oom.h"

/* What others recorded about an organisation before it, or an identifier of it, was registered (docs/design/sight.md).  What is to be done stands in
 * rows (store/shares.h), so a server that ends leaves its work to the next.  The first part of a registration's job is done before that is answered;
 * all else by one thread of the server, which gives way to captures.  A registration's job is followed by a look, SECOND_LOOK_S later, for what was
 * prepared before the identifier was known; each other process on the same database asks for one too, LOOK_S after it hears of it. */
enum { STEP_EVENTS = 256, FIRST_EVENTS = 64 * 1024, SECOND_LOOK_S = 8, LOOK_S = 1, FOLLOW_S = 2, AGAIN_S = 5 };
enum { LEASE_US = 15000000, KEEP_US = 1000000, YIELD_US = 200000 };

struct shares {
        char me[640];
        pthread_t thread;
        bool started;
        pthread_mutex_t mutex;          /* guards what follows */
        pthread_cond_t wake;
        bool asked, stop;
};

struct shares *shares_new(const struct access *x)
{
        struct shares *s = or_abort(calloc(1, sizeof *s));
        char holder[600];
        store_holder(x->store, holder, sizeof holder);
        snprintf(s->me, sizeof s->me, "%s command %ld", holder, (long)getpid());        /* until access_share_start */
        pthread_mutex_init(&s->mutex, NULL);
        pthread_cond_init(&s->wake, NULL);
        return s;
}

void shares_free(struct shares *s)
{
        if (!s)
                return;
        pthread_mutex_lock(&s->mutex);
        s->stop = true;
        pthread_cond_signal(&s->wake);
        pthread_mutex_unlock(&s->mutex);
        if (s->started)
                pthread_join(s->thread, NULL);
        pthread_mutex_destroy(&s->mutex);
        pthread_cond_destroy(&s->wake);
        free(s);
}

static void wake(struct shares *s)
{
        pthread_mutex_lock(&s->mutex);
        s->asked = true;
        pthread_cond_signal(&s->wake);
        pthread_mutex_unlock(&s->mutex);
}

/* Waits so long, or until there is news; false: it is to stop. */
static bool waited(struct shares *s, int64_t us)
{
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += us / 1000000;
        until.tv_nsec += us % 1000000 * 1000;
        if (until.tv_nsec >= 1000000000) {
                until.tv_nsec -= 1000000000;
                until.tv_sec++;
        }
        pthread_mutex_lock(&s->mutex);
        while (!s->stop && !s->asked && pthread_cond_timedwait(&s->wake, &s->mutex, &until) != ETIMEDOUT)
                ;
        s->asked = false;
        bool on = !s->stop;
        pthread_mutex_unlock(&s->mutex);
        return on;
}

/* ---- changes of the rows ---- */

struct changing { struct access *x; struct share_job *job; const int64_t *orgs; size_t n; int64_t org, *ret_n, due_us; const struct audit_row *row; int rc; };

static int keep(struct db *db, void *ctx, struct err *reterr)
{
        struct changing *c = ctx;
        return c->rc = share_job_keep(db, c->job, clock_now_us() + LEASE_US, reterr);
}

static int let_go(struct db *db, void *ctx, struct err *reterr)
{
        const struct changing *c = ctx;
        return share_job_let_go(db, c->job, c->due_us, reterr);
}

static int take(struct db *db, void *ctx, struct err *reterr)
{
        struct changing *c = ctx;
        struct share_job j = *c->job;
        int64_t now = clock_now_us();
        c->rc = share_job_take(db, &j, str_of(c->x->shares->me), now, now + LEASE_US, reterr);
        if (c->rc == 1)
                c->job[1] = j;          /* the first stays as it was, for another try */
        return c->rc < 0 ? -1 : 0;
}

static int end(struct db *db, void *ctx, struct err *reterr)
{
        struct changing *c = ctx;
        int64_t turn, now = clock_now_us();
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0)
                return -1;
        return c->rc = share_job_end(db, c->job, now, now + SECOND_LOOK_S * INT64_C(1000000), reterr);
}

static int take_back(struct db *db, void *ctx, struct err *reterr)
{
        const struct changing *c = ctx;
        return share_job_take_back(db, str_of(c->x->shares->me), !store_shared(c->x->store), reterr);
}

static int look(struct db *db, void *ctx, struct err *reterr)
{
        const struct changing *c = ctx;
        int64_t turn, now = clock_now_us();
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0)
                return -1;
        for (size_t i = 0; i < c->n; i++)
                if (share_job_look(db, c->orgs[i], STR("server"), now, now + LOOK_S * INT64_C(1000000), reterr) < 0)
                        return -1;
        return 0;
}

static int ask(struct db *db, void *ctx, struct err *reterr)
{
        const struct changing *c = ctx;
        int64_t turn;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 || share_job_ask(db, c->org, c->row->actor, clock_now_us(), c->ret_n, reterr) < 0)
                return -1;
        return audit_write(db, c->row, reterr);
}

int shares_look(struct access *x, const int64_t *orgs, size_t n, struct err *reterr)
{
        return ledger_act(x->ledger, look, &(struct changing){ .orgs = orgs, .n = n }, reterr);
}

int shares_register(struct access *x, struct db *db, int64_t org, struct str actor, struct share_job *ret, struct err *reterr)
{
        int64_t now = clock_now_us();
        return share_job_register(db, org, actor, str_of(x->shares->me), now, now + LEASE_US, ret, reterr);
}

int access_share(struct access *x, struct request *q, int64_t org, struct str code, int64_t *ret_n, struct err *reterr)
{
        struct audit_row row = { .org = org, .actor = caller_of(q)->actor, .address = access_address(q), .act = STR("share"), .target = code,
                                 .outcome = STR("ok"), .request = str_of(q->id) };
        struct changing c = { .org = org, .ret_n = ret_n, .row = &row };
        if (ledger_act(x->ledger, ask, &c, reterr) < 0)
                return -1;
        wake(x->shares);
        return 0;
}

/* ---- going on with one job ---- */

/* Captures wait: they go first, but not for ever. */
static void yield(struct access *x)
{
        struct ledger_stats s;
        int64_t until = clock_mono_us() + YIELD_US;
        for (ledger_stats(x->ledger, &s); s.queue_jobs && clock_mono_us() < until; ledger_stats(x->ledger, &s))
                nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
}

/* A second's work, or `*budget` events, and the row brought forward: 1 there is more, 0 it is done or ours no more, -1. */
static int part(struct access *x, struct share_job *job, int64_t *budget, bool gives_way, struct err *reterr)
{
        struct share_place at = { job->place >> 40, job->place & ((INT64_C(1) << 40) - 1) };
        struct changing c = { .x = x, .job = job };
        int64_t until = clock_mono_us() + KEEP_US;
        int more = 1;
        while (more == 1 && *budget > 0 && clock_mono_us() < until) {
                if (gives_way)
                        yield(x);
                more = ledger_share_earlier(x->ledger, x->store, job->org, job->n, &at, STEP_EVENTS, reterr);
                *budget -= STEP_EVENTS;
        }
        job->place = at.org << 40 | at.seq;
        if (more < 0 || ledger_act(x->ledger, more ? keep : end, &c, reterr) < 0)
                return -1;
        if (!more && c.rc == 1)
                job->done_us = clock_now_us();
        return more && c.rc == 1;
}

static void release(struct access *x, struct share_job *job, int64_t due_us)
{
        struct err e = { 0 };
        if (ledger_act(x->ledger, let_go, &(struct changing){ .job = job, .due_us = due_us }, &e) < 0)
                log_err(LOG_WARN, "access.share", &e);          /* then its time runs out */
}

void shares_first(struct access *x, const struct share_job *job, bool patient)
{
        struct share_job j = *job;
        struct err e = { 0 };
        int64_t budget = patient ? INT64_MAX : FIRST_EVENTS;
        int more = 1;
        while (more == 1 && budget > 0)
                more = part(x, &j, &budget, false, &e);
        if (more < 0)
                log_err(LOG_WARN, "access.share", &e);
        if (more)
                release(x, &j, clock_now_us());
        wake(x->shares);
}

/* ---- the server's thread ---- */

/* A job in `pair[1]`: 1, 0 none is due, -1. */
static int find(struct access *x, struct share_job pair[2], struct err *reterr)
{
        struct reader *r;
        struct changing c = { .x = x, .job = pair };
        if (reader_begin(x->store, &r, reterr) < 0)
                return -1;
        int rc = reader_share_due(r, clock_now_us(), &pair[0], reterr);
        reader_end(r);
        if (rc == 1 && ledger_act(x->ledger, take, &c, reterr) < 0)
                rc = -1;
        return rc == 1 ? c.rc : rc;
}

static void tell(const struct access *x, const struct share_job *j, const char *what)
{
        struct arena *a = arena_new();
        struct str code = store_org_code(x->store, a, j->org);
        /* A look that finds nothing is no news. */
        enum log_level level = j->kind != SHARE_LOOK || j->copied || *what == 'r' ? LOG_INFO : LOG_DEBUG;
        log_line(level, "access.share", "%s org=%.*s job=%lld copies=%lld", what, STR_ARG(code), (long long)j->n, (long long)j->copied);
        arena_free(a);
}

/* Until it is done, or we are to stop; -1: later. */
static int work(struct access *x, struct share_job *job, struct err *reterr)
{
        int64_t budget = INT64_MAX;
        int more = 1;
        /* It may be of an organisation that another process registered a moment ago.  Not access_refresh: admission reads under its lock, and we give way. */
        if (store_shared(x->store) && store_orgs_load(x->store, reterr) < 0)
                return -1;
        tell(x, job, job->place ? "resuming" : "begins");
        while (more == 1 && waited(x->shares, 0))
                more = part(x, job, &budget, true, reterr);
        if (more < 0)
                return -1;
        if (more)
                release(x, job, clock_now_us());
        tell(x, job, more ? "stops, and is gone on with later:" : job->done_us ? "done" : "left to another:");
        return 0;
}

static void *run(void *ctx)
{
        struct access *x = ctx;
        background_thread();
        do {
                struct share_job pair[2] = { 0 };
                struct err e = { 0 };
                int rc;
                while ((rc = find(x, pair, &e)) == 1 && (rc = work(x, &pair[1], &e)) == 0 && waited(x->shares, 0))
                        ;
                if (rc < 0) {
                        log_err(LOG_WARN, "access.share", &e);
                        if (pair[1].n)
                                release(x, &pair[1], clock_now_us() + AGAIN_S * INT64_C(1000000));
                }
        } while (waited(x->shares, FOLLOW_S * INT64_C(1000000)));
        return NULL;
}

int access_share_start(struct access *x, struct err *reterr)
{
        struct shares *s = x->shares;
        store_holder(x->store, s->me, sizeof s->me);
        if (ledger_act(x->ledger, take_back, &(struct changing){ .x = x }, reterr) < 0)
                return -1;
        if (pthread_create(&s->thread, NULL, run, x) != 0)
                or_abort(NULL);
        pthread_setname_np(s->thread, "share");
        s->started = true;
        return 0;
}
