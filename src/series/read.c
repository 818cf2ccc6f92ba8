#include <math.h>
#include <string.h>

#include "series/series_impl.h"

/* ---- samples ---- */

struct reading_out { int64_t from_ms, to_ms; series_on_sample *on; void *ctx; };

static bool always(void *ctx, int64_t hour, bool has_sums)
{
        (void)ctx, (void)hour, (void)has_sums;
        return true;
}

static int give_samples(void *ctx, const struct look_hour *h, struct err *reterr)
{
        const struct reading_out *r = ctx;
        (void)reterr;
        for (uint32_t i = 0; i < h->column.n && h->column.p; i++) {
                const struct point *p = &h->column.p[i];
                const struct sample s = { .t_ms = h->hour * HOUR_MS + p->t, .value = { p->m, p->scale }, .flag = p->flag };
                if (s.t_ms >= r->from_ms && s.t_ms < r->to_ms && r->on(r->ctx, &s) < 0)
                        return -1;
        }
        return 0;
}

int series_read(struct series *x, struct str device, struct str channel, int64_t from_ms, int64_t to_ms, series_on_sample *on, void *ctx, struct err *reterr)
{
        struct reading_out r = { from_ms, to_ms, on, ctx };
        const struct looking l = { .device = device, .channel = channel, .from_ms = from_ms, .to_ms = to_ms, .wants = always, .on = give_samples, .ctx = &r };
        return look_hours(x, &l, reterr);
}

/* ---- figures ---- */

struct figuring { int64_t from_ms, to_ms, step_ms; struct figures now; series_on_figures *on; void *ctx; };

static int64_t step_of(const struct figuring *f, int64_t t_ms)
{
        return f->from_ms + (t_ms - f->from_ms) / f->step_ms * f->step_ms;
}

static bool cuts_hour(void *ctx, int64_t hour, bool has_sums)
{
        const struct figuring *f = ctx;
        int64_t begin = hour * HOUR_MS, end = begin + HOUR_MS;
        return !has_sums || begin < f->from_ms || end > f->to_ms || step_of(f, begin) != step_of(f, end - 1);
}

static int tell_step(struct figuring *f)
{
        return f->now.n ? f->on(f->ctx, &f->now) : 0;
}

static int add_figures(struct figuring *f, int64_t t_ms, const struct figures *more)
{
        int64_t step = step_of(f, t_ms);
        struct figures *now = &f->now;
        if (now->n && now->t_ms != step) {
                if (tell_step(f) < 0)
                        return -1;
                now->n = 0;
        }
        if (now->n == 0)
                *now = (struct figures){ .t_ms = step, .begin_ms = step, .end_ms = step + f->step_ms, .min = more->min, .max = more->max };
        now->begin_ms = more->begin_ms < now->begin_ms ? more->begin_ms : now->begin_ms;
        now->end_ms = more->end_ms > now->end_ms ? more->end_ms : now->end_ms;
        now->n += more->n;
        now->min = more->min < now->min ? more->min : now->min;
        now->max = more->max > now->max ? more->max : now->max;
        now->sum += more->sum;
        now->squares += more->squares;
        return 0;
}

static int add_sums(struct figuring *f, int64_t t_ms, int64_t length_ms, const struct sums *s)
{
        struct figures more = { .begin_ms = t_ms, .end_ms = t_ms + length_ms, .n = s->n };
        if (s->n == 0 || t_ms >= f->to_ms || t_ms + length_ms <= f->from_ms)
                return 0;
        sums_doubles(s, &more.min, &more.max, &more.sum, &more.squares);
        return add_figures(f, t_ms < f->from_ms ? f->from_ms : t_ms, &more);
}

/* Stretches of points that fall into one step, so that a mean of exact values is one of exact values. */
static int add_points(struct figuring *f, int64_t begin_ms, const struct column *c)
{
        for (uint32_t i = 0, n; i < c->n; i += n) {
                int64_t t = begin_ms + c->p[i].t;
                struct sums s;
                n = 1;
                if (t < f->from_ms || t >= f->to_ms)
                        continue;
                int64_t end = step_of(f, t) + f->step_ms;
                end = end < f->to_ms ? end : f->to_ms;
                while (i + n < c->n && begin_ms + c->p[i + n].t < end)
                        n++;
                sums_of(c->p + i, n, &s);
                if (add_sums(f, t, 1, &s) < 0)
                        return -1;
        }
        return 0;
}

static int give_figures(void *ctx, const struct look_hour *h, struct err *reterr)
{
        struct figuring *f = ctx;
        int64_t begin = h->hour * HOUR_MS;
        (void)reterr;
        if (h->column.p)
                return add_points(f, begin, &h->column);
        if (!h->column.n_minutes)
                return h->sums ? add_sums(f, begin, HOUR_MS, h->sums) : 0;
        for (size_t i = 0; i < h->column.n_minutes; i++) {
                int64_t t = begin + h->column.minutes[i].minute * (int64_t)MINUTE_MS;
                if (add_sums(f, t, MINUTE_MS, &h->column.minutes[i].sums) < 0)
                        return -1;
        }
        return 0;
}

int series_figures(struct series *x, struct str device, struct str channel, int64_t from_ms, int64_t to_ms, int64_t step_ms,
                   series_on_figures *on, void *ctx, struct err *reterr)
{
        struct figuring f = { .from_ms = from_ms, .to_ms = to_ms, .step_ms = step_ms, .on = on, .ctx = ctx };
        const struct looking l = { .device = device, .channel = channel, .from_ms = from_ms, .to_ms = to_ms, .wants = cuts_hour, .on = give_figures, .ctx = &f };
        if (step_ms <= 0)
                return err_set(reterr, ERR_BAD_INPUT, "a step is longer than nothing");
        return look_hours(x, &l, reterr) < 0 || tell_step(&f) < 0 ? -1 : 0;
}

double figures_mean(const struct figures *f)
{
        return f->n ? f->sum / (double)f->n : 0;
}

double figures_sdev(const struct figures *f)
{
        double n = (double)f->n, v = n < 2 ? 0 : (f->squares - f->sum * f->sum / n) / (n - 1);
        return v > 0 ? sqrt(v) : 0;
}
