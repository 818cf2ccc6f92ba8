#include "series/series_impl.h"
#include "store/sql_names.h"

#include "base/clock.h"
#include "base/spread.h"

/* A row a commit: the batches as they came, each with its length before it. */

int64_t journal_bit(struct str device)
{
        return (int64_t)(UINT64_C(1) << (spread(device) >> 58));
}

static void add_job(struct pack *k, const struct series_job *job, struct batch_view *all, int64_t *devices)
{
        const struct batch_view *v = job->view;
        pack_str(k, job->bytes);
        all->n += v->n;
        all->from_ms = v->from_ms < all->from_ms ? v->from_ms : all->from_ms;
        all->to_ms = v->to_ms > all->to_ms ? v->to_ms : all->to_ms;
        for (size_t i = 0; i < v->n_devices; i++)
                *devices |= journal_bit(v->devices[i].name);
}

int journal_add(struct series *x, struct series_job *const *jobs, size_t n, struct err *reterr)
{
        struct batch_view all = { .from_ms = INT64_MAX, .to_ms = -1 };
        struct pack k = { .a = x->arena };
        int64_t devices = 0;
        for (size_t i = 0; i < n; i++)
                add_job(&k, jobs[i], &all, &devices);
        if (all.n == 0)
                return 0;
        if (db_run(x->db, SQL_series_journal_add, DB_ARGS(db_i(x->journal_n + 1), db_i(series_now_ms(x)), db_i((int64_t)all.n), db_i(all.from_ms), db_i(all.to_ms),
                                                          db_i(devices), db_b(k.p, k.n)), reterr) < 0)
                return -1;
        if (x->journal_rows == 0)
                x->journal_since_us = clock_mono_us();
        x->journal_n++;
        x->journal_rows++;
        x->journal_readings += (int64_t)all.n;
        return 0;
}

int journal_row_each(struct arena *a, struct str batches, int64_t received_ms, journal_batch *each, void *ctx, struct err *reterr)
{
        struct unpack u = unpack_of(batches);
        while (unpack_left(&u)) {
                struct batch_view v;
                struct str bytes = unpack_str(&u, unpack_left(&u));
                if (u.bad || batch_front(a, bytes, &v, reterr) < 0)
                        return err_set(reterr, ERR_STORE, "the journal of readings is damaged; run `suyuan check` and restore a copy");
                if (each(ctx, &v, received_ms, reterr) < 0)
                        return -1;
        }
        return 0;
}
