#include "base/test.h"

#include "base/text.h"
#include "merkle/checkpoint.h"
#include "merkle/tree.h"

/* Goal: a checkpoint says one thing in one way, of one log; a cosignature is of one witness, one text and one time. */

static struct arena *a;
static struct signer *log_key, *witness;
static struct str note;         /* a checkpoint signed by the log and cosigned at 1767225600 and, again, at 1767225700 */
#define ROOT "G7l9zCFjXUfiZj79/QoXRobZjdcBNS3SzQbotD/T0wU="
#define TEXT "log.example.org/trace\n1\n" ROOT "\n"

static struct signer *signer_of(const char *name, enum key_type type, const char *hex)
{
        uint8_t seed[32];

        assert_true(hex_read(str_of(hex), seed, sizeof seed));
        return signer_ed25519(a, str_of(name), type, seed);
}

static int setup(void **state)
{
        struct buf b = { .max = 10000 };

        (void)state;
        a = arena_new();
        log_key = signer_of("log.example.org/trace", KEY_ED25519, "8b882c1f6e0404dbd2decd4b5e41be46e5e81265344cb9609afe4406c9b9f045");
        witness = signer_of("w1.example.net", KEY_COSIGN, "8f34e0307c57e325c69df715ee392ef0fc42162eb50bf006e5d57a4be497e341");
        if (note_write(&b, STR(TEXT), (const struct signer *const[]){ log_key }, 1, NULL) < 0 || cosign(witness, STR(TEXT), 1767225700, &b, NULL) < 0 ||
            cosign(witness, STR(TEXT), 1767225600, &b, NULL) < 0)
                return -1;
        note = arena_str(a, buf_view(&b));
        buf_free(&b);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        arena_free(a);
        return 0;
}

/* Lines that another implementation made of the same seeds. */
static void lines_made_elsewhere(void **state)
{
        (void)state;
        assert_non_null(strstr(note.p, "\xe2\x80\x94 log.example.org/trace PAet1auSEc7CFC4E9tv6erL0HrbrKzJdDUTfgEFFBSoMr2+6CA2yjg3Nhj/KzvfLFs2191u8JXafUgxh5NP/hk79SA0=\n"));
        assert_non_null(strstr(note.p, "\xe2\x80\x94 w1.example.net j6SF4gAAAABpVbkAC/X7VRAiupqh9GIXb4hxUqa98dYcWmDdibt4/uxvRvzL668wMLr/nXUZxf4aPO55SQ/pQt8rEJ4ibRObpLlZCw==\n"));
}

static void there_and_back(void **state)
{
        const struct str texts[] = {
                STR(TEXT), STR("o\n0\n" ROOT "\n"), STR("o\n4611686018427387904\n" ROOT "\n"), STR("o\n1\n" ROOT "\nmore\nand more\n"),
        };

        (void)state;
        for (size_t i = 0; i < COUNT(texts); i++) {
                struct checkpoint c;
                struct buf b = { .max = 1000 };

                assert_int_equal(checkpoint_read(texts[i], &c, NULL), 0);
                checkpoint_write(&b, &c);
                assert_str(buf_view(&b), texts[i].p);
                buf_free(&b);
        }
}

static void other_texts_are_refused(void **state)
{
        static const char *const bad[] = {
                "", "\n", "o\n", "o\n1\n", "o\n1\n" ROOT, "\n1\n" ROOT "\n", "o\n\n" ROOT "\n", "o\n01\n" ROOT "\n", "o\n-1\n" ROOT "\n", "o\n+1\n" ROOT "\n",
                "o\n1 \n" ROOT "\n", "o\n4611686018427387905\n" ROOT "\n", "o\n18446744073709551616\n" ROOT "\n", "o\n1\n" ROOT "=\n", "o\n1\n\n",
                "o\n1\nAAAA\n", "o\n1\n " ROOT "\n", "o\n1\n" ROOT "\n\n", "o\n1\n" ROOT "\nmore", "o\n1\n" ROOT "\nmore\n\n", "o\n1\n" ROOT "\nmore\n\nmore\n",
                "o\r\n1\r\n" ROOT "\r\n",
        };
        struct checkpoint c;

        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++) {
                struct err e = { 0 };
                if (checkpoint_read(str_of(bad[i]), &c, &e) == 0)
                        fail_msg("row %zu was taken", i);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
        }
}

static void opened_for_its_own_log_only(void **state)
{
        struct signed_checkpoint s;
        struct vkey other = signer_of("log.example.org/trace", KEY_ED25519, "7f97b4e4ab40c6c7cda6fd55a2b2607d80cf7c29d73e6467b424a296b24e690d")->vkey;
        struct vkey renamed = signer_of("log.example.org/other", KEY_ED25519, "8b882c1f6e0404dbd2decd4b5e41be46e5e81265344cb9609afe4406c9b9f045")->vkey;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(checkpoint_open(a, note, &log_key->vkey, &s, NULL), 0);
        assert_int_equal(s.c.size, 1);
        assert_str(s.c.origin, "log.example.org/trace");
        assert_int_equal(checkpoint_open(a, note, &other, &s, &e), -1);
        assert_non_null(strstr(e.detail, "not signed"));
        assert_int_equal(checkpoint_open(a, note, &renamed, &s, &e), -1);
        assert_non_null(strstr(e.detail, "log.example.org/other"));

        char *p = arena_cstr(a, note);
        p[strlen("log.example.org/trace\n")] = '2';
        assert_int_equal(checkpoint_open(a, str_of(p), &log_key->vkey, &s, &e), -1);
        assert_non_null(strstr(e.detail, "does not hold"));
}

static void the_earliest_time_counts(void **state)
{
        struct note n;
        int64_t time = 0;

        (void)state;
        assert_int_equal(note_read(a, note, &n, NULL), 0);
        assert_int_equal(cosigned(&n, &witness->vkey, &time), 1);
        assert_int_equal(time, 1767225600);
        assert_int_equal(cosigned(&n, &witness->vkey, NULL), 1);
        assert_int_equal(cosigned(&n, &signer_of("w1.example.net", KEY_COSIGN, "7f97b4e4ab40c6c7cda6fd55a2b2607d80cf7c29d73e6467b424a296b24e690d")->vkey, &time), 0);
        assert_int_equal(cosigned(&n, &log_key->vkey, &time), 0);       /* a log's signature is no cosignature */
        assert_int_equal(note_verify(&n, &witness->vkey), -1);          /* nor the other way round */
}

/* Every byte of a line, its time too, is under the signature. */
static void a_flipped_bit_is_seen(void **state)
{
        struct note n;
        struct note_line *l;

        (void)state;
        assert_int_equal(note_read(a, note, &n, NULL), 0);
        n.n_lines = 2;
        l = &n.lines[1];
        char *p = arena_cstr(a, l->signature);
        l->signature.p = p;
        assert_int_equal(l->signature.n, 72);
        for (size_t i = 0; i < 8 * 72; i++) {
                p[i / 8] ^= (char)(1 << i % 8);
                assert_int_equal(cosigned(&n, &witness->vkey, NULL), -1);
                p[i / 8] ^= (char)(1 << i % 8);
        }
        assert_int_equal(cosigned(&n, &witness->vkey, NULL), 1);
        l->signature.n--;
        assert_int_equal(cosigned(&n, &witness->vkey, NULL), -1);
        l->signature.n = 0;
        assert_int_equal(cosigned(&n, &witness->vkey, NULL), -1);
}

/* A time of zero or past all times is refused although it is signed. */
static void impossible_times(void **state)
{
        static const char *const times[] = { "0", "9223372036854775808", "-9223372036854775808" };
        static const uint8_t bytes[][8] = { { 0 }, { 0x80 }, { 0x80 } };

        (void)state;
        for (size_t i = 0; i < COUNT(times); i++) {
                struct buf message = { .max = 1000 }, signature = { .max = 100 }, b = { .max = 1000 };
                struct note n;

                buf_printf(&message, "cosignature/v1\ntime %s\n%s", times[i], TEXT);
                buf_add(&signature, bytes[i], 8);
                assert_int_equal(witness->sign(witness, buf_view(&message), &signature, NULL), 0);
                buf_z(&b, TEXT "\n");
                note_sign_line(&b, &witness->vkey, buf_view(&signature));
                assert_int_equal(note_read(a, buf_view(&b), &n, NULL), 0);
                assert_int_equal(cosigned(&n, &witness->vkey, NULL), -1);
                buf_free(&message);
                buf_free(&signature);
                buf_free(&b);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lines_made_elsewhere), cmocka_unit_test(there_and_back), cmocka_unit_test(other_texts_are_refused),
                cmocka_unit_test(opened_for_its_own_log_only), cmocka_unit_test(the_earliest_time_counts), cmocka_unit_test(a_flipped_bit_is_seen),
                cmocka_unit_test(impossible_times),
        };

        return cmocka_run_group_tests_name("merkle/checkpoint", tests, setup, teardown);
}
