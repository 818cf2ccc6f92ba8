/* A process that ends at any moment, by signal or at any write of its disk: what was acknowledged is there once, and the rest is whole. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "series/test_support.h"

enum { ROUNDS = 3, WRITERS = 3, EACH = 5, MOST = 400000 };

struct acknowledged { int32_t writer, n; };

static void no_fault(void *ctx, const char *what, const char *detail)
{
        (void)ctx;
        fail_msg("%s: %s", what, detail);
}

static void assert_whole(struct fixture *f)
{
        struct err e = { 0 };
        int64_t faults = series_check(f->store, no_fault, NULL, NULL, &e);
        must(faults < 0 ? -1 : 0, &e);
}

/* Batch n of a writer: EACH readings of its own device, every second, and one that all writers say. */
static struct batch *batch_of(struct arena *a, int writer, int n)
{
        char name[16];
        struct batch *b = batch_new(a);
        snprintf(name, sizeof name, "w%d", writer);
        for (int i = 0; i < EACH; i++) {
                const struct reading r = { .device = str_of(name), .channel = STR("t"), .t_ms = T0 + ((int64_t)n * EACH + i) * 1000, .value = { n, 1 } };
                batch_add(b, &r);
        }
        batch_add(b, &(struct reading){ .device = STR("all"), .channel = STR("t"), .t_ms = T0 + n * INT64_C(1000), .value = { 7, 0 } });
        return b;
}

/* ---- by signal ---- */

struct writer { struct fixture *f; int number, first, out; };

static void *append_for_ever(void *ctx)
{
        struct writer *w = ctx;
        for (int n = w->first;; n++) {
                struct arena *a = arena_new();
                struct acknowledged told = { w->number, n };
                if (series_append(w->f->series, batch_bytes(batch_of(a, w->number, n)), NULL) < 0)
                        _exit(3);
                if (write(w->out, &told, sizeof told) != sizeof told)
                        _exit(0);
                arena_free(a);
        }
        return NULL;
}

static void be_killed(struct fixture *f, const int *first, int out)
{
        static struct writer w[WRITERS];
        pthread_t thread;
        fixture_open(f);
        for (int i = 0; i < WRITERS; i++) {
                w[i] = (struct writer){ f, i, first[i], out };
                if (pthread_create(&thread, NULL, append_for_ever, &w[i]) != 0)
                        _exit(2);
        }
        for (;;) {
                f->now_ms += 600000;
                if (series_settle(f->series, NULL) < 0)
                        _exit(4);
        }
}

static size_t append_and_kill(struct fixture *f, const int *first, size_t after, struct acknowledged *ret, size_t max)
{
        int ends[2], status;
        size_t n = 0;
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                close(ends[0]);
                be_killed(f, first, ends[1]);
        }
        close(ends[1]);
        while (n < max && read(ends[0], &ret[n], sizeof *ret) == sizeof *ret)
                if (++n == after)
                        kill(pid, SIGKILL);
        close(ends[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        return n;
}

static void every_acknowledged_reading_is_there_once(struct fixture *f, const struct acknowledged *a, size_t n, int *ret_next)
{
        for (int w = 0; w < WRITERS; w++) {
                char name[16];
                int last = -1;
                snprintf(name, sizeof name, "w%d", w);
                for (size_t i = 0; i < n; i++)
                        if (a[i].writer == w) {
                                assert_int_equal(a[i].n, last + 1);
                                last = a[i].n;
                        }
                struct seen s = samples(f, name, "t", 0, T0 * 2);
                assert_true(s.n >= (size_t)(last + 1) * EACH);
                for (size_t i = 0; i < s.n; i++) {      /* each moment once, also of what was not answered any more */
                        assert_int_equal(s.list[i].t_ms, T0 + (int64_t)i * 1000);
                        assert_int_equal(decimal_cmp(s.list[i].value, (struct decimal){ (int64_t)i / EACH, 1 }), 0);
                }
                ret_next[w] = last + 1;
                free(s.list);
        }
}

static void killed_at_any_moment_nothing_acknowledged_is_lost(void **state)
{
        struct fixture *f = *state;
        struct acknowledged *a = calloc(MOST, sizeof *a);
        uint64_t dice = (uint64_t)getpid();
        size_t total = 0;
        int next[WRITERS] = { 0 };
        f->now_ms = T0 + 1000 * HOUR;
        for (int round = 0; round < ROUNDS; round++) {
                total += append_and_kill(f, next, 1 + test_random(&dice) % 200, a + total, MOST - total);
                fixture_open(f);
                every_acknowledged_reading_is_there_once(f, a, total, next);
                assert_whole(f);
                f->now_ms += 2 * HOUR;
                settle(f);
                assert_whole(f);
                fixture_close(f);
        }
        free(a);
}

/* ---- at each write ---- */

enum { APPENDS = 3 };

/* What a life does: readings, their way into blocks, sealing, dropping, and late ones.  How many batches were acknowledged. */
static int live(struct fixture *f)
{
        int acknowledged = 0;
        for (int round = 0; round < 2; round++) {
                for (int n = 0; n < APPENDS; n++)
                        if (series_append(f->series, batch_bytes(batch_of(f->arena, 0, round * APPENDS + n)), NULL) < 0)
                                return acknowledged;
                        else
                                acknowledged++;
                f->now_ms += HOUR;
                if (series_settle(f->series, NULL) < 0)
                        return acknowledged;
        }
        series_retain(f->series, STR("all"), STR("t"), T0 + HOUR, KEEP_MINUTES, NULL);
        return acknowledged;
}

/* A child whose disk fails from its n-th write on, and which ends there; what it had acknowledged. */
static int life_until(struct fixture *f, int64_t n, enum faulty how, int64_t *ret_calls)
{
        int ends[2], status;
        struct { int acknowledged; int64_t calls; } told = { -1, 0 };
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        if (pid == 0) {
                faulty_disk_install();
                fixture_open(f);
                int64_t before = faulty_disk_calls();
                faulty_disk_after(n, how);
                told.acknowledged = live(f);
                told.calls = faulty_disk_calls() - before;
                _exit(write(ends[1], &told, sizeof told) == sizeof told ? 0 : 1);
        }
        close(ends[1]);
        assert_int_equal(read(ends[0], &told, sizeof told), sizeof told);
        close(ends[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        *ret_calls = told.calls;
        return told.acknowledged;
}

static void ended_at_writes(void **state, enum faulty how, int each)
{
        struct fixture *f = *state;
        int64_t calls = INT64_MAX, ran;
        f->now_ms = T0 + 3 * HOUR;
        for (int64_t n = 1; n <= calls; n += each) {
                f->now_ms = T0 + 3 * HOUR;
                int acknowledged = life_until(f, n, how, &ran);
                if (ran < n)
                        calls = 0;      /* it lived to the end */
                fixture_open(f);
                struct seen s = samples(f, "w0", "t", 0, T0 * 2);
                assert_true(s.n >= (size_t)acknowledged * EACH);
                for (size_t i = 0; i < s.n; i++)
                        assert_int_equal(s.list[i].t_ms, T0 + (int64_t)i * 1000);
                free(s.list);
                assert_whole(f);
                f->now_ms += 2 * HOUR;
                settle(f);
                assert_whole(f);
                assert_true(calls || n > 20);
                fixture_close(f);
                unlink(f->db);  /* a new one; what remains is a log of nothing */
        }
}

static void ended_at_any_write_of_a_full_disk(void **state) { ended_at_writes(state, FAULTY_FULL, 1); }
static void ended_at_writes_of_a_broken_disk(void **state) { ended_at_writes(state, FAULTY_BROKEN, 4); }

static void a_full_disk_refuses_and_heals(void **state)
{
        struct fixture *f = *state;
        int failures = 0;
        faulty_disk_install();
        fixture_open(f);
        f->now_ms = T0 + 3 * HOUR;
        for (int n = 0; n < 12; n++) {
                struct err e = { 0 };
                struct str bytes = batch_bytes(batch_of(f->arena, 0, n));
                faulty_disk_after(1 + n % 4, FAULTY_FULL);
                int rc = series_append(f->series, bytes, &e);
                int settled = series_settle(f->series, NULL);
                faulty_disk_after(0, FAULTY_FULL);
                if (rc < 0) {
                        failures++;
                        assert_int_equal(e.kind, ERR_STORE);
                        assert_non_null(strstr(e.detail, "disk is full"));
                        must(series_append(f->series, bytes, &e), &e);
                }
                failures += settled < 0;
        }
        assert_true(failures > 4);
        settle(f);
        struct seen s = samples(f, "w0", "t", 0, T0 * 2);
        assert_int_equal(s.n, 12 * EACH);
        free(s.list);
        assert_whole(f);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup_closed, teardown)
        const struct CMUnitTest tests[] = {
                T(killed_at_any_moment_nothing_acknowledged_is_lost),
                T(ended_at_any_write_of_a_full_disk),
                T(ended_at_writes_of_a_broken_disk),
                T(a_full_disk_refuses_and_heals),
        };
        return cmocka_run_group_tests_name("series/kill", tests, NULL, NULL);
}
