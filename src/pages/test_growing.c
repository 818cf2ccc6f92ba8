#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "pages/growing.h"

/* Figures in, a picture out: what must be in it, and that no figures break it. */

static struct growing_point day(double min, double mean, double max)
{
        return (struct growing_point){ 24, 1, min, max, mean };
}

static char *svg_of(const struct growing_chart *c)
{
        struct buf b = { .max = 65536 };
        size_t n;
        growing_svg(&b, c);
        buf_char(&b, '\0');
        return buf_take(&b, &n);
}

static size_t count(const char *in, const char *what)
{
        size_t n = 0;
        for (; (in = strstr(in, what)); in += strlen(what))
                n++;
        return n;
}

#define CHART(p, ...) (struct growing_chart){ .title = STR("T"), .about = STR("A"), .points = p, .n = sizeof p / sizeof *p, .first_day = 20544, .step_days = 1, .suits_from = NAN, .suits_to = NAN, __VA_ARGS__ }

static void a_day_adds_its_hours_and_means_by_hours(void **state)
{
        (void)state;
        struct growing_point p = { 0 }, often = { 3600, 1, 10, 12, 11 }, seldom = { 1, 1, 21, 21, 21 }, none = { 0 };
        growing_add(&p, &often);
        growing_add(&p, &seldom);
        growing_add(&p, &none);
        assert_true(p.min == 10 && p.max == 21 && p.hours == 2 && p.n == 3601);
        assert_true(growing_mean(&p) == 16);            /* not 11: each hour counts the same */
        assert_true(growing_mean(&none) == 0);
}

static void a_picture_says_what_it_is_and_when(void **state)
{
        (void)state;
        struct growing_point p[30];
        for (int i = 0; i < 30; i++)
                p[i] = day(10 + i % 3, 15 + i % 5, 22 + i % 4);
        struct growing_chart c = CHART(p, .number = 3);
        c.title = STR("空气温度 <°C>");
        c.about = STR("\"low\" & high");
        char *svg = svg_of(&c);
        assert_non_null(strstr(svg, "role=\"img\" aria-labelledby=\"gt3 gd3\""));
        assert_non_null(strstr(svg, "<title id=\"gt3\">空气温度 &lt;°C&gt;</title><desc id=\"gd3\">&quot;low&quot; &amp; high</desc>"));
        assert_non_null(strstr(svg, ">04-01</text>"));  /* 2026-04-01 is day 20544 */
        assert_non_null(strstr(svg, ">04-16</text>"));
        assert_non_null(strstr(svg, ">04-30</text>"));
        assert_non_null(strstr(svg, ">10</text>"));
        assert_non_null(strstr(svg, ">25</text>"));
        assert_int_equal(count(svg, "<path class=\"s\""), 0);
        assert_null(strstr(svg, "style="));             /* the policy lets none in */
        assert_null(strstr(svg, "nan"));
        free(svg);
}

static void a_gap_is_left_empty(void **state)
{
        (void)state;
        struct growing_point whole[] = { day(1, 2, 3), day(1, 2, 3), day(1, 2, 3) }, gap[] = { day(1, 2, 3), { 0 }, day(1, 2, 3) };
        struct growing_chart c = CHART(whole), d = CHART(gap);
        char *one = svg_of(&c), *two = svg_of(&d);
        assert_int_equal(count(strstr(one, "class=\"b\""), "M"), 2);    /* the band and the mean */
        assert_int_equal(count(strstr(two, "class=\"b\""), "M"), 4);    /* each in two parts */
        free(one);
        free(two);
}

static void what_suits_is_behind_and_within_the_picture(void **state)
{
        (void)state;
        struct growing_point p[] = { day(18, 19, 20), day(18, 19, 20) };
        struct growing_chart both = CHART(p), above = CHART(p), none = CHART(p);
        both.suits_from = above.suits_from = 10;
        both.suits_to = 30;
        char *svg = svg_of(&both), *open = svg_of(&above), *without = svg_of(&none);
        assert_int_equal(count(svg, "class=\"s\""), 1);
        assert_int_equal(count(svg, "class=\"l\""), 2);
        assert_true(strstr(svg, "class=\"s\"") < strstr(svg, "class=\"b\""));
        assert_non_null(strstr(svg, ">10</text>"));
        assert_non_null(strstr(svg, ">30</text>"));
        assert_int_equal(count(open, "class=\"l\""), 1);
        assert_int_equal(count(without, "class=\"s\"") + count(without, "class=\"l\""), 0);
        free(svg);
        free(open);
        free(without);
}

static void no_figures_make_no_picture_and_odd_ones_a_whole_one(void **state)
{
        (void)state;
        struct growing_point empty[4] = { { 0 } }, still[] = { day(7, 7, 7) }, huge[] = { day(-1e15, 0, 1e15) }, tiny[] = { day(1e-9, 2e-9, 3e-9), day(-0.0, 0, 0) };
        struct growing_chart list[] = { CHART(empty), CHART(still), CHART(huge), CHART(tiny) };
        for (size_t i = 0; i < 4; i++) {
                char *svg = svg_of(&list[i]);
                assert_int_equal(svg[0] != '\0', i != 0);
                assert_int_equal(count(svg, "</svg>"), i != 0);
                assert_null(strstr(svg, "nan"));
                assert_null(strstr(svg, "inf"));
                assert_true(strlen(svg) < 2000);
                free(svg);
        }
}

static void a_season_is_a_few_kilobytes(void **state)
{
        (void)state;
        struct growing_point p[GROWING_POINTS];
        for (int i = 0; i < GROWING_POINTS; i++)
                p[i] = day(10 + (i * 7919) % 13, 20 + (i * 104729) % 7, 30 + (i * 1299709) % 11);
        struct growing_chart c = CHART(p);
        char *svg = svg_of(&c);
        assert_true(strlen(svg) < 3 * 1024);
        free(svg);
}

static void numbers_have_as_many_places_as_tell_something(void **state)
{
        (void)state;
        const struct { double v; const char *text; } cases[] = { { 19.34, "19.3" }, { 0.123, "0.12" }, { -0.001, "0.0" }, { 0, "0.0" }, { 54321.7, "54322" }, { -3.25, "-3.2" } };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct buf b = { .max = 65536 };
                growing_number(&b, cases[i].v);
                assert_string_equal(b.p, cases[i].text);
                buf_free(&b);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_day_adds_its_hours_and_means_by_hours),
                cmocka_unit_test(a_picture_says_what_it_is_and_when),
                cmocka_unit_test(a_gap_is_left_empty),
                cmocka_unit_test(what_suits_is_behind_and_within_the_picture),
                cmocka_unit_test(no_figures_make_no_picture_and_odd_ones_a_whole_one),
                cmocka_unit_test(a_season_is_a_few_kilobytes),
                cmocka_unit_test(numbers_have_as_many_places_as_tell_something),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
