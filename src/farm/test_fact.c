#include "base/file.h"
#include "farm/test_support.h"

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
        m = move_of(a, "{'act':'mill','at':1,'inputs':[{'lot':'A','quantity':1,'uom':'t'}],'outputs':[{'lot':'B','product':'RICE','quantity':600,'uom':'kg'}]}", 0, 2);
        assert_true(str_is(decimal_text(a, m.quantity), "-1000") && str_is(m.uom, "KGM"));
        m = move_of(a, "{'act':'pack','at':1,'inputs':[{'lot':'B'}],'product':'RICE','quantity':60,'uom':'bag'}", 0, 1);
        assert_true(str_is(m.uom, "XBG"));
        arena_free(a);
}

static void facts_that_are_none_are_refused(void **state)
{
        struct arena *a = arena_new();
        struct fact f;
        struct err e = { 0 };
        (void)state;
        assert_int_equal(fact_read(a, STR("{\"act\":"), &f, &e), -1);
        e = (struct err){ 0 };
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
                cmocka_unit_test(the_demonstration_is_read_too),
                cmocka_unit_test(stock_moves_with_what_is_bought_used_counted_and_made),
                cmocka_unit_test(facts_that_are_none_are_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
