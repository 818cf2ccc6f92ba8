/* Statements, schema steps and the migration of a database that already holds something. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/db_impl.h"
#include "store/sql_names.h"
#include "store/sqlite/test_support.h"
#include "store/store_impl.h"

static const struct db_options WRITE = { .mode = DB_WRITE, .cache_kib = 1024 };

static void in_folder(char ret[256], const char *folder, const char *name)
{
        snprintf(ret, 256, "%s/%s", folder, name);
}

static int make_folder(void **state)
{
        char *folder = strdup("/tmp/suyuan-schema-XXXXXX");
        *state = mkdtemp(folder);
        return *state ? 0 : -1;
}

static int remove_folder(void **state)
{
        DIR *d = opendir(*state);
        for (struct dirent *e; (e = readdir(d));) {
                char path[600];
                snprintf(path, sizeof path, "%s/%s", (char *)*state, e->d_name);
                unlink(path);
        }
        closedir(d);
        rmdir(*state);
        free(*state);
        return 0;
}

static struct db *open_new(const char *path, const struct schema_step *steps, size_t n)
{
        struct db *db;
        struct err e = { 0 };
        if (db_open(path, &WRITE, &db, &e) < 0 || db_upgrade(db, steps, n, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
        return db;
}

static void every_statement_prepares_on_a_fresh_schema(void **state)
{
        char path[256];
        in_folder(path, *state, "a.db");
        struct db *db = open_new(path, schema_steps, n_schema_steps);
        in_folder(path, *state, "series.db");
        struct db *series = open_new(path, series_steps, n_series_steps);
        for (int sql = 0; sql < SQL_STATEMENTS; sql++) {
                struct db *of = strncmp(sql_sqlite[sql].name, "series_", 7) == 0 ? series : db;
                struct db_value nothing[32] = { 0 };
                struct err e = { 0 };
                if (db_query(of, sql, nothing, sql_sqlite[sql].n_params, &e) < 0)
                        fail_msg("%s: %s", sql_sqlite[sql].name, e.cause);
                db_done(of, sql);
        }
        db_close(db);
        db_close(series);
}

static char *read_all(const char *path)
{
        FILE *f = fopen(path, "r");
        char *text = calloc(1, 1 << 20);
        assert_non_null(f);
        assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
        fclose(f);
        return text;
}

static void steps_lead_to(const char *folder, const struct schema_step *steps, size_t n, const char *model_file)
{
        char by_steps[256], by_model[256];
        in_folder(by_steps, folder, "steps.db");
        in_folder(by_model, folder, "model.db");
        unlink(by_steps);
        unlink(by_model);
        db_close(open_new(by_steps, steps, n));
        char *model = read_all(model_file);
        assert_int_equal(raw_sql(by_model, model), 0);
        char *a = raw_schema(by_steps), *b = raw_schema(by_model);
        assert_string_equal(a, b);
        assert_non_null(strstr(a, "STRICT"));
        free(a);
        free(b);
        free(model);
}

static void the_steps_lead_to_the_model_people_read(void **state)
{
        steps_lead_to(*state, schema_steps, n_schema_steps, SOURCE_ROOT "/src/store/schema/current.sql");
        steps_lead_to(*state, series_steps, n_series_steps, SOURCE_ROOT "/src/store/schema/series/current.sql");
}

/* What a released version made must never change under its number. */
static void released_steps_are_frozen(void **state)
{
        for (size_t version = 1; version <= n_schema_steps; version++) {
                char path[256], name[300];
                snprintf(name, sizeof name, SOURCE_ROOT "/src/store/schema/frozen/v%zu.sql", version);
                assert_true(version > 1 || access(name, R_OK) == 0);
                if (access(name, R_OK) != 0)    /* not released yet */
                        continue;
                in_folder(path, *state, "v.db");
                unlink(path);
                db_close(open_new(path, schema_steps, version));
                char *now = raw_schema(path), *frozen = read_all(name);
                assert_string_equal(now, frozen);
                free(now);
                free(frozen);
        }
}

static size_t steps_with_one_more(struct schema_step *ret, const char *sql)
{
        memcpy(ret, schema_steps, n_schema_steps * sizeof *ret);
        ret[n_schema_steps] = (struct schema_step){ .name = "9999_test.sql", .sql = sql };
        return n_schema_steps + 1;
}

static int count_copies(const char *folder, char ret_path[600])
{
        int n = 0;
        DIR *d = opendir(folder);
        for (struct dirent *e; (e = readdir(d));)
                if (strncmp(e->d_name, "before-v", 8) == 0) {
                        n++;
                        snprintf(ret_path, 600, "%s/%s", folder, e->d_name);
                }
        closedir(d);
        return n;
}

static void an_older_database_is_copied_and_then_upgraded(void **state)
{
        char path[256], fresh[256], copy[600];
        struct schema_step steps[32];
        struct err e = { 0 };
        size_t n = steps_with_one_more(steps, "CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT; INSERT INTO extra SELECT n FROM origin;");
        in_folder(path, *state, "suyuan.db");
        in_folder(fresh, *state, "fresh.db");
        struct db *db = open_new(path, schema_steps, n_schema_steps);
        assert_int_equal(db_run(db, SQL_origin_add, DB_ARGS(db_i(7), db_t(STR("http://a"))), &e), 0);
        if (store_upgrade(db, *state, steps, n, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
        assert_int_equal(db_version(db, &e), (int64_t)n);
        assert_int_equal(store_upgrade(db, *state, steps, n, &e), 0);   /* again: nothing to do, no second copy */
        db_close(db);
        assert_int_equal(raw_sql(path, "SELECT id FROM extra"), 7);
        assert_int_equal(count_copies(*state, copy), 1);
        assert_int_equal(raw_sql(copy, "SELECT n FROM origin"), 7);
        assert_int_equal(raw_sql(copy, "PRAGMA user_version"), (int64_t)n_schema_steps);
        db_close(open_new(fresh, steps, n));
        char *a = raw_schema(path), *b = raw_schema(fresh);
        assert_string_equal(a, b);
        free(a);
        free(b);
}

static void a_step_that_fails_leaves_the_old_version(void **state)
{
        char path[256];
        struct schema_step steps[32];
        struct err e = { 0 };
        size_t n = steps_with_one_more(steps, "CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);");
        in_folder(path, *state, "suyuan.db");
        struct db *db = open_new(path, schema_steps, n_schema_steps);
        assert_int_equal(db_upgrade(db, steps, n, &e), -1);
        assert_int_equal(db_version(db, NULL), (int64_t)n_schema_steps);
        db_close(db);
        assert_int_equal(raw_sql(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'extra'"), 0);
}

static void a_newer_database_and_a_foreign_one_are_refused(void **state)
{
        char newer[256], foreign[256];
        struct err e = { 0 };
        struct schema_step steps[32];
        struct db *db;
        in_folder(newer, *state, "newer.db");
        in_folder(foreign, *state, "foreign.db");
        db = open_new(newer, steps, steps_with_one_more(steps, "CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT;"));
        assert_int_equal(store_upgrade(db, *state, schema_steps, n_schema_steps, &e), -1);
        assert_int_equal(e.kind, ERR_STORE);
        assert_non_null(strstr(e.detail, "newer"));
        db_close(db);
        raw_sql(foreign, "CREATE TABLE x (y); PRAGMA user_version = 1");
        e = (struct err){ 0 };
        assert_int_equal(db_open(foreign, &WRITE, &db, &e), 0);
        assert_int_equal(store_upgrade(db, *state, schema_steps, n_schema_steps, &e), -1);
        assert_non_null(strstr(e.detail, "another program"));
        db_close(db);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
        const struct CMUnitTest tests[] = {
                T(every_statement_prepares_on_a_fresh_schema),
                T(the_steps_lead_to_the_model_people_read),
                T(released_steps_are_frozen),
                T(an_older_database_is_copied_and_then_upgraded),
                T(a_step_that_fails_leaves_the_old_version),
                T(a_newer_database_and_a_foreign_one_are_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
