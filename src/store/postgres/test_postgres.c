/* What only PostgreSQL has: types on the wire, a connection that goes away, several writers.  The contract that both engines keep is
 * tested where it is used (ledger/, store/), once with each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <pthread.h>

#include "store/postgres/pg_impl.h"
#include "store/postgres/test_support.h"
#include "store/sql_names.h"

static const struct db_options WRITE = { .mode = DB_WRITE }, READ = { .mode = DB_READ };

static struct db *opened(const char *url, const struct db_options *o)
{
        struct db *db;
        struct err e = { 0 };
        if (db_open(url, o, &db, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
        return db;
}

static int make(void **state)
{
        char *url = malloc(512);
        struct err e = { 0 };
        if (!url || !fresh_server_database(url))
                return -1;
        struct db *db = opened(url, &WRITE);
        if (db_upgrade(db, schema_steps, n_schema_steps, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
        db_close(db);
        *state = url;
        return 0;
}

static int unmake(void **state)
{
        free(*state);
        return 0;
}

static void must(int rc, const struct err *e)
{
        if (rc < 0)
                fail_msg("%s (%s)", e->detail, e->cause);
}

static void prepares(PGconn *c, const char *name, const char *text)
{
        PGresult *r = PQprepare(c, "", text, 0, NULL);
        if (PQresultStatus(r) != PGRES_COMMAND_OK)
                fail_msg("%s: %s%s\n(what SQL both engines take is told in HACKING.md)", name, PQerrorMessage(c), text);
        PQclear(r);
}

/* Types of parameters come with their first values; here the server has to guess them, which is stricter. */
static void every_statement_prepares_on_a_fresh_schema(void **state)
{
        static const struct db_options series = { .mode = DB_WRITE, .space = "series" };
        PGconn *c = PQconnectdb(*state);
        struct err e = { 0 };
        struct db *db = opened(*state, &series);
        must(db_upgrade(db, series_steps, n_series_steps, &e), &e);
        for (int sql = 0; sql < SQL_STATEMENTS; sql++) {
                const struct sql_text *t = &sql_postgres[sql];
                prepares(strncmp(t->name, "series_", 7) == 0 ? ((struct pg *)db)->conn : c, t->name, t->text);
        }
        db_close(db);
        PQfinish(c);
}

static void values_come_back_as_they_went(void **state)
{
        struct db *db = opened(*state, &WRITE);
        const struct db_row *row;
        struct err e = { 0 };
        static const char bytes[] = { 0, 1, (char)0xff, '\\', '\'' };
        must(db_run(db, SQL_org_add, DB_ARGS(db_i(INT64_MAX), db_t(STR("溯源")), db_t(STR_NONE), db_b(bytes, sizeof bytes), db_i(INT64_MIN)), &e), &e);
        must(db_one(db, SQL_orgs, DB_NO_ARGS, &row, &e), &e);
        assert_true(db_int(row, 0) == INT64_MAX);
        assert_true(str_eq(db_text(row, 0), STR("9223372036854775807")));       /* an integer as text, as SQLite gives it */
        assert_true(str_eq(db_text(row, 1), STR("溯源")));
        assert_int_equal(db_text(row, 2).n, sizeof bytes);
        assert_memory_equal(db_text(row, 2).p, bytes, sizeof bytes);
        assert_int_equal(db_columns(row), 3);
        db_done(db, SQL_orgs);
        assert_int_equal(raw_server_sql(*state, "SELECT created_us FROM org") == INT64_MIN, 1);
        db_close(db);
}

static void add_terms(struct db *db, int64_t n)
{
        struct err e = { 0 };
        struct db_value *v = calloc((size_t)n * 3, sizeof *v);
        for (int64_t i = 0; i < n; i++) {
                v[3 * i] = db_i(1);
                v[3 * i + 1] = db_i(i + 1);
                v[3 * i + 2] = db_t(STR("text"));
        }
        must(db_many(db, SQL_term_add, v, 3, (size_t)n, NULL, NULL, &e), &e);
        free(v);
}

static int note(void *ctx, size_t input, const struct db_row *row, struct err *reterr)
{
        int64_t *told = ctx;
        (void)reterr;
        told[input] += str_eq(db_text(row, 0), STR("text"));
        return 0;
}

static void many_rows_go_in_and_each_answer_names_its_row(void **state)
{
        enum { N = 3000 };
        struct db *db = opened(*state, &WRITE);
        struct err e = { 0 };
        int64_t *told = calloc(N, sizeof *told);
        struct db_value *v = calloc(N * 2, sizeof *v);
        add_terms(db, N);
        for (int64_t i = 0; i < N; i++) {
                v[2 * i] = db_i(1);
                v[2 * i + 1] = db_i(i % 3 ? i + 1 : -i - 1);    /* every third is not there */
        }
        must(db_many(db, SQL_term_text, v, 2, N, note, told, &e), &e);
        for (int64_t i = 0; i < N; i++)
                assert_int_equal(told[i], i % 3 ? 1 : 0);
        free(v);
        free(told);
        db_close(db);
}

/* A statement without a text for arrays goes through a pipeline; its failure leaves a connection that works. */
static void a_failure_among_many_is_told_and_the_connection_goes_on(void **state)
{
        struct db *db = opened(*state, &WRITE);
        struct err e = { 0 };
        struct db_value v[3 * 300];
        add_terms(db, 10);
        for (int i = 0; i < 300; i++) {
                v[3 * i] = db_i(1);
                v[3 * i + 1] = db_i(1);
                v[3 * i + 2] = i == 7 ? (struct db_value){ 0 } : db_i(i + 1);   /* a NULL is no fault here */
        }
        must(db_many(db, SQL_event_flag, v, 3, 300, NULL, NULL, &e), &e);
        v[0] = db_t(STR("no number"));
        assert_int_equal(db_many(db, SQL_event_flag, v, 3, 300, NULL, NULL, &e), -1);
        assert_int_equal(e.kind, ERR_INTERNAL);
        assert_false(db_again(db));
        must(db_begin(db, &e), &e);
        must(db_commit(db, &e), &e);
        db_close(db);
}

static void several_queries_are_open_at_the_same_time(void **state)
{
        struct db *db = opened(*state, &WRITE);
        struct err e = { 0 };
        const struct db_row *a, *b;
        int64_t n = 0;
        add_terms(db, 500);
        must(db_query(db, SQL_all_terms, DB_NO_ARGS, &e), &e);
        while (db_next(db, SQL_all_terms, &a, &e) == 1) {
                n++;
                assert_int_equal(db_one(db, SQL_term_text, DB_ARGS(db_i(1), db_i(n)), &b, &e), 1);
                assert_true(str_eq(db_text(b, 0), STR("text")));
                assert_int_equal(db_int(a, 1), n);      /* still valid */
                if (n == 5) {
                        assert_int_equal(db_query(db, SQL_origins, DB_NO_ARGS, &e), 0);
                        assert_int_equal(db_next(db, SQL_origins, &b, &e), 0);
                }
        }
        assert_int_equal(n, 500);
        must(db_query(db, SQL_all_terms, DB_NO_ARGS, &e), &e);
        assert_int_equal(db_next(db, SQL_all_terms, &a, &e), 1);
        db_done(db, SQL_all_terms);     /* before its end */
        must(db_begin(db, &e), &e);
        must(db_commit(db, &e), &e);
        db_close(db);
}

static void what_cannot_be_stored_is_not_found(void **state)
{
        struct db *db = opened(*state, &READ);
        const struct db_row *row;
        struct err e = { 0 };
        const struct str impossible[] = { { "a\0b", 3 }, { "a\xff", 2 }, { "\xed\xa0\x80", 3 } };
        must(db_begin(db, &e), &e);
        for (size_t i = 0; i < 3; i++) {
                assert_int_equal(db_one(db, SQL_item_find, DB_ARGS(db_i(1), db_t(impossible[i])), &row, &e), 0);
                must(db_query(db, SQL_item_find, DB_ARGS(db_i(1), db_t(impossible[i])), &e), &e);
                assert_int_equal(db_next(db, SQL_item_find, &row, &e), 0);
        }
        assert_int_equal(db_one(db, SQL_event_count, DB_NO_ARGS, &row, &e), 1);         /* the transaction goes on */
        db_rollback(db);
        db_close(db);
}

/* Ends every other backend of the server whose last statement looks like this. */
static void cut(const char *url, const char *like)
{
        char sql[300];
        snprintf(sql, sizeof sql, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%s'", like);
        assert_true(raw_server_sql(url, sql) > 0);
}

static void a_lost_connection_is_made_again_with_the_next_transaction(void **state)
{
        struct db *db = opened(*state, &WRITE), *reader = opened(*state, &READ);
        const struct db_row *row;
        struct err e = { 0 };
        must(db_begin(db, &e), &e);
        add_terms(db, 3);
        cut(*state, "%INSERT INTO term%");
        assert_int_equal(db_one(db, SQL_term_text, DB_ARGS(db_i(1), db_i(1)), &row, &e), -1);
        assert_true(db_again(db));
        assert_int_equal(e.kind, ERR_STORE);
        assert_int_equal(db_commit(db, &e), -1);
        assert_true(db_again(db));
        must(db_begin(db, &e), &e);
        assert_int_equal(db_one(db, SQL_term_text, DB_ARGS(db_i(1), db_i(1)), &row, &e), 0);    /* gone with its transaction */
        add_terms(db, 3);
        must(db_commit(db, &e), &e);
        must(db_begin(reader, &e), &e);
        assert_int_equal(db_one(reader, SQL_term_text, DB_ARGS(db_i(1), db_i(3)), &row, &e), 1);
        db_rollback(reader);
        cut(*state, "ROLLBACK");
        must(db_begin(reader, &e), &e);
        db_close(reader);
        db_close(db);
}

/* The backend ends between the commit and its answer: a deferred trigger ends it (nothing is stored), or it is ended while it waits for
 * a lock that the commit's own row needs. */
static void a_commit_in_doubt_is_settled(void **state)
{
        struct db *db = opened(*state, &WRITE);
        struct err e = { 0 };
        raw_server_sql(*state, "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
                               "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON term DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()");
        must(db_begin(db, &e), &e);
        add_terms(db, 1);
        assert_int_equal(db_commit(db, &e), -1);
        assert_true(db_again(db));
        assert_int_equal(raw_server_sql(*state, "SELECT count(*) FROM term"), 0);
        raw_server_sql(*state, "DROP TRIGGER die ON term");
        must(db_begin(db, &e), &e);
        add_terms(db, 1);
        /* Committed behind our back, as if only the answer had been lost. */
        struct pg *pg = (struct pg *)db;
        char sql[200];
        snprintf(sql, sizeof sql, "UPDATE suyuan_writer SET mark = %lld WHERE id = '%s'; COMMIT", (long long)pg->mark, pg->writer);
        must(pg_exec(pg, sql, &e), &e);
        cut(*state, "%COMMIT");
        assert_int_equal(db_commit(db, &e), 0);
        assert_int_equal(raw_server_sql(*state, "SELECT count(*) FROM term"), 1);
        db_close(db);
}

struct turns { const char *url; int64_t last, jumps; };

static void *take_turns(void *ctx)
{
        struct turns *t = ctx;
        struct db *db = opened(t->url, &WRITE);
        struct err e = { 0 };
        for (int i = 0; i < 50; i++) {
                int64_t turn;
                must(db_begin(db, &e), &e);
                must(db_turn(db, 1, false, &turn, &e), &e);
                t->jumps += turn != t->last + 1;
                t->last = turn;
                must(db_commit(db, &e), &e);
        }
        db_close(db);
        return NULL;
}

static void turns_tell_whether_another_wrote(void **state)
{
        struct turns a = { .url = *state }, b = { .url = *state };
        pthread_t thread;
        struct err e = { 0 };
        int64_t turn;
        pthread_create(&thread, NULL, take_turns, &a);
        take_turns(&b);
        pthread_join(thread, NULL);
        assert_int_equal(a.last > b.last ? a.last : b.last, 100);
        struct db *db = opened(*state, &WRITE);
        must(db_begin(db, &e), &e);
        must(db_turn(db, 1, false, &turn, &e), &e);
        assert_int_equal(turn, 101);
        db_rollback(db);                /* not committed: given back */
        must(db_begin(db, &e), &e);
        must(db_turn(db, 1, true, &turn, &e), &e);
        assert_int_equal(TURN_ERA(turn), 1);
        db_rollback(db);
        db_close(db);
}

static void a_foreign_database_and_a_bad_address_are_refused_without_the_password(void **state)
{
        char url[512];
        struct db *db;
        struct err e = { 0 };
        assert_true(fresh_server_database(url));
        raw_server_sql(url, "CREATE TABLE event (x int)");
        db = opened(url, &WRITE);
        assert_int_equal(db_version(db, &e), -1);
        assert_non_null(strstr(e.detail, "another program"));
        db_close(db);
        assert_int_equal(db_open("postgres://u:geheim@127.0.0.1:1/x", &WRITE, &db, &e), -1);
        assert_null(strstr(e.detail, "geheim"));
        assert_null(strstr(e.cause, "geheim"));
        assert_int_equal(db_open("postgres://u:ge%zzheim@/x", &WRITE, &db, &e), -1);
        assert_int_equal(e.kind, ERR_BAD_INPUT);
        assert_null(strstr(e.detail, "heim@"));
        (void)state;
}

int main(void)
{
        if (!getenv("SUYUAN_TEST_DATABASE")) {
                puts("TAP version 13\n1..0 # SKIP no PostgreSQL server");
                return 0;
        }
#define T(f) cmocka_unit_test_setup_teardown(f, make, unmake)
        const struct CMUnitTest tests[] = {
                T(every_statement_prepares_on_a_fresh_schema),
                T(values_come_back_as_they_went),
                T(many_rows_go_in_and_each_answer_names_its_row),
                T(a_failure_among_many_is_told_and_the_connection_goes_on),
                T(several_queries_are_open_at_the_same_time),
                T(what_cannot_be_stored_is_not_found),
                T(a_lost_connection_is_made_again_with_the_next_transaction),
                T(a_commit_in_doubt_is_settled),
                T(turns_tell_whether_another_wrote),
                T(a_foreign_database_and_a_bad_address_are_refused_without_the_password),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
