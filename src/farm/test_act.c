#include <sodium.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "epcis/digest.h"
#include "farm/test_support.h"

static void each_act_has_its_form_in_three_languages(void **state)
{
        struct arena *a = arena_new();
        struct buf b = { .max = 1 << 20 };
        const struct json *j;
        (void)state;
        act_kinds_json(&b);
        assert_int_equal(json_read(a, b.p, b.n, NULL, &j, NULL), 0);
        assert_int_equal(j->n, ACTS - 1);
        for (uint32_t i = 0; i < j->n; i++) {
                const struct json *k = &j->items[i], *fields = json_get(k, "fields");
                assert_int_equal(act_of_name(json_str(k, "act")), i + 1);
                assert_int_equal(json_get(k, "title")->n, LANGS);
                for (uint32_t n = 0; n < fields->n; n++) {
                        assert_true(json_str(&fields->items[n], "name").n > 0 && json_str(&fields->items[n], "type").n > 0);
                        for (uint32_t l = 0; l < LANGS; l++)
                                assert_true(json_get(&fields->items[n], "label")->members[l].value.n > 0);
                        for (uint32_t m = 0; m < n; m++)
                                assert_false(str_eq(json_str(&fields->items[n], "name"), json_str(&fields->items[m], "name")));
                }
        }
        buf_free(&b);
        arena_free(a);
}

/* Every row of acts.def: with all its fields, and with no more than it needs. */
static void every_act_becomes_an_event_without_faults(void **state)
{
        (void)state;
        for (int k = 1; k < ACTS; k++)
                for (int all = 0; all < 2; all++) {
                        struct arena *a = arena_new();
                        struct act_surroundings s = test_surroundings(a);
                        struct act_form form;
                        struct document *d = test_document(a, test_form(a, (enum act)k, all, NULL, NULL), &s, &form);
                        assert_int_equal(d->n_events, 1);
                        assert_true(str_eq(d->events[0].event_id, form.event_id));
                        assert_int_equal(d->events[0].time.us, form.at.us);
                        assert_true(str_is(d->events[0].read_point, "/place/guyu/P01"));
                        assert_true(test_own_text(d, "form").n > 64);
                        if (all)
                                assert_true(str_is(test_own_text(d, "operator"), HOST "/staff/guyu/W1"));
                        arena_free(a);
                }
}

/* What the rows say of where a value goes is where it is found. */
static void every_field_is_told_where_its_row_says(void **state)
{
        (void)state;
        for (int k = 1; k < ACTS; k++) {
                struct arena *a = arena_new();
                struct act_surroundings s = test_surroundings(a);
                struct act_form form;
                struct document *d = test_document(a, test_form(a, (enum act)k, true, NULL, NULL), &s, &form);
                for (size_t i = 0; i < n_act_fields; i++) {
                        const struct field_row *f = &act_fields[i];
                        const struct json *o = d->events[0].json;
                        if (!field_of(f, act_row((enum act)k)) || f->where == WHERE_NONE || !strcmp(f->name, "corrects") || f->type == TYPE_SIGNATURE)
                                continue;
                        if (f->where == WHERE_ILMD)
                                o = json_get(o, "ilmd");
                        bool season = !strcmp(f->name, "season") && json_get(o, "epcList");
                        if (!json_get(o, f->member) && !season)
                                fail_msg("%s.%s is not in %s", act_name((enum act)k), f->name, f->member);
                }
                arena_free(a);
        }
}

static void a_wrong_value_is_told_at_its_place(void **state)
{
        (void)state;
        for (int k = 1; k < ACTS; k++)
                for (size_t i = 0; i < n_act_fields; i++) {
                        const struct field_row *f = &act_fields[i];
                        struct arena *a = arena_new();
                        struct faults faults = { 0 };
                        struct act_form form;
                        if (field_of(f, act_row((enum act)k))) {
                                const struct json *j = test_json(a, test_form(a, (enum act)k, true, f->name, f->type == TYPE_DOSE ? "-1" : "true"));
                                assert_int_equal(act_read(a, j, STR("guyu"), &form, &faults), -1);
                                struct str want = arena_printf(a, "/%s", f->name);
                                bool found = false;
                                for (size_t n = 0; n < faults.n; n++)
                                        found |= str_starts(faults.list[n].pointer, want);
                                if (!found)
                                        fail_msg("%s.%s: true is taken", act_name((enum act)k), f->name);
                        }
                        arena_free(a);
                }
}

static size_t faults_of(struct arena *a, const char *text, struct faults *f)
{
        struct act_form form;
        *f = (struct faults){ 0 };
        act_read(a, test_json(a, text), STR("guyu"), &form, f);
        return f->n;
}

static void all_faults_are_told_at_once(void **state)
{
        struct arena *a = arena_new();
        struct faults f;
        (void)state;
        assert_int_equal(faults_of(a, "{'act':'spray','season':'guyu/1x','quantity':-1,'uom':'cup','colour':'red','at':'today'}", &f), 6);
        static const char *const where[] = { "/season", "/quantity", "/uom", "/colour", "/at", "" };
        static const char *const codes[] = { "bad-pattern", "out-of-range", "not-in-list", "not-understood", "not-a-time", "missing-member" };
        for (size_t i = 0; i < 6; i++) {
                assert_true(str_is(f.list[i].pointer, where[i]));
                assert_string_equal(f.list[i].code, codes[i]);
        }
        assert_int_equal(faults_of(a, "{'act':'dance'}", &f), 1);
        assert_int_equal(faults_of(a, "{}", &f), 1);
        assert_int_equal(faults_of(a, "[]", &f), 1);
        assert_int_equal(faults_of(a, "{'act':'weed','at':1}", &f), 1);        /* no season, no plot */
        assert_int_equal(faults_of(a, "{'act':'weed','at':1,'plot':'P1','note':null}", &f), 0);
        assert_int_equal(faults_of(a, "{'act':'pack','at':1,'inputs':[{'lot':'A'}]}", &f), 1);
        assert_int_equal(faults_of(a, "{'act':'aggregate','at':1,'parent':'C1'}", &f), 1);
        assert_int_equal(faults_of(a, "{'act':'mill','at':1,'inputs':[],'outputs':[{'lot':'A','quantity':1},7,{'uom':'kg','x':1}]}", &f), 5);
        arena_free(a);
}

static void lists_and_texts_are_taken_to_their_limits(void **state)
{
        struct arena *a = arena_new();
        struct faults f;
        (void)state;
        for (int more = 0; more < 2; more++) {
                struct buf b = { .max = 1 << 24 };
                buf_z(&b, "{'act':'pack','at':1,'inputs':[");
                for (int i = 0; i < LIMIT_ACT_LOTS + more; i++)
                        buf_printf(&b, "%s{'lot':'A%d'}", i ? "," : "", i);
                buf_z(&b, "],'serials':[");
                for (int i = 0; i < LIMIT_ACT_CODES + more; i++)
                        buf_printf(&b, "%s'S%d'", i ? "," : "", i);
                buf_printf(&b, "],'note':'%0*d','evidence':[", LIMIT_ACT_TEXT + more, 1);
                for (int i = 0; i < LIMIT_ACT_EVIDENCE + more; i++)
                        buf_printf(&b, "%s'%064d'", i ? "," : "", i);
                buf_z(&b, "]}");
                assert_int_equal(faults_of(a, arena_cstr(a, buf_view(&b)), &f), more ? 4 : 0);
                buf_free(&b);
        }
        arena_free(a);
}

static void few_words_are_enough_for_a_spray(void **state)
{
        struct arena *a = arena_new();
        struct act_surroundings s = test_surroundings(a);
        struct act_form form;
        (void)state;
        s.clock_grade = NULL;
        struct document *d = test_document(a, "{'act':'spray','season':'guyu/Rice2026','at':1792483200000,'product':'CAP','quantity':1,'uom':'L','id':'x-1'}", &s, &form);
        const struct event *e = &d->events[0];
        assert_int_equal(e->type, EVENT_TRANSFORMATION);
        assert_true(str_is(e->biz_step, SUYUAN_VOC "spraying"));
        assert_int_equal(e->n_items, 2);
        assert_true(str_is(test_own_text(d, "registrationNumber"), "PD20100677"));
        assert_true(str_is(test_own_text(d, "preHarvestIntervalDays"), "14"));  /* without a target the longest of the crop */
        assert_true(str_is(test_own_text(d, "input"), HOST "/input/guyu/CAP"));
        d = test_document(a, "{'act':'spray','season':'guyu/Rice2026','at':1792483200000,'product':'CAP','quantity':1,'uom':'L','target':'二化螟','dose':10,'doseUom':'mL'}", &s, &form);
        assert_true(str_is(test_own_text(d, "preHarvestIntervalDays"), "7"));
        assert_true(str_is(test_own_text(d, "dose"), "10 毫升/亩"));
        s.crop = STR("番茄");           /* not on the label */
        d = test_document(a, "{'act':'spray','season':'guyu/Rice2026','at':1792483200000,'product':'CAP','quantity':1,'uom':'L'}", &s, &form);
        assert_true(str_is(test_own_text(d, "preHarvestIntervalDays"), "5"));
        s.input = NULL;
        s.lot = STR_NONE;               /* an input that nobody put: what happened is told nevertheless */
        d = test_document(a, "{'act':'spray','season':'guyu/Rice2026','at':1792483200000,'product':'NEW','quantity':1,'uom':'L'}", &s, &form);
        assert_true(str_is(d->events[0].items[1].canonical, "/input/guyu/NEW") || str_is(d->events[0].items[0].canonical, "/input/guyu/NEW"));
        arena_free(a);
}

static void a_harvest_makes_up_its_lot_once_and_for_all(void **state)
{
        struct arena *a = arena_new();
        struct act_surroundings s = test_surroundings(a);
        struct act_form form, again;
        const char *text = "{'act':'harvest','season':'guyu/Rice2026','at':'2026-10-20T16:00:00+08:00','quantity':1000,'uom':'jin','id':'h1'}";
        (void)state;
        struct document *d = test_document(a, text, &s, &form), *same = test_document(a, text, &s, &again);
        struct fact f;
        struct str season;
        assert_true(fact_of_event(a, &d->events[0], &season, &f));
        assert_int_equal(f.n_out, 1);
        assert_true(str_starts(f.out[0].lot, STR("/lot/guyu/Rice2026-261020-")));
        assert_true(str_is(decimal_text(a, f.out[0].quantity), "500"));
        assert_true(str_is(f.out[0].uom, "KGM"));
        assert_true(str_eq(d->events[0].event_id, same->events[0].event_id));
        assert_memory_equal(&form.digest, &again.digest, sizeof form.digest);
        /* it is called what grows there */
        assert_int_equal(d->n_master, 1);
        assert_true(str_eq(d->master[0].canonical, f.out[0].lot));
        arena_free(a);
}

static void the_same_id_is_the_same_event_and_the_clock_no_part_of_the_form(void **state)
{
        struct arena *a = arena_new();
        struct faults f = { 0 };
        struct act_form one, two, three, four;
        (void)state;
        act_read(a, test_json(a, "{'act':'weed','season':'guyu/R','at':1,'id':'6F0E1C1E-3b5a-4c0e-9d3f-0a1b2c3d4e5f'}"), STR("guyu"), &one, &f);
        act_read(a, test_json(a, "{'id':'6f0e1c1e-3b5a-4c0e-9d3f-0a1b2c3d4e5f','season':'guyu/R','act':'weed','at':1.0,'clock':{'offsetMs':7}}"), STR("guyu"), &two, &f);
        assert_true(str_is(one.event_id, "urn:uuid:6f0e1c1e-3b5a-4c0e-9d3f-0a1b2c3d4e5f"));
        assert_true(str_eq(one.event_id, two.event_id));
        act_read(a, test_json(a, "{'act':'weed','season':'guyu/R','at':1,'id':'k1'}"), STR("guyu"), &one, &f);
        act_read(a, test_json(a, "{'act':'weed','season':'guyu/R','at':2,'id':'k1','clock':{}}"), STR("guyu"), &two, &f);
        act_read(a, test_json(a, "{'act':'weed','season':'bai/R','at':2,'id':'k1'}"), STR("guyu"), &three, &f);
        act_read(a, test_json(a, "{'act':'weed','season':'guyu/R','at':1,'id':'k1','clock':{'uptimeMs':2}}"), STR("guyu"), &four, &f);
        assert_int_equal(f.n, 0);
        assert_true(str_eq(one.event_id, two.event_id));
        assert_false(str_eq(one.event_id, three.event_id));
        assert_memory_not_equal(&one.digest, &two.digest, sizeof one.digest);
        assert_memory_equal(&one.digest, &four.digest, sizeof one.digest);
        arena_free(a);
}

static void units_are_taken_as_people_write_them(void **state)
{
        static const struct { const char *entered, *code, *of_three; } cases[] = {
                { "kg", "KGM", "3" }, { "KGM", "KGM", "3" }, { "公斤", "KGM", "3" }, { "斤", "KGM", "1.5" }, { "JIN", "KGM", "1.5" }, { "兩", "GRM", "150" },
                { "g", "GRM", "3" }, { "ml", "MLT", "3" }, { "毫升", "MLT", "3" }, { "L", "LTR", "3" }, { "m3", "MTQ", "3" }, { "件", "C62", "3" }, { "担", "KGM", "150" },
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                const struct unit_row *u = unit_of(str_of(cases[i].entered));
                struct decimal d;
                assert_non_null(u);
                assert_string_equal(u->code, cases[i].code);
                assert_true(unit_amount((struct decimal){ 3, 0 }, u, &d));
                assert_true(str_is(decimal_text(a, d), cases[i].of_three));
        }
        assert_null(unit_of(STR("cup")));
        assert_null(unit_of(STR("")));
        arena_free(a);
}

static void a_clock_is_graded_by_what_it_was_told(void **state)
{
        /* minutes from noon; the record arrives at 600 */
        static const struct { const char *clock; int at; const char *grade; } cases[] = {
                { "{}", 0, "unproven" }, { "{'offsetMs':1000.25}", 0, "plausible" }, { "{'offsetMs':-86400000}", 0, "unproven" }, { "{}", 700, "impossible" },
        };
        struct arena *a = arena_new();
        int64_t noon = INT64_C(1792468800000);
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct stamp at = { (noon + cases[i].at * 60000) * 1000, 480 };
                assert_string_equal(act_clock_grade(test_json(a, cases[i].clock), at, (noon + 600 * 60000) * 1000), cases[i].grade);
        }
        static const struct { int device, server, uptime, server_uptime, at; const char *grade; } told[] = {
                { 0, -60, 120, 60, 0, "synced" },               /* an hour after the server's word, as the uptime says too */
                { 0, -60, 120, 60, -30, "plausible" },          /* entered half an hour later */
                { -1440, -60, 120, 60, 0, "synced" },           /* the clock stands a day back, the time is told by the uptime */
                { -1440, -60, 120, 60, -1440, "unproven" },     /* and here it is not */
                { 60, -60, 120, 60, 60, "impossible" },         /* an hour before it happened */
                { 0, -60, 10, 60, 0, "plausible" },             /* started anew since */
                { -120, -60, 10, 60, -120, "impossible" },      /* started anew, and stands before what it was told */
                { -1440, -60, 10, 60, 0, "unproven" },          /* the same, but the device did not believe its clock */
                { 0, 700, 120, 60, 0, "impossible" },           /* told a time that is yet to come */
        };
        for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
                const char *text = arena_printf(a, "{'deviceTime':%lld,'serverTime':%lld,'uptimeMs':%d,'serverUptimeMs':%d}", (long long)(noon + told[i].device * 60000),
                                                (long long)(noon + told[i].server * 60000), told[i].uptime * 60000, told[i].server_uptime * 60000).p;
                struct stamp at = { (noon + told[i].at * 60000) * 1000, 480 };
                assert_string_equal(act_clock_grade(test_json(a, text), at, (noon + 600 * 60000) * 1000), told[i].grade);
        }
        assert_null(act_clock_grade(NULL, (struct stamp){ 0, 0 }, 0));
        arena_free(a);
}

static void packs_bear_the_names_of_their_product(void **state)
{
        struct arena *a = arena_new();
        struct act_surroundings s = test_surroundings(a);
        struct act_good bag = { STR("BAG"), STR("https://id.gs1.org/01/09521202000021"), STR("https://id.gs1.org/01/09521202000021/10/"), NULL };
        struct act_form form;
        (void)state;
        s.goods = &bag;
        struct document *d = test_document(a, "{'act':'pack','org':'guyu','at':1,'inputs':[{'lot':'A1','quantity':500,'uom':'kg'}],'product':'BAG','lot':'R261031','quantity':98,'uom':'pcs',"
                                              "'serials':['R26103100001','R26103100002']}", &s, &form);
        const struct event *e = &d->events[0];
        assert_int_equal(e->n_items, 4);
        bool lot = false, serial = false;
        for (size_t i = 0; i < e->n_items; i++) {
                lot |= str_is(e->items[i].canonical, "https://id.gs1.org/01/09521202000021/10/R261031") && str_is(e->items[i].quantity, "98");
                serial |= str_is(e->items[i].canonical, "https://id.gs1.org/01/09521202000021/21/R26103100002");
        }
        assert_true(lot && serial);
        d = test_document(a, "{'act':'aggregate','at':1,'parent':'195212020006103112','children':['https://id.gs1.org/01/09521202000021/21/R26103100002','B2']}", &s, &form);
        assert_true(str_is(d->events[0].items[0].canonical, "https://id.gs1.org/00/195212020006103112"));
        arena_free(a);
}

static void a_correction_declares_the_earlier_event_wrong(void **state)
{
        struct arena *a = arena_new();
        struct act_surroundings s = test_surroundings(a);
        struct act_form form;
        (void)state;
        struct document *d = test_document(a, "{'act':'spray','season':'guyu/R','at':1,'product':'CAP','quantity':1,'uom':'L','id':'s1'}", &s, &form);
        struct buf b = { .max = 1 << 20 };
        json_write(&b, d->events[0].json);
        s.corrected = arena_str(a, buf_view(&b));
        s.corrected_context = d->events[0].context_json;
        const char *text = arena_printf(a, "{'act':'spray','season':'guyu/R','at':1,'product':'CAP','quantity':2,'uom':'L','id':'s2','corrects':'%.*s'}", STR_ARG(form.event_id)).p;
        struct document *two = test_document(a, text, &s, &form);
        assert_int_equal(two->n_events, 2);
        assert_false(two->events[0].has_error_declaration);
        assert_true(two->events[1].has_error_declaration);
        assert_true(str_eq(two->events[1].event_id, d->events[0].event_id));
        struct hash x, y;
        event_hash(a, &d->events[0], &x, NULL);         /* a declaration is of the same event */
        event_hash(a, &two->events[1], &y, NULL);
        assert_memory_equal(&x, &y, sizeof x);
        buf_free(&b);
        arena_free(a);
}

static void a_form_is_signed_but_for_its_clock(void **state)
{
        struct arena *a = arena_new();
        uint8_t pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES], text[56], value[crypto_sign_BYTES];
        const char *form = "'act':'weed','season':'guyu/R','at':1,'id':'s1'";
        struct faults f = { 0 };
        struct act_form plain, x;
        (void)state;
        assert_true(sodium_init() >= 0);
        crypto_sign_keypair(pk, sk);
        assert_int_equal(act_read(a, test_json(a, arena_printf(a, "{%s}", form).p), STR("guyu"), &plain, &f), 0);
        assert_null(plain.signature);
        memcpy(text, "suyuan act signature v1\n", 24);
        memcpy(text + 24, plain.digest.b, 32);
        crypto_sign_detached(value, NULL, text, sizeof text, sk);
        struct buf b = { .max = 1000 };
        buf_z(&b, "'signature':{'key':'");
        base64_encode(&b, pk, sizeof pk);
        buf_z(&b, "','value':'");
        base64_encode(&b, value, sizeof value);
        buf_z(&b, "'}");
        const char *good = arena_printf(a, "{%s,'clock':{'uptimeMs':7},%s}", form, b.p).p, *bad = arena_printf(a, "{%s,'note':'x',%s}", form, b.p).p;
        struct act_surroundings s = test_surroundings(a);
        struct document *d = test_document(a, good, &s, &x);
        assert_memory_equal(x.signature->key, pk, sizeof pk);
        assert_non_null(event_extension(&d->events[0], d->events[0].json, SUYUAN_VOC "actSignature"));
        assert_int_equal(act_read(a, test_json(a, bad), STR("guyu"), &x, &f), -1);
        assert_string_equal(f.list[0].code, "signature-wrong");
        buf_free(&b);
        arena_free(a);
}

/* The part of the page under a head, up to the next; STR_NONE. */
static struct str section(struct str doc, const char *head)
{
        const char *from = memmem(doc.p, doc.n, head, strlen(head));
        if (!from)
                return STR_NONE;
        from += strlen(head);
        struct str rest = { from, doc.n - (size_t)(from - doc.p) };
        const char *to = memmem(rest.p, rest.n, "\n## ", 4);
        return (struct str){ rest.p, to ? (size_t)(to - rest.p) : rest.n };
}

static size_t count(struct str s, const char *what)
{
        size_t n = 0;
        for (const char *p; (p = memmem(s.p, s.n, what, strlen(what))); n++)
                s = str_from(s, (size_t)(p - s.p) + strlen(what));
        return n;
}

static void check_section(struct arena *a, struct str doc, const char *head, int on)
{
        struct str part = section(doc, head);
        size_t rows = 0;
        if (!part.n)
                fail_msg("docs/ref/acts.md lacks '%s'", head);
        for (size_t i = 0; i < n_act_fields; i++) {
                const struct field_row *f = &act_fields[i];
                if (f->on != on)
                        continue;
                rows++;
                struct str begin = arena_printf(a, "\n| `%s` | `%s`", f->name, field_type_name(f->type)), member = arena_printf(a, "`%s` | %s | %s |\n", f->member, f->label[LANG_HANS], f->label[LANG_EN]);
                struct str need = arena_printf(a, f->required ? "| yes |" : "|  |");
                const char *at = memmem(part.p, part.n, begin.p, begin.n);
                struct str line = at ? str_from(part, (size_t)(at - part.p) + 1) : STR_NONE;
                const char *end = line.n ? memchr(line.p, '\n', line.n) : NULL;
                line.n = end ? (size_t)(end - line.p) + 1 : line.n;
                if (!line.n || !memmem(line.p, line.n, need.p, need.n) || (f->where != WHERE_NONE && !memmem(line.p, line.n, member.p, member.n)))
                        fail_msg("docs/ref/acts.md under '%s': the row of %s is not there or not right", head, f->name);
        }
        assert_int_equal(count(part, "\n| `"), rows);
}

static void the_reference_says_what_the_list_says(void **state)
{
        struct arena *a = arena_new();
        struct str doc;
        struct err e = { 0 };
        (void)state;
        assert_int_equal(file_read(a, SOURCE_ROOT "/docs/ref/acts.md", 1 << 20, &doc, &e), 0);
        for (int k = 1; k < ACTS; k++) {
                const struct act_row *row = act_row((enum act)k);
                check_section(a, doc, arena_printf(a, "\n## `%s`: %s, %s\n", row->name, row->title[LANG_HANS], row->title[LANG_EN]).p, k);
        }
        check_section(a, doc, "\n## Fields of every act\n", EVERY);
        check_section(a, doc, "\n## Fields of acts on a season\n", ON_SEASON);
        check_section(a, doc, "\n## Fields of acts on the store of inputs\n", ON_STORE);
        check_section(a, doc, "\n## Fields of acts on lots\n", ON_LOTS);
        assert_int_equal(count(section(doc, "\n## Units\n"), "\n| `"), n_act_units);
        assert_int_equal(count(doc, "\n## `"), ACTS - 1);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_act_has_its_form_in_three_languages),
                cmocka_unit_test(every_act_becomes_an_event_without_faults),
                cmocka_unit_test(every_field_is_told_where_its_row_says),
                cmocka_unit_test(a_wrong_value_is_told_at_its_place),
                cmocka_unit_test(all_faults_are_told_at_once),
                cmocka_unit_test(lists_and_texts_are_taken_to_their_limits),
                cmocka_unit_test(few_words_are_enough_for_a_spray),
                cmocka_unit_test(a_harvest_makes_up_its_lot_once_and_for_all),
                cmocka_unit_test(the_same_id_is_the_same_event_and_the_clock_no_part_of_the_form),
                cmocka_unit_test(units_are_taken_as_people_write_them),
                cmocka_unit_test(a_clock_is_graded_by_what_it_was_told),
                cmocka_unit_test(packs_bear_the_names_of_their_product),
                cmocka_unit_test(a_correction_declares_the_earlier_event_wrong),
                cmocka_unit_test(a_form_is_signed_but_for_its_clock),
                cmocka_unit_test(the_reference_says_what_the_list_says),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
