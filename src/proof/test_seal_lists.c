#include <stdlib.h>

#include "base/limits.h"
#include "base/test.h"
#include "proof/seal_lists.h"

static struct hash key(unsigned n)
{
        return sha256(&n, sizeof n);
}

/* A list that is told from others by its number. */
static struct hash *list_of(unsigned number, size_t n)
{
        struct hash *list = malloc(n * sizeof *list);
        for (size_t i = 0; i < n; i++)
                list[i] = key(number + 7919 * (unsigned)i);
        return list;
}

static void keep(struct seal_lists *l, unsigned number, size_t n)
{
        struct hash h = key(number), *list = list_of(number, n);
        seal_lists_keep(l, &h, list, n);
        free(list);
}

/* Is it here?  Then it is the one that was kept. */
static bool here(struct seal_lists *l, unsigned number, size_t n)
{
        struct arena *a = arena_new();
        struct hash h = key(number), *got = NULL, *list = list_of(number, n);
        size_t got_n = 0;
        bool yes = seal_lists_find(l, a, &h, &got, &got_n);
        if (yes) {
                assert_int_equal(got_n, n);
                assert_memory_equal(got, list, n * sizeof *list);
        }
        free(list);
        arena_free(a);
        return yes;
}

static void what_was_kept_is_found_and_nothing_else(void **state)
{
        struct seal_lists *l = seal_lists_new();
        (void)state;
        assert_false(here(l, 1, 3));
        for (unsigned i = 0; i < 60; i++)
                keep(l, i, 1 + i);
        int found = 0;
        for (unsigned i = 0; i < 60; i++)
                found += here(l, i, 1 + i);
        assert_true(found >= 55);       /* two may have one place */
        assert_false(here(l, 60, 61));
        keep(l, 7, 8);                  /* again */
        assert_true(here(l, 7, 8));
        seal_lists_free(l);
}

static void the_room_is_bounded(void **state)
{
        enum { MOST = LIMIT_SEAL_LISTS_BYTES / sizeof(struct hash) };
        struct seal_lists *l = seal_lists_new();
        (void)state;
        keep(l, 1, MOST);
        assert_true(here(l, 1, MOST));
        keep(l, 2, MOST + 1);
        assert_false(here(l, 2, MOST + 1));
        assert_true(here(l, 1, MOST));
        keep(l, 3, 1);
        assert_true(here(l, 3, 1));
        assert_false(here(l, 1, MOST));
        for (unsigned i = 0; i < 10000; i++) {
                keep(l, i, 200);
                assert_true(seal_lists_bytes(l) <= LIMIT_SEAL_LISTS_BYTES);
        }
        assert_true(here(l, 9999, 200));
        seal_lists_free(l);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_was_kept_is_found_and_nothing_else),
                cmocka_unit_test(the_room_is_bounded),
        };
        return cmocka_run_group_tests_name("proof/seal_lists", tests, NULL, NULL);
}
