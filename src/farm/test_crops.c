/* Goal: a crop is found under each of its names, and its groups come from narrow to wide. */
#include <stdio.h>

#include "base/test.h"

#include "base/text.h"
#include "farm/regulation.h"

static size_t place_of(const char *crop, const char *name)
{
        struct arena *a = arena_new();
        const struct str *list;
        size_t n = crop_categories(a, str_of(crop), &list), at = 0;
        while (at < n && !str_is(list[at], name))
                at++;
        arena_free(a);
        return at < n ? at + 1 : 0;
}

static void a_crop_stands_under_each_of_its_names(void **state)
{
        static const struct { const char *crop, *has; } list[] = {
                { "包菜", "结球甘蓝" }, { "包菜", "甘蓝" }, { "甘蓝", "芸薹属类蔬菜" }, { "tomato", "番茄" }, { "Tomato", "茄果类蔬菜" }, { "番茄(大棚)", "番茄" },
                { "枣（鲜）", "核果类水果" }, { "再生稻", "谷物" }, { "水稻", "稻谷" }, { "稻谷", "水稻" }, { "脐橙", "柑橘" }, { "香菇", "菌类" }, { "葡萄", "瓜果" }, { "绿茶", "茶叶" },
                { "茶叶", "茶" }, { "红菜薹", "菜薹" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(list); i++)
                if (!place_of(list[i].crop, list[i].has))
                        fail_msg("%s is not %s", list[i].crop, list[i].has);
}

static void water_plants_are_water_plants(void **state)
{
        static const char *const water[] = { "莲藕", "藕", "茭白", "荸荠", "lotus" };
        (void)state;
        for (size_t i = 0; i < COUNT(water); i++)
                assert_true(place_of(water[i], "水生类蔬菜") && place_of(water[i], "水生蔬菜") && place_of(water[i], "水生植物") && place_of(water[i], "蔬菜"));
        assert_int_equal(place_of("蕹菜", "水生类蔬菜"), 0);
        assert_int_equal(place_of("水稻", "蔬菜"), 0);
}

static void groups_come_from_narrow_to_wide(void **state)
{
        static const char *const list[][3] = {
                { "豇豆", "豇豆", "荚可食类豆类蔬菜" }, { "豇豆", "荚可食类豆类蔬菜", "豆类蔬菜" }, { "豇豆", "豆类蔬菜", "蔬菜" }, { "西红柿", "番茄", "茄果类蔬菜" }, { "(鲜)番茄", "(鲜)番茄", NULL },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(list); i++) {
                size_t narrow = place_of(list[i][0], list[i][1]), wide = list[i][2] ? place_of(list[i][0], list[i][2]) : narrow + 1;
                if (!narrow || narrow >= wide)
                        fail_msg("of %s, %s stands at %zu and %s at %zu", list[i][0], list[i][1], narrow, list[i][2], wide);
        }
        assert_int_equal(place_of("豇豆", "豇豆"), 1);
}

static void an_unknown_crop_is_itself(void **state)
{
        struct arena *a = arena_new();
        const struct str *list;
        (void)state;
        assert_int_equal(crop_categories(a, STR("火星豆"), &list), 1);
        assert_str(list[0], "火星豆");
        assert_int_equal(crop_categories(a, STR(""), &list), 0);
        arena_free(a);
}

static void no_name_means_two_crops(void **state)
{
        static const struct { const char *name, *others; } crops[] = {
#define CROP(name, categories, others) { name, others },
#include "farm/crops.def"
#undef CROP
        };
        (void)state;
        assert_true(COUNT(crops) >= 60);
        for (size_t i = 0; i < COUNT(crops); i++) {
                char covered[200];              /* of all the names and groups there is room for each, and for how it was written */
                snprintf(covered, sizeof covered, "%s(大棚)", crops[i].name);
                assert_int_equal(place_of(covered, covered), 1);
                assert_int_equal(place_of(covered, crops[i].name), 2);
                for (size_t k = 0; k < COUNT(crops); k++) {
                        struct str rest = str_of(crops[k].others), one;
                        assert_true(i == k || strcmp(crops[i].name, crops[k].name) != 0);
                        while (str_split(&rest, ' ', &one)) {
                                struct str mine = str_of(crops[i].others), other;
                                if (i != k && str_is(one, crops[i].name))
                                        fail_msg("%s is another name of %s", crops[i].name, crops[k].name);
                                while (i != k && one.n && str_split(&mine, ' ', &other))
                                        if (str_eq(one, other))
                                                fail_msg("%.*s means %s and %s", STR_ARG(one), crops[i].name, crops[k].name);
                        }
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_crop_stands_under_each_of_its_names),
                cmocka_unit_test(water_plants_are_water_plants),
                cmocka_unit_test(groups_come_from_narrow_to_wide),
                cmocka_unit_test(an_unknown_crop_is_itself),
                cmocka_unit_test(no_name_means_two_crops),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
