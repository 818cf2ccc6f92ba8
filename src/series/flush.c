#include <stdlib.h>

#include "series/flush_impl.h"
#include "store/sql_names.h"

/* From the journal into blocks: what is touched is taken a few hundred hours at a time, whole days of a device together. */

enum { CHUNK_HOURS = 256, CONFLICTS_TOLD = 1000 };

/* ---- what is told afterwards ---- */

static void note_conflict(void *ctx, const struct point *said, const struct point *stands)
{
        struct flush *f = ctx;
        if (f->n_conflicts == CONFLICTS_TOLD)
                return;
        struct conflict *c = arena_alloc(f->x->arena, sizeof *c);
        *c = (struct conflict){ .said = { .device = f->x->devices.names[f->hour->device], .channel = f->x->channels.names[f->channel], .t_ms = f->hour->hour * HOUR_MS + said->t,
                                          .value = { said->m, said->scale }, .flag = said->flag }, .stands = { stands->m, stands->scale } };
        *f->last_conflict = c;
        f->last_conflict = &c->next;
        f->n_conflicts++;
}

/* ---- one hour ---- */

static int column_order(const void *a, const void *b)
{
        const struct gathered_column *x = a, *y = b;
        return (x->id > y->id) - (x->id < y->id);
}

static void note_last(struct flush *f, const struct column *c, uint64_t added)
{
        struct last *l = last_of(f, f->hour->device, c->id);
        int64_t at = f->hour->hour * HOUR_MS;
        l->n += (int64_t)added;
        if (c->n && at + c->p[0].t < l->first_ms)
                l->first_ms = at + c->p[0].t;
        for (uint32_t i = c->n; i-- > 0;)
                if (c->p[i].flag != FLAG_CLOCK) {
                        if (at + c->p[i].t >= l->last_ms) {
                                l->last_ms = at + c->p[i].t;
                                l->point = c->p[i];
                        }
                        return;
                }
}

static void merge_one(struct flush *f, struct column *into, struct gathered_column *from)
{
        uint64_t before = f->m.added;
        f->channel = into->id;
        if (!merge_column(&f->m, into, from))
                return;
        f->changed = true;
        uint64_t added = f->m.added - before;
        if (f->hour->received_ms >= (f->hour->hour + 1) * HOUR_MS + f->x->o.grace_ms)
                f->late += added;
        note_last(f, into, added);
        day_note(f, into);
}

/* The columns of what stands and of what came, together, ascending. */
static int merge_columns(struct flush *f, struct block *b, struct column *c, size_t *ret_n, struct err *reterr)
{
        struct gathered_hour *h = f->hour;
        size_t i = 0, n = 0;
        uint32_t j = 0;
        qsort(h->columns, h->n, sizeof *h->columns, column_order);
        while (i < b->n || j < h->n) {
                if (j == h->n || (i < b->n && b->entries[i].id <= h->columns[j].id)) {
                        if (block_column(f->scratch, b, &b->entries[i++], &c[n], reterr) < 0)
                                return -1;
                } else {
                        c[n] = (struct column){ .id = h->columns[j].id };
                }
                if (j < h->n && c[n].id == h->columns[j].id)
                        merge_one(f, &c[n], &h->columns[j++]);
                n++;
        }
        *ret_n = n;
        return 0;
}

static int flush_hour(struct flush *f, struct gathered_hour *h, struct str packed, struct err *reterr)
{
        struct block b = { 0 };
        f->hour = h;
        f->changed = false;
        if (packed.n && block_open(f->scratch, packed, &b, reterr) < 0)
                return -1;
        struct column *c = arena_array(f->scratch, struct column, b.n + h->n + 1);
        size_t n;
        if (merge_columns(f, &b, c, &n, reterr) < 0)
                return -1;
        if (!f->changed)
                return 0;
        struct pack k = { .a = f->scratch };
        block_pack(&k, c, n);
        int64_t slot = block_slot(h->device, h->hour), end_ms = (h->hour + 1) * HOUR_MS;
        int64_t due_ms = (end_ms > h->received_ms ? end_ms : h->received_ms) + f->x->o.grace_ms;
        row_add(&f->blocks, DB_ARGS(db_i(slot), db_b(k.p, k.n)));
        row_add(&f->opens, DB_ARGS(db_i(slot), db_i(due_ms)));
        return 0;
}

/* ---- some hours ---- */

struct loading { struct arena *a; struct str *ret; };

static int keep_packed(void *ctx, size_t input, const struct db_row *row, struct err *reterr)
{
        struct loading *l = ctx;
        (void)reterr;
        l->ret[input] = arena_str(l->a, db_text(row, 0));
        return 0;
}

static int load(struct flush *f, int sql, const struct db_value *slots, size_t n, struct str **ret, struct err *reterr)
{
        struct loading l = { f->scratch, arena_array(f->scratch, struct str, n + 1) };
        *ret = l.ret;
        return db_many(f->x->db, sql, slots, 1, n, keep_packed, &l, reterr);
}

static bool same_day(const struct gathered_hour *a, const struct gathered_hour *b)
{
        return a->device == b->device && a->hour / DAY_HOURS == b->hour / DAY_HOURS;
}

static int flush_day(struct flush *f, struct gathered_hour **h, size_t n, const struct str *packed, struct str day, struct err *reterr)
{
        if (day_begin(f, day, reterr) < 0)
                return -1;
        for (size_t i = 0; i < n; i++)
                if (flush_hour(f, h[i], packed[i], reterr) < 0)
                        return err_while(reterr, "device %u, hour %lld", h[i]->device, (long long)h[i]->hour);
        day_end(f, day_slot(h[0]->device, h[0]->hour / DAY_HOURS));
        return 0;
}

static int flush_hours(struct flush *f, struct gathered_hour **h, size_t n, struct err *reterr)
{
        struct db_value *slots = arena_array(f->scratch, struct db_value, 2 * n), *days = slots + n;
        struct str *packed, *packed_days;
        size_t n_days = 0;
        for (size_t i = 0; i < n; i++) {
                slots[i] = db_i(block_slot(h[i]->device, h[i]->hour));
                if (i == 0 || !same_day(h[i - 1], h[i]))
                        days[n_days++] = db_i(day_slot(h[i]->device, h[i]->hour / DAY_HOURS));
        }
        if (load(f, SQL_series_block_get, slots, n, &packed, reterr) < 0 || load(f, SQL_series_day_get, days, n_days, &packed_days, reterr) < 0)
                return -1;
        for (size_t i = 0, d = 0, m; i < n; i += m, d++) {
                for (m = 1; i + m < n && same_day(h[i], h[i + m]); m++)
                        ;
                if (flush_day(f, h + i, m, packed + i, packed_days[d], reterr) < 0)
                        return -1;
        }
        return rows_put(f, &f->blocks, SQL_series_block_put, reterr) < 0 || rows_put(f, &f->days, SQL_series_day_put, reterr) < 0 ||
                               rows_put(f, &f->opens, SQL_series_open_add, reterr) < 0 ? -1 : 0;
}

/* As many as go together, whole days of a device. */
static size_t next_hours(struct gathered_hour **h, size_t n)
{
        size_t m = n < CHUNK_HOURS ? n : CHUNK_HOURS;
        while (m < n && same_day(h[m - 1], h[m]))
                m++;
        return m;
}

/* ---- everything ---- */

static int gather_batch(void *ctx, const struct batch_view *v, int64_t received_ms, struct err *reterr)
{
        struct flush *f = ctx;
        uint32_t *devices, *channels;
        if (known_numbers(f->x, f->x->arena, v, &devices, &channels, reterr) < 0)
                return -1;
        gather(&f->g, v, devices, channels, received_ms);
        return 0;
}

static int gather_journal(struct flush *f, int64_t *ret_last, struct err *reterr)
{
        struct db *db = f->x->db;
        const struct db_row *row;
        int rc;
        *ret_last = 0;
        if (db_query(db, SQL_series_journal_all, DB_NO_ARGS, reterr) < 0)
                return -1;
        while ((rc = db_next(db, SQL_series_journal_all, &row, reterr)) == 1) {
                *ret_last = db_int(row, 0);
                if (journal_row_each(f->x->arena, db_text(row, 2), db_int(row, 1), gather_batch, f, reterr) < 0) {
                        rc = -1;
                        break;
                }
        }
        db_done(db, SQL_series_journal_all);
        return rc;
}

static int write_all_hours(struct flush *f, struct err *reterr)
{
        size_t n, m;
        struct gathered_hour **h = gathered(&f->g, &n);
        for (; n > 0; h += m, n -= m) {
                m = next_hours(h, n);
                flush_rows_begin(f);
                if (flush_hours(f, h, m, reterr) < 0)
                        return -1;
                arena_reset(f->scratch);
        }
        return 0;
}

static int flush(struct flush *f, struct series_job *const *jobs, size_t n, struct err *reterr)
{
        int64_t last, now_ms = series_now_ms(f->x);
        if (gather_journal(f, &last, reterr) < 0)
                return -1;
        for (size_t i = 0; i < n; i++)
                if (gather_batch(f, jobs[i]->view, now_ms, reterr) < 0)
                        return -1;
        if (write_all_hours(f, reterr) < 0 || lasts_put(f, reterr) < 0)
                return -1;
        return last ? db_run(f->x->db, SQL_series_journal_clear, DB_ARGS(db_i(last)), reterr) : 0;
}

void flush_begin(struct series *x, struct flush *f)
{
        *f = (struct flush){ .x = x, .scratch = arena_new() };
        f->last_conflict = &f->conflicts;
        gathering_begin(&f->g, x->arena);
        f->m = (struct merging){ .a = f->scratch, .conflict = note_conflict, .ctx = f };
}

int flush_all(struct flush *f, struct series_job *const *jobs, size_t n, struct err *reterr)
{
        int rc = flush(f, jobs, n, reterr);
        arena_free(f->scratch);
        f->scratch = NULL;
        return rc;
}

/* After the commit. */
void flush_told(struct flush *f)
{
        struct series *x = f->x;
        x->journal_rows = x->journal_readings = 0;
        atomic_fetch_add(&x->duplicates, f->m.duplicates);
        atomic_fetch_add(&x->conflicts, f->m.conflicts);
        atomic_fetch_add(&x->expired, f->m.expired);
        atomic_fetch_add(&x->late, f->late);
        atomic_fetch_add(&x->flushes, 1);
        if (x->o.on_conflict)
                for (const struct conflict *c = f->conflicts; c; c = c->next)
                        x->o.on_conflict(x->o.ctx, &c->said, c->stands);
}
