/* Schedules against a model that tries every second; destinations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/clock.h"
#include "push/guard.h"
#include "push/schedule.h"

static int read_schedule(const char *text, struct schedule *ret)
{
        struct arena *a = arena_new();
        const struct json *j;
        struct err e = { 0 };
        assert_int_equal(json_read(a, text, strlen(text), NULL, &j, &e), 0);
        int rc = schedule_read(j, ret, &e);
        if (rc < 0)
                assert_int_equal(e.kind, ERR_BAD_SUBSCRIPTION);
        arena_free(a);
        return rc;
}

static int64_t at(const char *text)
{
        struct stamp s;
        assert_true(stamp_read(str_of(text), &s));
        return s.us;
}

static void a_schedule_is_read_as_the_standard_writes_it(void **state)
{
        static const struct { const char *schedule, *after, *next; } rows[] = {
                { "{\"second\":\"0\",\"minute\":\"0,15,[30-32]\"}", "2026-11-24T04:15:00Z", "2026-11-24T04:30:00Z" },
                { "{\"hour\":\"3\"}", "2026-11-24T03:00:00Z", "2026-11-25T03:00:00Z" },
                { "{\"dayOfWeek\":\"1\"}", "2026-11-24T04:15:00Z", "2026-11-30T00:00:00Z" },
                { "{\"dayOfWeek\":\"7\",\"hour\":\"23\",\"minute\":\"59\",\"second\":\"59\"}", "2026-11-24T04:15:00Z", "2026-11-29T23:59:59Z" },
                { "{\"month\":\"2\",\"dayOfMonth\":\"29\"}", "2026-11-24T04:15:00Z", "2028-02-29T00:00:00Z" },
                { "{\"month\":\"1\",\"dayOfMonth\":\"1\",\"hour\":\"0\"}", "2026-12-31T23:59:59.999999Z", "2027-01-01T00:00:00Z" },
                { "{\"second\":\"[0-59]\"}", "2026-11-24T04:15:00.5Z", "2026-11-24T04:15:01Z" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                struct schedule s;
                assert_int_equal(read_schedule(rows[i].schedule, &s), 0);
                if (schedule_next(&s, at(rows[i].after)) != at(rows[i].next))
                        fail_msg("%s after %s is not %s", rows[i].schedule, rows[i].after, rows[i].next);
        }
}

static void what_is_no_schedule_is_refused(void **state)
{
        static const char *const wrong[] = {
                "{}", "[]", "\"0\"", "{\"second\":0}", "{\"second\":\"60\"}", "{\"second\":\"\"}", "{\"second\":\"1,\"}", "{\"second\":\"[5-3]\"}",
                "{\"second\":\"5-9\"}", "{\"second\":\"[5]\"}", "{\"second\":\"[1-2-3]\"}", "{\"hour\":\"24\"}", "{\"dayOfMonth\":\"0\"}",
                "{\"dayOfMonth\":\"32\"}", "{\"month\":\"13\"}", "{\"dayOfWeek\":\"0\"}", "{\"dayOfWeek\":\"8\"}", "{\"second\":\"-1\"}",
                "{\"second\":\"*\"}", "{\"year\":\"2026\"}", "{\"month\":\"2\",\"dayOfMonth\":\"30\"}", "{\"second\":\"001\"}",
        };
        (void)state;
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                struct schedule s;
                if (read_schedule(wrong[i], &s) == 0)
                        fail_msg("%s was taken", wrong[i]);
        }
}

static uint64_t seed = 88172645463325252u;
static uint64_t draw(void)
{
        seed ^= seed << 13;
        seed ^= seed >> 7;
        return seed ^= seed << 17;
}

static bool runs_at(const struct schedule *s, int64_t second)
{
        struct civil c = civil_of(second * 1000000, 0);
        int weekday = (int)((c.day_number - civil_of(0, 0).day_number + 3) % 7) + 1;
        return (s->second >> c.second & 1) && (s->minute >> c.minute & 1) && (s->hour >> c.hour & 1) && (s->day >> c.day & 1) &&
               (s->month >> c.month & 1) && (s->weekday >> weekday & 1);
}

static void the_next_run_is_what_trying_every_second_finds(void **state)
{
        (void)state;
        for (int i = 0; i < 300; i++) {
                struct schedule s = { draw() & draw() & 0xfffffffffffffff, draw() & draw() & 0xfffffffffffffff, (uint32_t)(draw() & 0xffffff), 0xfffffffe,
                                      0x1ffe, (uint8_t)(draw() & 0xfe) };
                s.second |= 1ull << draw() % 60;
                s.minute |= 1ull << draw() % 60;
                s.hour |= 1u << draw() % 24;
                s.weekday |= (uint8_t)(1u << (1 + draw() % 7));
                int64_t from = 1700000000 + (int64_t)(draw() % 100000000), t = from + 1;
                while (!runs_at(&s, t))
                        t++;
                assert_int_equal(schedule_next(&s, from * 1000000), t * 1000000);
        }
}

static bool open_to(const char *text)
{
        struct sockaddr_in v4 = { .sin_family = AF_INET };
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
        if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
                return address_is_public((const struct sockaddr *)&v4);
        assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
        return address_is_public((const struct sockaddr *)&v6);
}

static void only_public_addresses_are_connected_to(void **state)
{
        static const char *const closed[] = {
                "127.0.0.1", "127.255.255.255", "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "169.254.169.254", "172.16.0.1",
                "172.31.255.255", "192.168.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9", "224.0.0.1",
                "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "fe80::1", "fec0::1",
                "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
                "3fff::1",
        };
        static const char *const open[] = { "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
                "192.167.255.255", "192.169.0.0", "223.255.255.255", "2606:4700::1111", "240e::1", "2002:808:808::", "64:ff9b::808:808" };
        (void)state;
        for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
                if (open_to(closed[i]))
                        fail_msg("%s is taken for public", closed[i]);
        for (size_t i = 0; i < sizeof open / sizeof *open; i++)
                if (!open_to(open[i]))
                        fail_msg("%s is not taken for public", open[i]);
}

static int destination(const char *url, const char *const *allow, size_t n)
{
        struct arena *a = arena_new();
        struct destination d;
        struct guard g = { allow, n };
        struct err e = { 0 };
        int rc = destination_read(a, str_of(url), &g, &d, &e);
        if (rc < 0)
                assert_int_equal(e.kind, ERR_BAD_SUBSCRIPTION);
        rc = rc < 0 ? -1 : d.allowed;
        arena_free(a);
        return rc;
}

static void a_destination_is_judged_before_it_is_kept(void **state)
{
        static const char *const wrong[] = {
                "", "x", "/hook", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "http://localhost/", "http://LOCALHOST:8080/",
                "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/", "http://[::1]/",
                "http://[::ffff:127.0.0.1]/", "http://[fe80::1%25lo]/", "http://10.1.2.3/", "http://169.254.169.254/latest", "http://u:p@example.com/",
                "http://example.com:22/", "http://example.com:25/", "https://192.168.1.1/",
        };
        static const char *const allow[] = { "127.0.0.1:8080", "intern.example", "[::1]" };
        (void)state;
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
                if (destination(wrong[i], NULL, 0) >= 0)
                        fail_msg("%s was taken", wrong[i]);
        assert_int_equal(destination("https://example.com/hook?x=1", NULL, 0), 0);
        assert_int_equal(destination("http://example.com:8080/", NULL, 0), 0);
        assert_int_equal(destination("http://127.0.0.1:8080/x", allow, 3), 1);
        assert_int_equal(destination("http://127.0.0.1:8081/x", allow, 3), -1);
        assert_int_equal(destination("http://127.0.0.1:80801/x", allow, 3), -1);
        assert_int_equal(destination("http://intern.example:25/", allow, 3), 1);
        assert_int_equal(destination("http://[::1]:9/", allow, 3), 1);
        assert_int_equal(destination("http://intern.example.org/", allow, 3), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_schedule_is_read_as_the_standard_writes_it),
                cmocka_unit_test(what_is_no_schedule_is_refused),
                cmocka_unit_test(the_next_run_is_what_trying_every_second_finds),
                cmocka_unit_test(only_public_addresses_are_connected_to),
                cmocka_unit_test(a_destination_is_judged_before_it_is_kept),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
