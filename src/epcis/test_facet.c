#include "epcis/facet.h"
#include "epcis/test_support.h"

static const char *facets(struct arena *a, const char *event)
{
        struct document *d = read_event(a, event);
        struct event_facet *list;
        struct buf b;
        buf_init(&b, 1 << 20);
        size_t n = event_facets(a, &d->events[0], &test_own, &list);
        for (size_t i = 0; i < n; i++)
                buf_printf(&b, "%s%d=%.*s", i ? " " : "", list[i].facet, STR_ARG(list[i].value));
        char *s = b.n ? arena_cstr(a, buf_view(&b)) : arena_cstr(a, STR(""));
        buf_free(&b);
        return s;
}

static void an_event_without_any_has_none(void **state)
{
        struct arena *a = arena_new();
        (void)state;
        assert_string_equal(facets(a, OBJECT), "");
        arena_free(a);
}

static void words_are_bare_and_identifiers_canonical_whichever_way_they_are_spelt(void **state)
{
        struct arena *a = arena_new();
        (void)state;
        assert_string_equal(facets(a, OBJECT ",'bizStep':'packing','disposition':'suyuan:on_hold',"
                                      "'readPoint':{'id':'" OWN "/place/a/p1'},'bizLocation':{'id':'urn:epc:id:sgln:4012345.00001.0'}"),
                            "1=packing 2=https://w3id.org/suyuan/voc/on_hold 3=/place/a/p1 4=https://id.gs1.org/414/4012345000016");
        assert_string_equal(facets(a, OBJECT ",'sourceList':[{'type':'owning_party','source':'urn:epc:id:pgln:4012345.00001'}],"
                                      "'destinationList':[{'type':'location','destination':'" OWN "/org/bb'}],"
                                      "'bizTransactionList':[{'type':'po','bizTransaction':'urn:x:po:1'},{'bizTransaction':'urn:x:po:0'}]"),
                            "5=https://id.gs1.org/417/4012345000016 6=/org/bb 7=urn:x:po:0 7=urn:x:po:1");
        assert_string_equal(facets(a, OBJECT ",'persistentDisposition':{'set':['https://ref.gs1.org/cbv/Disp-completeness_verified'],'unset':['suyuan:x','active']}"),
                            "8=completeness_verified 9=active 9=https://w3id.org/suyuan/voc/x");
        arena_free(a);
}

static void a_device_counts_wherever_it_stands_and_each_pair_once(void **state)
{
        struct arena *a = arena_new();
        (void)state;
        assert_string_equal(facets(a, OBJECT ",'sensorElementList':[{'sensorMetadata':{'deviceID':'urn:d:2'},'sensorReport':[{'type':'Temperature','deviceID':'urn:d:1'},"
                                      "{'type':'Temperature','deviceID':'urn:d:2'}]},{'sensorReport':[{'type':'Temperature','deviceID':'urn:d:1'}]}],"
                                      "'bizTransactionList':[{'type':'po','bizTransaction':'urn:t'},{'type':'inv','bizTransaction':'urn:t'}]"),
                            "7=urn:t 10=urn:d:1 10=urn:d:2");
        arena_free(a);
}

static void what_is_of_another_kind_is_passed_over(void **state)
{
        struct arena *a = arena_new();
        (void)state;
        assert_string_equal(facets(a, OBJECT ",'bizTransactionList':[7,{'bizTransaction':{}}],'sourceList':'x','sensorElementList':{},'persistentDisposition':{'set':'x','unset':[1]}"), "");
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_event_without_any_has_none),
                cmocka_unit_test(words_are_bare_and_identifiers_canonical_whichever_way_they_are_spelt),
                cmocka_unit_test(a_device_counts_wherever_it_stands_and_each_pair_once),
                cmocka_unit_test(what_is_of_another_kind_is_passed_over),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
