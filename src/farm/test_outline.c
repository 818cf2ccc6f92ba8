/* Goal: outlines that people draw are taken, those that are none are refused at their place; distance and area are right on the ground. */
#include <math.h>

#include "base/test.h"

#include "base/limits.h"
#include "farm/thing.h"

static const struct json *json_of(struct arena *a, const char *z)
{
        const struct json *j;
        if (json_read(a, z, strlen(z), NULL, &j, NULL) < 0)
                fail_msg("no JSON: %s", z);
        return j;
}

static struct outline *judged(struct arena *a, const char *z, struct faults *f)
{
        *f = (struct faults){ 0 };
        return outline_judge(a, json_of(a, z), STR("/outline"), f);
}

#define POLYGON(rings) "{\"type\":\"Polygon\",\"coordinates\":[" rings "]}"
#define SQUARE "[[113,25],[113.01,25],[113.01,25.01],[113,25.01],[113,25]]"

static void good_outlines_are_taken(void **state)
{
        static const char *const good[] = {
                POLYGON(SQUARE),
                POLYGON("[[113,25],[113.01,25],[113.01,25],[113.01,25.01],[113,25]]"),                  /* a point given twice by a shaky finger */
                POLYGON("[[113,25],[113.004,25],[113.006,24.995],[113.008,25],[113.002,25.005],[113,25]]"),         /* a side that would meet another if it were longer, in each order */
                POLYGON("[[113.008,25],[113.002,25.005],[113,25],[113.004,25],[113.006,24.995],[113.008,25]]"),
                POLYGON("[[113.002,25.005],[113.008,25],[113.006,24.995],[113.004,25],[113,25],[113.002,25.005]]"),
                POLYGON("[[113.000,25.000],[113.000,25.004],[112.995,25.006],[113.000,25.008],[113.005,25.002],[113.000,25.000]]"),
                POLYGON("[[113.000,25.008],[113.005,25.002],[113.000,25.000],[113.000,25.004],[112.995,25.006],[113.000,25.008]]"),
                POLYGON("[[113,25],[113.005,25],[113.01,25],[113.01,25.01],[113,25]]"),                 /* a point in the middle of a side */
                POLYGON("[[113,25],[113.01,25],[113,25.01],[113,25]],[[113.004,25.004],[113.004,25.005],[113.003,25.003],[113.004,25.004]]"),      /* a hole near a slanting side */
                POLYGON("[[113,25,7],[113.01,25,8],[113.01,25.01,9],[113,25,7]]"),
                POLYGON(SQUARE ",[[113.002,25.002],[113.004,25.002],[113.004,25.004],[113.002,25.002]]"),
                "{\"type\":\"MultiPolygon\",\"coordinates\":[[" SQUARE "],[[[114,25],[114.01,25],[114.01,25.01],[114,25]]]]}",
                "{\"type\":\"Feature\",\"properties\":{},\"geometry\":" POLYGON(SQUARE) "}",
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(good); i++) {
                struct faults f;
                assert_non_null(judged(a, good[i], &f));
                assert_int_equal(f.n, 0);
                assert_non_null(outline_read(a, json_of(a, good[i])));
        }
        arena_free(a);
}

static void what_is_no_outline_is_refused_at_its_place(void **state)
{
        static const struct { const char *json, *pointer; } bad[] = {
                { "{}", "/outline" },
                { "[1]", "/outline" },
                { "{\"type\":\"Point\",\"coordinates\":[113,25]}", "/outline" },
                { "{\"type\":\"Polygon\"}", "/outline/coordinates" },
                { POLYGON(""), "/outline/coordinates" },
                { POLYGON("[[113,25],[113.01,25],[113,25]]"), "/outline/coordinates/0" },               /* too few */
                { POLYGON("[[113,25],[113.01,25],[113.01,25.01],[113,25.01]]"), "/outline/coordinates/0" },     /* open */
                { POLYGON("[[113,25],[113.01,25],[113,25],[113,25]]"), "/outline/coordinates/0" },      /* two different points */
                { POLYGON("[[113,25],[113.01,95],[113.01,25.01],[113,25]]"), "/outline/coordinates/0/1" },
                { POLYGON("[[113,25],[\"a\",25],[113.01,25.01],[113,25]]"), "/outline/coordinates/0/1" },
                { POLYGON("[[113,25],7,[113.01,25.01],[113,25]]"), "/outline/coordinates/0/1" },
                { POLYGON("[[113,25],[113.01],[113.01,25.01],[113,25]]"), "/outline/coordinates/0/1" },
                { POLYGON("[[113,25],[113.01,25,7,8],[113.01,25.01],[113,25]]"), "/outline/coordinates/0/1" },
                { POLYGON("7"), "/outline/coordinates/0" },
                { "{\"type\":\"MultiPolygon\"}", "/outline/coordinates" },
                { "{\"type\":\"MultiPolygon\",\"coordinates\":[]}", "/outline/coordinates" },
                { "{\"type\":\"MultiPolygon\",\"coordinates\":[7]}", "/outline/coordinates/0" },
                { POLYGON("[[113,25],[113.01,25],[113.01,25.01],[113.02,25.02],[113.005,25],[113,25.01],[113,25]]"), "/outline" },      /* a corner on an earlier side */
                { POLYGON("[[113.005,25.01],[113.005,25.02],[113,25.02],[113,25.01],[113.01,25.01],[113.01,25.015],[113.005,25.01]]"), "/outline" },    /* its first corner on a later side */
                { POLYGON("[[113.02,25.02],[113.005,25.01],[113,25.02],[113,25.01],[113.01,25.01],[113.02,25.02]]"), "/outline" },      /* its second corner on a later side */
                { "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[114,25],[114.01,25.01],[114.01,25],[114,25.01],[114,25]]],[" SQUARE "]]}", "/outline" },   /* the first crosses itself */
                { "{\"type\":\"MultiPolygon\",\"coordinates\":[[" SQUARE "],[[[114,25],[114.01,25.01],[114.01,25],[114,25.01],[114,25]]]]}", "/outline" },   /* the last does */
                { POLYGON("[[113,25],[113.01,1e99],[113.01,25.01],[113,25]]"), "/outline/coordinates/0/1" },
                { POLYGON("[[113,25],[113.01,25.01],[113.01,25],[113,25.01],[113,25]]"), "/outline" },  /* a bow tie */
                { POLYGON("[[113,25],[113.01,25],[113.005,25],[113.005,25.01],[113,25]]"), "/outline" },        /* runs back */
                { POLYGON("[[113,25],[113.01,25],[113.01,25.01],[113.005,25],[113,25.01],[113,25]]"), "/outline" },     /* touches itself */
                { POLYGON(SQUARE ",[[114,25],[114.01,25],[114.01,25.01],[114,25]]"), "/outline" },      /* a hole elsewhere */
                { POLYGON(SQUARE ",[[113.005,25.005],[113.02,25.005],[113.005,25.007],[113.005,25.005]]"), "/outline" },        /* a hole across the edge */
                { "{\"type\":\"Polygon\",\"crs\":{},\"coordinates\":[" SQUARE "]}", "/outline" },
                { "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[]]}}", "/outline/geometry/coordinates/0" },
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++) {
                struct faults f;
                assert_null(judged(a, bad[i].json, &f));
                assert_int_equal(f.refused, 1);
                assert_str(f.list[0].pointer, bad[i].pointer);
                assert_string_equal(f.list[0].code, "bad-outline");
        }
        assert_null(outline_read(a, NULL));
        arena_free(a);
}

/* A circle of so many points, the last the first again. */
static char *circle(struct arena *a, int points)
{
        struct buf b = { .max = 1 << 20 };
        buf_z(&b, "{\"type\":\"Polygon\",\"coordinates\":[[");
        for (int i = 0; i < points; i++) {
                double t = 2 * 3.14159265358979 * (i % (points - 1)) / (points - 1);
                buf_printf(&b, "%s[%.9f,%.9f]", i ? "," : "", 113 + 0.01 * cos(t), 25 + 0.01 * sin(t));
        }
        buf_z(&b, "]]}");
        char *z = arena_cstr(a, buf_view(&b));
        buf_free(&b);
        return z;
}

/* A square and so many rings in all: holes of it, or with `beside` squares beside it. */
static const char *squares(struct arena *a, int rings, bool beside)
{
        struct buf b = { .max = 1 << 20 };
        buf_printf(&b, "{\"type\":\"%s\",\"coordinates\":%s" SQUARE, beside ? "MultiPolygon" : "Polygon", beside ? "[[" : "[");
        for (int i = 1; i < rings; i++) {
                double x = (beside ? 114 : 113) + 0.0001 * i, y = 25 + 0.0001 * i, less = 0.00005;
                buf_printf(&b, "%s[[%.5f,%.5f],[%.5f,%.5f],[%.5f,%.5f],[%.5f,%.5f]]", beside ? "],[" : ",", x, y, x + less, y, x + less, y + less, x, y);
        }
        buf_z(&b, beside ? "]]}" : "]}");
        char *z = arena_cstr(a, buf_view(&b));
        buf_free(&b);
        return z;
}

static void an_outline_has_a_bounded_number_of_rings(void **state)
{
        struct arena *a = arena_new();
        (void)state;
        for (int beside = 0; beside < 2; beside++)
                for (int more = 0; more < 3; more++) {
                        struct faults f;
                        assert_int_equal(judged(a, squares(a, LIMIT_OUTLINE_RINGS + more, beside), &f) != NULL, !more);
                        assert_int_equal(f.n, more > 0);       /* told once, however many there are */
                        if (more)
                                assert_string_equal(f.list[0].code, "too-long");
                }
        arena_free(a);
}

static void an_outline_has_a_bounded_number_of_points(void **state)
{
        struct arena *a = arena_new();
        struct faults f;
        (void)state;
        assert_non_null(judged(a, circle(a, LIMIT_OUTLINE_POINTS), &f));
        assert_null(judged(a, circle(a, LIMIT_OUTLINE_POINTS + 1), &f));
        assert_string_equal(f.list[0].code, "too-long");
        const char *z = circle(a, LIMIT_OUTLINE_POINTS + 1), *ring = strchr(z, '[');
        int n = (int)strlen(ring) - 1;          /* the same in each kind, and a ring more behind it: told once */
        assert_null(judged(a, arena_printf(a, "{\"type\":\"Polygon\",\"coordinates\":[%.*s," SQUARE "]}", n - 2, ring + 1).p, &f));
        assert_int_equal(f.n, 1);
        assert_null(judged(a, arena_printf(a, "{\"type\":\"MultiPolygon\",\"coordinates\":[%.*s,[" SQUARE "]]}", n, ring).p, &f));
        assert_int_equal(f.n, 1);
        arena_free(a);
}

static void distance_and_area_are_right_on_the_ground(void **state)
{
        struct arena *a = arena_new();
        const struct outline *o = outline_read(a, json_of(a, POLYGON(SQUARE ",[[113.004,25.004],[113.006,25.004],[113.006,25.006],[113.004,25.006],[113.004,25.004]]")));
        (void)state;
        assert_true(outline_distance_m(o, (struct position){ .lat = 25.001, .lon = 113.001 }) == 0);
        assert_true(outline_distance_m(o, (struct position){ .lat = 25, .lon = 113.005 }) == 0);        /* on the edge */
        /* A degree of latitude at 25° N is 110,773 m, one of longitude 100,952 m (WGS 84). */
        double north = outline_distance_m(o, (struct position){ .lat = 25.02, .lon = 113.005 }), east = outline_distance_m(o, (struct position){ .lat = 25.005, .lon = 113.03 });
        assert_true(fabs(north - 1107.7) < 1.1);
        assert_true(fabs(east - 2019.0) < 2.0);
        assert_true(fabs(outline_distance_m(o, (struct position){ .lat = 25.005, .lon = 113.005 }) - 100.95) < 0.2);    /* in the hole */
        const struct outline *two = outline_read(a, json_of(a, "{\"type\":\"MultiPolygon\",\"coordinates\":[[" SQUARE "],[[[114,25],[114.01,25],[114.01,25.01],[114,25]]]]}"));
        assert_true(outline_distance_m(two, (struct position){ .lat = 25.001, .lon = 113.001 }) == 0 && outline_distance_m(two, (struct position){ .lat = 25.001, .lon = 114.005 }) == 0);
        const struct outline *near = outline_read(a, json_of(a, POLYGON("[[0,0],[1e-200,0],[0.01,0.01],[0,0.01],[0,0]]")));    /* two corners that no plane tells apart */
        assert_true(fabs(outline_distance_m(near, (struct position){ .lat = -0.01, .lon = 0 }) - 1105.7) < 1);
        double mu = (1107.73 * 1009.52 - 221.546 * 201.904) * 15 / 10000;
        assert_true(fabs(outline_area_mu(o) / mu - 1) < 0.001);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(good_outlines_are_taken),
                cmocka_unit_test(what_is_no_outline_is_refused_at_its_place),
                cmocka_unit_test(an_outline_has_a_bounded_number_of_rings),
                cmocka_unit_test(an_outline_has_a_bounded_number_of_points),
                cmocka_unit_test(distance_and_area_are_right_on_the_ground),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
