#include "base/test.h"

#include "base/text.h"
#include "merkle/note.h"

/* Goal: a signed note is believed for the key it is believed for, and for nothing else; whatever else is sent is refused. */

static struct arena *a;
static struct signer *alice, *bob;
#define DASH "\xe2\x80\x94"

static struct signer *signer_of(const char *name, int seed_byte)
{
        uint8_t seed[32];

        memset(seed, seed_byte, sizeof seed);
        return signer_ed25519(a, str_of(name), KEY_ED25519, seed);
}

static int setup(void **state)
{
        (void)state;
        a = arena_new();
        alice = signer_of("alice.example/log", 1);
        bob = signer_of("bob.example", 2);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        arena_free(a);
        return 0;
}

static struct str note_of(const char *text, const struct signer *const *signers, size_t n)
{
        struct buf b = { .max = NOTE_BYTES_MAX };

        assert_int_equal(note_write(&b, str_of(text), signers, n, NULL), 0);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

static bool reads(struct str s)
{
        struct note n;
        struct err e = { 0 };
        bool ok = note_read(a, s, &n, &e) == 0;

        assert_true(ok || e.kind == ERR_BAD_INPUT || e.kind == ERR_TOO_LARGE);
        return ok;
}

/* ---- keys ---- */

/* By another implementation, of the same seeds. */
static void a_key_made_elsewhere(void **state)
{
        uint8_t seed[32];
        struct buf b = { .max = 1000 };

        (void)state;
        assert_true(hex_read(STR("8b882c1f6e0404dbd2decd4b5e41be46e5e81265344cb9609afe4406c9b9f045"), seed, sizeof seed));
        vkey_write(&b, &signer_ed25519(a, STR("log.example.org/trace"), KEY_ED25519, seed)->vkey);
        assert_str(buf_view(&b), "log.example.org/trace+3c07add5+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeGEa");
        buf_clear(&b);
        assert_true(hex_read(STR("8f34e0307c57e325c69df715ee392ef0fc42162eb50bf006e5d57a4be497e341"), seed, sizeof seed));
        vkey_write(&b, &signer_ed25519(a, STR("w1.example.net"), KEY_COSIGN, seed)->vkey);
        assert_str(buf_view(&b), "w1.example.net+8fa485e2+BMKpr+0MY849afVAd1a2M0FQCp4DYy8GaCpvCr1VaUpY");
        buf_free(&b);
}

static void names_of_keys(void **state)
{
        static const char *const good[] = { "a", "log.example.org/trace", "溯源.example", "a-b_c:d,e", "(x)", "!" };
        static const char *const bad[] = {
                "", " ", "a b", "a+b", "a\tb", "a\n", "a\x7f", "a\xc2\x80", "a\xc2\x85", "a\xc2\xa0""b", "a\xe1\x9a\x80", "a\xe2\x80\x80", "a\xe2\x80\x8b",
                "a\xe2\x80\xa8", "a\xe2\x80\xae", "a\xe2\x81\x9f", "a\xe3\x80\x80", "\xef\xbb\xbf""a", "a\xff", "a\xc0\xa0",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(good); i++)
                assert_true(key_name_ok(str_of(good[i])));
        for (size_t i = 0; i < COUNT(bad); i++)
                if (key_name_ok(str_of(bad[i])))
                        fail_msg("row %zu", i);
        assert_false(key_name_ok((struct str){ "a\0b", 3 }));
}

static void keys_have_one_spelling(void **state)
{
        static const char *const bad[] = {
                "", "log", "log+3c07add5", "log.example.org/trace+3c07add5+", "log.example.org/trace+3C07ADD5+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeGEa",
                "log.example.org/trace+3c07add6+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeGEa", "log.example.org/trac+3c07add5+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeGEa",
                "log.example.org/trace+3c07add5+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeGEb", "log.example.org/trace+3c07add5+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeA==",
                "log.example.org/trace+03c07add5+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeGEa", "log.example.org/trace+3c07add+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeGEa",
                "log.example.org/trace+3c07add5+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeGEa\n", " log.example.org/trace+3c07add5+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeGEa",
                "+3c07add5+AeskOF55y5Z29Be7KNIsEbXr5s+V9pcFpVSP3/sMeGEa",
        };
        struct vkey k;

        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++) {
                struct err e = { 0 };
                if (vkey_read(a, str_of(bad[i]), &k, &e) == 0)
                        fail_msg("row %zu was taken", i);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
        }
}

/* A kind that we do not know is kept, and its lines say nothing. */
static void other_kinds_of_keys(void **state)
{
        static const uint8_t kinds[] = { 0x02, 0x05, 0x06, 0x7f, 0xff };
        struct str s = note_of("text\n", (const struct signer *const[]){ alice }, 1);
        struct note n;

        (void)state;
        for (size_t i = 0; i < COUNT(kinds); i++) {
                struct vkey k = vkey_of(a, STR("x"), (enum key_type)kinds[i], "long-identifier/v1 and a key", 28), got;
                struct buf b = { .max = 1000 };

                vkey_write(&b, &k);
                assert_int_equal(vkey_read(a, buf_view(&b), &got, NULL), 0);
                assert_true(got.type == kinds[i] && got.id == k.id && str_eq(got.key, k.key));
                assert_int_equal(note_read(a, s, &n, NULL), 0);
                n.lines[0].name = k.name;
                n.lines[0].id = k.id;
                assert_int_equal(note_verify(&n, &got), 0);
                assert_false(signature_ok(&got, n.text, n.lines[0].signature));
                buf_free(&b);
        }
}

static void private_keys(void **state)
{
        uint8_t seed[32] = { 7 };
        struct buf b = { .max = 1000 };
        struct signer *s;

        (void)state;
        for (int type = KEY_ED25519; type <= KEY_COSIGN; type += KEY_COSIGN - KEY_ED25519) {
                buf_clear(&b);
                signer_write(&b, STR("me.example"), (enum key_type)type, seed);
                assert_true(str_starts(buf_view(&b), STR("PRIVATE+KEY+me.example+")));
                assert_int_equal(signer_read(a, buf_view(&b), &s, NULL), 0);
                assert_int_equal(s->vkey.type, type);
                assert_int_equal(s->vkey.id, signer_ed25519(a, STR("me.example"), (enum key_type)type, seed)->vkey.id);
                for (size_t i = 0; i < b.n; i++) {
                        char c = b.p[i];
                        struct err e = { 0 };
                        b.p[i] = c == 'A' ? 'B' : 'A';
                        assert_int_equal(signer_read(a, buf_view(&b), &s, &e), -1);
                        assert_null(strstr(e.detail, "AAAA"));  /* no piece of the secret */
                        b.p[i] = c;
                }
        }
        assert_int_equal(signer_read(a, STR(""), &s, NULL), -1);
        assert_int_equal(signer_read(a, STR("PRIVATE+KEY+x+00000000+AQ=="), &s, NULL), -1);
        buf_free(&b);
}

/* ---- notes ---- */

static void what_is_signed_is_believed(void **state)
{
        const struct signer *both[] = { alice, bob };
        struct str s = note_of("a text\n\nof several lines\n\n\nwith 溯源\n", both, 2);
        struct note n;

        (void)state;
        assert_int_equal(note_read(a, s, &n, NULL), 0);
        assert_str(n.text, "a text\n\nof several lines\n\n\nwith 溯源\n");
        assert_int_equal(n.n_lines, 2);
        assert_true(note_line_of(&n.lines[0], &alice->vkey) && !note_line_of(&n.lines[0], &bob->vkey));
        assert_int_equal(note_verify(&n, &alice->vkey), 1);
        assert_int_equal(note_verify(&n, &bob->vkey), 1);
        assert_int_equal(note_verify(&n, &signer_of("alice.example/log", 3)->vkey), 0);         /* another key of that name */
        assert_int_equal(note_verify(&n, &signer_of("alice.example/log2", 1)->vkey), 0);        /* that key under another name */
        for (size_t i = 0; i < 2; i++)
                assert_true(n.lines[i].line.p[n.lines[i].line.n - 1] == '\n' && str_starts(n.lines[i].line, STR(DASH " ")));
}

static void every_bit_counts(void **state)
{
        struct str s = note_of("origin\n7\nroot\n", (const struct signer *const[]){ alice }, 1);
        char *p = arena_cstr(a, s);

        (void)state;
        for (size_t i = 0; i < 8 * s.n; i++) {
                struct note n;
                p[i / 8] ^= (char)(1 << i % 8);
                if (note_read(a, (struct str){ p, s.n }, &n, NULL) == 0 && note_verify(&n, &alice->vkey) == 1)
                        fail_msg("bit %zu of byte %zu", i % 8, i / 8);
                p[i / 8] ^= (char)(1 << i % 8);
        }
}

static void a_failing_line_spoils_the_note(void **state)
{
        struct str good = note_of("text\n", (const struct signer *const[]){ alice }, 1), other = note_of("txet\n", (const struct signer *const[]){ alice }, 1);
        struct note n, m;
        struct buf b = { .max = 10000 };

        (void)state;
        assert_int_equal(note_read(a, other, &m, NULL), 0);
        buf_str(&b, good);
        buf_str(&b, m.lines[0].line);
        assert_int_equal(note_read(a, buf_view(&b), &n, NULL), 0);
        assert_int_equal(n.n_lines, 2);
        assert_int_equal(note_verify(&n, &alice->vkey), -1);
        buf_clear(&b);

        /* The same line twice holds twice; a stranger's line says nothing. */
        assert_int_equal(note_read(a, good, &n, NULL), 0);
        buf_str(&b, good);
        buf_str(&b, n.lines[0].line);
        buf_z(&b, DASH " stranger AAAAAAAA\n");
        assert_int_equal(note_read(a, buf_view(&b), &n, NULL), 0);
        assert_int_equal(note_verify(&n, &alice->vkey), 1);
        assert_int_equal(note_verify(&n, &bob->vkey), 0);
        buf_free(&b);
}

static void what_is_no_note_is_refused(void **state)
{
        const struct str bad[] = {
                STR_NONE, STR(""), STR("\n"), STR("\n\n"), STR("text"), STR("text\n"), STR("text\n\n"), STR("text\n\n\n"),
                STR("text\n\n" DASH " a AAAAAAA="), STR("text\n" DASH " a AAAAAAA=\n"),
                STR("text\r\n\r\n" DASH " a AAAAAAA=\r\n"), STR("text\n\n" DASH " a AAAAAAA=\r\n"), STR("te\rxt\n\n" DASH " a AAAAAAA=\n"),
                STR("te\txt\n\n" DASH " a AAAAAAA=\n"), STR("te\0xt\n\n" DASH " a AAAAAAA=\n"), STR("te\x1bxt\n\n" DASH " a AAAAAAA=\n"),
                STR("te\xffxt\n\n" DASH " a AAAAAAA=\n"), STR("text\n\n- a AAAAAAA=\n"), STR("text\n\n" DASH "a AAAAAAA=\n"), STR("text\n\n" DASH "  AAAAAAA=\n"),
                STR("text\n\n" DASH " a\n"), STR("text\n\n" DASH " a \n"), STR("text\n\n" DASH " a  AAAAAAA=\n"), STR("text\n\n" DASH " a b AAAAAAA=\n"),
                STR("text\n\n" DASH " a AAAAAAA= \n"), STR("text\n\n" DASH " a+b AAAAAAA=\n"), STR("text\n\n" DASH " a AAAAAA==\n"), STR("text\n\n" DASH " a AAAAAAA\n"),
                STR("text\n\n" DASH " a AAAAAAB=\n"), STR("text\n\n" DASH " a AAAA-AA=\n"), STR("text\n\n" DASH " a AAAAAAA=\nmore\n"), STR("text\n\n " DASH " a AAAAAAA=\n"),
                STR("text\n\n" DASH "\xc2\xa0""a AAAAAAA=\n"), STR("text\n\n" DASH " a\xe3\x80\x80 AAAAAAA=\n"), STR("\n" DASH " a AAAAAAA=\n"),
        };

        (void)state;
        assert_true(reads(STR("text\n\n" DASH " a AAAAAAA=\n")));
        assert_true(reads(STR("\n\n" DASH " a AAAAAAA=\n")));   /* an empty line is a text */
        for (size_t i = 0; i < COUNT(bad); i++)
                if (reads(bad[i]))
                        fail_msg("row %zu was taken", i);
}

static void many_signatures(void **state)
{
        struct buf b = { .max = 2 * NOTE_BYTES_MAX };
        struct note n;

        (void)state;
        buf_z(&b, "text\n\n");
        for (int i = 0; i < NOTE_LINES_MAX; i++)
                buf_z(&b, DASH " a AAAAAAA=\n");
        assert_int_equal(note_read(a, buf_view(&b), &n, NULL), 0);
        assert_int_equal(n.n_lines, NOTE_LINES_MAX);
        buf_z(&b, DASH " a AAAAAAA=\n");
        assert_false(reads(buf_view(&b)));
        buf_free(&b);
}

static void a_note_has_its_size(void **state)
{
        struct buf b = { .max = 2 * NOTE_BYTES_MAX };
        struct str tail = STR("\n\n" DASH " a AAAAAAA=\n");

        (void)state;
        while (b.n + tail.n < NOTE_BYTES_MAX)
                buf_char(&b, 'x');
        buf_str(&b, tail);
        assert_int_equal(b.n, NOTE_BYTES_MAX);
        assert_true(reads(buf_view(&b)));
        buf_clear(&b);
        while (b.n + tail.n <= NOTE_BYTES_MAX)
                buf_char(&b, 'x');
        buf_str(&b, tail);
        assert_false(reads(buf_view(&b)));

        /* A line: 16 KiB of base64. */
        for (size_t n = 16 * 1024; n <= 16 * 1024 + 4; n += 4) {
                buf_clear(&b);
                buf_z(&b, "text\n\n" DASH " a ");
                for (size_t i = 0; i < n; i++)
                        buf_char(&b, 'A');
                buf_char(&b, '\n');
                assert_int_equal(reads(buf_view(&b)), n == 16 * 1024);
        }
        buf_free(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_key_made_elsewhere), cmocka_unit_test(names_of_keys), cmocka_unit_test(keys_have_one_spelling),
                cmocka_unit_test(other_kinds_of_keys), cmocka_unit_test(private_keys), cmocka_unit_test(what_is_signed_is_believed),
                cmocka_unit_test(every_bit_counts), cmocka_unit_test(a_failing_line_spoils_the_note), cmocka_unit_test(what_is_no_note_is_refused),
                cmocka_unit_test(many_signatures), cmocka_unit_test(a_note_has_its_size),
        };

        return cmocka_run_group_tests_name("merkle/note", tests, setup, teardown);
}
