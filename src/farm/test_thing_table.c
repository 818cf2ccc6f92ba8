/* Goal: a thing that goes out as a row comes back as it was; what people type in spreadsheets is understood, and what is wrong has its row and column. */
#include "base/test.h"

#include "farm/thing_table.h"

static const struct json *json_of(struct arena *a, struct str text)
{
        const struct json *j;
        if (json_read(a, text.p, text.n, NULL, &j, NULL) < 0)
                fail_msg("no JSON: %.*s", STR_ARG(text));
        return j;
}

static void a_row_comes_back_as_it_went(void **state)
{
        static const struct { enum thing_kind kind; const char *body; } list[] = {
                { THING_PLACE, "{\"name\":\"一号田\",\"type\":\"plot\",\"areaMu\":3.5,\"position\":{\"lat\":25.7,\"lon\":113},\"outline\":{\"type\":\"Polygon\",\"coordinates\":[[[113,25],[113.01,25],[113.01,25.01],[113,25]]]},"
                               "\"x-soil\":[1,{\"a\":null}]}" },
                { THING_PLACE, "{\"name\":\"a\",\"position\":{\"lat\":25.7,\"lon\":113,\"accuracy\":4}}" },
                { THING_INPUT, "{\"name\":\"a\",\"category\":\"pesticide\",\"activeIngredients\":[\"吡虫啉\",\"啶虫脒\"],\"intervalDays\":7,\"labels\":[{\"crop\":\"番茄\",\"dose\":{\"min\":1,\"uom\":\"g/mu\"}}]}" },
                { THING_CROP, "{\"name\":\"a\",\"variety\":[\"a,b\",\"c\"],\"yieldKgMu\":500}" },
                { THING_PRODUCT, "{\"name\":\"=1\",\"gtin\":\"06901234567892\"}" },
                { THING_SEASON, "{\"plot\":\"A1\",\"crop\":\"水稻\",\"opened\":\"2026-05-01\",\"wantsPhotos\":false}" },
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(list); i++)
                for (int l = 0; l < LANGS; l++) {
                        struct str head[THING_COLUMNS], cells[THING_COLUMNS], code, body;
                        bool numbers[THING_COLUMNS];
                        struct thing_columns columns;
                        struct faults f = { 0 };
                        size_t n = thing_table_head(list[i].kind, (enum lang)l, head, numbers);
                        assert_true(n <= THING_COLUMNS);
                        thing_table_row(a, list[i].kind, STR("A1"), json_of(a, str_of(list[i].body)), cells);
                        assert_int_equal(thing_table_columns(a, list[i].kind, head, n, 1, &columns, &f), 0);
                        assert_int_equal(thing_table_read(a, &columns, cells, n, 2, &code, &body, &f), 0);
                        assert_str(code, "A1");
                        assert_str(body, list[i].body);
                }
        arena_free(a);
}

static void what_people_type_is_understood(void **state)
{
        static const struct str head[] = { { "CODE", 4 }, { "name", 4 }, { "有效成分", 12 }, { "labels", 6 }, { "x-shelf", 7 }, { "", 0 } };
        static const struct str cells[] = { { "A1", 2 }, { "a", 1 }, { "吡虫啉，啶虫脒; x", 24 }, { "番茄：7；黄瓜: 3", 22 }, { "上层", 6 }, { "?", 1 } };
        struct thing_columns columns;
        struct faults f = { 0 };
        struct arena *a = arena_new();
        struct str code, body;
        (void)state;
        assert_int_equal(thing_table_columns(a, THING_INPUT, head, COUNT(head), 1, &columns, &f), 0);
        assert_int_equal(thing_table_read(a, &columns, cells, COUNT(cells), 2, &code, &body, &f), 0);
        assert_str(body, "{\"name\":\"a\",\"activeIngredients\":[\"吡虫啉\",\"啶虫脒\",\"x\"],\"labels\":[{\"crop\":\"番茄\",\"intervalDays\":7},{\"crop\":\"黄瓜\",\"intervalDays\":3}],\"x-shelf\":\"上层\"}");
        arena_free(a);
}

static void days_are_read_as_spreadsheets_keep_them(void **state)
{
        static const struct str head[] = { { "code", 4 }, { "plot", 4 }, { "crop", 4 }, { "opened", 6 } };
        static const char *const days[][2] = { { "46143", "2026-05-01" }, { "2026/5/1", "2026-05-01" }, { "2026-05-01", "2026-05-01" }, { "1.5.2026", NULL }, { "2026/13/1", NULL } };
        struct thing_columns columns;
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(days); i++) {
                struct faults f = { 0 };
                struct str code, body, cells[] = { STR("S1"), STR("A1"), STR("水稻"), str_of(days[i][0]) };
                assert_int_equal(thing_table_columns(a, THING_SEASON, head, COUNT(head), 1, &columns, &f), 0);
                int rc = thing_table_read(a, &columns, cells, COUNT(cells), 2, &code, &body, &f);
                assert_int_equal(rc, days[i][1] ? 0 : -1);
                if (days[i][1])
                        assert_str(json_str(json_of(a, body), "opened"), days[i][1]);
        }
        arena_free(a);
}

static void what_is_wrong_has_its_row_and_column(void **state)
{
        static const struct str head[] = { { "编码", 6 }, { "名称", 6 }, { "面积（亩）", 15 }, { "position", 8 }, { "x-", 2 } };
        static const struct str cells[] = { { "1A", 2 }, { "", 0 }, { "many", 4 }, { "here", 4 }, { "7", 1 } };
        static const struct { const char *pointer, *column; } want[] = { { "/7/x-", "x-" }, { "/7/code", "编码" }, { "/7/name", "名称" }, { "/7/areaMu", "面积（亩）" }, { "/7/position", "position" } };
        struct thing_columns columns;
        struct faults f = { 0 };
        struct arena *a = arena_new();
        struct str code, body;
        (void)state;
        assert_int_equal(thing_table_columns(a, THING_PLACE, head, COUNT(head), 1, &columns, &f), 0);
        assert_int_equal(thing_table_read(a, &columns, cells, COUNT(cells), 7, &code, &body, &f), -1);
        assert_int_equal(f.n, COUNT(want));
        for (size_t i = 0; i < f.n; i++) {
                int row;
                assert_str(f.list[i].pointer, want[i].pointer);
                assert_str(thing_table_place(&columns, f.list[i].pointer, &row), want[i].column);
                assert_int_equal(row, 7);
        }
        arena_free(a);
}

static void headings_that_nobody_knows_are_refused(void **state)
{
        static const struct str unknown[] = { { "code", 4 }, { "nmae", 4 } }, twice[] = { { "code", 4 }, { "name", 4 }, { "名称", 6 } }, none[] = { { "name", 4 } };
        static const struct { const struct str *head; size_t n; const char *code; } list[] = { { unknown, 2, "unknown-member" }, { twice, 3, "repeated-item" }, { none, 1, "missing-member" } };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(list); i++) {
                struct thing_columns columns;
                struct faults f = { 0 };
                assert_int_equal(thing_table_columns(a, THING_PLACE, list[i].head, list[i].n, 1, &columns, &f), -1);
                assert_int_equal(f.n, 1);
                assert_string_equal(f.list[0].code, list[i].code);
        }
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_row_comes_back_as_it_went),
                cmocka_unit_test(what_people_type_is_understood),
                cmocka_unit_test(days_are_read_as_spreadsheets_keep_them),
                cmocka_unit_test(what_is_wrong_has_its_row_and_column),
                cmocka_unit_test(headings_that_nobody_knows_are_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
