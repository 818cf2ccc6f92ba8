#include "farm/rules/rules_impl.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/test.h"

/* A season is written as its acts; what each rule finds, as "rule key severity" a line. */

static struct arena *a;
static const struct regulation *regulation;

static int day(const char *z)
{
        int d = 0;
        assert_true(day_read(str_of(z), &d));
        return d;
}

static struct decimal number(const char *z)
{
        struct decimal d = { 0, 0 };
        assert_true(!*z || decimal_read(str_of(z), &d));
        return d;
}

static size_t add_rows(struct regulation_row *rows, size_t n, const char *csv)
{
        struct regulation_file f;
        struct err e = { 0 };
        assert_int_equal(regulation_read(a, str_of(csv), &f, &e), 0);
        assert_int_equal(f.n_refused, 0);
        memcpy(rows + n, f.rows, f.n * sizeof *rows);
        return n + f.n;
}

static void add_inputs(void);

static int setup(void **state)
{
        static struct regulation_row rows[64];
        size_t n = 0;
        (void)state;
        a = arena_new();
        n = add_rows(rows, n, "name_zh,name_en,status,scope,effective_from,effective_to,source,confidence\n"
                "灭多威,methomyl,banned,全部,2026-06-01,,公告 736,high\n"
                "乐果,dimethoate,restricted,蔬菜;瓜果;茶叶;菌类;中草药材,2019-08-01,,公告 2552,medium\n"
                "某药,,banned,全部,2020-01-01,,memory,low\n"
                "氟虫腈,fipronil,restricted,所有农作物(玉米等部分旱田种子包衣除外),2009-10-01,,公告 1157,high\n"
                "氯化苦,chloropicrin,restricted,限定点经营/专业施用,2017-10-01,,公告 2567,high\n"
                "旧药,,restricted,蔬菜,2000-01-01,2010-12-31,old,high\n"
                "将禁药,,restricted,蔬菜,2030-01-01,,later,high\n"
                "无期药,,restricted,蔬菜,,,no date,high\n"
                "例外药,,restricted,所有农作物(玉米、花生除外),2009-10-01,,x,high\n"
                "久禁药,,banned,全部,,,,medium\n");
        n = add_rows(rows, n, "pesticide_zh,pesticide_en,formulation,crop_zh,target,max_uses_per_season,phi_days,phi_days_upper,confidence,source\n"
                "噻嗪酮,buprofezin,25%可湿性粉剂,水稻,稻飞虱,2,14,,medium,GB/T 8321\n"
                "稻瘟灵,isoprothiolane,40%乳油,水稻,,,14,28,medium,table\n"
                "三环唑,tricyclazole,75%可湿性粉剂,水稻,稻瘟病,2,21,,low,memory\n"
                "多菌灵,carbendazim,50%可湿性粉剂,水稻,,,30,,medium,table\n"
                "一次药,,,水稻,,1,10,,high,GB/T 8321\n");
        regulation = regulation_of(a, rows, n);
        add_inputs();
        return 0;
}

static int teardown(void **state) { (void)state; arena_free(a); return 0; }

/* ---- inputs: in order of canonical name ---- */

static const struct str methomyl[] = { { "灭多威", 9 } }, dimethoate[] = { { "dimethoate", 10 } }, some[] = { { "某药", 6 } }, fipronil[] = { { "氟虫腈", 9 } };
static const struct str picrin[] = { { "氯化苦", 9 } }, long_banned[] = { { "久禁药", 9 } }, carbofuran[] = { { "克百威", 9 } }, old[] = { { "旧药", 6 } }, later[] = { { "将禁药", 9 } };
static const struct str buprofezin[] = { { "噻嗪酮", 9 } }, blast[] = { { "稻瘟灵", 9 } }, tricyclazole[] = { { "三环唑", 9 } };
static const struct str mixture[] = { { "多菌灵", 9 }, { "三环唑", 9 } }, three[] = { { "噻嗪酮", 9 }, { "一次药", 9 }, { "三环唑", 9 } }, half_known[] = { { "多菌灵", 9 }, { "没有的药", 12 } };
static const struct input_label rice_labels[] = {
        { { "水稻", 6 }, { "稻飞虱", 9 }, 7, 2, { "30", 2 }, { "50", 2 }, { "mL/亩", 6 } },
        { { "水稻", 6 }, { "纹枯病", 9 }, 14, 3, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } },
        { { "谷物", 6 }, { NULL, 0 }, 60, 1, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } },
};
static const struct input_label dilution_label[] = { { { "水稻", 6 }, { NULL, 0 }, 7, -1, { NULL, 0 }, { "1500", 4 }, { "倍", 3 } } };
static const struct input_label gram_label[] = { { { "水稻", 6 }, { NULL, 0 }, 7, -1, { "20", 2 }, { "40", 2 }, { "g/mu", 4 } } };
static const struct input_label hectare_label[] = { { { "水稻", 6 }, { NULL, 0 }, 7, -1, { "150", 3 }, { "300", 3 }, { "g/ha", 4 } } };
static const struct input_label min_label[] = { { { "水稻", 6 }, { NULL, 0 }, -1, -1, { "20", 2 }, { NULL, 0 }, { "g/mu", 4 } } };
static const struct input_label fifteenth_label[] = { { { "水稻", 6 }, { NULL, 0 }, 7, -1, { "50", 2 }, { "100", 3 }, { "g/ha", 4 } } };
static const struct input_label no_uses_label[] = { { { "水稻", 6 }, { NULL, 0 }, 7, 0, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } } };
static const struct input_label bag_label[] = { { { "水稻", 6 }, { NULL, 0 }, 7, -1, { NULL, 0 }, { "2", 1 }, { "bag/mu", 6 } } };
static const struct input_label large_label[] = { { { "水稻", 6 }, { NULL, 0 }, 7, -1, { "999999999999999999", 18 }, { NULL, 0 }, { "t/mu", 4 } } };
static const struct input_label wide_then_narrow[] = {
        { { "谷物", 6 }, { NULL, 0 }, 60, 1, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } },
        { { "水稻", 6 }, { NULL, 0 }, 7, 1, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } },
};
static const struct input_label unread_label[] = { { { "水稻", 6 }, { NULL, 0 }, 7, -1, { "some", 4 }, { "much", 4 }, { "g/mu", 4 } } };
static const struct input_label strange_label[] = { { { "水稻", 6 }, { NULL, 0 }, 7, -1, { "20", 2 }, { "40", 2 }, { "spoons", 6 } } };
static const struct input_label cabbage_label[] = { { { "结球甘蓝", 12 }, { NULL, 0 }, 7, -1, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } } };

#define LIST(x) x, COUNT(x)
#define NOTHING NULL, 0
static struct input_facts inputs[64];
static size_t n_inputs;

static void add_input(const char *code, const char *category, const struct str *ingredients, size_t n, int days, const struct input_label *labels, size_t n_labels)
{
        inputs[n_inputs++] = (struct input_facts){ .canonical = arena_printf(a, "/input/f/%s", code), .name = str_of(code), .category = str_of(category), .ingredients = ingredients,
                                                   .n_ingredients = n, .interval_days = days, .labels = labels, .n_labels = n_labels };
}

/* In order of their names. */
static void add_inputs(void)
{
        add_input("bags", "pesticide", LIST(buprofezin), -1, LIST(bag_label));
        add_input("banned", "pesticide", LIST(methomyl), 7, NOTHING);
        add_input("blast", "pesticide", LIST(blast), -1, NOTHING);
        add_input("bupro", "pesticide", LIST(buprofezin), -1, NOTHING);
        add_input("cabbage", "pesticide", LIST(buprofezin), -1, LIST(cabbage_label));
        add_input("cabbage7", "pesticide", LIST(buprofezin), 7, LIST(cabbage_label));
        add_input("carbo", "pesticide", LIST(carbofuran), 7, NOTHING);
        add_input("dilution", "pesticide", LIST(buprofezin), -1, LIST(dilution_label));
        add_input("dimetho", "pesticide", LIST(dimethoate), 10, NOTHING);
        add_input("feed", "feed", NOTHING, -1, NOTHING);
        add_input("feed7", "feed", NOTHING, 7, NOTHING);
        add_input("fert", "fertiliser", NOTHING, -1, NOTHING);
        add_input("fifteenth", "pesticide", LIST(buprofezin), -1, LIST(fifteenth_label));
        add_input("fipro", "pesticide", LIST(fipronil), 7, NOTHING);
        add_input("gram", "pesticide", LIST(buprofezin), -1, LIST(gram_label));
        add_input("half", "pesticide", LIST(half_known), -1, NOTHING);
        add_input("hectare", "pesticide", LIST(buprofezin), -1, LIST(hectare_label));
        add_input("label", "pesticide", LIST(buprofezin), 3, LIST(rice_labels));
        add_input("large", "pesticide", LIST(buprofezin), -1, LIST(large_label));
        add_input("later", "pesticide", LIST(later), 7, NOTHING);
        add_input("longban", "pesticide", LIST(long_banned), 7, NOTHING);
        add_input("low", "pesticide", LIST(tricyclazole), -1, NOTHING);
        add_input("minonly", "pesticide", LIST(buprofezin), -1, LIST(min_label));
        add_input("mix", "pesticide", LIST(mixture), -1, NOTHING);
        add_input("narrow", "pesticide", LIST(buprofezin), -1, LIST(wide_then_narrow));
        add_input("noname", "pesticide", LIST(buprofezin), 7, NOTHING);
        inputs[n_inputs - 1].name = STR_NONE;
        add_input("nothing", "other", NOTHING, -1, NOTHING);
        add_input("nouses", "pesticide", LIST(buprofezin), -1, LIST(no_uses_label));
        add_input("old", "pesticide", LIST(old), 7, NOTHING);
        add_input("picrin", "pesticide", LIST(picrin), 7, NOTHING);
        add_input("plain7", "pesticide", NOTHING, 7, NOTHING);
        add_input("seed", "seed", NOTHING, -1, NOTHING);
        add_input("some", "pesticide", LIST(some), 7, NOTHING);
        add_input("strange", "pesticide", LIST(buprofezin), -1, LIST(strange_label));
        add_input("three", "pesticide", LIST(three), -1, NOTHING);
        add_input("unread", "pesticide", LIST(buprofezin), -1, LIST(unread_label));
}

/* ---- acts ---- */

struct did {
        enum act act;
        const char *day, *input, *target, *dose, *uom, *quantity, *quantity_uom, *out, *out_quantity, *out_uom, *area, *clock;
        bool photo, wrong, no_interval_in_event;
        int interval;           /* of the event: 0 none, else days + 1 */
        int hour;
        double lat, accuracy;
        const char *registration, *ingredient, *lot_in;
        bool not_stated;        /* the quantity */
};

struct world { const char *crop; const char *area, *yield; bool photos, plot, no_inputs; const struct did *acts; size_t n; const char *today; };

static struct str z(const char *s) { return s ? str_of(s) : STR_NONE; }

static struct fact_amount *amount(const char *lot, const char *good, const char *q, const char *uom)
{
        struct fact_amount *x = arena_alloc(a, sizeof *x);
        *x = (struct fact_amount){ z(lot), z(good), number(q ? q : ""), z(uom), q != NULL };
        return x;
}

static void fill(struct fact *f, const struct did *d, int64_t seq)
{
        char canonical[80];
        *f = (struct fact){ .act = d->act, .seq = seq, .day = day(d->day), .offset_min = 480, .target = z(d->target), .registration = z(d->registration), .interval_days = d->interval - 1,
                            .dose_uom = z(d->uom), .clock = d->clock, .has_photo = d->photo, .wrong = d->wrong };
        f->time_us = (f->day * INT64_C(24) + d->hour - 8) * INT64_C(3600000000);
        f->dose = number(d->dose ? d->dose : "");
        f->area_mu = number(d->area ? d->area : "");
        if (d->lat)
                f->at = (struct position){ d->lat, 113.0, d->accuracy, true };
        snprintf(canonical, sizeof canonical, "/input/f/%s", d->input ? d->input : "");
        if (d->input && d->act != ACT_HARVEST)
                f->input = arena_str(a, str_of(canonical));
        if (d->quantity) {
                f->in = amount(d->lot_in ? d->lot_in : "/lot/f/X", NULL, d->quantity, d->quantity_uom);
                f->in->stated = !d->not_stated;
                f->n_in = 1;
        }
        if (d->out) {
                f->out = amount(d->out, NULL, d->out_quantity, d->out_uom);
                f->n_out = 1;
        }
        if (d->ingredient) {
                struct str *one = arena_alloc(a, sizeof *one);
                *one = str_of(d->ingredient);
                f->ingredients = one;
                f->n_ingredients = 1;
        }
}

static void begin(struct judging *j, struct season_facts *s, const struct world *w)
{
        static const char square[] = "{\"type\":\"Polygon\",\"coordinates\":[[[112.999,24.999],[113.001,24.999],[113.001,25.001],[112.999,25.001],[112.999,24.999]]]}";
        const struct json *json;
        *s = (struct season_facts){ .org = STR("f"), .code = STR("S1"), .crop = z(w->crop), .area_mu = number(w->area ? w->area : ""), .yield_kg_mu = number(w->yield ? w->yield : ""),
                                    .wants_photos = w->photos, .acts = arena_array(a, struct fact, w->n + 1), .n = w->n };
        if (w->crop)
                s->n_crop_categories = crop_categories(a, s->crop, &s->crop_categories);
        assert_int_equal(json_read(a, square, sizeof square - 1, NULL, &json, NULL), 0);
        if (w->plot)
                s->outline = outline_read(a, json);
        for (size_t i = 0; i < w->n; i++)
                fill(&s->acts[i], &w->acts[i], (int64_t)i + 1);
        *j = (struct judging){ .arena = a, .season = s, .regulation = regulation, .inputs = w->no_inputs ? NULL : inputs, .n_inputs = w->no_inputs ? 0 : n_inputs, .today = day(w->today ? w->today : "2026-12-31") };
}

static struct str list_of(const struct finding *list, size_t n)
{
        struct str s = STR("");
        for (size_t i = 0; i < n; i++)
                s = arena_printf(a, "%.*s%s%s %.*s %s%s", STR_ARG(s), i ? "\n" : "", list[i].rule->name, STR_ARG(list[i].key), severity_name(list[i].severity), list[i].unsure ? "?" : "");
        return s;
}

/* Every finding speaks: in three languages, without a gap, and without a brace left over. */
static void check_words(const struct finding *list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                for (int l = 0; l < LANGS; l++)
                        if (list[i].words[l].n < 20 || memchr(list[i].words[l].p, '{', list[i].words[l].n))
                                fail_msg("%s: %.*s", list[i].rule->name, STR_ARG(list[i].words[l]));
}

struct kase { const char *name; struct world world; const char *want; };

static void judge_kases(const struct kase *list, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                struct judging j;
                struct season_facts s;
                begin(&j, &s, &list[i].world);
                season_judge(&j);
                check_words(j.found, j.n);
                struct str got = list_of(j.found, j.n);
                if (!str_is(got, list[i].want))
                        fail_msg("%s:\n%.*s\nwanted:\n%s", list[i].name, STR_ARG(got), list[i].want);
        }
}
#define ACTS_(...) .acts = (const struct did[]){ __VA_ARGS__ }, .n = sizeof((const struct did[]){ __VA_ARGS__ }) / sizeof(struct did)
#define SPRAY_(d, ...) { .act = ACT_SPRAY, .day = d, .input = __VA_ARGS__ }     /* day, input, more members */
#define HARVEST_(...) { .act = ACT_HARVEST, .day = __VA_ARGS__ }                /* day, more members */

static void interval(void **state)
{
        const struct kase cases[] = {
                { "day d + n is allowed", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "plain7"), HARVEST_("2026-07-08")) }, "" },
                { "the day before is not", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "plain7"), HARVEST_("2026-07-07")) }, "interval 1-2 blocks" },
                { "days are the place's, whatever the hour", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "plain7", .hour = 23), HARVEST_("2026-07-08", .hour = 0)) }, "" },
                { "the same day", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "plain7", .hour = 7), HARVEST_("2026-07-01", .hour = 9)) }, "interval 1-2 blocks" },
                { "a spray after the harvest", { .crop = "水稻", ACTS_(HARVEST_("2026-07-01", .hour = 7), SPRAY_("2026-07-01", "plain7", .hour = 9)) }, "" },
                { "ratoon: the second harvest has its own spray", { .crop = "再生稻", ACTS_(SPRAY_("2026-07-01", "plain7"), HARVEST_("2026-08-01"), SPRAY_("2026-10-01", "plain7"), HARVEST_("2026-10-05")) },
                  "interval 3-4 blocks" },
                { "declared wrong: the spray", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "plain7", .wrong = true), HARVEST_("2026-07-02")) }, "" },
                { "declared wrong: the harvest", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "plain7"), HARVEST_("2026-07-02", .wrong = true)) }, "" },
                { "the label as recorded wins over the label of today", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "plain7", .interval = 4), HARVEST_("2026-07-04")) }, "" },
                { "the label of crop and target wins", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "label", .target = "稻飞虱"), HARVEST_("2026-07-08")) }, "" },
                { "another target of the label", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "label", .target = "纹枯病"), HARVEST_("2026-07-08")) }, "interval 1-2 blocks" },
                { "no target: the strictest of the crop, not of its category", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "label"), HARVEST_("2026-07-15")) }, "" },
                { "the category's label where the crop has none", { .crop = "小麦", ACTS_(SPRAY_("2026-07-01", "label"), HARVEST_("2026-08-29")) }, "interval 1-2 blocks" },
                { "the table where the label says nothing", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "bupro"), HARVEST_("2026-07-14")) }, "interval 1-2 blocks" },
                { "the table, kept", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "bupro"), HARVEST_("2026-07-15")) }, "" },
                { "a range: surely too early", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "blast"), HARVEST_("2026-07-14")) }, "interval 1-2 blocks" },
                { "a range: perhaps too early", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "blast"), HARVEST_("2026-07-15")) }, "interval 1-2 warns?" },
                { "a range: kept", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "blast"), HARVEST_("2026-07-29")) }, "" },
                { "low confidence informs", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "low"), HARVEST_("2026-07-02")) }, "interval 1-2 informs?" },
                { "low confidence, kept", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "low"), HARVEST_("2026-07-22")) }, "" },
                { "a mixture: what is surely so blocks", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "mix"), HARVEST_("2026-07-30")) }, "interval 1-2 blocks" },
                { "a mixture, half of it known", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "half"), HARVEST_("2026-07-30")) }, "interval 1-2 blocks" },
                { "nothing known is said once", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "nothing"), HARVEST_("2026-07-02"), HARVEST_("2026-07-03")) }, "interval 1-2 informs?" },
                { "an input that nobody knows", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", NULL), HARVEST_("2026-07-02")) }, "interval 1-2 informs?" },
                { "a partner's event that says it all", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", NULL, .interval = 8, .ingredient = "噻嗪酮"), HARVEST_("2026-07-02")) }, "interval 1-2 blocks" },
                { "a partner's event with its ingredient", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", NULL, .ingredient = "噻嗪酮"), HARVEST_("2026-07-02")) }, "interval 1-2 blocks" },
                { "fertiliser on the leaves", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "fert"), HARVEST_("2026-07-02")) }, "" },
                { "a pesticide among the fertiliser", { .crop = "水稻", ACTS_({ .act = ACT_FERTILISE, .day = "2026-07-01", .input = "plain7" }, HARVEST_("2026-07-02")) }, "interval 1-2 blocks" },
                { "water is no pesticide", { .crop = "水稻", ACTS_({ .act = ACT_IRRIGATE, .day = "2026-07-01" }, HARVEST_("2026-07-02")) }, "" },
                { "a crop that nobody wrote down", { ACTS_(SPRAY_("2026-07-01", "bupro"), HARVEST_("2026-07-02")) }, "interval 1-2 informs?" },
                { "a pesticide on the seed, with the water, at transplanting", { .crop = "水稻", ACTS_({ .act = ACT_SOW, .day = "2026-07-01", .input = "plain7" }, { .act = ACT_TRANSPLANT, .day = "2026-07-01", .input = "plain7", .hour = 1 },
                                                      { .act = ACT_IRRIGATE, .day = "2026-07-01", .input = "plain7", .hour = 2 }, HARVEST_("2026-07-02")) },
                  "interval 1-4 blocks\ninterval 2-4 blocks\ninterval 3-4 blocks" },
                { "seed and feed are no pesticides", { .crop = "水稻", ACTS_({ .act = ACT_SOW, .day = "2026-07-01", .input = "seed" }, SPRAY_("2026-07-01", "seed"), SPRAY_("2026-07-01", "feed"), HARVEST_("2026-07-02")) }, "" },
                { "feed whose label states an interval", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "feed7"), HARVEST_("2026-07-02")) }, "interval 1-2 blocks" },
                { "a mixture: the longest of its rows, wherever it stands", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "three"), HARVEST_("2026-07-14")) }, "interval 1-2 blocks" },
                { "fertiliser whose record states an interval", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "fert", .interval = 8), HARVEST_("2026-07-02")) }, "interval 1-2 blocks" },
                { "a label without an interval: the table", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "minonly"), HARVEST_("2026-07-14")) }, "interval 1-2 blocks" },
                { "known by its lot alone", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", NULL, .interval = 8, .quantity = "1", .quantity_uom = "KGM"), HARVEST_("2026-07-02")) }, "interval 1-2 blocks" },
                { "an organisation without inputs", { .crop = "水稻", .no_inputs = true, ACTS_(SPRAY_("2026-07-01", "plain7", .interval = 8), HARVEST_("2026-07-02")) }, "interval 1-2 blocks" },
                { "an organisation without inputs, and the record says nothing", { .crop = "水稻", .no_inputs = true, ACTS_(SPRAY_("2026-07-01", "plain7"), HARVEST_("2026-07-02")) }, "interval 1-2 informs?" },
                { "the narrower label of the crop, though it stands last", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "narrow"), HARVEST_("2026-07-08")) }, "" },
                { "the narrower label of the crop, broken", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "narrow"), HARVEST_("2026-07-07")) }, "interval 1-2 blocks" },
                { "an input whose name nobody wrote", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "noname"), HARVEST_("2026-07-02")) }, "interval 1-2 blocks" },
                { "an amount of nothing that has a name", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", NULL, .interval = 8, .quantity = "1", .lot_in = ""), HARVEST_("2026-07-02")) }, "interval 1-2 blocks" },
                { "known by its registration alone", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", NULL, .interval = 8, .registration = "PD1"), HARVEST_("2026-07-02")) }, "interval 1-2 blocks" },
        };
        (void)state;
        judge_kases(cases, COUNT(cases));
}

static void banned_input(void **state)
{
        const struct kase cases[] = {
                { "the day before the ban", { .crop = "水稻", ACTS_(SPRAY_("2026-05-31", "banned")) }, "" },
                { "the day of the ban", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "banned", .hour = 0)) }, "banned-input 1:灭多威 blocks" },
                { "bought before", { .crop = "", ACTS_({ .act = ACT_RECEIVE_INPUT, .day = "2026-05-31", .input = "banned" }) }, "" },
                { "bought after", { .crop = "", ACTS_({ .act = ACT_RECEIVE_INPUT, .day = "2026-06-01", .input = "banned" }) }, "banned-input 1:灭多威 blocks" },
                { "bought, as the event says", { .crop = "", ACTS_({ .act = ACT_RECEIVE_INPUT, .day = "2026-06-01", .ingredient = "methomyl" }) }, "banned-input 1:灭多威 blocks" },
                { "bought, and nobody knows what it is", { .crop = "", ACTS_({ .act = ACT_RECEIVE_INPUT, .day = "2026-06-01" }) }, "" },
                { "bought, wrongly recorded", { .crop = "", ACTS_({ .act = ACT_RECEIVE_INPUT, .day = "2026-06-01", .input = "banned", .wrong = true }) }, "" },
                { "restricted on some crops is bought freely", { .crop = "", ACTS_({ .act = ACT_RECEIVE_INPUT, .day = "2026-06-01", .input = "dimetho" }) }, "" },
                { "highly toxic is judged by use, not by purchase", { .crop = "", ACTS_({ .act = ACT_RECEIVE_INPUT, .day = "2026-05-01", .input = "carbo" }) }, "" },
                { "restricted, another crop", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "dimetho")) }, "" },
                { "restricted on vegetables", { .crop = "高山包菜", ACTS_(SPRAY_("2026-06-01", "dimetho")) }, "banned-input 1:乐果 blocks" },
                { "restricted before its day", { .crop = "高山包菜", ACTS_(SPRAY_("2019-07-31", "dimetho")) }, "" },
                { "restricted until its last day", { .crop = "高山包菜", ACTS_(SPRAY_("2010-12-31", "old")) }, "banned-input 1:旧药 blocks" },
                { "lotus root is a vegetable", { .crop = "莲藕", ACTS_(SPRAY_("2026-06-01", "dimetho")) }, "banned-input 1:乐果 blocks" },
                { "highly toxic on a water plant, without a row", { .crop = "莲藕", ACTS_(SPRAY_("2026-05-31", "carbo")) }, "banned-input 1:克百威 blocks" },
                { "highly toxic by a province's word", { .crop = "莲藕", ACTS_(SPRAY_("2026-05-31", NULL, .interval = 8, .ingredient = "氧乐果")) }, "banned-input 1:氧乐果 blocks" },
                { "highly toxic by nobody's word that was found: informs", { .crop = "结球甘蓝", ACTS_(SPRAY_("2026-05-31", "picrin")) }, "banned-input 1:氯化苦 informs?" },
                { "highly toxic on a water plant, before the law", { .crop = "莲藕", ACTS_(SPRAY_("2017-05-31", "carbo")) }, "" },
                { "highly toxic on rice, before its ban", { .crop = "水稻", ACTS_(SPRAY_("2026-05-31", "carbo")) }, "" },
                { "low confidence informs", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "some")) }, "banned-input 1:某药 informs?" },
                { "an exception informs", { .crop = "玉米", ACTS_(SPRAY_("2026-06-01", "fipro")) }, "banned-input 1:氟虫腈 informs?" },
                { "no exception for rice", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "fipro")) }, "banned-input 1:氟虫腈 blocks" },
                { "a condition informs", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "picrin")) }, "banned-input 1:氯化苦 informs" },
                { "no date known", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "longban")) }, "banned-input 1:久禁药 blocks" },
                { "some crops, and nobody wrote the crop down", { ACTS_(SPRAY_("2026-06-01", "dimetho")) }, "banned-input 1:乐果 informs?" },
                { "some crops once, and nobody wrote the crop down", { ACTS_(SPRAY_("2026-06-01", "old")) }, "" },
                { "some crops later, and nobody wrote the crop down", { ACTS_(SPRAY_("2026-06-01", "later")) }, "" },
                { "wrongly recorded", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "banned", .wrong = true)) }, "" },
                { "several exceptions", { .crop = "花生", ACTS_(SPRAY_("2026-06-01", NULL, .interval = 1, .ingredient = "例外药")) }, "banned-input 1:例外药 informs?" },
                { "restricted within its days, and nobody wrote the crop down", { ACTS_(SPRAY_("2005-06-01", "old")) }, "banned-input 1:旧药 informs?" },
                { "restricted since nobody knows when, and nobody wrote the crop down", { ACTS_(SPRAY_("2026-06-01", NULL, .interval = 8, .ingredient = "无期药")) }, "banned-input 1:无期药 informs?" },
                { "restricted later on, and nobody wrote the crop down", { ACTS_(SPRAY_("2029-12-31", "later")), .today = "2030-12-31" }, "" },
                { "restricted from this day on, and nobody wrote the crop down", { ACTS_(SPRAY_("2030-01-01", "later")), .today = "2030-12-31" }, "banned-input 1:将禁药 informs?" },
                { "not on the label, and the record states an interval", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "cabbage", .interval = 8)) }, "banned-input 1:label informs" },
                { "a label, and nobody wrote the crop down", { ACTS_(SPRAY_("2026-06-01", "cabbage", .interval = 8)) }, "" },
                { "not on the label", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "cabbage")) }, "banned-input 1:label blocks" },
                { "not on the label, which says something for all crops", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "cabbage7")) }, "banned-input 1:label informs" },
                { "on the label under another name", { .crop = "包菜", ACTS_(SPRAY_("2026-06-01", "cabbage")) }, "" },
                { "a partner's event with a banned ingredient", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", NULL, .ingredient = "24%灭多威")) }, "banned-input 1:灭多威 blocks" },
        };
        (void)state;
        judge_kases(cases, COUNT(cases));
}

static void over_use(void **state)
{
        const struct kase cases[] = {
                { "a mixture, as often as the strictest of its rows allows", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "three")) }, "" },
                { "a mixture, once more", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "three"), SPRAY_("2026-06-21", "three")) }, "over-use /input/f/three blocks" },
                { "as often as the label allows", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "label", .target = "稻飞虱"), SPRAY_("2026-06-10", "label", .target = "稻飞虱")) }, "" },
                { "once more", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "label", .target = "稻飞虱"), SPRAY_("2026-06-10", "label", .target = "稻飞虱"),
                                                      SPRAY_("2026-06-20", "plain7"), SPRAY_("2026-06-21", "label", .target = "稻飞虱")) }, "over-use /input/f/label blocks" },
                { "a wrong one does not count", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "label", .target = "稻飞虱"), SPRAY_("2026-06-10", "label", .target = "稻飞虱", .wrong = true),
                                                      SPRAY_("2026-06-21", "label", .target = "稻飞虱")) }, "" },
                { "the table's number", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "bupro"), SPRAY_("2026-06-10", "bupro"), SPRAY_("2026-06-20", "bupro")) }, "over-use /input/f/bupro blocks" },
                { "the table's number of low confidence", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "low"), SPRAY_("2026-06-10", "low"), SPRAY_("2026-06-20", "low")) },
                  "over-use /input/f/low informs?" },
                { "no number known", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "plain7"), SPRAY_("2026-06-10", "plain7"), SPRAY_("2026-06-20", "plain7")) }, "" },
                { "by registration", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", NULL, .registration = "PD1", .ingredient = "噻嗪酮"), SPRAY_("2026-06-10", NULL, .registration = "PD1", .ingredient = "噻嗪酮"),
                                                      SPRAY_("2026-06-20", NULL, .registration = "PD1", .ingredient = "噻嗪酮")) }, "over-use PD1 blocks" },
                { "by an input that is not in the list", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "x", .ingredient = "噻嗪酮"), SPRAY_("2026-06-10", "x", .ingredient = "噻嗪酮"),
                                                      SPRAY_("2026-06-20", "x", .ingredient = "噻嗪酮")) }, "over-use /input/f/x blocks" },
                { "by ingredient", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", NULL, .ingredient = "噻嗪酮"), SPRAY_("2026-06-10", NULL, .ingredient = "噻嗪酮"),
                                                      SPRAY_("2026-06-20", NULL, .ingredient = "噻嗪酮")) }, "over-use 噻嗪酮 blocks" },
                { "another product between does not count", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "label", .target = "稻飞虱"), SPRAY_("2026-06-10", "plain7"), SPRAY_("2026-06-20", "label", .target = "稻飞虱")) }, "" },
                { "twice too often is one alarm, of the last use", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "bupro"), SPRAY_("2026-06-10", "bupro"), SPRAY_("2026-06-20", "bupro"), SPRAY_("2026-06-30", "bupro")) }, "over-use /input/f/bupro blocks" },
                { "after a use of nobody knows what", { .crop = "水稻", ACTS_(SPRAY_("2026-05-01", NULL), SPRAY_("2026-06-01", "bupro"), SPRAY_("2026-06-10", "bupro"), SPRAY_("2026-06-20", "bupro")) }, "over-use /input/f/bupro blocks" },
                { "a label of no uses says no number: the table's", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "nouses"), SPRAY_("2026-06-10", "nouses"), SPRAY_("2026-06-20", "nouses")) }, "over-use /input/f/nouses blocks" },
                { "nothing to tell them apart by", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", NULL), SPRAY_("2026-06-10", NULL), SPRAY_("2026-06-20", NULL)) }, "" },
        };
        (void)state;
        judge_kases(cases, COUNT(cases));
}

#define LABEL_(d, u, ...) SPRAY_("2026-06-01", "label", .target = "稻飞虱", .dose = d, .uom = u, __VA_ARGS__)

static void dose(void **state)
{
        const struct kase cases[] = {
                { "as much as the label says", { .crop = "水稻", ACTS_(LABEL_("50", "mL/mu", )) }, "" },
                { "more", { .crop = "水稻", ACTS_(LABEL_("50.01", "mL/mu", )) }, "dose 1 blocks" },
                { "less", { .crop = "水稻", ACTS_(LABEL_("29.9", "mL/mu", )) }, "dose 1 informs" },
                { "in litres", { .crop = "水稻", ACTS_(LABEL_("0.05", "L/mu", )) }, "" },
                { "in litres, more", { .crop = "水稻", ACTS_(LABEL_("0.051", "LTR", )) }, "dose 1 blocks" },
                { "in Chinese", { .crop = "水稻", ACTS_(LABEL_("51", "毫升/亩", )) }, "dose 1 blocks" },
                { "on a hectare", { .crop = "水稻", ACTS_(LABEL_("750", "mL/ha", )) }, "" },
                { "on a hectare, more", { .crop = "水稻", ACTS_(LABEL_("0.751", "L/公顷", )) }, "dose 1 blocks" },
                { "grams and millilitres cannot be compared", { .crop = "水稻", ACTS_(LABEL_("50", "g/mu", )) }, "dose 1 informs" },
                { "a dilution cannot be compared", { .crop = "水稻", ACTS_(LABEL_("1500", "倍", )) }, "dose 1 informs" },
                { "pieces cannot be compared", { .crop = "水稻", ACTS_(LABEL_("2", "bag", )) }, "dose 1 informs" },
                { "a label in dilutions", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "dilution", .dose = "1000", .uom = "倍液")) }, "dose 1 informs" },
                { "a label in a unit that nobody knows", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "strange", .dose = "30", .uom = "g/mu")) }, "dose 1 informs" },
                { "a label of a hectare", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "hectare", .dose = "20", .uom = "g/mu")) }, "" },
                { "a label of a hectare, more", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "hectare", .dose = "20.1", .uom = "g/mu")) }, "dose 1 blocks" },
                { "in jin", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "gram", .dose = "0.1", .uom = "斤/亩")) }, "dose 1 blocks" },
                { "by quantity and area", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "label", .target = "稻飞虱", .quantity = "500", .quantity_uom = "MLT", .area = "10")) }, "" },
                { "by quantity and the season's area", { .crop = "水稻", .area = "9.9", ACTS_(SPRAY_("2026-06-01", "label", .target = "稻飞虱", .quantity = "0.5", .quantity_uom = "LTR")) },
                  "dose 1 blocks" },
                { "no area", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "label", .target = "稻飞虱", .quantity = "9", .quantity_uom = "LTR")) }, "" },
                { "a unit that nobody knows", { .crop = "水稻", .area = "1", ACTS_(SPRAY_("2026-06-01", "label", .target = "稻飞虱", .dose = "9", .uom = "spoons", .quantity = "9", .quantity_uom = "spoons")) }, "" },
                { "counted", { .crop = "水稻", .area = "1", ACTS_(SPRAY_("2026-06-01", "label", .target = "稻飞虱", .quantity = "9", .quantity_uom = "")) }, "" },
                { "a label whose bounds are no numbers", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "unread", .dose = "900", .uom = "g/mu")) }, "" },
                { "a label with a least dose alone", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "minonly", .dose = "20", .uom = "g/mu")) }, "" },
                { "a label with a least dose alone, less", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "minonly", .dose = "19", .uom = "g/mu")) }, "dose 1 informs" },
                { "a label with a least dose alone, not to be compared", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "minonly", .dose = "19", .uom = "1000倍液")) }, "dose 1 informs" },
                { "in mg/kg, mg/L and percent", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "minonly", .dose = "19", .uom = "mg/kg"), SPRAY_("2026-06-02", "minonly", .dose = "19", .uom = "mg/L"),
                                                      SPRAY_("2026-06-03", "minonly", .dose = "19", .uom = "%")) }, "dose 1 informs\ndose 2 informs\nover-use /input/f/minonly blocks\ndose 3 informs" },
                { "in the label's bags", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "bags", .dose = "2", .uom = "bag/mu")) }, "dose 1 informs" },
                { "diluted, with the number before it", { .crop = "水稻", ACTS_(LABEL_("1500", "1500倍", )) }, "dose 1 informs" },
                { "in the code of a unit that people write otherwise", { .crop = "水稻", ACTS_(LABEL_("51", "MLT/mu", )) }, "dose 1 blocks" },
                { "in the traditional word", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "gram", .dose = "1", .uom = "兩/畝")) }, "dose 1 blocks" },
                { "a hectare's dose that is no whole number a mu, kept", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "fifteenth", .quantity = "0.1", .quantity_uom = "KGM", .area = "15")) }, "" },
                { "the same, as the record's reader reckoned it", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "fifteenth", .quantity = "0.1", .quantity_uom = "KGM", .area = "15", .dose = "0.006667", .uom = "KGM")) }, "" },
                { "the same, more", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "fifteenth", .quantity = "0.1000001", .quantity_uom = "KGM", .area = "15", .dose = "0.006667", .uom = "KGM")) }, "dose 1 blocks" },
                { "a dose that was stated wins over the quantity", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "fifteenth", .quantity = "0.1", .quantity_uom = "KGM", .area = "15", .dose = "7", .uom = "g/mu")) }, "dose 1 blocks" },
                { "a dose in the quantity's unit that was stated wins too", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "fifteenth", .quantity = "0.1", .quantity_uom = "KGM", .area = "15", .dose = "0.007", .uom = "KGM")) }, "dose 1 blocks" },
                { "a quantity that is not stated", { .crop = "水稻", .area = "1", ACTS_(SPRAY_("2026-06-01", "gram", .quantity = "9", .quantity_uom = "KGM", .not_stated = true)) }, "" },
                { "too large for a hectare's fifteenth", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "gram", .dose = "999999999999999999", .uom = "kg/mu")) }, "dose 1 informs" },
                { "a label too large to be reckoned with", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "large", .dose = "1", .uom = "g/mu")) }, "dose 1 informs" },
                { "an area too large to be reckoned with", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "gram", .quantity = "1", .quantity_uom = "KGM", .area = "999999999999999999")) }, "dose 1 informs" },
                { "too large to be reckoned with", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "gram", .dose = "999999999999999999", .uom = "t/mu")) }, "dose 1 informs" },
                { "a label without a dose", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "label", .target = "纹枯病", .dose = "900", .uom = "mL/mu")) }, "" },
                { "no label", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "plain7", .dose = "900", .uom = "mL/mu")) }, "" },
        };
        (void)state;
        judge_kases(cases, COUNT(cases));
}

static void order_of_time(void **state)
{
        const struct kase cases[] = {
                { "as it should be", { .crop = "水稻", ACTS_({ .act = ACT_SOW, .day = "2026-03-01" }, { .act = ACT_TRANSPLANT, .day = "2026-04-01" }, { .act = ACT_WEED, .day = "2026-05-01" },
                                                       HARVEST_("2026-07-01"), { .act = ACT_CLEAR, .day = "2026-08-01" }) }, "" },
                { "harvested before sown", { .crop = "水稻", ACTS_(HARVEST_("2026-02-28"), { .act = ACT_SOW, .day = "2026-03-01" }) }, "order-of-time 1:before-sowing warns" },
                { "transplanted before sown", { .crop = "水稻", ACTS_({ .act = ACT_TRANSPLANT, .day = "2026-02-28" }, { .act = ACT_SOW, .day = "2026-03-01" }) },
                  "order-of-time 1:before-sowing warns" },
                { "worked after clearing", { .crop = "水稻", ACTS_({ .act = ACT_CLEAR, .day = "2026-08-01" }, { .act = ACT_WEED, .day = "2026-08-02" }) }, "order-of-time 2:after-clearing warns" },
                { "the day of clearing", { .crop = "水稻", ACTS_({ .act = ACT_CLEAR, .day = "2026-08-01" }, { .act = ACT_WEED, .day = "2026-08-01", .hour = 20 }) }, "" },
                { "tomorrow", { .crop = "水稻", .today = "2026-05-01", ACTS_({ .act = ACT_WEED, .day = "2026-05-02" }) }, "order-of-time 1:future warns" },
                { "each act on the crop after clearing", { .crop = "水稻", ACTS_({ .act = ACT_CLEAR, .day = "2026-08-01" }, { .act = ACT_FERTILISE, .day = "2026-08-02" }, { .act = ACT_IRRIGATE, .day = "2026-08-03" },
                                                       { .act = ACT_PRUNE, .day = "2026-08-04" }, { .act = ACT_GROWTH, .day = "2026-08-05" }, { .act = ACT_SOW, .day = "2026-08-06" }) },
                  "order-of-time 2:after-clearing warns\norder-of-time 3:after-clearing warns\norder-of-time 4:after-clearing warns\norder-of-time 5:after-clearing warns" },
                { "transplanted without a sowing", { .crop = "水稻", ACTS_({ .act = ACT_TRANSPLANT, .day = "2026-08-01" }) }, "" },
                { "wrongly recorded", { .crop = "水稻", ACTS_(HARVEST_("2026-02-28", .wrong = true), { .act = ACT_SOW, .day = "2026-03-01" }) }, "" },
        };
        (void)state;
        judge_kases(cases, COUNT(cases));
}

static void balance(void **state)
{
        const struct kase cases[] = {
                { "no yield known", { .crop = "水稻", .area = "10", ACTS_(HARVEST_("2026-08-01", .out = "/lot/f/A", .out_quantity = "90000", .out_uom = "KGM")) }, "" },
                { "no area known", { .crop = "水稻", .yield = "800", ACTS_(HARVEST_("2026-08-01", .out = "/lot/f/A", .out_quantity = "90000", .out_uom = "KGM")) }, "" },
                { "as much as it can bear", { .crop = "水稻", .area = "10", .yield = "800", ACTS_(HARVEST_("2026-08-01", .out = "/lot/f/A", .out_quantity = "8", .out_uom = "TNE")) }, "" },
                { "more than it can bear, in two harvests", { .crop = "水稻", .area = "10", .yield = "800", ACTS_(HARVEST_("2026-08-01", .out = "/lot/f/A", .out_quantity = "5000", .out_uom = "KGM"),
                                                       HARVEST_("2026-10-01", .out = "/lot/f/B", .out_quantity = "3000.5", .out_uom = "KGM")) }, "balance yield warns" },
                { "more than it can bear, in jin", { .crop = "水稻", .area = "10", .yield = "800", ACTS_(HARVEST_("2026-08-01", .out = "/lot/f/A", .out_quantity = "16001", .out_uom = "jin")) }, "balance yield warns" },
                { "counted harvests are not weighed", { .crop = "水稻", .area = "1", .yield = "1", ACTS_(HARVEST_("2026-08-01", .out = "/lot/f/A", .out_quantity = "50", .out_uom = "XBG")) }, "" },
                { "a harvest that states no quantity, and one in litres", { .crop = "水稻", .area = "1", .yield = "1", ACTS_(HARVEST_("2026-07-01"), HARVEST_("2026-07-02", .out = "/lot/f/A", .out_quantity = "5", .out_uom = "LTR"),
                                                       HARVEST_("2026-07-03", .out = "/lot/f/B", .out_quantity = "5", .out_uom = "KGM", .wrong = true)) }, "" },
                { "more than it can bear, after other acts and harvests that are not weighed", { .crop = "水稻", .area = "10", .yield = "800", ACTS_({ .act = ACT_WEED, .day = "2026-06-01" }, HARVEST_("2026-07-01", .out = "/lot/f/A", .out_quantity = "50", .out_uom = "XBG"),
                                                       HARVEST_("2026-08-01", .out = "/lot/f/A", .out_quantity = "8001", .out_uom = "KGM")) }, "balance yield warns" },
                { "harvests whose sum is too large to be reckoned with: the others are weighed", { .crop = "水稻", .area = "1", .yield = "1", ACTS_(HARVEST_("2026-07-01", .out = "/lot/f/A", .out_quantity = "999999999999999999", .out_uom = "KGM"),
                                                       HARVEST_("2026-07-02", .out = "/lot/f/B", .out_quantity = "1", .out_uom = "KGM")) }, "balance yield warns" },
                { "an area and a yield too large to be reckoned with", { .crop = "水稻", .area = "999999999999999999", .yield = "999999999999999999", ACTS_(HARVEST_("2026-07-02", .out = "/lot/f/A", .out_quantity = "5", .out_uom = "KGM")) }, "" },
        };
        (void)state;
        judge_kases(cases, COUNT(cases));
}

static void place_evidence_clock(void **state)
{
        const struct kase cases[] = {
                { "within the plot", { .crop = "水稻", .plot = true, ACTS_({ .act = ACT_WEED, .day = "2026-05-01", .lat = 25.0005, .accuracy = 5 }) }, "" },
                { "outside, within the accuracy", { .crop = "水稻", .plot = true, ACTS_({ .act = ACT_WEED, .day = "2026-05-01", .lat = 25.0012, .accuracy = 30 }) }, "" },
                { "outside by more", { .crop = "水稻", .plot = true, ACTS_({ .act = ACT_WEED, .day = "2026-05-01", .lat = 25.0012, .accuracy = 20 }) }, "place 1 warns" },
                { "a plot without an outline", { .crop = "水稻", ACTS_({ .act = ACT_WEED, .day = "2026-05-01", .lat = 26, .accuracy = 20 }) }, "" },
                { "no position", { .crop = "水稻", .plot = true, ACTS_({ .act = ACT_WEED, .day = "2026-05-01" }) }, "" },
                { "packed in the shed", { .crop = "水稻", .plot = true, ACTS_({ .act = ACT_PACK, .day = "2026-05-01", .lat = 26, .accuracy = 20 }) }, "" },
                { "another act of the season elsewhere", { .crop = "水稻", .plot = true, ACTS_({ .act = ACT_OTHER, .day = "2026-05-01", .lat = 26, .accuracy = 20 }) }, "" },
                { "elsewhere, after an act without a position", { .crop = "水稻", .plot = true, ACTS_({ .act = ACT_WEED, .day = "2026-05-01" }, { .act = ACT_WEED, .day = "2026-05-02", .lat = 26, .accuracy = 20 }) }, "place 2 warns" },
                { "within the plot, to the point", { .crop = "水稻", .plot = true, ACTS_({ .act = ACT_WEED, .day = "2026-05-01", .lat = 25.0005, .accuracy = 0 }) }, "" },
                { "sown and harvested elsewhere", { .crop = "水稻", .plot = true, ACTS_({ .act = ACT_SOW, .day = "2026-05-01", .lat = 26, .accuracy = 20 }, HARVEST_("2026-08-01", .lat = 26, .accuracy = 20)) }, "place 1 warns\nplace 2 warns" },
                { "cleared elsewhere", { .crop = "水稻", .plot = true, ACTS_({ .act = ACT_CLEAR, .day = "2026-05-01", .lat = 26, .accuracy = 20 }) }, "place 1 warns" },
                { "elsewhere, wrongly recorded", { .crop = "水稻", .plot = true, ACTS_({ .act = ACT_WEED, .day = "2026-05-01", .lat = 26, .accuracy = 20, .wrong = true }) }, "" },
                { "photos promised and there", { .crop = "水稻", .photos = true, ACTS_(SPRAY_("2026-05-01", "plain7", .photo = true), { .act = ACT_WEED, .day = "2026-05-02" }, HARVEST_("2026-06-01", .photo = true)) }, "" },
                { "photos promised", { .crop = "水稻", .photos = true, ACTS_(SPRAY_("2026-05-01", "plain7"), HARVEST_("2026-06-01")) }, "evidence-gap 1 warns\nevidence-gap 2 warns" },
                { "photos promised, wrongly recorded", { .crop = "水稻", .photos = true, ACTS_(HARVEST_("2026-06-01", .wrong = true)) }, "" },
                { "photos not promised", { .crop = "水稻", ACTS_(HARVEST_("2026-06-01")) }, "" },
                { "clock impossible", { .crop = "水稻", ACTS_(HARVEST_("2026-06-01", .clock = "impossible")) }, "clock 1 warns" },
                { "of one moment: by the records' numbers, then in the order of the rules, then by key",
                  { .crop = "水稻", .today = "2026-05-01", ACTS_({ .act = ACT_WEED, .day = "2026-06-01", .clock = "impossible" }, SPRAY_("2026-06-01", "banned"), { .act = ACT_CLEAR, .day = "2026-05-01" }) },
                  "order-of-time 1:after-clearing warns\norder-of-time 1:future warns\nclock 1 warns\nbanned-input 2:灭多威 blocks\norder-of-time 2:after-clearing warns\norder-of-time 2:future warns" },
                { "clock unproven", { .crop = "水稻", ACTS_(HARVEST_("2026-06-01", .clock = "unproven")) }, "" },
                { "clock impossible, wrongly recorded", { .crop = "水稻", ACTS_(HARVEST_("2026-06-01", .clock = "impossible", .wrong = true)) }, "" },
        };
        (void)state;
        judge_kases(cases, COUNT(cases));
}

/* ---- may I? ---- */

struct asked { const char *name; struct world world; struct did act; int allowed; const char *from, *want; };

static void advice(void **state)
{
        const struct asked cases[] = {
                { "harvest, nothing was sprayed", { .crop = "水稻", .n = 0 }, HARVEST_("2026-07-01"), 1, "", "" },
                { "harvest too early", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "plain7")) }, HARVEST_("2026-07-07"), 0, "2026-07-08", "interval 1-0 blocks" },
                { "harvest on the day", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "plain7")) }, HARVEST_("2026-07-08"), 1, "2026-07-08", "" },
                { "harvest: the last of several sprays decides", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "bupro"), SPRAY_("2026-07-03", "plain7")) }, HARVEST_("2026-07-10"), 0, "2026-07-15",
                  "interval 1-0 blocks" },
                { "harvest: low confidence is unknown", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "low")) }, HARVEST_("2026-07-10"), -1, "2026-07-22", "interval 1-0 informs?" },
                { "harvest: low confidence stays unknown", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "low")) }, HARVEST_("2026-08-10"), -1, "2026-07-22", "interval 1-0 informs?" },
                { "harvest: nothing known is unknown", { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "nothing"), HARVEST_("2026-07-02")) }, HARVEST_("2026-08-10"), -1, "", "interval 1-0 informs?" },
                { "harvest after a banned use", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "banned")) }, HARVEST_("2026-08-10"), 0, "", "banned-input 1:灭多威 blocks" },
                { "harvest after one use too many", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "bupro"), SPRAY_("2026-06-02", "bupro"), SPRAY_("2026-06-03", "bupro")) }, HARVEST_("2026-08-10"), 0, "", "over-use /input/f/bupro blocks" },
                { "harvest after too high a dose", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "gram", .dose = "41", .uom = "g/mu")) }, HARVEST_("2026-08-10"), 0, "", "dose 1 blocks" },
                { "harvest after too low a dose", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "gram", .dose = "19", .uom = "g/mu")) }, HARVEST_("2026-08-10"), 1, "2026-06-08", "" },
                { "harvest before the banned use", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "banned")) }, HARVEST_("2026-05-10"), 1, "", "" },
                { "harvest after too early a harvest", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "plain7"), HARVEST_("2026-06-02")) }, HARVEST_("2026-08-10"), 1, "2026-06-08", "" },
                { "harvest without a photo yet", { .crop = "水稻", .photos = true, .n = 0 }, HARVEST_("2026-07-01"), 1, "", "" },
                { "harvest before sowing", { .crop = "水稻", ACTS_({ .act = ACT_SOW, .day = "2026-08-01" }) }, HARVEST_("2026-07-01"), 1, "", "order-of-time 0:before-sowing warns" },
                { "harvest in the future is no fault", { .crop = "水稻", .today = "2026-05-01", .n = 0 }, HARVEST_("2026-07-01"), 1, "", "" },
                { "spray, and when to harvest", { .crop = "水稻", .n = 0 }, SPRAY_("2026-07-01", "plain7"), 1, "", "interval 0 informs" },
                { "spray what is banned", { .crop = "水稻", .n = 0 }, SPRAY_("2026-06-01", "banned"), 0, "", "banned-input 0:灭多威 blocks\ninterval 0 informs" },
                { "spray what will be banned", { .crop = "水稻", .n = 0 }, SPRAY_("2026-05-31", "banned"), 1, "", "interval 0 informs" },
                { "spray what is banned on vegetables", { .crop = "莲藕", .n = 0 }, SPRAY_("2026-06-01", "dimetho"), 0, "", "banned-input 0:乐果 blocks\ninterval 0 informs" },
                { "spray what nobody knows", { .crop = "水稻", .n = 0 }, SPRAY_("2026-07-01", "nothing"), -1, "", "interval 0 informs?" },
                { "spray, low confidence", { .crop = "水稻", .n = 0 }, SPRAY_("2026-07-01", "low"), -1, "", "interval 0 informs?" },
                { "spray once too often", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "label", .target = "稻飞虱"), SPRAY_("2026-06-10", "label", .target = "稻飞虱")) },
                  SPRAY_("2026-06-20", "label", .target = "稻飞虱"), 0, "", "over-use /input/f/label blocks\ninterval 0 informs" },
                { "spray once too often, in between", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "label", .target = "稻飞虱"), SPRAY_("2026-06-10", "label", .target = "稻飞虱")) },
                  SPRAY_("2026-06-05", "label", .target = "稻飞虱"), 0, "", "over-use /input/f/label blocks\ninterval 0 informs" },
                { "spray before a harvest that was", { .crop = "水稻", ACTS_(HARVEST_("2026-07-03")) }, SPRAY_("2026-07-01", "plain7"), 0, "", "interval 0-1 blocks\ninterval 0 informs" },
                { "spray fertiliser", { .crop = "水稻", .n = 0 }, SPRAY_("2026-07-01", "fert"), 1, "", "" },
                { "spray what is not on the label", { .crop = "水稻", .n = 0 }, SPRAY_("2026-07-01", "cabbage"), 0, "", "banned-input 0:label blocks\ninterval 0 informs" },
                { "another's banned use does not forbid a spray", { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "banned")) }, SPRAY_("2026-07-01", "plain7"), 1, "", "interval 0 informs" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                struct judging j;
                struct season_facts s;
                struct fact f;
                struct advice x;
                begin(&j, &s, &cases[i].world);
                fill(&f, &cases[i].act, 77);
                f.clock = "impossible";
                season_advise(&j, &f, &x);
                check_words(x.findings, x.n);
                assert_ptr_equal(j.season, &s);
                for (size_t k = 0; k < x.n; k++)
                        assert_true(x.findings[k].seq != 77);
                struct str got = list_of(x.findings, x.n), from = x.from_day ? day_text(a, x.from_day) : STR("");
                if (x.allowed != cases[i].allowed || !str_is(from, cases[i].from) || !str_is(got, cases[i].want))
                        fail_msg("%s: %d %.*s\n%.*s", cases[i].name, x.allowed, STR_ARG(from), STR_ARG(got));
        }
}

static void a_decision_no_longer_stands_in_the_way(void **state)
{
        const struct settled settled[] = { { STR("banned-input"), STR("1:灭多威") }, { STR("interval"), STR("1:灭多威") }, { STR("banned-input"), STR("2:灭多威") } };
        const struct world w = { .crop = "水稻", ACTS_(SPRAY_("2026-06-01", "banned")) };
        const struct did asked = HARVEST_("2026-08-10");
        (void)state;
        for (size_t from = 0; from < COUNT(settled); from++) {
                struct judging j;
                struct season_facts s;
                struct fact f;
                struct advice x;
                begin(&j, &s, &w);
                fill(&f, &asked, 0);
                j.settled = settled + from;
                j.n_settled = 1;
                season_advise(&j, &f, &x);
                assert_int_equal(x.allowed, from == 0);
        }
}

static void words_say_what_why_and_what_to_do(void **state)
{
        const struct world w = { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "plain7")) };
        const struct did asked = HARVEST_("2026-07-05");
        struct judging j;
        struct season_facts s;
        struct fact f;
        struct advice x;
        (void)state;
        begin(&j, &s, &w);
        fill(&f, &asked, 0);
        season_advise(&j, &f, &x);
        assert_int_equal(x.n, 1);
        assert_str(x.findings[0].words[LANG_HANS], "2026-07-01 施用plain7，安全间隔期 7 天（依据：农药标签）。施药后第 7 天起可采：2026-07-08 起。请等到那天再采收。");
        assert_str(x.findings[0].words[LANG_EN], "plain7 was used on 2026-07-01; the interval before harvest is 7 days (the product's label). Harvest from day 7 after the use: from 2026-07-08 on. Wait until then.");
        assert_int_equal(x.findings[0].from_day, day("2026-07-08"));
}

static void a_dose_is_told_in_the_units_of_its_reader(void **state)
{
        static const struct { struct did did; const char *hans, *hant, *en; } cases[] = {
                { SPRAY_("2026-06-01", "minonly", .dose = "19", .uom = "g/mu"), "用量 19 克/亩，低于标签的 20 克/亩，", "用量 19 克/畝，低於標籤的 20 克/畝，", "at 19 g/mu, less than the label's 20 g/mu;" },
                { SPRAY_("2026-06-01", "minonly", .dose = "0.3", .uom = "两"), "用量 0.3 两/亩，低于", "用量 0.3 兩/畝，低於", "at 0.3 liang (50 g)/mu, less" },
                { SPRAY_("2026-06-01", "minonly", .quantity = "0.26", .quantity_uom = "KGM", .area = "30.35"), "用量 0.26 公斤 ÷ 30.35 亩 ≈ 8.57 克/亩，低于标签的 20 克/亩，",
                  "用量 0.26 公斤 ÷ 30.35 畝 ≈ 8.57 克/畝，", "at 0.26 kg ÷ 30.35 mu ≈ 8.57 g/mu, less" },
                { SPRAY_("2026-06-01", "hectare", .quantity = "1", .quantity_uom = "KGM", .area = "10"), "用量 1 公斤 ÷ 10 亩 ≈ 1500 克/公顷，高于标签的 ", "≈ 1500 克/公頃，高於", "at 1 kg ÷ 10 mu ≈ 1500 g/ha, more" },
                { SPRAY_("2026-06-01", "minonly", .quantity = "200", .quantity_uom = "MLT", .area = "10"), "记为 200 毫升 ÷ 10 亩，标签写的是 20 克/亩，", "記為 200 毫升 ÷ 10 畝，", "recorded as 200 mL ÷ 10 mu and" },
                { SPRAY_("2026-06-01", "minonly", .dose = "1500", .uom = "倍"), "记为 1500 倍，标签", "記為 1500 倍，", "recorded as 1500 倍 and" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                const struct world w = { .crop = "水稻", .acts = &cases[i].did, .n = 1 };
                struct judging j;
                struct season_facts s;
                begin(&j, &s, &w);
                season_judge(&j);
                const struct finding *f = j.found;
                while (f < j.found + j.n && f->rule != &rule_dose)
                        f++;
                assert_true(f < j.found + j.n);
                for (int l = 0; l < LANGS; l++) {
                        const char *wanted = l == LANG_HANS ? cases[i].hans : l == LANG_HANT ? cases[i].hant : cases[i].en;
                        if (!memmem(f->words[l].p, f->words[l].n, wanted, strlen(wanted)))
                                fail_msg("%s is not in: %.*s", wanted, STR_ARG(f->words[l]));
                }
        }
}

static void words_name_the_crop_or_that_nobody_did(void **state)
{
        static const struct { const char *crop, *words; } cases[] = {
                { "水稻", "2026-07-01 施用nothing，没有找到它在水稻上的安全间隔期，不能判断 2026-07-02 是否可采。请核对产品标签，填入间隔期。" },
                { NULL, "2026-07-01 施用nothing，没有找到它在未写明的作物上的安全间隔期，不能判断 2026-07-02 是否可采。请核对产品标签，填入间隔期。" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                const struct world w = { .crop = cases[i].crop, ACTS_(SPRAY_("2026-07-01", "nothing"), HARVEST_("2026-07-02")) };
                struct judging j;
                struct season_facts s;
                begin(&j, &s, &w);
                season_judge(&j);
                assert_int_equal(j.n, 1);
                assert_str(j.found[0].words[LANG_HANS], cases[i].words);
        }
}

static void words_of_a_row_without_a_source(void **state)
{
        const struct world w = { .crop = "水稻", ACTS_(SPRAY_("2026-07-01", "longban")) };
        struct judging j;
        struct season_facts s;
        (void)state;
        begin(&j, &s, &w);
        season_judge(&j);
        assert_int_equal(j.n, 1);
        assert_str(j.found[0].words[LANG_HANS], "2026-07-01 施用的longban含久禁药，自 日期不详 起禁止使用（依据：—，可信度中）。请停用并封存余药，扣留这一茬的产品，报告监管机构。");
}

static void findings_are_bounded(void **state)
{
        struct did *acts = arena_array(a, struct did, LIMIT_FINDINGS + 2);
        struct judging j;
        struct season_facts s;
        (void)state;
        for (size_t more = 0; more < 2; more++) {
                for (size_t i = 0; i < LIMIT_FINDINGS + more; i++)
                        acts[i] = (struct did){ .act = ACT_WEED, .day = "2026-05-01", .clock = "impossible" };
                const struct world w = { .crop = "水稻", .acts = acts, .n = LIMIT_FINDINGS + more };
                begin(&j, &s, &w);
                season_judge(&j);
                assert_int_equal(j.n, LIMIT_FINDINGS);
        }
}

static void rules_by_name(void **state)
{
        (void)state;
        for (size_t i = 0; i < n_rules; i++)
                assert_ptr_equal(rule_of_name(str_of(rules[i]->name)), rules[i]);
        assert_null(rule_of_name(STR("no-rule")));
        for (size_t i = 1; i < n_inputs; i++)
                assert_true(str_cmp(inputs[i - 1].canonical, inputs[i].canonical) < 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(interval),
                cmocka_unit_test(banned_input),
                cmocka_unit_test(over_use),
                cmocka_unit_test(dose),
                cmocka_unit_test(order_of_time),
                cmocka_unit_test(balance),
                cmocka_unit_test(place_evidence_clock),
                cmocka_unit_test(advice),
                cmocka_unit_test(a_decision_no_longer_stands_in_the_way),
                cmocka_unit_test(words_say_what_why_and_what_to_do),
                cmocka_unit_test(a_dose_is_told_in_the_units_of_its_reader),
                cmocka_unit_test(words_name_the_crop_or_that_nobody_did),
                cmocka_unit_test(words_of_a_row_without_a_source),
                cmocka_unit_test(findings_are_bounded),
                cmocka_unit_test(rules_by_name),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
