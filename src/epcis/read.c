#include "epcis/reader.h"

#include "base/limits.h"
#include "epcis/uri.h"

static const struct json_limits limits = {
        .max_depth = LIMIT_JSON_DEPTH, .max_number_bytes = LIMIT_JSON_NUMBER_BYTES, .max_nodes = LIMIT_JSON_NODES,
};

static struct str compact(struct arena *a, const struct json *v)
{
        if (!v)
                return STR("");
        struct buf b;

        buf_init(&b, LIMIT_BODY_BYTES);
        json_write(&b, v);
        struct str s = arena_str(a, buf_view(&b));

        buf_free(&b);
        return s;
}

/* About how long the value is as compact JSON. */
static size_t weight(const struct json *v)
{
        size_t n = 2;

        switch (v->kind) {
        case JSON_ARRAY:
                for (uint32_t i = 0; i < v->n; i++)
                        n += weight(&v->items[i]) + 1;
                return n;
        case JSON_OBJECT:
                for (uint32_t i = 0; i < v->n; i++)
                        n += v->members[i].name.n + 4 + weight(&v->members[i].value);
                return n;
        case JSON_STRING:
        case JSON_NUMBER:
                return n + v->n;
        default:
                return 5;
        }
}

static void check_type(struct reader *r, const struct path *at, const struct json *v)
{
        const struct json *type = json_get(v, "type");

        if (!type)
                fault_add(r, at, CODE_MISSING_MEMBER, "event needs the member type");
        else if (!json_is(type, JSON_STRING))
                fault_at(r, at, "type", CODE_WRONG_KIND, "type must be a text");
        else if (event_type_of(v) == EVENT_EXTENDED && !uri_valid(json_text(type)))
                fault_at(r, at, "type", CODE_UNKNOWN_TYPE,
                         "'%.*s' is no type of the standard; one of your own needs a URI or prefix:name",
                         SHOWN(json_text(type)));
}

static void check_event_object(struct reader *r, const struct path *at, const struct json *v)
{
        enum event_type type = event_type_of(v);
        struct str time = json_str(v, "eventTime");

        r->events = 1U << type;
        r->event_time_known = time.p && stamp_read(time, &r->event_time);
        check_type(r, at, v);
        shape_check(r, at, v, type == EVENT_EXTENDED ? &shape_extended_event : &shape_event);
        if (r->bare && !json_get(v, "@context"))
                fault_add(r, at, CODE_MISSING_MEMBER, "an event that stands alone needs the member @context");
}

void check_event(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        const struct reader outer = *r;
        struct event *e = &r->document->events[at->index];

        (void)m;
        r->event = (int32_t)at->index;
        r->context = context_read(r->arena, r->bare ? NULL : json_get(v, "@context"), r->context);
        e->context_json = r->bare ? STR("") : r->document->context_json;
        if (json_is(v, JSON_OBJECT))
                check_event_object(r, at, v);
        else
                fault_add(r, at, CODE_WRONG_KIND, "an event must be an object { … }");
        if (!r->stop)
                event_fill(r, at, v, e);
        if (!r->stop)
                check_signature(r, at, e);
        r->event = outer.event;
        r->events = outer.events;
        r->context = outer.context;
        r->event_time_known = false;
}

static const struct json *event_list(const struct document *d)
{
        const struct json *body = json_get(d->json, "epcisBody");

        if (d->kind == DOCUMENT_QUERY)
                body = json_get(json_get(body, "queryResults"), "resultsBody");
        const struct json *list = json_get(body, "eventList");

        return json_is(list, JSON_ARRAY) ? list : NULL;
}

/* Which form of EPCIS the body is; -1 when it is none. */
static int kind_of(const struct json *v, enum document_kind *ret, struct err *reterr)
{
        if (!json_is(v, JSON_OBJECT))
                return err_set(reterr, ERR_BAD_EVENT, "The body must be an EPCISDocument, an EPCISQueryDocument or an event.");
        struct str type = json_str(v, "type");

        if (type.p && str_eq(type, STR("EPCISDocument")))
                *ret = DOCUMENT_CAPTURE;
        else if (type.p && str_eq(type, STR("EPCISQueryDocument")))
                *ret = DOCUMENT_QUERY;
        else if (json_get(v, "eventTime") || event_type_of(v) != EVENT_EXTENDED || (type.p && uri_valid(type)))
                *ret = DOCUMENT_BARE_EVENT;
        else {
                err_set(reterr, ERR_BAD_EVENT,
                        "The member type must say EPCISDocument, EPCISQueryDocument or the type of an event.");
                return err_at(reterr, type.p ? "/type" : "");
        }
        return 0;
}

static int check_sizes(const struct document *d, const struct json *list, size_t body_bytes, struct err *reterr)
{
        if (d->n_events > LIMIT_DOCUMENT_EVENTS)
                return err_set(reterr, ERR_TOO_LARGE, "A document may hold %d events, this one holds %zu.",
                               LIMIT_DOCUMENT_EVENTS, d->n_events);
        if (body_bytes <= LIMIT_EVENT_BYTES)
                return 0;
        for (size_t i = 0; i < d->n_events; i++)
                if (weight(list ? &list->items[i] : d->json) > LIMIT_EVENT_BYTES)
                        return err_set(reterr, ERR_TOO_LARGE, "An event may have %d bytes, event %zu has more.",
                                       LIMIT_EVENT_BYTES, i + 1);
        return 0;
}

static void check_document(struct reader *r, struct document *d)
{
        const struct path top = { NULL, STR_NONE, 0 };

        if (d->kind == DOCUMENT_BARE_EVENT)
                check_event(r, &top, d->json, NULL);
        else
                shape_check(r, &top, d->json, d->kind == DOCUMENT_QUERY ? &shape_query_document : &shape_document);
}

int document_read(struct arena *a, const char *bytes, size_t n, const struct origins *own, struct document **ret,
                  struct err *reterr)
{
        struct document *d = arena_alloc(a, sizeof *d);

        if (json_read(a, bytes, n, &limits, &d->json, reterr) < 0 || kind_of(d->json, &d->kind, reterr) < 0)
                return -1;
        const struct json *context = json_get(d->json, "@context");
        const struct json *list = d->kind == DOCUMENT_BARE_EVENT ? NULL : event_list(d);

        d->n_events = d->kind == DOCUMENT_BARE_EVENT ? 1 : list ? list->n : 0;
        if (check_sizes(d, list, n, reterr) < 0)
                return -1;
        d->context_json = compact(a, context);
        d->events = arena_array(a, struct event, d->n_events + 1);
        d->refused = arena_array(a, bool, d->n_events + 1);
        struct reader r = {
                .arena = a, .own = own, .document = d, .context = context_read(a, context, NULL), .event = -1,
                .events = ~0U, .bare = d->kind == DOCUMENT_BARE_EVENT, .err = reterr,
        };

        check_document(&r, d);
        if (r.stop)
                return -1;
        master_fill(&r);
        *ret = d;
        return 0;
}

int event_reread(struct arena *a, struct str body, struct str context_json, const struct origins *own, struct event *ret,
                 struct err *reterr)
{
        const struct path top = { NULL, STR_NONE, 0 };
        const struct json *v, *context = NULL;

        if (json_read(a, body.p, body.n, &limits, &v, reterr) < 0)
                return err_while(reterr, "reading a stored event");
        if (context_json.n && json_read(a, context_json.p, context_json.n, &limits, &context, reterr) < 0)
                return err_while(reterr, "reading a stored event's context");
        struct reader r = { .arena = a, .own = own, .event = -1, .err = reterr };

        r.context = context_read(a, json_get(v, "@context"), context_read(a, context, NULL));
        *ret = (struct event){ .context_json = context_json.n ? arena_str(a, context_json) : STR("") };
        event_fill(&r, &top, v, ret);
        return 0;
}
