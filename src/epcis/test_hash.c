/* Goal: the CBV 2.0 event hash is made of exactly the string that the standard's rules give. */
#include "test_support.h"

#include "epcis/hash_value.h"

#define ISO "eventTime=2026-07-01T00:00:00.000ZeventTimeZoneOffset=+08:00"

struct vector { const char *event, *string; };

static const struct vector vectors[] = {
        { OBJECT, "eventType=ObjectEvent" ISO "action=OBSERVE" },
        /* the order of the standard, whatever the order sent; lists sorted by what they say in the end */
        { "'type':'ObjectEvent','bizStep':'packing','action':'ADD','epcList':['urn:epc:id:sgtin:4012345.011111.9876','https://example.org/01/04012345111118/21/12','ex:a']," WHEN,
          "eventType=ObjectEvent" ISO "epcListepc=ex:aepc=https://id.gs1.org/01/04012345111118/21/12epc=https://id.gs1.org/01/04012345111118/21/9876"
          "action=ADDbizStep=https://ref.gs1.org/cbv/BizStep-packing" },
        { "'type':'TransformationEvent'," WHEN ",'outputQuantityList':[{'uom':'KGM','quantity':10.50,'epcClass':'ex:o'}],'outputEPCList':['ex:p'],"
          "'inputQuantityList':[{'epcClass':'ex:b','quantity':0.10},{'epcClass':'ex:a'}],'inputEPCList':['ex:i'],'transformationID':'ex:t'",
          "eventType=TransformationEvent" ISO "inputEPCListepc=ex:iinputQuantityListquantityElementepcClass=ex:aquantityElementepcClass=ex:bquantity=0.1"
          "outputEPCListepc=ex:poutputQuantityListquantityElementepcClass=ex:oquantity=10.5uom=KGMtransformationID=ex:t" },
        { "'type':'AggregationEvent'," WHEN ",'action':'ADD','childQuantityList':[{'epcClass':'ex:c'}],'childEPCs':['ex:d'],'parentID':'ex:p'",
          "eventType=AggregationEvent" ISO "parentID=ex:pchildEPCsepc=ex:dchildQuantityListquantityElementepcClass=ex:caction=ADD" },
        /* the type first, and without a type the value alone */
        { OBJECT ",'bizTransactionList':[{'bizTransaction':'ex:1','type':'po'},{'bizTransaction':'ex:0'},{'type':'ex:own','bizTransaction':'ex:2'}],"
          "'destinationList':[{'destination':'ex:d','type':'owning_party'}],'sourceList':[{'source':'ex:s','type':'location'}]",
          "eventType=ObjectEvent" ISO "action=OBSERVEbizTransactionListbizTransaction=ex:0type=ex:ownbizTransaction=ex:2"
          "type=https://ref.gs1.org/cbv/BTT-pobizTransaction=ex:1sourceListtype=https://ref.gs1.org/cbv/SDT-locationsource=ex:s"
          "destinationListtype=https://ref.gs1.org/cbv/SDT-owning_partydestination=ex:d" },
        { OBJECT ",'persistentDisposition':{'unset':['unknown'],'set':['conformant','active']},'disposition':'cbv:Disp-active'",
          "eventType=ObjectEvent" ISO "action=OBSERVEdisposition=https://ref.gs1.org/cbv/Disp-activepersistentDisposition"
          "set=https://ref.gs1.org/cbv/Disp-activeset=https://ref.gs1.org/cbv/Disp-conformantunset=https://ref.gs1.org/cbv/Disp-unknown" },
        /* left out */
        { OBJECT ",'eventID':'ex:id','recordTime':'2026-07-01T00:00:00Z','certificationInfo':'ex:c','rdfs:comment':'c','comment':'d',"
          "'errorDeclaration':{'declarationTime':'2026-07-01T00:00:00Z'},'@context':{'a':'urn:a:'},'bizTransactionList':[],'ilmd':{},'persistentDisposition':{}",
          "eventType=ObjectEvent" ISO "action=OBSERVE" },
        /* sensors: no word for the list; bizRules of a report is not among its fields */
        { OBJECT ",'sensorElementList':[{'sensorReport':[{'uom':'CEL','type':'Temperature','value':4.0,'time':'2026-07-01T07:59:59.9996+08:00','bizRules':'ex:r',"
          "'component':'x','exception':'ALARM_CONDITION','coordinateReferenceSystem':'ex:crs'},{'type':'suyuan:residue','booleanValue':false,'stringValue':' 007 '}],"
          "'sensorMetadata':{'bizRules':'ex:r','deviceID':'urn:epc:id:giai:4000001.111','time':'2026-07-01T00:00:00Z'}}]",
          "eventType=ObjectEvent" ISO "action=OBSERVEsensorElementsensorMetadatatime=2026-07-01T00:00:00.000ZdeviceID=https://id.gs1.org/8004/4000001111bizRules=ex:r"
          "sensorReporttype=https://ref.gs1.org/voc/Temperatureexception=https://ref.gs1.org/voc/ALARM_CONDITIONtime=2026-07-01T00:00:00.000Zvalue=4"
          "component=https://ref.gs1.org/cbv/Comp-xuom=CELcoordinateReferenceSystem=ex:crssensorReporttype=suyuan:residuestringValue=7booleanValue=false" },
        /* ilmd and extensions: full names, sorted at every level, lists repeat their name */
        { "'type':'ObjectEvent'," WHEN ",'action':'ADD','epcList':[],'suyuan:b':['2',{'suyuan:y':1,'suyuan:x':{}},10],'ex:a':true,'nope:z':null,"
          "'ilmd':{'cbvmda:lotNumber':'L1','ex:list':[]}",
          "eventType=ObjectEvent" ISO "action=ADDilmd{urn:epcglobal:cbv:mda}lotNumber=L1nope:z=None{https://ns.example.com/x/}a=true"
          "{https://w3id.org/suyuan/voc/}b=10{https://w3id.org/suyuan/voc/}b=2{https://w3id.org/suyuan/voc/}b{https://w3id.org/suyuan/voc/}x{https://w3id.org/suyuan/voc/}y=1" },
        /* a word of a vocabulary is one only in its own place; times of extensions stay; identifiers are made canonical everywhere */
        { OBJECT ",'bizStep':'packing','ex:a':'packing','ex:b':'2026-07-01T08:00:00+08:00','ex:c':'urn:epc:id:giai:4000001.111','ex:d':'urn:epcglobal:cbv:bizstep:packing'",
          "eventType=ObjectEvent" ISO "action=OBSERVEbizStep=https://ref.gs1.org/cbv/BizStep-packing{https://ns.example.com/x/}a=packing"
          "{https://ns.example.com/x/}b=2026-07-01T08:00:00+08:00{https://ns.example.com/x/}c=https://id.gs1.org/8004/4000001111"
          "{https://ns.example.com/x/}d=https://ref.gs1.org/cbv/BizStep-packing" },
        /* extensions inside standard members come behind ilmd, in a block with their members' names */
        { "'type':'ObjectEvent'," WHEN ",'action':'ADD','epcList':[],'ex:own':1,'bizLocation':{'id':'ex:l','ex:b':1},'readPoint':{'ex:r':[2,1],'id':'ex:p'},'ilmd':{'ex:i':1},"
          "'sensorElementList':[{'sensorReport':[{'type':'Speed','ex:s':1}],'ex:e':1,'sensorMetadata':{'ex:m':1,'deviceID':'ex:d'}},{'sensorReport':[{'type':'Angle'}]}]",
          "eventType=ObjectEvent" ISO "action=ADDreadPointid=ex:pbizLocationid=ex:lsensorElementsensorMetadatadeviceID=ex:dsensorReporttype=https://ref.gs1.org/voc/Speed"
          "sensorElementsensorReporttype=https://ref.gs1.org/voc/Angleilmd{https://ns.example.com/x/}i=1"
          "readPoint{https://ns.example.com/x/}r=1{https://ns.example.com/x/}r=2bizLocation{https://ns.example.com/x/}b=1"
          "sensorElementsensorMetadata{https://ns.example.com/x/}m=1sensorReport{https://ns.example.com/x/}s=1{https://ns.example.com/x/}e=1"
          "{https://ns.example.com/x/}own=1" },
        /* where the namespace has no slash at its end, they stand among the event's own */
        { "'type':'ObjectEvent'," WHEN ",'@context':{'n':'https://n.example#'},'action':'ADD','epcList':[],'n:own':1,'bizLocation':{'id':'ex:l','n:b':1},'readPoint':{'n:r':1,'id':'ex:p'},"
          "'sensorElementList':[{'sensorReport':[{'type':'Speed','n:s':1,'bizRules':'ex:q'}]}]",
          "eventType=ObjectEvent" ISO "action=ADDreadPointid=ex:pbizLocationid=ex:lsensorElementsensorReporttype=https://ref.gs1.org/voc/Speed"
          "bizLocation{https://n.example#}b=1readPoint{https://n.example#}r=1sensorElementListsensorElementsensorReportbizRules=ex:q{https://n.example#}s=1{https://n.example#}own=1" },
        { "'type':'suyuan:OwnEvent'," WHEN ",'anything':{'b':2,'a':1}", "eventType=suyuan:OwnEvent" ISO "anythinga=1b=2" },
};

static void the_string_behind_the_hash(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
                struct arena *a = arena_new();
                struct document *d = read_event(a, vectors[i].event);
                struct str string;
                struct hash h, again = sha256(vectors[i].string, strlen(vectors[i].string));

                event_hash(a, &d->events[0], &h, &string);
                if (!str_eq(string, str_of(vectors[i].string)))
                        fail_msg("{%s}\n  got  %.*s\n  want %s", vectors[i].event, STR_ARG(string), vectors[i].string);
                assert_memory_equal(&h, &again, sizeof h);
                arena_free(a);
        }
}

static void the_uri_of_a_hash(void **state)
{
        struct arena *a = arena_new();
        struct hash h = sha256("", 0);

        (void)state;
        assert_str(event_hash_uri(a, &h),
                   "ni:///sha-256;e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855?ver=CBV2.0");
        arena_free(a);
}

static const struct { const char *value; enum hash_kind kind; const char *text; } values[] = {
        { "'  a b\\t'", HASH_PLAIN, "a b" }, { "'\\u3000\\u00a0田\\u2009\\u3000'", HASH_PLAIN, "田" }, { "'　'", HASH_PLAIN, "" },
        { "''", HASH_PLAIN, "" }, { "'é'", HASH_PLAIN, "é" },
        { "'007'", HASH_PLAIN, "7" }, { "'+1.50'", HASH_PLAIN, "1.5" }, { "'-0.0'", HASH_PLAIN, "-0" }, { "'.5'", HASH_PLAIN, "0.5" },
        { "'5.'", HASH_PLAIN, "5" }, { "'00'", HASH_PLAIN, "0" }, { "'1e3'", HASH_PLAIN, "1e3" }, { "'1_000'", HASH_PLAIN, "1_000" },
        { "'２'", HASH_PLAIN, "２" }, { "'.'", HASH_PLAIN, "." }, { "'+'", HASH_PLAIN, "+" }, { "'1.2.3'", HASH_PLAIN, "1.2.3" },
        { "'000000000000000000000000000000000000000000000000000000000012.3400'", HASH_PLAIN, "12.34" },
        { "'111100001111000011110000'", HASH_PLAIN, "111100001111000011110000" },
        { "1.0", HASH_PLAIN, "1" }, { "1e3", HASH_PLAIN, "1000" }, { "50.0", HASH_PLAIN, "50" }, { "1E-2", HASH_PLAIN, "0.01" },
        { "12345678901234567890", HASH_PLAIN, "12345678901234567890" }, { "0.1000000000000000055511151231257827", HASH_PLAIN, "0.1" },
        { "26.100000000000001", HASH_PLAIN, "26.1" },
        { "true", HASH_PLAIN, "true" }, { "false", HASH_PLAIN, "false" }, { "null", HASH_PLAIN, "None" }, { "[1]", HASH_PLAIN, "" },
        { "'2026-07-01T08:00:00.1414999+08:00'", HASH_TIME, "2026-07-01T00:00:00.141Z" },
        { "'2026-07-01T08:00:00.1415+08:00'", HASH_TIME, "2026-07-01T00:00:00.142Z" },
        { "'2026-12-31T23:59:59.9995Z'", HASH_TIME, "2027-01-01T00:00:00.000Z" },
        { "'1969-12-31T23:59:59.9994Z'", HASH_TIME, "1969-12-31T23:59:59.999Z" },
        { "'1969-12-31T23:59:59.0015Z'", HASH_TIME, "1969-12-31T23:59:59.002Z" },
        { "'2026-07-01T08:00:00.5-03:30'", HASH_TIME, "2026-07-01T11:30:00.500Z" },
        { "'yesterday'", HASH_TIME, "yesterday" },
        { "'+08:00'", HASH_VERBATIM, "+08:00" },
        { "'gs1:Temperature'", HASH_PLAIN, "https://ref.gs1.org/voc/Temperature" },
        { "'ex:x'", HASH_PLAIN, "ex:x" },
        { "'https://example.org/01/04012345111118/10/A?17=261231'", HASH_PLAIN, "https://id.gs1.org/01/04012345111118/10/A" },
        { "'https://example.org/page'", HASH_PLAIN, "https://example.org/page" },
        { "'" OWN "/lot/q/L1'", HASH_PLAIN, OWN "/lot/q/L1" },
};

static void single_values(void **state)
{
        static const struct json_limits limits = { 64, 128, 1000 };

        (void)state;
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
                struct arena *a = arena_new();
                struct str text = quoted(a, values[i].value);
                const struct json *v;

                assert_int_equal(json_read(a, text.p, text.n, &limits, &v, NULL), 0);
                struct str got = hash_value(a, v, values[i].kind, VOC_BIZ_STEP);

                if (!str_eq(got, str_of(values[i].text)))
                        fail_msg("%s gave '%.*s', not '%s'", values[i].value, STR_ARG(got), values[i].text);
                arena_free(a);
        }
}

/* An event and its error declaration share the hash; that is why there is a record digest as well. */
static void error_declarations_share_it(void **state)
{
        struct arena *a = arena_new();
        static const char *const events[] = { OBJECT, OBJECT ",'errorDeclaration':{'declarationTime':'2026-07-02T00:00:00Z'}" };
        struct document *d = read_events(a, CONTEXT_TEXT, events, 2);
        static const struct hash secret;
        struct record_digest r[2];
        struct hash h[2];

        (void)state;
        for (int i = 0; i < 2; i++) {
                event_hash(a, &d->events[i], &h[i], NULL);
                record_digest(a, &d->events[i], &secret, &r[i]);
        }
        assert_memory_equal(&h[0], &h[1], sizeof h[0]);
        assert_memory_not_equal(&r[0].digest, &r[1].digest, sizeof r[0].digest);
        arena_free(a);
}

static void events_that_are_refused_have_one_too(void **state)
{
        struct arena *a = arena_new();
        static const char *const odd[] = {
                "'epcList':7,'readPoint':[],'sensorElementList':[7,{'sensorReport':{}},{'sensorReport':[1],'sensorMetadata':[]}],'ilmd':[]",
                "'bizTransactionList':{'a':1},'quantityList':[[],null],'persistentDisposition':7,'eventTime':{}",
        };
        struct document *d = read_text(a, "{'@context':[]," HEAD ",'epcisBody':{'eventList':[7,null,[],{}]}}");
        struct hash h;

        (void)state;
        for (size_t i = 0; i < d->n_events; i++)
                event_hash(a, &d->events[i], &h, NULL);
        d = read_events(a, CONTEXT_TEXT, odd, 2);
        for (size_t i = 0; i < d->n_events; i++) {
                struct str string;

                event_hash(a, &d->events[i], &h, &string);
                assert_true(d->refused[i]);
                assert_true(str_starts(string, STR("eventType=")));
        }
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_string_behind_the_hash),
                cmocka_unit_test(the_uri_of_a_hash),
                cmocka_unit_test(single_values),
                cmocka_unit_test(error_declarations_share_it),
                cmocka_unit_test(events_that_are_refused_have_one_too),
        };

        return cmocka_run_group_tests_name("epcis/hash", tests, NULL, NULL);
}
