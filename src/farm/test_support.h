#ifndef SUYUAN_FARM_TEST_SUPPORT_H
#define SUYUAN_FARM_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "farm/act_impl.h"
#include "farm/fact.h"

/* Forms for tests: written with ' for ", so that they can be read; and one made from the description of an act. */

#define HOST "https://trace.example.cn"
static const struct str test_own_list[] = { { HOST, sizeof HOST - 1 } };
static const struct origins test_own = { test_own_list, 1 };
static const int64_t TEST_NOW_US = INT64_C(1797000000000000);   /* 2026-12-11 */

static inline const struct json *test_json(struct arena *a, const char *text)
{
        char *p = arena_cstr(a, str_of(text));
        const struct json *j;
        struct err e = { 0 };
        for (char *q = p; *q; q++)
                if (*q == '\'')
                        *q = '"';
        if (json_read(a, p, strlen(p), NULL, &j, &e) < 0)
                fail_msg("no JSON: %s in %s", e.detail, text);
        return j;
}

static inline const char *test_sample(const struct field_row *f)
{
        static const char *const samples[FIELD_TYPES] = {
                [TYPE_TEXT] = "'稻飞虱'", [TYPE_LONGTEXT] = "'苗齐苗壮'", [TYPE_NUMBER] = "12.5", [TYPE_AREA] = "36", [TYPE_QUANTITY] = "1.25", [TYPE_COUNTED] = "0",
                [TYPE_UOM] = "'斤'", [TYPE_DOSE] = "10", [TYPE_STAGE] = "23", [TYPE_DATE] = "'2027-05-01'", [TYPE_TIME] = "'2026-10-20T16:00:00+08:00'",
                [TYPE_SEASON] = "'guyu/Rice2026'", [TYPE_PLACE] = "'P01'", [TYPE_INPUT] = "'CAP'", [TYPE_PRODUCT] = "'RICE'", [TYPE_LOT] = "'20260312A'",
                [TYPE_PARTNER] = "'lvfeng'", [TYPE_STAFF] = "'W1'", [TYPE_CODE] = "'guyu'", [TYPE_UNIT] = "'195212020006103112'",
                [TYPE_LOTS] = "[{'lot':'A1','quantity':10,'uom':'kg'},{'lot':'B1','product':'RICE','quantity':5,'uom':'kg'}]",
                [TYPE_LOSS] = "[{'quantity':1,'uom':'kg','reason':'水分'}]", [TYPE_CODES] = "['S1','S2']",
                [TYPE_POSITION] = "{'lat':25.5871,'lon':113.1264,'accuracyM':8}",
                [TYPE_EVIDENCE] = "[{'sha256':'958C5e6f1482070a7b3e6e862177fab27438336c850f1c33097a0af021efd427','mediaType':'image/jpeg','bytes':17,'takenAt':1792483200000}]",
                [TYPE_CLOCK] = "{'deviceTime':'2026-10-20T16:00:00+08:00','uptimeMs':1000.5,'serverTime':'2026-10-20T15:00:00+08:00','serverUptimeMs':10,'offsetMs':3}",
                [TYPE_EVENTID] = "'urn:uuid:d71e4a54-ee80-508d-8294-62ae26018b40'", [TYPE_ID] = "'6f0e1c1e-3b5a-4c0e-9d3f-0a1b2c3d4e5f'",
        };
        static const char *const choices[] = { [LIST_SPREADING] = "'hole'", [LIST_SPRAYING] = "'drone'", [LIST_WATERING] = "'drip'", [LIST_WEEDING] = "'hand'",
                                               [LIST_LOOK] = "'good'", [LIST_DESTROYING] = "'expired'" };
        return f->type == TYPE_CHOICE ? choices[f->options] : samples[f->type];
}

/* A form with all fields of the act, or only what it needs; `replace` (NULL: none) stands instead of the field's value. */
static inline const char *test_form(struct arena *a, enum act k, bool all, const char *field, const char *replace)
{
        struct buf b = { .max = 1 << 20 };
        buf_printf(&b, "{'act':'%s'", act_name(k));
        for (size_t i = 0; i < n_act_fields; i++) {
                const struct field_row *f = &act_fields[i];
                bool needed = f->required || !strcmp(f->name, "season") || (k == ACT_PACK && !strcmp(f->name, "serials")) ||
                              (k == ACT_AGGREGATE && !strcmp(f->name, "children"));
                if (f->type == TYPE_SIGNATURE && !(field && !strcmp(field, f->name)))
                        continue;       /* has a test of its own */
                if (field_of(f, act_row(k)) && (all || needed))
                        buf_printf(&b, ",'%s':%s", f->name, field && !strcmp(field, f->name) ? replace : test_sample(f));
        }
        buf_z(&b, "}");
        char *s = arena_cstr(a, buf_view(&b));
        buf_free(&b);
        return s;
}

#define T(z) { .p = (z), .n = sizeof(z) - 1 }
static const struct input_label test_labels[] = {
        { T("再生稻"), T("稻飞虱"), 14, 2, { 0 }, { 0 }, { 0 } }, { T("再生稻"), T("二化螟"), 7, 2, { 0 }, { 0 }, { 0 } },
        { T("莲藕"), { 0 }, 21, 1, { 0 }, { 0 }, { 0 } },
};
static const struct str test_ingredients[] = { T("氯虫苯甲酰胺"), T("噻虫嗪") };
static const struct input_facts test_input = {
        T("CAP"), T("/input/guyu/CAP"), T("康宽"), T("pesticide"), T("PD20100677"), test_ingredients, 2, 5, test_labels, 3,
};
#undef T

static inline struct act_surroundings test_surroundings(struct arena *a)
{
        struct act_good *rice = arena_alloc(a, sizeof *rice);
        *rice = (struct act_good){ STR("RICE"), STR("/product/guyu/RICE"), STR("/lot/guyu/"), test_json(a, "{'name':'再生稻米','nameEn':'Ratoon rice'}") };
        return (struct act_surroundings){
                .own = &test_own, .place = STR("/place/guyu/P01"), .crop = STR("再生稻"), .variety = STR("甬优4949"), .input = &test_input,
                .input_body = test_json(a, "{'name':'康宽'}"), .lot = STR("/lot/guyu/CAP26"), .goods = rice, .n_goods = 1, .clock_grade = "synced", .now_us = TEST_NOW_US,
        };
}

/* The document of a form that is right. */
static inline struct document *test_document(struct arena *a, const char *form, const struct act_surroundings *s, struct act_form *ret)
{
        struct faults f = { 0 };
        struct buf b = { .max = 1 << 24 };
        struct document *d = NULL;
        struct err e = { 0 };
        if (act_read(a, test_json(a, form), STR("guyu"), ret, &f) < 0)
                fail_msg("%.*s at '%.*s' in %s", STR_ARG(f.list[0].message), STR_ARG(f.list[0].pointer), form);
        act_document(&b, a, ret, s);
        if (document_read(a, b.p, b.n, &test_own, &d, &e) < 0)
                fail_msg("no document: %s\n%s", e.detail, b.p);
        if (d->faults.n)
                fail_msg("%.*s at '%.*s' in %s", STR_ARG(d->faults.list[0].message), STR_ARG(d->faults.list[0].pointer), b.p);
        buf_free(&b);
        return d;
}

/* An event whose members are written with ' for "; "suyuan:" stands for our vocabulary. */
static inline const struct event *test_event(struct arena *a, const char *text)
{
        struct document *d = NULL;
        struct err e = { 0 };
        char *z = arena_cstr(a, str_of(text));
        for (char *p = z; *p; p++)
                if (*p == '\'')
                        *p = '"';
        struct str all = arena_printf(a, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"suyuan\":\"https://w3id.org/suyuan/voc/\"}],\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","
                                         "\"creationDate\":\"2026-07-01T00:00:00Z\",\"epcisBody\":{\"eventList\":[{\"eventTime\":\"2026-07-01T08:00:00+08:00\",\"eventTimeZoneOffset\":\"+08:00\",%s}]}}", z);
        if (document_read(a, all.p, all.n, &test_own, &d, &e) < 0 || d->faults.refused)
                fail_msg("%s %.*s in %s", e.detail, d && d->faults.n ? (int)d->faults.list[0].message.n : 0, d && d->faults.n ? d->faults.list[0].message.p : "", all.p);
        return &d->events[0];
}

static inline struct str test_own_text(const struct document *d, const char *name)
{
        char iri[100];
        snprintf(iri, sizeof iri, "%s%s", SUYUAN_VOC, name);
        return json_text(event_extension(&d->events[0], d->events[0].json, iri));
}

#endif
