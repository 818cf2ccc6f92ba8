#include "base/test.h"

#include "base/lang.h"

static void chooses(void **state)
{
        static const struct {
                const char *query, *header;
                enum lang want;
        } rows[] = {
                { "", "", LANG_HANS },
                { "en", "zh-TW", LANG_EN },
                { "EN-us", "", LANG_EN },
                { "zh-Hant", "en", LANG_HANT },
                { "zh-hans", "en", LANG_HANS },
                { "zh", "en", LANG_HANS },
                { "fr", "en", LANG_EN },
                { "english", "", LANG_HANS },
                { "", "en", LANG_EN },
                { "", "en-GB,en;q=0.9", LANG_EN },
                { "", "zh-TW,zh;q=0.9,en;q=0.8", LANG_HANT },
                { "", "zh-CN,zh;q=0.9,en;q=0.8,zh-TW;q=0.7", LANG_HANS },
                { "", "zh-HK", LANG_HANT },
                { "", "zh-MO", LANG_HANT },
                { "", "zh-SG", LANG_HANS },
                { "", "zh-Hans-HK", LANG_HANS },
                { "", "zh-Hant-CN", LANG_HANT },
                { "", "fr, de;q=0.9", LANG_HANS },
                { "", "fr, en;q=0.1", LANG_EN },
                { "", "en;q=0.5, zh-TW;q=0.7", LANG_HANT },
                { "", "en ; q=0.5 , zh ; q=0.4", LANG_EN },
                { "", "en;q=0.5,zh;q=0.5", LANG_EN },
                { "", "zh;q=0.5,en;q=0.5", LANG_HANS },
                { "", "en;q=0", LANG_HANS },
                { "", "*", LANG_HANS },
                { "", "en;q=0, *;q=0.5", LANG_HANS },
                { "", "zh;q=0, *;q=0.5", LANG_HANT },
                { "", "zh;q=0, zh-TW;q=0, *;q=0.5", LANG_EN },
                { "", "en;q=0.2, *;q=0.5", LANG_HANS },
                { "", "en;q=1.000", LANG_EN },
                { "", "en;q=1.001, zh-TW;q=0.001", LANG_HANT },
                { "", "en;q=abc, zh-TW;q=0.1", LANG_HANT },
                { "", "en;q=, zh-TW;q=0.1", LANG_HANT },
                { "", ",,;;q=1,-", LANG_HANS },
                { "", "en;q=0.12345,zh-TW;q=0.1", LANG_HANT },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                enum lang got = lang_choose(str_of(rows[i].query), str_of(rows[i].header));
                if (got != rows[i].want)
                        fail_msg("'%s' '%s': %s", rows[i].query, rows[i].header, lang_tag(got));
        }
        assert_int_equal(lang_choose(STR_NONE, STR_NONE), LANG_HANS);
}

static void tags_choose_themselves(void **state)
{
        (void)state;
        for (enum lang l = 0; l < LANGS; l++) {
                assert_int_equal(lang_choose(str_of(lang_tag(l)), STR_NONE), l);
                assert_int_equal(lang_choose(STR_NONE, str_of(lang_tag(l))), l);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(chooses),
                cmocka_unit_test(tags_choose_themselves),
        };
        return cmocka_run_group_tests_name("base/lang", tests, NULL, NULL);
}
