/* Goal: check digits and the rules for single values; an error names the wrong character. */
#include "test_support.h"

#include "gs1/check.h"
#include "gs1/key.h"

static void check_digits_of_worked_examples(void **state)
{
        (void)state;
        assert_int_equal(gs1_check_digit(STR("629104150021")), '3');           /* GTIN-13 */
        assert_int_equal(gs1_check_digit(STR("9638507")), '4');                /* GTIN-8 */
        assert_int_equal(gs1_check_digit(STR("03600029145")), '2');            /* GTIN-12 */
        assert_int_equal(gs1_check_digit(STR("10614141123456789")), '7');      /* SSCC */
        assert_int_equal(gs1_check_digit(STR("690123456789")), '2');
        assert_int_equal(gs1_check_digit(STR("0000000000000")), '0');
        assert_int_equal(gs1_check_digit(STR("")), '0');
        assert_int_equal(gs1_check_digit(STR("12a4")), 0);
}

static void a_number_has_its_length_and_check_digit(void **state)
{
        struct err e = { 0 };

        (void)state;
        assert_int_equal(gs1_check_number(STR("6901234567892"), 13, "GLN", &e), 0);
        assert_int_equal(gs1_check_number(STR("106141411234567897"), 18, "SSCC", &e), 0);
        assert_int_equal(gs1_check_number(STR("106141411234567894"), 18, "SSCC", &e), -1);
        assert_int_equal(e.kind, ERR_BAD_IDENTIFIER);
        assert_int_equal(e.column, 18);
        assert_string_equal(e.detail, "the check digit, character 18 of the SSCC, should be 7, not 4");
        assert_int_equal(gs1_check_number(STR("69012x4567892"), 13, "GLN", &e), -1);
        assert_int_equal(e.column, 6);
        assert_int_equal(gs1_check_number(STR("690123456789"), 13, "GLN", &e), -1);
        assert_int_equal(e.column, 13);
        assert_int_equal(gs1_check_number(STR("69012345678921"), 13, "GLN", &e), -1);
        assert_int_equal(e.column, 14);
        assert_int_equal(gs1_check_number(STR(""), 13, "GLN", &e), -1);
        assert_int_equal(gs1_check_number(STR("1"), 13, "GLN", NULL), -1);
}

static void a_gtin_has_one_of_four_lengths(void **state)
{
        struct err e = { 0 };

        (void)state;
        assert_int_equal(gs1_check_gtin(STR("96385074"), &e), 0);
        assert_int_equal(gs1_check_gtin(STR("036000291452"), &e), 0);
        assert_int_equal(gs1_check_gtin(STR("6901234567892"), &e), 0);
        assert_int_equal(gs1_check_gtin(STR("06901234567892"), &e), 0);
        assert_int_equal(gs1_check_gtin(STR("690123456789"), &e), -1);
        assert_int_equal(e.column, 12);
        assert_int_equal(gs1_check_gtin(STR("12345"), &e), -1);
        assert_int_equal(gs1_check_gtin(STR("069012345678921"), &e), -1);
        assert_int_equal(e.column, 15);
        assert_int_equal(gs1_check_gtin(STR(""), &e), -1);
}

static void values_behind_an_ai(void **state)
{
        static const struct { const char *ai, *value; int place; } rows[] = {
                { "10", "A-1/%2", 0 }, { "10", "ABCDEFGHIJKLMNOPQRST", 0 }, { "10", "ABCDEFGHIJKLMNOPQRSTU", 21 },
                { "10", "AB C", 3 }, { "10", "", 1 }, { "21", "a#1", 2 }, { "21", "!\"%&'()*+,-./:;<=>?", 0 },
                { "235", "1234567890123456789012345678", 0 }, { "235", "12345678901234567890123456789", 29 },
                { "254", "12345678901234567890", 0 }, { "254", "123456789012345678901", 21 },
                { "8004", "4000001111", 0 }, { "8004", "4000", 5 }, { "8004", "40A0001111", 3 },
                { "8004", "400000111111111111111111111111", 0 }, { "8004", "4000001111111111111111111111111", 31 },
                { "8003", "04012345000221", 0 }, { "8003", "04012345000221ABCDEFGHIJKLMNOP", 0 },
                { "8003", "04012345000221ABCDEFGHIJKLMNOPQ", 31 }, { "8003", "14012345000228", 1 },
                { "253", "401234500009212345678901234567", 0 }, { "253", "4012345000092123456789012345678", 31 },
                { "8010", "0614141A-#/", 0 }, { "8010", "0614141a", 8 }, { "8011", "012", 1 }, { "8011", "120", 0 },
                { "255", "0811625999996554433", 0 }, { "255", "081162599999655443A", 19 },
                { "8006", "040123451234560102", 0 }, { "8006", "040123451234560302", 15 },
                { "01", "6901234567892", 14 }, { "99", "x", 1 }, { "8019", "12345678901", 11 },
        };

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                struct err e = { 0 };
                int rc = gs1_check_value(rows[i].ai, str_of(rows[i].value), &e);

                if (rc != (rows[i].place ? -1 : 0) || e.column != rows[i].place)
                        fail_msg("(%s)%s: %d at %d, expected at %d: %s", rows[i].ai, rows[i].value, rc, e.column,
                                 rows[i].place, e.detail);
                assert_int_equal(gs1_check_value(rows[i].ai, str_of(rows[i].value), NULL), rc);
        }
}

/* The table is looked through by hand when a key is added: it stays in order, and its rows make sense. */
static void the_table_of_keys_is_sorted_and_sound(void **state)
{
        (void)state;
        for (size_t i = 0; i < gs1_keys_n; i++) {
                const struct gs1_key *k = &gs1_keys[i];

                assert_true(i == 0 || str_cmp(gs1_keys[i - 1].ai, k->ai) < 0);
                assert_ptr_equal(gs1_key_find(k->ai, false), k);
                assert_ptr_equal(gs1_key_find(k->short_name, true), k);
                assert_null(gs1_key_find(k->short_name, false));
                assert_null(gs1_attribute_find(k->ai));
                assert_true(k->digits <= GS1_DIGITS_MAX && k->check_at <= k->digits);
                assert_true(k->digits > 0 || k->tail_most > 0);
                assert_int_not_equal(k->kind, IDENT_OTHER);
                for (int q = 0; q < GS1_QUALIFIERS && k->qualifiers[q]; q++) {
                        assert_int_equal(gs1_qualifier_find(k, k->qualifiers[q]->ai, false), q);
                        assert_null(gs1_key_find(k->qualifiers[q]->short_name, true));
                        assert_null(gs1_attribute_find(k->qualifiers[q]->ai));
                }
        }
}

static void each_alphabet_has_its_size(void **state)
{
        static const struct { enum charset set; int size; } rows[] = {
                { CHARS_DIGITS, 10 }, { CHARS_82, 82 }, { CHARS_39, 39 }, { CHARS_CODE, 65 },
                { CHARS_HASHED, 72 }, { CHARS_ESCAPED, 8 },
        };

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                int n = 0;

                for (int c = 0; c < 256; c++)
                        n += charset_has(rows[i].set, (unsigned char)c);
                assert_int_equal(n, rows[i].size);
                assert_true(strlen(charset_about(rows[i].set)) > 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(check_digits_of_worked_examples),
                cmocka_unit_test(a_number_has_its_length_and_check_digit),
                cmocka_unit_test(a_gtin_has_one_of_four_lengths),
                cmocka_unit_test(values_behind_an_ai),
                cmocka_unit_test(the_table_of_keys_is_sorted_and_sound),
                cmocka_unit_test(each_alphabet_has_its_size),
        };

        return cmocka_run_group_tests_name("gs1/check", tests, NULL, NULL);
}
