#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/background.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "ledger/erase.h"
#include "ledger/leaf.h"
#include "ledger/ledger_impl.h"

/* The queue and the one writer's thread (docs/design/write-path.md). */

#define QUEUE_BYTES (48u << 20)         /* what waiting jobs may hold in memory; one job is always taken */

struct change {                         /* on the stack of who waits for it */
        ledger_change *act;
        void *ctx;
        struct err *err;
        int rc;
        bool done;
        struct change *next;
};

struct ledger {
        struct store *store;
        struct views views;             /* the writer's thread, but for the caches' keys */
        struct arena *arena;            /* of the group being written */
        pthread_t thread;

        pthread_mutex_t mutex;          /* guards the queue */
        pthread_cond_t queued, changed;
        struct ledger_job *first, **last;
        struct change *changes, **last_change;
        size_t queue_bytes;
        bool stop;

        _Atomic uint64_t commits, events, known, refused, queue_jobs, batch_events_max, commit_us;
};

/* ---- taking what has queued ---- */

static size_t events_of(const struct ledger_job *job)
{
        return ((const struct prepared *)job->prepared)->n;
}

enum { TRIES = 6 };     /* of a transaction that db_again says may succeed */

static int run_change_once(struct ledger *l, const struct change *c)
{
        struct db *db = l->views.db;
        if (db_begin(db, c->err) < 0)
                return -1;
        int rc = c->act(db, c->ctx, c->err);
        if (rc < 0)
                db_rollback(db);
        else
                rc = db_commit(db, c->err);
        if (rc < 0)
                log_forget(&l->views);
        return rc < 0 ? -1 : 0;
}

static int run_change(struct ledger *l, const struct change *c)
{
        int rc = run_change_once(l, c);
        for (int i = 1; rc < 0 && i < TRIES && db_again(l->views.db); i++) {
                *c->err = (struct err){ 0 };
                rc = run_change_once(l, c);
        }
        if (rc == 0)
                store_committed(l->store);
        return rc;
}

/* Called and left with the mutex held. */
static void run_changes(struct ledger *l)
{
        while (l->changes) {
                struct change *c = l->changes;
                l->changes = c->next;
                if (!l->changes)
                        l->last_change = &l->changes;
                pthread_mutex_unlock(&l->mutex);
                int rc = run_change(l, c);
                pthread_mutex_lock(&l->mutex);
                c->rc = rc;
                c->done = true;
                pthread_cond_broadcast(&l->changed);
        }
}

/* Jobs for one transaction: up to LIMIT_WRITE_BATCH events, one job at least.  0 when the ledger ends. */
static size_t take(struct ledger *l, struct ledger_job **jobs, size_t max)
{
        size_t n = 0, events = 0;
        pthread_mutex_lock(&l->mutex);
        run_changes(l);
        while (!l->first && !l->stop) {
                pthread_cond_wait(&l->queued, &l->mutex);
                run_changes(l);
        }
        while (l->first && n < max && (n == 0 || events + events_of(l->first) <= LIMIT_WRITE_BATCH)) {
                struct ledger_job *job = l->first;
                l->first = job->next;
                job->next = NULL;
                events += events_of(job);
                l->queue_bytes -= ((struct prepared *)job->prepared)->bytes;
                jobs[n++] = job;
        }
        if (!l->first)
                l->last = &l->first;
        pthread_mutex_unlock(&l->mutex);
        atomic_fetch_sub(&l->queue_jobs, n);
        return n;
}

static void gather_job(struct group *g, struct ledger_job *job, size_t at)
{
        struct prepared *p = job->prepared;
        for (size_t i = 0; i < p->n; i++, at++) {
                g->batch.entries[at] = &p->entries[i];
                g->batch.entries[at]->org = views_state(g->views, job->org);
                g->event_of[at] = &p->events[i];
                g->job_of[at] = job;
        }
}

static void gather_copies(struct group *g, struct ledger_job *job, size_t first)
{
        struct prepared *p = job->prepared;
        for (size_t i = 0; i < p->n_copies; i++) {
                struct org_state *to = views_state(g->views, p->copies[i].org);
                if (!to)
                        continue;
                size_t at = g->batch.n++;
                g->batch.entries[at] = &p->copies[i].entry;
                g->batch.entries[at]->org = to;
                g->event_of[at] = &p->copies[i].event;
                g->job_of[at] = job;
                g->shared[at - g->n_own] = (struct shared){ .original = first + p->copies[i].of };
        }
}

static void gather(struct ledger *l, struct group *g)
{
        size_t n = 0, copies = 0, at = 0, slots = 64;
        for (size_t j = 0; j < g->n_jobs; j++) {
                n += events_of(g->jobs[j]);
                copies += ((const struct prepared *)g->jobs[j]->prepared)->n_copies;
        }
        while (slots < 2 * (n + copies))
                slots *= 2;
        g->n_own = n;
        g->batch = (struct batch){ .arena = l->arena, .n = n, .telling = true, .entries = arena_array(l->arena, struct entry *, n + copies + 1) };
        g->job_of = arena_array(l->arena, struct ledger_job *, n + copies + 1);
        g->event_of = arena_array(l->arena, struct prepared_event *, n + copies + 1);
        g->shared = arena_array(l->arena, struct shared, copies + 1);
        g->once = arena_array(l->arena, uint32_t, slots);
        g->name = arena_array(l->arena, uint32_t, slots);
        g->mask = slots - 1;
        for (size_t j = 0; j < g->n_jobs; at += events_of(g->jobs[j++]))
                gather_job(g, g->jobs[j], at);
        at = 0;
        for (size_t j = 0; j < g->n_jobs; at += events_of(g->jobs[j++]))
                gather_copies(g, g->jobs[j], at);
}

/* ---- one transaction ---- */

/* Pages of a query end at a record time (query/run.h), so no commit may bear that of an earlier one. */
static void later_than_before(struct group *g)
{
        for (size_t i = 0; i < g->views->n_states; i++)
                if (g->now_us <= g->views->states[i].record_us)
                        g->now_us = g->views->states[i].record_us + 1;
}

/* Of all organisations that are written: those of the jobs and those that get copies. */
static int take_turns(struct ledger *l, struct group *g)
{
        int64_t *orgs = arena_array(l->arena, int64_t, g->n_jobs + g->batch.n + 1);
        size_t n = 0;
        for (size_t j = 0; j < g->n_jobs; j++)
                if (!n || orgs[n - 1] != g->jobs[j]->org)
                        orgs[n++] = g->jobs[j]->org;
        for (size_t i = g->n_own; i < g->batch.n; i++)
                if (orgs[n - 1] != g->batch.entries[i]->org->org->id)
                        orgs[n++] = g->batch.entries[i]->org->org->id;
        return views_take_turns(&l->views, orgs, n, false, g->err);
}

static int write_group(struct ledger *l, struct group *g)
{
        struct db *db = l->views.db;
        if (db_begin(db, g->err) < 0)
                return -1;
        int rc = take_turns(l, g);
        if (rc == 0) {
                later_than_before(g);
                rc = group_write(g);
        }
        if (rc < 0) {
                db_rollback(db);
                return -1;
        }
        int64_t before = clock_mono_us();
        if (db_commit(db, g->err) < 0)
                return err_while(g->err, "committing");
        atomic_fetch_add(&l->commit_us, (uint64_t)(clock_mono_us() - before));
        return 0;
}

static void add_up(struct ledger *l, const struct group *g)
{
        uint64_t kept = 0;
        for (size_t j = 0; j < g->n_jobs; j++) {
                kept += g->jobs[j]->captured;
                atomic_fetch_add(&l->known, g->jobs[j]->known);
                atomic_fetch_add(&l->refused, g->jobs[j]->refused);
        }
        atomic_fetch_add(&l->commits, 1);
        atomic_fetch_add(&l->events, kept);
        if (kept > atomic_load(&l->batch_events_max))
                atomic_store(&l->batch_events_max, kept);
}

/* What was numbered in a transaction that is gone must be forgotten. */
static void forget(struct ledger *l, const struct org_state *before)
{
        memcpy(l->views.states, before, l->views.n_states * sizeof(*before));
        log_forget(&l->views);
        item_cache_clear(l->views.items);
        item_cache_clear(l->views.terms);
}

/* One try from the beginning: what an earlier one decided is forgotten. */
static int try_group(struct ledger *l, struct group *g, struct err *e)
{
        *e = (struct err){ 0 };
        g->now_us = clock_now_us();
        if (views_follow(&l->views, l->store, e) < 0)
                return -1;
        gather(l, g);
        struct org_state *before = arena_array(l->arena, struct org_state, l->views.n_states + 1);
        memcpy(before, l->views.states, l->views.n_states * sizeof(*before));
        if (write_group(l, g) == 0)
                return 0;
        forget(l, before);
        return -1;
}

static void run_group(struct ledger *l, struct group *g)
{
        struct err e = { 0 };
        g->err = &e;
        g->views = &l->views;
        int rc = try_group(l, g, &e);
        for (int i = 1; rc < 0 && i < TRIES && db_again(l->views.db); i++) {
                log_err(LOG_WARN, "ledger.again", &e);
                group_undecided(g);
                rc = try_group(l, g, &e);
        }
        if (rc < 0) {
                log_err(LOG_ERROR, "ledger.write", &e);
                group_failed(g, &e);
        } else {
                if (group_items_changed(g, l->store) < 0)
                        log_err(LOG_ERROR, "ledger.marks", &e);
                add_up(l, g);
        }
}

static void *run(void *ctx)
{
        struct ledger *l = ctx;
        struct ledger_job *jobs[LIMIT_WRITE_BATCH];
        size_t n;
        background_thread();
        while ((n = take(l, jobs, LIMIT_WRITE_BATCH)) > 0) {
                struct group g = { .jobs = jobs, .n_jobs = n };
                run_group(l, &g);
                for (size_t i = 0; i < n; i++)
                        jobs[i]->done(jobs[i], jobs[i]->ctx);   /* the job may be gone now */
                arena_reset(l->arena);
                store_committed(l->store);
        }
        return NULL;
}

/* ---- the callers' side ---- */

int ledger_submit(struct ledger *l, struct ledger_job *job, struct err *reterr)
{
        const struct org *org = store_org(l->store, job->org);
        if (!org)
                return err_set(reterr, ERR_NOT_FOUND, "there is no organisation %lld", (long long)job->org);
        job->captured = job->known = job->refused = 0;
        job->undone = false;
        job->err = (struct err){ 0 };
        job->next = NULL;
        job->capture_id[0] = '\0';
        if (job->keep_job) {
                char urn[46];
                uuid_urn(urn);
                memcpy(job->capture_id, urn + sizeof("urn:uuid:") - 1, 37);
        }
        job_prepare(l->store, &l->views, org, job);
        size_t bytes = ((struct prepared *)job->prepared)->bytes;

        pthread_mutex_lock(&l->mutex);
        bool full = l->first && l->queue_bytes + bytes > QUEUE_BYTES;
        assert(!l->stop);
        if (!full) {
                *l->last = job;
                l->last = &job->next;
                l->queue_bytes += bytes;
                atomic_fetch_add(&l->queue_jobs, 1);
                pthread_cond_signal(&l->queued);
        }
        pthread_mutex_unlock(&l->mutex);
        return full ? err_set(reterr, ERR_BUSY, "more is waiting to be written than fits; try again shortly") : 0;
}

struct waiting { pthread_mutex_t mutex; pthread_cond_t answered; bool done; };

static void wake(struct ledger_job *job, void *ctx)
{
        struct waiting *w = ctx;
        (void)job;
        pthread_mutex_lock(&w->mutex);
        w->done = true;
        pthread_cond_signal(&w->answered);
        pthread_mutex_unlock(&w->mutex);
}

int ledger_record(struct ledger *l, struct ledger_job *job, struct err *reterr)
{
        struct waiting w = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
        job->done = wake;
        job->ctx = &w;
        if (ledger_submit(l, job, reterr) < 0)
                return -1;
        pthread_mutex_lock(&w.mutex);
        while (!w.done)
                pthread_cond_wait(&w.answered, &w.mutex);
        pthread_mutex_unlock(&w.mutex);
        if (job->err.kind && reterr)
                *reterr = job->err;
        return job->err.kind ? -1 : 0;
}

int ledger_act(struct ledger *l, ledger_change *act, void *ctx, struct err *reterr)
{
        struct err e = { 0 };
        struct change c = { .act = act, .ctx = ctx, .err = &e };
        pthread_mutex_lock(&l->mutex);
        assert(!l->stop);
        *l->last_change = &c;
        l->last_change = &c.next;
        pthread_cond_signal(&l->queued);
        while (!c.done)
                pthread_cond_wait(&l->changed, &l->mutex);
        pthread_mutex_unlock(&l->mutex);
        if (c.rc < 0 && reterr)
                *reterr = e;
        return c.rc;
}

/* ---- statements ---- */

int ledger_state_in(struct ledger *l, const struct ledger_statement *s, int64_t *ret_n, struct err *reterr)
{
        if (views_follow(&l->views, l->store, reterr) < 0)
                return -1;
        return statement_record(&l->views, s, clock_now_us(), ret_n, reterr);
}

struct stating { struct ledger *ledger; const struct ledger_statement *statement; int64_t n; };

static int state(struct db *db, void *ctx, struct err *reterr)
{
        struct stating *x = ctx;
        (void)db;
        return ledger_state_in(x->ledger, x->statement, &x->n, reterr);
}

int ledger_state(struct ledger *l, const struct ledger_statement *s, int64_t *ret_n, struct err *reterr)
{
        struct stating x = { .ledger = l, .statement = s };
        if (ledger_act(l, state, &x, reterr) < 0)
                return -1;
        if (ret_n)
                *ret_n = x.n;
        return 0;
}

int ledger_erase_in(struct ledger *l, struct ledger_erasure *x, struct err *reterr)
{
        return views_follow(&l->views, l->store, reterr) < 0 ? -1 : views_erase(&l->views, l->store, x, reterr);
}

/* ---- beginning and end ---- */

int ledger_open(struct store *s, struct ledger **ret, struct err *reterr)
{
        struct ledger *l = or_abort(calloc(1, sizeof(*l)));
        l->store = s;
        if (views_open(&l->views, store_writer(s), s, reterr) < 0) {
                free(l);
                return -1;
        }
        if (views_complete(s, &l->views, reterr) < 0) {
                views_close(&l->views);
                free(l);
                return -1;
        }
        l->arena = arena_new();
        l->last = &l->first;
        l->last_change = &l->changes;
        pthread_cond_init(&l->changed, NULL);
        pthread_mutex_init(&l->mutex, NULL);
        pthread_cond_init(&l->queued, NULL);
        if (pthread_create(&l->thread, NULL, run, l) != 0)
                or_abort(NULL);
        pthread_setname_np(l->thread, "ledger");
        *ret = l;
        return 0;
}

void ledger_close(struct ledger *l)
{
        if (!l)
                return;
        pthread_mutex_lock(&l->mutex);
        l->stop = true;
        pthread_cond_signal(&l->queued);
        pthread_mutex_unlock(&l->mutex);
        pthread_join(l->thread, NULL);
        pthread_mutex_destroy(&l->mutex);
        pthread_cond_destroy(&l->changed);
        pthread_cond_destroy(&l->queued);
        arena_free(l->arena);
        views_close(&l->views);
        free(l);
}

void ledger_stats(struct ledger *l, struct ledger_stats *ret)
{
        *ret = (struct ledger_stats){ .commits = atomic_load(&l->commits), .events = atomic_load(&l->events), .known = atomic_load(&l->known),
                                      .refused = atomic_load(&l->refused), .queue_jobs = atomic_load(&l->queue_jobs),
                                      .batch_events_max = atomic_load(&l->batch_events_max), .commit_us_total = atomic_load(&l->commit_us) };
}
