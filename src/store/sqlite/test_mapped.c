/* A reader's mapping outlives what others commit, and never shows anything but what they committed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <unistd.h>

#include "store/sqlite/mapped.h"

enum { LARGE = 9000000 };
struct world { char path[64]; sqlite3 *writer, *reader; };

static int64_t one(sqlite3 *c, const char *sql)
{
        sqlite3_stmt *st;
        int64_t n = -1;

        assert_int_equal(sqlite3_prepare_v2(c, sql, -1, &st, NULL), SQLITE_OK);
        if (sqlite3_step(st) == SQLITE_ROW)
                n = sqlite3_column_int64(st, 0);
        assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
        return n;
}

/* Bytes of the file that this process has mapped, and of them those that are in memory by that mapping. */
static int64_t mapped_bytes(const char *path, int64_t *ret_resident)
{
        char line[512];
        unsigned long from = 0, upto = 0, kib;
        bool in = false;
        FILE *f = fopen("/proc/self/smaps", "r");

        assert_non_null(f);
        *ret_resident = 0;
        while (fgets(line, sizeof line, f)) {
                unsigned long a, b;
                if (sscanf(line, "%lx-%lx ", &a, &b) == 2) {
                        in = strstr(line, path) && !strstr(line, "-shm");
                        from = in ? a : from;
                        upto = in ? b : upto;
                } else if (in && sscanf(line, "Rss: %lu kB", &kib) == 1) {
                        *ret_resident = (int64_t)kib * 1024;
                }
        }
        fclose(f);
        return (int64_t)(upto - from);
}

static int open_world(void **state)
{
        struct world *w = calloc(1, sizeof *w);

        snprintf(w->path, sizeof w->path, "/tmp/suyuan-mapped-XXXXXX");
        close(mkstemp(w->path));
        assert_non_null(mapped_vfs());
        assert_int_equal(sqlite3_open(w->path, &w->writer), SQLITE_OK);
        one(w->writer, "PRAGMA journal_mode=WAL");
        one(w->writer, "PRAGMA wal_autocheckpoint=0");
        one(w->writer, "CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB)");
        one(w->writer, "INSERT INTO t VALUES (1, zeroblob(9000000))");
        one(w->writer, "PRAGMA wal_checkpoint(TRUNCATE)");
        assert_int_equal(sqlite3_open_v2(w->path, &w->reader, SQLITE_OPEN_READWRITE, mapped_vfs()), SQLITE_OK);
        one(w->reader, "PRAGMA mmap_size=2147418112");
        *state = w;
        return 0;
}

static int close_world(void **state)
{
        struct world *w = *state;
        char name[80];

        sqlite3_close(w->reader);
        sqlite3_close(w->writer);
        for (const char *const *end = (const char *const[]){ "", "-wal", "-shm", NULL }; *end; end++) {
                snprintf(name, sizeof name, "%s%s", w->path, *end);
                unlink(name);
        }
        free(w);
        return 0;
}

static void a_mapping_outlives_commits_and_shows_what_they_brought(void **state)
{
        struct world *w = *state;
        int64_t resident, before, size;
        char insert[80];

        assert_int_equal(one(w->reader, "SELECT count(*) FROM t WHERE b = zeroblob(length(b))"), 1);
        size = mapped_bytes(w->path, &before);
        assert_true(before >= LARGE);
        for (int n = 2; n < 60; n++) {
                snprintf(insert, sizeof insert, "INSERT INTO t VALUES (%d, zeroblob(%d))", n, n * 1000);
                one(w->writer, insert);
                if (n % 3 == 0)
                        one(w->writer, "PRAGMA wal_checkpoint(RESTART)");
                assert_int_equal(one(w->reader, "SELECT length(b) FROM t ORDER BY n DESC LIMIT 1"), n * 1000);
                assert_int_equal(mapped_bytes(w->path, &resident), size);
                assert_true(resident >= before);
        }
        assert_int_equal(one(w->writer, "DELETE FROM t WHERE n > 10"), -1);
        assert_int_equal(one(w->reader, "SELECT max(n) FROM t"), 10);
}

static void a_file_that_has_grown_much_is_mapped_anew(void **state)
{
        struct world *w = *state;
        int64_t resident, before;

        one(w->reader, "SELECT count(*) FROM t");
        one(w->writer, "INSERT INTO t VALUES (2, zeroblob(1000))");
        one(w->reader, "SELECT count(*) FROM t");
        before = mapped_bytes(w->path, &resident);
        one(w->writer, "INSERT INTO t VALUES (3, zeroblob(70000000))");
        one(w->writer, "PRAGMA wal_checkpoint(RESTART)");
        one(w->writer, "INSERT INTO t VALUES (4, zeroblob(1000))");
        assert_int_equal(one(w->reader, "SELECT count(*) FROM t WHERE b = zeroblob(length(b))"), 4);
        assert_true(mapped_bytes(w->path, &resident) > before + 60000000);
}

/* SQLite's reason to give the mapping up at all: with a file cut off behind it, touching it would be the end. */
static void a_file_that_became_shorter_is_mapped_anew(void **state)
{
        struct world *w = *state;
        int64_t resident, before;

        one(w->reader, "SELECT count(*) FROM t WHERE b = zeroblob(length(b))");
        before = mapped_bytes(w->path, &resident);
        one(w->writer, "UPDATE t SET b = zeroblob(10)");
        one(w->writer, "VACUUM");
        one(w->writer, "PRAGMA wal_checkpoint(TRUNCATE)");
        assert_int_equal(one(w->reader, "SELECT sum(length(b)) FROM t"), 10);
        assert_true(mapped_bytes(w->path, &resident) < before);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(a_mapping_outlives_commits_and_shows_what_they_brought),
                T(a_file_that_has_grown_much_is_mapped_anew),
                T(a_file_that_became_shorter_is_mapped_anew),
        };
        return cmocka_run_group_tests_name("store/mapped", tests, NULL, NULL);
}
