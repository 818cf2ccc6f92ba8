#include "base/test.h"

#include <time.h>

#include "base/clock.h"

#define SECOND ((int64_t)1000000)

static void reads_rfc3339(void **state)
{
        static const struct {
                const char *in;
                int64_t us;
                int offset;
        } rows[] = {
                { "1970-01-01T00:00:00Z", 0, 0 },
                { "1970-01-01t00:00:00z", 0, 0 },
                { "1970-01-01T08:00:00+08:00", 0, 480 },
                { "1969-12-31T20:30:00-03:30", 0, -210 },
                { "1970-01-01T00:00:00-00:00", 0, 0 },
                { "1970-01-01T14:00:00+14:00", 0, 840 },
                { "1970-01-01T00:00:00.5Z", 500000, 0 },
                { "1970-01-01T00:00:00.000001Z", 1, 0 },
                { "1970-01-01T00:00:00.0000014Z", 1, 0 },
                { "1970-01-01T00:00:00.0000015Z", 2, 0 },
                { "1970-01-01T00:00:00.00000149999999999999999Z", 1, 0 },
                { "1970-01-01T00:00:00.9999995Z", SECOND, 0 },
                { "1969-12-31T23:59:59.9999995Z", 0, 0 },
                { "1969-12-31T23:59:59.999999Z", -1, 0 },
                { "2026-11-23T21:52:44.123Z", 1795470764123000, 0 },
                { "2000-02-29T00:00:00Z", 951782400 * SECOND, 0 },
                { "2016-12-31T23:59:60Z", 1483228800 * SECOND, 0 },
                { "2017-01-01T07:59:60.25+08:00", 1483228800 * SECOND + 250000, 480 },
                { "0001-01-01T00:00:00Z", -62135596800 * SECOND, 0 },
                { "9999-12-31T23:59:59.999999Z", 253402300800 * SECOND - 1, 0 },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct stamp s;
                if (!stamp_read(str_of(rows[i].in), &s))
                        fail_msg("%s: refused", rows[i].in);
                if (s.us != rows[i].us || s.offset_min != rows[i].offset)
                        fail_msg("%s: %lld %d", rows[i].in, (long long)s.us, s.offset_min);
        }
}

static void refuses_what_is_no_moment(void **state)
{
        static const char *const rows[] = {
                "", "1970", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01T00:00Z",
                "1970-01-01 00:00:00Z", "1970-1-01T00:00:00Z", "70-01-01T00:00:00Z",
                "1970-01-01T0:00:00Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00,5Z",
                "1970-01-01T00:00:00+0800", "1970-01-01T00:00:00+8:00", "1970-01-01T00:00:00+08",
                "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00+08:60", "1970-01-01T00:00:00Z ",
                " 1970-01-01T00:00:00Z", "1970-01-01T00:00:00ZZ", "1970-13-01T00:00:00Z",
                "1970-00-01T00:00:00Z", "1970-01-00T00:00:00Z", "1970-01-32T00:00:00Z",
                "1970-04-31T00:00:00Z", "1900-02-29T00:00:00Z", "2023-02-29T00:00:00Z",
                "2100-02-29T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
                "1970-01-01T00:00:61Z", "1970-01-01T00:00:60Z", "2016-12-30T23:59:60Z",
                "2016-12-31T22:59:60Z", "2016-12-31T23:59:60+08:00", "0000-01-01T00:00:00Z",
                "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.9999995Z",
                "9999-12-31T23:59:00-00:01", "9999-12-31T23:59:60Z", "-001-01-01T00:00:00Z",
                "+1970-01-01T00:00:00Z", "1970-01-01T-1:00:00Z", "１970-01-01T00:00:00Z",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct stamp s = { 5, 6 };
                if (stamp_read(str_of(rows[i]), &s))
                        fail_msg("%s: taken", rows[i]);
                assert_int_equal(s.us, 5);
                assert_int_equal(s.offset_min, 6);
        }
}

static void reads_offsets(void **state)
{
        static const struct {
                const char *in;
                int want;       /* 9999: refused */
        } rows[] = {
                { "+08:00", 480 }, { "-03:30", -210 }, { "+14:00", 840 }, { "-14:00", -840 },
                { "+00:00", 0 }, { "-00:00", 0 }, { "+05:45", 345 },
                { "+14:01", 9999 }, { "-14:01", 9999 }, { "+15:00", 9999 }, { "08:00", 9999 },
                { "Z", 9999 }, { "", 9999 }, { "+", 9999 }, { "+8:00", 9999 }, { "+0800", 9999 },
                { "+08:00 ", 9999 }, { "+08:60", 9999 }, { "+08:0", 9999 }, { "+-8:00", 9999 },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                int16_t got = 9999;
                assert_int_equal(offset_read(str_of(rows[i].in), &got), rows[i].want != 9999);
                assert_int_equal(got, rows[i].want);
        }
}

static void writes_utc(void **state)
{
        struct arena *a = arena_new();

        (void)state;
        assert_str(stamp_utc(a, 0), "1970-01-01T00:00:00.000Z");
        assert_str(stamp_utc(a, -1), "1969-12-31T23:59:59.999999Z");
        assert_str(stamp_utc(a, 1795470764123000), "2026-11-23T21:52:44.123Z");
        assert_str(stamp_utc(a, 1795470764123456), "2026-11-23T21:52:44.123456Z");
        assert_str(stamp_utc(a, 1000), "1970-01-01T00:00:00.001Z");
        assert_str(stamp_utc(a, 100), "1970-01-01T00:00:00.000100Z");
        assert_str(stamp_utc(a, -62135596800 * SECOND), "0001-01-01T00:00:00.000Z");
        assert_str(stamp_utc(a, 253402300800 * SECOND - 1), "9999-12-31T23:59:59.999999Z");
        arena_free(a);
}

static void utc_reads_back(void **state)
{
        uint64_t seed = 3;
        struct arena *a = arena_new();

        (void)state;
        for (int i = 0; i < 20000; i++) {
                int64_t us = (int64_t)(test_random(&seed) % (uint64_t)(315537897600 * SECOND)) -
                             62135596800 * SECOND;
                struct stamp s;
                if (i % 2)
                        us -= us % 1000;
                assert_true(stamp_read(stamp_utc(a, us), &s));
                assert_int_equal(s.us, us);
                arena_reset(a);
        }
        arena_free(a);
}

/* Every day from 0001 to 9999, counted one by one, against the formulas. */
static void every_day_follows_the_last(void **state)
{
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        int64_t day = -719162;

        (void)state;
        for (int y = 1; y <= 9999; y++) {
                int leap = y % 400 == 0 || (y % 4 == 0 && y % 100 != 0);
                for (int m = 1; m <= 12; m++) {
                        for (int d = 1; d <= days[m - 1] + (m == 2 && leap); d++, day++) {
                                struct civil c = civil_of(day * 86400 * SECOND, 0);
                                if (c.year != y || c.month != m || c.day != d || c.day_number != day)
                                        fail_msg("%d-%d-%d is %d-%d-%d", y, m, d, c.year, c.month, c.day);
                        }
                }
        }
        assert_int_equal(day, 2932897);
}

static void agrees_with_the_system(void **state)
{
        uint64_t seed = 4;

        (void)state;
        for (int i = 0; i < 20000; i++) {
                int64_t us = (int64_t)(test_random(&seed) % (uint64_t)(315537897600 * SECOND)) -
                             62135596800 * SECOND;
                int offset = (int)(test_random(&seed) % 1681) - 840;
                struct civil c = civil_of(us, offset);
                struct tm tm = { .tm_year = c.year - 1900, .tm_mon = c.month - 1, .tm_mday = c.day,
                                 .tm_hour = c.hour, .tm_min = c.minute, .tm_sec = c.second };
                int64_t whole = us / SECOND - (us % SECOND < 0);

                assert_int_equal(timegm(&tm), whole + offset * 60);
                assert_in_range(c.hour, 0, 23);
                assert_in_range(c.minute, 0, 59);
                assert_in_range(c.second, 0, 59);
        }
}

static void a_day_is_the_farmer_s_day(void **state)
{
        (void)state;
        struct civil c = civil_of(1795470764 * SECOND, 480);   /* 21:52 UTC is next morning */

        assert_int_equal(c.day, 24);
        assert_int_equal(c.hour, 5);
        assert_int_equal(c.day_number, civil_of(1795470764 * SECOND, 0).day_number + 1);
}

static void time_passes(void **state)
{
        (void)state;
        int64_t mono = clock_mono_us(), wall = clock_now_us();

        assert_true(wall > 1700000000 * SECOND);
        assert_true(clock_mono_us() >= mono);
}

static void a_day_by_itself(void **state)
{
        static const char *const wrong[] = { "", "2026-6-1", "2026-02-29", "2026-13-01", "2026-06-31", "0000-01-01", "2026-06-01T", "2026/06/01", "2026-06-00" };
        struct arena *a = arena_new();
        int day;
        (void)state;
        assert_true(day_read(STR("1970-01-02"), &day) && day == 1);
        assert_true(day_read(STR("2024-02-29"), &day));
        assert_str(day_text(a, day + 1), "2024-03-01");
        assert_str(day_text(a, -1), "1969-12-31");
        for (size_t i = 0; i < COUNT(wrong); i++)
                assert_false(day_read(str_of(wrong[i]), &day));
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_rfc3339),
                cmocka_unit_test(refuses_what_is_no_moment),
                cmocka_unit_test(reads_offsets),
                cmocka_unit_test(writes_utc),
                cmocka_unit_test(utc_reads_back),
                cmocka_unit_test(every_day_follows_the_last),
                cmocka_unit_test(agrees_with_the_system),
                cmocka_unit_test(a_day_is_the_farmer_s_day),
                cmocka_unit_test(time_passes),
                cmocka_unit_test(a_day_by_itself),
        };
        return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
