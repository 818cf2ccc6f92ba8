#include "base/test.h"
#include "epcis/read.h"
#include "query/query.h"

static const char EVENT[] = "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],\"type\":\"ObjectEvent\",\"eventTime\":\"2026-11-01T08:00:00+08:00\","
        "\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"OBSERVE\",\"bizStep\":\"shipping\",\"epcList\":[\"urn:epc:id:sgtin:4012345.011122.25\"]}";

static const char SENSED[] = "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],\"type\":\"ObjectEvent\",\"eventTime\":\"2026-11-01T08:00:00+08:00\","
        "\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"OBSERVE\",\"quantityList\":[{\"epcClass\":\"urn:epc:class:lgtin:4012345.011122.L1\",\"quantity\":5000,\"uom\":\"KGM\"}],"
        "\"errorDeclaration\":{\"declarationTime\":\"2026-11-02T00:00:00Z\",\"reason\":\"incorrect_data\",\"correctiveEventIDs\":[\"urn:uuid:00000000-0000-4000-8000-000000000001\"]},"
        "\"sensorElementList\":[{\"sensorMetadata\":{\"time\":\"2026-11-01T07:00:00+08:00\",\"deviceID\":\"urn:epc:id:giai:4000001.111\"},\"sensorReport\":["
        "{\"type\":\"Temperature\",\"value\":26.0,\"sDev\":1,\"uom\":\"CEL\"},{\"type\":\"RelativeHumidity\",\"value\":55,\"percRank\":50,\"percValue\":12.7,\"uom\":\"P1\",\"booleanValue\":true}]}]}";
static const char *the_event = EVENT;

static bool matches(const char *url, int want_read)
{
        struct arena *a = arena_new();
        struct err err = { 0 };
        struct event event;
        struct query *q = NULL;
        assert_int_equal(event_reread(a, str_of(the_event), STR_NONE, NULL, &event, &err), 0);
        int read = query_from_url(a, str_of(url), NULL, NULL, NULL, &q, &err);
        assert_int_equal(read, want_read);
        struct query_event e = { .event = &event, .event_id = STR("urn:x:1"), .record_us = 5 };
        bool yes = read == 0 && query_matches(q, a, &e);
        arena_free(a);
        return yes;
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
        static const struct { const char *url; bool want; } rows[] = {
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
        the_event = SENSED;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (matches(rows[i].url, 0) != rows[i].want)
                        fail_msg("%s", rows[i].url);
        the_event = EVENT;
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
        matches("MATCH_epc=urn:epc:idpat:sgtin:4012345.011122.*", -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_conditions), cmocka_unit_test(quantities_and_sensors_are_compared_across_units), cmocka_unit_test(test_refused) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
