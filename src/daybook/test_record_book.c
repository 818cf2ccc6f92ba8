#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daybook/record_book.h"

/* Fonts are kept for the life of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libfontconfig\nleak:libcairo\n"; }

enum { DAY = 20600 };                   /* 2026-05-27 */
#define AT(d) .day = DAY + (d), .time_us = ((int64_t)(DAY + (d)) * 86400 - 8 * 3600) * 1000000
#define KG(n) { .lot = STR("/lot/guyu/R1"), .quantity = { n, 0 }, .uom = STR("KGM") }

static struct str text_of(struct arena *a, const struct buf *pdf)
{
        char path[] = "/tmp/test_book_XXXXXX", command[128];
        int fd = mkstemp(path);
        struct str s = buf_view(pdf);
        assert_int_equal(write(fd, s.p, s.n), s.n);
        close(fd);
        snprintf(command, sizeof command, "pdftotext -layout %s -", path);
        FILE *f = popen(command, "r");
        char *text = arena_alloc(a, 1 << 20);
        size_t n = fread(text, 1, (1 << 20) - 1, f);
        text[n] = 0;
        assert_int_equal(pclose(f), 0);
        const char *keep = getenv("SUYUAN_KEEP_PDF");   /* to look at it */
        if (keep)
                rename(path, keep);
        else
                unlink(path);
        return (struct str){ text, n };
}

#define SAYS(text, what) assert_non_null(strstr((text).p, what))

static struct str draw(struct arena *a, enum lang l)
{
        const struct str ingredients[] = { STR("阿维菌素") };
        const struct input_facts abamectin = { .code = STR("AVM"), .canonical = STR("/input/guyu/AVM"), .name = STR("1.8% 阿维菌素乳油"), .registration = STR("PD20090001") };
        const struct input_facts urea = { .code = STR("UREA"), .canonical = STR("/input/guyu/UREA"), .name = STR("尿素") };
        struct fact_amount in[] = { { .lot = STR("/lot/guyu/AVM-1"), .good = STR("/input/guyu/AVM"), .quantity = { 5, 1 }, .uom = STR("LTR") } }, out[] = { KG(5200) };
        struct fact_amount nitrogen[] = { { .lot = STR("/lot/guyu/U-7"), .good = STR("/input/guyu/UREA"), .quantity = { 40, 0 }, .uom = STR("KGM") } };
        struct fact acts[] = {
                { .act = ACT_SOW, .seq = 1, AT(0), .interval_days = -1 },
                { .act = ACT_FERTILISE, .seq = 2, AT(14), .in = nitrogen, .n_in = 1, .input = STR("/input/guyu/UREA"), .interval_days = -1 },
                { .act = ACT_SPRAY, .seq = 3, AT(40), .in = in, .n_in = 1, .input = STR("/input/guyu/AVM"), .registration = STR("PD20090001"), .target = STR("稻纵卷叶螟"),
                  .ingredients = ingredients, .n_ingredients = 1, .interval_days = 14, .dose = { 50, 0 }, .dose_uom = STR("MLT"), .area_mu = { 10, 0 } },
                { .act = ACT_SPRAY, .seq = 4, AT(41), .in = in, .n_in = 1, .input = STR("/input/guyu/AVM"), .interval_days = 14, .wrong = true },
                { .act = ACT_GROWTH, .seq = 7, AT(50), .interval_days = -1 },
                { .act = ACT_HARVEST, .seq = 9, AT(60), .out = out, .n_out = 1, .interval_days = -1 },
        };
        const struct record_more more[COUNT(acts)] = { [2] = { STR("李四"), STR("顺风施药，田边留出两米"), STR_NONE }, [4] = { STR_NONE, STR_NONE, STR("纹枯病零星") } };
        struct season_facts season = { .crop = STR("水稻"), .variety = STR("晶两优"), .area_mu = { 12, 0 }, .acts = acts, .n = COUNT(acts) };
        const struct record_input inputs[] = { { &abamectin, STR("某农药厂"), STR("镇农资店") }, { &urea, STR_NONE, STR_NONE } };
        const struct record_purchase bought[] = { { .day = DAY - 3, .input = STR("/input/guyu/AVM"), .lot = STR("/lot/guyu/AVM-1"), .quantity = STR("2"), .uom = STR("LTR") } };
        struct record_book b = { .lang = l, .producer = STR("谷雨家庭农场"), .season_name = STR("2026 再生稻"), .plot_name = STR("三号田"), .season = &season, .inputs = inputs, .n_inputs = 2,
                                 .purchases = bought, .n_purchases = 1, .more = more, .credit_code = STR("91350100M000100Y43"), .seat = STR("郴州市苏仙区"), .contact = STR("0735-1234567"), .address = STR("https://trace.example.cn/season/guyu/Rice2026"), .now_us = INT64_C(1785000000000000) };
        struct buf pdf = { .max = 1 << 26 };
        struct err e = { 0 };
        assert_int_equal(record_book_draw(&pdf, a, &b, &e), 0);
        struct str text = text_of(a, &pdf);
        buf_free(&pdf);
        return text;
}

static void it_says_what_the_law_asks(void **state)
{
        (void)state;
        struct arena *a = arena_new();
        struct str t = draw(a, LANG_HANS);
        SAYS(t, "农产品生产记录");
        SAYS(t, "1.8% 阿维菌素乳油");           /* name */
        SAYS(t, "PD20090001");
        SAYS(t, "某农药厂");                    /* maker */
        SAYS(t, "镇农资店");                    /* source */
        SAYS(t, "稻纵卷叶螟");                  /* pest */
        SAYS(t, "50 毫升");                     /* dose */
        SAYS(t, "0.5 升");
        SAYS(t, "2026-07-06");                  /* of use */
        SAYS(t, "2026-07-26");                  /* of harvest */
        SAYS(t, "5200 千克");
        SAYS(t, "20 / 14");                     /* days since the last use, and what was needed; the corrected use does not count */
        SAYS(t, "4*");                          /* and stands there as corrected */
        SAYS(t, "40 千克");
        SAYS(t, "season/guyu/Rice2026");
        SAYS(t, "91350100M000100Y43");
        SAYS(t, "郴州市苏仙区");
        SAYS(t, "0735-1234567");
        SAYS(t, "李四");                        /* who did it */
        SAYS(t, "田边留出两米");                /* and wrote beside it */
        SAYS(t, "纹枯病零星");                  /* what a look found */
        arena_free(a);
}

static void it_is_there_in_every_language(void **state)
{
        (void)state;
        struct arena *a = arena_new();
        struct str hant = draw(a, LANG_HANT), en = draw(a, LANG_EN);
        SAYS(hant, "農產品生產記錄");
        SAYS(hant, "保存不少於二年");
        SAYS(en, "Farm record book");
        SAYS(en, "keep for two years");
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_says_what_the_law_asks),
                cmocka_unit_test(it_is_there_in_every_language),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
