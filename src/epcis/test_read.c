/* Goal: what the rest of the system asks of an event is read from it, in canonical form; sizes are bounded. */
#include "test_support.h"

#include "base/limits.h"
#include "epcis/context.h"

static void the_three_forms(void **state)
{
        struct arena *a = arena_new();
        struct document *d;

        (void)state;
        d = read_text(a, "{'@context':" CONTEXT_TEXT "," HEAD ",'epcisBody':{'eventList':[{" OBJECT "},{" OBJECT "}]}}");
        assert_int_equal(d->kind, DOCUMENT_CAPTURE);
        assert_int_equal(d->n_events, 2);
        assert_str(d->context_json, quoted(a, CONTEXT_TEXT).p);
        assert_ptr_equal(d->events[0].context_json.p, d->context_json.p);
        assert_ptr_equal(d->events[1].context, d->events[0].context);
        d = read_text(a, "{'@context':" CONTEXT_TEXT ",'type':'EPCISQueryDocument','epcisBody':{'queryResults':{'queryName':'q','resultsBody':{'eventList':[{" OBJECT "}]}}}}");
        assert_int_equal(d->kind, DOCUMENT_QUERY);
        assert_int_equal(d->n_events, 1);
        d = read_text(a, "\xEF\xBB\xBF{'@context':" CONTEXT_TEXT "," OBJECT ",'suyuan:dose':1}");
        assert_int_equal(d->kind, DOCUMENT_BARE_EVENT);
        assert_int_equal(d->n_events, 1);
        assert_str(d->context_json, quoted(a, CONTEXT_TEXT).p);
        /* Its context stands in the event itself. */
        assert_str(d->events[0].context_json, "");
        assert_non_null(event_extension(&d->events[0], d->events[0].json, SUYUAN_VOC "dose"));
        arena_free(a);
}

static const char everything[] =
        "'type':'ObjectEvent','eventTime':'2026-07-01T08:00:00.25+08:00','eventTimeZoneOffset':'+08:00','action':'ADD',"
        "'eventID':'urn:uuid:0190f3a0-1111-7222-8333-000000000001','recordTime':'2026-07-01T00:00:01Z',"
        "'epcList':['urn:epc:id:sgtin:4012345.011111.9876','" OWN "/lot/qifengdu/L1'],"
        "'quantityList':[{'epcClass':'https://example.org/01/6901234567892/10/A','quantity':12.50,'uom':'KGM'},{'epcClass':'ex:c'}],"
        "'bizStep':'cbv:BizStep-packing','disposition':'suyuan:on_hold',"
        "'readPoint':{'id':'urn:epc:id:sgln:4012345.00005.0'},'bizLocation':{'id':'" OWN "/place/qifengdu/P1'},"
        "'errorDeclaration':{'declarationTime':'2026-07-02T00:00:00Z'}";

static void all_that_is_asked_of_an_event(void **state)
{
        struct arena *a = arena_new();
        struct document *d = read_event(a, everything);
        const struct event *e = &d->events[0];

        (void)state;
        assert_string_equal(told(a, d, FAULT_REFUSED), "");
        assert_int_equal(e->type, EVENT_OBJECT);
        assert_str(e->type_name, "ObjectEvent");
        assert_int_equal(e->time.us, INT64_C(1782864000250000));
        assert_int_equal(e->time.offset_min, 480);
        assert_int_equal(e->client_record_time.us, INT64_C(1782864001000000));
        assert_str(e->event_id, "urn:uuid:0190f3a0-1111-7222-8333-000000000001");
        assert_int_equal(e->action, ACTION_ADD);
        assert_str(e->biz_step, "packing");
        assert_str(e->disposition, SUYUAN_VOC "on_hold");
        assert_str(e->read_point, "https://id.gs1.org/414/4012345000054");
        assert_str(e->biz_location, "/place/qifengdu/P1");
        assert_true(e->has_error_declaration);
        assert_int_equal(e->n_items, 4);
        assert_str(e->items[0].canonical, "https://id.gs1.org/01/04012345111118/21/9876");
        assert_int_equal(e->items[0].role, ROLE_EPC);
        assert_int_equal(e->items[0].kind, IDENT_ITEM);
        assert_null(e->items[0].quantity.p);
        assert_str(e->items[1].canonical, "/lot/qifengdu/L1");
        assert_int_equal(e->items[1].kind, IDENT_LOT);
        assert_str(e->items[2].canonical, "https://id.gs1.org/01/06901234567892/10/A");
        assert_int_equal(e->items[2].role, ROLE_QUANTITY);
        assert_str(e->items[2].quantity, "12.5");
        assert_str(e->items[2].uom, "KGM");
        assert_null(e->items[3].quantity.p);
        arena_free(a);
}

static void absent_members(void **state)
{
        struct arena *a = arena_new();
        const struct event *e = &read_event(a, "'type':'ex:Own'," WHEN ",'epcList':['ex:a'],'parentID':7")->events[0];

        (void)state;
        assert_int_equal(e->type, EVENT_EXTENDED);
        assert_string_equal(event_type_name(e->type), "");
        assert_int_equal(e->action, ACTION_NONE);
        assert_null(e->event_id.p);
        assert_null(e->biz_step.p);
        assert_null(e->read_point.p);
        assert_int_equal(e->client_record_time.us, INT64_MIN);
        assert_false(e->has_error_declaration);
        assert_int_equal(e->n_items, 1);
        arena_free(a);
}

static void every_role(void **state)
{
        struct arena *a = arena_new();
        struct document *d = read_event(a, "'type':'TransformationEvent'," WHEN
                ",'inputEPCList':['ex:a'],'inputQuantityList':[{'epcClass':'ex:b'}],'outputEPCList':['ex:c'],"
                "'outputQuantityList':[{'epcClass':'ex:d'}],'transformationID':'" OWN "/season/q/S1'");
        struct document *g = read_event(a, "'type':'AggregationEvent'," WHEN
                ",'action':'ADD','parentID':'ex:a','childEPCs':['ex:b'],'childQuantityList':[{'epcClass':'ex:c'}]");
        static const uint8_t made[] = { ROLE_INPUT, ROLE_INPUT_QUANTITY, ROLE_OUTPUT, ROLE_OUTPUT_QUANTITY, ROLE_TRANSFORMATION };
        static const uint8_t packed[] = { ROLE_PARENT, ROLE_CHILD, ROLE_CHILD_QUANTITY };

        (void)state;
        assert_int_equal(d->events[0].n_items, 5);
        for (size_t i = 0; i < 5; i++)
                assert_int_equal(d->events[0].items[i].role, made[i]);
        assert_int_equal(d->events[0].items[4].kind, IDENT_SEASON);
        assert_int_equal(g->events[0].n_items, 3);
        for (size_t i = 0; i < 3; i++)
                assert_int_equal(g->events[0].items[i].role, packed[i]);
        for (int role = 1; role < ROLES; role++)
                assert_true(item_role_name((enum item_role)role)[0]);
        assert_string_equal(item_role_name(ROLE_CHILD), "childEPCs");
        arena_free(a);
}

/* A stored event says the same as when it came, and has no need of its document. */
static void a_stored_event_stands_alone(void **state)
{
        struct arena *a = arena_new();
        struct document *d = read_event(a, everything);
        struct event *e = &d->events[0], again;
        struct buf b;

        (void)state;
        buf_init(&b, 1 << 20);
        json_write(&b, e->json);
        assert_int_equal(event_reread(a, buf_view(&b), e->context_json, &test_own, &again, NULL), 0);
        assert_true(json_equal(e->json, again.json));
        assert_str(again.context_json, e->context_json.p);
        assert_int_equal(again.time.us, e->time.us);
        assert_str(again.biz_step, "packing");
        assert_str(again.disposition, e->disposition.p);
        assert_int_equal(again.n_items, e->n_items);
        for (size_t i = 0; i < e->n_items; i++) {
                assert_str(again.items[i].canonical, e->items[i].canonical.p);
                assert_int_equal(again.items[i].role, e->items[i].role);
        }
        struct err err = { 0 };

        assert_int_equal(event_reread(a, STR("{"), STR(""), &test_own, &again, &err), -1);
        assert_int_equal(err.kind, ERR_BAD_JSON);
        buf_free(&b);
        arena_free(a);
}

static void contexts_give_names_their_meaning(void **state)
{
        struct arena *a = arena_new();
        static const char *const events[] = {
                OBJECT, OBJECT ",'@context':[{'ex':'https://other.example/'},{'n':{'@id':'urn:n:'}}]",
        };
        struct document *d = read_events(a, "[" STANDARD ",{'ex':'https://first.example/','raw':'https://ns.example.com/epcis'},{'ex':'https://ns.example.com/x/'}]",
                                         events, 2);
        const struct context *c = d->events[0].context, *own = d->events[1].context;

        (void)state;
        assert_str(context_expand(a, c, STR("ex:a")), "https://ns.example.com/x/a");
        assert_str(context_expand(a, own, STR("ex:a")), "https://other.example/a");
        assert_str(context_expand(a, own, STR("n:1")), "urn:n:1");
        assert_str(context_expand(a, c, STR("n:1")), "n:1");
        assert_str(context_expand(a, c, STR("raw:a")), "https://ns.example.com/epcisa");
        assert_str(context_expand(a, c, STR("cbvmda:lotNumber")), "urn:epcglobal:cbv:mda:lotNumber");
        assert_str(context_expand(a, c, STR("gs1:Temperature")), "https://gs1.org/voc/Temperature");
        assert_str(context_expand(a, c, STR("eventTime")), "eventTime");
        assert_str(context_expand(a, c, STR("https://a.example/b")), "https://a.example/b");
        assert_str(context_expand(a, c, STR("ex:")), "https://ns.example.com/x/");
        assert_true(c->standard);
        assert_false(c->unknown);
        assert_true(own->standard);
        arena_free(a);
}

static void many_prefixes(void **state)
{
        struct arena *a = arena_new();
        struct buf b;
        const char *event = OBJECT;

        (void)state;
        buf_init(&b, 1 << 24);
        buf_z(&b, "[" STANDARD ",{");
        for (int i = 0; i < 20000; i++)
                buf_printf(&b, "%s'p%d':'https://ns.example.com/%d/'", i ? "," : "", i, i);
        buf_z(&b, "},{'p77':'https://last.example/'}]");
        struct document *d = read_events(a, b.p, &event, 1);

        assert_str(context_expand(a, d->events[0].context, STR("p19999:x")), "https://ns.example.com/19999/x");
        assert_str(context_expand(a, d->events[0].context, STR("p77:x")), "https://last.example/x");
        buf_free(&b);
        arena_free(a);
}

/* A namespace longer than an identifier may be is refused, and stands for nothing. */
static void a_huge_namespace(void **state)
{
        struct arena *a = arena_new();
        char space[LIMIT_IDENTIFIER_BYTES + 2];
        const char *event = OBJECT;

        (void)state;
        memset(space, 'a', sizeof space);
        memcpy(space, "urn:", 4);
        for (int n = LIMIT_IDENTIFIER_BYTES; n <= LIMIT_IDENTIFIER_BYTES + 1; n++) {
                bool more = n > LIMIT_IDENTIFIER_BYTES;
                struct document *d = read_events(a, arena_printf(a, "[" STANDARD ",{'x':'%.*s'}]", n, space).p, &event, 1);

                assert_string_equal(told(a, d, FAULT_REFUSED), more ? "too-long@/@context/1/x" : "");
                assert_int_equal(context_expand(a, d->events[0].context, STR("x:y")).n, more ? 3 : n + 1);
        }
        arena_free(a);
}

static void extensions_by_their_full_name(void **state)
{
        struct arena *a = arena_new();
        struct document *d = read_event(a, OBJECT ",'@context':{'s':'https://w3id.org/suyuan/voc/'},"
                "'suyuan:crop':'rice','https://w3id.org/suyuan/voc/dose':2,'s:loss':{'s:quantity':3}");
        const struct event *e = &d->events[0];

        (void)state;
        assert_str(json_text(event_extension(e, e->json, SUYUAN_VOC "crop")), "rice");
        assert_str(json_text(event_extension(e, e->json, SUYUAN_VOC "dose")), "2");
        assert_str(json_text(event_extension(e, event_extension(e, e->json, SUYUAN_VOC "loss"), SUYUAN_VOC "quantity")), "3");
        assert_null(event_extension(e, e->json, SUYUAN_VOC "cro"));
        assert_null(event_extension(e, e->json, SUYUAN_VOC "crops"));
        assert_null(event_extension(e, NULL, SUYUAN_VOC "crop"));
        arena_free(a);
}

static void master_data(void **state)
{
        struct arena *a = arena_new();
        struct document *d = read_text(a, "{'@context':" CONTEXT_TEXT "," HEAD ",'epcisHeader':{'epcisMasterData':{'vocabularyList':["
                "{'type':'urn:epcglobal:epcis:vtype:BusinessLocation','vocabularyElementList':[{'id':'urn:epc:id:sgln:0037000.00729.0'},{'id':'ex:two'}]},"
                "{'type':'ex:empty'}]}},'epcisBody':{'eventList':[]}}");

        (void)state;
        assert_string_equal(told(a, d, FAULT_REFUSED), "");
        assert_int_equal(d->n_master, 2);
        assert_str(d->master[0].type, "urn:epcglobal:epcis:vtype:BusinessLocation");
        assert_str(d->master[0].canonical, "https://id.gs1.org/414/0037000007296");
        assert_str(json_str(d->master[1].json, "id"), "ex:two");
        arena_free(a);
}

static int read_buffer(const struct buf *b, struct err *e)
{
        struct arena *a = arena_new();
        struct document *d;
        struct str s = quoted(a, b->p);
        int rc = document_read(a, s.p, s.n, &test_own, &d, e);

        if (rc == 0 && d->faults.refused)
                rc = 1;
        arena_free(a);
        return rc;
}

static void limits_are_kept(void **state)
{
        struct buf b;
        struct err e = { 0 };

        (void)state;
        buf_init(&b, 64 << 20);
        for (int more = 0; more < 2; more++) {          /* events of a document */
                buf_clear(&b);
                buf_z(&b, "{'@context':" CONTEXT_TEXT "," HEAD ",'epcisBody':{'eventList':[");
                for (int i = 0; i < LIMIT_DOCUMENT_EVENTS + more; i++)
                        buf_z(&b, i ? ",{" OBJECT "}" : "{" OBJECT "}");
                buf_z(&b, "]}}");
                assert_int_equal(read_buffer(&b, &e), -more);
        }
        assert_int_equal(e.kind, ERR_TOO_LARGE);
        for (int more = 0; more < 2; more++) {          /* items of an event */
                buf_clear(&b);
                buf_z(&b, "{'@context':" CONTEXT_TEXT ",'type':'ObjectEvent'," WHEN ",'action':'ADD','epcList':[");
                for (int i = 0; i < LIMIT_EVENT_ITEMS + more; i++)
                        buf_printf(&b, "%s'ex:%d'", i ? "," : "", i);
                buf_z(&b, "]}");
                e = (struct err){ 0 };
                assert_int_equal(read_buffer(&b, &e), -more);
        }
        assert_int_equal(e.kind, ERR_TOO_LARGE);
        buf_clear(&b);                                  /* bytes of an event */
        buf_z(&b, "{'@context':" CONTEXT_TEXT "," OBJECT ",'ex:text':'");
        for (int i = 0; i < LIMIT_EVENT_BYTES; i++)
                buf_char(&b, 'x');
        buf_z(&b, "'}");
        e = (struct err){ 0 };
        assert_int_equal(read_buffer(&b, &e), -1);
        assert_int_equal(e.kind, ERR_TOO_LARGE);
        for (int more = 0; more < 2; more++) {          /* characters of an identifier */
                buf_clear(&b);
                buf_z(&b, "{'@context':" CONTEXT_TEXT ",'type':'ObjectEvent'," WHEN ",'action':'ADD','epcList':['ex:");
                for (int i = 3; i < LIMIT_IDENTIFIER_BYTES + more; i++)
                        buf_char(&b, 'x');
                buf_z(&b, "']}");
                assert_int_equal(read_buffer(&b, &e), more);
        }
        buf_free(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_three_forms),
                cmocka_unit_test(all_that_is_asked_of_an_event),
                cmocka_unit_test(absent_members),
                cmocka_unit_test(every_role),
                cmocka_unit_test(a_stored_event_stands_alone),
                cmocka_unit_test(contexts_give_names_their_meaning),
                cmocka_unit_test(many_prefixes),
                cmocka_unit_test(a_huge_namespace),
                cmocka_unit_test(extensions_by_their_full_name),
                cmocka_unit_test(master_data),
                cmocka_unit_test(limits_are_kept),
        };

        return cmocka_run_group_tests_name("epcis/read", tests, NULL, NULL);
}
