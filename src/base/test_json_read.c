#include "base/test.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"

#define LINE(s) { (s), sizeof(s) - 1 }

static const struct json_limits usual = { LIMIT_JSON_DEPTH, LIMIT_JSON_NUMBER_BYTES, LIMIT_JSON_NODES };

/* From a copy of exactly its length, so that reading past the end is seen; the copy is gone before
 * the tree is looked at. */
static int read_copy(struct arena *a, struct str s, const struct json_limits *limits,
                     const struct json **ret, struct err *e)
{
        char *copy = malloc(s.n ? s.n : 1);

        assert_non_null(copy);
        memcpy(copy, s.p, s.n);
        int done = json_read(a, copy, s.n, limits, ret, e);
        memset(copy, 'x', s.n);
        free(copy);
        return done;
}

static const struct json *read_ok(struct arena *a, struct str s)
{
        const struct json *v = NULL;
        struct err e = { 0 };

        if (read_copy(a, s, NULL, &v, &e) < 0)
                fail_msg("%.*s: %s at %d:%d", STR_ARG(s), e.detail, e.line, e.column);
        return v;
}

static void reads_every_kind(void **state)
{
        struct arena *a = arena_new();

        (void)state;
        assert_int_equal(read_ok(a, STR("null"))->kind, JSON_NULL);
        assert_int_equal(read_ok(a, STR(" true "))->kind, JSON_TRUE);
        assert_int_equal(read_ok(a, STR("false"))->kind, JSON_FALSE);
        assert_str(json_text(read_ok(a, STR("-1.50E+3"))), "-1.50E+3");
        assert_str(json_text(read_ok(a, STR("7"))), "7");
        assert_str(json_text(read_ok(a, STR("\"x\""))), "x");
        assert_int_equal(read_ok(a, STR("[]"))->n, 0);
        assert_int_equal(read_ok(a, STR("{}"))->n, 0);
        assert_str(json_text(&read_ok(a, STR("\xef\xbb\xbf[\"x\"]"))->items[0]), "x");
        arena_free(a);
}

static void builds_the_tree(void **state)
{
        struct arena *a = arena_new();
        const struct json *v = read_ok(a, STR("{\"a\":[1,[2,{\"b\":3}],4],\"c\":{\"d\":{}}}"));
        const struct json *list = json_get(v, "a");

        (void)state;
        assert_int_equal(v->n, 2);
        assert_int_equal(list->n, 3);
        assert_str(json_text(&list->items[0]), "1");
        assert_int_equal(list->items[1].n, 2);
        assert_str(json_text(json_get(&list->items[1].items[1], "b")), "3");
        assert_str(json_text(&list->items[2]), "4");
        assert_int_equal(json_get(json_get(v, "c"), "d")->n, 0);
        arena_free(a);
}

static void decodes_escapes(void **state)
{
        static const struct {
                const char *in, *want;
        } rows[] = {
                { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
                { "\"\\u0041\\u00e9\\u4E2d\"", "A\xc3\xa9\xe4\xb8\xad" },
                { "\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf" },
                { "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80" },
                { "\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
                { "\"\\\\uD800 \\\\\\\\u0000\"", "\\uD800 \\\\u0000" },
                { "\"a\\u0001b\"", "a\x01" "b" },
        };
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++)
                assert_str(json_text(read_ok(a, str_of(rows[i].in))), rows[i].want);
        arena_free(a);
}

static void refuses_with_a_place(void **state)
{
        static const struct {
                struct str in;
                int line, column;
                const char *part;       /* of the detail */
        } rows[] = {
                { LINE(""), 1, 1, "no text" },
                { LINE("\xef\xbb\xbf"), 1, 1, "no text" },
                { LINE(" \n "), 2, 2, "too early" },
                { LINE("[1,,2]"), 1, 4, "parse error" },
                { LINE("[1,\n 2 3]"), 2, 4, "parse error" },
                { LINE("[1,\r\n  \"a\\\"b\" \"c\"]"), 2, 10, "parse error" },
                { LINE("[\"溯源\",]"), 1, 7, "parse error" },
                { LINE("{\"a\" 1}"), 1, 6, "" },
                { LINE("{1:2}"), 1, 2, "" },
                { LINE("[1"), 1, 3, "too early" },
                { LINE("[\"a"), 1, 4, "too early" },
                { LINE("1 2"), 1, 3, "trailing" },
                { LINE("{} true"), 1, 4, "trailing" },
                { LINE("[]  \"x\" "), 1, 5, "trailing" },
                { LINE("\x0b[]"), 1, 1, "control" },
                { LINE("[1 \f]"), 1, 4, "control" },
                { LINE("[\"\f\"]"), 1, 3, "control" },
                { LINE("[1]]"), 1, 4, "" },
                { LINE("[@]"), 1, 2, "lexical" },
                { LINE("[\"a\nb\"]"), 1, 4, "inside string" },
                { LINE("[\"a\\x\"]"), 1, 5, "" },
                { LINE("[\"a\\u12g4\"]"), 1, 8, "" },
                { LINE("[-a]"), 1, 3, "number" },
                { LINE("[1.x]"), 1, 4, "number" },
                { LINE("[1ex]"), 1, 4, "number" },
                { LINE("[01]"), 1, 2, "" },
                { LINE("[1,-1.8E+308]"), 1, 4, "too large" },
                { LINE("1e999999"), 1, 1, "too large" },
                { LINE("[nulx]"), 1, 5, "" },
                { LINE("tru"), 1, 4, "" },
                { LINE("-"), 1, 2, "" },
                { LINE("[\"a\0b\"]"), 1, 4, "" },
                { LINE("[]\0"), 1, 3, "" },
                { LINE("[1\xff]"), 1, 3, "UTF-8" },
                { LINE("[\n\"ab\xc0\x80\"]"), 2, 4, "UTF-8" },
                { LINE("[\"\xed\xa0\x80\"]"), 1, 3, "UTF-8" },
                { LINE("[\"\xe4\xb8"), 1, 3, "UTF-8" },
                { LINE("[\"a\\u0000\"]"), 1, 4, "U+0000" },
                { LINE("{\"a\\u0000\":1}"), 1, 4, "U+0000" },
                { LINE("[\"\\ud800\"]"), 1, 3, "surrogate" },
                { LINE("[\"\\udc00\"]"), 1, 3, "surrogate" },
                { LINE("[\"\\ud800\\ud800\\udc00\"]"), 1, 3, "surrogate" },
                { LINE("[\"\\ud800\\n\"]"), 1, 3, "surrogate" },
                { LINE("[\"\\ud800x\"]"), 1, 3, "surrogate" },
                { LINE("[\"\\ud800\\udc0"), 1, 3, "surrogate" },
                { LINE("[\"\\ud83d\\ude00\\ude00\"]"), 1, 15, "surrogate" },
                { LINE("[,\"\\ud800\"]"), 1, 2, "parse error" },      /* the first of two */
                { LINE("{\"a\":1,\n \"a\":2}"), 2, 2, "twice" },
                { LINE("{\"a\":1,\"\\u0061\":2}"), 1, 8, "twice" },
                { LINE("{\"\":1,\"\":2}"), 1, 7, "twice" },
        };
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                const struct json *v = NULL;
                struct err e = { 0 };
                assert_int_equal(read_copy(a, rows[i].in, NULL, &v, &e), -1);
                assert_null(v);
                assert_int_equal(e.kind, ERR_BAD_JSON);
                if (e.line != rows[i].line || e.column != rows[i].column || !strstr(e.detail, rows[i].part))
                        fail_msg("%.*s: %s at %d:%d", STR_ARG(rows[i].in), e.detail, e.line, e.column);
                assert_int_equal(read_copy(a, rows[i].in, NULL, &v, NULL), -1);
        }
        arena_free(a);
}

static void refuses_what_is_no_json(void **state)
{
        static const char *const rows[] = {
                "01", "-01", "1.", ".5", "-", "+1", "1e", "1e+", "0x1", "NaN", "Infinity", "-a", "1.e1",
                "tru", "True", "nul", "'a'", "[1,]", "{\"a\":1,}", "{,}", "{\"a\":}", "{\"a\"}", "{a:1}",
                "[}", "{]", "]", "}", ":", ",", "/*c*/1", "[1]//c", "\"\\x\"", "\"\\u12g4\"", "\"\\u12\"",
                "\"\\", "\"\t\"", "\x0b[]", "\xc2\xa0[]", "[1\f]",
        };
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                const struct json *v = NULL;
                struct err e = { 0 };
                if (read_copy(a, str_of(rows[i]), NULL, &v, &e) == 0)
                        fail_msg("%s: taken", rows[i]);
                assert_int_equal(e.kind, ERR_BAD_JSON);
                assert_true(e.line == 1 && e.column >= 1);
        }
        arena_free(a);
}

static int read_limited(struct str s, struct json_limits limits, struct err *e)
{
        struct arena *a = arena_new();
        const struct json *v;
        int done = read_copy(a, s, &limits, &v, e);

        arena_free(a);
        return done;
}

static void depth_ends_at_its_limit(void **state)
{
        static const char *const ok[] = { "[[[]]]", "{\"a\":{\"b\":[]}}", "[[[1]],[[2]]]" };
        static const char *const bad[] = { "[[[[]]]]", "{\"a\":{\"b\":[{}]}}", "[[[[" };
        struct json_limits limits = usual;
        struct err e = { 0 };

        (void)state;
        limits.max_depth = 3;
        for (size_t i = 0; i < COUNT(ok); i++)
                assert_int_equal(read_limited(str_of(ok[i]), limits, &e), 0);
        for (size_t i = 0; i < COUNT(bad); i++) {
                assert_int_equal(read_limited(str_of(bad[i]), limits, &e), -1);
                assert_string_equal(e.detail, "nested deeper than 3 levels");
        }
        assert_int_equal(read_limited(STR("{\"a\":{\"b\":[7,{}]}}"), limits, &e), -1);
        assert_string_equal(e.pointer, "/a/b/1");
        assert_int_equal(e.column, 14);
        limits.max_depth = 0;
        assert_int_equal(read_limited(STR("1"), limits, &e), 0);
        assert_int_equal(read_limited(STR("[]"), limits, &e), -1);
}

static void numbers_end_at_their_limit(void **state)
{
        struct json_limits limits = usual;
        struct err e = { 0 };

        (void)state;
        limits.max_number_bytes = 5;
        assert_int_equal(read_limited(STR("[12345,-1.5,1e100]"), limits, &e), 0);
        assert_int_equal(read_limited(STR("[1e308,1e-9]"), limits, &e), 0);
        assert_int_equal(read_limited(STR("[1,\n123456]"), limits, &e), -1);
        assert_string_equal(e.detail, "a number of more than 5 bytes");
        assert_string_equal(e.pointer, "/1");
        assert_int_equal(e.line, 2);
        assert_int_equal(e.column, 1);
        assert_int_equal(read_limited(STR("12345"), limits, &e), 0);
        assert_int_equal(read_limited(STR(" 123456"), limits, &e), -1);
        assert_int_equal(e.column, 2);
        assert_string_equal(e.pointer, "");
}

static void nodes_end_at_their_limit(void **state)
{
        struct json_limits limits = usual;
        struct err e = { 0 };

        (void)state;
        limits.max_nodes = 4;
        assert_int_equal(read_limited(STR("[1,{\"a\":\"x\"}]"), limits, &e), 0);
        assert_int_equal(read_limited(STR("[1,{\"a\":\"x\"},null]"), limits, &e), -1);
        assert_string_equal(e.pointer, "/2");
        assert_int_equal(e.column, 14);
        assert_int_equal(read_limited(STR("[1,{\"a\":\"x\",\"b\":{}}]"), limits, &e), -1);
        assert_string_equal(e.pointer, "/1/b");
}

static void the_usual_depth_is_that_of_the_list(void **state)
{
        char text[2 * LIMIT_JSON_DEPTH + 2];

        (void)state;
        for (int over = 0; over < 2; over++) {
                size_t n = LIMIT_JSON_DEPTH + (size_t)over;
                struct arena *a = arena_new();
                const struct json *v;
                memset(text, '[', n);
                memset(text + n, ']', n);
                assert_int_equal(json_read(a, text, 2 * n, NULL, &v, NULL), over ? -1 : 0);
                arena_free(a);
        }
}

/* An object of `n` names, then the one of index `again` once more; -1 for none. */
static int read_names(int n, int again, struct err *e)
{
        struct buf b = { .max = 1 << 24 };

        buf_z(&b, "{\"list\":[{},{");
        for (int i = 0; i < n; i++)
                buf_printf(&b, "%s\"k%d\":%d", i ? "," : "", i, i);
        if (again >= 0)
                buf_printf(&b, ",\n\"k%d\":0", again);
        buf_z(&b, "},{\"k0\":{\"k0\":[{\"k0\":1}]}}]}");
        int done = read_limited(buf_view(&b), usual, e);
        buf_free(&b);
        return done;
}

static void names_are_unique_in_objects_of_any_size(void **state)
{
        (void)state;
        for (int n = 1; n < 5000; n = n < 70 ? n + 1 : n * 3) {
                int repeated[] = { 0, n / 2, n - 1 };
                assert_int_equal(read_names(n, -1, NULL), 0);
                for (size_t i = 0; i < COUNT(repeated); i++) {
                        struct err e = { 0 };
                        char pointer[40];
                        struct buf b = { .max = sizeof pointer };
                        assert_int_equal(read_names(n, repeated[i], &e), -1);
                        buf_printf(&b, "/list/1/k%d", repeated[i]);
                        assert_string_equal(e.pointer, b.p);
                        assert_int_equal(e.line, 2);
                        assert_int_equal(e.column, 1);
                        buf_free(&b);
                }
        }
}

static void pointers_are_escaped(void **state)
{
        struct err e = { 0 };

        (void)state;
        assert_int_equal(read_limited(STR("[0,{\"a/b\":{\"~\":1,\"~\":2}}]"), usual, &e), -1);
        assert_string_equal(e.pointer, "/1/a~1b/~0");
}

/* A huge object must not make the many after it slow: this is quick or it is wrong. */
static void size_is_forgotten_between_objects(void **state)
{
        struct buf b = { .max = 1 << 24 };

        (void)state;
        buf_z(&b, "[{");
        for (int i = 0; i < 100000; i++)
                buf_printf(&b, "%s\"%d\":0", i ? "," : "", i);
        buf_char(&b, '}');
        for (int k = 0; k < 20000; k++) {
                buf_z(&b, ",{");
                for (int i = 0; i < 17; i++)
                        buf_printf(&b, "%s\"%d\":0", i ? "," : "", i);
                buf_char(&b, '}');
        }
        buf_char(&b, ']');
        assert_int_equal(read_limited(buf_view(&b), usual, NULL), 0);
        buf_free(&b);
}

/* However it is cut, a text is refused, and never read past its end. */
static void no_beginning_of_a_text_is_a_text(void **state)
{
        struct str text = STR("\xef\xbb\xbf{\"a\\u00e9\\ud83d\\ude00溯\":[1.5e-3,true,null,{\"\\\\\":\"\"}],\"b\":\"x\"}");
        struct arena *a = arena_new();
        const struct json *v;

        (void)state;
        assert_int_equal(read_copy(a, text, NULL, &v, NULL), 0);
        for (size_t n = 0; n < text.n; n++) {
                struct err e = { 0 };
                assert_int_equal(read_copy(a, (struct str){ text.p, n }, NULL, &v, &e), -1);
                assert_true(e.line == 1 && e.column >= 1 && e.column <= (int)n + 1);
        }
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_every_kind),
                cmocka_unit_test(builds_the_tree),
                cmocka_unit_test(decodes_escapes),
                cmocka_unit_test(refuses_with_a_place),
                cmocka_unit_test(refuses_what_is_no_json),
                cmocka_unit_test(depth_ends_at_its_limit),
                cmocka_unit_test(numbers_end_at_their_limit),
                cmocka_unit_test(nodes_end_at_their_limit),
                cmocka_unit_test(the_usual_depth_is_that_of_the_list),
                cmocka_unit_test(names_are_unique_in_objects_of_any_size),
                cmocka_unit_test(pointers_are_escaped),
                cmocka_unit_test(size_is_forgotten_between_objects),
                cmocka_unit_test(no_beginning_of_a_text_is_a_text),
        };
        return cmocka_run_group_tests_name("base/json_read", tests, NULL, NULL);
}
