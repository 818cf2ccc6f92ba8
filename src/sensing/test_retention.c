/* Readings go when their channel's time is over, and never earlier than the law's. */
#include "sensing/retention.h"
#include "series/test_support.h"

#define DAY (24 * HOUR)

static const struct json *described(struct fixture *f, const char *text)
{
        const struct json *j;
        struct err e = { 0 };
        must(json_read(f->arena, text, strlen(text), NULL, &j, &e), &e);
        return j;
}

static const char both[] = "{\"keepDays\":1000,\"channels\":[{\"code\":\"t\",\"keepDays\":800},{\"code\":\"u\",\"keepDays\":0},{\"code\":\"v\"},{\"code\":\"w\",\"keepDays\":3}]}";

static void a_channel_says_it_before_its_device_and_nobody_less_than_the_least(void **state)
{
        static const struct { const char *detail, *channel; int64_t days; } table[] = {
                { both, "t", 800 }, { both, "u", 0 }, { both, "v", 1000 }, { both, "w", 730 }, { both, "unheard-of", 1000 }, { "{}", "t", 0 }, { "{\"keepDays\":1}", "t", 730 },
                { "{\"keepDays\":\"x\",\"channels\":{}}", "t", 0 }, { "[]", "t", 0 },
        };
        for (size_t i = 0; i < COUNT(table); i++)
                assert_int_equal(keep_days(described(*state, table[i].detail), str_of(table[i].channel), 730), table[i].days);
}

static void a_description_that_asks_for_less_is_refused_where_it_does(void **state)
{
        struct fixture *f = *state;
        struct faults told = { 0 }, none = { 0 };
        keep_days_check(f->arena, described(f, both), 900, &told);
        assert_int_equal(told.n, 2);
        assert_true(str_is(told.list[0].pointer, "/channels/0/keepDays"));
        assert_true(str_is(told.list[1].pointer, "/channels/3/keepDays"));
        keep_days_check(f->arena, described(f, both), 3, &none);
        assert_int_equal(none.n, 0);
}

static size_t n_of(struct fixture *f, const char *channel)
{
        struct seen s = samples(f, "d", channel, T0, T0 + 2000 * DAY);
        free(s.list);
        return s.n;
}

/* The pass of a day: what is due, and then it goes. */
static int64_t pass(struct fixture *f, const char *detail, int64_t *ret_due)
{
        struct kept_channel *list;
        struct err e = { 0 };
        size_t n;
        must(retention_due(f->series, f->arena, STR("d"), described(f, detail), 730, f->now_ms, &list, &n, &e), &e);
        *ret_due = 0;
        for (size_t i = 0; i < n; i++)
                *ret_due += list[i].due.hours;
        int64_t hours = retention_apply(f->series, STR("d"), list, n, &e);
        must(hours < 0 ? -1 : 0, &e);
        return hours;
}

static void each_channel_goes_in_its_time_and_leaves_its_hours_and_root(void **state)
{
        static const struct { int64_t day, hours; size_t t, u, v; } table[] = {
                { 799, 0, 6, 6, 6 }, { 800, 0, 6, 6, 6 } /* the hour is not over so long */, { 801, 2, 0, 6, 6 }, { 802, 0, 0, 6, 6 }, { 1001, 2, 0, 6, 0 }, { 1999, 0, 0, 6, 0 },
        };
        static const char *const channels[] = { "t", "u", "v" };
        struct fixture *f = *state;
        struct batch *b = batch_new(f->arena);
        struct hash before, after;
        struct err e = { 0 };
        int64_t n, due;
        for (size_t c = 0; c < 3; c++)
                for (int i = 0; i < 6; i++)
                        say(f, b, "d", channels[c], T0 + i * 20 * 60000, 10 + i, 0);
        append(f, b);
        f->now_ms = T0 + 5 * HOUR;
        settle(f);
        must(series_root(f->series, f->arena, STR("d"), T0, &before, &n, &e), &e);
        for (size_t i = 0; i < COUNT(table); i++) {
                f->now_ms = T0 + table[i].day * DAY;
                assert_int_equal(pass(f, both, &due), table[i].hours);
                assert_int_equal(due, table[i].hours);
                assert_int_equal(n_of(f, "t"), table[i].t);
                assert_int_equal(n_of(f, "u"), table[i].u);
                assert_int_equal(n_of(f, "v"), table[i].v);
        }
        must(series_root(f->series, f->arena, STR("d"), T0, &after, &n, &e), &e);
        assert_memory_equal(&before, &after, sizeof before);
        assert_int_equal(n, 9);
}

static void a_day_s_pass_is_made_once_by_servers_whose_clocks_differ(void **state)
{
        static const struct { int64_t mark, now; bool over; } table[] = {
                { 0, 2000 * DAY, true }, { 2000 * DAY + 5, 2000 * DAY + 6, false }, { 2000 * DAY + 5, 2001 * DAY - 1, false }, { 2001 * DAY - 1, 2001 * DAY, true },
                { 2001 * DAY, 2001 * DAY - 1, false } /* another's midnight was first */, { 2001 * DAY + HOUR, 2000 * DAY, false }, { 2002 * DAY, 2001 * DAY - 1, true } /* no clock is so far behind */,
        };
        (void)state;
        for (size_t i = 0; i < COUNT(table); i++)
                assert_int_equal(retention_day_over(table[i].mark, table[i].now), table[i].over);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_channel_says_it_before_its_device_and_nobody_less_than_the_least, setup, teardown),
                cmocka_unit_test_setup_teardown(a_description_that_asks_for_less_is_refused_where_it_does, setup, teardown),
                cmocka_unit_test_setup_teardown(each_channel_goes_in_its_time_and_leaves_its_hours_and_root, setup, teardown),
                cmocka_unit_test(a_day_s_pass_is_made_once_by_servers_whose_clocks_differ),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
