#include "api/api_impl.h"
#include "base/limits.h"

/* Discovery (EPCIS 2.0 §12.3): GET /epcis/ lists the resources, OPTIONS on each tells methods, versions, formats and limits without
 * an account, so that a client can see what it speaks with before it has a key. */

#define CONTEXT "\"@context\":\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\""

void epcis_options_headers(struct request *q, struct reply *r, const char *allow)
{
        epcis_headers(r);
        reply_header(r, "Allow", allow ? allow : request_allow(q));
        reply_header(r, "GS1-EPCIS-Min", "2.0.0");
        reply_header(r, "GS1-EPCIS-Max", "2.0.0");
        reply_header(r, "GS1-CBV-Min", "2.0.0");
        reply_header(r, "GS1-CBV-Max", "2.0.0");
        reply_header(r, "GS1-Vendor-Version", SUYUAN_VERSION);
}

static void options(struct request *q, void *app)
{
        struct reply r = { .status = 204 };

        (void)app;
        epcis_options_headers(q, &r, NULL);
        exchange_answer(q->exchange, &r);
}

static void capture_options(struct request *q, void *app)
{
        struct reply r = { .status = 204 };

        (void)app;
        epcis_options_headers(q, &r, NULL);
        reply_header(&r, "GS1-EPCIS-Capture-Limit", arena_printf(q->arena, "%d", (int)LIMIT_DOCUMENT_EVENTS).p);
        reply_header(&r, "GS1-EPCIS-Capture-File-Size-Limit", arena_printf(q->arena, "%d", (int)LIMIT_BODY_BYTES).p);
        reply_header(&r, "GS1-Capture-Error-Behaviour", "rollback, proceed");
        exchange_answer(q->exchange, &r);
}

static void answer_static(struct request *q, struct str body)
{
        struct err e = { 0 };
        struct reply r = { .status = 200, .content_type = epcis_type(q, &e), .body = body };

        if (!r.content_type) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        epcis_headers(&r);
        exchange_answer(q->exchange, &r);
}

static void root(struct request *q, void *app)
{
        (void)app;
        answer_static(q, STR("{" CONTEXT ",\"type\":\"Collection\",\"member\":[\"capture\",\"events\",\"queries\",\"eventTypes\",\"epcs\",\"bizSteps\",\"bizLocations\",\"readPoints\",\"dispositions\"]}\n"));
}

static void event_types(struct request *q, void *app)
{
        (void)app;
        answer_static(q, STR("{" CONTEXT ",\"type\":\"Collection\",\"member\":[\"ObjectEvent\",\"AggregationEvent\",\"TransactionEvent\","
                             "\"TransformationEvent\",\"AssociationEvent\"]}\n"));
}

const struct route route_epcis = {
        .methods = METHOD_GET, .pattern = "/epcis/", .name = "epcis", .needs = MAY_QUERY, .inline_ok = true, .handle = root,
};
const struct route route_event_types = {
        .methods = METHOD_GET, .pattern = "/epcis/eventTypes", .name = "eventTypes", .needs = MAY_QUERY, .inline_ok = true, .handle = event_types,
};

#define OPTIONS_OF(symbol, path, called, answer) \
        const struct route symbol = { \
                .methods = METHOD_OPTIONS, .pattern = path, .name = called, .needs = MAY_PUBLIC, .inline_ok = true, .handle = answer, \
        }
OPTIONS_OF(route_epcis_options, "/epcis/", "epcis.options", options);
OPTIONS_OF(route_capture_options, "/epcis/capture", "capture.options", capture_options);
OPTIONS_OF(route_capture_job_options, "/epcis/capture/*", "capture.job.options", options);
OPTIONS_OF(route_events_options, "/epcis/events", "events.options", options);
OPTIONS_OF(route_event_options, "/epcis/events/*", "event.options", options);
OPTIONS_OF(route_event_type_options, "/epcis/eventTypes/*", "eventTypes.one.options", options);
OPTIONS_OF(route_biz_steps_options, "/epcis/bizSteps", "bizSteps.options", options);
OPTIONS_OF(route_biz_step_options, "/epcis/bizSteps/*", "bizSteps.one.options", options);
OPTIONS_OF(route_biz_locations_options, "/epcis/bizLocations", "bizLocations.options", options);
OPTIONS_OF(route_biz_location_options, "/epcis/bizLocations/*", "bizLocations.one.options", options);
OPTIONS_OF(route_read_points_options, "/epcis/readPoints", "readPoints.options", options);
OPTIONS_OF(route_read_point_options, "/epcis/readPoints/*", "readPoints.one.options", options);
OPTIONS_OF(route_dispositions_options, "/epcis/dispositions", "dispositions.options", options);
OPTIONS_OF(route_disposition_options, "/epcis/dispositions/*", "dispositions.one.options", options);
OPTIONS_OF(route_epcs_options, "/epcis/epcs", "epcs.options", options);
OPTIONS_OF(route_epc_options, "/epcis/epcs/*", "epcs.one.options", options);
OPTIONS_OF(route_queries_options, "/epcis/queries", "queries.options", options);
OPTIONS_OF(route_event_types_options, "/epcis/eventTypes", "eventTypes.options", options);
