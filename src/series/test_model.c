/* Random histories against the simplest thing that could be right: a table of moments. */
#include <math.h>

#include "series/test_support.h"

enum { DEVICES = 3, CHANNELS = 3, MOMENTS = 30000, STEPS = 160, GRID_MS = 1000 };

struct moment { bool set; uint8_t flag; struct decimal value; };
struct model {
        struct fixture *f;
        uint64_t dice;
        uint64_t duplicates, conflicts;
        struct moment at[DEVICES][CHANNELS][MOMENTS];
};

static const char *const devices[DEVICES] = { "d", "plot-7:north", "e" }, *const channels[CHANNELS] = { "t", "a34004", "u_1" };

static int pick(struct model *m, int n)
{
        return (int)(test_random(&m->dice) % (uint64_t)n);
}

static void remember(struct model *m, struct moment *at, const struct reading *r)
{
        uint8_t flag = r->t_ms > m->f->now_ms + HOUR ? FLAG_CLOCK : r->flag;
        if (!at->set || (at->flag == FLAG_CLOCK && flag != FLAG_CLOCK))
                *at = (struct moment){ true, flag, r->value };
        else if (decimal_cmp(at->value, r->value) == 0)
                m->duplicates++;
        else
                m->conflicts++;
}

static struct decimal some_value(struct model *m)
{
        if (pick(m, 200) == 0)
                return (struct decimal){ INT64_C(999999999999999999) - pick(m, 3), (int8_t)pick(m, 16) };
        return (struct decimal){ pick(m, 100) == 0 ? -pick(m, 1000000) : pick(m, 40), (int8_t)pick(m, 3) };
}

static int index_of(const char *const *list, int n, struct str name)
{
        for (int i = 0; i < n; i++)
                if (str_is(name, list[i]))
                        return i;
        fail_msg("a name from nowhere");
        return 0;
}

static void remember_each(void *ctx, const struct reading *r)
{
        struct model *m = ctx;
        remember(m, &m->at[index_of(devices, DEVICES, r->device)][index_of(channels, CHANNELS, r->channel)][(r->t_ms - T0) / GRID_MS], r);
}

static void append_some(struct model *m)
{
        static const uint8_t flags[] = { FLAG_NORMAL, FLAG_NORMAL, FLAG_NORMAL, FLAG_MANUAL, FLAG_SUSPECT, FLAG_OVER };
        struct batch *b = batch_new(m->f->arena);
        int n = pick(m, 20) == 0 ? 21000 : 1 + pick(m, 300), now = (int)((m->f->now_ms - T0) / GRID_MS);
        for (int i = 0; i < n; i++) {
                int d = pick(m, DEVICES), c = pick(m, CHANNELS);
                int t = pick(m, 4) ? now - pick(m, 900) : pick(m, now + 7200);  /* mostly new, some old, some ahead */
                t = t < 0 ? 0 : t < MOMENTS ? t : MOMENTS - 1;
                struct reading r = { .device = str_of(devices[d]), .channel = str_of(channels[c]), .t_ms = T0 + t * (int64_t)GRID_MS, .value = some_value(m), .flag = flags[pick(m, COUNT(flags))] };
                assert_true(batch_add(b, &r));
        }
        struct batch_view *v;
        struct err e = { 0 };
        must(batch_open(m->f->arena, batch_bytes(b), &v, &e), &e);
        append(m->f, b);
        batch_each(v, STR_NONE, remember_each, m);
}

static void compare_samples(struct model *m, int d, int c, int from, int to)
{
        struct seen s = samples(m->f, devices[d], channels[c], T0 + from * (int64_t)GRID_MS, T0 + to * (int64_t)GRID_MS);
        size_t n = 0;
        for (int t = from; t < to; t++) {
                const struct moment *at = &m->at[d][c][t];
                if (!at->set)
                        continue;
                assert_true(n < s.n);
                assert_int_equal(s.list[n].t_ms, T0 + t * (int64_t)GRID_MS);
                assert_int_equal(decimal_cmp(s.list[n].value, at->value), 0);
                assert_int_equal(s.list[n].flag, at->flag);
                n++;
        }
        assert_int_equal(n, s.n);
        free(s.list);
}

struct comparing { struct model *m; int d, c, from, to, step; int n; };

static void near(double a, double b, double size)
{
        if (!(fabs(a - b) <= 1e-9 * (1 + fabs(a) + fabs(b) + size)))
                fail_msg("%.17g is not %.17g", a, b);
}

static int compare_step(void *ctx, const struct figures *g)
{
        struct comparing *x = ctx;
        struct figures want = { 0 };
        int begin = (int)((g->t_ms - T0) / GRID_MS);
        assert_int_equal((begin - x->from) % x->step, 0);
        for (int t = begin; t < begin + x->step && t < x->to; t++) {
                const struct moment *at = &x->m->at[x->d][x->c][t];
                if (!at->set || (at->flag != FLAG_NORMAL && at->flag != FLAG_MANUAL))
                        continue;
                double v = decimal_double(at->value);
                want.min = want.n == 0 || v < want.min ? v : want.min;
                want.max = want.n == 0 || v > want.max ? v : want.max;
                want.sum += v;
                want.squares += v * v;
                want.n++;
        }
        assert_int_equal(g->n, want.n);
        near(g->min, want.min, 0);
        near(g->max, want.max, 0);
        near(g->sum, want.sum, 0);
        near(g->squares, want.squares, 0);
        x->n += (int)g->n;
        return 0;
}

static void compare_figures(struct model *m, int d, int c, int from, int to, int step)
{
        struct comparing x = { m, d, c, from, to, step, 0 };
        struct err e = { 0 };
        int n = 0;
        must(series_figures(m->f->series, str_of(devices[d]), str_of(channels[c]), T0 + from * (int64_t)GRID_MS, T0 + to * (int64_t)GRID_MS, step * (int64_t)GRID_MS, compare_step, &x, &e), &e);
        for (int t = from; t < to; t++)
                n += m->at[d][c][t].set && (m->at[d][c][t].flag == FLAG_NORMAL || m->at[d][c][t].flag == FLAG_MANUAL);
        assert_int_equal(x.n, n);
}

static void compare_some(struct model *m)
{
        static const int steps[] = { 7, 60, 600, 3600, 7200, 5000, 30000 };
        int d = pick(m, DEVICES), c = pick(m, CHANNELS), from = pick(m, MOMENTS), to = from + 1 + pick(m, MOMENTS - from);
        compare_samples(m, d, c, from, to);
        compare_figures(m, d, c, from, to, steps[pick(m, COUNT(steps))]);
        from -= from % 3600;
        compare_figures(m, d, c, from, to, 3600);
}

static void no_fault(void *ctx, const char *what, const char *detail)
{
        (void)ctx;
        fail_msg("%s: %s", what, detail);
}

static int same_root(void *ctx, const struct sealed_hour *h)
{
        struct model *m = ctx;
        struct hash root;
        struct err e = { 0 };
        int64_t n;
        must(series_root(m->f->series, m->f->arena, h->device, h->hour_ms, &root, &n, &e), &e);
        assert_true(h->n <= n);         /* an earlier revision may have fewer; that the newest has this root, the check saw */
        return 0;
}

static void whole(struct model *m)
{
        struct err e = { 0 };
        settle(m->f);
        m->f->now_ms += 2 * HOUR;
        settle(m->f);
        for (int d = 0; d < DEVICES; d++)
                for (int c = 0; c < CHANNELS; c++)
                        compare_samples(m, d, c, 0, MOMENTS);
        int64_t faults = series_check(m->f->store, no_fault, NULL, NULL, &e);
        must(faults < 0 ? -1 : 0, &e);
        must(series_sealed(m->f->series, 0, 1000000, same_root, m, &e), &e);
}

static void random_histories_read_as_they_were_told(void **state)
{
        struct model *m = calloc(1, sizeof *m);
        m->f = *state;
        m->dice = 20261128;
        m->f->now_ms = T0 + HOUR;
        for (int i = 0; i < STEPS; i++) {
                append_some(m);
                compare_some(m);
                if (pick(m, 5) == 0)
                        settle(m->f);
                if (pick(m, 25) == 0) {
                        fixture_close(m->f);
                        fixture_open(m->f);
                }
                if (pick(m, 3) == 0)
                        m->f->now_ms += pick(m, 600000);
                arena_reset(m->f->arena);
        }
        whole(m);
        assert_true(m->duplicates > 100 && m->conflicts > 100);
        free(m);
}

static void what_was_said_twice_is_counted(void **state)
{
        struct model *m = calloc(1, sizeof *m);
        struct series_stats st;
        m->f = *state;
        m->dice = 7;
        m->f->now_ms = T0 + MOMENTS * (int64_t)GRID_MS;
        for (int i = 0; i < 20; i++) {
                append_some(m);
                if (pick(m, 3) == 0)
                        settle(m->f);
        }
        settle(m->f);
        series_stats(m->f->series, &st);
        assert_int_equal(st.duplicates, m->duplicates);
        assert_int_equal(st.conflicts, m->conflicts);
        free(m);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(random_histories_read_as_they_were_told, setup, teardown),
                cmocka_unit_test_setup_teardown(what_was_said_twice_is_counted, setup, teardown),
        };
        return cmocka_run_group_tests_name("series/model", tests, NULL, NULL);
}
