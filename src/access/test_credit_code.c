#include "base/test.h"

#include "access/credit_code.h"

/* Codes that are printed on public licences, and that of the standard's annex. */
static const char *const good[] = { "91350100M000100Y43", "91110000600037341L", "914403001922038216", "91330100799655058B", "12100000400010275N" };

static int read_one(const char *s, char ret[CREDIT_CODE_BYTES], struct err *e)
{
        *e = (struct err){ 0 };
        return credit_code_read(str_of(s), ret, e);
}

static void right_codes_are_taken(void **state)
{
        (void)state;
        char c[CREDIT_CODE_BYTES];
        struct err e;
        for (size_t i = 0; i < COUNT(good); i++)
                if (read_one(good[i], c, &e) < 0)
                        fail_msg("%s: %s", good[i], e.detail);
        assert_int_equal(read_one("  91350100m000100y43 ", c, &e), 0);
        assert_memory_equal(c, good[0], CREDIT_CODE_BYTES);
}

/* Every wrong character in every place, and every two neighbours that changed places. */
static void a_slip_is_seen(void **state)
{
        (void)state;
        static const char letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        char c[CREDIT_CODE_BYTES], text[CREDIT_CODE_BYTES + 1];
        struct err e;
        for (size_t i = 0; i < COUNT(good); i++)
                for (int at = 0; at < CREDIT_CODE_BYTES; at++) {
                        for (const char *l = letters; *l; l++) {
                                memcpy(text, good[i], sizeof text);
                                text[at] = *l;
                                assert_int_equal(read_one(text, c, &e), *l == good[i][at] ? 0 : -1);
                        }
                        if (at + 1 == CREDIT_CODE_BYTES || good[i][at] == good[i][at + 1])
                                continue;
                        memcpy(text, good[i], sizeof text);
                        text[at] = good[i][at + 1];
                        text[at + 1] = good[i][at];
                        assert_int_equal(read_one(text, c, &e), -1);
                }
}

static void the_refusal_says_what_is_wrong(void **state)
{
        (void)state;
        char c[CREDIT_CODE_BYTES];
        struct err e;
        assert_int_equal(read_one("91350100M000100Y44", c, &e), -1);
        assert_non_null(strstr(e.detail, "want 3"));
        assert_int_equal(read_one("9135010OM000100Y43", c, &e), -1);
        assert_non_null(strstr(e.detail, "character 8"));
        assert_int_equal(read_one("913A0100M000100Y43", c, &e), -1);
        assert_non_null(strstr(e.detail, "a digit"));
        assert_int_equal(read_one("91350100M000100Y4", c, &e), -1);
        assert_non_null(strstr(e.detail, "18"));
        assert_int_equal(read_one("", c, &e), -1);
        assert_int_equal(e.kind, ERR_BAD_INPUT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(right_codes_are_taken),
                cmocka_unit_test(a_slip_is_seen),
                cmocka_unit_test(the_refusal_says_what_is_wrong),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
