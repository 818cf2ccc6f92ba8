#include "base/test.h"

#include "base/json.h"

static const struct json *read_ok(struct arena *a, const char *text)
{
        const struct json *v = NULL;
        struct err e = { 0 };

        if (json_read(a, text, strlen(text), NULL, &v, &e) < 0)
                fail_msg("%s: %s at %d:%d", text, e.detail, e.line, e.column);
        return v;
}

static void finds_members(void **state)
{
        struct arena *a = arena_new();
        const struct json *o = read_ok(a, "{\"a\":1,\"\":\"e\",\"溯\":[true,null],\"s\":\"x\"}");

        (void)state;
        assert_int_equal(o->n, 4);
        assert_str(json_text(json_get(o, "a")), "1");
        assert_str(json_str(o, ""), "e");
        assert_int_equal(json_get_str(o, STR("溯"))->n, 2);
        assert_null(json_get(o, "b"));
        assert_null(json_get(NULL, "a"));
        assert_null(json_get(json_get(o, "a"), "a"));
        assert_null(json_get_str(o, STR("aa")));
        assert_null(json_str(o, "a").p);        /* a number is no string */
        assert_null(json_str(o, "none").p);
        assert_null(json_text(o).p);
        assert_null(json_text(NULL).p);
        assert_true(json_is(o, JSON_OBJECT));
        assert_false(json_is(NULL, JSON_NULL));
        assert_str(o->members[2].name, "溯");   /* in the order sent */
        arena_free(a);
}

static void reads_integers(void **state)
{
        static const struct {
                const char *in;
                int64_t want;
        } rows[] = {
                { "0", 0 }, { "-0", 0 }, { "42", 42 }, { "-42", -42 },
                { "9223372036854775807", INT64_MAX }, { "9223372036854775808", -7 },
                { "-9223372036854775808", INT64_MIN }, { "-9223372036854775809", -7 },
                { "18446744073709551616", -7 }, { "99999999999999999999999", -7 },
                { "1.0", -7 }, { "1e0", -7 }, { "\"1\"", -7 }, { "null", -7 }, { "true", -7 },
        };
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++)
                assert_int_equal(json_int(read_ok(a, rows[i].in), -7), rows[i].want);
        assert_int_equal(json_int(NULL, 5), 5);
        arena_free(a);
}

static void equality_is_of_values(void **state)
{
        static const struct {
                const char *a, *b;
                bool want;
        } rows[] = {
                { "1", "1.0", true }, { "1", "10e-1", true }, { "-0", "0", true }, { "1", "2", false },
                { "1e300", "10e299", true }, { "1", "\"1\"", false }, { "null", "false", false },
                { "true", "false", false }, { "null", "null", true },
                { "\"a\"", "\"\\u0061\"", true }, { "\"a\"", "\"b\"", false }, { "\"\"", "\"a\"", false },
                { "[]", "[]", true }, { "[]", "{}", false }, { "[1,2]", "[2,1]", false },
                { "[1]", "[1,1]", false }, { "[[1.0]]", "[[1]]", true },
                { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true },
                { "{\"a\":1}", "{\"a\":2}", false }, { "{\"a\":1}", "{\"b\":1}", false },
                { "{\"a\":1}", "{\"a\":1,\"b\":2}", false }, { "{}", "{}", true },
                { "{\"a\":null,\"b\":1}", "{\"b\":1,\"c\":null}", false },
        };
        struct arena *a = arena_new();

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                const struct json *x = read_ok(a, rows[i].a), *y = read_ok(a, rows[i].b);
                if (json_equal(x, y) != rows[i].want || json_equal(y, x) != rows[i].want)
                        fail_msg("%s %s", rows[i].a, rows[i].b);
        }
        arena_free(a);
}

/* {"k0":0,…} upward or downward; `odd` gives one member another value or name. */
static const struct json *numbered(struct arena *a, int n, bool down, const char *odd)
{
        struct buf b = { .max = 1 << 20 };

        buf_char(&b, '{');
        for (int i = 0; i < n; i++) {
                int k = down ? n - 1 - i : i;
                if (odd && k == n / 2)
                        buf_printf(&b, "%s%s", i ? "," : "", odd);
                else
                        buf_printf(&b, "%s\"k%d\":%d", i ? "," : "", k, k);
        }
        buf_char(&b, '}');
        const struct json *v = read_ok(a, b.p);
        buf_free(&b);
        return v;
}

static void equality_ignores_order_in_objects_of_any_size(void **state)
{
        struct arena *a = arena_new();

        (void)state;
        for (int n = 1; n < 3000; n = n < 20 ? n + 1 : n * 3) {
                const struct json *up = numbered(a, n, false, NULL);
                assert_true(json_equal(up, numbered(a, n, true, NULL)));
                assert_false(json_equal(up, numbered(a, n, true, "\"other\":0")));
                assert_false(json_equal(up, numbered(a, n, false, "\"k0x\":0")));
        }
        arena_free(a);
}

static void writes_compactly_in_order(void **state)
{
        struct arena *a = arena_new();
        struct buf b = { .max = 1000 };

        (void)state;
        json_write(&b, read_ok(a, " { \"b\" : [ 1.50 , -0 , 1E+2 ] , \"a\" : { } , \"c\" : [ ] ,"
                                  " \"d\" : [ true , false , null ] , \"e\" : \"\" } "));
        assert_str(buf_view(&b), "{\"b\":[1.50,-0,1E+2],\"a\":{},\"c\":[],\"d\":[true,false,null],\"e\":\"\"}");
        buf_free(&b);
        arena_free(a);
}

static void escapes_strings(void **state)
{
        struct buf b = { .max = 1000 };

        (void)state;
        json_write_str(&b, STR("a\"b\\c/\b\f\n\r\t\x01\x1f\x7f溯"));
        assert_str(buf_view(&b), "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f溯\"");
        buf_clear(&b);
        json_write_str(&b, STR_NONE);
        json_write_str(&b, STR("\n"));
        json_write_name(&b, "a\"");
        assert_str(buf_view(&b), "\"\"\"\\n\"\"a\\\"\":");
        buf_free(&b);
}

static void every_ascii_string_reads_back(void **state)
{
        struct arena *a = arena_new();
        struct buf b = { .max = 1000 };

        (void)state;
        for (int c = 1; c < 128; c++) {
                char z[] = { 'x', (char)c, 'y', '\0' };
                buf_clear(&b);
                json_write_str(&b, str_of(z));
                assert_str(json_text(read_ok(a, b.p)), z);
        }
        buf_free(&b);
        arena_free(a);
}

static void random_value(struct buf *b, uint64_t *seed, int depth)
{
        static const char *const scalars[] = {
                "null", "true", "false", "0", "-1.50", "1e9", "123456789012345678901234567890",
                "\"\"", "\"溯源\"", "\"\\u0001\\n\\\"\\\\\"", "\"\\ud83d\\ude00\"", "\"a/~b\"",
        };
        unsigned pick = (unsigned)(test_random(seed) % 10), n = (unsigned)(test_random(seed) % 25);

        if (depth == 0 || pick < 5) {
                buf_z(b, scalars[test_random(seed) % COUNT(scalars)]);
                return;
        }
        buf_char(b, pick < 7 ? '[' : '{');
        for (unsigned i = 0; i < n; i++) {
                buf_z(b, i ? " ,\n" : "\t");
                if (pick >= 7)
                        buf_printf(b, "\"n%u\" : ", i * 7919 % 25);
                random_value(b, seed, depth - 1);
        }
        buf_char(b, pick < 7 ? ']' : '}');
}

static void what_is_written_reads_back(void **state)
{
        uint64_t seed = 11;

        (void)state;
        for (int i = 0; i < 300; i++) {
                struct arena *a = arena_new();
                struct buf text = { .max = 1 << 24 }, once = text, twice = text;
                random_value(&text, &seed, 3);
                const struct json *v = read_ok(a, text.p);
                json_write(&once, v);
                const struct json *again = read_ok(a, once.p);
                assert_true(json_equal(v, again));
                json_write(&twice, again);
                assert_true(str_eq(buf_view(&once), buf_view(&twice)));
                buf_free(&text);
                buf_free(&once);
                buf_free(&twice);
                arena_free(a);
        }
}

static void points(void **state)
{
        struct buf b = { .max = 100 };

        (void)state;
        json_pointer_add(&b, STR("a/b"));
        json_pointer_add(&b, STR("m~n~1"));
        json_pointer_add(&b, STR(""));
        json_pointer_index(&b, 0);
        json_pointer_index(&b, 12);
        assert_str(buf_view(&b), "/a~1b/m~0n~01//0/12");
        buf_free(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(finds_members),
                cmocka_unit_test(reads_integers),
                cmocka_unit_test(equality_is_of_values),
                cmocka_unit_test(equality_ignores_order_in_objects_of_any_size),
                cmocka_unit_test(writes_compactly_in_order),
                cmocka_unit_test(escapes_strings),
                cmocka_unit_test(every_ascii_string_reads_back),
                cmocka_unit_test(what_is_written_reads_back),
                cmocka_unit_test(points),
        };
        return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
