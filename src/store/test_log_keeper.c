/* The write-ahead log stays within its bound under load, begins anew beside readers that come and go, and a reader that stays
 * neither stops the writer nor loses its snapshot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <unistd.h>

#include "store/sql_names.h"
#include "store/store_impl.h"

enum { KIB = 1024 };
static const struct log_bounds SMALL = { .soft = 256 * KIB, .hard = 1024 * KIB, .step = 128 * KIB };

struct setting { char folder[64], path[96]; struct db *writer, *reader; struct log_keeper *keeper; int64_t n; };

static int setup(void **state)
{
        struct setting *s = calloc(1, sizeof *s);
        struct err e = { 0 };
        *state = s;
        snprintf(s->folder, sizeof s->folder, "/tmp/suyuan-log-XXXXXX");
        if (!mkdtemp(s->folder))
                return -1;
        snprintf(s->path, sizeof s->path, "%s/a.db", s->folder);
        if (db_open(s->path, &(struct db_options){ .mode = DB_WRITE, .cache_kib = 512 }, &s->writer, &e) < 0 ||
            db_upgrade(s->writer, schema_steps, n_schema_steps, &e) < 0 ||
            db_open(s->path, &(struct db_options){ .mode = DB_READ, .cache_kib = 64 }, &s->reader, &e) < 0)
                return -1;
        return log_keeper_start(s->path, s->writer, &SMALL, &s->keeper, &e);
}

static int teardown(void **state)
{
        struct setting *s = *state;
        log_keeper_stop(s->keeper);
        db_close(s->reader);
        db_close(s->writer);
        unlink(s->path);
        rmdir(s->folder);
        free(s);
        return 0;
}

/* Some 40 KB of log. */
static void commit_some(struct setting *s)
{
        struct err e = { 0 };
        char text[2000];
        memset(text, 'x', sizeof text);
        if (db_begin(s->writer, &e) < 0)
                fail_msg("%s", e.cause);
        for (int i = 0; i < 16; i++)
                if (db_run(s->writer, SQL_event_body_add, DB_ARGS(db_i(1), db_i(++s->n), db_t((struct str){ text, sizeof text })), &e) < 0)
                        fail_msg("%s", e.cause);
        if (db_commit(s->writer, &e) < 0)
                fail_msg("%s", e.cause);
        log_keeper_committed(s->keeper);
}

static int64_t bodies(struct setting *s)
{
        const struct db_row *row;
        assert_int_equal(db_one(s->reader, SQL_body_count, DB_NO_ARGS, &row, NULL), 1);
        int64_t n = db_int(row, 0);
        db_done(s->reader, SQL_body_count);
        return n;
}

static void the_log_stays_within_its_bound(void **state)
{
        struct setting *s = *state;
        int restarts = 0;
        int64_t before = 0;
        for (int i = 0; i < 400; i++) {
                commit_some(s);
                int64_t now = db_log_bytes(s->writer);
                assert_true(now <= SMALL.hard + 64 * KIB);
                restarts += now < before;
                before = now;
                assert_int_equal(db_begin(s->reader, NULL), 0); /* readers come and go */
                assert_int_equal(bodies(s), s->n);
                db_rollback(s->reader);
        }
        assert_true(restarts > 3);
}

static void a_reader_that_stays_keeps_its_snapshot_and_stops_nobody(void **state)
{
        struct setting *s = *state;
        commit_some(s);
        assert_int_equal(db_begin(s->reader, NULL), 0);
        int64_t seen = bodies(s);
        while (db_log_bytes(s->writer) < 2 * SMALL.hard)        /* it cannot begin anew, so it must grow */
                commit_some(s);
        assert_int_equal(bodies(s), seen);
        db_rollback(s->reader);
        for (int i = 0; db_log_bytes(s->writer) >= SMALL.hard; i++) {
                assert_true(i < 1000);
                commit_some(s);
        }
        assert_int_equal(bodies(s), s->n);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                T(the_log_stays_within_its_bound),
                T(a_reader_that_stays_keeps_its_snapshot_and_stops_nobody),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
