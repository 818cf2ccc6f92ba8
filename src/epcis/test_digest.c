/* Goal: the record digest names what was said, not how it was spelt; what is not public is in it under seal. */
#include "test_support.h"

#include "epcis/canonical.h"

static const struct hash secret = { { 1, 2, 3 } };

static const char harvest[] =
        "'type':'TransformationEvent'," WHEN ",'eventID':'urn:uuid:0190f3a0-1111-7222-8333-000000000001','recordTime':'2026-07-01T01:00:00Z',"
        "'outputQuantityList':[{'epcClass':'" OWN "/lot/q/L1','quantity':1200.5,'uom':'KGM'},{'epcClass':'ex:lot2','quantity':0.25}],"
        "'transformationID':'" OWN "/season/q/S1','bizStep':'suyuan:harvesting','disposition':'active',"
        "'readPoint':{'id':'" OWN "/place/q/P1','suyuan:position':[22.91,114.05]},"
        "'persistentDisposition':{'set':['suyuan:on_hold']},"
        "'ilmd':{'cbvmda:lotNumber':'L1','suyuan:variety':'桂朝2号','ex:note':{'ex:b':true,'ex:a':null}},"
        "'sensorElementList':[{'sensorMetadata':{'deviceID':'" OWN "/device/q/D1'},'sensorReport':[{'type':'Temperature','value':21.50,'uom':'CEL'},"
        "{'type':'Angle','component':'latitude','value':22.91,'uom':'DD'}]}],"
        "'suyuan:crop':'ratoon rice','suyuan:areaMu':3.50,'suyuan:operator':'" OWN "/staff/q/w17',"
        "'suyuan:evidence':[{'id':'ni:///sha-256;aa','suyuan:kind':'photo','suyuan:position':'geo:22.9,114.0'}]";

static struct str canonical(struct arena *a, const char *event, bool sealed)
{
        struct document *d = read_event(a, event);
        struct record_digest r;

        record_digest(a, &d->events[0], &secret, &r);
        return record_canonical(a, &d->events[0], &r.salt, sealed);
}

static void the_open_form(void **state)
{
        struct arena *a = arena_new();

        (void)state;
        assert_str(canonical(a, harvest, false), quoted(a,
                "{'bizStep':'https://w3id.org/suyuan/voc/harvesting','disposition':'active','eventID':'urn:uuid:0190f3a0-1111-7222-8333-000000000001',"
                "'eventTime':'2026-07-01T08:00:00+08:00','eventTimeZoneOffset':'+08:00',"
                "'https://w3id.org/suyuan/voc/areaMu':3.5,'https://w3id.org/suyuan/voc/crop':'ratoon rice',"
                "'https://w3id.org/suyuan/voc/evidence':[{'https://w3id.org/suyuan/voc/kind':'photo',"
                "'https://w3id.org/suyuan/voc/position':'geo:22.9,114.0','id':'ni:///sha-256;aa'}],"
                "'https://w3id.org/suyuan/voc/operator':'" OWN "/staff/q/w17',"
                "'ilmd':{'https://ns.example.com/x/note':{'https://ns.example.com/x/a':null,'https://ns.example.com/x/b':true},"
                "'https://w3id.org/suyuan/voc/variety':'桂朝2号','urn:epcglobal:cbv:mda:lotNumber':'L1'},"
                "'outputQuantityList':[{'epcClass':'" OWN "/lot/q/L1','quantity':1200.5,'uom':'KGM'},{'epcClass':'ex:lot2','quantity':0.25}],"
                "'persistentDisposition':{'set':['https://w3id.org/suyuan/voc/on_hold']},"
                "'readPoint':{'https://w3id.org/suyuan/voc/position':[22.91,114.05],'id':'" OWN "/place/q/P1'},"
                "'sensorElementList':[{'sensorMetadata':{'deviceID':'" OWN "/device/q/D1'},'sensorReport':[{'type':'Temperature','uom':'CEL','value':21.5},"
                "{'component':'latitude','type':'Angle','uom':'DD','value':22.91}]}],"
                "'transformationID':'" OWN "/season/q/S1','type':'TransformationEvent'}").p);
        arena_free(a);
}

static void the_order_of_names_is_that_of_rfc_8785(void **state)
{
        struct arena *a = arena_new();
        /* U+10000 is D800 DC00 in UTF-16, before U+E000 and U+FB33, after U+D7FF. */
        static const char *const order[] = { "", "\r", "1", "A", "a", "aa", "\xC3\xB6", "\xED\x9F\xBF", "\xF0\x90\x80\x80",
                                             "\xF0\x9F\x98\x80", "\xEE\x80\x80", "\xEF\xAC\xB3" };

        (void)state;
        for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
                for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
                        int d = name_order(str_of(order[i]), str_of(order[k]));

                        assert_int_equal((d > 0) - (d < 0), (i > k) - (i < k));
                }
        arena_free(a);
}

static const char *const sealed_pointers[] = {
        "/https:~1~1w3id.org~1suyuan~1voc~1evidence/0/https:~1~1w3id.org~1suyuan~1voc~1position",
        "/https:~1~1w3id.org~1suyuan~1voc~1operator",
        "/ilmd/https:~1~1ns.example.com~1x~1note",
        "/readPoint/https:~1~1w3id.org~1suyuan~1voc~1position",
        "/sensorElementList/0/sensorReport/1/value",
};
enum { N_SEALED = sizeof sealed_pointers / sizeof sealed_pointers[0] };

static bool contains(struct str s, const char *part)
{
        return memmem(s.p, s.n, part, strlen(part)) != NULL;
}

static void what_is_sealed(void **state)
{
        struct arena *a = arena_new();
        struct document *d = read_event(a, harvest);
        struct record_digest r;
        const struct seal *seals;

        (void)state;
        record_digest(a, &d->events[0], &secret, &r);
        struct str form = record_canonical(a, &d->events[0], &r.salt, true);
        struct hash again = sha256(form.p, form.n);

        /* The digest is that of the sealed form, which holds no private value: it can be checked after erasure. */
        assert_memory_equal(&again, &r.digest, sizeof again);
        assert_false(contains(form, "w17"));
        assert_false(contains(form, "geo:"));
        assert_false(contains(form, "22.91"));
        assert_true(contains(form, "ratoon rice"));
        assert_true(contains(form, "21.5"));
        assert_int_equal(record_seals(a, &d->events[0], &r.salt, &seals), N_SEALED);
        for (size_t i = 0; i < N_SEALED; i++) {
                struct str input = arena_printf(a, "%.*s%.*s", STR_ARG(seals[i].pointer), STR_ARG(seals[i].value));
                struct hash h = hmac_sha256(&r.salt, sizeof r.salt, input.p, input.n);
                struct buf b = { .max = 200 };

                assert_str(seals[i].pointer, sealed_pointers[i]);
                assert_memory_equal(&h, &seals[i].hash, sizeof h);
                buf_z(&b, "{\"sealed\":\"");
                buf_hex(&b, h.b, sizeof h.b);
                buf_z(&b, "\"}");
                assert_true(contains(form, b.p));
                buf_free(&b);
        }
        assert_str(seals[1].value, "\"" OWN "/staff/q/w17\"");
        arena_free(a);
}

static void assert_hex(const struct hash *h, const char *want)
{
        struct buf b = { .max = 200 };

        buf_hex(&b, h->b, sizeof h->b);
        assert_str(buf_view(&b), want);
        buf_free(&b);
}

/* Recorded digests are with others already: an event without a signature keeps its digest for ever. */
static void digests_of_unsigned_events_are_frozen(void **state)
{
        struct arena *a = arena_new();
        static const struct { const char *event, *digest, *salt; } frozen[] = {
                { harvest, "26b7884d4185e6164ec1ff2455d6e0a6ad146a9bbe0b6c89508ec34c69a8a52d", "eacd4700e8fa5b6d021319743e174308d770e75c77104cd943a3ebe4ec8f4bb1" },
                { OBJECT, "aabc36477fde50b83c945acb35eb06a881022161c91918015548eccff41806be", "62a51c573015c69380f68d0f65127d18565da445730eed46e22e805f97655bc4" },
                { OBJECT ",'suyuan:signature':{'x':1},'ex:signature':'s'", "8f3e4fa436efb14fccfdfa5c70d2627dfc1b02477914267fc4a19ba5fd30c21e", "3996510251ce3bf26826ae95a7c8915ac4d15b7d3688ef595c5a1cc1c1ada850" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof frozen / sizeof frozen[0]; i++) {
                struct document *d = read_event(a, frozen[i].event);
                struct record_digest r;
                struct event e;

                /* As it is read again: what is refused today may have been taken once. */
                struct buf b = { .max = 1 << 20 };
                json_write(&b, d->events[0].json);
                assert_int_equal(event_reread(a, buf_view(&b), d->context_json, &test_own, &e, NULL), 0);
                record_digest(a, &e, &secret, &r);
                assert_hex(&r.digest, frozen[i].digest);
                assert_hex(&r.salt, frozen[i].salt);
                buf_free(&b);
        }
        arena_free(a);
}

static void the_salt_is_the_organisations(void **state)
{
        struct arena *a = arena_new();
        struct document *d = read_event(a, harvest);
        struct record_digest one, same, other;
        static const struct hash another = { { 9 } };

        (void)state;
        record_digest(a, &d->events[0], &secret, &one);
        record_digest(a, &d->events[0], &secret, &same);
        record_digest(a, &d->events[0], &another, &other);
        assert_memory_equal(&one, &same, sizeof one);
        assert_memory_not_equal(&one.salt, &other.salt, sizeof one.salt);
        assert_memory_not_equal(&one.digest, &other.digest, sizeof one.digest);
        arena_free(a);
}

/* ---- spelling */

/* Another spelling of the same event: members in another order, another prefix, other digits for the same number. */
static void respell(struct buf *b, const struct json *v, uint64_t *seed, bool word)
{
        static const char *const zeros[] = { "", "0", "00", "e0", "E+00" };
        uint32_t at;

        switch (v->kind) {
        case JSON_OBJECT:
                at = v->n ? next_random(seed) % v->n : 0;
                buf_char(b, '{');
                for (uint32_t i = 0; i < v->n; i++) {
                        const struct json_member *m = &v->members[(i + at) % v->n];
                        struct str name = m->name;

                        buf_z(b, i ? ", \"" : "\"");
                        if (str_starts(name, STR("suyuan:"))) {
                                buf_z(b, "sy:");
                                name = str_from(name, 7);
                        }
                        buf_str(b, name);
                        buf_z(b, "\" :");
                        respell(b, &m->value, seed, str_is(name, "bizStep") || str_is(name, "set"));
                }
                buf_char(b, '}');
                break;
        case JSON_ARRAY:
                for (uint32_t i = 0; i < v->n; i++) {
                        buf_z(b, i ? " , " : "[");
                        respell(b, &v->items[i], seed, word);
                }
                buf_char(b, ']');
                break;
        case JSON_NUMBER:
                buf_str(b, json_text(v));
                buf_z(b, zeros[memchr(v->text, '.', v->n) ? next_random(seed) % 5 : 3 + next_random(seed) % 2]);
                break;
        case JSON_STRING:
                if (word && str_starts(json_text(v), STR("suyuan:"))) {
                        buf_z(b, "\"sy:");
                        buf_str(b, str_from(json_text(v), 7));
                        buf_char(b, '"');
                        break;
                }
                json_write(b, v);
                break;
        default:
                json_write(b, v);
        }
}

static void spelling_does_not_matter(void **state)
{
        uint64_t seed = 1;

        (void)state;
        for (int round = 0; round < 200; round++) {
                struct arena *a = arena_new();
                struct document *d = read_event(a, harvest), *other;
                struct record_digest one, two;
                struct buf b = { .max = 1 << 20 };
                struct err e = { 0 };

                buf_z(&b, "{\"@context\":[{\"unused\":\"urn:x\"},{\"sy\":\"https://w3id.org/suyuan/voc/\",\"ex\":\"https://ns.example.com/x/\"}],"
                          "\"epcisBody\":{\"eventList\":[");
                respell(&b, d->events[0].json, &seed, false);
                buf_z(&b, "]},\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"2027-01-01T00:00:00Z\"}");
                if (document_read(a, b.p, b.n, &test_own, &other, &e) < 0)
                        fail_msg("%s in %s", e.detail, b.p);
                record_digest(a, &d->events[0], &secret, &one);
                record_digest(a, &other->events[0], &secret, &two);
                if (memcmp(&one, &two, sizeof one) != 0)
                        fail_msg("round %d: another digest for %s", round, b.p);
                buf_free(&b);
                arena_free(a);
        }
}

static void what_is_left_out(void **state)
{
        struct arena *a = arena_new();

        (void)state;
        assert_str(canonical(a, OBJECT ",'recordTime':'2026-07-05T00:00:00Z','@context':{'a':'urn:a:'}", true),
                   canonical(a, OBJECT, true).p);
        /* Within an extension these are names like any other. */
        assert_true(contains(canonical(a, OBJECT ",'ex:a':{'recordTime':1}", false), "recordTime"));
        arena_free(a);
}

static void two_prefixes_for_one_name(void **state)
{
        struct arena *a = arena_new();
        struct str one = canonical(a, OBJECT ",'@context':{'s':'https://w3id.org/suyuan/voc/'},'s:x':1,'suyuan:x':2", false);
        struct str two = canonical(a, OBJECT ",'@context':{'s':'https://w3id.org/suyuan/voc/'},'s:x':2,'suyuan:x':1", false);

        (void)state;
        assert_str(one, two.p);
        assert_true(contains(one, "voc/x\":1,"));
        arena_free(a);
}

/* ---- any change is seen */

/* Writes `v` with leaf number *leaf changed. */
static void change(struct buf *b, const struct json *v, int *leaf)
{
        switch (v->kind) {
        case JSON_OBJECT:
                buf_char(b, '{');
                for (uint32_t i = 0; i < v->n; i++) {
                        if (i)
                                buf_char(b, ',');
                        json_write_str(b, v->members[i].name);
                        buf_char(b, ':');
                        if (str_is(v->members[i].name, "recordTime"))
                                json_write(b, &v->members[i].value);
                        else
                                change(b, &v->members[i].value, leaf);
                }
                buf_char(b, '}');
                return;
        case JSON_ARRAY:
                buf_char(b, '[');
                for (uint32_t i = 0; i < v->n; i++) {
                        if (i)
                                buf_char(b, ',');
                        change(b, &v->items[i], leaf);
                }
                buf_char(b, ']');
                return;
        default:
                break;
        }
        if ((*leaf)-- != 0) {
                json_write(b, v);
        } else if (v->kind == JSON_NUMBER) {
                buf_z(b, "1");
                buf_str(b, json_text(v));
        } else if (v->kind == JSON_STRING) {
                buf_z(b, "\"x");
                buf_str(b, json_text(v));
                buf_char(b, '"');
        } else {
                buf_z(b, v->kind == JSON_TRUE ? "false" : "true");
        }
}

static void every_change_is_seen(void **state)
{
        struct arena *a = arena_new();
        struct document *d = read_event(a, harvest);
        struct record_digest one, two;
        struct hash seen[100];
        int n = 0;

        (void)state;
        record_digest(a, &d->events[0], &secret, &one);
        for (int number = 0;; number++) {
                struct buf b = { .max = 1 << 20 };
                struct event e;
                int leaf = number;

                change(&b, d->events[0].json, &leaf);
                assert_int_equal(event_reread(a, buf_view(&b), d->context_json, &test_own, &e, NULL), 0);
                record_digest(a, &e, &secret, &two);
                buf_free(&b);
                if (leaf >= 0)
                        break;
                assert_memory_not_equal(&one.digest, &two.digest, sizeof one.digest);
                for (int i = 0; i < n; i++)
                        assert_memory_not_equal(&seen[i], &two.digest, sizeof two.digest);
                assert_true(n < 100);
                seen[n++] = two.digest;
        }
        assert_true(n > 30);
        arena_free(a);
}

/* A text and a number of the same digits are two things. */
static void kinds_are_told_apart(void **state)
{
        struct arena *a = arena_new();

        (void)state;
        assert_true(contains(canonical(a, OBJECT ",'suyuan:dose':1.0", false), "dose\":1,"));
        assert_true(contains(canonical(a, OBJECT ",'suyuan:dose':'1.0'", false), "dose\":\"1.0\","));
        assert_true(contains(canonical(a, OBJECT ",'suyuan:dose':12345678901234567890.5", false), "dose\":12345678901234567890.5,"));
        arena_free(a);
}

static void the_public_list(void **state)
{
        static const struct { const char *path; bool is_public; } paths[] = {
                { "eventTime", true }, { "epcList", true }, { "quantityList quantity", true }, { "quantityList", true },
                { "readPoint id", true }, { "readPoint " SUYUAN_VOC "position", false }, { "readPoint name", false },
                { SUYUAN_VOC "crop", true }, { SUYUAN_VOC "operator", false }, { SUYUAN_VOC "clock", true },
                { SUYUAN_VOC "clock " SUYUAN_VOC "grade", true }, { SUYUAN_VOC "clock " SUYUAN_VOC "deviceTime", false }, { SUYUAN_VOC "form", false },
                { SUYUAN_VOC "note", false }, { SUYUAN_VOC "price", false }, { "https://ns.example.com/x/crop", false },
                { "ilmd urn:epcglobal:cbv:mda:lotNumber", true }, { "ilmd lotNumber", false },
                { "ilmd urn:epcglobal:cbv:mda:certificationList urn:epcglobal:cbv:mda:certification", true },
                { "ilmd urn:epcglobal:cbv:mda:certificationList name", false },
                { "urn:epcglobal:cbv:mda:lotNumber", false },
                { "sensorElementList sensorReport value", true }, { "sensorElementList sensorMetadata deviceID", true },
                { "sensorElementList " SUYUAN_VOC "limit", false }, { "errorDeclaration reason", true },
                { "errorDeclaration " SUYUAN_VOC "note", false }, { SUYUAN_VOC "evidence " SUYUAN_VOC "takenAt", true },
                { SUYUAN_VOC "evidence " SUYUAN_VOC "position", false }, { SUYUAN_VOC "crop name", false },
                { "eventTime x", false }, { "@context", false }, { "", false },
        };

        (void)state;
        for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
                struct str path[8];
                const char *p = paths[i].path;
                size_t n = 0;

                while (*p) {
                        size_t len = strcspn(p, " ");

                        path[n++] = (struct str){ p, len };
                        p += len + (p[len] == ' ');
                }
                if (member_is_public(path, n) != paths[i].is_public)
                        fail_msg("%s", paths[i].path);
        }
}

static void positions_are_never_open(void **state)
{
        struct arena *a = arena_new();
        struct document *d = read_event(a, OBJECT ",'readPoint':{'id':'geo:22.9,114.0'},'bizLocation':{'id':'ex:p'},'sensorElementList':["
                "{'sensorReport':[{'type':'Angle','component':'cbv:Comp-longitude','value':1},{'type':'Length','component':'x','value':1}]}]");
        const struct json *e = d->events[0].json, *place = json_get(e, "readPoint"), *other = json_get(e, "bizLocation");
        const struct json *reports = json_get(&json_get(e, "sensorElementList")->items[0], "sensorReport");
        const struct str id[] = { STR("readPoint"), STR("id") }, place_id[] = { STR("bizLocation"), STR("id") };
        const struct str value[] = { STR("sensorElementList"), STR("sensorReport"), STR("value") };

        (void)state;
        assert_true(member_is_public(id, 2));
        assert_false(member_open(id, 2, place, json_get(place, "id")));
        assert_true(member_open(place_id, 2, other, json_get(other, "id")));
        assert_false(member_open(value, 3, &reports->items[0], json_get(&reports->items[0], "value")));
        assert_true(member_open(value, 3, &reports->items[1], json_get(&reports->items[1], "value")));
        arena_free(a);
}

/* ---- going out */

static void the_event_as_it_goes_out(void **state)
{
        struct arena *a = arena_new();
        static const char *const events[] = { OBJECT ",'ex:n':1.50", OBJECT ",'recordTime':'2020-01-01T00:00:00Z','eventID':'ex:mine','ex:n':1.50" };
        struct document *d = read_events(a, CONTEXT_TEXT, events, 2);
        struct buf b = { .max = 1 << 20 };

        (void)state;
        event_write(&b, &d->events[0], INT64_C(1782864000250000), STR("urn:uuid:1"));
        assert_str(buf_view(&b), quoted(a, "{" OBJECT ",'ex:n':1.50,'recordTime':'2026-07-01T00:00:00.250Z','eventID':'urn:uuid:1'}").p);
        buf_clear(&b);
        event_write(&b, &d->events[1], INT64_C(1782864000000000), STR("urn:uuid:1"));
        assert_str(buf_view(&b), quoted(a, "{" OBJECT ",'eventID':'ex:mine','ex:n':1.50,'recordTime':'2026-07-01T00:00:00.000Z'}").p);
        buf_free(&b);
        arena_free(a);
}

static void large_events_stay_quick(void **state)
{
        struct arena *a = arena_new();
        struct buf b = { .max = 1 << 24 };
        struct record_digest r;
        struct hash h;

        (void)state;
        buf_z(&b, OBJECT);
        for (int i = 0; i < 20000; i++)
                buf_printf(&b, ",'ex:%d':%d", (i * 7919) % 20000, i);
        struct document *d = read_event(a, b.p);

        assert_int_equal(d->faults.refused, 0);
        record_digest(a, &d->events[0], &secret, &r);
        event_hash(a, &d->events[0], &h, NULL);
        buf_free(&b);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_open_form),
                cmocka_unit_test(the_order_of_names_is_that_of_rfc_8785),
                cmocka_unit_test(what_is_sealed),
                cmocka_unit_test(digests_of_unsigned_events_are_frozen),
                cmocka_unit_test(the_salt_is_the_organisations),
                cmocka_unit_test(spelling_does_not_matter),
                cmocka_unit_test(what_is_left_out),
                cmocka_unit_test(two_prefixes_for_one_name),
                cmocka_unit_test(every_change_is_seen),
                cmocka_unit_test(kinds_are_told_apart),
                cmocka_unit_test(the_public_list),
                cmocka_unit_test(positions_are_never_open),
                cmocka_unit_test(the_event_as_it_goes_out),
                cmocka_unit_test(large_events_stay_quick),
        };

        return cmocka_run_group_tests_name("epcis/digest", tests, NULL, NULL);
}
