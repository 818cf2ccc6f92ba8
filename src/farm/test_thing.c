/* Goal: a thing is kept as it was put, all that is wrong with it is told at once, and its statement is EPCIS master data that leads back to it. */
#include <stdio.h>

#include "base/test.h"

#include "base/limits.h"
#include "farm/thing.h"

static const struct json *json_of(struct arena *a, struct str text)
{
        const struct json *j;
        struct err e = { 0 };
        if (json_read(a, text.p, text.n, NULL, &j, &e) < 0)
                fail_msg("%s: %.*s", e.detail, STR_ARG(text));
        return j;
}

/* "code@pointer code@pointer" of all faults. */
static struct str faults_of(struct arena *a, const struct faults *f)
{
        struct str s = STR("");
        for (size_t i = 0; i < f->n; i++)
                s = arena_printf(a, "%.*s%s%s@%.*s", STR_ARG(s), i ? " " : "", f->list[i].code, STR_ARG(f->list[i].pointer));
        return s;
}

static void what_is_put_is_kept_in_the_order_of_the_description(void **state)
{
        static const struct { enum thing_kind kind; const char *sent, *kept; } list[] = {
                { THING_PLACE, "{\"areaMu\":\"3.50\",\"name\":\" 一号田 \",\"x-soil\":[1],\"type\":\"plot\",\"address\":null}", "{\"name\":\"一号田\",\"type\":\"plot\",\"areaMu\":3.5,\"x-soil\":[1]}" },
                { THING_PLACE, "{\"name\":\"a\",\"position\":{\"type\":\"Point\",\"coordinates\":[113.01,25.7]}}", "{\"name\":\"a\",\"position\":{\"lat\":25.7,\"lon\":113.01}}" },
                { THING_INPUT, "{\"name\":\"a\",\"activeIngredients\":\"吡虫啉\",\"intervalDays\":7,\"labels\":{\"番茄\":{\"intervalDays\":7,\"maxUses\":2},\"黄瓜\":3,\"茶叶\":[{\"target\":\"蚜虫\"},{}]}}",
                  "{\"name\":\"a\",\"activeIngredients\":[\"吡虫啉\"],\"intervalDays\":7,\"labels\":[{\"crop\":\"番茄\",\"intervalDays\":7,\"maxUses\":2},{\"crop\":\"黄瓜\",\"intervalDays\":3},"
                  "{\"crop\":\"茶叶\",\"target\":\"蚜虫\"},{\"crop\":\"茶叶\"}]}" },
                { THING_INPUT, "{\"name\":\"a\",\"labels\":[{\"crop\":\"水稻\",\"dose\":{\"uom\":\"mL/mu\",\"max\":30,\"min\":20.0}}]}",
                  "{\"name\":\"a\",\"labels\":[{\"crop\":\"水稻\",\"dose\":{\"min\":20,\"max\":30,\"uom\":\"mL/mu\"}}]}" },
                { THING_INPUT, "{\"name\":\"a\",\"labels\":[{\"crop\":\"水稻\",\"target\":[\"蚜虫\",\"飞虱\"],\"dose\":\"20～30.0 克/亩\"},{\"crop\":\"x\",\"dose\":\"5mL/mu\"}]}",
                  "{\"name\":\"a\",\"labels\":[{\"crop\":\"水稻\",\"target\":\"蚜虫、飞虱\",\"dose\":{\"min\":20,\"max\":30,\"uom\":\"克/亩\"}},{\"crop\":\"x\",\"dose\":{\"min\":5,\"max\":5,\"uom\":\"mL/mu\"}}]}" },
                { THING_PRODUCT, "{\"name\":\"a\",\"gtin\":\"06901234567892\"}", "{\"name\":\"a\",\"gtin\":\"06901234567892\"}" },
                { THING_SEASON, "{\"crop\":\"水稻\",\"plot\":\"A1\",\"opened\":\"2026-05-01T08:00:00+08:00\",\"wantsPhotos\":true}", "{\"plot\":\"A1\",\"crop\":\"水稻\",\"opened\":\"2026-05-01\",\"wantsPhotos\":true}" },
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(list); i++) {
                struct faults f = { 0 };
                struct str kept;
                assert_int_equal(thing_read(a, list[i].kind, json_of(a, str_of(list[i].sent)), &kept, &f), 0);
                assert_str(kept, list[i].kept);
                struct str again;       /* what was kept is kept as it is */
                assert_int_equal(thing_read(a, list[i].kind, json_of(a, kept), &again, &f), 0);
                assert_str(again, list[i].kept);
        }
        arena_free(a);
}

static void every_fault_is_told_at_its_place(void **state)
{
        static const struct { enum thing_kind kind; const char *sent, *faults; } list[] = {
                { THING_PLACE, "[]", "wrong-kind@" },
                { THING_PLACE, "{}", "missing-member@/name" },
                { THING_PLACE, "{\"name\":7,\"nmae\":1,\"type\":\"field\",\"areaMu\":-1,\"gln\":\"6901234567891\"}",
                  "wrong-kind@/name not-in-list@/type out-of-range@/areaMu bad-pattern@/gln not-understood@/nmae" },
                { THING_PLACE, "{\"name\":\"  \",\"position\":{\"lat\":95,\"lon\":1},\"outline\":{},\"address\":\"a\\u0007\"}", "bad-pattern@/name bad-pattern@/address out-of-range@/position bad-outline@/outline" },
                { THING_PRODUCT, "{\"name\":\"a\",\"gtin\":\"06901234567890\",\"a/b\":1}", "bad-pattern@/gtin not-understood@/a~1b" },
                { THING_INPUT, "{\"name\":\"a\",\"intervalDays\":1.5,\"activeIngredients\":[\"a\",7],\"labels\":[{\"intervalDays\":-1},7,{\"crop\":\"a\",\"day\":1,\"dose\":{\"min\":\"x\"}}]}",
                  "wrong-kind@/activeIngredients/1 out-of-range@/intervalDays missing-member@/labels/0 out-of-range@/labels/0/intervalDays wrong-kind@/labels/1 not-understood@/labels/2/day "
                  "wrong-kind@/labels/2/dose/min missing-member@/labels/2/dose" },
                { THING_INPUT, "{\"name\":\"a\",\"labels\":{\"a\":[7,\"x\"],\"b\":true}}", "wrong-kind@/labels/a/1 wrong-kind@/labels/b" },
                { THING_INPUT, "{\"name\":\"a\",\"labels\":7}", "wrong-kind@/labels" },
                { THING_SEASON, "{\"plot\":\"A1\",\"opened\":\"2026-02-30\",\"wantsPhotos\":1}", "missing-member@/crop not-a-time@/opened wrong-kind@/wantsPhotos" },
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(list); i++) {
                struct faults f = { 0 };
                struct str kept;
                assert_int_equal(thing_read(a, list[i].kind, json_of(a, str_of(list[i].sent)), &kept, &f), -1);
                assert_str(faults_of(a, &f), list[i].faults);
        }
        arena_free(a);
}

static int read_name(struct arena *a, size_t bytes, const char **ret_code)
{
        struct faults f = { 0 };
        struct str kept;
        char *text = arena_raw(a, bytes + 1);
        memset(text, 'a', bytes);
        text[bytes] = '\0';
        int rc = thing_read(a, THING_CROP, json_of(a, arena_printf(a, "{\"name\":\"%s\"}", text)), &kept, &f);
        *ret_code = f.n ? f.list[0].code : "";
        return rc;
}

static void texts_and_lists_are_bounded(void **state)
{
        struct arena *a = arena_new();
        struct faults f = { 0 };
        struct str kept, list = STR("\"a\"");
        const char *code;
        (void)state;
        assert_int_equal(read_name(a, LIMIT_THING_TEXT_BYTES, &code), 0);
        assert_int_equal(read_name(a, LIMIT_THING_TEXT_BYTES + 1, &code), -1);
        assert_string_equal(code, "too-long");
        for (int i = 1; i < LIMIT_THING_LIST; i++)
                list = arena_printf(a, "%.*s,\"a\"", STR_ARG(list));
        assert_int_equal(thing_read(a, THING_CROP, json_of(a, arena_printf(a, "{\"name\":\"a\",\"variety\":[%.*s]}", STR_ARG(list))), &kept, &f), 0);
        assert_int_equal(thing_read(a, THING_CROP, json_of(a, arena_printf(a, "{\"name\":\"a\",\"variety\":[%.*s,\"a\"]}", STR_ARG(list))), &kept, &f), -1);
        arena_free(a);
}

static void a_statement_is_master_data_that_leads_back(void **state)
{
        const struct str origin = STR("https://trace.example.cn");
        const struct origins own = { &origin, 1 };
        static const struct { enum thing_kind kind; const char *body, *canonical; } list[] = {
                { THING_PLACE, "{\"name\":\"一号田\",\"nameEn\":\"Plot 1\",\"position\":{\"lat\":25.7,\"lon\":113}}", "/place/farm/A1" },
                { THING_PRODUCT, "{\"name\":\"大米\",\"netContent\":\"5 kg\"}", "/product/farm/A1" },
                { THING_PRODUCT, "{\"name\":\"大米\",\"gtin\":\"6901234567892\"}", "https://id.gs1.org/01/06901234567892" },
                { THING_INPUT, "{\"name\":\"a\",\"labels\":[]}", "/input/farm/A1" },
                { THING_CROP, "{\"name\":\"水稻\"}", "/crop/farm/A1" },
                { THING_PARTNER, "{\"name\":\"水稻\",\"contact\":\"李\"}", "/partner/farm/A1" },
                { THING_SEASON, "{\"plot\":\"A\",\"crop\":\"水稻\"}", "/season/farm/A1" },
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(list); i++) {
                struct buf b = { .max = 1 << 20 };
                struct document *d;
                enum thing_kind kind;
                struct str org, code;
                struct err e = { 0 };
                thing_document(&b, a, list[i].kind, STR("farm"), STR("A1"), json_of(a, str_of(list[i].body)), &own, INT64_C(1770000000000000));
                if (document_read(a, b.p, b.n, &own, &d, &e) < 0)
                        fail_msg("%s", e.detail);
                assert_int_equal(d->faults.n, 0);
                assert_int_equal(d->n_events, 0);
                assert_int_equal(d->n_master, 1);
                assert_str(d->master[0].canonical, list[i].canonical);
                assert_str(thing_body(a, d->master[0].json), list[i].body);
                assert_true(thing_of_element(d->master[0].json, &kind, &org, &code));
                assert_int_equal(kind, list[i].kind);
                assert_str(org, "farm");
                assert_str(code, "A1");
                buf_free(&b);
        }
        arena_free(a);
}

static void an_element_of_somebody_else_is_nobody_s_put(void **state)
{
        static const char *const list[] = {
                "{}", "{\"attributes\":[]}", "{\"attributes\":[{\"id\":\"suyuan:thing\",\"attribute\":7},{\"id\":\"suyuan:detail\",\"attribute\":\"x\"}]}",
                "{\"attributes\":[{\"id\":\"suyuan:thing\",\"attribute\":\"place/farm\"}]}", "{\"attributes\":[{\"id\":\"suyuan:thing\",\"attribute\":\"place/farm/A/B\"}]}",
                "{\"attributes\":[{\"id\":\"suyuan:thing\",\"attribute\":\"throne/farm/A\"}]}", "{\"attributes\":[{\"id\":\"suyuan:thing\",\"attribute\":\"place//A\"}]}",
        };
        struct arena *a = arena_new();
        (void)state;
        for (size_t i = 0; i < COUNT(list); i++) {
                enum thing_kind kind;
                struct str org, code;
                assert_false(thing_of_element(json_of(a, str_of(list[i])), &kind, &org, &code));
                assert_int_equal(thing_body(a, json_of(a, str_of(list[i]))).n, 0);
        }
        arena_free(a);
}

static void an_input_says_what_the_rules_ask(void **state)
{
        struct arena *a = arena_new();
        struct input_facts i;
        (void)state;
        input_read(a, STR("P1"), STR("/input/farm/P1"), json_of(a, STR("{\"name\":\"虫净\",\"registrationNumber\":\"PD20261234\",\"activeIngredients\":[\"吡虫啉\",\"啶虫脒\"],\"intervalDays\":14,"
                "\"labels\":[{\"crop\":\"番茄\",\"intervalDays\":7,\"maxUses\":2,\"dose\":{\"min\":20,\"max\":30.5,\"uom\":\"mL/mu\"}},{\"crop\":\"黄瓜\"}]}")), &i);
        assert_str(i.category, "pesticide");
        assert_int_equal(i.n_ingredients, 2);
        assert_str(i.ingredients[1], "啶虫脒");
        assert_int_equal(i.interval_days, 14);
        assert_int_equal(i.n_labels, 2);
        assert_int_equal(i.labels[0].interval_days, 7);
        assert_str(i.labels[0].dose_max, "30.5");
        assert_int_equal(i.labels[1].interval_days, -1);
        assert_int_equal(i.labels[1].max_uses, -1);
        input_read(a, STR("S1"), STR("/input/farm/S1"), json_of(a, STR("{\"name\":\"谷种\"}")), &i);
        assert_str(i.category, "other");
        assert_int_equal(i.interval_days, -1);
        arena_free(a);
}

static void every_member_is_described_in_three_languages(void **state)
{
        (void)state;
        for (enum thing_kind k = THING_PLACE; k < THING_KINDS; k++) {
                size_t n;
                const struct thing_member *m = thing_members(k, &n);
                assert_true(n > 0);
                for (size_t i = 0; i < n; i++) {
                        for (int l = 0; l < LANGS; l++)
                                assert_true(*m[i].title[l]);
                        assert_true((m[i].type == MEMBER_WORD) == (m[i].words != NULL));
                        for (size_t j = 0; j < i; j++)
                                assert_string_not_equal(m[i].name, m[j].name);
                }
                assert_int_equal(thing_kind_of(str_of(thing_kind_name(k))), k);
                assert_true(*thing_kind_title(k, LANG_EN));
        }
        assert_int_equal(thing_kind_of(STR("places")), THING_PLACE);
        assert_int_equal(thing_kind_of(STR("thrones")), 0);
}

static void every_member_stands_in_the_reference(void **state)
{
        static char doc[64 * 1024];
        FILE *f = fopen(SOURCE_ROOT "/docs/ref/things.md", "r");
        (void)state;
        assert_non_null(f);
        doc[fread(doc, 1, sizeof doc - 1, f)] = '\0';
        fclose(f);
        for (enum thing_kind k = THING_PLACE; k < THING_KINDS; k++) {
                char head[100], row[100];
                size_t n;
                const struct thing_member *m = thing_members(k, &n);
                snprintf(head, sizeof head, "`%s`\n\n| member", thing_kind_name(k));
                char *section = strstr(doc, head);
                assert_non_null(section);
                const char *end = strstr(section, "\n## ");
                for (size_t i = 0; i < n; i++) {
                        snprintf(row, sizeof row, "\n| `%s` |", m[i].name);
                        const char *at = strstr(section, row);
                        if (!at || (end && at > end))
                                fail_msg("docs/ref/things.md lacks %s of %s", m[i].name, thing_kind_name(k));
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_put_is_kept_in_the_order_of_the_description),
                cmocka_unit_test(every_fault_is_told_at_its_place),
                cmocka_unit_test(texts_and_lists_are_bounded),
                cmocka_unit_test(a_statement_is_master_data_that_leads_back),
                cmocka_unit_test(an_element_of_somebody_else_is_nobody_s_put),
                cmocka_unit_test(an_input_says_what_the_rules_ask),
                cmocka_unit_test(every_member_is_described_in_three_languages),
                cmocka_unit_test(every_member_stands_in_the_reference),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
