#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "api/test_support.h"
#include "base/json.h"
#include "base/limits.h"

/* Every resource of the API over the real store, without sockets. */

#define CONTEXT "[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"suyuan\":\"https://w3id.org/suyuan/voc/\"}]"
#define EVENT(time, more) "{\"type\":\"ObjectEvent\",\"eventTime\":\"" time "\",\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"OBSERVE\"," \
        "\"bizStep\":\"inspecting\",\"epcList\":[\"urn:epc:id:sgtin:6901234.056789.1\"]" more "}"
#define DOCUMENT(events) "{\"@context\":" CONTEXT ",\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-11-23T08:00:00Z\"," \
        "\"epcisBody\":{\"eventList\":[" events "]}}"
#define BARE(time, more) "{\"@context\":" CONTEXT ",\"type\":\"ObjectEvent\",\"eventTime\":\"" time "\",\"eventTimeZoneOffset\":\"+08:00\"," \
        "\"action\":\"OBSERVE\",\"bizStep\":\"inspecting\",\"epcList\":[\"urn:epc:id:sgtin:6901234.056789.1\"]" more "}"
#define T1 "2026-11-01T08:00:00.000+08:00"
#define T2 "2026-11-02T08:00:00.000+08:00"
#define ID ",\"eventID\":\"urn:uuid:0199a000-0000-7000-8000-000000000001\""

static int open_world(void **state)
{
        *state = world_open();
        return 0;
}

static int close_world(void **state)
{
        world_close(*state);
        return 0;
}

static struct loopback_reply ask(void **state, const char *method, const char *target, const char *body, const char *name, const char *value)
{
        struct world *w = *state;
        struct loopback_header h[2] = { { "Content-Type", "application/json" }, { name, value } };
        struct loopback_request in = { .method = method, .target = str_of(target), .body = str_of(body), .headers = h, .n_headers = name ? 2 : 1 };
        struct loopback_reply r;

        loopback_ask(w->l, w->a, &in, &r);
        return r;
}

static struct loopback_reply post(void **state, const char *target, const char *body)
{
        return ask(state, "POST", target, body, NULL, NULL);
}

static struct loopback_reply get(void **state, const char *target)
{
        return ask(state, "GET", target, NULL, NULL, NULL);
}

static const struct json *json(void **state, const struct loopback_reply *r, int status)
{
        static const struct json_limits limits = { LIMIT_JSON_DEPTH, LIMIT_JSON_NUMBER_BYTES, LIMIT_JSON_NODES };
        struct world *w = *state;
        const struct json *j;
        struct err e = { 0 };

        if (r->status != status)
                fail_msg("status %d, wanted %d: %s", r->status, status, r->body.p);
        if (json_read(w->a, r->body.p, r->body.n, &limits, &j, &e) < 0)
                fail_msg("no JSON (%s): %s", e.detail, r->body.p);
        return j;
}

static void assert_counts(const struct json *j, int captured, int known, int refused)
{
        assert_int_equal(json_int(json_get(j, "captured"), -1), captured);
        assert_int_equal(json_int(json_get(j, "known"), -1), known);
        assert_int_equal(json_int(json_get(j, "refused"), -1), refused);
}

static const struct json *item(const struct json *array, uint32_t i)
{
        assert_true(json_is(array, JSON_ARRAY) && i < array->n);
        return &array->items[i];
}

static const struct json *events_of(const struct json *query_document)
{
        return json_get(json_get(json_get(json_get(query_document, "epcisBody"), "queryResults"), "resultsBody"), "eventList");
}

static void a_document_is_captured_once_and_its_report_kept(void **state)
{
        struct loopback_reply r = post(state, "/epcis/capture", DOCUMENT(EVENT(T1, "") "," EVENT(T2, ID)));
        const struct json *j = json(state, &r, 202);

        assert_counts(j, 2, 0, 0);
        assert_true(json_is(json_get(j, "success"), JSON_TRUE));
        assert_true(json_is(json_get(j, "running"), JSON_FALSE));
        assert_string_equal(json_str(item(json_get(j, "events"), 0), "outcome").p, "captured");
        assert_string_equal(json_str(item(json_get(j, "events"), 1), "eventID").p, "urn:uuid:0199a000-0000-7000-8000-000000000001");
        assert_string_equal(loopback_header(&r, "GS1-EPCIS-Version"), "2.0.0");
        const char *location = loopback_header(&r, "Location");
        char want[80];
        snprintf(want, sizeof want, "/epcis/capture/%s", json_str(j, "captureID").p);
        assert_string_equal(location, want);

        r = get(state, location);
        assert_counts(json(state, &r, 200), 2, 0, 0);
        r = post(state, "/epcis/capture", DOCUMENT(EVENT(T2, ID)));
        assert_counts(json(state, &r, 202), 0, 1, 0);
        r = get(state, "/epcis/capture/nobody");
        json(state, &r, 404);
        r = get(state, "/epcis/capture/%zz");
        json(state, &r, 400);
}

static void a_faulty_document_is_refused_whole_or_taken_in_part(void **state)
{
        static const char doc[] = DOCUMENT(EVENT(T1, "") "," EVENT(T2, ",\"plain\":1,\"disposition\":\"urn:epcglobal:cbv:disp:sold\""));
        struct loopback_reply r = post(state, "/epcis/capture", doc);
        const struct json *j = json(state, &r, 400), *errors = json_get(j, "errors");

        assert_string_equal(json_str(j, "type").p, "/problems/bad-event");
        assert_int_equal(errors->n, 2);
        for (uint32_t i = 0; i < 2; i++) {
                assert_true(str_starts(json_str(item(errors, i), "pointer"), STR("/epcisBody/eventList/1/")));
                assert_int_equal(json_int(json_get(item(errors, i), "event"), -1), 1);
                assert_true(json_str(item(errors, i), "code").n && json_str(item(errors, i), "detail").n);
        }
        r = ask(state, "POST", "/epcis/capture", doc, "GS1-Capture-Error-Behaviour", "proceed");
        j = json(state, &r, 202);
        assert_counts(j, 1, 0, 1);
        assert_true(json_is(json_get(j, "success"), JSON_FALSE));
        assert_string_equal(json_str(item(json_get(j, "events"), 1), "outcome").p, "refused");
        assert_null(json_get(item(json_get(j, "events"), 1), "eventID"));
        r = get(state, loopback_header(&r, "Location"));
        assert_int_equal(json_get(json(state, &r, 200), "errors")->n, 2);
        r = ask(state, "POST", "/epcis/capture", doc, "GS1-Capture-Error-Behaviour", "perhaps");
        json(state, &r, 400);
        /* What is wrong with the document itself cannot be left out. */
        r = ask(state, "POST", "/epcis/capture", "{\"@context\":" CONTEXT ",\"type\":\"EPCISDocument\",\"epcisBody\":{\"eventList\":[]}}",
                "GS1-Capture-Error-Behaviour", "proceed");
        json(state, &r, 400);
}

static void findings_are_told_with_the_answer(void **state)
{
        static const char wrong_digit[] = "{\"@context\":" CONTEXT ",\"type\":\"ObjectEvent\",\"eventTime\":\"" T1 "\",\"eventTimeZoneOffset\":\"+08:00\","
                "\"action\":\"OBSERVE\",\"epcList\":[\"https://id.gs1.org/01/06901234567893/21/A1\"]}";
        struct loopback_reply r = post(state, "/epcis/events", wrong_digit);
        const struct json *finding = item(json_get(json(state, &r, 201), "findings"), 0);

        assert_string_equal(json_str(finding, "code").p, "check-digit");
        assert_string_equal(json_str(finding, "pointer").p, "/epcList/0");
}

static void one_event_is_created_known_or_in_conflict(void **state)
{
        struct loopback_reply r = post(state, "/epcis/events", BARE(T1, ID));
        const struct json *j = json(state, &r, 201);

        assert_string_equal(json_str(j, "outcome").p, "captured");
        assert_string_equal(loopback_header(&r, "Location"), "/epcis/events/urn%3Auuid%3A0199a000-0000-7000-8000-000000000001");
        assert_string_equal(loopback_header(&r, "Suyuan-Outcome"), "captured");
        r = post(state, "/epcis/events", BARE(T1, ID));
        assert_string_equal(json_str(json(state, &r, 200), "outcome").p, "known");
        assert_string_equal(loopback_header(&r, "Suyuan-Outcome"), "known");
        r = post(state, "/epcis/events", BARE(T2, ID));
        j = json(state, &r, 409);
        assert_string_equal(json_str(j, "epcisException").p, "epcisException:ResourceAlreadyExistsException");
        r = post(state, "/epcis/events", BARE(T2, ""));
        assert_true(str_starts(json_str(json(state, &r, 201), "eventID"), STR("urn:uuid:")));
        r = post(state, "/epcis/events", BARE(T2, ",\"wrong\":1"));
        assert_string_equal(json_str(item(json_get(json(state, &r, 400), "errors"), 0), "pointer").p, "/wrong");
}

static void each_door_names_the_other(void **state)
{
        struct loopback_reply r = post(state, "/epcis/capture", BARE(T1, ""));

        assert_non_null(strstr(json_str(json(state, &r, 400), "detail").p, "/epcis/events"));
        r = post(state, "/epcis/events", DOCUMENT(EVENT(T1, "")));
        assert_non_null(strstr(json_str(json(state, &r, 400), "detail").p, "/epcis/capture"));
}

static void media_types_and_broken_bodies_are_told(void **state)
{
        struct world *w = *state;
        static const char *const wrong[] = { "text/plain", "application/xml", "application/json; charset=gbk", "" };
        static const char *const right[] = { "application/json", "application/ld+json", "application/json; charset=utf-8" };
        static const char *const broken[] = { "", "[", "17", "[]", "{}", "{\"type\":\"EPCISDocument\",\n\"a\" 1}", "\xff", "{\"a\":\"\\ud800\"}" };
        struct loopback_reply r;

        for (size_t i = 0; i < 4; i++) {
                struct loopback_header h = { "Content-Type", wrong[i] };
                loopback_ask(w->l, w->a, &(struct loopback_request){ .method = "POST", .target = STR("/epcis/capture"), .headers = &h, .n_headers = 1, .body = STR("{}") }, &r);
                json(state, &r, 415);
        }
        for (size_t i = 0; i < 3; i++) {
                struct loopback_header h = { "Content-Type", right[i] };
                loopback_ask(w->l, w->a, &(struct loopback_request){ .method = "POST", .target = STR("/epcis/capture"), .headers = &h, .n_headers = 1, .body = STR(DOCUMENT(EVENT(T1, ""))) }, &r);
                json(state, &r, 202);
        }
        for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
                r = post(state, "/epcis/capture", broken[i]);
                assert_true(json_str(json(state, &r, 400), "detail").n > 0);
        }
        r = post(state, "/epcis/capture", broken[5]);
        assert_int_equal(json_int(json_get(json(state, &r, 400), "line"), 0), 2);
        r = ask(state, "POST", "/epcis/capture", DOCUMENT(EVENT(T2, "")), "Accept", "application/xml");
        json(state, &r, 406);
        r = post(state, "/epcis/capture", DOCUMENT(EVENT(T2, "")));
        assert_counts(json(state, &r, 202), 1, 0, 0);   /* the 406 stored nothing */
}

static void an_event_comes_back_as_it_was_sent(void **state)
{
        struct world *w = *state;
        static const char sent[] = BARE(T1, ID ",\"suyuan:areaMu\":12.50,\"suyuan:crop\":\"再生稻\"");
        struct loopback_reply r = post(state, "/epcis/events", sent);

        json(state, &r, 201);
        r = ask(state, "GET", "/epcis/events/urn:uuid:0199a000-0000-7000-8000-000000000001", NULL, "GS1-EPC-Format", "Never_Translates");
        const struct json *doc = json(state, &r, 200), *e = item(events_of(doc), 0);
        assert_string_equal(json_str(doc, "type").p, "EPCISQueryDocument");
        assert_string_equal(r.content_type.p, "application/json");
        assert_string_equal(loopback_header(&r, "GS1-EPC-Format"), "Never_Translates");
        assert_true(json_str(e, "recordTime").n > 0);
        struct json back = *e;  /* recordTime is the last member or the one before: what was sent comes first */
        static const struct json_limits limits = { 64, 128, 1000 };
        const struct json *want;
        assert_int_equal(json_read(w->a, sent, sizeof sent - 1, &limits, &want, NULL), 0);
        back.n = want->n;
        assert_true(json_equal(&back, want));
        r = ask(state, "GET", "/epcis/events/urn:uuid:0199a000-0000-7000-8000-000000000001", NULL, "Accept", "application/ld+json");
        assert_string_equal(r.content_type.p, "application/ld+json");
        r = ask(state, "GET", "/epcis/events/urn:uuid:0199a000-0000-7000-8000-000000000001", NULL, "Accept", "application/xml");
        json(state, &r, 406);
        r = get(state, "/epcis/events/urn:uuid:nobody");
        json(state, &r, 404);
        r = get(state, "/epcis/events/%ff");
        json(state, &r, 400);
}

/* Two documents with two prefixes for one namespace: each event must still say what it said. */
static void records_of_different_contexts_bring_their_own(void **state)
{
        static const char one[] = DOCUMENT(EVENT(T1, ID ",\"suyuan:crop\":\"rice\""));
        static const char two[] = "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"s\":\"https://w3id.org/suyuan/voc/\"}],"
                "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-11-23T08:00:00Z\",\"epcisBody\":{\"eventList\":["
                EVENT(T2, ID ",\"@context\":[{\"x\":\"https://example.org/\"}],\"s:crop\":\"lotus\",\"x:y\":1") "]}}";
        struct loopback_reply r = post(state, "/epcis/capture", one);

        json(state, &r, 202);
        r = post(state, "/epcis/capture", two);
        assert_true(json_get(json(state, &r, 202), "findings")->n > 0);
        r = get(state, "/epcis/events/urn:uuid:0199a000-0000-7000-8000-000000000001");
        const struct json *events = events_of(json(state, &r, 200));
        assert_int_equal(events->n, 2);
        assert_non_null(strstr(r.body.p, "{\"suyuan\":\"https://w3id.org/suyuan/voc/\"}]"));
        const struct json *own = json_get(item(events, 1), "@context");
        assert_int_equal(own->n, 3);
        assert_string_equal(json_str(item(own, 1), "s").p, "https://w3id.org/suyuan/voc/");
        assert_string_equal(json_str(item(own, 2), "x").p, "https://example.org/");
}

static void an_event_hash_as_id_is_found_raw_and_encoded(void **state)
{
        static const char id[] = ",\"eventID\":\"ni:///sha-256;af7658e711574363633f20b3dadc7bc4c13c6f612cf96d95e03c421c0e58f3c6?ver=CBV2.0\"";
        char body[2000];
        snprintf(body, sizeof body, "{\"@context\":%s,\"type\":\"ObjectEvent\",\"eventTime\":\"%s\",\"eventTimeZoneOffset\":\"+08:00\",\"action\":\"OBSERVE\","
                 "\"epcList\":[\"urn:epc:id:sgtin:6901234.056789.1\"]%s}", CONTEXT, T1, id);
        struct loopback_reply r = post(state, "/epcis/events", body);

        json(state, &r, 201);
        r = get(state, loopback_header(&r, "Location"));
        json(state, &r, 200);
        r = get(state, "/epcis/events/ni:///sha-256;af7658e711574363633f20b3dadc7bc4c13c6f612cf96d95e03c421c0e58f3c6?ver=CBV2.0");
        json(state, &r, 200);
}

static void a_trace_is_told_in_three_forms(void **state)
{
        static const char mill[] = "{\"@context\":" CONTEXT ",\"type\":\"TransformationEvent\",\"eventTime\":\"" T2 "\",\"eventTimeZoneOffset\":\"+08:00\","
                "\"bizStep\":\"commissioning\",\"inputQuantityList\":[{\"epcClass\":\"http://127.0.0.1:8080/lot/farm/A1\",\"quantity\":5,\"uom\":\"KGM\"}],"
                "\"outputQuantityList\":[{\"epcClass\":\"http://127.0.0.1:8080/lot/farm/B1\",\"quantity\":4,\"uom\":\"KGM\"}]}";
        struct loopback_reply r = post(state, "/epcis/events", mill);

        json(state, &r, 201);
        r = get(state, "/api/trace?item=http%3A%2F%2F127.0.0.1:8080/lot/farm/B1");
        const struct json *j = json(state, &r, 200);
        assert_string_equal(json_str(j, "direction").p, "back");
        assert_int_equal(json_get(j, "nodes")->n, 2);
        assert_int_equal(json_get(j, "events")->n, 1);
        r = get(state, "/api/trace?item=/lot/farm/A1&direction=forward&limit=1");
        assert_true(json_is(json_get(json(state, &r, 200), "truncated"), JSON_TRUE));
        r = get(state, "/api/trace?item=/lot/farm/B1&format=text");
        assert_int_equal(r.status, 200);
        assert_non_null(strstr(r.body.p, "A1"));
        r = get(state, "/api/trace?item=/lot/farm/B1&format=dot");
        assert_non_null(strstr(r.body.p, "digraph"));
}

static void a_wrong_question_is_told(void **state)
{
        static const struct { const char *query; int status; } wrong[] = {
                { "", 400 }, { "?item=", 400 }, { "?item=/01/06901234567893/10/A1", 400 }, { "?item=/lot/a/B1&direction=up", 400 },
                { "?item=/lot/a/B1&limit=0", 400 }, { "?item=/lot/a/B1&limit=1000001", 400 }, { "?item=/lot/a/B1&limit=x", 400 },
                { "?item=/lot/a/B1&format=xml", 400 }, { "?item=%zz", 400 }, { "?item=/lot/a/B1", 404 },
        };
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                char target[200];
                snprintf(target, sizeof target, "/api/trace%s", wrong[i].query);
                struct loopback_reply r = get(state, target);
                assert_true(json_str(json(state, &r, wrong[i].status), "detail").n > 0);
        }
}

static void what_is_not_there_is_a_problem_under_every_method(void **state)
{
        struct loopback_reply r = get(state, "/epcis/nothing");

        json(state, &r, 404);
        r = post(state, "/api/anything", "{\"a\":1}");
        json(state, &r, 404);
        r = ask(state, "DELETE", "/epcis/capture", NULL, NULL, NULL);
        json(state, &r, 405);
        assert_string_equal(loopback_header(&r, "Allow"), "GET, HEAD, POST, OPTIONS");
        r = ask(state, "OPTIONS", "/epcis/capture", NULL, NULL, NULL);
        assert_int_equal(r.status, 204);
        assert_string_equal(loopback_header(&r, "Allow"), "GET, HEAD, POST, OPTIONS");
        assert_string_equal(loopback_header(&r, "GS1-EPCIS-Capture-Limit"), "10000");
        assert_string_equal(loopback_header(&r, "GS1-EPCIS-Capture-File-Size-Limit"), "16777216");
}

static void problems_and_words_explain_themselves(void **state)
{
        struct loopback_reply r = get(state, "/problems/");
        const struct json *all = json(state, &r, 200);

        assert_int_equal(all->n, ERR_KINDS - 1);
        for (uint32_t i = 0; i < all->n; i++) {
                r = get(state, json_str(item(all, i), "type").p);
                assert_true(json_equal(json(state, &r, 200), item(all, i)));
        }
        r = ask(state, "GET", "/problems/too-large", NULL, "Accept", "text/html");
        assert_non_null(strstr(r.body.p, err_title(ERR_TOO_LARGE, LANG_HANS)));
        r = get(state, "/problems/none");
        json(state, &r, 404);
        r = get(state, "/voc/");
        const struct json *terms = json_get(json(state, &r, 200), "@graph");
        assert_true(terms->n > 30);
        r = get(state, "/voc/crop");
        assert_string_equal(json_str(json(state, &r, 200), "@id").p, "suyuan:crop");
        r = get(state, "/voc/none");
        json(state, &r, 404);
}

static void the_api_says_how_it_is_versioned(void **state)
{
        struct loopback_reply r = get(state, "/api");
        const struct json *o = json(state, &r, 200);
        assert_int_equal(json_int(json_get(o, "api"), 0), 1);
        assert_true(str_starts(json_str(o, "versioning"), STR("by addition only")));
}

static void health_and_figures(void **state)
{
        struct loopback_reply r = get(state, "/healthz");

        json(state, &r, 200);
        r = post(state, "/epcis/capture", DOCUMENT(EVENT(T1, "") "," EVENT(T2, "")));
        json(state, &r, 202);
        r = get(state, "/metrics");
        assert_non_null(strstr(r.body.p, "\nsuyuan_events_captured_total 2\n"));
        assert_non_null(strstr(r.body.p, "suyuan_http_requests_total{route=\"capture\",status=\"202\"} 1\n"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(a_document_is_captured_once_and_its_report_kept),
                T(a_faulty_document_is_refused_whole_or_taken_in_part),
                T(findings_are_told_with_the_answer),
                T(one_event_is_created_known_or_in_conflict),
                T(each_door_names_the_other),
                T(media_types_and_broken_bodies_are_told),
                T(an_event_comes_back_as_it_was_sent),
                T(records_of_different_contexts_bring_their_own),
                T(an_event_hash_as_id_is_found_raw_and_encoded),
                T(a_trace_is_told_in_three_forms),
                T(a_wrong_question_is_told),
                T(what_is_not_there_is_a_problem_under_every_method),
                T(problems_and_words_explain_themselves),
                T(the_api_says_how_it_is_versioned),
                T(health_and_figures),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
