#include "base/test.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include "base/background.h"

/* What became of one thread: it cannot be undone, so each look has a thread of its own. */
struct look { bool granted; int before, after, twice; };

static void *go(void *arg)
{
        struct look *l = arg;

        l->before = getpriority(PRIO_PROCESS, 0);
        l->granted = background_thread();
        l->after = getpriority(PRIO_PROCESS, 0);
        background_thread();
        background_thread();
        l->twice = getpriority(PRIO_PROCESS, 0);
        return NULL;
}

static void only_the_calling_thread_gives_way(void **state)
{
        struct look l = { 0 };
        pthread_t t;
        int ours = getpriority(PRIO_PROCESS, 0);

        (void)state;
        assert_int_equal(pthread_create(&t, NULL, go, &l), 0);
        assert_int_equal(pthread_join(t, NULL), 0);
        if (sched_getscheduler(0) != SCHED_OTHER) {
                assert_false(l.granted);
                assert_int_equal(l.after, l.before);
                return;
        }
        assert_true(l.granted);
        assert_int_equal(l.after, l.before + 10 < 19 ? l.before + 10 : 19);
        assert_int_equal(l.twice, l.before + 30 < 19 ? l.before + 30 : 19);
        assert_int_equal(getpriority(PRIO_PROCESS, 0), ours);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(only_the_calling_thread_gives_way) };
        return cmocka_run_group_tests_name("base/background", tests, NULL, NULL);
}
