#include "series/flush_impl.h"
#include "store/sql_names.h"

/* The rows that a flush writes. */

void flush_rows_begin(struct flush *f)
{
        f->blocks = (struct rows){ .a = f->scratch, .per_row = 2 };
        f->days = (struct rows){ .a = f->scratch, .per_row = 2 };
        f->opens = (struct rows){ .a = f->scratch, .per_row = 2 };
}

static void *grown(struct arena *a, const void *old, size_t n, size_t *cap, size_t size)
{
        *cap = 2 * n + 32;
        void *p = arena_alloc(a, *cap * size);
        if (n)
                memcpy(p, old, n * size);
        return p;
}

void row_add(struct rows *r, const struct db_value *values, size_t n)
{
        if (r->n + n > r->cap)
                r->values = grown(r->a, r->values, r->n, &r->cap, sizeof *values);
        memcpy(r->values + r->n, values, n * sizeof *values);
        r->n += n;
}

int rows_put(struct flush *f, struct rows *r, int sql, struct err *reterr)
{
        return r->n == 0 ? 0 : db_many(f->x->db, sql, r->values, r->per_row, r->n / r->per_row, NULL, NULL, reterr);
}

/* ---- what a device said last ---- */

/* As column_of of merge.c. */
struct last *last_of(struct flush *f, uint32_t device, uint32_t channel)
{
        if (f->n_lasts && f->lasts[f->n_lasts - 1].device != device)
                f->first_last = f->at_last = f->n_lasts;
        size_t n = f->n_lasts - f->first_last;
        for (size_t i = 1; i <= n; i++) {
                size_t at = f->first_last + (f->at_last - f->first_last + i) % n;
                if (f->lasts[at].channel == channel) {
                        f->at_last = at;
                        return &f->lasts[at];
                }
        }
        if (f->n_lasts == f->cap_lasts)
                f->lasts = grown(f->x->arena, f->lasts, f->n_lasts, &f->cap_lasts, sizeof *f->lasts);
        f->at_last = f->n_lasts++;
        f->lasts[f->at_last] = (struct last){ .device = device, .channel = channel, .first_ms = INT64_MAX, .last_ms = -1 };
        return &f->lasts[f->at_last];
}

int lasts_put(struct flush *f, struct err *reterr)
{
        struct rows r = { .a = f->x->arena, .per_row = 8 };
        for (size_t i = 0; i < f->n_lasts; i++) {
                const struct last *l = &f->lasts[i];
                row_add(&r, DB_ARGS(db_i(l->device), db_i(l->channel), db_i(l->n), db_i(l->first_ms), db_i(l->last_ms), db_i(l->point.m), db_i(l->point.scale), db_i(l->point.flag)));
        }
        return rows_put(f, &r, SQL_series_last_add, reterr);
}

/* ---- the day row ---- */

int day_begin(struct flush *f, struct str packed, struct err *reterr)
{
        struct day d = { 0 };
        if (packed.n && day_open(f->scratch, packed, &d, reterr) < 0)
                return -1;
        f->n_day = d.n;
        f->cap_day = d.n + 8;
        f->day = arena_array(f->scratch, struct day_channel *, f->cap_day);
        f->day_changed = false;
        for (size_t i = 0; i < d.n; i++) {
                f->day[i] = arena_raw(f->scratch, sizeof *f->day[i]);
                if (day_unpack(&d.entries[i], f->day[i], reterr) < 0)
                        return -1;
        }
        return 0;
}

static struct day_channel *day_of(struct flush *f, uint32_t id)
{
        size_t low = 0, high = f->n_day;
        while (low < high) {
                size_t mid = (low + high) / 2;
                if (f->day[mid]->id < id)
                        low = mid + 1;
                else
                        high = mid;
        }
        if (low < f->n_day && f->day[low]->id == id)
                return f->day[low];
        if (f->n_day == f->cap_day)
                f->day = grown(f->scratch, f->day, f->n_day, &f->cap_day, sizeof(struct day_channel *));
        memmove(f->day + low + 1, f->day + low, (f->n_day - low) * sizeof(struct day_channel *));
        f->n_day++;
        f->day[low] = arena_alloc(f->scratch, sizeof *f->day[low]);
        f->day[low]->id = id;
        return f->day[low];
}

void day_note(struct flush *f, const struct column *c)
{
        struct day_channel *d = day_of(f, c->id);
        int hour = (int)(f->hour->hour % DAY_HOURS);
        sums_of(c->p, c->n, &d->hours[hour]);
        d->raw |= 1u << hour;
        d->counted = d->hours[hour].n ? d->counted | 1u << hour : d->counted & ~(1u << hour);
        f->day_changed = true;
}

void day_end(struct flush *f, int64_t slot)
{
        struct pack k = { .a = f->scratch };
        if (!f->day_changed)
                return;
        day_pack(&k, f->day, f->n_day);
        row_add(&f->days, DB_ARGS(db_i(slot), db_b(k.p, k.n)));
}
