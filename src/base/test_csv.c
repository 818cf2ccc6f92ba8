#include "base/csv.h"

#include "base/limits.h"
#include "base/test.h"

static struct arena *a;

static int setup(void **state) { (void)state; a = arena_new(); return 0; }
static int teardown(void **state) { (void)state; arena_free(a); return 0; }

static void rows_as_a_spreadsheet_writes_them(void **state)
{
        (void)state;
        struct csv c = csv_open(STR("\xef\xbb\xbfname,scope,note\r\n\"2,4-滴丁酯\",全部,\"he said \"\"no\"\"\"\r\n\n\"two\nlines\",,\nlast,x"));
        const struct str *f;
        size_t n;
        assert_int_equal(csv_row(&c, a, &f, &n, NULL), 1);
        assert_int_equal(n, 3);
        assert_int_equal(csv_column(f, n, "scope"), 1);
        assert_int_equal(csv_column(f, n, "nothing"), -1);
        assert_int_equal(csv_row(&c, a, &f, &n, NULL), 1);
        assert_str(f[0], "2,4-滴丁酯");
        assert_str(f[2], "he said \"no\"");
        assert_int_equal(c.line, 2);
        assert_int_equal(csv_row(&c, a, &f, &n, NULL), 1);
        assert_int_equal(c.line, 4);
        assert_str(f[0], "two\nlines");
        assert_int_equal(n, 3);
        assert_str(f[2], "");
        assert_int_equal(csv_row(&c, a, &f, &n, NULL), 1);
        assert_int_equal(c.line, 6);
        assert_str(f[1], "x");
        assert_int_equal(csv_row(&c, a, &f, &n, NULL), 0);
}

static void what_is_wrong_is_told_with_its_line_and_reading_goes_on(void **state)
{
        static const struct { const char *text; int line; const char *says; } cases[] = {
                { "a,b\n\"open,c\n", 2, "not closed" },
                { "a,b\nx\"y,c\n", 2, "a quote stands within" },
                { "a,b\n\"x\"y,c\n", 2, "between a quoted field" },
                { "a,b\n\xff,c\n", 2, "UTF-8" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                struct csv c = csv_open(str_of(cases[i].text));
                struct err e = { 0 };
                const struct str *f;
                size_t n;
                assert_int_equal(csv_row(&c, a, &f, &n, &e), 1);
                assert_int_equal(csv_row(&c, a, &f, &n, &e), -1);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
                assert_int_equal(e.line, cases[i].line);
                assert_non_null(strstr(e.detail, cases[i].says));
                assert_int_equal(csv_row(&c, a, &f, &n, &e), 0);
        }
}

static int row_of(size_t field_bytes, size_t fields, bool quote)
{
        size_t n = 0;
        char *text = arena_raw(a, (field_bytes + 3) * fields + 2);
        for (size_t i = 0; i < fields; i++) {
                if (i)
                        text[n++] = ',';
                if (quote)
                        text[n++] = '"';
                memset(text + n, 'x', field_bytes);
                n += field_bytes;
                if (quote)
                        text[n++] = '"';
        }
        struct csv c = csv_open((struct str){ text, n });
        const struct str *f;
        size_t got;
        return csv_row(&c, a, &f, &got, NULL);
}

static void a_row_is_bounded(void **state)
{
        (void)state;
        assert_int_equal(row_of(1, LIMIT_CSV_FIELDS, false), 1);
        assert_int_equal(row_of(1, LIMIT_CSV_FIELDS + 1, false), -1);
        for (int quote = 0; quote < 2; quote++) {
                assert_int_equal(row_of(LIMIT_CSV_FIELD_BYTES, 1, quote), 1);
                assert_int_equal(row_of(LIMIT_CSV_FIELD_BYTES + 1, 1, quote), -1);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rows_as_a_spreadsheet_writes_them),
                cmocka_unit_test(what_is_wrong_is_told_with_its_line_and_reading_goes_on),
                cmocka_unit_test(a_row_is_bounded),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
