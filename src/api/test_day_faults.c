/* A disk that fails while the farm's day is recorded and followed: who sent is told, sends again when it is well, and the views are those of a rebuild,
 * nothing in them twice, nothing passed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/test_support.h"
#include "daybook/check.h"
#include "daybook/daybook.h"
#include "http/http.h"
#include "store/sqlite/test_support.h"

static int setup(void **state)
{
        faulty_disk_install();
        *state = world_open();
        return 0;
}

static int teardown(void **state)
{
        faulty_disk_after(0, FAULTY_FULL);
        world_close(*state);
        return 0;
}

static struct loopback_reply ask(struct world *w, const char *method, const char *target, const char *body)
{
        const struct loopback_header json = { "Content-Type", "application/json" };
        struct loopback_request in = { .method = method, .target = str_of(target), .headers = &json, .n_headers = 1, .body = str_of(body) };
        struct loopback_reply r;
        loopback_ask(w->l, w->a, &in, &r);
        return r;
}

static void fault(void *ctx, const char *what, const char *detail)
{
        (void)ctx;
        print_error("%s: %s\n", what, detail);
}

static int64_t count(struct world *w, const char *sql)
{
        char path[128];
        snprintf(path, sizeof path, "%s/suyuan.db", w->dir);
        return raw_sql(path, sql);
}

static void begin(struct world *w)
{
        assert_int_equal(ask(w, "PUT", "/api/places/default/P", "{\"name\":\"p\",\"type\":\"plot\"}").status, 201);
        assert_int_equal(ask(w, "PUT", "/api/inputs/default/I", "{\"name\":\"i\",\"category\":\"pesticide\",\"intervalDays\":7}").status, 201);
        assert_int_equal(ask(w, "POST", "/api/seasons", "{\"org\":\"default\",\"code\":\"S\",\"plot\":\"P\",\"crop\":\"c\"}").status, 201);
}

/* A spray and a harvest that comes too early; and a thing.  Some statuses, the same each time when nothing fails. */
static int send(struct world *w, int n)
{
        char body[640];
        int day = n % 28 + 1, month = n / 28 % 6 + 1;
        snprintf(body, sizeof body, "[{\"act\":\"spray\",\"at\":\"2026-%02d-%02dT08:00:00+08:00\",\"id\":\"s%d\",\"season\":\"default/S\",\"product\":\"I\",\"lot\":\"L\",\"quantity\":1,\"uom\":\"L\"},"
                 "{\"act\":\"harvest\",\"at\":\"2026-%02d-%02dT09:00:00+08:00\",\"id\":\"h%d\",\"season\":\"default/S\",\"quantity\":1,\"uom\":\"kg\"}]", month, day, n, month, day, n);
        struct loopback_reply acts = ask(w, "POST", "/api/acts", body);
        snprintf(body, sizeof body, "{\"name\":\"n%d\",\"type\":\"plot\"}", n);
        struct loopback_reply thing = ask(w, "PUT", "/api/places/default/T", body);
        bool well = acts.status == 200 && !strstr(arena_cstr(w->a, acts.body), "\"status\":5") && (thing.status == 200 || thing.status == 201);
        assert_true(well || acts.status == 200 || acts.status >= 500);
        return well ? 0 : -1;
}

static void assert_whole(struct world *w, int sent)
{
        struct err e = { 0 };
        assert_int_equal(daybook_catch_up(w->service.daybook, 1, &e), 0);
        assert_int_equal(ledger_check(w->service.store, fault, NULL, NULL, &e), 0);
        assert_int_equal(daybook_check(w->service.store, fault, NULL, NULL, &e), 0);
        assert_int_equal(count(w, "SELECT count(*) FROM season_act"), 2 * sent);
        assert_int_equal(count(w, "SELECT count(DISTINCT seq) FROM season_act"), 2 * sent);
        assert_int_equal(count(w, "SELECT count(*) FROM event"), 2 * sent);
        assert_int_equal(count(w, "SELECT count(*) FROM farm_passed"), 0);
        assert_int_equal(count(w, "SELECT count(*) FROM judge_due"), 0);
}

static void each_write_may_fail(struct world *w, enum faulty how)
{
        begin(w);
        int64_t before = faulty_disk_calls();
        assert_int_equal(send(w, 0), 0);
        int64_t calls = faulty_disk_calls() - before;
        int failures = 0, sent = 1;
        for (int64_t n = 1; n <= calls + 3; n += 1 + calls / 60, sent++) {
                faulty_disk_after(n, how);
                int rc = send(w, sent);
                faulty_disk_after(0, how);
                failures += rc < 0;
                if (rc < 0)
                        assert_int_equal(send(w, sent), 0);     /* the same again, now that it is well */
        }
        assert_true(failures >= 3);
        assert_whole(w, sent);
}

static void a_full_disk_stops_the_day_and_it_goes_on(void **state)
{
        each_write_may_fail(*state, FAULTY_FULL);
}

static void a_broken_disk_stops_the_day_and_it_goes_on(void **state)
{
        each_write_may_fail(*state, FAULTY_BROKEN);
}

/* One statement is refused while all others are well: what it belongs to is passed over whole, nothing else, and is followed once it is asked for again. */
static void a_failing_statement_is_passed_over_and_made_well(void **state)
{
        struct world *w = *state;
        struct err e = { 0 };
        begin(w);
        assert_int_equal(send(w, 0), 0);
        assert_int_equal(count(w, "CREATE TRIGGER no BEFORE INSERT ON stock_move WHEN new.quantity = '-1' BEGIN SELECT RAISE(ABORT, 'no'); END"), 0);
        for (int n = 1; n <= 5; n++)
                assert_int_equal(send(w, n), 0);
        assert_int_equal(count(w, "SELECT count(*) FROM farm_passed WHERE what = 1"), 5);
        assert_int_equal(daybook_passed(w->service.daybook, &e), 5);
        assert_int_equal(count(w, "SELECT count(*) FROM season_act"), 2 + 5);
        assert_true(daybook_check(w->service.store, fault, NULL, NULL, &e) > 5);
        assert_int_equal(count(w, "DROP TRIGGER no"), 0);
        assert_int_equal(count(w, "INSERT INTO farm_again (org, seq) SELECT org, n FROM farm_passed"), 0);      /* or a rebuild */
        assert_whole(w, 6);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                T(a_full_disk_stops_the_day_and_it_goes_on),
                T(a_broken_disk_stops_the_day_and_it_goes_on),
                T(a_failing_statement_is_passed_over_and_made_well),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
