#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/test.h"
#include "sensing/quality/quality.h"

/* Each check by what it tells: "range+" opens, "range-" ends. */

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
enum { T0 = 1795824000 };       /* 2026-11-28 00:00 UTC, in seconds */

struct world {
        struct arena *arena;
        struct quality *device;
        int64_t now;            /* ms since T0 */
        char told[4096];
        char words[LANGS][512];
        double limit;
};

static int setup(void **state)
{
        static struct world w;
        w = (struct world){ .arena = arena_new() };
        *state = &w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;
        quality_free(w->device);
        arena_free(w->arena);
        return 0;
}

static void device(struct world *w, const char *detail)
{
        const struct json *j = NULL;
        struct err e = { 0 };
        if (json_read(w->arena, detail, strlen(detail), NULL, &j, &e) < 0)
                fail_msg("%s: %s", detail, e.detail);
        quality_free(w->device);
        w->device = quality_new(STR("d1"), j);
}

static void on(void *ctx, const struct happening *h)
{
        struct world *w = ctx;
        size_t n = strlen(w->told);
        snprintf(w->told + n, sizeof w->told - n, "%s%s%c", n ? " " : "", h->check->name, h->opens ? '+' : '-');
        for (int l = 0; l < LANGS; l++)
                snprintf(w->words[l], sizeof w->words[l], "%.*s", STR_ARG(h->words[l]));
        w->limit = h->limit;
}

static void at(struct world *w, int64_t ms, const char *channel, const char *value, uint8_t flag)
{
        struct reading r = { .channel = str_of(channel), .t_ms = INT64_C(1000) * T0 + ms, .flag = flag };
        assert_true(decimal_read(str_of(value), &r.value));
        quality_reading(w->device, &r, INT64_C(1000) * T0 + w->now, on, w);
}

/* One a minute. */
static void says(struct world *w, const char *channel, const char *value)
{
        w->now += MINUTE;
        at(w, w->now, channel, value, FLAG_NORMAL);
}

static void usual(struct world *w, const char *channel, double middle, int n)
{
        char text[32];
        for (int i = 0; i < n; i++) {
                snprintf(text, sizeof text, "%.2f", middle + (i % 5) * 0.1);
                says(w, channel, text);
        }
}

static void told(struct world *w, const char *wanted)
{
        assert_string_equal(w->told, wanted);
        w->told[0] = '\0';
}

static void what_cannot_be_is_told_after_the_second_and_ends_after_three(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        usual(w, "air-temperature", 20, 5);
        says(w, "air-temperature", "-61");
        told(w, "");
        says(w, "air-temperature", "-70.5");
        told(w, "range+");
        assert_string_equal(w->words[LANG_EN], "Air temperature reads -70.5 °C, beyond what can be (-60 °C … 70 °C). Look at the probe, its wiring and its range.");
        usual(w, "air-temperature", 20, 2);
        told(w, "");
        says(w, "air-temperature", "20");
        told(w, "range-");
        assert_non_null(strstr(w->words[LANG_HANS], "已恢复正常（2026-11-28 08:10）"));
}

static void a_description_narrows_what_can_be(void **state)
{
        struct world *w = *state;
        device(w, "{\"channels\":[{\"code\":\"t1\",\"quantity\":\"air-temperature\",\"range\":{\"min\":0,\"max\":40},\"maxRate\":0}]}");
        says(w, "t1", "40");
        says(w, "t1", "40.1");
        says(w, "t1", "-0.1");
        told(w, "range+");
}

static void a_finding_names_its_channel_as_the_description_does(void **state)
{
        struct world *w = *state;
        device(w, "{\"channels\":[{\"code\":\"t10\",\"quantity\":\"soil-temperature\",\"name\":\"10 厘米土温\",\"nameHant\":\"10 厘米土溫\",\"nameEn\":\"Soil at 10 cm\"},"
                  "{\"code\":\"t40\",\"quantity\":\"soil-temperature\",\"name\":\"40 cm\"},{\"code\":\"t60\",\"quantity\":\"soil-temperature\",\"nameEn\":\"60 cm\"}]}");
        static const struct { const char *channel, *words[LANGS]; } cases[] = {
                { "t10", { "10 厘米土温读到", "10 厘米土溫讀到", "Soil at 10 cm reads" } },
                { "t40", { "40 cm读到", "40 cm讀到", "40 cm reads" } },
                { "t60", { "土壤温度读到", "土壤溫度讀到", "60 cm reads" } },
        };
        for (size_t i = 0; i < COUNT(cases); i++) {
                says(w, cases[i].channel, "200");
                says(w, cases[i].channel, "201");
                told(w, "range+");
                for (int l = 0; l < LANGS; l++)
                        assert_memory_equal(w->words[l], cases[i].words[l], strlen(cases[i].words[l]));
        }
}

static void a_unit_mistaken_is_told_with_what_it_would_be(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        usual(w, "a01006", 101.2, 30);
        for (int i = 0; i < 3; i++)
                says(w, "a01006", "1013");
        told(w, "unit+");
        assert_true(fabs(w->limit - 101.3) < 1e-9);
        assert_non_null(strstr(w->words[LANG_EN], "divided by 10 it would be 101.3 kPa"));
        usual(w, "a01006", 101.2, 3);
        told(w, "unit-");
}

static void kelvin_and_fahrenheit_are_units_too(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        usual(w, "soil-temperature", 25, 30);
        for (int i = 0; i < 3; i++)
                says(w, "soil-temperature", "298.2");
        told(w, "unit+");
        device(w, "{}");
        usual(w, "soil-temperature", 25, 30);
        for (int i = 0; i < 3; i++)
                says(w, "soil-temperature", "77.2");
        told(w, "unit+");
        assert_non_null(strstr(w->words[LANG_EN], "from degrees Fahrenheit"));
}

static void a_leap_is_told_and_noise_is_not(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        usual(w, "air-temperature", 20, 10);
        says(w, "air-temperature", "31");
        told(w, "rate+");
        usual(w, "air-temperature", 30, 5);
        told(w, "rate-");
        w->now += 3 * HOUR;                     /* a change over hours is none */
        at(w, w->now, "air-temperature", "12", FLAG_NORMAL);
        told(w, "gap+");
}

static void a_probe_that_stands_still_is_told_once(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        for (int i = 0; i < 361; i++)
                says(w, "air-temperature", "21.5");
        told(w, "stuck+");
        for (int i = 0; i < 100; i++)
                says(w, "air-temperature", "21.5");
        told(w, "");
        says(w, "air-temperature", "21.6");
        told(w, "stuck-");
}

static void at_its_bound_it_may_stand(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        for (int i = 0; i < 3000; i++)
                says(w, "air-humidity", "100");
        told(w, "");
}

static void a_gap_is_told_and_late_readings_fill_it(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        usual(w, "air-temperature", 20, 20);
        int64_t from = w->now;
        w->now += 10 * MINUTE;
        at(w, w->now, "air-temperature", "20", FLAG_NORMAL);
        told(w, "gap+");
        assert_non_null(strstr(w->words[LANG_EN], "some 9 readings"));
        for (int i = 1; i <= 8; i++)
                at(w, from + i * MINUTE, "air-temperature", "20", FLAG_NORMAL);
        told(w, "");
        at(w, from + 9 * MINUTE, "air-temperature", "20", FLAG_NORMAL);
        told(w, "gap-");
}

static void a_described_rhythm_needs_no_learning(void **state)
{
        struct world *w = *state;
        device(w, "{\"channels\":[{\"code\":\"rain\",\"everySeconds\":600}]}");
        at(w, 0, "rain", "0", FLAG_NORMAL);
        w->now = 20 * MINUTE;
        at(w, 20 * MINUTE, "rain", "0", FLAG_NORMAL);
        told(w, "");
        w->now = 50 * MINUTE;
        at(w, 50 * MINUTE, "rain", "0", FLAG_NORMAL);
        told(w, "gap+");
}

static void channels_may_stand_by_their_code(void **state)
{
        struct world *w = *state;
        device(w, "{\"everySeconds\":600,\"channels\":{\"rain\":{\"range\":{\"max\":20}},\"t\":{}}}");
        says(w, "rain", "21");
        says(w, "rain", "22");
        told(w, "range+");
        assert_int_equal(quality_spec(w->device)->silent_ms, 30 * MINUTE);
        assert_int_equal(quality_channel_spec(w->device, STR("rain"))->every_ms, 10 * MINUTE);
}

static void a_silent_device_is_told_and_heard_again(void **state)
{
        struct world *w = *state;
        device(w, "{\"silentMinutes\":30}");
        quality_time(w->device, INT64_C(1000) * T0, on, w);
        told(w, "");                            /* never heard: not yet put up */
        says(w, "air-temperature", "20");
        quality_time(w->device, INT64_C(1000) * T0 + 31 * MINUTE, on, w);
        told(w, "");
        quality_time(w->device, INT64_C(1000) * T0 + 32 * MINUTE, on, w);
        told(w, "silent+");
        w->now = 40 * MINUTE;
        says(w, "air-temperature", "20");
        quality_time(w->device, INT64_C(1000) * T0 + 42 * MINUTE, on, w);
        told(w, "silent-");
}

static void a_channel_that_ends_while_the_others_go_on_is_a_gap(void **state)
{
        struct world *w = *state;
        device(w, "{\"silentMinutes\":30}");
        usual(w, "soil-temperature", 18, 20);
        usual(w, "air-temperature", 20, 60);
        quality_time(w->device, INT64_C(1000) * T0 + w->now, on, w);
        told(w, "gap+");
        int64_t to = w->now + MINUTE;
        says(w, "soil-temperature", "18.1");
        told(w, "gap+");                        /* now it is known from when to when */
        quality_time(w->device, INT64_C(1000) * T0 + w->now, on, w);
        told(w, "");                            /* and missing it is still */
        for (int64_t t = 21 * MINUTE; t < to; t += MINUTE)
                at(w, t, "soil-temperature", "18", FLAG_NORMAL);
        told(w, "gap-");
}

static void a_moment_that_has_not_come_is_the_clock_s(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        at(w, 6 * MINUTE, "air-temperature", "20", FLAG_NORMAL);
        told(w, "clock+");
        w->now = -30 * 24 * HOUR;
        at(w, w->now, "soil-temperature", "20", FLAG_NORMAL);  /* old ones prove nothing */
        told(w, "");
}

static void frost_opens_after_its_time_and_ends_beyond_its_clear(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        usual(w, "air-temperature", 3, 10);
        for (int i = 0; i < 10; i++)
                says(w, "air-temperature", "1.9");
        told(w, "");
        says(w, "air-temperature", "1.5");
        told(w, "alarm+");
        assert_string_equal(w->words[LANG_HANS], "霜冻：空气温度自 2026-11-28 08:11 起低于 2 °C，现为 1.5 °C。");
        says(w, "air-temperature", "3.9");
        says(w, "air-temperature", "1");
        told(w, "");
        says(w, "air-temperature", "4.1");
        told(w, "alarm-");
        says(w, "air-temperature", "1.9");
        says(w, "air-temperature", "2.5");      /* not long enough */
        usual(w, "air-temperature", 1, 8);
        told(w, "");
}

static void each_usual_alarm_opens_and_ends(void **state)
{
        struct world *w = *state;
        static const struct { const char *channel, *bad, *still, *good; int minutes; const char *says; } cases[] = {
                { "air-temperature", "1.9", "3", "4.1", 10, "霜冻" },
                { "soil-moisture-relative", "59", "63", "66", 120, "干旱" },
                { "cargo-temperature", "8.5", "7", "5.5", 30, "运输温度过高" },
        };
        for (size_t i = 0; i < COUNT(cases); i++) {
                device(w, "{}");
                for (int m = 0; m <= cases[i].minutes; m++) {
                        told(w, "");
                        says(w, cases[i].channel, cases[i].bad);
                }
                told(w, "alarm+");
                assert_true(strncmp(w->words[LANG_HANS], cases[i].says, strlen(cases[i].says)) == 0);
                says(w, cases[i].channel, cases[i].still);
                told(w, "");
                says(w, cases[i].channel, cases[i].good);
                told(w, "alarm-");
        }
}

static void a_moment_from_the_future_hides_nothing(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        usual(w, "air-temperature", 20, 5);
        at(w, w->now + 80 * 365 * 24 * HOUR, "air-temperature", "1", FLAG_NORMAL);
        told(w, "clock+");
        for (int i = 0; i < 12; i++)
                says(w, "air-temperature", "1");
        assert_non_null(strstr(w->told, "alarm+"));
}

static void an_alarm_may_belong_to_a_stage(void **state)
{
        struct world *w = *state;
        device(w, "{\"channels\":[{\"code\":\"air-temperature\",\"alarms\":[{\"name\":\"cold\",\"below\":10,\"stages\":[\"flowering\"]}]}]}");
        says(w, "air-temperature", "5");
        told(w, "");
        quality_stage(w->device, STR("flowering"));
        says(w, "air-temperature", "5");
        told(w, "alarm+");
        quality_stage(w->device, STR("ripening"));
        says(w, "air-temperature", "5");
        told(w, "");
        says(w, "air-temperature", "10.5");
        told(w, "alarm-");
}

static void a_stage_may_be_a_range_of_bbch(void **state)
{
        struct world *w = *state;
        device(w, "{\"channels\":[{\"code\":\"air-temperature\",\"alarms\":[{\"name\":\"cold\",\"below\":10,\"stages\":[\"09\",\"60-69\"]}]}]}");
        assert_true(quality_asks_stage(w->device));
        static const struct { const char *stage; bool in; } cases[] = { { "59", false }, { "70", false }, { "6", false }, { "", false }, { "x", false }, { "60", true } };
        for (size_t i = 0; i < COUNT(cases); i++) {
                quality_stage(w->device, str_of(cases[i].stage));
                says(w, "air-temperature", i % 2 ? "5" : "5.1");
                told(w, cases[i].in ? "alarm+" : "");
        }
        device(w, "{}");
        assert_false(quality_asks_stage(w->device));
}

static void particles_are_judged_by_the_mean_of_a_day(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        for (int h = 0; h < 19; h++, w->now += HOUR)
                at(w, w->now, "pm25", h % 2 ? "20" : "180", FLAG_NORMAL);
        told(w, "");
        for (int h = 19; h < 24; h++, w->now += HOUR)
                at(w, w->now, "pm25", h % 2 ? "20" : "180", FLAG_NORMAL);
        told(w, "alarm+");
}

static void an_empty_list_of_alarms_is_none(void **state)
{
        struct world *w = *state;
        device(w, "{\"channels\":[{\"code\":\"air-temperature\",\"alarms\":[]}]}");
        for (int i = 0; i < 30; i++)
                says(w, "air-temperature", i % 2 ? "-5" : "-5.1");
        told(w, "");
}

static void what_the_device_doubts_is_not_judged(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        for (int i = 0; i < 5; i++)
                at(w, w->now += MINUTE, "air-temperature", "-99", FLAG_SUSPECT);
        told(w, "");
}

static void resume(struct world *w, const char *check, const char *channel, const char *key, bool watched)
{
        struct open_finding f = { .check = str_of(check), .channel = str_of(channel), .key = str_of(key), .from_ms = INT64_C(1000) * T0, .t_ms = INT64_C(1000) * T0 + 10 * MINUTE, .value = 9 };
        assert_int_equal(quality_resume(w->device, &f), watched);
}

static void a_gap_of_before_the_start_is_filled_or_grows_old(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        resume(w, "gap", "air-temperature", "", true);
        w->now = 20 * MINUTE;
        says(w, "air-temperature", "20");
        quality_time(w->device, INT64_C(1000) * T0 + w->now, on, w);
        for (int i = 1; i <= 8; i++)
                at(w, i * MINUTE, "air-temperature", "20", FLAG_NORMAL);
        told(w, "");
        at(w, 9 * MINUTE, "air-temperature", "20", FLAG_NORMAL);
        told(w, "gap-");
        device(w, "{}");
        resume(w, "gap", "air-temperature", "", true);
        w->now = 7 * 24 * HOUR;
        says(w, "air-temperature", "20");
        quality_time(w->device, INT64_C(1000) * T0 + 7 * 24 * HOUR + 10 * MINUTE, on, w);
        told(w, "");
        quality_time(w->device, INT64_C(1000) * T0 + 7 * 24 * HOUR + 11 * MINUTE, on, w);
        told(w, "gap-");
}

/* The device speaks, a channel with a gap of before has not yet: since when it is silent is not known. */
static void nobody_knows_after_a_start_when_a_channel_spoke_last(void **state)
{
        struct world *w = *state;
        device(w, "{\"everySeconds\":60}");
        resume(w, "gap", "soil-temperature", "", true);
        w->now = HOUR;
        says(w, "air-temperature", "20");
        quality_time(w->device, INT64_C(1000) * T0 + w->now, on, w);
        told(w, "");
}

static void what_was_open_goes_on_after_a_start(void **state)
{
        struct world *w = *state;
        device(w, "{}");
        resume(w, "alarm", "air-temperature", "frost", true);
        resume(w, "range", "soil-temperature", "", true);
        resume(w, "no such", "soil-temperature", "", true);
        resume(w, "alarm", "air-temperature", "no such", false);
        for (int i = 0; i < 15; i++)
                says(w, "air-temperature", i % 2 ? "1" : "1.1");
        told(w, "");
        says(w, "air-temperature", "5");
        usual(w, "soil-temperature", 18, 3);
        told(w, "alarm- range-");
}

static void the_one_that_is_far_from_the_median_is_told_after_three_hours(void **state)
{
        struct world *w = *state;
        struct quality *q[3];
        struct neighbour list[3];
        for (int i = 0; i < 3; i++) {
                device(w, "{}");
                says(w, "air-temperature", "20");
                q[i] = w->device;
                w->device = NULL;
                list[i] = (struct neighbour){ q[i], STR("air-temperature"), i == 1 ? 31 : 20 + i * 0.2 };
        }
        w->told[0] = '\0';
        for (int h = 0; h < 2; h++)
                quality_neighbours(list, 3, INT64_C(1000) * T0 + h * HOUR, on, w);
        told(w, "");
        quality_neighbours(list, 3, INT64_C(1000) * T0 + 2 * HOUR, on, w);
        told(w, "neighbour+");
        quality_neighbours(list, 2, INT64_C(1000) * T0 + 3 * HOUR, on, w);      /* two: nobody knows which */
        told(w, "");
        for (int i = 0; i < 3; i++)
                quality_free(q[i]);
}

static void in_its_quiet_hours_nobody_is_woken(void **state)
{
        struct world *w = *state;
        device(w, "{\"channels\":[{\"code\":\"air-temperature\",\"alarms\":[{\"name\":\"cold\",\"below\":10,\"quiet\":[\"22:00\",\"06:00\"]}]}]}");
        says(w, "air-temperature", "20");
        const struct alarm_rule *r = alarm_find(w->device, STR("air-temperature"), STR("cold"));
        assert_non_null(r);
        assert_false(alarm_is_quiet(r, INT64_C(1000) * T0, 480));                       /* 08:00 */
        assert_true(alarm_is_quiet(r, INT64_C(1000) * T0 + 14 * HOUR, 480));            /* 22:00 */
        assert_true(alarm_is_quiet(r, INT64_C(1000) * T0 - 3 * HOUR, 480));             /* 05:00 */
        assert_false(alarm_is_quiet(r, INT64_C(1000) * T0 - 2 * HOUR, 480));            /* 06:00 */
        assert_null(alarm_find(w->device, STR("air-temperature"), STR("heat")));
}

static void a_description_may_be_nonsense(void **state)
{
        static const char *const details[] = {
                "null", "[]", "{\"channels\":7}", "{\"channels\":[1,null,{},{\"code\":7},{\"code\":\"x\",\"alarms\":[1,{},{\"below\":\"2\"},{\"above\":1e300}]}]}",
                "{\"silentMinutes\":-1,\"channels\":[{\"code\":\"x\",\"range\":{\"min\":\"a\"},\"quantity\":[],\"alarms\":[{\"below\":1,\"clear\":-5,\"quiet\":[\"25:00\",1],\"stages\":[1,\"a\"],\"meanHours\":1e9}]}]}",
        };
        struct world *w = *state;
        for (size_t i = 0; i < COUNT(details); i++) {
                device(w, details[i]);
                says(w, "x", "1");
                says(w, "y", "1");
                quality_time(w->device, INT64_C(1000) * T0, on, w);
        }
}

static void each_check_is_described(void **state)
{
        char text[16384] = "", heading[64];
        (void)state;
        FILE *f = fopen(SOURCE_ROOT "/docs/ref/quality.md", "r");
        assert_non_null(f);
        text[fread(text, 1, sizeof text - 1, f)] = '\0';
        fclose(f);
        for (size_t i = 0; i < n_checks; i++) {
                snprintf(heading, sizeof heading, "\n## `%s`\n", checks[i]->name);
                if (!strstr(text, heading))
                        fail_msg("docs/ref/quality.md lacks %s", checks[i]->name);
                assert_true(check_of_name(str_of(checks[i]->name)) == checks[i]);
        }
        assert_null(check_of_name(STR("no such")));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(what_cannot_be_is_told_after_the_second_and_ends_after_three), T(a_description_narrows_what_can_be), T(a_finding_names_its_channel_as_the_description_does), T(a_unit_mistaken_is_told_with_what_it_would_be),
                T(kelvin_and_fahrenheit_are_units_too), T(a_leap_is_told_and_noise_is_not), T(a_probe_that_stands_still_is_told_once), T(at_its_bound_it_may_stand),
                T(a_gap_is_told_and_late_readings_fill_it), T(a_described_rhythm_needs_no_learning), T(a_silent_device_is_told_and_heard_again), T(channels_may_stand_by_their_code),
                T(a_channel_that_ends_while_the_others_go_on_is_a_gap), T(a_moment_that_has_not_come_is_the_clock_s), T(frost_opens_after_its_time_and_ends_beyond_its_clear),
                T(each_usual_alarm_opens_and_ends), T(a_moment_from_the_future_hides_nothing), T(an_alarm_may_belong_to_a_stage), T(a_stage_may_be_a_range_of_bbch), T(particles_are_judged_by_the_mean_of_a_day), T(an_empty_list_of_alarms_is_none), T(what_the_device_doubts_is_not_judged),
                T(what_was_open_goes_on_after_a_start), T(a_gap_of_before_the_start_is_filled_or_grows_old), T(nobody_knows_after_a_start_when_a_channel_spoke_last), T(the_one_that_is_far_from_the_median_is_told_after_three_hours), T(in_its_quiet_hours_nobody_is_woken), T(a_description_may_be_nonsense), T(each_check_is_described),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
