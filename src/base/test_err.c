#include "base/test.h"

#include "base/err.h"
#include "base/text.h"

static void is_the_whole_error_path(void **state)
{
        (void)state;
        struct err e = { 0 };

        assert_int_equal(err_set(&e, ERR_NOT_FOUND, "no %s", "cow"), -1);
        assert_int_equal(err_at(&e, "/a/0"), -1);
        assert_int_equal(err_while(&e, "reading %d", 1), -1);
        assert_int_equal(err_while(&e, "capturing"), -1);
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        assert_string_equal(e.detail, "no cow");
        assert_string_equal(e.pointer, "/a/0");
        assert_string_equal(e.cause, "reading 1 < capturing");
}

static void nobody_need_listen(void **state)
{
        (void)state;
        assert_int_equal(err_set(NULL, ERR_BUSY, "x"), -1);
        assert_int_equal(err_at(NULL, "/x"), -1);
        assert_int_equal(err_while(NULL, "x"), -1);
}

static void set_forgets_what_was_before(void **state)
{
        (void)state;
        struct err e = { .line = 3, .column = 4 };

        err_set(&e, ERR_BUSY, "one");
        err_at(&e, "/x");
        err_while(&e, "y");
        err_set(&e, ERR_STORE, "again: %s", e.detail);
        assert_string_equal(e.detail, "again: one");
        assert_string_equal(e.pointer, "");
        assert_string_equal(e.cause, "");
        assert_int_equal(e.line, 0);
}

static void cuts_between_characters(void **state)
{
        (void)state;
        struct err e = { 0 };

        for (size_t shift = 0; shift < 4; shift++) {
                char text[900];
                memset(text, 'a', shift);
                for (size_t i = shift; i + 4 < sizeof text; i += 3)
                        memcpy(text + i, "溯", 4);
                err_set(&e, ERR_BAD_INPUT, "%s", text);
                err_at(&e, text);
                assert_true(utf8_valid(str_of(e.detail)));
                assert_true(utf8_valid(str_of(e.pointer)));
                assert_in_range(strlen(e.detail), sizeof e.detail - 4, sizeof e.detail - 1);
                assert_in_range(strlen(e.pointer), sizeof e.pointer - 4, sizeof e.pointer - 1);
                for (int i = 0; i < 3; i++)
                        err_while(&e, "%s", text);
                assert_true(utf8_valid(str_of(e.cause)));
        }
}

static void what_just_fits_is_not_cut(void **state)
{
        (void)state;
        struct err e = { 0 };

        err_set(&e, ERR_BAD_INPUT, "%*d", (int)sizeof e.detail - 1, 7);
        assert_int_equal(strlen(e.detail), sizeof e.detail - 1);
        assert_int_equal(e.detail[sizeof e.detail - 2], '7');
        err_set(&e, ERR_BAD_INPUT, "%-*d", (int)sizeof e.detail, 7);
        assert_int_equal(strlen(e.detail), sizeof e.detail - 1);
}

static void every_kind_says_all_it_must(void **state)
{
        (void)state;
        for (enum err_kind k = ERR_NONE + 1; k < ERR_KINDS; k++) {
                assert_in_range(err_status(k), 400, 599);
                assert_true(strlen(err_slug(k)) > 0);
                assert_non_null(err_exception(k));
                for (enum lang l = 0; l < LANGS; l++) {
                        assert_true(strlen(err_title(k, l)) > 0);
                        assert_true(utf8_valid(str_of(err_title(k, l))));
                }
                for (enum err_kind other = ERR_NONE + 1; other < k; other++)
                        assert_string_not_equal(err_slug(k), err_slug(other));
        }
        assert_string_equal(err_title(ERR_NOT_FOUND, LANG_EN), "No such thing");
        assert_string_equal(err_title(ERR_NOT_FOUND, LANG_HANS), "没有找到");
        assert_string_equal(err_title(ERR_NOT_FOUND, LANG_HANT), "沒有找到");
}

static void an_unnamed_failure_is_ours(void **state)
{
        (void)state;
        assert_int_equal(err_status(ERR_NONE), 500);
        assert_string_equal(err_slug(ERR_NONE), "internal");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(is_the_whole_error_path),
                cmocka_unit_test(nobody_need_listen),
                cmocka_unit_test(set_forgets_what_was_before),
                cmocka_unit_test(cuts_between_characters),
                cmocka_unit_test(what_just_fits_is_not_cut),
                cmocka_unit_test(every_kind_says_all_it_must),
                cmocka_unit_test(an_unnamed_failure_is_ours),
        };
        return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
