#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"
#include "base/test_folder.h"

/* Small files: whole, or as they were. */

static char folder[] = "/tmp/suyuan-file-XXXXXX";

static const char *in(struct arena *a, const char *name)
{
        return arena_printf(a, "%s/%s", folder, name).p;
}

static void a_file_is_replaced_whole_and_keeps_its_mode(void **state)
{
        struct arena *a = arena_new();
        struct str got;
        struct stat st;
        (void)state;
        assert_int_equal(file_replace(in(a, "x"), 0600, STR("first"), NULL), 0);
        assert_int_equal(file_replace(in(a, "x"), 0600, STR("second, longer"), NULL), 0);
        assert_int_equal(file_read(a, in(a, "x"), 14, &got, NULL), 0);
        assert_str(got, "second, longer");
        assert_int_equal(stat(in(a, "x"), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_not_equal(stat(in(a, "x.new"), &st), 0);
        arena_free(a);
}

static void what_a_dead_process_left_is_in_nobodys_way(void **state)
{
        struct arena *a = arena_new();
        struct str got;
        FILE *f = fopen(in(a, "y.new"), "w");
        (void)state;
        fputs("half", f);
        fclose(f);
        assert_int_equal(file_replace(in(a, "y"), 0640, STR("whole"), NULL), 0);
        assert_int_equal(file_read(a, in(a, "y"), 100, &got, NULL), 0);
        assert_str(got, "whole");
        arena_free(a);
}

static void a_secret_that_others_may_read_is_not_taken(void **state)
{
        struct arena *a = arena_new();
        struct str got = STR_NONE;
        struct err e = { 0 };
        (void)state;
        assert_int_equal(file_create(in(a, "secret"), 0600, STR("mine"), &e), 0);
        assert_int_equal(file_read_private(a, in(a, "secret"), 100, &got, &e), 0);
        assert_str(got, "mine");
        assert_int_equal(chmod(in(a, "secret"), 0604), 0);
        assert_int_equal(file_read_private(a, in(a, "secret"), 100, &got, &e), -1);
        assert_int_equal(e.kind, ERR_FORBIDDEN);
        assert_int_equal(file_read_private(a, in(a, "none"), 100, &got, &e), -1);
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        arena_free(a);
}

static void a_key_is_never_written_over(void **state)
{
        struct arena *a = arena_new();
        struct str got;
        struct err e = { 0 };
        (void)state;
        assert_int_equal(file_create(in(a, "key"), 0600, STR("mine"), &e), 0);
        assert_int_equal(file_create(in(a, "key"), 0600, STR("another"), &e), -1);
        assert_int_equal(e.kind, ERR_CONFLICT);
        assert_int_equal(file_read(a, in(a, "key"), 100, &got, NULL), 0);
        assert_str(got, "mine");
        arena_free(a);
}

static void what_cannot_be_read_is_told_apart(void **state)
{
        struct arena *a = arena_new();
        struct str got;
        struct err e = { 0 };
        (void)state;
        assert_int_equal(file_read(a, in(a, "none"), 100, &got, &e), -1);
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        assert_int_equal(file_read(a, folder, 100, &got, &e), -1);
        assert_int_equal(e.kind, ERR_STORE);
        file_replace(in(a, "z"), 0640, STR("12345"), NULL);
        assert_int_equal(file_read(a, in(a, "z"), 5, &got, &e), 0);
        assert_int_equal(file_read(a, in(a, "z"), 4, &got, &e), -1);
        assert_int_equal(e.kind, ERR_TOO_LARGE);
        assert_int_equal(file_replace(in(a, "nowhere/z"), 0640, STR("1"), &e), -1);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_file_is_replaced_whole_and_keeps_its_mode),
                cmocka_unit_test(what_a_dead_process_left_is_in_nobodys_way),
                cmocka_unit_test(a_secret_that_others_may_read_is_not_taken),
                cmocka_unit_test(a_key_is_never_written_over),
                cmocka_unit_test(what_cannot_be_read_is_told_apart),
        };
        if (!mkdtemp(folder))
                return 1;
        int rc = cmocka_run_group_tests(tests, NULL, NULL);
        test_folder_remove(folder);
        return rc;
}
