/* A process that is killed while it captures: what was acknowledged is there once, and the views are those of the events. */
#include <pthread.h>
#include <signal.h>

#include "ledger/test_support.h"

enum { ROUNDS = 6, WRITERS = 3, EVENTS = 4 };

/* What a dying process told: the item of an acknowledged event and its number. */
struct acknowledged { int64_t item, seq; };

struct writer { struct fixture *f; int number, round, out; };

static void capture_one(struct writer *w, int n)
{
        struct arena *a = arena_new();
        struct line lines[EVENTS];
        struct acknowledged told[EVENTS];
        for (int i = 0; i < EVENTS; i++) {
                told[i].item = ((w->round * WRITERS + w->number) * 100000L + n) * EVENTS + i;
                lines[i] = (struct line){ .minute = n % 1400, .items = arena_printf(a, "'urn:x:%ld','urn:x:shared'", (long)told[i].item).p };
        }
        struct ledger_job j = { .org = ORG_DEFAULT, .door = DOOR_CAPTURE, .actor = STR("kill"), .doc = document_of(a, lines, EVENTS), .arena = a, .keep_job = true };
        if (ledger_record(w->f->ledger, &j, NULL) < 0)
                _exit(3);
        for (int i = 0; i < EVENTS; i++)
                told[i].seq = j.recorded[i].seq;
        if (write(w->out, told, sizeof told) != sizeof told)    /* under PIPE_BUF: whole or not at all */
                _exit(0);
        arena_free(a);
}

static void *capture_for_ever(void *ctx)
{
        for (int n = 0;; n++)
                capture_one(ctx, n);
        return NULL;
}

static void be_killed(struct fixture *f, int round, int out)
{
        struct writer w[WRITERS];
        pthread_t thread;
        fixture_open(f);
        for (int i = 0; i < WRITERS; i++) {
                w[i] = (struct writer){ f, i, round, out };
                if (i && pthread_create(&thread, NULL, capture_for_ever, &w[i]) != 0)
                        _exit(2);
        }
        capture_for_ever(&w[0]);
}

/* Kills a capturing child after so many answers; returns what it acknowledged, also what was in the pipe when it died. */
static size_t capture_and_kill(struct fixture *f, int round, size_t after, struct acknowledged *ret, size_t max)
{
        int ends[2];
        size_t n = 0;
        ssize_t got;
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                close(ends[0]);
                be_killed(f, round, ends[1]);
                _exit(0);
        }
        close(ends[1]);
        bool killed = false;
        while (n < max && (got = read(ends[0], &ret[n], EVENTS * sizeof *ret)) > 0) {
                assert_int_equal(got % (ssize_t)sizeof *ret, 0);
                n += (size_t)got / sizeof *ret;
                if (!killed && n >= after)
                        killed = kill(pid, SIGKILL) == 0;
        }
        close(ends[0]);
        assert_true(killed);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        return n;
}

static void every_acknowledged_event_is_there_once(struct fixture *f, const struct acknowledged *a, size_t n)
{
        struct reader *r;
        struct item_event at[2];
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        for (size_t i = 0; i < n; i++) {
                int64_t item = reader_item(r, ORG_DEFAULT, arena_printf(f->arena, "urn:x:%ld", (long)a[i].item), NULL);
                assert_true(item > 0);
                assert_int_equal(reader_item_events(r, ORG_DEFAULT, item, 0, at, 2, NULL), 1);
                assert_int_equal(at[0].seq, a[i].seq);
        }
        reader_end(r);
}

static int setup_closed(void **state)
{
        struct fixture *f = calloc(1, sizeof *f);
        *state = f;
        return f && fixture_make(f) == 0 ? 0 : -1;
}

static void killed_at_any_moment_nothing_acknowledged_is_lost(void **state)
{
        enum { MOST = 200000 };
        struct fixture *f = *state;
        struct acknowledged *a = calloc(MOST, sizeof *a);
        uint64_t dice = (uint64_t)getpid();
        size_t total = 0;
        for (int round = 0; round < ROUNDS; round++) {
                dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407u;
                total += capture_and_kill(f, round, 1 + (dice >> 33) % 300, a + total, MOST - total);
                fixture_open(f);
                every_acknowledged_event_is_there_once(f, a, total);
                assert_whole(f);
                fixture_close(f);
        }
        free(a);
        fixture_open(f);        /* for teardown */
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(killed_at_any_moment_nothing_acknowledged_is_lost, setup_closed, teardown) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
