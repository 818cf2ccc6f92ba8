#include "base/test.h"

#include <stdlib.h>

#include "base/buf.h"

static void holds_exactly_its_maximum(void **state)
{
        (void)state;
        for (size_t max = 1; max < 600; max += 37) {
                struct buf b;
                buf_init(&b, max);
                for (size_t i = 0; i < max; i++)
                        buf_char(&b, 'x');
                assert_false(b.overflow);
                assert_int_equal(b.n, max);
                assert_int_equal(strlen(b.p), max);
                buf_char(&b, 'y');
                assert_true(b.overflow);
                assert_int_equal(b.n, max);
                buf_free(&b);
        }
}

static void overflow_drops_whole_and_sticks(void **state)
{
        (void)state;
        struct buf b = { .max = 5 };

        buf_z(&b, "abc");
        buf_z(&b, "def");
        buf_char(&b, 'g');      /* would fit, but then there would be a hole */
        assert_true(b.overflow);
        assert_string_equal(b.p, "abc");
        buf_clear(&b);
        assert_false(b.overflow);
        assert_string_equal(b.p, "");
        buf_z(&b, "12345");
        assert_string_equal(b.p, "12345");
        assert_false(b.overflow);
        buf_free(&b);
        assert_null(b.p);
        buf_z(&b, "again");     /* freed is empty, not unusable */
        assert_str(buf_view(&b), "again");
        buf_free(&b);
}

static void writes_numbers(void **state)
{
        (void)state;
        struct buf b = { .max = 1000 };

        buf_u64(&b, 0);
        buf_char(&b, ' ');
        buf_u64(&b, UINT64_MAX);
        buf_char(&b, ' ');
        buf_i64(&b, INT64_MIN);
        buf_char(&b, ' ');
        buf_i64(&b, -1);
        assert_str(buf_view(&b), "0 18446744073709551615 -9223372036854775808 -1");
        buf_free(&b);
}

static void prints_at_any_length(void **state)
{
        (void)state;
        for (int width = 250; width < 262; width++) {
                struct buf b = { .max = (size_t)width };
                buf_printf(&b, "%*d", width, 5);
                assert_false(b.overflow);
                assert_int_equal(strlen(b.p), width);
                buf_clear(&b);
                buf_printf(&b, "%*d", width + 1, 5);
                assert_true(b.overflow);
                assert_int_equal(b.n, 0);
                buf_free(&b);
        }
}

static void writes_hex(void **state)
{
        (void)state;
        struct buf b = { .max = 6 };

        buf_hex(&b, "\x00\xab\xff", 3);
        assert_str(buf_view(&b), "00abff");
        buf_hex(&b, "x", 1);
        assert_true(b.overflow);
        buf_free(&b);
}

static void hands_its_memory_over(void **state)
{
        (void)state;
        struct buf b = { .max = 10 };
        size_t n = 9;
        char *p = buf_take(&b, &n);

        assert_string_equal(p, "");
        assert_int_equal(n, 0);
        free(p);
        buf_z(&b, "abc");
        p = buf_take(&b, &n);
        assert_string_equal(p, "abc");
        assert_int_equal(n, 3);
        assert_null(b.p);
        assert_int_equal(b.max, 10);
        free(p);
}

static void reserve_is_not_more_than_allowed(void **state)
{
        (void)state;
        struct buf b = { .max = 10 };

        buf_reserve(&b, SIZE_MAX);
        assert_int_equal(b.cap, 11);
        assert_false(b.overflow);
        buf_add(&b, NULL, 0);
        assert_str(buf_view(&b), "");
        buf_free(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(holds_exactly_its_maximum),
                cmocka_unit_test(overflow_drops_whole_and_sticks),
                cmocka_unit_test(writes_numbers),
                cmocka_unit_test(prints_at_any_length),
                cmocka_unit_test(writes_hex),
                cmocka_unit_test(hands_its_memory_over),
                cmocka_unit_test(reserve_is_not_more_than_allowed),
        };
        return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
