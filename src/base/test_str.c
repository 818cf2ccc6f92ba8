#include "base/test.h"

#include "base/str.h"

static void orders_by_bytes(void **state)
{
        (void)state;
        assert_int_equal(str_cmp(STR("a"), STR("b")), -1);
        assert_int_equal(str_cmp(STR("b"), STR("a")), 1);
        assert_int_equal(str_cmp(STR("a"), STR("a")), 0);
        assert_int_equal(str_cmp(STR("a"), STR("aa")), -1);
        assert_int_equal(str_cmp(STR("b"), STR("aa")), 1);
        assert_int_equal(str_cmp(STR_NONE, STR("")), 0);
        assert_int_equal(str_cmp(STR_NONE, STR("a")), -1);
        /* U+FFFD before U+10000, though UTF-16 would say otherwise */
        assert_int_equal(str_cmp(STR("\xef\xbf\xbd"), STR("\xf0\x90\x80\x80")), -1);
}

static void none_equals_empty(void **state)
{
        (void)state;
        assert_true(str_eq(STR_NONE, STR("")));
        assert_true(str_is(STR_NONE, ""));
        assert_true(str_eq(str_of(NULL), STR_NONE));
        assert_false(str_eq(STR("a"), STR("b")));
        assert_false(str_eq(STR("a"), STR("ab")));
}

static void begins_and_ends(void **state)
{
        (void)state;
        assert_true(str_starts(STR("abc"), STR("ab")));
        assert_true(str_starts(STR("abc"), STR_NONE));
        assert_true(str_starts(STR_NONE, STR_NONE));
        assert_false(str_starts(STR("a"), STR("ab")));
        assert_str(str_from(STR("abc"), 1), "bc");
        assert_int_equal(str_from(STR("abc"), 3).n, 0);
        assert_int_equal(str_from(STR("abc"), 9).n, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(orders_by_bytes),
                cmocka_unit_test(none_equals_empty),
                cmocka_unit_test(begins_and_ends),
        };
        return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
