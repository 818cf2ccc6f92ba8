/* Goal: what the standard's schema refuses is refused, all of it, at the place where it stands; what only its text
 * forbids is a finding. */
#include "test_support.h"

struct vector { const char *event, *faults; };

#define SENSOR(inside) "'type':'ObjectEvent'," WHEN ",'action':'OBSERVE','readPoint':{'id':'ex:p'},'sensorElementList':[" inside "]"
#define TRANSACTION "'type':'TransactionEvent'," WHEN ",'action':'ADD','epcList':[]"
#define AGGREGATION "'type':'AggregationEvent'," WHEN ",'parentID':'ex:p'"
#define TRANSFORMATION "'type':'TransformationEvent'," WHEN

static const struct vector refused[] = {
        { OBJECT, "" },
        /* kinds and forms of values */
        { "'type':'ObjectEvent','action':'OBSERVE','epcList':[]", "missing-member@ missing-member@" },
        { "'type':'ObjectEvent','eventTime':'2026-07-01','eventTimeZoneOffset':'8','action':'observe','epcList':{}",
          "not-a-time@/eventTime not-an-offset@/eventTimeZoneOffset not-in-list@/action wrong-kind@/epcList missing-items@" },
        { "'type':'ObjectEvent','eventTime':1,'eventTimeZoneOffset':'+14:30','action':null,'epcList':[]",
          "wrong-kind@/eventTime not-an-offset@/eventTimeZoneOffset wrong-kind@/action" },
        { "'type':'ObjectEvent','eventTime':'2026-02-29T00:00:00Z','eventTimeZoneOffset':'-14:00','action':'ADD','epcList':[]",
          "not-a-time@/eventTime" },
        { OBJECT ",'eventID':'no uri'", "not-a-uri@/eventID" },
        { OBJECT ",'recordTime':'today'", "not-a-time@/recordTime" },
        { OBJECT ",'certificationInfo':['ex:c','c',7]", "not-a-uri@/certificationInfo/1 wrong-kind@/certificationInfo/2" },
        { OBJECT ",'certificationInfo':{}", "wrong-kind@/certificationInfo" },
        { OBJECT ",'readPoint':{'id':'x'},'bizLocation':{'name':'x'}", "not-a-uri@/readPoint/id missing-member@/bizLocation" },
        { OBJECT ",'readPoint':'ex:p'", "wrong-kind@/readPoint" },
        /* words of the vocabularies */
        { OBJECT ",'bizStep':'packing','disposition':'in_transit'", "" },
        { OBJECT ",'bizStep':'harvesting'", "not-in-list@/bizStep" },
        { OBJECT ",'bizStep':'suyuan:harvesting','disposition':'https://ref.gs1.org/cbv/Disp-active'", "" },
        { OBJECT ",'bizStep':'urn:epcglobal:cbv:bizstep:packing'", "standard-as-uri@/bizStep" },
        { OBJECT ",'bizStep':'http://ns.gs1.org/cbv/BizStep-packing'", "standard-as-uri@/bizStep" },
        { OBJECT ",'disposition':'https://ns.gs1.org/cbv/Disp-active'", "standard-as-uri@/disposition" },
        { OBJECT ",'disposition':['active']", "wrong-kind@/disposition" },
        { OBJECT ",'persistentDisposition':{}", "missing-member@/persistentDisposition" },
        { OBJECT ",'persistentDisposition':{'set':[],'more':1}",
          "empty-list@/persistentDisposition/set unknown-member@/persistentDisposition/more" },
        { OBJECT ",'persistentDisposition':{'unset':['active','active','gone']}",
          "not-in-list@/persistentDisposition/unset/2 repeated-item@/persistentDisposition/unset/1" },
        { AGGREGATION ",'action':'DELETE','persistentDisposition':{'set':['active']}", "not-allowed-here@/persistentDisposition" },
        /* lists of the event */
        { "'type':'ObjectEvent'," WHEN ",'action':'ADD','epcList':['ex:a','ex:b','ex:a','ex:a']",
          "repeated-item@/epcList/2 repeated-item@/epcList/3" },
        { "'type':'TransactionEvent'," WHEN ",'action':'ADD','epcList':['ex:a','ex:a'],'bizTransactionList':[{'bizTransaction':'ex:t'}]", "" },
        { OBJECT ",'quantityList':[{'quantity':'1','uom':'kg'},{'epcClass':'ex:c','weight':1}]",
          "wrong-kind@/quantityList/0/quantity bad-pattern@/quantityList/0/uom missing-member@/quantityList/0 "
          "unknown-member@/quantityList/1/weight" },
        { OBJECT ",'quantityList':[{'epcClass':'ex:c','ex:w':1},7]", "unknown-member@/quantityList/0/ex:w wrong-kind@/quantityList/1" },
        { OBJECT ",'bizTransactionList':[{'type':'po'},{'type':'order','bizTransaction':'ex:t','ex:n':1}]",
          "missing-member@/bizTransactionList/0 not-in-list@/bizTransactionList/1/type unknown-member@/bizTransactionList/1/ex:n" },
        { OBJECT ",'sourceList':[{'source':'ex:s'}],'destinationList':[{'type':'owner','destination':'d'}]",
          "missing-member@/sourceList/0 not-in-list@/destinationList/0/type not-a-uri@/destinationList/0/destination" },
        { TRANSACTION, "missing-member@" },
        { TRANSACTION ",'bizTransactionList':[]", "empty-list@/bizTransactionList" },
        /* what an event must be about */
        { "'type':'ObjectEvent'," WHEN ",'action':'OBSERVE'", "missing-items@" },
        { "'type':'ObjectEvent'," WHEN ",'action':'OBSERVE','quantityList':[]", "missing-items@" },
        { "'type':'ObjectEvent'," WHEN ",'action':'OBSERVE','readPoint':{'id':'ex:p'}", "missing-items@" },
        { "'type':'ObjectEvent'," WHEN ",'action':'OBSERVE','sensorElementList':[{'sensorReport':[{'type':'Speed'}]}]", "missing-items@" },
        { AGGREGATION ",'action':'ADD','childEPCs':[]", "missing-items@" },
        { AGGREGATION ",'action':'DELETE'", "" },
        { AGGREGATION ",'action':'ADD','childQuantityList':[{'epcClass':'ex:c'}]", "" },
        { "'type':'AssociationEvent'," WHEN ",'action':'ADD'", "missing-member@ missing-items@" },
        { "'type':'TransactionEvent'," WHEN ",'action':'ADD','bizTransactionList':[{'bizTransaction':'ex:t'}]", "missing-items@" },
        { "'type':'TransactionEvent'," WHEN ",'action':'DELETE','bizTransactionList':[{'bizTransaction':'ex:t'}]", "" },
        { TRANSFORMATION, "missing-items@" },
        { TRANSFORMATION ",'transformationID':'ex:t'", "missing-items@" },
        { TRANSFORMATION ",'transformationID':'ex:t','inputEPCList':['ex:a']", "" },
        { TRANSFORMATION ",'inputEPCList':['ex:a']", "missing-items@" },
        { TRANSFORMATION ",'inputEPCList':['ex:a'],'outputQuantityList':[{'epcClass':'ex:c'}]", "" },
        { TRANSFORMATION ",'action':'ADD','inputEPCList':['ex:a'],'outputEPCList':['ex:b']", "not-allowed-here@/action" },
        /* names */
        { OBJECT ",'note':1,'ex:note':1,'a b:c':1", "unknown-member@/note unknown-member@/a b:c" },
        { OBJECT ",'inputEPCList':[]", "not-allowed-here@/inputEPCList" },
        { OBJECT ",'ilmd':{'ex:a':1}", "ilmd-not-allowed@/ilmd" },
        { "'type':'ObjectEvent'," WHEN ",'action':'ADD','epcList':[],'ilmd':{'ex:a':1,'b':2,'c~/d':3}",
          "unknown-member@/ilmd/b unknown-member@/ilmd/c~0~1d" },
        { OBJECT ",'errorDeclaration':{'reason':'mistake','correctiveEventIDs':['x'],'by':1}",
          "not-in-list@/errorDeclaration/reason not-a-uri@/errorDeclaration/correctiveEventIDs/0 "
          "unknown-member@/errorDeclaration/by missing-member@/errorDeclaration" },
        /* sensors */
        { SENSOR("{'sensorReport':[{'type':'Temperature','value':1.5,'uom':'CEL','ex:x':1}],'ex:y':2}"), "" },
        { SENSOR("{}"), "missing-member@/sensorElementList/0" },
        { SENSOR("{'sensorReport':[],'note':1}"), "empty-list@/sensorElementList/0/sensorReport unknown-member@/sensorElementList/0/note" },
        { SENSOR("{'sensorReport':[{'value':'1','note':1}]}"),
          "wrong-kind@/sensorElementList/0/sensorReport/0/value unknown-member@/sensorElementList/0/sensorReport/0/note "
          "missing-member@/sensorElementList/0/sensorReport/0" },
        { SENSOR("{'sensorReport':[{'type':'https://gs1.org/voc/Temperature'},{'type':'gs1:Temperature'},{'type':'temperature'}]}"),
          "standard-as-uri@/sensorElementList/0/sensorReport/0/type not-in-list@/sensorElementList/0/sensorReport/2/type" },
        { SENSOR("{'sensorReport':[{'type':'Angle','exception':'FIRE','component':'w','hexBinaryValue':'0g','booleanValue':'true'}]}"),
          "not-in-list@/sensorElementList/0/sensorReport/0/exception not-in-list@/sensorElementList/0/sensorReport/0/component "
          "bad-pattern@/sensorElementList/0/sensorReport/0/hexBinaryValue wrong-kind@/sensorElementList/0/sensorReport/0/booleanValue" },
        { SENSOR("{'sensorMetadata':{'time':'noon','deviceID':'d','uom':'CEL'},'sensorReport':[{'type':'Speed'}]}"),
          "not-a-time@/sensorElementList/0/sensorMetadata/time not-a-uri@/sensorElementList/0/sensorMetadata/deviceID "
          "unknown-member@/sensorElementList/0/sensorMetadata/uom" },
        /* types */
        { "'type':'ex:OwnEvent'," WHEN ",'anything':1", "" },
        { "'type':'ex:OwnEvent','anything':1", "missing-member@ missing-member@" },
        { "'type':'OwnEvent'," WHEN, "unknown-type@/type" },
        { "'type':7," WHEN, "wrong-kind@/type" },
        { WHEN, "missing-member@" },
};

static void what_the_schema_refuses(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
                struct arena *a = arena_new();
                struct document *d = read_event(a, refused[i].event);
                const char *got = told(a, d, FAULT_REFUSED);

                if (strcmp(got, refused[i].faults) != 0)
                        fail_msg("{%s}\n  got  %s\n  want %s", refused[i].event, got, refused[i].faults);
                assert_int_equal(d->refused[0], d->faults.refused > 0);
                assert_int_equal(d->n_events, 1);
                arena_free(a);
        }
}

static const struct vector findings[] = {
        { OBJECT, "" },
        { "'type':'ObjectEvent'," WHEN ",'action':'ADD','epcList':['https://id.gs1.org/01/06901234567892/10/A','https://id.gs1.org/01/06901234567893/10/A']",
          "check-digit@/epcList/1" },
        { OBJECT ",'quantityList':[{'epcClass':'https://id.gs1.org/01/06901234567893/10/A'}],'readPoint':{'id':'https://id.gs1.org/414/4012345000055'}",
          "check-digit@/readPoint/id check-digit@/quantityList/0/epcClass" },
        { OBJECT ",'sourceList':[{'type':'location','source':'https://id.gs1.org/414/4012345000055'}]", "check-digit@/sourceList/0/source" },
        { OBJECT ",'eventID':'urn:uuid:0190f3a0-1111-7222-8333-000000000001'", "" },
        { OBJECT ",'eventID':'URN:UUID:0190F3A0-1111-7222-8333-000000000001'", "" },
        { OBJECT ",'eventID':'urn:uuid:0190f3a0-1111-7222-8333-00000000001'", "event-id-form@/eventID" },
        { OBJECT ",'eventID':'urn:uuid:0190f3a0x1111-7222-8333-000000000001'", "event-id-form@/eventID" },
        { OBJECT ",'eventID':'ex:17'", "event-id-form@/eventID" },
        { OBJECT ",'eventID':'ni:///sha-256;00?ver=CBV2.0'", "" },
        { SENSOR("{'sensorMetadata':{'time':'2026-07-01T00:00:00Z','deviceID':'ex:d'},'sensorReport':[{'type':'Speed','deviceID':'ex:e'},{'type':'Speed','deviceID':'ex:d','time':'2026-07-01T00:00:00Z'}]}"),
          "sensor-metadata-repeated@/sensorElementList/0/sensorReport/1/time "
          "sensor-metadata-repeated@/sensorElementList/0/sensorReport/0/deviceID "
          "sensor-metadata-repeated@/sensorElementList/0/sensorReport/1/deviceID" },
        { SENSOR("{'sensorReport':[{'type':'Speed','time':'2026-07-01T00:00:00.001Z'}]}"),
          "sensor-after-event@/sensorElementList/0/sensorReport/0/time" },
        { SENSOR("{'sensorMetadata':{'startTime':'2026-06-30T00:00:01Z','endTime':'2026-06-30T00:00:00Z'},'sensorReport':[{'type':'Speed'}]}"),
          "sensor-time-order@/sensorElementList/0/sensorMetadata/startTime" },
        { "'type':'AggregationEvent'," WHEN ",'action':'ADD','childEPCs':['ex:a']", "parent-missing@" },
        { "'type':'AggregationEvent'," WHEN ",'action':'OBSERVE','childEPCs':['ex:a']", "" },
        { OBJECT ",'other:a':1,'https://ns.example.com/y':1,'urn:example:z':1", "prefix-undeclared@/other:a" },
        { OBJECT ",'@context':{'other':'https://ns.example.com/o/'},'other:a':1", "" },
        { OBJECT ",'@context':['https://ns.example.com/context'],'other:a':1", "context-unknown@/@context/0" },
        { OBJECT ",'@context':{'cbvmda':'https://ns.example.com/o/'}", "prefix-protected@/@context/cbvmda" },
        { OBJECT ",'@context':{'gs1':'https://ref.gs1.org/voc/'}", "" },
};

static void what_only_the_text_forbids(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++) {
                struct arena *a = arena_new();
                struct document *d = read_event(a, findings[i].event);
                const char *got = told(a, d, FAULT_FINDING);

                if (strcmp(got, findings[i].faults) != 0)
                        fail_msg("{%s}\n  got  %s\n  want %s", findings[i].event, got, findings[i].faults);
                assert_string_equal(told(a, d, FAULT_REFUSED), "");
                assert_false(d->refused[0]);
                arena_free(a);
        }
}

static const struct vector documents[] = {
        { "{'@context':" CONTEXT_TEXT "," HEAD ",'epcisBody':{'eventList':[]}}", "" },
        { "{'type':'EPCISDocument'}", "missing-member@ missing-member@ missing-member@ missing-member@" },
        { "{'@context':[1]," HEAD ",'epcisBody':{},'note':1}",
          "wrong-kind@/@context/0 missing-member@/epcisBody unknown-member@/note" },
        { "{'@context':['ex:a','ex:a',{'b':'c:d'},{'b':'c:d'}]," HEAD ",'epcisBody':{'eventList':[7],'more':1}}",
          "repeated-item@/@context/1 repeated-item@/@context/3 wrong-kind@" },
        { "{'@context':" CONTEXT_TEXT ",'type':'EPCISDocument','schemaVersion':'2','creationDate':'x','id':'y','sender':1,'epcisBody':{'eventList':{}}}",
          "not-a-time@/creationDate not-a-uri@/id wrong-kind@/sender wrong-kind@/epcisBody/eventList" },
        { "{'@context':" CONTEXT_TEXT ",'type':'EPCISDocument','schemaVersion':'2.','creationDate':'2026-07-01T00:00:00Z','epcisBody':[]}",
          "bad-pattern@/schemaVersion wrong-kind@/epcisBody" },
        { "{'@context':" CONTEXT_TEXT "," HEAD ",'epcisHeader':{'x':1,'epcisMasterData':{'vocabularyList':[{'vocabularyElementList':[{'attributes':[{'attribute':true}],'children':['x']}]}]}},'epcisBody':{'eventList':[]}}",
          "unknown-member@/epcisHeader/x "
          "wrong-kind@/epcisHeader/epcisMasterData/vocabularyList/0/vocabularyElementList/0/attributes/0/attribute "
          "missing-member@/epcisHeader/epcisMasterData/vocabularyList/0/vocabularyElementList/0/attributes/0 "
          "not-a-uri@/epcisHeader/epcisMasterData/vocabularyList/0/vocabularyElementList/0/children/0 "
          "missing-member@/epcisHeader/epcisMasterData/vocabularyList/0/vocabularyElementList/0 "
          "missing-member@/epcisHeader/epcisMasterData/vocabularyList/0" },
        { "{'@context':" CONTEXT_TEXT ",'type':'EPCISQueryDocument','epcisBody':{'queryResults':{'queryName':'q','resultsBody':{'eventList':[]}}}}", "" },
        { "{'@context':" CONTEXT_TEXT ",'type':'EPCISQueryDocument','epcisBody':{'x':1,'queryResults':{'y':1,'resultsBody':{'z':1}}}}",
          "unknown-member@/epcisBody/x unknown-member@/epcisBody/queryResults/y unknown-member@/epcisBody/queryResults/resultsBody/z "
          "missing-member@/epcisBody/queryResults/resultsBody missing-member@/epcisBody/queryResults" },
        /* an event that stands alone */
        { "{'@context':" CONTEXT_TEXT "," OBJECT "}", "" },
        { "{" OBJECT "}", "missing-member@" },
        { "{'@context':" CONTEXT_TEXT ",'type':'ObjectEvent','eventTime':'x','eventTimeZoneOffset':'+08:00','action':'OBSERVE','epcList':['y']}",
          "not-a-time@/eventTime not-a-uri@/epcList/0" },
        { "{'@context':" CONTEXT_TEXT ",'type':'Whatever','eventTime':'2026-07-01T08:00:00+08:00'}", "unknown-type@/type missing-member@" },
};

static void documents_around_events(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
                struct arena *a = arena_new();
                const char *got = told(a, read_text(a, documents[i].event), FAULT_REFUSED);

                if (strcmp(got, documents[i].faults) != 0)
                        fail_msg("%s\n  got  %s\n  want %s", documents[i].event, got, documents[i].faults);
                arena_free(a);
        }
}

static void what_is_no_epcis_at_all(void **state)
{
        static const struct { const char *text; enum err_kind kind; const char *pointer; } none[] = {
                { "[]", ERR_BAD_EVENT, "" }, { "7", ERR_BAD_EVENT, "" }, { "{}", ERR_BAD_EVENT, "" },
                { "{\"type\":\"Invoice\"}", ERR_BAD_EVENT, "/type" }, { "{\"type\":7}", ERR_BAD_EVENT, "" },
                { "{\"type\":", ERR_BAD_JSON, "" }, { "", ERR_BAD_JSON, "" }, { "<a/>", ERR_BAD_JSON, "" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
                struct arena *a = arena_new();
                struct document *d;
                struct err e = { 0 };

                assert_int_equal(document_read(a, none[i].text, strlen(none[i].text), &test_own, &d, &e), -1);
                assert_int_equal(e.kind, none[i].kind);
                assert_string_equal(e.pointer, none[i].pointer);
                assert_true(e.detail[0]);
                arena_free(a);
        }
}

/* Each event's faults bear its index; more than the limit are counted. */
static void faults_of_many_events(void **state)
{
        struct arena *a = arena_new();
        static const char *events[1500];

        (void)state;
        for (size_t i = 0; i < 1500; i++)
                events[i] = i % 2 ? OBJECT : OBJECT ",'bizStep':'x'";
        struct document *d = read_events(a, CONTEXT_TEXT, events, 1500);

        assert_int_equal(d->faults.refused, 750);
        assert_int_equal(d->faults.n, 750);
        assert_int_equal(d->faults.list[3].event, 6);
        assert_str(d->faults.list[3].pointer, "/epcisBody/eventList/6/bizStep");
        assert_true(d->refused[6]);
        assert_false(d->refused[7]);
        for (size_t i = 0; i < 1500; i++)
                events[i] = OBJECT ",'bizStep':'x'";
        d = read_events(a, CONTEXT_TEXT, events, 1500);
        assert_int_equal(d->faults.refused, 1500);
        assert_int_equal(d->faults.n, 1000);
        assert_int_equal(d->faults.dropped, 500);
        assert_true(d->refused[1499]);
        arena_free(a);
}

/* A message is one line of valid UTF-8, whatever stands in the document. */
static void messages_cut_long_texts(void **state)
{
        struct arena *a = arena_new();
        struct document *d = read_event(a, OBJECT ",'bizStep':'一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十'");

        (void)state;
        assert_str(d->faults.list[0].message,
                   "'一二三四五六七八九十一二三四五六七八九十' is no standard business step; one of your own needs a URI or prefix:name");
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_the_schema_refuses),
                cmocka_unit_test(what_only_the_text_forbids),
                cmocka_unit_test(documents_around_events),
                cmocka_unit_test(what_is_no_epcis_at_all),
                cmocka_unit_test(faults_of_many_events),
                cmocka_unit_test(messages_cut_long_texts),
        };

        return cmocka_run_group_tests_name("epcis/faults", tests, NULL, NULL);
}
