#include "base/file.h"
#include "farm/test_support.h"

#define COUNT(x) (sizeof(x) / sizeof *(x))

/* A fact is the same after it was kept. */
static void same(struct arena *a, const struct fact *f)
{
        struct buf b = { .max = 1 << 20 }, again = { .max = 1 << 20 };
        struct fact g;
        struct err e = { 0 };
        fact_write(&b, f);
        if (fact_read(a, buf_view(&b), &g, &e) < 0)
                fail_msg("%s in %s", e.detail, b.p);
        fact_write(&again, &g);
        assert_string_equal(b.p, again.p);
        assert_int_equal(g.act, f->act);
        assert_int_equal(g.day, f->day);
        assert_int_equal(g.interval_days, f->interval_days);
        assert_int_equal(g.n_ingredients, f->n_ingredients);
        assert_int_equal(g.n_in, f->n_in);
        assert_int_equal(g.n_out, f->n_out);
        assert_int_equal(decimal_cmp(g.dose, f->dose), 0);
        assert_true(str_eq(g.dose_uom, f->dose_uom));
        assert_true(g.clock == f->clock && g.has_photo == f->has_photo && g.wrong == f->wrong);
        buf_free(&b);
        buf_free(&again);
}

static void an_act_of_a_season_is_the_fact_that_it_was(void **state)
{
        (void)state;
        for (int k = 1; k < ACTS; k++) {
                struct arena *a = arena_new();
                struct act_surroundings s = test_surroundings(a);
                struct act_form form;
                struct fact f;
                struct str season;
                struct document *d = test_document(a, test_form(a, (enum act)k, true, NULL, NULL), &s, &form);
                assert_int_equal(fact_of_event(a, &d->events[0], &season, &f), act_on_season((enum act)k));
                if (act_on_season((enum act)k)) {
                        assert_true(str_is(season, "/season/guyu/Rice2026"));
                        assert_int_equal(f.act, k);
                        assert_int_equal(f.time_us, form.at.us);
                        assert_true(f.has_photo && f.at.given);
                        assert_string_equal(f.clock, "synced");
                        f.wrong = k % 2;
                        same(a, &f);
                }
                arena_free(a);
        }
}

static void a_spray_tells_all_that_the_rules_ask(void **state)
{
        struct arena *a = arena_new();
        struct act_surroundings s = test_surroundings(a);
        struct act_form form;
        struct fact f;
        struct str season;
        (void)state;
        struct document *d = test_document(a, "{'act':'spray','season':'guyu/R','at':'2026-07-12T23:30:00+08:00','product':'CAP','quantity':108,'uom':'g','target':'稻飞虱','dose':3,'doseUom':'g','areaMu':36}", &s, &form);
        assert_true(fact_of_event(a, &d->events[0], &season, &f));
        assert_true(str_is(f.input, "/input/guyu/CAP") && str_is(f.in[0].good, "/input/guyu/CAP") && str_is(f.in[0].lot, "/lot/guyu/CAP26"));
        assert_int_equal(f.n_ingredients, 2);
        assert_int_equal(f.interval_days, 14);
        assert_true(str_is(f.dose_uom, "GRM") && str_is(decimal_text(a, f.dose), "3"));
        assert_int_equal(f.day, (int)civil_of(form.at.us, 480).day_number);
        d = test_document(a, "{'act':'spray','season':'guyu/R','at':'2026-07-12T23:30:00+08:00','product':'CAP','quantity':108,'uom':'g','areaMu':36}", &s, &form);
        assert_true(fact_of_event(a, &d->events[0], &season, &f));
        assert_true(str_is(f.dose_uom, "GRM") && str_is(decimal_text(a, f.dose), "3"));         /* what was used over the area */
        arena_free(a);
}

/* ---- an event that no form of ours made ---- */

#define SEASON HOST "/season/guyu/R"
#define ON_ "'type':'TransformationEvent','transformationID':'" SEASON "',"
#define LOOK_ "'type':'ObjectEvent','action':'OBSERVE','epcList':['" SEASON "'],"
#define STEP_(s) "'bizStep':'" s "',"
#define USED_ "'inputQuantityList':[{'epcClass':'" HOST "/lot/guyu/A','quantity':7,'uom':'KGM'}]"
#define MADE_ "'outputQuantityList':[{'epcClass':'" HOST "/lot/guyu/B','quantity':5,'uom':'KGM'}]"

static void the_act_is_told_by_step_and_members(void **state)
{
        static const struct { const char *event; enum act act; } rows[] = {
                { ON_ STEP_("suyuan:spraying") USED_, ACT_SPRAY },
                { ON_ STEP_("urn:example:steps:spraying") USED_, ACT_SPRAY },
                { ON_ STEP_("https://example.com/steps#spraying") USED_, ACT_SPRAY },
                { ON_ STEP_("https://example.com/steps/cooking") USED_, ACT_OTHER },
                { ON_ USED_ "," MADE_, ACT_HARVEST },
                { ON_ "'inputEPCList':['" HOST "/item/guyu/1'],'outputEPCList':['" HOST "/item/guyu/2']", ACT_HARVEST },
                { ON_ USED_ ",'suyuan:preHarvestIntervalDays':7", ACT_SPRAY },
                { ON_ USED_ ",'suyuan:target':'稻飞虱'", ACT_SPRAY },
                { ON_ USED_ ",'suyuan:crop':'水稻'", ACT_SOW },
                { LOOK_ STEP_("inspecting") "'suyuan:look':'good'", ACT_GROWTH },
                { LOOK_ STEP_("inspecting") "'disposition':'conformant'", ACT_OTHER },
                { LOOK_ STEP_("inspecting") "'sensorElementList':[{'sensorReport':[{'type':'Temperature','value':20,'uom':'CEL'}]}]", ACT_OTHER },
                { ON_ STEP_("inspecting") USED_, ACT_OTHER },
                { LOOK_ STEP_("storing") "'suyuan:crop':'水稻'", ACT_OTHER },
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct fact f;
                struct str season;
                assert_true(fact_of_event(a, test_event(a, rows[i].event), &season, &f));
                if (f.act != rows[i].act || !str_is(season, "/season/guyu/R"))
                        fail_msg("%s: act %d", rows[i].event, f.act);
        }
        struct fact f;
        struct str season;
        /* a season that is only packed away with others has no act in it */
        assert_false(fact_of_event(a, test_event(a, "'type':'AggregationEvent','action':'ADD','parentID':'urn:epc:id:sscc:6901234.0000000001','childEPCs':['" SEASON "']"), &season, &f));
        arena_free(a);
}

#define SPRAYED_ ON_ STEP_("suyuan:spraying")
#define OF_LOT(...) SPRAYED_ "'inputQuantityList':[{'epcClass':'" HOST "/lot/guyu/A'," __VA_ARGS__ "}]"
#define AT_ ON_ STEP_("suyuan:weeding") USED_ ",'suyuan:position':"
#define SHOWS_(...) ON_ STEP_("suyuan:weeding") USED_ ",'suyuan:evidence':" __VA_ARGS__

/* As it is kept, what it holds and what it must not. */
static void what_an_event_says_is_kept_and_nothing_else(void **state)
{
        static const struct { const char *event, *holds, *lacks; } rows[] = {
                /* what went in and came out, and of which good it is */
                { SPRAYED_ USED_ ",'suyuan:input':'" HOST "/input/guyu/CAP'", "'in':[['/lot/guyu/A','/input/guyu/CAP','KGM',7]],'input':'/input/guyu/CAP'", "'out'" },
                { SPRAYED_ USED_ ",'suyuan:input':'https://elsewhere.example/shelf/CAP'", "'input':'https://elsewhere.example/shelf/CAP'", "'input':'/" },
                { SPRAYED_ USED_ ",'suyuan:input':'https://elsewhere.example/product/x/CAP'", "'input':'/product/x/CAP'", "https" },
                { SPRAYED_ "'inputEPCList':['" HOST "/item/guyu/1']", "'in':[['" HOST "/item/guyu/1','','']]", "dose" },
                { SPRAYED_ "'inputQuantityList':[{'epcClass':'" HOST "/input/guyu/CAP','quantity':7,'uom':'KGM'}]", "'in':[['/input/guyu/CAP','/input/guyu/CAP','KGM',7]]", "dose" },
                { SPRAYED_ "'inputQuantityList':[{'epcClass':'" HOST "/product/guyu/CAP','quantity':7,'uom':'KGM'}]", "'in':[['/product/guyu/CAP','/product/guyu/CAP','KGM',7]]", "dose" },
                { SPRAYED_ "'inputQuantityList':[{'epcClass':'https://id.gs1.org/01/06901234567892/10/A','quantity':7,'uom':'KGM'}]", "'https://id.gs1.org/01/06901234567892','KGM',7]]", "dose" },
                { ON_ STEP_("suyuan:harvesting") "'outputEPCList':['" HOST "/item/guyu/1'],'outputQuantityList':[{'epcClass':'" HOST "/lot/guyu/B','quantity':5,'uom':'KGM'},{'epcClass':'" HOST "/lot/guyu/C','quantity':6}],"
                  "'suyuan:product':['" HOST "/product/guyu/RICE']", "['/lot/guyu/B','/product/guyu/RICE','KGM',5],['/lot/guyu/C','','',6]", "'in'" },
                { OF_LOT("'uom':'KGM'") ",'suyuan:areaMu':2", "'in':[['/lot/guyu/A','','KGM']]", "dose" },
                /* ingredients */
                { SPRAYED_ USED_ ",'suyuan:activeIngredient':'氯虫苯甲酰胺、噻虫嗪+ 甲,,乙；'", "'ai':['氯虫苯甲酰胺','噻虫嗪','甲','乙']", "'ai':['氯虫苯甲酰胺、" },
                { SPRAYED_ USED_ ",'suyuan:activeIngredient':['甲',7,'乙']", "'ai':['甲','乙']", "7'" },
                { SPRAYED_ USED_ ",'suyuan:activeIngredient':{'suyuan:x':1}", "'act':4", "'ai'" },
                /* the interval: whole days of a life */
                { SPRAYED_ USED_ ",'suyuan:preHarvestIntervalDays':'14'", "'days':14", "'days':1}" },
                { SPRAYED_ USED_ ",'suyuan:preHarvestIntervalDays':9999", "'days':9999", "dose" },
                { SPRAYED_ USED_ ",'suyuan:preHarvestIntervalDays':10000", "'act':4", "'days'" },
                { SPRAYED_ USED_ ",'suyuan:preHarvestIntervalDays':7.5", "'act':4", "'days'" },
                { SPRAYED_ USED_ ",'suyuan:preHarvestIntervalDays':-1", "'act':4", "'days'" },
                { SPRAYED_ USED_ ",'suyuan:preHarvestIntervalDays':0", "'days':0", "dose" },
                /* the dose: as stated, else what was used over the area */
                { SPRAYED_ USED_ ",'suyuan:dose':'2.5 g/mu'", "'doseUom':'GRM','dose':2.5", "'mu'" },
                { SPRAYED_ USED_ ",'suyuan:dose':'9.9 g/mu'", "'doseUom':'GRM','dose':9.9", "'mu'" },
                { OF_LOT("'quantity':0,'uom':'KGM'") ",'suyuan:areaMu':0", "'in':[['/lot/guyu/A','','KGM',0]]", "dose" },
                { SPRAYED_ USED_ ",'suyuan:dose':'10mL/亩'", "'doseUom':'MLT','dose':10", "'mu'" },
                { SPRAYED_ USED_ ",'suyuan:dose':'10 毫升/畝'", "'doseUom':'MLT','dose':10", "'mu'" },
                { SPRAYED_ USED_ ",'suyuan:dose':'1500倍'", "'act':4", "dose" },
                { SPRAYED_ USED_ ",'suyuan:dose':'/mu'", "'act':4", "dose" },
                { SPRAYED_ USED_ ",'suyuan:dose':'10'", "'act':4", "dose" },
                { SPRAYED_ USED_ ",'suyuan:dose':'10 spoons/mu'", "'act':4", "dose" },
                { SPRAYED_ USED_ ",'suyuan:dose':'1.2.3 g/mu'", "'act':4", "dose" },
                { SPRAYED_ USED_ ",'suyuan:dose':'999999999999999999 jin/mu'", "'act':4", "dose" },
                { SPRAYED_ USED_ ",'suyuan:areaMu':3.5", "'doseUom':'KGM','dose':2,'mu':3.5", "spoons" },
                { OF_LOT("'quantity':-7.25,'uom':'KGM'") ",'suyuan:areaMu':2", "'in':[['/lot/guyu/A','','KGM']]", "dose" },      /* less than nothing is no amount */
                { SPRAYED_ USED_ ",'suyuan:areaMu':0", "'act':4", "dose" },
                { SPRAYED_ USED_ ",'suyuan:areaMu':'0.000000000000001'", "'mu':0.000000000000001", "dose" },
                { OF_LOT("'quantity':7") ",'suyuan:areaMu':2", "'in':[['/lot/guyu/A','','',7]]", "dose" },
                { SPRAYED_ "'inputQuantityList':[{'epcClass':'" HOST "/lot/guyu/A','quantity':7,'uom':'KGM'},{'epcClass':'" HOST "/lot/guyu/C','quantity':7,'uom':'KGM'}],'suyuan:areaMu':2", "'mu':2", "dose" },
                /* the position */
                { AT_ "{'suyuan:latitude':25.5,'suyuan:longitude':113.25,'suyuan:accuracyM':8}", "'at':[25.5000000,113.2500000,8.0]", "dose" },
                { AT_ "{'suyuan:latitude':25.5,'suyuan:longitude':113.25}", "'at':[25.5000000,113.2500000,0.0]", "dose" },
                { AT_ "{'suyuan:latitude':25.5}", "'act':6", "'at'" },
                { AT_ "{'suyuan:longitude':113.25}", "'act':6", "'at'" },
                /* what shows it */
                { SHOWS_("[{'suyuan:sha256':'x','suyuan:mediaType':'application/pdf'},{'suyuan:mediaType':'image/jpeg'}]"), "'photo':true", "dose" },
                { SHOWS_("[{'suyuan:mediaType':'video/mp4'}]"), "'photo':true", "dose" },
                { SHOWS_("[{'suyuan:mediaType':'application/pdf','suyuan:kind':'photo'}]"), "'act':6", "photo" },
                { SHOWS_("[{'suyuan:kind':'photo'}]"), "'photo':true", "dose" },
                { SHOWS_("[{'suyuan:kind':'receipt'}]"), "'act':6", "photo" },
                { SHOWS_("[{'suyuan:sha256':'x'}]"), "'photo':true", "dose" },
                { SHOWS_("[]"), "'act':6", "photo" },
                { SHOWS_("'here'"), "'act':6", "photo" },
                /* the clock */
                { AT_ "{},'suyuan:clock':{'suyuan:grade':'impossible'}", "'clock':'impossible'", "'at'" },
                { AT_ "{},'suyuan:clock':{'suyuan:grade':'lovely'}", "'act':6", "clock" },
                { AT_ "{},'suyuan:clock':'fine'", "'act':6", "clock" },
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct buf b = { .max = 1 << 20 };
                struct fact f;
                struct str season;
                assert_true(fact_of_event(a, test_event(a, rows[i].event), &season, &f));
                fact_write(&b, &f);
                same(a, &f);
                for (char *p = b.p; *p; p++)
                        if (*p == '"')
                                *p = '\'';
                if (!strstr(b.p, rows[i].holds) || strstr(b.p, rows[i].lacks))
                        fail_msg("%s:\n%s\nwanted %s, and no %s", rows[i].event, b.p, rows[i].holds, rows[i].lacks);
                buf_free(&b);
        }
        arena_free(a);
}

static void ingredients_are_bounded(void **state)
{
        enum { MOST = 4000 };
        struct arena *a = arena_new();
        (void)state;
        for (int more = 0; more < 2; more++) {
                struct buf b = { .max = 1 << 20 };
                struct fact f;
                struct str season;
                buf_z(&b, SPRAYED_ USED_ ",'suyuan:activeIngredient':'");
                for (int i = 0; i < MOST + more; i++)
                        buf_z(&b, "a,");
                buf_z(&b, "'");
                assert_true(fact_of_event(a, test_event(a, b.p), &season, &f));
                assert_int_equal(f.n_ingredients, MOST);
                buf_free(&b);
        }
        arena_free(a);
}

static void an_event_is_the_act_that_is_looked_for(void **state)
{
        static const struct { const char *event; enum act act; bool is; } rows[] = {
                { SPRAYED_ USED_, ACT_SPRAY, true },
                { SPRAYED_ USED_, ACT_SOW, false },
                { "'type':'TransformationEvent'," STEP_("suyuan:spraying") USED_ "," MADE_, ACT_SPRAY, false },         /* of no season */
                { SPRAYED_ USED_, ACT_OTHER, false },
                { "'type':'TransformationEvent'," STEP_("suyuan:milling") USED_ "," MADE_, ACT_MILL, true },
                { "'type':'TransformationEvent'," STEP_("suyuan:milling") USED_ "," MADE_, ACT_DRY, false },
                { "'type':'TransformationEvent'," STEP_("packing") USED_ "," MADE_, ACT_PACK, true },
                { "'type':'TransformationEvent'," STEP_("packing") USED_ "," MADE_, ACT_AGGREGATE, false },
                { "'type':'AggregationEvent','action':'ADD'," STEP_("packing") "'parentID':'urn:epc:id:sscc:6901234.0000000001','childEPCs':['" HOST "/item/guyu/1']", ACT_AGGREGATE, true },
                { "'type':'AggregationEvent','action':'ADD'," STEP_("packing") "'parentID':'urn:epc:id:sscc:6901234.0000000001','childEPCs':['" HOST "/item/guyu/1']", ACT_PACK, false },
                { "'type':'ObjectEvent','action':'ADD'," STEP_("receiving") "'epcList':['" HOST "/item/guyu/1'],'suyuan:input':'" HOST "/input/guyu/CAP'", ACT_RECEIVE_INPUT, true },
                { "'type':'ObjectEvent','action':'ADD'," STEP_("receiving") "'epcList':['" HOST "/item/guyu/1']", ACT_RECEIVE_INPUT, false },
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++)
                if (fact_is_act(test_event(a, rows[i].event), rows[i].act) != rows[i].is)
                        fail_msg("%s: %d", rows[i].event, rows[i].act);
        arena_free(a);
}

/* What partners captured, not made by a form here. */
static void the_demonstration_is_read_too(void **state)
{
        struct arena *a = arena_new();
        struct document *d = NULL;
        struct err e = { 0 };
        struct str text;
        static const struct str demo = { "https://demo.suyuan.example", 27 };
        static const struct origins origins = { &demo, 1 };
        size_t of[ACTS] = { 0 }, intervals = 0, photos = 0, doses = 0;
        (void)state;
        assert_int_equal(file_read(a, SOURCE_ROOT "/demo/stories/ratoon-rice.jsonld", 1 << 24, &text, &e), 0);
        assert_int_equal(document_read(a, text.p, text.n, &origins, &d, &e), 0);
        for (size_t i = 0; i < d->n_events; i++) {
                struct fact f;
                struct str season;
                if (!fact_of_event(a, &d->events[i], &season, &f))
                        continue;
                of[f.act]++;
                intervals += f.interval_days >= 0;
                photos += f.has_photo;
                doses += f.act == ACT_SPRAY && f.dose_uom.n;
                assert_true(f.act != ACT_SPRAY || f.n_ingredients == 1);
                same(a, &f);
        }
        assert_int_equal(of[ACT_SOW], 1);
        assert_int_equal(of[ACT_TRANSPLANT], 1);
        assert_int_equal(of[ACT_SPRAY], 4);
        assert_int_equal(of[ACT_HARVEST], 2);
        assert_int_equal(of[ACT_FERTILISE], 4);
        assert_int_equal(of[ACT_OTHER], 0);
        assert_int_equal(intervals, 4);
        assert_int_equal(doses, 4);
        assert_true(of[ACT_GROWTH] >= 4 && photos >= 4);
        arena_free(a);
}

static struct lot_move move_of(struct arena *a, const char *form, size_t i, size_t want)
{
        struct act_surroundings s = test_surroundings(a);
        struct act_form f;
        const struct lot_move *m;
        struct document *d = test_document(a, form, &s, &f);
        assert_int_equal(moves_of_event(a, &d->events[0], &m), want);
        return m[i];
}

static void stock_moves_with_what_is_bought_used_counted_and_made(void **state)
{
        struct arena *a = arena_new();
        (void)state;
        struct lot_move m = move_of(a, "{'act':'receive-input','at':1,'place':'Store','product':'CAP','quantity':500,'uom':'mL','expires':'2027-05-01'}", 0, 1);
        assert_true(str_is(m.lot, "/lot/guyu/CAP26") && str_is(m.good, "/input/guyu/CAP") && str_is(m.uom, "LTR") && str_is(m.expires, "2027-05-01"));
        assert_true(str_is(decimal_text(a, m.quantity), "0.5") && !m.counted);
        m = move_of(a, "{'act':'spray','season':'guyu/R','at':1,'product':'CAP','quantity':0.1,'uom':'L'}", 0, 1);
        assert_true(str_is(decimal_text(a, m.quantity), "-0.1"));
        m = move_of(a, "{'act':'stocktake','at':1,'product':'CAP','quantity':0,'uom':'L'}", 0, 1);
        assert_true(m.counted);
        m = move_of(a, "{'act':'destroy-input','at':1,'product':'CAP','quantity':2,'uom':'L'}", 0, 1);
        assert_true(str_is(decimal_text(a, m.quantity), "-2"));
        m = move_of(a, "{'act':'return-input','at':1,'product':'CAP','quantity':2,'uom':'L'}", 0, 1);
        assert_true(str_is(decimal_text(a, m.quantity), "-2"));
        m = move_of(a, "{'act':'mill','at':1,'inputs':[{'lot':'A','quantity':1,'uom':'t'}],'outputs':[{'lot':'X','quantity':1,'uom':'kg'},{'lot':'B','product':'RICE','quantity':600,'uom':'kg'}]}", 2, 3);
        assert_true(str_is(m.lot, "/lot/guyu/B") && str_is(m.good, "/product/guyu/RICE"));
        m = move_of(a, "{'act':'mill','at':1,'inputs':[{'lot':'A','quantity':1,'uom':'t'},{'lot':'C','quantity':1,'uom':'t'}],'outputs':[{'lot':'X','quantity':1,'uom':'kg'},{'lot':'B','product':'RICE','quantity':600,'uom':'kg'}]}", 3, 4);
        assert_true(str_is(m.lot, "/lot/guyu/B") && str_is(m.good, "/product/guyu/RICE"));
        m = move_of(a, "{'act':'mill','at':1,'inputs':[{'lot':'A','quantity':1,'uom':'t'}],'outputs':[{'lot':'B','product':'RICE','quantity':600,'uom':'kg'}]}", 0, 2);
        assert_true(str_is(decimal_text(a, m.quantity), "-1000") && str_is(m.uom, "KGM"));
        m = move_of(a, "{'act':'pack','at':1,'inputs':[{'lot':'B'}],'product':'RICE','quantity':60,'uom':'bag'}", 0, 1);
        assert_true(str_is(m.uom, "XBG"));
        arena_free(a);
}

#define ADDED_(...) "'type':'ObjectEvent','action':'ADD'," STEP_("commissioning") "'quantityList':[{'epcClass':'" HOST "/lot/guyu/A'," __VA_ARGS__ "}]"

static void what_moves_is_stated_and_can_be_reckoned_with(void **state)
{
        static const struct { const char *event, *quantity; } rows[] = {      /* NULL: nothing moves */
                { ADDED_("'quantity':7,'uom':'KGM'"), "7" },
                { ADDED_("'uom':'KGM'"), NULL },
                { ADDED_("'quantity':0,'uom':'KGM'"), "0" },
                { ADDED_("'quantity':-7,'uom':'KGM'"), NULL },
                { ADDED_("'quantity':500,'uom':'GRM'"), "0.5" },
                { ADDED_("'quantity':1.5,'uom':'TNE'"), "1500" },
                { ADDED_("'quantity':899999999999999,'uom':'TNE'"), "899999999999999000" },
                { ADDED_("'quantity':999999999999999,'uom':'TNE'"), NULL },
                { ADDED_("'quantity':999999999999999999,'uom':'TNE'"), NULL },
                { ADDED_("'quantity':0.000000001,'uom':'MGM'"), "0.000000000000001" },
                { ADDED_("'quantity':0.0000000001,'uom':'MGM'"), NULL },
                { "'type':'ObjectEvent','action':'ADD'," STEP_("commissioning") "'epcList':['" HOST "/lot/guyu/A']", NULL },
                { "'type':'ObjectEvent','action':'ADD'," STEP_("commissioning") "'quantityList':[{'epcClass':'" SEASON "','quantity':7,'uom':'KGM'}]", NULL },
                { "'type':'ObjectEvent','action':'OBSERVE'," STEP_("storing") "'quantityList':[{'epcClass':'" HOST "/lot/guyu/A','quantity':7,'uom':'KGM'}]", NULL },
                { "'type':'AggregationEvent','action':'ADD','parentID':'urn:epc:id:sscc:6901234.0000000001','childQuantityList':[{'epcClass':'" HOST "/lot/guyu/A','quantity':7,'uom':'KGM'}]", NULL },
                { "'type':'TransformationEvent','inputEPCList':['" HOST "/lot/guyu/A']," MADE_, "5" },
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                const struct lot_move *m;
                size_t n = moves_of_event(a, test_event(a, rows[i].event), &m);
                if (n != (rows[i].quantity != NULL) || (n && !str_is(decimal_text(a, m->quantity), rows[i].quantity)))
                        fail_msg("%s: %zu moves", rows[i].event, n);
        }
        arena_free(a);
}

static void what_an_older_one_kept_makes_no_dose(void **state)
{
        struct fact_amount less = { .quantity = { -1000000000000000000, 0 }, .uom = STR("KGM"), .stated = true };
        struct fact f = { .in = &less, .n_in = 1, .area_mu = { 1, 0 } };
        struct decimal untouched = { 7, 0 };
        (void)state;
        assert_int_equal(fact_used_per_mu(&f, &untouched).n, 0);
        assert_int_equal(untouched.mantissa, 7);
}

static void facts_that_are_none_are_refused(void **state)
{
        struct arena *a = arena_new();
        struct fact f;
        struct err e = { 0 };
        (void)state;
        assert_int_equal(fact_read(a, STR("{\"act\":"), &f, &e), -1);
        e = (struct err){ 0 };
        assert_int_equal(fact_read(a, STR_NONE, &f, &e), -1);
        e = (struct err){ 0 };
        assert_int_equal(fact_read(a, STR("{\"act\":-1,\"at\":[1,2,\"x\"],\"in\":7,\"out\":[[\"a\",\"b\",\"c\"]],\"dose\":7}"), &f, &e), 0);
        assert_true(f.act == ACT_OTHER && !f.at.given && f.n_in == 0 && f.n_out == 1 && !f.out[0].stated && f.dose.mantissa == 0);
        assert_int_equal(fact_read(a, STR("{\"act\":99999,\"in\":[1,[2],[\"a\",\"b\",\"c\",\"x\"]],\"at\":[1]}"), &f, &e), 0);
        assert_int_equal(f.act, ACT_OTHER);
        assert_false(f.at.given);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_act_of_a_season_is_the_fact_that_it_was),
                cmocka_unit_test(a_spray_tells_all_that_the_rules_ask),
                cmocka_unit_test(the_act_is_told_by_step_and_members),
                cmocka_unit_test(what_an_event_says_is_kept_and_nothing_else),
                cmocka_unit_test(ingredients_are_bounded),
                cmocka_unit_test(an_event_is_the_act_that_is_looked_for),
                cmocka_unit_test(the_demonstration_is_read_too),
                cmocka_unit_test(stock_moves_with_what_is_bought_used_counted_and_made),
                cmocka_unit_test(what_moves_is_stated_and_can_be_reckoned_with),
                cmocka_unit_test(what_an_older_one_kept_makes_no_dose),
                cmocka_unit_test(facts_that_are_none_are_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
