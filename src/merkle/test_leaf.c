#include "base/test.h"

#include "merkle/leaf.h"

/* Goal: what stands in a leaf and in what it commits to is these bytes and no others. */

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

static struct hash filled(int b)
{
        struct hash h;

        memset(h.b, b, sizeof h.b);
        return h;
}

static void a_leaf_is_42_bytes(void **state)
{
        struct leaf l = { LEAF_LOT_SEAL, 0x0102030405060708, filled(0xaa) }, got;
        uint8_t b[LEAF_BYTES], want[LEAF_BYTES] = { 1, 5, 1, 2, 3, 4, 5, 6, 7, 8 };

        (void)state;
        memset(want + 10, 0xaa, 32);
        leaf_write(b, &l);
        assert_memory_equal(b, want, sizeof b);
        assert_int_equal(leaf_read(b, sizeof b, &got, NULL), 0);
        assert_true(got.type == l.type && got.ms == l.ms && memcmp(got.commitment.b, l.commitment.b, 32) == 0);
}

static void other_leaves_are_refused(void **state)
{
        struct leaf l = { LEAF_EVENT, 1, filled(1) }, got;
        uint8_t b[LEAF_BYTES + 1];

        (void)state;
        leaf_write(b, &l);
        assert_int_equal(leaf_read(b, LEAF_BYTES - 1, &got, NULL), -1);
        assert_int_equal(leaf_read(b, LEAF_BYTES + 1, &got, NULL), -1);
        for (int version = 0; version < 256; version++) {
                b[0] = (uint8_t)version;
                assert_int_equal(leaf_read(b, LEAF_BYTES, &got, NULL), version == 1 ? 0 : -1);
        }
        b[0] = 1;
        for (int type = 0; type < 256; type++) {
                b[1] = (uint8_t)type;
                assert_int_equal(leaf_read(b, LEAF_BYTES, &got, NULL), type >= 1 && type <= 10 ? 0 : -1);
        }
        b[1] = 1;
        b[2] = 0x80;
        assert_int_equal(leaf_read(b, LEAF_BYTES, &got, NULL), -1);
}

/* Told against the formula, written out. */
static void a_commitment_is_salted(void **state)
{
        struct hash salt = filled(2), hash = filled(3);
        char text[16 + 64] = "ftlog commit v1";
        struct hash want, got = leaf_commitment(&salt, &hash);

        (void)state;
        memset(text + 16, 2, 32);
        memset(text + 48, 3, 32);
        want = sha256(text, sizeof text);
        assert_memory_equal(got.b, want.b, 32);
        salt.b[31] ^= 1;
        got = leaf_commitment(&salt, &hash);
        assert_memory_not_equal(got.b, want.b, 32);
}

#define HEX64 "abababababababababababababababababababababababababababababababab"
#define ZERO64 "0000000000000000000000000000000000000000000000000000000000000000"

static void headers(void **state)
{
        struct record_header first = { .org = STR("/org/farm"), .number = 1, .time_us = 1764316800000000 }, got;
        struct record_header later = { STR("/org/农场"), INT64_MAX, filled(0xab), -1, filled(0xab) };
        struct str text = record_header_write(a, &first);

        (void)state;
        assert_str(text, "suyuan record v1\n/org/farm\n1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\n");
        assert_int_equal(record_header_read(text, &got, NULL), 0);
        assert_true(got.number == 1 && got.time_us == first.time_us && str_eq(got.org, first.org) && got.signature.b[0] == 0);
        text = record_header_write(a, &later);
        assert_str(text, "suyuan record v1\n/org/农场\n9223372036854775807\n" HEX64 "\n1969-12-31T23:59:59.999999Z\n" HEX64 "\n");
        assert_int_equal(record_header_read(text, &got, NULL), 0);
        assert_true(got.time_us == -1 && got.number == INT64_MAX);

        struct hash digest = filled(9), h = record_hash(text, &digest), want = sha256_2(text.p, text.n, digest.b, 32);
        assert_memory_equal(h.b, want.b, 32);
}

static void other_headers_are_refused(void **state)
{
        static const char *const bad[] = {
                "",
                "suyuan record v2\n/org/f\n1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\n",
                "suyuan record v1\n/org/\n1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\n",
                "suyuan record v1\nfarm\n1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\n",
                "suyuan record v1\n/org/f\n0\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\n",
                "suyuan record v1\n/org/f\n01\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\n",
                "suyuan record v1\n/org/f\n-1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\n",
                "suyuan record v1\n/org/f\n1\n-\n2025-11-28T08:00:00.000000Z\n-\n",
                "suyuan record v1\n/org/f\n1\n0" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\n",
                "suyuan record v1\n/org/f\n1\n" "AB" "abababababababababababababababababababababababababababababababab" "\n2025-11-28T08:00:00.000000Z\n-\n",
                "suyuan record v1\n/org/f\n1\n" "ABababababababababababababababababababababababababababababababab" "\n2025-11-28T08:00:00.000000Z\n-\n",
                "suyuan record v1\n/org/f\n1\n" ZERO64 "\n2025-11-28T08:00:00Z\n-\n",
                "suyuan record v1\n/org/f\n1\n" ZERO64 "\n2025-11-28T08:00:00.000Z\n-\n",
                "suyuan record v1\n/org/f\n1\n" ZERO64 "\n2025-11-28T16:00:00.000000+08:00\n-\n",
                "suyuan record v1\n/org/f\n1\n" ZERO64 "\n2025-11-28t08:00:00.000000z\n-\n",
                "suyuan record v1\n/org/f\n1\n" ZERO64 "\n2025-11-28T08:00:00.0000001Z\n-\n",
                "suyuan record v1\n/org/f\n1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n" ZERO64 "\n",
                "suyuan record v1\n/org/f\n1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n\n",
                "suyuan record v1\n/org/f\n1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-",
                "suyuan record v1\n/org/f\n1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\n\n",
                "suyuan record v1\n/org/f\n1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\nmore\n",
                "suyuan record v1\r\n/org/f\r\n1\r\n" ZERO64 "\r\n2025-11-28T08:00:00.000000Z\r\n-\r\n",
                "suyuan record v1\n/org/f\tg\n1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\n",
                "suyuan record v1\n/org/f\xff\n1\n" ZERO64 "\n2025-11-28T08:00:00.000000Z\n-\n",
        };
        struct record_header got;

        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++) {
                struct err e = { 0 };
                if (record_header_read(str_of(bad[i]), &got, &e) == 0)
                        fail_msg("row %zu was taken", i);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
        }
}

static void statements(void **state)
{
        struct statement s = { LEAF_LOT_SEAL, STR("/org/farm"), 3, STR("/lot/farm/A1"), STR("12 9 " HEX64) }, got;
        struct str text = statement_write(a, &s);

        (void)state;
        assert_str(text, "suyuan statement v1\n5\n/org/farm\n3\n/lot/farm/A1\n12 9 " HEX64 "\n");
        assert_int_equal(statement_read(text, &got, NULL), 0);
        assert_true(got.type == 5 && got.number == 3 && str_eq(got.org, s.org) && str_eq(got.subject, s.subject) && str_eq(got.detail, s.detail));

        static const char *const bad[] = {
                "suyuan statement v1\n1\n/org/f\n1\ns\nd\n", "suyuan statement v1\n11\n/org/f\n1\ns\nd\n", "suyuan statement v1\n05\n/org/f\n1\ns\nd\n",
                "suyuan statement v1\n5\n/org/f\n0\ns\nd\n", "suyuan statement v1\n5\n/org/f\n1\n\nd\n", "suyuan statement v1\n5\n/org/f\n1\ns\n\n",
                "suyuan statement v1\n5\n/org/f\n1\ns\nd", "suyuan statement v1\n5\n/org/f\n1\ns\nd\ne\n", "suyuan statement v1\n5\n/org/f\n1\ns\n",
                "suyuan record v1\n5\n/org/f\n1\ns\nd\n", "suyuan statement v1\n5\n/farm/f\n1\ns\nd\n", "suyuan statement v1\n5\n/org/f\n1\ns\x7f\nd\n", "",
        };
        for (size_t i = 0; i < COUNT(bad); i++)
                if (statement_read(str_of(bad[i]), &got, NULL) == 0)
                        fail_msg("row %zu was taken", i);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_leaf_is_42_bytes), cmocka_unit_test(other_leaves_are_refused), cmocka_unit_test(a_commitment_is_salted),
                cmocka_unit_test(headers), cmocka_unit_test(other_headers_are_refused), cmocka_unit_test(statements),
        };

        return cmocka_run_group_tests_name("merkle/leaf", tests, setup, teardown);
}
