#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/test.h"
#include "series/batch_impl.h"

static struct reading reading(const char *device, const char *channel, int64_t t, int64_t m, int scale)
{
        return (struct reading){ .device = str_of(device), .channel = str_of(channel), .t_ms = t, .value = { m, (int8_t)scale } };
}

struct walk { struct reading list[4096]; size_t n; };

static void note(void *ctx, const struct reading *r)
{
        struct walk *w = ctx;
        assert_true(w->n < COUNT(w->list));
        w->list[w->n++] = *r;
}

static struct batch_view *opened(struct arena *a, struct str bytes)
{
        struct batch_view *v;
        struct err e = { 0 };
        if (batch_open(a, bytes, &v, &e) < 0)
                fail_msg("%s", e.detail);
        return v;
}

static void same_reading(const struct reading *a, const struct reading *b)
{
        assert_true(str_eq(a->device, b->device) && str_eq(a->channel, b->channel));
        assert_int_equal(a->t_ms, b->t_ms);
        assert_int_equal(a->value.mantissa, b->value.mantissa);
        assert_int_equal(a->value.scale, b->value.scale);
        assert_int_equal(a->flag, b->flag);
        assert_int_equal(a->seq, b->seq);
}

static void what_was_added_comes_back_by_device_in_order(void **state)
{
        struct arena *a = arena_new();
        struct batch *b = batch_new(a);
        struct walk all = { .n = 0 }, one = { .n = 0 };
        (void)state;
        assert_true(batch_add(b, &(struct reading){ STR("d1"), STR("temp"), 1000, { 1930, 2 }, FLAG_NORMAL, 7 }));
        assert_true(batch_add(b, &(struct reading){ STR("d2"), STR("temp"), 999, { -5, 0 }, FLAG_MANUAL, 0 }));
        assert_true(batch_add(b, &(struct reading){ STR("d1"), STR("hum"), 1000, { 55, 0 }, FLAG_OVER, 7 }));
        assert_true(batch_add(b, &(struct reading){ STR("d1"), STR("temp"), 0, { 0, 15 }, FLAG_SUSPECT, UINT32_MAX }));
        struct batch_view *v = opened(a, batch_bytes(b));
        batch_each(v, STR_NONE, note, &all);
        assert_int_equal(all.n, 4);
        assert_int_equal(batch_view_n(v), 4);
        same_reading(&all.list[0], &(struct reading){ STR("d1"), STR("temp"), 1000, { 1930, 2 }, FLAG_NORMAL, 7 });
        same_reading(&all.list[2], &(struct reading){ STR("d1"), STR("temp"), 0, { 0, 15 }, FLAG_SUSPECT, UINT32_MAX });
        same_reading(&all.list[3], &(struct reading){ STR("d2"), STR("temp"), 999, { -5, 0 }, FLAG_MANUAL, 0 });
        batch_each(v, STR("d2"), note, &one);
        assert_int_equal(one.n, 1);
        batch_each(v, STR("d3"), note, &one);
        assert_int_equal(one.n, 1);
        arena_free(a);
}

static void what_can_be_no_reading_is_refused(void **state)
{
        struct arena *a = arena_new();
        struct batch *b = batch_new(a);
        char name[LIMIT_SERIES_NAME + 2];
        (void)state;
        memset(name, 'x', sizeof name);
        name[sizeof name - 1] = '\0';
        const struct reading bad[] = {
                reading("", "c", 1, 1, 0), reading("d", "", 1, 1, 0), reading("d d", "c", 1, 1, 0), reading("d", "温", 1, 1, 0), reading(name, "c", 1, 1, 0), reading("d", name, 1, 1, 0),
                reading("d", "c", -1, 1, 0), reading("d", "c", READING_T_MAX + 1, 1, 0), reading("d", "c", 1, READING_M_END, 0), reading("d", "c", 1, -READING_M_END, 0),
                reading("d", "c", 1, 1, 16), reading("d", "c", 1, 1, -1),
        };
        for (size_t i = 0; i < COUNT(bad); i++)
                assert_false(batch_add(b, &bad[i]));
        struct reading flagged = reading("d", "c", 1, 1, 0);
        flagged.flag = FLAGS;
        assert_false(batch_add(b, &flagged));
        assert_int_equal(batch_n(b), 0);
        assert_int_equal(batch_view_n(opened(a, batch_bytes(b))), 0);
        struct reading most = reading("d", "c", READING_T_MAX, READING_M_END - 1, 15);
        most.device = (struct str){ name, LIMIT_SERIES_NAME };
        assert_true(batch_add(b, &most));
        assert_true(batch_add(b, &(struct reading){ .device = STR("d"), .channel = STR("c"), .value = { 1 - READING_M_END, 0 } }));
        assert_int_equal(batch_view_n(opened(a, batch_bytes(b))), 2);
        arena_free(a);
}

static void a_batch_has_its_bounds(void **state)
{
        struct arena *a = arena_new();
        struct batch *b = batch_new(a), *channels = batch_new(a), *devices = batch_new(a);
        char name[32];
        (void)state;
        struct reading r = reading("d", "c", 1767225600000, 193, 1);
        for (size_t i = 0; i < LIMIT_BATCH_READINGS; i++)
                assert_true(batch_add(b, &r));
        assert_false(batch_add(b, &r));
        assert_int_equal(batch_view_n(opened(a, batch_bytes(b))), LIMIT_BATCH_READINGS);
        for (size_t i = 0; i < LIMIT_BATCH_DEVICES; i++) {
                snprintf(name, sizeof name, "n%zu", i);
                r = reading("d", name, 1, 1, 0);
                assert_int_equal(batch_add(channels, &r), i < LIMIT_BATCH_CHANNELS);
                r = reading(name, "c", 1, 1, 0);
                assert_true(batch_add(devices, &r));
        }
        r = reading("d", "n1", 1, 1, 0);
        assert_true(batch_add(channels, &r));
        r = reading("more", "c", 1, 1, 0);
        assert_false(batch_add(devices, &r));
        assert_int_equal(opened(a, batch_bytes(channels))->n_channels, LIMIT_BATCH_CHANNELS);
        assert_int_equal(opened(a, batch_bytes(devices))->n_devices, LIMIT_BATCH_DEVICES);
        arena_free(a);
}

static void a_batch_has_so_many_hours_of_devices(void **state)
{
        struct arena *a = arena_new();
        struct batch *b = batch_new(a);
        struct reading r = reading("d", "c", 0, 1, 0), e = reading("e", "c", 0, 1, 0);
        (void)state;
        for (int64_t i = 0; i < LIMIT_BATCH_HOURS - 1; i++) {
                r.t_ms = i * 11 % (LIMIT_BATCH_HOURS - 1) * 3600000;    /* each once, in no order */
                assert_true(batch_add(b, &r));
        }
        assert_true(batch_add(b, &e));                                  /* another device's hour 0 is another */
        r.t_ms = (LIMIT_BATCH_HOURS - 1) * INT64_C(3600000);
        r.channel = STR("new");
        assert_false(batch_add(b, &r));
        assert_false(batch_add(b, &(struct reading){ .device = STR("f"), .channel = STR("c"), .value = { 1, 0 } }));
        e.t_ms = 3600000;
        assert_false(batch_add(b, &e));
        r.channel = STR("c");
        r.t_ms = 3599999;                                               /* those that it has take more */
        assert_true(batch_add(b, &r));
        e.t_ms = 1;
        assert_true(batch_add(b, &e));
        struct batch_view *v = opened(a, batch_bytes(b));
        assert_int_equal(batch_view_n(v), LIMIT_BATCH_HOURS + 2);
        assert_int_equal(v->n_channels, 1);
        assert_int_equal(v->n_devices, 2);
        arena_free(a);
}

static void damaged_bytes_are_refused_or_read_safely(void **state)
{
        struct arena *a = arena_new(), *scratch = arena_new();
        struct batch *b = batch_new(a);
        uint64_t dice = 5;
        (void)state;
        for (int i = 0; i < 200; i++) {
                char device[8], channel[8];
                snprintf(device, sizeof device, "d%d", i % 7);
                snprintf(channel, sizeof channel, "c%d", i % 5);
                struct reading r = reading(device, channel, 1767225600000 + i * 1000, (int64_t)(test_random(&dice) % 1000), 1);
                r.seq = (uint32_t)i / 5;
                assert_true(batch_add(b, &r));
        }
        struct str bytes = batch_bytes(b);
        for (size_t n = 0; n < bytes.n; n++) {
                struct batch_view *v;
                assert_int_equal(batch_open(a, (struct str){ bytes.p, n }, &v, NULL), -1);
        }
        for (int round = 0; round < 20000; round++) {
                char *copy = malloc(bytes.n);
                struct batch_view *v;
                struct walk w = { .n = 0 };
                struct err e = { 0 };
                memcpy(copy, bytes.p, bytes.n);
                copy[test_random(&dice) % bytes.n] = (char)test_random(&dice);
                if (batch_open(scratch, (struct str){ copy, bytes.n }, &v, &e) == 0) {
                        batch_each(v, STR_NONE, note, &w);
                        assert_int_equal(w.n, batch_view_n(v));
                } else {
                        assert_true(e.kind == ERR_BAD_INPUT || e.kind == ERR_TOO_LARGE);
                }
                free(copy);
                arena_reset(scratch);
        }
        arena_free(scratch);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_was_added_comes_back_by_device_in_order),
                cmocka_unit_test(what_can_be_no_reading_is_refused),
                cmocka_unit_test(a_batch_has_its_bounds),
                cmocka_unit_test(a_batch_has_so_many_hours_of_devices),
                cmocka_unit_test(damaged_bytes_are_refused_or_read_safely),
        };
        return cmocka_run_group_tests_name("series/batch", tests, NULL, NULL);
}
