/* Goal: the generated volume is the same wherever it is cut, valid EPCIS, of the promised size, and adds up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "app/demo_volume.h"
#include "epcis/read.h"

enum { SEASONS = VOLUME_RUN * VOLUME_FARMS };

static const struct origins own = { (const struct str[]){ { "https://demo.suyuan.example", 27 } }, 1 };

static struct document *make(struct arena *a, uint64_t seed, uint64_t first, unsigned n, uint64_t shuffled_among)
{
        struct document *d = NULL;
        struct err e = { 0 };
        struct buf b;

        buf_init(&b, 64u << 20);
        if (shuffled_among)
                volume_document_shuffled(&b, seed, first, n, shuffled_among);
        else
                volume_document(&b, seed, first, n);
        assert_false(b.overflow);
        if (document_read(a, b.p, b.n, &own, &d, &e) < 0)
                fail_msg("%s", e.detail);
        buf_free(&b);
        assert_int_equal(d->faults.refused, 0);
        assert_int_equal(d->n_events, n);
        return d;
}

static void same_events(const struct document *whole, size_t from, const struct document *part)
{
        for (size_t i = 0; i < part->n_events; i++)
                assert_true(json_equal(whole->events[from + i].json, part->events[i].json));
}

static void a_document_needs_none_before_it(void **state)
{
        struct arena *a = arena_new();
        struct document *whole = make(a, 1, 0, 400, 0);

        (void)state;
        same_events(whole, 100, make(a, 1, 100, 100, 0));
        same_events(whole, 399, make(a, 1, 399, 1, 0));
        same_events(whole, 0, make(a, 1, 0, 400, 0));
        whole = make(a, 1, 0, 200, 5000);
        same_events(whole, 150, make(a, 1, 150, 50, 5000));
        arena_free(a);
}

static void another_seed_is_another_volume(void **state)
{
        struct arena *a = arena_new();
        struct document *one = make(a, 1, 0, 50, 0), *two = make(a, 2, 0, 50, 0);

        (void)state;
        for (size_t i = 0; i < 50; i++) {
                assert_false(json_equal(one->events[i].json, two->events[i].json));
                assert_false(str_eq(one->events[i].event_id, two->events[i].event_id));
        }
        arena_free(a);
}

static void no_event_id_comes_twice(void **state)
{
        struct arena *a = arena_new();
        struct document *d = make(a, 1, 0, 2000, 0);

        (void)state;
        for (size_t i = 0; i < d->n_events; i++)
                for (size_t k = i + 1; k < d->n_events; k++)
                        assert_false(str_eq(d->events[i].event_id, d->events[k].event_id));
        arena_free(a);
}

static void an_event_is_as_large_as_in_life(void **state)
{
        struct arena *a = arena_new();
        struct document *d = make(a, 1, 0, SEASONS, 0);
        struct buf b;
        size_t items = 0;

        (void)state;
        buf_init(&b, 64u << 20);
        volume_document(&b, 1, 0, SEASONS);
        assert_in_range(b.n / SEASONS, 1000, 1400);
        buf_free(&b);
        for (size_t i = 0; i < d->n_events; i++)
                items += d->events[i].n_items;
        assert_in_range(items * 10 / SEASONS, 50, 70);
        arena_free(a);
}

static void work_is_recorded_roughly_in_order(void **state)
{
        struct arena *a = arena_new();
        struct document *d = make(a, 1, 0, SEASONS, 0);

        (void)state;
        for (size_t i = 100; i < d->n_events; i++)
                assert_true(d->events[i].time.us > d->events[i - 100].time.us);
        arena_free(a);
}

/* What a pack is made of was harvested by an earlier event of the same season. */
static void packs_come_from_harvests(void **state)
{
        struct arena *a = arena_new();
        struct document *d = make(a, 1, 0, SEASONS, 0);
        size_t packs = 0;

        (void)state;
        for (size_t i = 0; i < d->n_events; i++) {
                const struct event *e = &d->events[i];
                bool found = false;

                if (e->type != EVENT_TRANSFORMATION || !str_is(e->biz_step, "commissioning"))
                        continue;
                for (size_t k = 0; k < i && !found; k++)
                        for (size_t m = 0; m < d->events[k].n_items; m++)
                                found |= d->events[k].items[m].role == ROLE_OUTPUT_QUANTITY &&
                                         str_eq(d->events[k].items[m].canonical, e->items[0].canonical);
                assert_true(found);
                packs++;
        }
        assert_true(packs > 100);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_document_needs_none_before_it),
                cmocka_unit_test(another_seed_is_another_volume),
                cmocka_unit_test(no_event_id_comes_twice),
                cmocka_unit_test(an_event_is_as_large_as_in_life),
                cmocka_unit_test(work_is_recorded_roughly_in_order),
                cmocka_unit_test(packs_come_from_harvests),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
