#include "base/test.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"

static void assert_hash(struct hash got, const char *hex)
{
        struct hash want;

        assert_true(hex_read(str_of(hex), want.b, sizeof want.b));
        assert_memory_equal(got.b, want.b, sizeof want.b);
}

/* FIPS 180-4 examples. */
static void hashes(void **state)
{
        (void)state;
        assert_hash(sha256(NULL, 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_hash(sha256("abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_hash(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
                    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void in_parts_as_in_one(void **state)
{
        char text[300];

        (void)state;
        memset(text, 'x', sizeof text);
        struct hash whole = sha256(text, sizeof text);
        for (size_t cut = 0; cut <= sizeof text; cut += 13) {
                struct hash two = sha256_2(text, cut, text + cut, sizeof text - cut);
                struct sha256_run *r = sha256_new();
                sha256_add(r, text, cut);
                sha256_add(r, text + cut, sizeof text - cut);
                sha256("between", 7);           /* does not disturb the run */
                struct hash run = sha256_final(r);
                assert_memory_equal(two.b, whole.b, 32);
                assert_memory_equal(run.b, whole.b, 32);
        }
}

/* RFC 4231 cases 1, 2, 6; the last has a key longer than a block. */
static void authenticates(void **state)
{
        unsigned char key[131];

        (void)state;
        memset(key, 0x0b, 20);
        assert_hash(hmac_sha256(key, 20, "Hi There", 8),
                    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assert_hash(hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28),
                    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        memset(key, 0xaa, sizeof key);
        assert_hash(hmac_sha256(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54),
                    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
        assert_hash(hmac_sha256(NULL, 0, NULL, 0),
                    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void uuids_are_of_version_7_and_sort(void **state)
{
        char before[46] = "", now[46];
        uint64_t ms = 0;

        (void)state;
        for (int i = 0; i < 20000; i++) {
                uuid_urn(now);
                assert_int_equal(strlen(now), 45);
                assert_memory_equal(now, "urn:uuid:", 9);
                assert_int_equal(now[9 + 14], '7');
                assert_non_null(strchr("89ab", now[9 + 19]));
                assert_true(strcmp(before, now) < 0);
                memcpy(before, now, sizeof now);
        }
        for (int i = 9; i < 9 + 13; i++)
                if (now[i] != '-')
                        ms = ms << 4 | (uint64_t)hex_value(now[i]);
        /* the counter may run ahead of the clock, but not far */
        assert_true(ms + 2000 > (uint64_t)clock_now_us() / 1000);
        assert_true(ms < (uint64_t)clock_now_us() / 1000 + 2000);
}

static void *hash_much(void *ret)
{
        unsigned wrong = 0;

        for (int i = 0; i < 500; i++) {
                struct hash h = sha256("abc", 3);
                wrong += h.b[0] != 0xba || h.b[31] != 0xad;
        }
        *(unsigned *)ret = wrong;
        return NULL;
}

static void every_thread_has_its_own_context(void **state)
{
        pthread_t threads[4];
        unsigned wrong[4];

        (void)state;
        for (size_t i = 0; i < COUNT(threads); i++)
                assert_int_equal(pthread_create(&threads[i], NULL, hash_much, &wrong[i]), 0);
        for (size_t i = 0; i < COUNT(threads); i++) {
                pthread_join(threads[i], NULL);
                assert_int_equal(wrong[i], 0);
        }
}

static void random_is_not_constant(void **state)
{
        unsigned char a[1000] = { 0 }, b[1000] = { 0 };
        int zeros = 0;

        (void)state;
        random_bytes(a, sizeof a);
        random_bytes(b, sizeof b);
        random_bytes(NULL, 0);
        assert_memory_not_equal(a, b, sizeof a);
        for (size_t i = 0; i < sizeof a; i++)
                zeros += a[i] == 0;
        assert_in_range(zeros, 0, 50);
}

static void prefix_is_the_first_eight_bytes(void **state)
{
        (void)state;
        assert_int_equal(hash_prefix(STR("abc")), (int64_t)0xba7816bf8f01cfeau);
        assert_int_equal(hash_prefix(STR_NONE), (int64_t)0xe3b0c44298fc1c14u);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(hashes),
                cmocka_unit_test(in_parts_as_in_one),
                cmocka_unit_test(authenticates),
                cmocka_unit_test(uuids_are_of_version_7_and_sort),
                cmocka_unit_test(every_thread_has_its_own_context),
                cmocka_unit_test(random_is_not_constant),
                cmocka_unit_test(prefix_is_the_first_eight_bytes),
        };
        return cmocka_run_group_tests_name("base/digest", tests, NULL, NULL);
}
