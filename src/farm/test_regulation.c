#include "farm/regulation.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/test.h"

static struct arena *a;

static int setup(void **state) { (void)state; a = arena_new(); return 0; }
static int teardown(void **state) { (void)state; arena_free(a); return 0; }

static int day(const char *z)
{
        int d = 0;
        assert_true(day_read(str_of(z), &d));
        return d;
}

static const struct regulation *regulation_from(const char *text)
{
        struct regulation_file f;
        struct err e = { 0 };
        assert_int_equal(regulation_read(a, str_of(text), &f, &e), 0);
        assert_int_equal(f.n_refused, 0);
        return regulation_of(a, f.rows, f.n);
}

static const struct str lotus[] = { { "莲藕", 6 }, { "水生类蔬菜", 15 }, { "蔬菜", 6 } };
static const struct str rice[] = { { "再生稻", 9 }, { "水稻", 6 }, { "谷物", 6 } };
static const struct str maize[] = { { "玉米", 6 }, { "谷物", 6 } };
static const struct str cherry[] = { { "樱桃番茄", 12 }, { "番茄", 6 }, { "茄果类蔬菜", 15 }, { "蔬菜", 6 } };
static const struct str aubergine[] = { { "茄子", 6 }, { "茄果类蔬菜", 15 }, { "蔬菜", 6 } };
static const struct str pepper[] = { { "辣椒", 6 }, { "茄果类蔬菜", 15 }, { "蔬菜", 6 } };
#define CROP(c) c, COUNT(c)

#define BAN_HEAD "name_zh,name_en,status,scope,effective_from,effective_to,source,confidence,note\n"

static enum ban_holds holds(const struct regulation *r, const char *substance, const struct str *crop, size_t n, const char *when)
{
        const struct ban *b;
        size_t count = regulation_bans(r, str_of(substance), &b);
        enum ban_holds most = BAN_NOT;
        for (size_t i = 0; i < count; i++) {
                enum ban_holds h = ban_judge(&b[i], crop, n, day(when));
                most = h > most ? h : most;
        }
        return most;
}

static void a_ban_is_judged_by_the_day_and_by_the_crop(void **state)
{
        const struct regulation *r = regulation_from(BAN_HEAD
                "氧乐果,omethoate,banned,全部,2026-06-01,,公告 736,high,\n"
                "氧乐果,omethoate,restricted,蔬菜;瓜果;茶叶;菌类;中草药材,2002-06-05,,公告 194,medium,\n"
                "毒死蜱,chlorpyrifos,restricted,蔬菜,2016-12-31,,公告 2032,medium,\n"
                "氟虫腈,fipronil,restricted,所有农作物(玉米等部分旱田种子包衣除外),2009-10-01,,公告 1157,high,\n"
                "磷化铝,aluminium phosphide,restricted,限定点经营/专业施用,2017-10-01,,公告 2567,high,\n"
                "\"2,4-滴丁酯\",\"2,4-D butyl\",banned,全部,,,memory,medium,\n"
                "某旧药,,banned,全部,2000-01-01,2010-12-31,old,high,\n"
                "宽括号药,,restricted,所有农作物（玉米等种子包衣除外）,,,x,high,\n"
                "种子药,,restricted,所有农作物(玉米种子除外),,,x,high,\n"
                "施用药,,restricted,专业施用,,,x,high,\n"
                "(RS)-某药,,banned,全部,,,x,high,\n"
                "一日药,,banned,全部,2026-06-01,2026-06-01,x,high,\n"
                "本名药,,restricted,再生稻,,,x,high,\n"
                "某药50,,banned,全部,,,x,high,\n");
        static const struct { const char *substance; const struct str *crop; size_t n; const char *day; enum ban_holds want; } cases[] = {
                { "氧乐果", CROP(rice), "2026-05-31", BAN_NOT },
                { "氧乐果", CROP(rice), "2026-06-01", BAN_HOLDS },
                { "氧乐果", CROP(lotus), "2026-05-31", BAN_HOLDS },             /* a vegetable that grows in water is a vegetable */
                { "40% 氧乐果", CROP(rice), "2026-06-01", BAN_HOLDS },
                { "氧乐果(40%)", CROP(rice), "2026-06-01", BAN_HOLDS },
                { "氧乐果 40%", CROP(rice), "2026-06-01", BAN_HOLDS },
                { "Omethoate", CROP(rice), "2026-06-01", BAN_HOLDS },
                { "毒死蜱", CROP(rice), "2026-06-01", BAN_NOT },
                { "毒死蜱", CROP(pepper), "2016-12-30", BAN_NOT },
                { "毒死蜱", CROP(pepper), "2016-12-31", BAN_HOLDS },
                { "氟虫腈", CROP(rice), "2026-06-01", BAN_HOLDS },
                { "氟虫腈", CROP(maize), "2026-06-01", BAN_EXCEPTED },
                { "磷化铝", CROP(rice), "2026-06-01", BAN_CONDITION },
                { "2,4-滴丁酯", CROP(rice), "1990-01-01", BAN_HOLDS },          /* no date known: in force */
                { "宽括号药", CROP(rice), "2026-06-01", BAN_HOLDS },
                { "宽括号药", CROP(maize), "2026-06-01", BAN_EXCEPTED },
                { "种子药", CROP(maize), "2026-06-01", BAN_HOLDS },             /* its seed is not the crop */
                { "施用药", CROP(rice), "2026-06-01", BAN_CONDITION },
                { "(RS)-某药", CROP(rice), "2026-06-01", BAN_HOLDS },           /* a bracket that the name begins with is part of it */
                { "某药50", CROP(rice), "2026-06-01", BAN_HOLDS },              /* a number without a percent sign too */
                { "40%", CROP(rice), "2026-06-01", BAN_NOT },
                { "", CROP(rice), "2026-06-01", BAN_NOT },
                { "40.5% 氧乐果", CROP(rice), "2026-06-01", BAN_HOLDS },
                { "99% 氧乐果", CROP(rice), "2026-06-01", BAN_HOLDS },
                { "一日药", CROP(rice), "2026-05-31", BAN_NOT },
                { "一日药", CROP(rice), "2026-06-01", BAN_HOLDS },
                { "一日药", CROP(rice), "2026-06-02", BAN_NOT },
                { "本名药", CROP(rice), "2026-06-01", BAN_HOLDS },              /* by the crop's own name */
                { "本名药", CROP(maize), "2026-06-01", BAN_NOT },
                { "氧乐果40.5%", CROP(rice), "2026-06-01", BAN_HOLDS },
                { "2,4-D butyl", NULL, 0, "2026-01-01", BAN_HOLDS },
                { "某旧药", CROP(rice), "2010-12-31", BAN_HOLDS },
                { "某旧药", CROP(rice), "2011-01-01", BAN_NOT },
                { "吡虫啉", CROP(rice), "2026-06-01", BAN_NOT },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++)
                if (holds(r, cases[i].substance, cases[i].crop, cases[i].n, cases[i].day) != cases[i].want)
                        fail_msg("%s on %s", cases[i].substance, cases[i].day);
}

static void the_item_then_the_narrowest_category_without_it_then_nothing(void **state)
{
        const struct regulation *r = regulation_from("substance_zh,substance_en,commodity_zh,match_level,category_exceptions,limit,unit,standard,effective_from,effective_to,confidence\n"
                "啶虫脒,acetamiprid,茄果类蔬菜,category,番茄、茄子、甜椒,0.2,mg/kg,GB 2763-2026,2026-03-01,,high\n"
                "啶虫脒,acetamiprid,番茄,item,,1,mg/kg,GB 2763-2026,2026-03-01,,medium\n"
                "啶虫脒,acetamiprid,番茄,item,,2,mg/kg,GB 2763-2021,2021-09-03,2026-02-28,high\n"
                "啶虫脒,acetamiprid,蔬菜,category,茄子,5,mg/kg,GB 2763-2026,2026-03-01,,high\n"
                "镉,cadmium,稻谷、糙米、大米,item,,0.2,mg/kg,GB 2762-2025,2026-09-02,,medium\n"
                "甲,,蔬菜,category,,3,mg/kg,s,,,high\n"
                "甲,,番茄,category,,4,mg/kg,s1,,,high\n"
                "甲,,番茄,item,,5,mg/kg,s2,,,low\n"
                "甲,,番茄,category,,6,mg/kg,s3,,,high\n"
                "甲,,番茄,item,,7,mg/kg,s4,,,medium\n"
                "甲,,番茄,item,,8,mg/kg,s5,,,medium\n"
                "甲,,茄果类蔬菜,category,,9,mg/kg,s,,,high\n");
        static const struct str brown[] = { { "糙米", 6 } };
        static const struct { const char *substance; const struct str *crop; size_t n; const char *day, *want; } cases[] = {
                { "啶虫脒", CROP(pepper), "2026-07-01", "0.2" },                /* by its category */
                { "啶虫脒", CROP(cherry), "2026-07-01", "1" },                  /* the item's own, not its category's */
                { "啶虫脒", CROP(cherry), "2026-02-28", "2" },                  /* the edition of the day */
                { "啶虫脒", CROP(aubergine), "2026-07-01", NULL },              /* excepted twice, no row of its own: no limit is set */
                { "啶虫脒", CROP(lotus), "2026-07-01", "5" },
                { "啶虫脒", CROP(rice), "2026-07-01", NULL },
                { "acetamiprid", CROP(pepper), "2026-07-01", "0.2" },
                { "镉", CROP(brown), "2026-09-02", "0.2" },
                { "甲", CROP(lotus), "2026-09-02", "3" },
                { "甲", CROP(pepper), "2026-09-02", "9" },                      /* the narrower category, whatever stands before it */
                { "甲", CROP(cherry), "2026-09-02", "7" },                      /* of a name's rows the item's; of those the best known, of two alike the first */
                { "镉", CROP(brown), "2026-09-01", NULL },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                const struct residue_limit *x = regulation_limit(r, str_of(cases[i].substance), cases[i].crop, cases[i].n, day(cases[i].day));
                if (!x != !cases[i].want || (x && !str_is(x->limit, cases[i].want)))
                        fail_msg("%s on %s: %.*s", cases[i].substance, cases[i].day, x ? (int)x->limit.n : 0, x ? x->limit.p : "");
        }
}

static void an_interval_by_crop_target_and_strictness(void **state)
{
        const struct regulation *r = regulation_from("pesticide_zh,pesticide_en,formulation,crop_zh,target,max_uses_per_season,phi_days,phi_days_upper,confidence,source,effective_from,effective_to\n"
                "啶虫脒,acetamiprid,20%乳油,番茄(大棚),蚜虫,3,2,,medium,t,,\n"
                "啶虫脒,acetamiprid,20%可溶粉剂,番茄,蚜虫、白粉虱,3,1,,medium,t,,\n"
                "啶虫脒,acetamiprid,20%可溶粉剂,番茄,红蜘蛛,3,9,,medium,t,,\n"
                "啶虫脒,acetamiprid,,蔬菜(未分作物),,,7,,low,t,,\n"
                "稻瘟灵,isoprothiolane,40%乳油,水稻,,,14,28,medium,t,,\n"
                "稻瘟灵,isoprothiolane,40%乳油,水稻,,,60,,medium,t,2000-01-01,2019-12-31\n"
                "乙,,,谷物,,3,30,,high,t,,\n"
                "乙,,,水稻,,2,20,,high,t,,\n"
                "乙,,,谷物,稻飞虱,3,40,,high,t,,\n"
                "丙,,,水稻,,3,3650,3650,high,t,,\n"
                "双甲脒,amitraz,20%乳油,柑橘,螨类,春梢3夏梢2,21,,medium,t,,\n");
        static const struct { const char *substance; const struct str *crop; size_t n; const char *target; int days, upper, uses; } cases[] = {
                { "啶虫脒", CROP(cherry), "蚜虫", 2, 0, 3 },
                { "啶虫脒", CROP(cherry), "白粉虱", 1, 0, 3 },
                { "啶虫脒", CROP(cherry), "", 9, 0, 3 },
                { "啶虫脒", CROP(cherry), "没有的虫", 9, 0, 3 },
                { "啶虫脒", CROP(pepper), "蚜虫", 7, 0, 0 },
                { "稻瘟灵", CROP(rice), "", 14, 28, 0 },
                { "isoprothiolane", CROP(rice), "", 14, 28, 0 },
                { "稻瘟灵", CROP(lotus), "", -1, 0, 0 },
                { "乙", CROP(rice), "稻飞虱", 20, 0, 2 },
                { "乙", CROP(maize), "", 40, 0, 3 },
                { "丙", CROP(rice), "", 3650, 3650, 3 },
                { "没有的药", CROP(rice), "", -1, 0, 0 },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                const struct interval *x = regulation_interval(r, str_of(cases[i].substance), cases[i].crop, cases[i].n, str_of(cases[i].target), day("2026-07-01"));
                if ((x ? x->days : -1) != cases[i].days || (x && (x->days_upper != cases[i].upper || x->max_uses != cases[i].uses)))
                        fail_msg("%s for %s: %d", cases[i].substance, cases[i].target, x ? x->days : -1);
        }
        assert_int_equal(regulation_interval(r, STR("稻瘟灵"), CROP(rice), STR_NONE, day("2019-12-31"))->days, 60);
        const struct str citrus[] = { STR("柑橘") };
        assert_int_equal(regulation_interval(r, STR("双甲脒"), citrus, 1, STR_NONE, 0)->max_uses, 0);
}

static void what_is_wrong_with_a_row_is_told_with_its_line(void **state)
{
        static const struct { const char *text; int line; const char *says; } cases[] = {
                { BAN_HEAD "氧乐果,,banned,全部,2026-6-1,,s,high,\n", 2, "2026-06-01" },
                { BAN_HEAD "氧乐果,,banned,全部,2026-06-01,2026-05-01,s,high,\n", 2, "before" },
                { BAN_HEAD "氧乐果,,banned,全部,2026-06-01,soon,s,high,\n", 2, "effective_to" },
                { BAN_HEAD "氧乐果,,banned,全部,一二三四五六七八九十一二三四五,,s,high,\n", 2, "effective_from" },
                { BAN_HEAD "氧乐果,,banned,全部,,,s,一二三四五六七八九十一二三四五,\n", 2, "confidence" },
                { BAN_HEAD "氧乐果,,一二三四五六七八九十一二三四五,全部,,,s,high,\n", 2, "status" },
                { BAN_HEAD "氧乐果,,,全部,,,s,high,\n", 2, "status is empty" },
                { BAN_HEAD "氧乐果,,banned,,,,s,high,\n", 2, "scope is empty" },
                { "name_zh,status,scope,confidence,note,note\n氧乐果,banned,全部,high,a,b\n", 2, "twice" },
                { BAN_HEAD "氧乐果,,banned,全部,2026-06-01,,s,,\n", 2, "confidence" },
                { BAN_HEAD "氧乐果,,banned,全部,2026-06-01,,s,sure,\n", 2, "confidence" },
                { BAN_HEAD "氧乐果,,allowed,全部,2026-06-01,,s,high,\n", 2, "status" },
                { BAN_HEAD "氧乐果,,banned,;,2026-06-01,,s,high,\n", 2, "scope" },
                { BAN_HEAD ",,banned,全部,2026-06-01,,s,high,\n", 2, "name_zh" },
                { BAN_HEAD "氧乐果,,banned,全部,2026-06-01,,s,high,,one too many\n", 2, "more fields" },
                { BAN_HEAD "氧乐果,,banned,全部,2026-06-01,,s,high,\n\n氧乐果,,restricted,全部,2026-06-01,,s,high,\n", 4, "line 2" },
                { BAN_HEAD "\"open\n", 2, "quote" },
                { "pesticide_zh,crop_zh,phi_days,phi_days_upper,confidence\n甲,乙,seven,,high\n", 2, "phi_days" },
                { "pesticide_zh,crop_zh,phi_days,phi_days_upper,confidence\n甲,乙,7,3,high\n", 2, "phi_days" },
                { "pesticide_zh,crop_zh,phi_days,phi_days_upper,confidence\n甲,,7,,high\n", 2, "crop_zh" },
                { "pesticide_zh,crop_zh,phi_days,phi_days_upper,confidence\n,乙,7,,high\n", 2, "pesticide_zh" },
                { "pesticide_zh,crop_zh,phi_days,phi_days_upper,confidence\n甲,乙,,,high\n", 2, "phi_days" },
                { "pesticide_zh,crop_zh,phi_days,phi_days_upper,confidence\n甲,乙,3650,,sure\n", 2, "confidence" },
                { "pesticide_zh,crop_zh,phi_days,phi_days_upper,confidence\n甲,乙,3651,,high\n", 2, "phi_days" },
                { "pesticide_zh,crop_zh,phi_days,phi_days_upper,confidence\n甲,乙,3650,3651,high\n", 2, "phi_days_upper" },
                { "pesticide_zh,crop_zh,phi_days,phi_days_upper,confidence\n甲,乙,7,more,high\n", 2, "phi_days_upper" },
                { "substance_zh,commodity_zh,match_level,limit,unit,confidence\n甲,乙,kind,1,mg/kg,high\n", 2, "match_level" },
                { "substance_zh,commodity_zh,match_level,limit,unit,confidence\n甲,乙,item,-1,mg/kg,high\n", 2, "limit" },
                { "substance_zh,commodity_zh,match_level,limit,unit,confidence\n甲,乙,item,much,mg/kg,high\n", 2, "limit" },
                { "substance_zh,commodity_zh,match_level,limit,unit,confidence\n甲,,item,1,mg/kg,high\n", 2, "commodity_zh" },
                { "substance_zh,commodity_zh,match_level,limit,unit,confidence\n甲,乙,,1,mg/kg,high\n", 2, "match_level" },
                { "substance_zh,commodity_zh,match_level,limit,unit,confidence\n甲,乙,item,1,mg/kg,sure\n", 2, "confidence" },
                { "substance_zh,commodity_zh,match_level,limit,unit,confidence\n甲,乙,item,1,,high\n", 2, "limit" },
                { "substance_zh,commodity_zh,match_level,limit,unit,confidence\n甲,、,item,1,mg/kg,high\n", 2, "commodity" },
                { "substance_zh,commodity_zh,match_level,limit,unit,confidence\n,乙,item,1,mg/kg,high\n", 2, "substance" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                struct regulation_file f;
                struct err e = { 0 };
                assert_int_equal(regulation_read(a, str_of(cases[i].text), &f, &e), 0);
                assert_int_equal(f.n_refused, 1);
                if (f.refused[0].line != cases[i].line || !memmem(f.refused[0].why.p, f.refused[0].why.n, cases[i].says, strlen(cases[i].says)))
                        fail_msg("case %zu: line %d: %s", i, f.refused[0].line, f.refused[0].why.p);
        }
}

static void refusals_come_in_the_order_of_their_lines(void **state)
{
        struct regulation_file f;
        struct err e = { 0 };
        (void)state;
        assert_int_equal(regulation_read(a, STR(BAN_HEAD "甲,,banned,全部,,,s,high,\n乙,,banned,全部,,,s,high,\n乙,,banned,全部,,,s,low,\n甲,,banned,全部,,,s,low,\n丙,,allowed,全部,,,s,high,\n"), &f, &e), 0);
        assert_int_equal(f.n, 2);
        assert_int_equal(f.n_refused, 3);
        for (int i = 0; i < 3; i++)
                assert_int_equal(f.refused[i].line, 4 + i);
        assert_str(f.refused[0].why, "line 3 is the same row");
        assert_str(f.refused[1].why, "line 2 is the same row");
}

/* Kept rows of a time when more was read, or that were damaged. */
static void what_cannot_be_read_any_more_is_left_out(void **state)
{
        struct regulation_row rows[] = {
                { .kind = REGULATION_BAN, .body = STR("{\"name_zh\":\"甲\",\"status\":\"banned\",\"scope\":\"all\",\"confidence\":\"high\"}") },
                { .kind = REGULATION_BAN, .body = STR("{\"name_zh\":") },
                { .kind = REGULATION_BAN, .body = STR("{\"name_zh\":\"乙\"}") },
                { .kind = 0, .body = STR("{\"name_zh\":\"丙\",\"status\":\"banned\",\"scope\":\"all\",\"confidence\":\"high\"}") },
        };
        const struct regulation *r = regulation_of(a, rows, COUNT(rows));
        (void)state;
        assert_int_equal(r->n_bans, 1);
        assert_int_equal(r->n_intervals + r->n_limits + r->n_aliases, 0);
        assert_int_equal(holds(r, "甲", NULL, 0, "2026-01-01"), BAN_HOLDS);
        assert_str(regulation_substance(r, STR("Methomyl")), "Methomyl");       /* no table has an English name */
        r = regulation_of(a, NULL, 0);
        assert_int_equal(holds(r, "甲", NULL, 0, "2026-01-01"), BAN_NOT);
}

/* A column without a heading is nobody's. */
static void a_column_without_a_heading_is_not_kept(void **state)
{
        struct regulation_file f;
        struct err e = { 0 };
        (void)state;
        assert_int_equal(regulation_read(a, STR("name_zh,,status,scope,confidence\n甲,x,banned,全部,high\n"), &f, &e), 0);
        assert_int_equal(f.n_refused, 0);
        assert_str(f.rows[0].body, "{\"name_zh\":\"甲\",\"status\":\"banned\",\"scope\":\"全部\",\"confidence\":\"high\"}");
}

static void large_tables_are_found_in(void **state)
{
        enum { N = 200 };
        static const char *const heads[] = { "name_zh,name_en,status,scope,confidence\n", "pesticide_zh,crop_zh,phi_days,confidence\n", "substance_zh,commodity_zh,match_level,limit,unit,confidence\n" };
        struct regulation_row all[3 * N];
        size_t n = 0;
        (void)state;
        for (size_t k = 0; k < COUNT(heads); k++) {
                struct regulation_file f;
                struct err e = { 0 };
                struct buf b = { .max = 1 << 20 };
                buf_z(&b, heads[k]);
                for (int i = 0; i < N; i++) {
                        if (k == 0)
                                buf_printf(&b, "药%d,%crug %d,banned,全部,high\n", i, 'A' + i % 26, i);
                        else if (k == 1)
                                buf_printf(&b, "药%d,水稻,%d,high\n", i, i);
                        else
                                buf_printf(&b, "药%d,水稻,item,%d,mg/kg,high\n", i, i);
                }
                assert_int_equal(regulation_read(a, buf_view(&b), &f, &e), 0);
                assert_int_equal(f.n, N);
                memcpy(all + n, f.rows, N * sizeof *all);
                n += N;
                buf_free(&b);
        }
        const struct regulation *r = regulation_of(a, all, n);
        for (int i = 0; i < N; i++) {
                struct str en = arena_printf(a, i % 2 ? "%cRUG %d" : "%crug %d", (i % 2 ? 'A' : 'a') + i % 26, i);
                assert_str(regulation_substance(r, en), arena_printf(a, "药%d", i).p);
                assert_int_equal(holds(r, en.p, CROP(rice), "2026-01-01"), BAN_HOLDS);
                assert_int_equal(regulation_interval(r, en, CROP(rice), STR_NONE, 0)->days, i);
                assert_str(regulation_limit(r, en, CROP(rice), 0)->limit, arena_printf(a, "%d", i).p);
        }
}

static void what_is_no_table_is_refused_whole(void **state)
{
        static const struct { const char *text, *says; } files[] = {
                { "", "empty" }, { "\n\n", "empty" }, { "a,b,c\n1,2,3\n", "no heading" }, { "\"open", "quote" }, { "name_zh,status\nx,y\n", "no heading" },
        };
        struct regulation_file f;
        (void)state;
        for (size_t i = 0; i < COUNT(files); i++) {
                struct err e = { 0 };
                assert_int_equal(regulation_read(a, str_of(files[i].text), &f, &e), -1);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
                if (!strstr(e.detail, files[i].says))
                        fail_msg("%s: %s", files[i].text, e.detail);
        }
        for (int more = 0; more < 2; more++) {
                struct err e = { 0 };
                size_t n = LIMIT_REGULATION_ROWS + (size_t)more;
                struct buf b = { .max = 1 << 24 };
                buf_z(&b, BAN_HEAD);
                for (size_t i = 0; i < n; i++)
                        buf_z(&b, i + 1 < n ? "\n" : "x");
                assert_int_equal(regulation_read(a, buf_view(&b), &f, &e), more ? -1 : 0);
                assert_int_equal(e.kind, more ? ERR_TOO_LARGE : ERR_NONE);
                buf_free(&b);
        }
}

static void names_that_mean_one_crop(void **state)
{
        static const struct { const char *a, *b; bool same; } cases[] = {
                { "叶菜类蔬菜", "叶菜蔬菜", true }, { "番茄(大棚)", "番茄", true }, { "莲子（鲜）", "莲子", true }, { "番茄", "樱桃番茄", false }, { "樱桃番茄", "番茄", false },
                { "瓜果", "水果", true }, { "水果", "瓜果", true }, { "菌类", "食用菌", true }, { "茶叶", "茶", true }, { "蔬菜", "水果", false }, { "茶", "茶叶树", false },
                { "番茄，鲜", "番茄", false }, { "茶", "ab", false }, { "茶", "", false },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++)
                if (same_crop(str_of(cases[i].a), str_of(cases[i].b)) != cases[i].same)
                        fail_msg("%s %s", cases[i].a, cases[i].b);
        assert_true(names_target(STR("潜叶蛾、红蜘蛛"), STR("红蜘蛛")));
        assert_false(names_target(STR("潜叶蛾"), STR("红蜘蛛")));
        assert_false(names_target(STR("潜叶蛾"), STR_NONE));
        for (int k = REGULATION_BAN; k <= REGULATION_LIMIT; k++)
                assert_int_equal(regulation_kind_of(str_of(regulation_kind_name((enum regulation_kind)k))), k);
        assert_int_equal(regulation_kind_of(STR("law")), 0);
        assert_string_equal(regulation_kind_name(0), "");
        assert_string_equal(regulation_kind_name(REGULATION_LIMIT + 1), "");
        assert_string_equal(confidence_name(CONFIDENCE_LOW), "low");
        assert_string_equal(confidence_name(CONFIDENCE_MEDIUM), "medium");
        assert_string_equal(confidence_name(CONFIDENCE_HIGH), "high");
}

static const struct regulation *public_tables(size_t *ret_rows)
{
        static const char *const names[] = { "banned_restricted_pesticides.csv", "pre_harvest_intervals.csv", "mrl_limits.csv" };
        const char *root = getenv("SUYUAN_CONFORMANCE");
        struct regulation_row *all = arena_array(a, struct regulation_row, 10000);
        *ret_rows = 0;
        for (size_t i = 0; i < COUNT(names); i++) {
                char path[4096];
                struct regulation_file f;
                struct err e = { 0 };
                snprintf(path, sizeof path, "%s/regulation/%s", root ? root : SOURCE_ROOT "/../shared/data", names[i]);
                FILE *in = fopen(path, "rb");
                if (!in)
                        return NULL;    /* they are not ours and not in this tree */
                char *bytes = arena_raw(a, 1 << 20);
                size_t n = fread(bytes, 1, 1 << 20, in);
                fclose(in);
                assert_int_equal(regulation_read(a, (struct str){ bytes, n }, &f, &e), 0);
                for (size_t k = 0; k < f.n_refused; k++)
                        print_message("# %s line %d: %.*s\n", names[i], f.refused[k].line, STR_ARG(f.refused[k].why));
                assert_int_equal(f.n_refused, 0);
                for (size_t k = 0; k < f.n; k++)
                        all[(*ret_rows)++] = f.rows[k];
        }
        return regulation_of(a, all, *ret_rows);
}

static void the_public_tables_where_they_stand(void **state)
{
        size_t n;
        const struct regulation *r = public_tables(&n);
        (void)state;
        assert_non_null(r);
        assert_true(n >= 300);
        assert_int_equal(holds(r, "克百威", CROP(rice), "2026-05-31"), BAN_NOT);
        assert_int_equal(holds(r, "克百威", CROP(rice), "2026-06-01"), BAN_HOLDS);
        assert_int_equal(holds(r, "氟虫腈", CROP(maize), "2026-06-01"), BAN_EXCEPTED);
        assert_int_equal(holds(r, "毒死蜱", CROP(lotus), "2026-06-01"), BAN_HOLDS);
        assert_str(regulation_limit(r, STR("啶虫脒"), CROP(cherry), day("2026-07-01"))->limit, "1");
        assert_str(regulation_limit(r, STR("啶虫脒"), CROP(pepper), day("2026-07-01"))->limit, "0.2");
        assert_int_equal(regulation_interval(r, STR("稻瘟灵"), CROP(rice), STR_NONE, day("2026-07-01"))->days_upper, 28);
        assert_int_equal(regulation_interval(r, STR("毒死蜱"), CROP(lotus), STR_NONE, day("2026-07-01"))->confidence, CONFIDENCE_LOW);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_ban_is_judged_by_the_day_and_by_the_crop),
                cmocka_unit_test(the_item_then_the_narrowest_category_without_it_then_nothing),
                cmocka_unit_test(an_interval_by_crop_target_and_strictness),
                cmocka_unit_test(what_is_wrong_with_a_row_is_told_with_its_line),
                cmocka_unit_test(refusals_come_in_the_order_of_their_lines),
                cmocka_unit_test(what_cannot_be_read_any_more_is_left_out),
                cmocka_unit_test(a_column_without_a_heading_is_not_kept),
                cmocka_unit_test(large_tables_are_found_in),
                cmocka_unit_test(what_is_no_table_is_refused_whole),
                cmocka_unit_test(names_that_mean_one_crop),
                cmocka_unit_test(the_public_tables_where_they_stand),
        };
        size_t n = COUNT(tests), rows;
        a = arena_new();
        if (!public_tables(&rows)) {
                printf("# left out: the public tables are not here (SUYUAN_CONFORMANCE)\n");
                n--;            /* a case that cmocka skips is "not ok" in TAP */
        }
        arena_free(a);
        return _cmocka_run_group_tests("tests", tests, n, setup, teardown);
}
