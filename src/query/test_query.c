#include "base/test.h"

#include <stdio.h>

#include "epcis/context.h"
#include "epcis/read.h"
#include "query/query_impl.h"

static const char EVENT[] = "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],\"type\":\"ObjectEvent\",\"eventTime\":\"2026-11-01T08:00:00+08:00\","
        "\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"OBSERVE\",\"bizStep\":\"shipping\",\"epcList\":[\"urn:epc:id:sgtin:4012345.011122.25\"]}";

static const char SENSED[] = "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],\"type\":\"ObjectEvent\",\"eventTime\":\"2026-11-01T08:00:00+08:00\","
        "\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"OBSERVE\",\"quantityList\":[{\"epcClass\":\"urn:epc:class:lgtin:4012345.011122.L1\",\"quantity\":5000,\"uom\":\"KGM\"}],"
        "\"errorDeclaration\":{\"declarationTime\":\"2026-11-02T00:00:00Z\",\"reason\":\"incorrect_data\",\"correctiveEventIDs\":[\"urn:uuid:00000000-0000-4000-8000-000000000001\"]},"
        "\"sensorElementList\":[{\"sensorMetadata\":{\"time\":\"2026-11-01T07:00:00+08:00\",\"deviceID\":\"urn:epc:id:giai:4000001.111\"},\"sensorReport\":["
        "{\"type\":\"Temperature\",\"value\":26.0,\"sDev\":1,\"uom\":\"CEL\"},{\"type\":\"RelativeHumidity\",\"value\":55,\"percRank\":50,\"percValue\":12.7,\"uom\":\"P1\",\"booleanValue\":true}]}]}";
/* Extensions wherever the standard lets them stand, under prefixes that a query need not share. */
static const char EXTENDED[] = "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"e\":\"https://e.example/ns/\"}],\"type\":\"ObjectEvent\",\"eventTime\":\"2026-11-01T08:00:00+08:00\","
        "\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"ADD\",\"epcList\":[\"urn:epc:id:sgtin:4012345.011122.25\"],"
        "\"quantityList\":[{\"epcClass\":\"urn:epc:idpat:sgtin:4012345.022233.*\",\"quantity\":5}],"
        "\"e:dose\":1.50,\"e:when\":\"2026-11-01T08:00:00+08:00\",\"e:crops\":[\"rice\",\"tea\"],\"e:of\":\"urn:epc:id:sgtin:4012345.011122.7\",\"e:done\":true,"
        "\"e:worker\":{\"e:team\":{\"e:size\":7,\"grade\":\"A\"},\"e:list\":[{\"e:deep\":\"x_y\"}]},"
        "\"ilmd\":{\"cbvmda:lotNumber\":\"L7\",\"e:seed\":{\"e:kind\":\"hybrid\"}},"
        "\"readPoint\":{\"id\":\"urn:epc:id:sgln:4012345.00001.0\",\"e:gate\":4},\"bizLocation\":{\"id\":\"urn:epc:id:sgln:4012345.00002.0\",\"e:hall\":{\"e:row\":9}},"
        "\"errorDeclaration\":{\"declarationTime\":\"2026-11-02T00:00:00Z\",\"e:why\":\"typo\",\"e:who\":{\"e:badge\":12}},"
        "\"sensorElementList\":[{\"e:mounted\":\"roof\",\"sensorMetadata\":{\"e:firmware\":2.1},\"sensorReport\":[{\"type\":\"Temperature\",\"value\":26,\"uom\":\"CEL\",\"e:raw\":{\"e:volt\":3}}]}]}";
static const char *the_event = EVENT;

static const char PLACE[] = "{\"id\":\"urn:epc:id:sgln:4012345.00002.0\",\"attributes\":[{\"id\":\"cbvmda:city\",\"attribute\":\"Shenzhen\"},"
        "{\"id\":\"x:area_m2\",\"attribute\":\"120\"}]}";

static const struct json *one_place(void *ctx, struct str canonical)
{
        const struct json *v;
        if (!str_is(canonical, "https://id.gs1.org/414/4012345000023"))
                return NULL;
        return json_read(ctx, PLACE, strlen(PLACE), NULL, &v, NULL) == 0 ? v : NULL;
}

static const struct context *some_names(struct arena *a)
{
        const char *text = "{\"ex\":\"https://e.example/ns/\",\"y\":\"https://y.example/\"}";
        const struct json *v;
        assert_int_equal(json_read(a, text, strlen(text), NULL, &v, NULL), 0);
        return context_read(a, v, NULL);
}

/* What is written is the same query: it reads back to the same bytes and finds the same. */
static void same_again(struct arena *a, const struct query *q, const struct query_event *e, bool yes)
{
        struct buf first = { .max = 1 << 20 }, second = { .max = 1 << 20 };
        const struct json *v;
        struct query *again;
        struct err err = { 0 };
        query_write(&first, q);
        assert_int_equal(json_read(a, first.p, first.n, NULL, &v, &err), 0);
        if (query_from_json(a, v, NULL, NULL, &again, &err) < 0)
                fail_msg("%.*s: %s", (int)first.n, first.p, err.detail);
        query_write(&second, again);
        assert_true(str_eq(buf_view(&first), buf_view(&second)));
        assert_int_equal(query_matches(again, a, e), yes);
        buf_free(&first);
        buf_free(&second);
}

static bool matches(const char *url, int want_read)
{
        struct arena *a = arena_new();
        struct err err = { 0 };
        struct event event;
        struct query *q = NULL;
        assert_int_equal(event_reread(a, str_of(the_event), STR_NONE, NULL, &event, &err), 0);
        struct query_names names = { some_names(a) };
        int read = query_from_url(a, str_of(url), &names, NULL, NULL, &q, &err);
        if (read != want_read)
                fail_msg("%s: %s", url, err.detail);
        struct query_event e = { .event = &event, .event_id = STR("urn:x:1"), .record_us = 5, .master = one_place, .ctx = a };
        bool yes = read == 0 && query_matches(q, a, &e);
        if (read == 0)
                same_again(a, q, &e, yes);
        arena_free(a);
        return yes;
}

struct row { const char *url; bool want; };

static void all_hold(const char *event, const struct row *rows, size_t n)
{
        the_event = event;
        for (size_t i = 0; i < n; i++)
                if (matches(rows[i].url, 0) != rows[i].want)
                        fail_msg("%s", rows[i].url);
        the_event = EVENT;
}

static void test_conditions(void **state)
{
        (void)state;
        assert_true(matches("", 0));
        assert_true(matches("EQ_bizStep=packing%7Cshipping&EQ_action=OBSERVE&perPage=3", 0));
        assert_true(matches("EQ_bizStep=urn:epcglobal:cbv:bizstep:shipping", 0));
        assert_true(matches("EQ_bizStep=https://ref.gs1.org/cbv/BizStep-shipping", 0));
        assert_false(matches("EQ_bizStep=packing", 0));
        assert_true(matches("MATCH_epc=https://any.example/01/04012345111224/21/25", 0));
        assert_false(matches("MATCH_parentID=https://any.example/01/04012345111224/21/25", 0));
        assert_true(matches("GE_eventTime=2026-11-01T00:00:00Z", 0));
        assert_false(matches("LT_eventTime=2026-11-01T00:00:00Z", 0));
        assert_false(matches("EXISTS_errorDeclaration", 0));
}

static void quantities_and_sensors_are_compared_across_units(void **state)
{
        static const struct row rows[] = {
                { "EQ_quantity=5000", true }, { "EQ_quantity_KGM=5000", true }, { "EQ_quantity_TNE=5", true }, { "GT_quantity_TNE=5", false }, { "GE_quantity_GRM=5e6", true },
                { "LT_quantity_LBR=11024", true }, { "LT_quantity_LBR=11023", false }, { "GE_quantity_LTR=1", false },
                { "EQ_value_CEL=26", true }, { "EQ_value_KEL=299.15", true }, { "EQ_value_FAH=78.8", true }, { "GT_value_KEL=299.15", false }, { "GE_value_KEL=299.15", true },
                { "LE_value_FAH=78.7", false }, { "EQ_value_C62=0.55", true }, { "EQ_value_XYZ=26", false }, { "EQ_value_CEL=25%7C26", true },
                { "LE_sDev_FAH=1.8", true }, { "LT_sDev_FAH=1.8", false }, { "GE_percRank=50", true }, { "GT_percRank=50", false }, { "GT_percValue_NX=126", true },
                { "EQ_type=gs1:Temperature", true }, { "EQ_type=Pressure", false }, { "EQ_deviceID=https://id.gs1.org/8004/4000001111", true }, { "EQ_booleanValue=true", true },
                { "GE_time=2026-10-31T23:00:00Z", true }, { "LT_time=2026-10-31T23:00:00Z", false }, { "GE_startTime=2026-10-31T23:00:00Z", false },
                { "EXISTS_errorDeclaration=true", true }, { "EQ_errorReason=urn:epcglobal:cbv:er:incorrect_data", true }, { "EQ_errorReason=did_not_occur", false },
                { "GE_errorDeclarationTime=2026-11-02T00:00:00Z", true }, { "LT_errorDeclaration_Time=2026-11-02T00:00:00Z", false },
                { "EQ_correctiveEventID=urn:uuid:00000000-0000-4000-8000-000000000001", true }, { "EQ_correctiveEventID=urn:uuid:2", false },
        };
        (void)state;
        all_hold(SENSED, rows, sizeof rows / sizeof *rows);
}

static void extensions_are_found_wherever_they_stand(void **state)
{
        static const struct row rows[] = {
                { "EQ_ex:dose=1.5", true }, { "EQ_https://e.example/ns/dose=1.5", true }, { "EQ_https%3A%2F%2Fe.example%2Fns%2Fdose=1.5", true }, { "EQ_ex:dose=2", false },
                { "EQ_y:dose=1.5", false }, { "GT_ex:dose=1.49", true }, { "GE_ex:dose=1.5", true }, { "LT_ex:dose=1.5", false }, { "LE_ex:dose=1.5", true },
                { "EQ_ex:when=2026-11-01T00:00:00Z", true }, { "GT_ex:when=2026-11-01T00:00:00Z", false }, { "GE_ex:when=2026-11-01T00:00:00Z", true }, { "GT_ex:crops=1", false },
                { "EQ_ex:crops=tea", true }, { "EQ_ex:crops=wheat%7Crice", true }, { "EQ_ex:done=true", true }, { "EQ_ex:of=https://any.example/01/04012345111224/21/7", true },
                { "EXISTS_ex:dose", true }, { "EXISTS_ex:dose=true", true }, { "EXISTS_ex:size", false }, { "EXISTS_INNER_ex:size", true }, { "EXISTS_INNER_ex:dose", false },
                { "EQ_INNER_ex:size=7", true }, { "GT_INNER_ex:size=7", false }, { "EQ_INNER_grade=A", true }, { "EQ_INNER_ex:deep=x_y", true }, { "EQ_INNER_ex:kind=hybrid", false },
                { "EQ_ILMD_cbvmda:lotNumber=L7", true }, { "EQ_ILMD_ex:kind=hybrid", false }, { "EQ_INNER_ILMD_ex:kind=hybrid", true }, { "EXISTS_ILMD_ex:seed", true },
                { "EXISTS_INNER_ILMD_ex:kind", true }, { "EXISTS_INNER_ILMD_ex:seed", false },
                { "EQ_readPoint_ex:gate=4", true }, { "EQ_bizLocation_ex:gate=4", false }, { "EQ_INNER_bizLocation_ex:row=9", true }, { "EQ_INNER_readPoint_ex:row=9", false },
                { "EQ_ERROR_DECLARATION_ex:why=typo", true }, { "GE_INNER_ERROR_DECLARATION_ex:badge=12", true }, { "EXISTS_ERROR_DECLARATION_ex:badge", false },
                { "EQ_SENSORELEMENT_ex:mounted=roof", true }, { "GT_SENSORMETADATA_ex:firmware=2", true }, { "EXISTS_SENSORREPORT_ex:firmware", false },
                { "EXISTS_SENSORREPORT_ex:raw", true }, { "LT_INNER_SENSORREPORT_ex:volt=4", true }, { "EQ_INNER_SENSORELEMENT_ex:volt=3", false },
                { "HASATTR_bizLocation=cbvmda:city", true }, { "HASATTR_bizLocation=cbvmda:street%7Ccbvmda:city", true }, { "HASATTR_readPoint=cbvmda:city", false },
                { "HASATTR_bizLocation=y:area_m2", true }, { "EQATTR_bizLocation_cbvmda:city=Shenzhen", true }, { "EQ_ATTR_bizLocation_cbvmda:city=Wuhan%7CShenzhen", true },
                { "EQATTR_bizLocation_cbvmda:city=Wuhan", false }, { "EQATTR_bizLocation_y:area_m2=120.0", true }, { "EQATTR_ex:hall_y:area_m2=120", false },
                { "MATCH_epc=urn:epc:idpat:sgtin:4012345.011122.*", true }, { "MATCH_epc=urn:epc:idpat:sgtin:4012345.*.*", true }, { "MATCH_anyEPC=urn:epc:idpat:sgtin:4012346.*.*", false },
                { "MATCH_anyEPC=urn:epc:idpat:sgtin:4012346.*.*%7Curn:epc:id:sgtin:4012345.011122.25", true },
                { "MATCH_epcClass=urn:epc:idpat:sgtin:4012345.022233.*", true }, { "MATCH_epcClass=urn:epc:idpat:sgtin:4012345.*.*", true }, { "MATCH_epcClass=urn:epc:idpat:sgtin:4012345.011122.*", false },
                { "MATCH_epc=urn:epc:idpat:sgtin:4012345.022233.*", false },
        };
        (void)state;
        all_hold(EXTENDED, rows, sizeof rows / sizeof *rows);
}

static void test_refused(void **state)
{
        (void)state;
        matches("EQ_bizstep=x", -1);
        matches("EQ_action=SELL", -1);
        matches("GE_eventTime=yesterday", -1);
        matches("eventCountLimit=3", -1);
        matches("orderBy=eventTime&eventCountLimit=3&maxEventCount=3", -1);
        matches("EQ_quantity=many", -1);
        matches("EQ_value_=3", -1);
        matches("ME_value_CEL=3", -1);
        matches("EQ_readPoint=urn:epc:idpat:sgtin:4012345.011122.*", -1);
        matches("EQ_unheard:of=1", -1);
        matches("GT_ex:dose=much", -1);
        matches("GT_ex:dose=1%7C2", -1);
        matches("EXISTS_ex:dose=false", -1);
        matches("EQ_dose=1", -1);
        matches("EQ_bizStep=packing&EQ_bizStep=shipping", -1);
        matches("EQ_source_location=a&EQ_source_urn:epcglobal:cbv:sdt:location=b", -1);
        matches("HASATTR_colour=cbvmda:city", -1);
        matches("EQATTR_bizLocation=Shenzhen", -1);
        matches("HASATTR_bizLocation=unheard:of", -1);
}

/* params.def and docs/ref/queries.md name the same. */
static void every_parameter_is_told_of(void **state)
{
        static char doc[1 << 16];
        FILE *f = fopen(SOURCE_ROOT "/docs/ref/queries.md", "r");
        (void)state;
        assert_non_null(f);
        size_t n = fread(doc, 1, sizeof doc - 1, f);
        fclose(f);
        doc[n] = '\0';
        for (int p = 0; p < PARAMS; p++)
                if (!strstr(doc, param_rows[p].name))
                        fail_msg("docs/ref/queries.md does not tell of %s", param_rows[p].name);
}

static void too_many_conditions_are_refused(void **state)
{
        struct buf b = { .max = 1 << 16 };
        (void)state;
        for (int i = 0; i < 256; i++)
                buf_printf(&b, "&EQ_INNER_f%d=1", i);
        buf_char(&b, '\0');
        matches(b.p, 0);
        b.n--;
        buf_z(&b, "&EQ_INNER_one=1");
        buf_char(&b, '\0');
        matches(b.p, -1);
        buf_free(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_conditions), cmocka_unit_test(quantities_and_sensors_are_compared_across_units), cmocka_unit_test(extensions_are_found_wherever_they_stand), cmocka_unit_test(test_refused), cmocka_unit_test(too_many_conditions_are_refused), cmocka_unit_test(every_parameter_is_told_of) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
