#include <stdlib.h>

#include "base/limits.h"
#include "base/test.h"
#include "merkle/tree.h"
#include "series/batch_impl.h"
#include "series/day.h"
#include "series/merge.h"

/* Blocks, figures and texts of hours: what goes in comes out, what is damaged is refused. */

static struct column random_column(struct arena *a, uint64_t *dice, uint32_t id, const struct column *like)
{
        struct column c = { .id = id, .n = like ? like->n : (uint32_t)(1 + test_random(dice) % 400) };
        int kind = (int)(test_random(dice) % 5);
        uint32_t t = (uint32_t)(test_random(dice) % 9000);
        int64_t m = (int64_t)(test_random(dice) % 1000);
        c.p = arena_array(a, struct point, c.n);
        for (uint32_t i = 0; i < c.n; i++) {
                uint64_t r = test_random(dice);
                m = kind == 0 ? m : kind == 1 ? m + (int64_t)(r % 7) - 3 : kind == 2 ? (int64_t)(r % 2) : kind == 3 ? (int64_t)(r % 1999999999999999999u) - 999999999999999999 : m + (r % 10 == 0);
                c.p[i] = (struct point){ .m = m, .t = like ? like->p[i].t : t, .scale = kind == 4 ? (int8_t)(r % 16) : 1, .flag = r % 50 == 0 ? (uint8_t)(r % FLAGS) : 0 };
                t += r % 5 ? 1000 : 1 + (uint32_t)(r % 7000);
        }
        c.mixed = !points_align(c.p, c.n);
        return c;
}

static void same_column(const struct column *x, const struct column *y)
{
        assert_int_equal(x->id, y->id);
        assert_int_equal(x->n, y->n);
        assert_int_equal(x->kind, y->kind);
        for (uint32_t i = 0; i < x->n && x->kind == COLUMN_RAW; i++) {
                assert_int_equal(x->p[i].t, y->p[i].t);
                assert_int_equal(x->p[i].flag, y->p[i].flag);
                assert_int_equal(x->p[i].m, y->p[i].m);
                assert_int_equal(x->p[i].scale, y->p[i].scale);
        }
}

static void a_block_gives_back_what_went_in(void **state)
{
        struct arena *a = arena_new();
        uint64_t dice = 1;
        (void)state;
        for (int round = 0; round < 300; round++) {
                struct column c[6], back;
                size_t n = 1 + test_random(&dice) % 6;
                struct pack k = { .a = a };
                struct block b;
                struct err e = { 0 };
                for (size_t i = 0; i < n; i++)
                        c[i] = random_column(a, &dice, (uint32_t)(1 + i * (1 + test_random(&dice) % 3) + (i ? c[i - 1].id : 0)), i && test_random(&dice) % 2 ? &c[i - 1] : NULL);
                if (round % 3 == 0) {
                        struct hash leaf = { { 7 } };
                        column_reduce(a, &c[0], round % 2 ? COLUMN_MINUTES : COLUMN_HOUR, &leaf);
                }
                block_pack(&k, c, n);
                assert_int_equal(block_open(a, pack_view(&k), &b, &e), 0);
                assert_int_equal(b.n, n);
                for (size_t i = 0; i < n; i++) {
                        const struct entry *x = block_find(&b, c[i].id);
                        assert_non_null(x);
                        assert_int_equal(block_column(a, &b, x, &back, &e), 0);
                        same_column(&back, &c[i]);
                        assert_int_equal(back.n_minutes, c[i].n_minutes);
                }
                assert_null(block_find(&b, c[n - 1].id + 1));
                arena_reset(a);
        }
        arena_free(a);
}

static void a_regular_hour_is_small(void **state)
{
        struct arena *a = arena_new();
        struct column c[8] = { { .id = 0 } };
        struct pack k = { .a = a };
        uint64_t dice = 2;
        (void)state;
        for (int i = 0; i < 8; i++) {
                c[i] = (struct column){ .id = (uint32_t)i + 1, .n = 360, .p = arena_array(a, struct point, 360) };
                for (uint32_t t = 0; t < 360; t++)
                        c[i].p[t] = (struct point){ .m = 200 + (int64_t)(test_random(&dice) % 9), .t = t * 10000, .scale = 1 };
        }
        block_pack(&k, c, 8);
        assert_true(k.n < 8 * 360 + 8 * 10 + 20);
        for (int i = 0; i < 8; i++)
                for (uint32_t t = 0; t < 360; t++)
                        c[i].p[t].m = 200;
        k.n = 0;
        block_pack(&k, c, 8);
        assert_true(k.n < 150);         /* a sensor that is stuck costs nothing */
        arena_free(a);
}

static void use_block(struct arena *a, struct str bytes)
{
        struct block b;
        struct column c;
        struct err e = { 0 };
        if (block_open(a, bytes, &b, &e) < 0) {
                assert_int_equal(e.kind, ERR_STORE);
                return;
        }
        for (size_t i = 0; i < b.n; i++)
                if (block_column(a, &b, &b.entries[i], &c, &e) == 0)
                        for (uint32_t j = 0; j < c.n && c.kind == COLUMN_RAW; j++)
                                assert_true(c.p[j].t < HOUR_MS && c.p[j].flag < FLAGS && (j == 0 || c.p[j].t > c.p[j - 1].t));
}

static void damaged_blocks_are_refused_or_read_safely(void **state)
{
        struct arena *a = arena_new(), *scratch = arena_new();
        uint64_t dice = 3;
        struct column c[3];
        struct pack k = { .a = a };
        (void)state;
        for (uint32_t i = 0; i < 3; i++)
                c[i] = random_column(a, &dice, i + 1, i == 2 ? &c[1] : NULL);
        struct hash leaf = { { 7 } };
        column_reduce(a, &c[0], COLUMN_MINUTES, &leaf);
        block_pack(&k, c, 3);
        for (size_t n = 0; n < k.n; n++) {
                use_block(scratch, (struct str){ (const char *)k.p, n });
                arena_reset(scratch);
        }
        for (int round = 0; round < 5000; round++) {
                char *copy = malloc(k.n);
                memcpy(copy, k.p, k.n);
                copy[test_random(&dice) % k.n] = (char)test_random(&dice);
                use_block(scratch, (struct str){ copy, k.n });
                free(copy);
                arena_reset(scratch);
        }
        arena_free(a);
        arena_free(scratch);
}

static void figures_of_a_day_come_back(void **state)
{
        struct arena *a = arena_new();
        uint64_t dice = 4;
        (void)state;
        for (int round = 0; round < 100; round++) {
                struct day_channel *c[3], back;
                struct pack k = { .a = a };
                struct day d;
                struct err e = { 0 };
                for (uint32_t i = 0; i < 3; i++) {
                        c[i] = arena_alloc(a, sizeof *c[i]);
                        c[i]->id = 5 * i + 1;
                        for (int h = 0; h < DAY_HOURS; h++) {
                                struct column col = random_column(a, &dice, 1, NULL);
                                sums_of(col.p, col.n, &c[i]->hours[h]);
                                if (c[i]->hours[h].n && test_random(&dice) % 4)
                                        c[i]->counted |= 1u << h;
                                else
                                        c[i]->hours[h] = (struct sums){ 0 };
                        }
                        c[i]->raw = i == 1 ? c[i]->counted & 0xff00ff : c[i]->counted;
                        c[i]->minutes = i == 1 ? 0x00ff00 : 0;
                }
                day_pack(&k, c, 3);
                assert_int_equal(day_open(a, pack_view(&k), &d, &e), 0);
                for (uint32_t i = 0; i < 3; i++) {
                        assert_int_equal(day_find(&d, c[i]->id, &back, &e), 1);
                        assert_memory_equal(&back, c[i], sizeof back);
                }
                assert_int_equal(day_find(&d, 2, &back, &e), 0);
                for (size_t n = 0; n < k.n; n++)
                        if (day_open(a, (struct str){ (const char *)k.p, n }, &d, NULL) == 0)
                                fail_msg("%zu bytes of %zu are a day", n, k.n);
                arena_reset(a);
        }
        arena_free(a);
}

static void sums_are_exact_where_they_can_be(void **state)
{
        const struct point small[] = { { .m = 193, .scale = 1 }, { .m = -7, .scale = 1 }, { .m = 500, .scale = 1, .flag = FLAG_SUSPECT }, { .m = 200, .scale = 1, .flag = FLAG_MANUAL } };
        const struct point wide[] = { { .m = READING_M_END - 1 }, { .m = 1 - READING_M_END } };
        struct sums s;
        double min, max, sum, squares;
        (void)state;
        sums_of(small, 4, &s);
        assert_int_equal(s.n, 3);
        assert_false(s.rough);
        assert_int_equal(s.min, -7);
        assert_int_equal(s.range, 207);
        assert_int_equal(s.sum, 200 + 0 + 207);
        assert_int_equal(s.squares, 200 * 200 + 207 * 207);
        sums_doubles(&s, &min, &max, &sum, &squares);
        assert_true(min == -0.7 && max == 20.0 && sum > 38.599 && sum < 38.601 && squares > 772.979 && squares < 772.981);
        sums_of(wide, 2, &s);
        assert_true(s.rough);
        assert_int_equal(s.n, 2);
        sums_of(small + 2, 1, &s);
        assert_int_equal(s.n, 0);
}

static void the_text_of_an_hour_is_as_documented(void **state)
{
        const struct point p[] = { { .m = 1930, .t = 0, .scale = 2 }, { .m = -5, .t = 999, .scale = 1, .flag = FLAG_SUSPECT }, { .m = 7, .t = 3599999 }, { .m = 100001, .t = 3599999, .scale = 4 } };
        struct arena *a = arena_new();
        static const char want[] = "suyuan series hour 1\ndev-1\na34004\n1767225600000\n1767225600000 19.3\n1767225600999 -0.5 1\n1767229199999 7\n1767229199999 10.0001\n";
        (void)state;
        struct str text = column_text(a, STR("dev-1"), STR("a34004"), INT64_C(1767225600000), p, 4);
        assert_str(text, want);
        struct hash x = column_leaf(a, STR("dev-1"), STR("a34004"), INT64_C(1767225600000), p, 4), y = tree_leaf(want, sizeof want - 1);
        assert_memory_equal(x.b, y.b, sizeof x.b);
        arena_free(a);
}

static void a_clock_is_believed_up_to_its_limit(void **state)
{
        const int64_t now = INT64_C(1767225600000), year_2000 = INT64_C(946684800000);
        (void)state;
        assert_int_equal(flag_judged(FLAG_MANUAL, now + LIMIT_SERIES_AHEAD_MS, now), FLAG_MANUAL);
        assert_int_equal(flag_judged(FLAG_MANUAL, now + LIMIT_SERIES_AHEAD_MS + 1, now), FLAG_CLOCK);
        assert_int_equal(flag_judged(FLAG_NORMAL, year_2000, now), FLAG_NORMAL);
        assert_int_equal(flag_judged(FLAG_NORMAL, year_2000 - 1, now), FLAG_CLOCK);
}

static void numbers_of_every_size_are_written_and_read(void **state)
{
        struct arena *a = arena_new();
        struct pack k = { .a = a };
        (void)state;
        for (int shift = 0; shift < 64; shift++) {
                pack_u(&k, UINT64_C(1) << shift);
                pack_u(&k, (UINT64_C(1) << shift) - 1);
                pack_i(&k, -(int64_t)((UINT64_C(1) << shift) - 1));
        }
        pack_u(&k, UINT64_MAX);
        pack_i(&k, INT64_MIN);
        struct unpack u = unpack_of(pack_view(&k));
        for (int shift = 0; shift < 64; shift++) {
                assert_true(unpack_u(&u) == UINT64_C(1) << shift);
                assert_true(unpack_u(&u) == (UINT64_C(1) << shift) - 1);
                assert_true(unpack_i(&u) == -(int64_t)((UINT64_C(1) << shift) - 1));
        }
        assert_true(unpack_u(&u) == UINT64_MAX && unpack_i(&u) == INT64_MIN && !u.bad);
        assert_int_equal(unpack_u(&u), 0);
        assert_true(u.bad);
        u = unpack_of((struct str){ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10 });
        unpack_u(&u);
        assert_true(u.bad);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_block_gives_back_what_went_in),
                cmocka_unit_test(a_regular_hour_is_small),
                cmocka_unit_test(damaged_blocks_are_refused_or_read_safely),
                cmocka_unit_test(figures_of_a_day_come_back),
                cmocka_unit_test(sums_are_exact_where_they_can_be),
                cmocka_unit_test(the_text_of_an_hour_is_as_documented),
                cmocka_unit_test(a_clock_is_believed_up_to_its_limit),
                cmocka_unit_test(numbers_of_every_size_are_written_and_read),
        };
        return cmocka_run_group_tests_name("series/block", tests, NULL, NULL);
}
