/* Goal: an error says which character is wrong.  In each row the wrong one stands in braces; {} alone marks
 * where something is missing. */
#include "test_support.h"

#include "gs1/check.h"

static const struct { const char *marked, *words; } rows[] = {
        /* Digital Links */
        { "https://farm.example/01/690123456789{3}", "character 13 of the GTIN (37 of the whole), should be 2, not 3" },
        { "/01/0690123456789{3}/10/A", "the check digit, character 14 of the GTIN (18 of the whole), should be 2" },
        { "/00/10614141123456789{5}", "the check digit, character 18 of the SSCC (22 of the whole), should be 7" },
        { "/01/06901{x}34567892", "character 6 of the GTIN (10 of the whole) is 'x': only digits" },
        { "/01/06901234567{8}", "the check digit, character 12 of the GTIN (16 of the whole), should be 7" },
        { "/01/06901234567{}", "the GTIN has 11 digits" },
        { "/01/06901234567892{1}", "has 15 characters instead of 14" },
        { "/01/0690123456{}", "10 digits, it should have 8, 12, 13 or 14" },
        { "/00/1061414112345678{}", "the SSCC has 16 characters instead of 18" },
        { "/01/06901234567892/10/A{ }B", "a blank" },
        { "/01/06901234567892/10/A{^}B", "character 2 of the lot (24 of the whole) is '^'" },
        { "/01/06901234567892/10/A{%}zz", "two hexadecimal digits" },
        { "/01/06901234567892/10/A{%}4", "two hexadecimal digits" },
        { "/01/06901234567892/10/\xE7\xA8\xBB", "is '\xE7\xA8\xBB'" },
        { "/01/06901234567892/10/ABCDEFGHIJKLMNOPQRST{U}", "the lot has 21 characters, it may have 1 to 20" },
        { "/01/06901234567892/10{}/", "the lot is missing" },
        { "/01/06901234567892/10{}", "the lot is missing at the end" },
        { "/01/06901234567892/21/1/{1}0/A", "wrong place or twice" },
        { "/01/06901234567892/10/A/{1}0/B", "wrong place or twice" },
        { "/01/06901234567892/21/1/{2}35/A", "stands alone" },
        { "/01/06901234567892/{9}9/A", "'99' does not go with a GTIN" },
        { "/00/106141411234567897/{1}0/A", "'10' does not go with a SSCC" },
        { "/{9}9/06901234567892", "no application identifier" },
        { "/{1}23/4012345ABC987/456/4711", "no application identifier" },
        { "https://farm.example{/}about", "no GS1 key" },
        { "/01/{}", "the GTIN is missing" },
        { "/01{}", "the GTIN is missing" },
        { "/8003/{1}6901234000013", "should" },
        { "/8006/06901234567892{0}301", "the piece's number" },
        { "/8006/06901234567892{0}001", "the piece's number" },
        { "/8010/6901234A/8011/{0}12", "should not begin with 0" },
        { "/8004/69{a}1234", "only digits" },
        { "/8004/6901{}", "GIAI has 4 characters" },
        /* EPC URNs */
        { "urn:epc:id:sgtin:690{a}234.056789.A", "character 4 of the company prefix" },
        { "urn:epc:id:sgtin:69012{.}12345678.A", "company prefix has 5 characters, it may have 6 to 12" },
        { "urn:epc:id:sgtin:690123412345{6}.0.A", "company prefix has 13 characters" },
        { "urn:epc:id:sgtin:6901234.05678{.}A", "12 digits together instead of 13" },
        { "urn:epc:id:sgtin:6901234.0567891{.}A", "14 digits together instead of 13" },
        { "urn:epc:id:sgtin:6901234.056789{}", "missing at the end" },
        { "urn:epc:id:sgtin:6901234.056789.{}", "is missing" },
        { "urn:epc:id:sgtin:6901234.056789.A{/}B", "as a percent escape" },
        { "urn:epc:id:sgtin:6901234.056789.A{%}5B", "only A-Z" },
        { "urn:epc:id:sgtin:6901234.056789.A{%}2", "hexadecimal" },
        { "urn:epc:id:sgtin:6901234.056789.ABCDEFGHIJKLMNOPQRST{U}", "21 characters" },
        { "urn:epc:id:sgtin:6901234{}", "item reference is missing" },
        { "urn:epc:id:sgtin{}", "company prefix is missing" },
        { "urn:epc:id:{g}id:1.2.3", "no EPC scheme with a GS1 key" },
        { "urn:epc:id:{l}gtin:6901234.056789.A", "no EPC scheme" },
        { "{u}rn:epc:tag:sgtin-96:1.6901234.056789.1", "begins with urn:epc:id:" },
        { "urn:epc:id:{}", "no EPC scheme" },
        { "urn:epc:id:sscc:6901234.1234567890{.}1", "nothing may follow the serial reference" },
        { "urn:epc:id:itip:6901234.056789.1{.}03.S", "piece has 1 character instead of 2" },
        { "urn:epc:id:itip:6901234.056789.{0}4.03.S", "the piece's number" },
        { "urn:epc:id:itip:6901234.056789.01{}", "total is missing" },
        { "urn:epc:id:cpi:6901234.AB{c}.1", "only A-Z 0-9 and # - /" },
        { "urn:epc:id:cpi:6901234.ABC.1{x}", "only digits" },
        { "urn:epc:id:grai:6901234.00001.ABCDEFGHIJKLMNOP{Q}", "17 characters" },
        { "urn:epc:idpat:sgtin:6901234.{*}.*", "leaves the item reference open" },
        { "urn:epc:idpat:sgtin:{*}.*.*", "leaves the company prefix open" },
        { "urn:epc:idpat:sgtin:6901234.056789.{A}", "a pattern ends in .*" },
        { "urn:epc:idpat:cpi:6901234.{*}.*", "leaves the part reference open" },
        /* Element strings */
        { "(01)0690123456789{3}(10)A", "the check digit, character 14 of the GTIN (18 of the whole), should be 2" },
        { "(01)6901234567892{}(10)A", "13 characters instead of 14" },
        { "(01)06901234567892({1}8)A", "no application identifier (18)" },
        { "(01)06901234567892({2}54)A", "does not go with a GTIN" },
        { "(01)06901234567892(10)A({1}0)B", "twice" },
        { "(01)06901234567892(17)2612{x}1", "character 5 of the value of (17)" },
        { "(01)06901234567892(10){}", "is missing" },
        { "(01)06901234567892(235)A(21)B", "goes with no other" },
        { "{(}10)A", "no key" },
        { "{(}1)06901234567892", "an application identifier in brackets" },
        { "(01){}", "missing" },
        /* Our own */
        { "/lot/F01/{1}A", "begins with a letter" },
        { "/lot/F01/A{%}41", "only A-Z a-z 0-9 and . _ -" },
        { "/lot/F01/A\xE7\xA8\xBB", "is '\xE7\xA8\xBB'" },
        { "/lot/F01{}", "the code is missing at the end" },
        { "/lot/F01{}/", "the code is missing" },
        { "/lot//A", "the organisation's code is missing" },
        { "/lot/F01/A{/}b", "nothing may follow" },
        { "/org/{-}F", "begins with a letter" },
        { "https://trace.example.cn/lot/{0}1/A", "begins with a letter" },
        { "https://other.example{/}lot/F01/A", "no GS1 key" },
        /* Neither */
        { "{}", "an empty text" },
        { "{4}2", "an identifier begins with" },
        { "{h}ttps://farm.example", "no path" },
        { "{f}tp://farm.example/01/06901234567892", "an identifier begins with" },
        { "/01/06901234567892\n", "0x0A" },
};

/* Takes the braces out; the place of the first, counted in characters from 1, or 0 without braces. */
static int unmark(const char *marked, char *out, size_t size)
{
        int place = 0, n = 0;
        size_t len = 0;

        for (const char *p = marked; *p; p++) {
                if (*p == '{') {
                        place = n + 1;
                        continue;
                }
                if (*p == '}')
                        continue;
                assert_true(len + 1 < size);
                n += ((unsigned char)*p & 0xC0) != 0x80;
                out[len++] = *p;
        }
        out[len] = 0;
        return place;
}

static void the_wrong_character_is_named(void **state)
{
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                struct err e = { 0 };
                struct ident got = { .kind = IDENT_SEASON };
                char text[200];
                int place = unmark(rows[i].marked, text, sizeof text);
                int rc = ident_parse(a, str_of(text), &own, &got, &e);

                if (rc == 0 || e.kind != ERR_BAD_IDENTIFIER || (place && e.column != place)
                    || !strstr(e.detail, rows[i].words))
                        fail_msg("%s: at %d, expected at %d: %s", text, e.column, place, e.detail);
                assert_int_equal(got.kind, IDENT_SEASON);       /* untouched on failure */
                assert_int_equal(ident_parse(a, str_of(text), &own, &got, NULL), -1);
        }
        arena_free(a);
}

static void what_is_right_is_taken(void **state)
{
        static const struct { const char *text, *canonical; } right[] = {
                { "https://trace.example.cn/01/06901234567892/10/A?l=en", "https://id.gs1.org/01/06901234567892/10/A" },
                { "/01/06901234567892/10/A#photos", "https://id.gs1.org/01/06901234567892/10/A" },
                { "/lot/F01/A/", "/lot/F01/A" },
                { "https://localhost:8080/sscc/106141411234567897", "https://id.gs1.org/00/106141411234567897" },
                { "urn:epc:id:sgtin:6901234.056789.A", "https://id.gs1.org/01/06901234567892/21/A" },
                { "urn:epc:idpat:sgtin:6901234.056789.*", "https://id.gs1.org/01/06901234567892" },
                { "(01)06901234567892(10)A", "https://id.gs1.org/01/06901234567892/10/A" },
                { "(01)06901234567892(10)A(B)", "https://id.gs1.org/01/06901234567892/10/A(B)" },
        };
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
                struct err e = { 0 };
                struct ident got;

                if (ident_parse(a, str_of(right[i].text), &own, &got, &e) < 0)
                        fail_msg("%s: %s", right[i].text, e.detail);
                assert_str(a, got.canonical, right[i].canonical);
                assert_int_equal(e.kind, ERR_NONE);
        }
        arena_free(a);
}

static void a_code_begins_with_a_letter(void **state)
{
        struct err e = { 0 };

        (void)state;
        assert_int_equal(ident_check_code(STR("R2026-07_a.1"), &e), 0);
        assert_int_equal(ident_check_code(STR("7a"), &e), -1);
        assert_int_equal(e.column, 1);
        assert_int_equal(ident_check_code(STR("a b"), &e), -1);
        assert_int_equal(e.column, 2);
        assert_string_equal(e.detail, "character 2 of the code is a blank: only A-Z a-z 0-9 and . _ - may stand there");
        assert_int_equal(ident_check_code(STR(""), &e), -1);
        assert_int_equal(ident_check_code(STR("\xC2\xA0"), &e), -1);
        assert_int_equal(ident_check_code(STR("a\xFF"), &e), -1);
        assert_non_null(strstr(e.detail, "the byte 0xFF"));
}

static void an_own_identifier_has_a_greatest_length(void **state)
{
        struct arena *a = arena_new();
        struct err e = { 0 };
        struct ident got;
        char text[600];

        (void)state;
        memset(text, 'A', sizeof text);
        memcpy(text, "/lot/F01/", 9);
        assert_int_equal(ident_parse(a, (struct str){ text, 512 }, &own, &got, &e), 0);
        assert_int_equal(ident_parse(a, (struct str){ text, 513 }, &own, &got, &e), -1);
        assert_int_equal(e.column, 513);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_wrong_character_is_named),
                cmocka_unit_test(what_is_right_is_taken),
                cmocka_unit_test(a_code_begins_with_a_letter),
                cmocka_unit_test(an_own_identifier_has_a_greatest_length),
        };

        return cmocka_run_group_tests_name("gs1/ident_errors", tests, NULL, NULL);
}
