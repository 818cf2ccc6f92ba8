#include "base/test.h"

#include <stdalign.h>
#include <stdio.h>

#include "base/arena.h"

static void gives_zeroed_aligned_memory(void **state)
{
        (void)state;
        struct arena *a = arena_new();

        for (int round = 0; round < 3; round++) {
                for (size_t n = 0; n < 300; n++) {
                        unsigned char *p = arena_alloc(a, n);
                        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
                        for (size_t i = 0; i < n; i++)
                                assert_int_equal(p[i], 0);
                        memset(p, 0xff, n);
                }
                arena_reset(a);         /* the second round meets used memory */
        }
        arena_free(a);
}

static void allocations_do_not_overlap(void **state)
{
        (void)state;
        enum { N = 2000 };
        static unsigned char *p[N];
        static size_t size[N];
        uint64_t seed = 1;
        struct arena *a = arena_new();

        for (int i = 0; i < N; i++) {
                /* small ones mostly, some with a block of their own */
                size[i] = test_random(&seed) % (i % 100 == 0 ? 400000 : 500);
                p[i] = arena_raw(a, size[i]);
                memset(p[i], i & 0xff, size[i]);
        }
        for (int i = 0; i < N; i++)
                for (size_t k = 0; k < size[i]; k += 7)
                        assert_int_equal(p[i][k], i & 0xff);
        arena_free(a);
}

static void copies_are_terminated(void **state)
{
        (void)state;
        struct arena *a = arena_new();
        char source[] = "abcd";
        struct str s = arena_str(a, (struct str){ source, 3 });

        source[0] = 'x';
        assert_string_equal(s.p, "abc");
        assert_int_equal(s.n, 3);
        assert_string_equal(arena_cstr(a, STR_NONE), "");
        assert_int_equal(arena_str(a, STR("a\0b")).n, 3);
        arena_free(a);
}

static void prints_short_and_long(void **state)
{
        (void)state;
        struct arena *a = arena_new();

        assert_str(arena_printf(a, "%d-%s", 7, "x"), "7-x");
        assert_str(arena_printf(a, "%s", ""), "");
        for (int width = 250; width < 262; width++) {
                struct str s = arena_printf(a, "%*d", width, 5);
                assert_int_equal(s.n, width);
                assert_int_equal(strlen(s.p), width);
                assert_int_equal(s.p[width - 1], '5');
        }
        arena_free(a);
}

static char trail[8];

static void leave_trail(void *obj)
{
        strncat(trail, obj, sizeof trail - strlen(trail) - 1);
}

static void hooks_run_newest_first_and_once(void **state)
{
        (void)state;
        char one[] = "1", two[] = "2", three[] = "3";
        struct arena *a = arena_new();

        trail[0] = '\0';
        arena_at_exit(a, leave_trail, one);
        arena_at_exit(a, leave_trail, two);
        arena_reset(a);
        assert_string_equal(trail, "21");
        arena_at_exit(a, leave_trail, three);
        arena_free(a);
        assert_string_equal(trail, "213");
}

static void counts_what_is_used(void **state)
{
        (void)state;
        struct arena *a = arena_new();

        assert_int_equal(arena_used(a), 0);
        arena_raw(a, 1000);
        assert_in_range(arena_used(a), 1000, 1100);
        arena_raw(a, 1000000);
        assert_in_range(arena_used(a), 1001000, 1001200);
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
        arena_free(a);
        arena_free(NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(gives_zeroed_aligned_memory),
                cmocka_unit_test(allocations_do_not_overlap),
                cmocka_unit_test(copies_are_terminated),
                cmocka_unit_test(prints_short_and_long),
                cmocka_unit_test(hooks_run_newest_first_and_once),
                cmocka_unit_test(counts_what_is_used),
        };
        return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
