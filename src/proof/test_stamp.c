#include "base/test.h"

#include "base/limits.h"
#include "proof/stamp.h"

/* What holds is seen in scenario/anchor.py with an authority of OpenSSL's; here, what is refused before anybody looks into it. */

static int kind_of(size_t bytes)
{
        struct arena *a = arena_new();
        struct str request;
        struct err e = { 0 };
        int64_t time_s;
        assert_int_equal(stamp_request(a, STR("a checkpoint"), &request, &e), 0);
        char *p = arena_alloc(a, bytes + 1);
        assert_int_equal(stamp_verify((struct str){ p, bytes }, request, "/dev/null", &time_s, &e), -1);
        arena_free(a);
        return e.kind;
}

static void no_more_is_read_than_the_limit_says(void **state)
{
        (void)state;
        assert_int_not_equal(kind_of(0), ERR_TOO_LARGE);
        assert_int_not_equal(kind_of(LIMIT_STAMP_BYTES), ERR_TOO_LARGE);
        assert_int_equal(kind_of(LIMIT_STAMP_BYTES + 1), ERR_TOO_LARGE);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(no_more_is_read_than_the_limit_says) };
        return cmocka_run_group_tests_name("proof/stamp", tests, NULL, NULL);
}
