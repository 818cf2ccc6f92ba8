#include "base/background.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "series/flush_impl.h"

/* The one thread that writes: commits what has queued, moves the journal into blocks, seals what is due. */

enum {
        TRIES = 6,                      /* of a transaction that db_again says may succeed */
        GROUP_JOBS = 512,
        GROUP_BULK_READINGS = 2 * LIMIT_BATCH_READINGS,         /* bulk batches that go into one transaction */
        SEAL_HOURS = 512,               /* sealed in one transaction */
        SEAL_EVERY_US = 5 * 1000 * 1000,
        FIRST_WAIT_US = 1000 * 1000     /* after a flush that failed; then twice as long each time */
};

struct job_group {
        struct series *x;
        struct series_job *jobs[GROUP_JOBS], *good[GROUP_JOBS];        /* good: those that are not refused */
        size_t n, n_good;
        bool bulk;
        struct flush flush;
        int64_t received_ms;
};

/* ---- transactions ---- */

static int transact_once(struct series *x, writing *act, void *ctx, struct err *reterr)
{
        if (db_begin(x->db, reterr) < 0)
                return -1;
        int rc = known_follow(x, reterr);
        if (rc == 0)
                rc = act(x, ctx, reterr);
        if (rc < 0)
                db_rollback(x->db);
        int64_t before = clock_mono_us();
        if (rc == 0)
                rc = db_commit(x->db, reterr);
        atomic_fetch_add(&x->commit_us, (uint64_t)(clock_mono_us() - before));
        if (rc < 0)
                known_forget(x);
        return rc < 0 ? -1 : 0;
}

int series_transact(struct series *x, writing *act, void *ctx, struct err *reterr)
{
        struct err e = { 0 };
        int rc = transact_once(x, act, ctx, &e);
        for (int i = 1; rc < 0 && i < TRIES && db_again(x->db); i++) {
                e = (struct err){ 0 };
                rc = transact_once(x, act, ctx, &e);
        }
        if (rc < 0 && reterr)
                *reterr = e;
        if (rc == 0 && x->keeper)
                log_keeper_committed(x->keeper);
        return rc;
}

/* ---- moving and sealing ---- */

/* Who names too many channels is refused alone. */
static int choose(struct job_group *g, struct err *reterr)
{
        g->n_good = 0;
        for (size_t i = 0; i < g->n; i++) {
                struct series_job *job = g->jobs[i];
                int rc = said_take(g->x, job->view, &job->err, reterr);
                if (rc < 0)
                        return -1;
                if (rc == 1)
                        g->good[g->n_good++] = job;
        }
        return 0;
}

static int act_flush(struct series *x, void *ctx, struct err *reterr)
{
        struct job_group *g = ctx;
        if (choose(g, reterr) < 0)
                return -1;
        flush_begin(x, &g->flush);
        return flush_all(&g->flush, g->good, g->n_good, reterr);
}

static int flush_group(struct job_group *g, struct err *reterr)
{
        int64_t before = clock_mono_us();
        if (series_transact(g->x, act_flush, g, reterr) < 0)
                return err_while(reterr, "moving readings into blocks");
        atomic_fetch_add(&g->x->flush_us, (uint64_t)(clock_mono_us() - before));
        flush_told(&g->flush);
        if (g->x->flush_wait_us)
                log_line(LOG_INFO, "series.flush", "what=\"readings move into blocks again\"");
        g->x->flush_wait_us = 0;
        atomic_store(&g->x->flush_again_us, 0);
        return 0;
}

static bool is_stuck(const struct series *x)
{
        return x->flush_wait_us && x->journal_rows > 0;
}

/* Told once; tries that were asked for before their time do not make the next wait longer. */
static void flush_failed(struct series *x, const struct err *e)
{
        if (!x->flush_wait_us)
                log_err(LOG_ERROR, "series.flush", e);
        if (clock_mono_us() >= atomic_load(&x->flush_again_us)) {
                int64_t wait = x->flush_wait_us ? 2 * x->flush_wait_us : FIRST_WAIT_US;
                x->flush_wait_us = wait < LIMIT_SERIES_RETRY_MS * INT64_C(1000) ? wait : LIMIT_SERIES_RETRY_MS * INT64_C(1000);
                atomic_store(&x->flush_again_us, clock_mono_us() + x->flush_wait_us);
        }
        atomic_fetch_add(&x->flush_failures, 1);        /* last: who sees it counted finds bulk batches refused */
}

static int flush_journal(struct series *x, struct err *reterr)
{
        struct job_group g = { .x = x };
        struct err e = { 0 };
        int rc = flush_group(&g, &e);
        arena_reset(x->arena);
        if (rc < 0) {
                flush_failed(x, &e);
                if (reterr)
                        *reterr = e;
        }
        return rc;
}

static int act_seal(struct series *x, void *ctx, struct err *reterr)
{
        int64_t *ret = ctx;
        *ret = seal_due(x, SEAL_HOURS, reterr);
        return *ret < 0 ? -1 : 0;
}

/* What was acknowledged of an hour before it is sealed belongs to it.  How many were sealed, -1. */
static int64_t seal_some(struct series *x, struct err *reterr)
{
        int64_t n = 0;
        int pending = seal_pending(x, reterr);
        if (pending <= 0)
                return pending;
        if (x->journal_rows && clock_mono_us() < atomic_load(&x->flush_again_us))
                return 0;
        if (x->journal_rows && flush_journal(x, reterr) < 0)
                return -1;
        int rc = series_transact(x, act_seal, &n, reterr);
        arena_reset(x->arena);
        return rc < 0 ? err_while(reterr, "sealing hours") : n;
}

static int settle(struct series *x, struct err *reterr)
{
        int64_t n;
        if (flush_journal(x, reterr) < 0)
                return -1;
        while ((n = seal_some(x, reterr)) == SEAL_HOURS)
                ;
        return n < 0 ? -1 : 0;
}

/* When the journal is to be moved. */
static int64_t flush_at_us(const struct series *x)
{
        int64_t again = atomic_load(&x->flush_again_us), at = x->journal_since_us + LIMIT_SERIES_JOURNAL_MS * INT64_C(1000);
        if (x->journal_rows == 0)
                return INT64_MAX;
        if (x->journal_rows >= LIMIT_SERIES_JOURNAL_ROWS || x->journal_readings >= LIMIT_SERIES_JOURNAL_READINGS)
                at = 0;
        return at > again ? at : again;
}

/* What failed is tried again later; nothing is lost by it. */
static void tidy(struct series *x)
{
        struct err e = { 0 };
        if (clock_mono_us() >= flush_at_us(x))
                flush_journal(x, NULL);
        if (clock_mono_us() < x->seal_at_us)
                return;
        int64_t n = seal_some(x, &e);
        if (n < 0 && !is_stuck(x))
                log_err(LOG_ERROR, "series.seal", &e);
        x->seal_at_us = n == SEAL_HOURS ? 0 : clock_mono_us() + SEAL_EVERY_US;
}

/* ---- changes ---- */

static int act_change(struct series *x, void *ctx, struct err *reterr)
{
        const struct change *c = ctx;
        return c->act(x->db, c->ctx, reterr);
}

/* Called and left with the mutex held. */
static void run_changes(struct series *x)
{
        while (x->changes) {
                struct change *c = x->changes;
                x->changes = c->next;
                if (!x->changes)
                        x->last_change = &x->changes;
                pthread_mutex_unlock(&x->mutex);
                int rc = c->act ? series_transact(x, act_change, c, c->err) : settle(x, c->err);
                arena_reset(x->arena);
                pthread_mutex_lock(&x->mutex);
                c->rc = rc;
                c->done = true;
                pthread_cond_broadcast(&x->changed);
        }
}

/* ---- jobs ---- */

static bool is_bulk(const struct series_job *job)
{
        return job->view->n > LIMIT_SERIES_BULK;
}

/* One job at least; small ones go into one row of the journal, large ones with whatever follows them into blocks. */
static void take_jobs(struct series *x, struct job_group *g)
{
        size_t bytes = 0, readings = 0;
        g->bulk = is_bulk(x->first);
        while (x->first && g->n < GROUP_JOBS) {
                struct series_job *job = x->first;
                bytes += job->bytes.n;
                readings += job->view->n;
                if (g->n && (g->bulk ? readings > GROUP_BULK_READINGS : bytes > LIMIT_BATCH_BYTES || is_bulk(job)))
                        break;
                x->first = job->next;
                job->next = NULL;
                x->queue_bytes -= job->bytes.n;
                g->jobs[g->n++] = job;
        }
        if (!x->first)
                x->last = &x->first;
}

static void wait_for_work(struct series *x)
{
        int64_t until = x->seal_at_us, full = flush_at_us(x);
        if (full < until)
                until = full;
        struct timespec t = { .tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000 };
        pthread_cond_timedwait(&x->queued, &x->mutex, &t);
}

/* False at the end.  Without jobs: it is time for other things. */
static bool take(struct series *x, struct job_group *g)
{
        pthread_mutex_lock(&x->mutex);
        run_changes(x);
        if (!x->first && !x->stop && clock_mono_us() < x->seal_at_us && clock_mono_us() < flush_at_us(x)) {
                wait_for_work(x);
                run_changes(x);
        }
        if (x->first)
                take_jobs(x, g);
        bool more = g->n || !x->stop;
        pthread_mutex_unlock(&x->mutex);
        atomic_fetch_sub(&x->queue_jobs, g->n);
        return more;
}

static int act_journal(struct series *x, void *ctx, struct err *reterr)
{
        struct job_group *g = ctx;
        return choose(g, reterr) < 0 ? -1 : journal_add(x, g->good, g->n_good, reterr);
}

static void tell(struct job_group *g, const struct err *e)
{
        struct series *x = g->x;
        for (size_t i = 0; i < g->n; i++) {
                struct series_job *job = g->jobs[i];
                if (job->err.kind == ERR_NONE)
                        job->err = *e;
                if (job->err.kind == ERR_NONE) {
                        atomic_fetch_add(&x->batches, 1);
                        atomic_fetch_add(&x->readings, job->view->n);
                        if (x->o.on_stored)
                                x->o.on_stored(x->o.ctx, job->view, g->received_ms);
                }
                job->done(job, job->ctx);       /* the job may be gone now */
        }
}

static void write_group(struct job_group *g)
{
        struct err e = { 0 };
        g->received_ms = series_now_ms(g->x);
        int rc = g->bulk ? flush_group(g, &e) : series_transact(g->x, act_journal, g, &e);
        if (rc < 0)
                log_err(LOG_ERROR, "series.write", &e);
        else
                atomic_fetch_add(&g->x->commits, 1);
        if (rc < 0 && e.kind == ERR_NONE)
                e.kind = ERR_INTERNAL;
        tell(g, &e);
        arena_reset(g->x->arena);
}

void *series_write(void *series)
{
        struct series *x = series;
        background_thread();
        for (;;) {
                struct job_group g = { .x = x };
                if (!take(x, &g))
                        return NULL;
                if (g.n)
                        write_group(&g);
                tidy(x);
                atomic_store(&x->queue_journal, (uint64_t)x->journal_rows);
                atomic_store(&x->queue_readings, (uint64_t)x->journal_readings);
        }
}
