#include "base/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

static char said[65536];
static int saved_stderr, sink[2];

static void listen_to_stderr(void)
{
        fflush(stderr);
        saved_stderr = dup(STDERR_FILENO);
        assert_int_equal(pipe2(sink, O_NONBLOCK), 0);
        dup2(sink[1], STDERR_FILENO);
}

static const char *heard(void)
{
        ssize_t n = read(sink[0], said, sizeof said - 1);

        dup2(saved_stderr, STDERR_FILENO);
        close(saved_stderr);
        close(sink[0]);
        close(sink[1]);
        said[n > 0 ? n : 0] = '\0';
        return said;
}

static void one_line_an_occurrence(void **state)
{
        (void)state;
        listen_to_stderr();
        log_line(LOG_INFO, "http.request", "status=%d path=%s", 200, log_quote("/a b", 4));
        const char *line = heard();

        /* 2026-11-23T21:52:44.000Z info … */
        assert_true(strlen(line) > 25);
        assert_int_equal(line[10], 'T');
        assert_int_equal(line[23], 'Z');
        assert_string_equal(line + 24, " info http.request status=200 path=\"/a b\"\n");
}

static void bears_the_context_of_its_thread(void **state)
{
        (void)state;
        listen_to_stderr();
        log_set_context("r-1");
        log_line(LOG_WARN, "x", "a=1");
        log_set_context("");
        log_line(LOG_ERROR, "y", "%s", "");
        log_set_context(NULL);
        const char *line = heard();

        assert_non_null(strstr(line, " warn x id=r-1 a=1\n"));
        assert_non_null(strstr(line, " error y \n"));
}

static void says_nothing_below_its_level(void **state)
{
        (void)state;
        listen_to_stderr();
        log_line(LOG_DEBUG, "x", "a=1");
        log_set_level(LOG_ERROR);
        log_line(LOG_WARN, "x", "a=1");
        log_set_level(LOG_DEBUG);
        log_line(LOG_DEBUG, "heard", "a=1");
        log_set_level(LOG_INFO);
        const char *line = heard();

        assert_non_null(strstr(line, " debug heard a=1\n"));
        assert_null(strstr(line, " x "));
}

static void a_stranger_cannot_write_lines(void **state)
{
        (void)state;
        listen_to_stderr();
        log_line(LOG_INFO, "x", "a=%s b=%s", "1\n2026 error forged", log_quote("\n\"\x1b[2J", 6));
        const char *line = heard();

        assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
        assert_non_null(strstr(line, "a=1?2026 error forged b=\"\\n\\\"\\x1b[2J\"\n"));
}

static void cuts_what_is_too_long(void **state)
{
        static char much[10000];

        (void)state;
        memset(much, 'm', sizeof much - 1);
        listen_to_stderr();
        log_line(LOG_INFO, "x", "a=%s", much);
        const char *line = heard();

        assert_in_range(strlen(line), 4000, 4096);
        assert_int_equal(line[strlen(line) - 1], '\n');
        assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void quotes_stay_small_and_whole(void **state)
{
        (void)state;
        char text[5000];

        for (size_t shift = 0; shift < 3; shift++) {
                memset(text, 'a', shift);
                for (size_t i = shift; i + 4 < sizeof text; i += 3)
                        memcpy(text + i, "溯", 4);
                const char *q = log_quote(text, sizeof text - 10);
                assert_true(utf8_valid(str_of(q)));
                assert_in_range(strlen(q), 1000, 1023);
        }
        memset(text, '\x01', sizeof text);
        assert_in_range(strlen(log_quote(text, sizeof text)), 1000, 1023);
        memset(text, '\x80', sizeof text);
        assert_in_range(strlen(log_quote(text, sizeof text)), 1000, 1023);
        assert_string_equal(log_quote("", 0), "\"\"");
        assert_string_equal(log_quote("a\\\t\r\x7f", 5), "\"a\\\\\\t\\r\\x7f\"");
}

static void some_quotes_live_side_by_side(void **state)
{
        (void)state;
        const char *q[8];

        for (int i = 0; i < 8; i++)
                q[i] = log_quote((char[]){ (char)('0' + i) }, 1);
        for (int i = 0; i < 8; i++)
                assert_int_equal(q[i][1], '0' + i);
}

static void tells_a_failure_once(void **state)
{
        (void)state;
        struct err e = { 0 };

        err_set(&e, ERR_STORE, "no \"disk\"");
        err_at(&e, "/a");
        err_while(&e, "writing");
        listen_to_stderr();
        log_err(LOG_ERROR, "job", &e);
        assert_non_null(strstr(heard(), " error job fault=store-unavailable detail=\"no \\\"disk\\\"\""
                                        " pointer=\"/a\" cause=\"writing\"\n"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_line_an_occurrence),
                cmocka_unit_test(bears_the_context_of_its_thread),
                cmocka_unit_test(says_nothing_below_its_level),
                cmocka_unit_test(a_stranger_cannot_write_lines),
                cmocka_unit_test(cuts_what_is_too_long),
                cmocka_unit_test(quotes_stay_small_and_whole),
                cmocka_unit_test(some_quotes_live_side_by_side),
                cmocka_unit_test(tells_a_failure_once),
        };
        return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
