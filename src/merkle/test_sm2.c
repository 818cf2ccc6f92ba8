#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test_folder.h"
#include "merkle/note.h"

/* Goal: our SM2 lines are what OpenSSL's own tool takes for SM2 signatures with SM3, and the other way round. */

static char folder[] = "/tmp/suyuan-sm2-XXXXXX";
static struct arena *a;

/* Runs a shell command in the folder; its exit status. */
static int run(const char *command)
{
        int rc = system(arena_printf(a, "cd '%s' && (%s) >out 2>&1", folder, command).p);

        return WIFEXITED(rc) ? WEXITSTATUS(rc) : -1;
}

static void write_file(const char *name, struct str s)
{
        FILE *f = fopen(arena_printf(a, "%s/%s", folder, name).p, "wb");

        assert_non_null(f);
        assert_int_equal(fwrite(s.p, 1, s.n, f), s.n);
        assert_int_equal(fclose(f), 0);
}

static struct str read_file(const char *name)
{
        char *p = arena_raw(a, 4096);
        FILE *f = fopen(arena_printf(a, "%s/%s", folder, name).p, "rb");

        assert_non_null(f);
        struct str s = { p, fread(p, 1, 4096, f) };
        fclose(f);
        return s;
}

static struct signer *signer_of(const char *pem)
{
        struct err e = { 0 };
        struct signer *s = signer_sm2(a, STR("log.example"), read_file(pem), &e);

        if (!s)
                fail_msg("%s", e.detail);
        return s;
}

static int setup(void **state)
{
        (void)state;
        a = arena_new();
        if (!mkdtemp(folder))
                return -1;
        return run("openssl genpkey -algorithm SM2 -out key.pem && openssl pkey -in key.pem -pubout -out pub.pem && openssl genpkey -algorithm SM2 -out other.pem");
}

static int teardown(void **state)
{
        (void)state;
        test_folder_remove(folder);
        arena_free(a);
        return 0;
}

/* r ‖ s as the DER that the tool speaks: SEQUENCE { INTEGER r, INTEGER s }. */
static struct str der_of(struct str raw)
{
        struct buf numbers = { .max = 80 }, b = { .max = 80 };

        for (int i = 0; i < 2; i++) {
                const unsigned char *p = (const unsigned char *)raw.p + 32 * i;
                size_t skip = 0;
                while (skip < 31 && p[skip] == 0)
                        skip++;
                bool sign = p[skip] & 0x80;
                buf_add(&numbers, (char[]){ 2, (char)(32 - skip + sign) }, 2);
                buf_add(&numbers, "", sign);
                buf_add(&numbers, p + skip, 32 - skip);
        }
        buf_add(&b, (char[]){ 0x30, (char)numbers.n }, 2);
        buf_str(&b, buf_view(&numbers));
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&numbers);
        buf_free(&b);
        return s;
}

static struct str raw_of(struct str der)
{
        char *raw = arena_alloc(a, 64);
        const char *p = der.p + 2;

        assert_int_equal(der.p[0], 0x30);
        for (int i = 0; i < 2; i++) {
                size_t n = (size_t)p[1], skip = n > 32 ? n - 32 : 0;
                assert_int_equal(p[0], 2);
                memcpy(raw + 32 * i + 32 - (n - skip), p + 2 + skip, n - skip);
                p += 2 + n;
        }
        return (struct str){ raw, 64 };
}

#define TEXT STR("log.example\n7\nWmH8K1T5z6cXdPJDIUPdQMbLKxGUf69lp9PaXLZRmcg=\n")
#define VERIFY "openssl dgst -sm3 -sigopt distid:1234567812345678 -verify pub.pem -signature sig text"

static void ours_is_taken_by_the_tool(void **state)
{
        struct signer *s = signer_of("key.pem");

        (void)state;
        write_file("text", TEXT);
        for (int i = 0; i < 8; i++) {
                struct buf b = { .max = 64 };

                assert_int_equal(s->sign(s, TEXT, &b, NULL), 0);
                assert_int_equal(b.n, 64);
                assert_true(signature_ok(&s->vkey, TEXT, buf_view(&b)));
                write_file("sig", der_of(buf_view(&b)));
                assert_int_equal(run(VERIFY), 0);
                b.p[5] ^= 1;
                write_file("sig", der_of(buf_view(&b)));
                assert_int_not_equal(run(VERIFY), 0);
                buf_free(&b);
        }
}

static void the_tools_is_taken_by_us(void **state)
{
        struct signer *s = signer_of("key.pem"), *other = signer_of("other.pem");

        (void)state;
        write_file("text", TEXT);
        for (int i = 0; i < 8; i++) {
                assert_int_equal(run("openssl dgst -sm3 -sigopt distid:1234567812345678 -sign key.pem -out sig text"), 0);
                struct str raw = raw_of(read_file("sig"));
                assert_true(signature_ok(&s->vkey, TEXT, raw));
                assert_false(signature_ok(&other->vkey, TEXT, raw));
                assert_false(signature_ok(&s->vkey, STR("log.example\n8\n"), raw));
        }
        assert_int_equal(run("openssl dgst -sm3 -sigopt distid:8765432187654321 -sign key.pem -out sig text"), 0);
        assert_false(signature_ok(&s->vkey, TEXT, raw_of(read_file("sig"))));   /* of another distinguishing id */
}

static void beside_an_ed25519_line(void **state)
{
        static const uint8_t seed[32] = { 1 };
        const struct signer *both[] = { signer_ed25519(a, STR("log.example"), KEY_ED25519, seed), signer_of("key.pem") };
        struct buf b = { .max = 10000 }, key = { .max = 1000 };
        struct note n;
        struct vkey k;

        (void)state;
        vkey_write(&key, &both[1]->vkey);
        assert_int_equal(vkey_read(a, buf_view(&key), &k, NULL), 0);
        assert_int_equal(k.type, KEY_SM2);
        assert_int_equal(k.key.n, 65);
        assert_int_equal(k.id, both[1]->vkey.id);
        assert_int_equal(note_write(&b, TEXT, both, 2, NULL), 0);
        assert_int_equal(note_read(a, buf_view(&b), &n, NULL), 0);
        assert_int_equal(note_verify(&n, &both[0]->vkey), 1);
        assert_int_equal(note_verify(&n, &k), 1);
        assert_int_equal(note_verify(&n, &signer_of("other.pem")->vkey), 0);
        for (size_t i = 0; i < 64; i++) {
                char *p = arena_cstr(a, n.lines[1].signature);
                struct str was = n.lines[1].signature;
                p[i] ^= (char)(1 << i % 8);
                n.lines[1].signature.p = p;
                assert_int_equal(note_verify(&n, &k), -1);
                n.lines[1].signature = was;
        }
        buf_free(&b);
        buf_free(&key);
}

static void broken_keys_and_signatures(void **state)
{
        struct signer *s = signer_of("key.pem");
        static const char zeros[65];
        char point[65];
        struct vkey k = s->vkey;

        (void)state;
        for (size_t n = 0; n <= 65; n++)
                assert_false(signature_ok(&k, TEXT, (struct str){ zeros, n }));
        memset(point, 0xff, sizeof point);
        assert_false(signature_ok(&k, TEXT, (struct str){ point, 64 }));
        memcpy(point, k.key.p, 65);
        point[64] ^= 1;                 /* not on the curve */
        k.key.p = point;
        assert_false(signature_ok(&k, TEXT, (struct str){ zeros, 64 }));
        assert_int_equal(run("openssl genpkey -algorithm ed25519 -out ed.pem && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem && "
                             "openssl pkey -in key.pem -aes128 -passout pass:x -out locked.pem"), 0);
        static const char *const others[] = { "ed.pem", "ec.pem", "pub.pem", "locked.pem", "text" };
        for (size_t i = 0; i < COUNT(others); i++) {
                struct err e = { 0 };
                if (signer_sm2(a, STR("log.example"), read_file(others[i]), &e))
                        fail_msg("%s was taken", others[i]);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ours_is_taken_by_the_tool), cmocka_unit_test(the_tools_is_taken_by_us), cmocka_unit_test(beside_an_ed25519_line),
                cmocka_unit_test(broken_keys_and_signatures),
        };

        return cmocka_run_group_tests_name("merkle/sm2", tests, setup, teardown);
}
