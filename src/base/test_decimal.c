#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/decimal.h"

__extension__ typedef __int128 wide;

enum { ROUNDS = 20000 };

static const char *text_of(struct arena *a, const char *s)
{
        struct decimal d;

        return decimal_read(str_of(s), &d) ? decimal_text(a, d).p : "no";
}

static void reads_and_writes(void **state)
{
        static const struct {
                const char *in, *want;
        } rows[] = {
                { "0", "0" }, { "-0", "0" }, { "+0.000", "0" }, { "0e99999999999999999999999", "0" },
                { "12.5", "12.5" }, { "-0.03", "-0.03" }, { "1.0", "1" }, { "1e0", "1" },
                { "10e-1", "1" }, { "007", "7" }, { "+7", "7" }, { "1E+3", "1000" },
                { "1e17", "100000000000000000" }, { "1e18", "no" }, { "0.1e18", "100000000000000000" },
                { "999999999999999999", "999999999999999999" }, { "1000000000000000000", "no" },
                { "-999999999999999999", "-999999999999999999" }, { "-1000000000000000000", "no" },
                { "999.999999999999999", "999.999999999999999" },
                { "9999.999999999999999", "no" },
                { "0.000000000000001", "0.000000000000001" }, { "0.0000000000000001", "no" },
                { "1e-15", "0.000000000000001" }, { "1e-16", "no" }, { "10e-16", "0.000000000000001" },
                { "1.00000000000000000000000000", "1" },
                { "000000000000000000000000000001", "1" },
                { "1000000000000000000000000e-20", "10000" },
                { "1e9999999999999999999999", "no" }, { "1e-9999999999999999999999", "no" },
                { "", "no" }, { "-", "no" }, { "+", "no" }, { "+-1", "no" }, { "-+1", "no" },
                { ".5", "no" }, { "1.", "no" }, { "1e", "no" }, { "1e+", "no" }, { "e1", "no" },
                { " 1", "no" }, { "1 ", "no" }, { "0x10", "no" }, { "1,5", "no" }, { "NaN", "no" },
                { "1.5.2", "no" }, { "1e1.5", "no" }, { "--1", "no" }, { "１", "no" },
        };
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                const char *got = text_of(a, rows[i].in);
                if (strcmp(got, rows[i].want) != 0)
                        fail_msg("'%s': %s, not %s", rows[i].in, got, rows[i].want);
        }
        assert_false(decimal_read(STR("1\0"), &(struct decimal){ 0 }));
        arena_free(a);
}

static struct decimal random_decimal(uint64_t *seed)
{
        static const int64_t tens[] = { 1, 10, 1000, 1000000, 1000000000000, 1000000000000000000 };
        int64_t m = (int64_t)(test_random(seed) % (uint64_t)tens[test_random(seed) % COUNT(tens)]);

        return (struct decimal){ test_random(seed) % 2 ? -m : m, (int8_t)(test_random(seed) % 16) };
}

/* mantissa * 10^15 / 10^scale: all decimals as integers of one unit. */
static wide units(struct decimal d)
{
        wide m = d.mantissa;

        for (int i = d.scale; i < 15; i++)
                m *= 10;
        return m;
}

/* Whether it can be held: at most 18 digits after the zeros at the end are gone. */
static bool can_hold(wide u)
{
        wide most = 1000000000000000000;

        for (int i = 0; i < 15 && u % 10 == 0; i++)
                u /= 10;
        return u < most && u > -most;
}

static void text_reads_back(void **state)
{
        uint64_t seed = 7;
        struct arena *a = arena_new();

        (void)state;
        for (int i = 0; i < ROUNDS; i++) {
                struct decimal d = random_decimal(&seed), back;
                struct str s = decimal_text(a, d);
                assert_true(decimal_read(s, &back));
                assert_true(units(d) == units(back));
                assert_str(decimal_canonical(a, s), s.p);
                arena_reset(a);
        }
        arena_free(a);
}

static void computes_as_integers_do(void **state)
{
        uint64_t seed = 8;
        int overflows = 0;

        (void)state;
        for (int i = 0; i < ROUNDS; i++) {
                struct decimal a = random_decimal(&seed), b = random_decimal(&seed);
                struct decimal sum = { 42, 3 }, difference = { 42, 3 };
                wide x = units(a), y = units(b);

                assert_int_equal(decimal_cmp(a, b), (x > y) - (x < y));
                assert_int_equal(decimal_add(a, b, &sum), can_hold(x + y));
                assert_true(units(sum) == (can_hold(x + y) ? x + y : units((struct decimal){ 42, 3 })));
                assert_int_equal(decimal_sub(a, b, &difference), can_hold(x - y));
                if (can_hold(x - y))
                        assert_true(units(difference) == x - y);
                overflows += !can_hold(x + y);
        }
        assert_in_range(overflows, 1, ROUNDS - 1);      /* both ways were walked */
}

static void exceeds_by_thousandths(void **state)
{
        static const struct { const char *a, *b; int thousandths; bool want; } rows[] = {
                { "100.5", "100", 5, false }, { "100.500000000001", "100", 5, true }, { "100", "100", 0, false }, { "100.000000000000001", "100", 0, true },
                { "99", "100", 5, false }, { "0", "0", 5, false }, { "-1", "0", 5, false }, { "2", "1", 1000, false }, { "2.001", "1", 1000, true },
                { "33.499999999999965", "33.3333333333333", 5, false }, { "33.5", "33.3333333333333", 5, true },
                { "999999999999999999", "0.000000000000001", 1000, true }, { "0.000000000000001", "999999999999999999", 0, false },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct decimal a, b;
                assert_true(decimal_read(str_of(rows[i].a), &a));
                assert_true(decimal_read(str_of(rows[i].b), &b));
                assert_int_equal(decimal_exceeds(a, b, rows[i].thousandths), rows[i].want);
        }
}

static void overflows_at_the_edge(void **state)
{
        (void)state;
        struct decimal most = { 999999999999999999, 0 }, one = { 1, 0 }, d = { 5, 0 };

        assert_false(decimal_add(most, one, &d));
        assert_int_equal(d.mantissa, 5);
        assert_true(decimal_sub(most, one, &d));
        assert_int_equal(d.mantissa, 999999999999999998);
        most.mantissa = -most.mantissa;
        assert_false(decimal_sub(most, one, &d));
        assert_true(decimal_add(most, one, &d));
        assert_int_equal(d.mantissa, -999999999999999998);
}

static void multiplies_exactly_or_not_at_all(void **state)
{
        struct decimal d = { 5, 0 }, most = { 999999999999999999, 0 }, fine = { 3, 15 };
        (void)state;
        assert_true(decimal_mul((struct decimal){ -25, 1 }, (struct decimal){ 4, 0 }, &d));
        assert_true(d.mantissa == -10 && d.scale == 0);
        assert_true(decimal_mul((struct decimal){ 5, 8 }, (struct decimal){ 2, 8 }, &d));
        assert_true(d.mantissa == 1 && d.scale == 15);
        assert_false(decimal_mul(fine, fine, &d));
        assert_false(decimal_mul(most, most, &d));
        assert_false(decimal_mul(most, (struct decimal){ 2, 0 }, &d));
        assert_true(d.mantissa == 1 && d.scale == 15);
}

static void shows_as_double(void **state)
{
        uint64_t seed = 9;
        struct arena *a = arena_new();

        (void)state;
        for (int i = 0; i < 1000; i++) {
                struct decimal d = random_decimal(&seed);
                double want = strtod(decimal_text(a, d).p, NULL), got = decimal_double(d);
                assert_true(got - want <= 1e-9 * (want < 0 ? -want : want));
                assert_true(want - got <= 1e-9 * (want < 0 ? -want : want));
        }
        arena_free(a);
}

static void has_one_text_a_number(void **state)
{
        static const struct {
                const char *in, *want;
        } rows[] = {
                { "0", "0" }, { "-0", "0" }, { "-0.0e5", "0" }, { "1.0", "1" }, { "1e0", "1" },
                { "100", "100" }, { "1e2", "100" }, { "-1.50", "-1.5" }, { "0.10", "0.1" },
                { "1e-3", "0.001" }, { "123.456e1", "1234.56" }, { "123.456e-5", "0.00123456" },
                { "1e39", "1000000000000000000000000000000000000000" }, { "1e40", "1e+40" },
                { "-12e40", "-1.2e+41" },
                { "1e-39", "0.000000000000000000000000000000000000001" }, { "1e-40", "1e-40" },
                { "12e-41", "1.2e-40" },
                { "1234567890123456789012345678901234567890", "1234567890123456789012345678901234567890" },
                { "12345678901234567890123456789012345678901", "1.2345678901234567890123456789012345678901e+40" },
                { "12345678901234567890.12345678901234567890", "12345678901234567890.1234567890123456789" },
                { "0.123456789012345678901234567890123456789", "0.123456789012345678901234567890123456789" },
                { "0.1234567890123456789012345678901234567891", "1.234567890123456789012345678901234567891e-1" },
                { "1e999999999999999", "1e+999999999999999" },
                { "10e999999999999999", "1e+1000000000000000" },
                { "1e1000000000000000", "1e+1000000000000000" },
                { "0.1e1000000000000000", "1e+999999999999999" },
                { "10e99999999999999999999", "1e+100000000000000000000" },
                { "0.01e100000000000000000000", "1e+99999999999999999998" },
                { "123e-99999999999999999999", "1.23e-99999999999999999997" },
                { "0.1e-99999999999999999999", "1e-100000000000000000000" },
                { "1e-0000000000000000000000000001", "0.1" },
                { "0e99999999999999999999", "0" },
        };
        static const char *const none[] = { "", "-", "+1", "01", "-01", "1.", ".1", "1e", "a", "1 ", "00" };
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct str got = decimal_canonical(a, str_of(rows[i].in));
                if (!str_is(got, rows[i].want))
                        fail_msg("'%s': %s, not %s", rows[i].in, got.p, rows[i].want);
                assert_str(decimal_canonical(a, got), rows[i].want);
        }
        for (size_t i = 0; i < COUNT(none); i++)
                assert_null(decimal_canonical(a, str_of(none[i])).p);
        arena_free(a);
}

/* The same value in two spellings: the point moved by `shift` and the exponent to make up for it. */
static void spelling_does_not_matter(void **state)
{
        uint64_t seed = 10;
        struct arena *a = arena_new();

        (void)state;
        for (int i = 0; i < ROUNDS; i++) {
                char one[160], other[160], zeros[] = "000000000000000000000000";
                unsigned long long m = test_random(&seed) >> (test_random(&seed) % 60) | 1;  /* no 000 */
                int exp = (int)(test_random(&seed) % 120) - 60, shift = (int)(test_random(&seed) % 20);

                zeros[shift] = '\0';
                snprintf(one, sizeof one, "-%llu%se%d", m, zeros, exp - shift);
                snprintf(other, sizeof other, "-%llu.0%sE%+d", m, zeros, exp);
                struct str x = decimal_canonical(a, str_of(one));
                assert_str(decimal_canonical(a, str_of(other)), x.p);
                arena_reset(a);
        }
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_and_writes),
                cmocka_unit_test(text_reads_back),
                cmocka_unit_test(computes_as_integers_do),
                cmocka_unit_test(exceeds_by_thousandths),
                cmocka_unit_test(overflows_at_the_edge),
                cmocka_unit_test(shows_as_double),
                cmocka_unit_test(has_one_text_a_number),
                cmocka_unit_test(spelling_does_not_matter),
                cmocka_unit_test(multiplies_exactly_or_not_at_all),
        };
        return cmocka_run_group_tests_name("base/decimal", tests, NULL, NULL);
}
