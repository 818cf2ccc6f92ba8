#include "base/test.h"
#include "epcis/read.h"
#include "query/query.h"

static const char EVENT[] = "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],\"type\":\"ObjectEvent\",\"eventTime\":\"2026-11-01T08:00:00+08:00\","
        "\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"OBSERVE\",\"bizStep\":\"shipping\",\"epcList\":[\"urn:epc:id:sgtin:4012345.011122.25\"]}";

static bool matches(const char *url, int want_read)
{
        struct arena *a = arena_new();
        struct err err = { 0 };
        struct event event;
        struct query *q = NULL;
        assert_int_equal(event_reread(a, STR(EVENT), STR_NONE, NULL, &event, &err), 0);
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

static void test_refused(void **state)
{
        (void)state;
        matches("EQ_bizstep=x", -1);
        matches("EQ_action=SELL", -1);
        matches("GE_eventTime=yesterday", -1);
        matches("eventCountLimit=3", -1);
        matches("orderBy=eventTime&eventCountLimit=3&maxEventCount=3", -1);
        matches("MATCH_epc=urn:epc:idpat:sgtin:4012345.011122.*", -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_conditions), cmocka_unit_test(test_refused) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
