#include "merkle/test_log.h"

#include "merkle/prooffile.h"

/* Goal: a file of proof has one form; what has another is refused. */

#define FIRST "c2sp.org/tlog-proof@v1\n"
#define HASH "VaGBOrmC32/t7GrMJYcIvn+gnrY3cGJq52llj+ktBF8=\n"
static struct arena *a;

static int setup(void **state)
{
        (void)state;
        a = arena_new();
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        arena_free(a);
        return 0;
}

static void there_and_back(void **state)
{
        static const char *const texts[] = {
                FIRST "index 0\n\nnote\n", FIRST "index 9223372036854775807\n" HASH HASH "\nnote\n\nmore", FIRST "extra \nindex 1\n" HASH "\nnote",
                FIRST "extra Zm9v\nindex 1\n\n\nnote\n",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(texts); i++) {
                struct proof_file p;
                struct buf b = { .max = 1000 };

                assert_int_equal(proof_file_read(a, str_of(texts[i]), &p, NULL), 0);
                proof_file_write(&b, &p);
                assert_str(buf_view(&b), texts[i]);
                buf_free(&b);
        }
}

static void other_forms_are_refused(void **state)
{
        static const char *const bad[] = {
                "", FIRST, "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2\nindex 0\n\nnote\n", FIRST "index 0", FIRST "index 0\n", FIRST "index 0\n\n",
                FIRST "index 0\n" HASH, FIRST "index 0\n" HASH "\n", FIRST "index 00\n\nnote\n", FIRST "index -1\n\nnote\n", FIRST "index 1 \n\nnote\n",
                FIRST "index  1\n\nnote\n", FIRST "index 9223372036854775808\n\nnote\n", FIRST "index\n\nnote\n", FIRST "Index 1\n\nnote\n", FIRST "\nindex 1\n\nnote\n",
                FIRST "extra Zm9\nindex 1\n\nnote\n", FIRST "extra\nindex 1\n\nnote\n", FIRST "extra Zm9v\nextra Zm9v\nindex 1\n\nnote\n", FIRST "extra Zm9v\n",
                FIRST "index 1\nextra Zm9v\n\nnote\n", FIRST "index 1\nZm9v\n\nnote\n", FIRST "index 1\n " HASH "\nnote\n",
                "c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\nnote\r\n", FIRST "index 0\r\n\r\nnote\r\n",
        };
        struct proof_file p;

        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++) {
                struct err e = { 0 };
                if (proof_file_read(a, str_of(bad[i]), &p, &e) == 0)
                        fail_msg("row %zu was taken", i);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
        }
}

static void limits_of_a_file(void **state)
{
        struct buf b = { .max = 2 * PROOF_FILE_BYTES_MAX };
        struct proof_file p;
        struct err e = { 0 };

        (void)state;
        for (int n = PROOF_MAX; n <= PROOF_MAX + 1; n++) {
                buf_clear(&b);
                buf_z(&b, FIRST "index 1\n");
                for (int i = 0; i < n; i++)
                        buf_z(&b, HASH);
                buf_z(&b, "\nnote\n");
                assert_int_equal(proof_file_read(a, buf_view(&b), &p, &e), n == PROOF_MAX ? 0 : -1);
        }
        buf_clear(&b);
        buf_z(&b, FIRST "index 1\n\n");
        while (b.n < PROOF_FILE_BYTES_MAX)
                buf_char(&b, 'x');
        assert_int_equal(proof_file_read(a, buf_view(&b), &p, &e), 0);
        buf_char(&b, 'x');
        assert_int_equal(proof_file_read(a, buf_view(&b), &p, &e), -1);
        assert_int_equal(e.kind, ERR_TOO_LARGE);
        buf_free(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(there_and_back), cmocka_unit_test(other_forms_are_refused), cmocka_unit_test(limits_of_a_file),
        };

        return cmocka_run_group_tests_name("merkle/prooffile", tests, setup, teardown);
}
