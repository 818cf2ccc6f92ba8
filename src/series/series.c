#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/oom.h"
#include "series/series_impl.h"

/* Beginning and end, and the callers' side of the queue. */

enum { WRITER_CACHE_KIB = 64 * 1024 };

int64_t series_now_ms(const struct series *x)
{
        return x->o.now_ms ? x->o.now_ms(x->o.ctx) : clock_now_us() / 1000;
}

/* ---- handing over ---- */

static int by_number(const void *a, const void *b)
{
        const int64_t *x = a, *y = b;
        return (*x > *y) - (*x < *y);
}

/* Distinct hours of devices, counted only where a device's readings jump about. */
static bool too_many_hours(struct arena *a, const struct batch_view *v)
{
        if (v->turns <= LIMIT_BATCH_HOURS)
                return false;
        int64_t *slots = arena_array(a, int64_t, v->n + 1);
        size_t n = 0, distinct = 0;
        for (size_t i = 0; i < v->n_devices; i++) {
                struct batch_cursor c = batch_begin(&v->devices[i]);
                struct batch_item x;
                while (batch_next(&c, v, &x))
                        slots[n++] = block_slot((uint32_t)i, x.t_ms / HOUR_MS);
        }
        qsort(slots, n, sizeof *slots, by_number);
        for (size_t i = 0; i < n; i++)
                distinct += i == 0 || slots[i] != slots[i - 1];
        return distinct > LIMIT_BATCH_HOURS;
}

/* While the journal cannot be moved there is room in it for some time, not for ever; a bulk batch would have to go behind it. */
static bool movable(struct series *x, const struct batch_view *v)
{
        if (!atomic_load(&x->flush_again_us))
                return true;
        return v->n <= LIMIT_SERIES_BULK && atomic_load(&x->queue_journal) < (uint64_t)LIMIT_SERIES_JOURNAL_TIMES * LIMIT_SERIES_JOURNAL_ROWS &&
               atomic_load(&x->queue_readings) < (uint64_t)LIMIT_SERIES_JOURNAL_TIMES * LIMIT_SERIES_JOURNAL_READINGS;
}

int series_submit(struct series *x, struct series_job *job, struct err *reterr)
{
        job->err = (struct err){ 0 };
        job->next = NULL;
        if (batch_open(job->arena, job->bytes, &job->view, reterr) < 0)
                return -1;
        if (too_many_hours(job->arena, job->view))
                return err_set(reterr, ERR_BAD_INPUT, "the readings of one batch fall into at most %d hours of devices; send it in parts", LIMIT_BATCH_HOURS);
        if (!known_room(x, job->view))
                return err_set(reterr, ERR_BAD_INPUT, "there are already %d different names of devices or of channels", LIMIT_SERIES_NAMES);
        if (!movable(x, job->view))
                return err_set(reterr, ERR_BUSY, "readings cannot be moved into their blocks for now, the server's log says why, and no more of them fit before it; try again later");
        pthread_mutex_lock(&x->mutex);
        bool full = x->first && x->queue_bytes + job->bytes.n > LIMIT_SERIES_QUEUE_BYTES;
        assert(!x->stop);
        if (!full) {
                *x->last = job;
                x->last = &job->next;
                x->queue_bytes += job->bytes.n;
                atomic_fetch_add(&x->queue_jobs, 1);
                pthread_cond_signal(&x->queued);
        }
        pthread_mutex_unlock(&x->mutex);
        return full ? err_set(reterr, ERR_BUSY, "more is waiting to be written than fits; try again shortly") : 0;
}

struct waiting { pthread_mutex_t mutex; pthread_cond_t answered; bool done; };

static void wake(struct series_job *job, void *ctx)
{
        struct waiting *w = ctx;
        (void)job;
        pthread_mutex_lock(&w->mutex);
        w->done = true;
        pthread_cond_signal(&w->answered);
        pthread_mutex_unlock(&w->mutex);
}

int series_append(struct series *x, struct str bytes, struct err *reterr)
{
        struct waiting w = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
        struct series_job job = { .bytes = bytes, .arena = arena_new(), .done = wake, .ctx = &w };
        int rc = series_submit(x, &job, reterr);
        if (rc == 0) {
                pthread_mutex_lock(&w.mutex);
                while (!w.done)
                        pthread_cond_wait(&w.answered, &w.mutex);
                pthread_mutex_unlock(&w.mutex);
                rc = job.err.kind ? -1 : 0;
                if (rc < 0 && reterr)
                        *reterr = job.err;
        }
        arena_free(job.arena);
        return rc;
}

int series_act(struct series *x, series_change *act, void *ctx, struct err *reterr)
{
        struct err e = { 0 };
        struct change c = { .act = act, .ctx = ctx, .err = &e };
        pthread_mutex_lock(&x->mutex);
        assert(!x->stop);
        *x->last_change = &c;
        x->last_change = &c.next;
        pthread_cond_signal(&x->queued);
        while (!c.done)
                pthread_cond_wait(&x->changed, &x->mutex);
        pthread_mutex_unlock(&x->mutex);
        if (c.rc < 0 && reterr)
                *reterr = e;
        return c.rc;
}

int series_settle(struct series *x, struct err *reterr)
{
        return series_act(x, NULL, NULL, reterr);
}

void series_stats(struct series *x, struct series_stats *ret)
{
        *ret = (struct series_stats){ .commits = atomic_load(&x->commits), .batches = atomic_load(&x->batches), .readings = atomic_load(&x->readings),
                                      .duplicates = atomic_load(&x->duplicates), .conflicts = atomic_load(&x->conflicts), .late = atomic_load(&x->late),
                                      .expired = atomic_load(&x->expired), .queue_jobs = atomic_load(&x->queue_jobs), .journal_rows = atomic_load(&x->queue_journal),
                                      .flushes = atomic_load(&x->flushes), .flush_failures = atomic_load(&x->flush_failures),
                                      .flush_us_total = atomic_load(&x->flush_us), .commit_us_total = atomic_load(&x->commit_us) };
}

/* ---- beginning and end ---- */

static void locks_begin(struct series *x)
{
        pthread_condattr_t monotonic;
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&x->queued, &monotonic);
        pthread_condattr_destroy(&monotonic);
        pthread_cond_init(&x->changed, NULL);
        pthread_mutex_init(&x->mutex, NULL);
        pthread_rwlock_init(&x->names_lock, NULL);
}

static int open_all(struct series *x, struct err *reterr)
{
        char path[PATH_BYTES];
        struct db_options write = { .mode = DB_WRITE, .cache_kib = WRITER_CACHE_KIB, .space = "series" };
        struct db_options read = { .mode = DB_READ, .cache_kib = x->o.cache_kib, .space = "series" };
        store_beside(x->store, "series", path);
        if (db_open(path, &write, &x->db, reterr) < 0 || store_upgrade(x->db, NULL, series_steps, n_series_steps, reterr) < 0)
                return -1;
        if (!store_shared(x->store) && log_keeper_start(path, x->db, &log_bounds_default, &x->keeper, reterr) < 0)
                return -1;
        return pool_open(path, &read, x->o.readers, &x->pool, reterr);
}

static int nothing(struct series *x, void *ctx, struct err *reterr)
{
        (void)x, (void)ctx, (void)reterr;
        return 0;
}

static void free_all(struct series *x)
{
        pool_close(x->pool);
        log_keeper_stop(x->keeper);
        db_close(x->db);
        known_end(x);
        said_end(x);
        arena_free(x->arena);
        pthread_cond_destroy(&x->queued);
        pthread_cond_destroy(&x->changed);
        pthread_mutex_destroy(&x->mutex);
        pthread_rwlock_destroy(&x->names_lock);
        free(x);
}

int series_open(struct store *s, const struct series_options *o, struct series **ret, struct err *reterr)
{
        struct series *x = or_abort(calloc(1, sizeof *x));
        x->store = s;
        x->o = *o;
        x->arena = arena_new();
        x->last = &x->first;
        x->last_change = &x->changes;
        locks_begin(x);
        if (open_all(x, reterr) < 0 || series_transact(x, nothing, NULL, reterr) < 0) {
                free_all(x);
                return err_while(reterr, "opening the series");
        }
        if (pthread_create(&x->thread, NULL, series_write, x) != 0)
                or_abort(NULL);
        pthread_setname_np(x->thread, "series");
        *ret = x;
        return 0;
}

void series_close(struct series *x)
{
        if (!x)
                return;
        pthread_mutex_lock(&x->mutex);
        x->stop = true;
        pthread_cond_signal(&x->queued);
        pthread_mutex_unlock(&x->mutex);
        pthread_join(x->thread, NULL);
        free_all(x);
}
