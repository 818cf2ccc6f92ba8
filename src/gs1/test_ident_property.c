/* Goal: over random names of every scheme, URN -> Digital Link -> URN comes back; canonical form is a fixed
 * point; all spellings of one thing agree. */
#include "test_support.h"

#include <stdio.h>

#include "gs1/check.h"

enum { ROUNDS = 400 };

/* A small generator of our own, so that a failure can be repeated (Numerical Recipes' LCG constants). */
static uint32_t seed = 20260711;

static unsigned pick(unsigned n)
{
        seed = seed * 1664525u + 1013904223u;
        return (seed >> 8) % n;
}

static char *digits(char *p, int n)
{
        for (int i = 0; i < n; i++)
                *p++ = (char)('0' + pick(10));
        return p;
}

/* URN spelling of a random value of set 82 or 39. */
static char *value(char *p, int most, bool part)
{
        static const char set82[] = "!'()*+,-.0123456789:;=ABCXYZ_abcxyz\"%&/<>?";
        static const char set39[] = "-0123456789ABCXYZ#/";
        int n = 1 + (int)pick((unsigned)most);

        for (int i = 0; i < n; i++) {
                char c = part ? set39[pick(sizeof set39 - 1)] : set82[pick(sizeof set82 - 1)];

                p += snprintf(p, 4, strchr("\"#%&/<>?", c) ? "%%%02X" : "%c", c);
        }
        return p;
}

enum second { DIGITS_TO, VALUE_TO, PART_TO };

static const struct shape {
        const char *head;
        enum second second;
        int total;              /* digits (or characters) of prefix and second field together */
        const char *fixed;      /* after the second field */
        int serial;             /* most characters of the last field, 0 none */
        bool serial_digits;
} shapes[] = {
        { "urn:epc:id:sgtin:", DIGITS_TO, 13, ".", 20, false },
        { "urn:epc:class:lgtin:", DIGITS_TO, 13, ".", 20, false },
        { "urn:epc:id:upui:", DIGITS_TO, 13, ".", 28, false },
        { "urn:epc:id:sscc:", DIGITS_TO, 17, "", 0, false },
        { "urn:epc:id:sgln:", DIGITS_TO, 12, ".", 20, false },
        { "urn:epc:id:sgln:", DIGITS_TO, 12, ".0", 0, false },
        { "urn:epc:id:pgln:", DIGITS_TO, 12, "", 0, false },
        { "urn:epc:id:grai:", DIGITS_TO, 12, ".", 16, false },
        { "urn:epc:id:giai:", VALUE_TO, 30, "", 0, false },
        { "urn:epc:id:gsrn:", DIGITS_TO, 17, "", 0, false },
        { "urn:epc:id:gsrnp:", DIGITS_TO, 17, "", 0, false },
        { "urn:epc:id:gdti:", DIGITS_TO, 12, ".", 17, false },
        { "urn:epc:id:sgcn:", DIGITS_TO, 12, ".", 12, true },
        { "urn:epc:id:cpi:", PART_TO, 30, ".", 11, true },
        { "urn:epc:id:ginc:", VALUE_TO, 30, "", 0, false },
        { "urn:epc:id:gsin:", DIGITS_TO, 16, "", 0, false },
        { "urn:epc:id:itip:", DIGITS_TO, 13, ".02.07.", 20, false },
        { "urn:epc:idpat:sgtin:", DIGITS_TO, 13, ".*", 0, false },
        { "urn:epc:idpat:grai:", DIGITS_TO, 12, ".*", 0, false },
        { "urn:epc:idpat:gdti:", DIGITS_TO, 12, ".*", 0, false },
        { "urn:epc:idpat:sgcn:", DIGITS_TO, 12, ".*", 0, false },
        { "urn:epc:idpat:cpi:", PART_TO, 30, ".*", 0, false },
        { "urn:epc:idpat:itip:", DIGITS_TO, 13, ".01.01.*", 0, false },
};

/* A random URN; returns the length of its company prefix. */
static int make_urn(const struct shape *s, char out[400])
{
        int prefix = 6 + (int)pick(7);
        char *p = stpcpy(out, s->head);

        p = digits(p, prefix);
        *p++ = '.';
        if (s->second == DIGITS_TO)
                p = digits(p, s->total - prefix);
        else
                p = value(p, s->total - prefix, s->second == PART_TO);
        p = stpcpy(p, s->fixed);
        if (s->serial && s->serial_digits) {
                *p++ = (char)('1' + pick(9));
                p = digits(p, (int)pick((unsigned)s->serial));
        } else if (s->serial) {
                p = value(p, s->serial, false);
        }
        *p = 0;
        return prefix;
}

static void assert_same(struct arena *a, const char *what, struct str text, struct str canonical)
{
        struct err e = { 0 };
        struct ident read, parsed;

        ident_read(a, text, &own, &read);
        if (!str_eq(read.canonical, canonical) || read.bad_check_digit)
                fail_msg("%s %s read as %s, not %s", what, arena_cstr(a, text), arena_cstr(a, read.canonical),
                         arena_cstr(a, canonical));
        if (ident_parse(a, text, &own, &parsed, &e) < 0)
                fail_msg("%s %s: %s", what, arena_cstr(a, text), e.detail);
        assert_true(str_eq(parsed.canonical, canonical));
}

/* Whether an element string can be taken apart again: its values hold nothing that looks like an AI. */
static bool brackets_are_clear(struct str s)
{
        for (size_t i = 1; i + 1 < s.n; i++) {
                if (s.p[i] == '(' && s.p[i + 1] >= '0' && s.p[i + 1] <= '9' && s.p[i - 1] != ')')
                        return false;
        }
        return true;
}

static void one_round(struct arena *a, const struct shape *s)
{
        char urn[400];
        int prefix = make_urn(s, urn);
        struct str text = str_of(urn), again = STR_NONE, hashed = STR_NONE, element;
        struct err e = { 0 };
        struct ident got;

        if (strcmp(s->head, "urn:epc:id:sgln:") == 0 && text.n > 2 && strcmp(urn + text.n - 4, ".%30") == 0)
                return;
        if (ident_parse(a, text, &own, &got, &e) < 0)
                fail_msg("%s: %s", urn, e.detail);
        if (ident_urn(a, got.canonical, prefix, &again, &e) < 0)
                fail_msg("%s -> %s: %s", urn, arena_cstr(a, got.canonical), e.detail);
        if (!str_eq(again, text))
                fail_msg("%s -> %s -> %s", urn, arena_cstr(a, got.canonical), arena_cstr(a, again));
        assert_true(ident_hash_form(a, text, &hashed));
        assert_true(str_eq(hashed, got.canonical));
        assert_same(a, "canonical", got.canonical, got.canonical);
        assert_same(a, "page", ident_page(a, got.canonical, &own), got.canonical);
        element = ident_element_string(a, got.canonical);
        if (brackets_are_clear(element))
                assert_same(a, "element string", element, got.canonical);
}

static void urn_to_link_and_back(void **state)
{
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
                for (int k = 0; k < ROUNDS; k++) {
                        one_round(a, &shapes[i]);
                        arena_reset(a);
                }
        }
        arena_free(a);
}

/* One changed digit of a number with a check digit is always found (weights 3 and 1 are coprime to 10). */
static void one_wrong_digit_is_found(void **state)
{
        (void)state;
        for (int k = 0; k < ROUNDS; k++) {
                char n[18];
                size_t at = pick(18);

                digits(n, 17);
                n[17] = gs1_check_digit((struct str){ n, 17 });
                assert_int_equal(gs1_check_number((struct str){ n, 18 }, 18, "SSCC", NULL), 0);
                n[at] = (char)('0' + (n[at] - '0' + 1 + (int)pick(9)) % 10);
                assert_int_equal(gs1_check_number((struct str){ n, 18 }, 18, "SSCC", NULL), -1);
        }
}

/* Whatever bytes come, reading twice is reading once, and what parses is read alike. */
static void any_bytes(void **state)
{
        static const char alphabet[] = "/01/21/10/(01)urn:epc:id:sgtin:.*06901234567892%2Fhttps://a.b/lot/A?#\xE7\xA8\xBB\x01";
        struct arena *a = arena_new();

        (void)state;
        for (int k = 0; k < ROUNDS * 50; k++) {
                char text[64];
                size_t n = pick(sizeof text);
                struct ident once, twice, parsed;

                for (size_t i = 0; i < n; i++)
                        text[i] = alphabet[pick(sizeof alphabet - 1)];
                ident_read(a, (struct str){ text, n }, &own, &once);
                ident_read(a, once.canonical, &own, &twice);
                assert_true(str_eq(once.canonical, twice.canonical));
                if (ident_parse(a, (struct str){ text, n }, &own, &parsed, NULL) == 0)
                        assert_true(str_eq(parsed.canonical, once.canonical));
                arena_reset(a);
        }
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(urn_to_link_and_back),
                cmocka_unit_test(one_wrong_digit_is_found),
                cmocka_unit_test(any_bytes),
        };

        return cmocka_run_group_tests_name("gs1/ident_property", tests, NULL, NULL);
}
