#include "api/api_impl.h"
#include "base/limits.h"
#include "base/text.h"
#include "epcis/facet.h"

/* /epcis/{bizSteps,bizLocations,readPoints,dispositions,epcs,eventTypes}: the values that the asker's events bear, what stands below each, and its
 * events: the query of /epcis/events with one more condition (EPCIS 2.0 §12.6). */

struct collection { const char *stem, *condition; int facet; };         /* facet 0: item names, -1: types */
static const struct collection collections[] = {
        { "/epcis/bizSteps", "EQ_bizStep", FACET_STEP },
        { "/epcis/bizLocations", "EQ_bizLocation", FACET_LOCATION },
        { "/epcis/readPoints", "EQ_readPoint", FACET_READ_POINT },
        { "/epcis/dispositions", "EQ_disposition", FACET_DISPOSITION },
        { "/epcis/epcs", "MATCH_anyEPC", 0 },
        { "/epcis/eventTypes", "eventType", -1 },
};

static const struct collection *collection_of(const struct request *q)
{
        for (size_t i = 0; i < sizeof collections / sizeof *collections; i++)
                if (str_starts(q->path, str_of(collections[i].stem)) && !strncmp(q->path.p, collections[i].stem, strlen(collections[i].stem)))
                        return &collections[i];
        return NULL;
}

/* ---- the values ---- */

static int read_page(struct request *q, const struct service *v, const struct collection *c, struct seen_value *list, size_t max, ssize_t *ret_n, struct err *reterr)
{
        const struct caller *who = caller_of(q);
        int64_t after = 0;
        struct reader *r;

        if (number_param(q, "nextPageToken", 1, INT64_C(99999999999), 0, &after, reterr) < 0 || reader_begin(v->store, &r, reterr) < 0)
                return -1;
        (void)reader_see(r, who->sees, who->n_sees, who->sees_all);
        *ret_n = reader_values(r, q->arena, who->org, c->facet, after, list, max, reterr);
        reader_end(r);
        return *ret_n < 0 ? -1 : 0;
}

static void write_members(struct buf *b, struct arena *a, enum epc_format format, const struct origins *own, const struct collection *c, const struct seen_value *list, size_t n)
{
        bool words = c->facet == FACET_STEP || c->facet == FACET_DISPOSITION;

        buf_z(b, "{\"@context\":\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",\"type\":\"Collection\",\"member\":[");
        for (size_t i = 0; i < n; i++) {
                buf_z(b, i ? "," : "");
                json_write_str(b, words ? list[i].text : epc_translate(a, format, ident_uri(a, list[i].text, own), own));
        }
        buf_z(b, "]}\n");
}

static void list(struct request *q, void *app)
{
        const struct service *v = app;
        const struct collection *c = collection_of(q);
        struct err e = { 0 };
        struct reply r = { .status = 200, .content_type = epcis_type(q, &e) };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        int size = 0;
        ssize_t n = 0;
        enum epc_format format;

        if (!r.content_type || epc_format_asked(q, &format, &e) < 0 || page_size(q, LIMIT_PAGE_EVENTS, &size, &e) < 0)
                goto refused;
        struct seen_value *values = arena_array(q->arena, struct seen_value, size + 1);
        if (read_page(q, v, c, values, (size_t)size + 1, &n, &e) < 0)
                goto refused;
        size_t told = n > size ? (size_t)size : (size_t)n;
        write_members(&b, q->arena, format, store_origins(v->store), c, values, told);
        reply_take(q, &r, &b);
        epcis_headers(&r);
        epc_format_header(&r, format);
        if (n > size)
                reply_header(&r, "Link", next_link(q, arena_printf(q->arena, "%lld", (long long)values[told - 1].place)));
        exchange_answer(q->exchange, &r);
        return;
refused:
        exchange_problem(q->exchange, &e, NULL);
}

/* ---- one value ---- */

static void answer_below(struct request *q)
{
        struct err e = { 0 };
        struct reply r = { .status = 200, .content_type = epcis_type(q, &e),
                           .body = STR("{\"@context\":\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",\"type\":\"Collection\",\"member\":[\"events\"]}\n") };

        if (!r.content_type) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        epcis_headers(&r);
        exchange_answer(q->exchange, &r);
}

static void below(struct request *q, void *app)
{
        const struct service *v = app;
        static const struct str events = { "/events", 7 };
        struct str value = q->rest;
        struct query *query;
        struct err e = { 0 };
        bool asks = value.n > events.n && !memcmp(value.p + value.n - events.n, events.p, events.n);

        if (asks)
                value.n -= events.n;
        if (!value.n || !percent_decode(q->arena, value, &value))
                err_set(&e, ERR_NOT_FOUND, "a value of this collection is one percent-encoded part of the address");
        else if (asks && events_query(q, v, &query, &e) == 0)
                query_and(q->arena, query, str_of(collection_of(q)->condition), value, store_origins(v->store), &query, &e);
        if (e.kind)
                exchange_problem(q->exchange, &e, NULL);
        else if (asks)
                events_answer(q, v, query, "SimpleEventQuery");
        else
                answer_below(q);
}

#define COLLECTION(symbol, path, called) \
        const struct route symbol = { .methods = METHOD_GET, .pattern = path, .name = called, .needs = MAY_QUERY, .handle = list }; \
        const struct route symbol##_one = { .methods = METHOD_GET, .pattern = path "/*", .name = called ".one", .needs = MAY_QUERY, .handle = below }
COLLECTION(route_biz_steps, "/epcis/bizSteps", "bizSteps");
COLLECTION(route_biz_locations, "/epcis/bizLocations", "bizLocations");
COLLECTION(route_read_points, "/epcis/readPoints", "readPoints");
COLLECTION(route_dispositions, "/epcis/dispositions", "dispositions");
COLLECTION(route_epcs, "/epcis/epcs", "epcs");
const struct route route_event_type_one = {
        .methods = METHOD_GET, .pattern = "/epcis/eventTypes/*", .name = "eventTypes.one", .needs = MAY_QUERY, .handle = below,
};
