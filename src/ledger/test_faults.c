/* A disk that fails at any write: the caller is told, nothing is half there, and the ledger goes on when it heals. */
#include "ledger/test_support.h"
#include "merkle/leaf.h"

static int setup_faulty(void **state)
{
        faulty_disk_install();
        return setup(state);
}

static int teardown_faulty(void **state)
{
        faulty_disk_after(0, FAULTY_FULL);
        return teardown(state);
}

/* Three events that are new for each `n`. */
static struct ledger_job *record_some(struct fixture *f, int n)
{
        char items[3][64];
        for (int i = 0; i < 3; i++)
                snprintf(items[i], sizeof items[i], "'urn:x:%d','urn:x:%d'", n * 3 + i, n * 3 + i + 1);
        return RECORD(f, JOB(.keep_job = true), { .minute = n, .items = items[0] }, { .minute = n, .items = items[1] }, { .minute = n, .items = items[2] });
}

/* A statement whose writing fails leaves neither row nor leaf; 1 when it failed. */
static int state_and_fail(struct fixture *f, int n, enum faulty how)
{
        int64_t number = 0;
        const struct ledger_statement s = { .org = ORG_DEFAULT, .type = LEAF_CLOCK, .subject = STR("urn:d"), .detail = STR("0") };
        faulty_disk_after(n, how);
        int rc = ledger_state(f->ledger, &s, NULL, NULL);
        faulty_disk_after(0, how);
        if (rc < 0)
                assert_int_equal(ledger_state(f->ledger, &s, &number, NULL), 0);
        assert_true(number == 0 || number == n);
        return rc < 0;
}

static void each_write_may_fail(struct fixture *f, enum faulty how)
{
        int64_t before = faulty_disk_calls();
        record_some(f, 0);
        int64_t calls = faulty_disk_calls() - before;   /* about what a commit takes */
        int failures = 0;
        assert_true(calls >= 2);
        for (int n = 1; n <= calls + 3; n++) {
                faulty_disk_after(n, how);
                struct ledger_job *j = record_some(f, n);
                faulty_disk_after(0, how);
                if (j->err.kind) {
                        failures++;
                        assert_int_equal(j->err.kind, ERR_STORE);
                        assert_true(j->err.detail[0]);
                        assert_int_equal(j->captured, 0);
                        assert_int_equal(j->recorded[0].outcome, OUTCOME_REFUSED);
                        j = record_some(f, n);  /* the same again, now that it is well */
                }
                assert_int_equal(j->err.kind, ERR_NONE);
                assert_int_equal(j->captured, 3);
                assert_int_equal(j->recorded[2].seq, 3 * n + 3);
                failures += state_and_fail(f, n, how);
        }
        assert_true(failures >= 2);
        assert_whole(f);
        fixture_close(f);
        fixture_open(f);
        assert_whole(f);
}

static void a_full_disk_refuses_and_heals(void **state)
{
        each_write_may_fail(*state, FAULTY_FULL);
}

static void a_broken_disk_refuses_and_heals(void **state)
{
        each_write_may_fail(*state, FAULTY_BROKEN);
}

static void a_full_disk_is_told_as_one(void **state)
{
        struct fixture *f = *state;
        faulty_disk_after(1, FAULTY_FULL);
        struct ledger_job *j = record_some(f, 1);
        faulty_disk_after(0, FAULTY_FULL);
        assert_int_equal(j->err.kind, ERR_STORE);
        assert_non_null(strstr(j->err.detail, "disk is full"));
}

static void a_directory_is_made_whole_or_not_at_all(void **state)
{
        const struct str origin = STR("https://trace.example.cn");
        struct fixture *f = *state;
        int64_t before = faulty_disk_calls();
        char dir[128], db[160];
        snprintf(dir, sizeof dir, "%s/first", f->dir);
        assert_int_equal(store_init(dir, &origin, 1, NULL), 0);
        int64_t calls = faulty_disk_calls() - before;
        snprintf(dir, sizeof dir, "%s/second", f->dir);
        snprintf(db, sizeof db, "%s/suyuan.db", dir);
        int failures = 0;
        for (int64_t n = 1; n <= calls; n += 1 + calls / 40) {
                struct err e = { 0 };
                faulty_disk_after(n, FAULTY_FULL);
                int rc = store_init(dir, &origin, 1, &e);
                faulty_disk_after(0, FAULTY_FULL);
                assert_int_equal(access(db, F_OK) == 0, rc == 0);
                if (rc == 0)
                        break;  /* only what is tidied up at the end failed */
                failures++;
        }
        assert_true(failures > 3);
        if (access(db, F_OK) != 0)
                assert_int_equal(store_init(dir, &origin, 1, NULL), 0);
        struct store *s;
        assert_int_equal(store_open(dir, true, &TEST_OPTIONS, &s, NULL), 0);
        store_close(s);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup_faulty, teardown_faulty)
        const struct CMUnitTest tests[] = {
                T(a_full_disk_refuses_and_heals),
                T(a_broken_disk_refuses_and_heals),
                T(a_full_disk_is_told_as_one),
                T(a_directory_is_made_whole_or_not_at_all),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
