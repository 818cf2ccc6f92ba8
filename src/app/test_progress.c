#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/progress.h"
#include "base/test.h"

/* What a long work says where nobody sits at a terminal. */

static char said[4096];

static void listen_to(void (*work)(void))
{
        FILE *f = tmpfile();
        int own = dup(STDERR_FILENO);
        assert_non_null(f);
        dup2(fileno(f), STDERR_FILENO);
        work();
        fflush(stderr);
        dup2(own, STDERR_FILENO);
        close(own);
        rewind(f);
        said[fread(said, 1, sizeof said - 1, f)] = '\0';
        fclose(f);
}

static int lines(void)
{
        int n = 0;
        for (const char *p = said; *p; p++)
                n += *p == '\n';
        return n;
}

static void short_work(void)
{
        for (int i = 0; i < 99999; i += 9)
                progress_show("events", i, 99999);
        progress_show("events", 99999, 99999);
        progress_end();
}

static void long_work(void)
{
        static const char stage[] = "event_item";
        for (int64_t i = 5000; i <= 350000; i += 5000)
                progress_show(stage, i, 350000);
        for (int64_t i = 5000; i <= 120000; i += 5000)  /* the next table under the same word */
                progress_show(stage, i, 120000);
        progress_end();
}

static void a_short_work_says_nothing(void **state)
{
        (void)state;
        listen_to(short_work);
        assert_string_equal(said, "");
}

static void a_long_one_says_each_hundred_thousand(void **state)
{
        (void)state;
        listen_to(long_work);
        assert_int_equal(lines(), 4);
        assert_non_null(strstr(said, "event_item: "));
        assert_non_null(strstr(said, "200000 of 350000 done\n"));
        assert_non_null(strstr(said, "100000 of 120000 done\n"));
        assert_null(strchr(said, '\r'));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_short_work_says_nothing),
                cmocka_unit_test(a_long_one_says_each_hundred_thousand),
        };
        return cmocka_run_group_tests_name("app/progress", tests, NULL, NULL);
}
