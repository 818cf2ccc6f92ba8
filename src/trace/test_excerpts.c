#include "base/test.h"

#include "base/limits.h"
#include "trace/excerpts.h"

static void ask(struct excerpts *x, int64_t org, int64_t seq, const char *want)
{
        struct arena *a = arena_new();
        struct buf b;
        struct str context;

        buf_init(&b, 1 << 16);
        bool found = excerpts_get(x, a, org, seq, &b, STR_NONE, &context);
        assert_int_equal(found, want != NULL);
        if (want)
                assert_str(buf_view(&b), want);
        buf_free(&b);
        arena_free(a);
}

static void an_event_is_found_by_organisation_and_number(void **state)
{
        struct excerpts *x = excerpts_new();

        (void)state;
        excerpts_put(x, 1, 7, STR("{\"a\":1}"), STR("[]"));
        excerpts_put(x, 2, 7, STR("{\"b\":2}"), STR_NONE);
        ask(x, 1, 7, "{\"a\":1}");
        ask(x, 2, 7, "{\"b\":2}");
        ask(x, 1, 8, NULL);
        ask(x, 3, 7, NULL);
        excerpts_free(x);
}

static void whoever_comes_later_takes_the_place(void **state)
{
        struct excerpts *x = excerpts_new();

        (void)state;
        excerpts_put(x, 1, 7, STR("old"), STR_NONE);
        excerpts_put(x, 1, 7 + LIMIT_EXCERPTS, STR("new"), STR_NONE);
        ask(x, 1, 7, NULL);
        ask(x, 1, 7 + LIMIT_EXCERPTS, "new");
        excerpts_free(x);
}

static void long_ones_are_not_kept(void **state)
{
        static char text[LIMIT_EXCERPT_BYTES + 1];
        struct excerpts *x = excerpts_new();
        struct arena *a = arena_new();
        struct buf b;
        struct str context;

        (void)state;
        memset(text, 'x', sizeof text);
        buf_init(&b, 1 << 16);
        excerpts_put(x, 1, 1, (struct str){ text, LIMIT_EXCERPT_BYTES }, STR_NONE);
        excerpts_put(x, 1, 2, (struct str){ text, LIMIT_EXCERPT_BYTES }, STR("y"));
        assert_true(excerpts_get(x, a, 1, 1, &b, STR_NONE, &context));
        assert_false(excerpts_get(x, a, 1, 2, &b, STR_NONE, &context));
        buf_free(&b);
        arena_free(a);
        excerpts_free(x);
}

static void neighbours_share_their_context(void **state)
{
        struct excerpts *x = excerpts_new();
        struct arena *a = arena_new();
        struct str first, second;
        struct buf b;

        (void)state;
        buf_init(&b, 1 << 16);
        excerpts_put(x, 1, 1, STR("{}"), STR("[\"c\"]"));
        excerpts_put(x, 1, 2, STR("{}"), STR("[\"c\"]"));
        assert_true(excerpts_get(x, a, 1, 1, &b, STR_NONE, &first));
        assert_true(excerpts_get(x, a, 1, 2, &b, first, &second));
        assert_ptr_equal(first.p, second.p);
        buf_free(&b);
        arena_free(a);
        excerpts_free(x);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_event_is_found_by_organisation_and_number),
                cmocka_unit_test(whoever_comes_later_takes_the_place),
                cmocka_unit_test(long_ones_are_not_kept),
                cmocka_unit_test(neighbours_share_their_context),
        };
        return cmocka_run_group_tests_name("trace/excerpts", tests, NULL, NULL);
}
