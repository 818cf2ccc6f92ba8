/* Goal: what is written is read again, whichever form; what is no table is refused with a reason. */
#include "base/test.h"

#include "base/limits.h"
#include "sheet/sheet.h"

static const struct str head[] = { { "编码", 6 }, { "Name", 4 }, { "n", 1 } };
static const struct str one[] = { { "A1", 2 }, { "a,\"b\"\nc", 7 }, { "12.5", 4 } };
static const struct str two[] = { { "A2", 2 }, { "=HYPERLINK(1)", 13 }, { "-3", 2 } };
static const struct str three[] = { { "A3", 2 }, { "'=x", 3 }, { "@", 1 } };
static const struct sheet_row rows[] = { { head, 3, 1 }, { one, 3, 2 }, { two, 3, 3 }, { three, 3, 4 } };

static void assert_same(const struct sheet *got)
{
        assert_int_equal(got->n, COUNT(rows));
        for (size_t i = 0; i < got->n; i++) {
                assert_int_equal(got->rows[i].n, rows[i].n);
                for (size_t c = 0; c < rows[i].n; c++) {
                        assert_int_equal(got->rows[i].cells[c].n, rows[i].cells[c].n);
                        assert_memory_equal(got->rows[i].cells[c].p, rows[i].cells[c].p, rows[i].cells[c].n);
                }
        }
}

static void csv_is_read_as_it_was_written(void **state)
{
        struct arena *a = arena_new();
        struct buf b = { .max = 1 << 20 };
        struct sheet s;
        (void)state;
        sheet_csv_begin(&b);
        for (size_t i = 0; i < COUNT(rows); i++)
                sheet_csv_row(&b, rows[i].cells, rows[i].n);
        assert_int_equal(sheet_read(a, buf_view(&b), 4, &s, NULL), 0);
        assert_same(&s);
        assert_int_equal(s.rows[2].number, 4);          /* the row before it holds a line end */
        assert_null(strstr(b.p, "\n=") ? b.p : NULL);
        assert_null(strstr(b.p, ",=") ? b.p : NULL);    /* no spreadsheet computes what was entered here */
        buf_free(&b);
        arena_free(a);
}

static void a_workbook_is_read_as_it_was_written(void **state)
{
        struct arena *a = arena_new();
        struct buf b = { .max = 1 << 20 };
        struct sheet s;
        const struct sheet written = { rows, COUNT(rows) };
        const bool numbers[] = { false, false, true };
        struct err e = { 0 };
        (void)state;
        assert_int_equal(sheet_write_xlsx(&written, "场所", numbers, &b, &e), 0);
        assert_true(sheet_is_xlsx(buf_view(&b)));
        if (sheet_read(a, buf_view(&b), 4, &s, &e) < 0)
                fail_msg("%s", e.detail);
        assert_same(&s);
        assert_int_equal(sheet_read(a, buf_view(&b), 3, &s, &e), -1);   /* one row past the limit */
        assert_int_equal(e.kind, ERR_TOO_LARGE);
        for (size_t cut = 4; cut < b.n; cut += 97) {    /* none of it is enough */
                e = (struct err){ 0 };
                assert_int_equal(sheet_read(a, (struct str){ b.p, cut }, 4, &s, &e), -1);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
        }
        buf_free(&b);
        arena_free(a);
}

static void what_is_no_table_is_refused(void **state)
{
        static const char *const bad[] = { "a,\"b", "a,\xff", "PK\003\004", "PK\003\004 and so on" };
        struct arena *a = arena_new();
        struct sheet s;
        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++) {
                struct err e = { 0 };
                assert_int_equal(sheet_read(a, str_of(bad[i]), 9, &s, &e), -1);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
        }
        assert_int_equal(sheet_read(a, STR(""), 9, &s, NULL), 0);
        assert_int_equal(s.n, 0);
        assert_int_equal(sheet_read(a, STR("a\n,,\n\nb\n"), 2, &s, NULL), 0);   /* empty rows count for nothing */
        assert_int_equal(s.n, 2);
        assert_int_equal(s.rows[1].number, 4);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(csv_is_read_as_it_was_written),
                cmocka_unit_test(a_workbook_is_read_as_it_was_written),
                cmocka_unit_test(what_is_no_table_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
