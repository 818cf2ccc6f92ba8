#include "access/access.h"
#include "api/api_impl.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "push/push.h"

/* /epcis/queries (EPCIS 2.0 §12.8): an organisation's named queries, what stands below each, and running them.  The standard's
 * predefined SimpleEventQuery is every event; it is not made, listed or deleted. */

#define PREDEFINED "SimpleEventQuery"

bool query_is_predefined(struct str name)
{
        return str_is(name, PREDEFINED);
}

int query_of_text(struct request *q, const struct service *v, struct str text, struct query **ret, struct err *reterr)
{
        const struct json *j;

        if (json_read(q->arena, text.p, text.n, NULL, &j, reterr) < 0 || query_from_json(q->arena, j, NULL, store_origins(v->store), ret, reterr) < 0)
                return err_while(reterr, "reading a kept query");
        return 0;
}

int query_may_follow(const struct query *query, struct err *reterr)
{
        const struct query_shape *s = query_shape(query);

        if (!s->ordered && !s->event_count_limit && !s->max_event_count)
                return 0;
        return err_set(reterr, ERR_NO_SUBSCRIPTION, "new events are told as they are recorded: the query must not name orderBy, eventCountLimit or maxEventCount");
}

int query_of_name(struct request *q, const struct service *v, struct str name, struct named_query *ret, struct err *reterr)
{
        struct reader *r;

        *ret = (struct named_query){ .name = name, .query = STR("{}"), .sent = STR("{}") };
        if (query_is_predefined(name))
                return 0;
        if (reader_begin(v->store, &r, reterr) < 0)
                return -1;
        int rc = reader_named_query(r, q->arena, caller_of(q)->org, name, ret, reterr);
        reader_end(r);
        return rc == 0 ? err_set(reterr, ERR_NO_SUCH_NAME, "no query of your organisation has this name; GET /epcis/queries lists them") : rc < 0 ? -1 : 0;
}

static void write_query(struct buf *b, const struct named_query *n)
{
        buf_z(b, "{\"name\":");
        json_write_str(b, n->name);
        buf_z(b, ",\"query\":");
        buf_str(b, n->sent);
        buf_char(b, '}');
}

static void answer(struct request *q, struct reply *r, struct buf *b)
{
        reply_take(q, r, b);
        epcis_headers(r);
        exchange_answer(q->exchange, r);
}

/* ---- the collection ---- */

static int list(struct request *q, const struct service *v, struct reply *r, struct buf *b, struct err *reterr)
{
        struct str after = STR_NONE;
        struct reader *reader;
        int max = 0, found = request_param(q, "nextPageToken", &after);

        if (found < 0 || after.n > LIMIT_QUERY_NAME_BYTES)
                return err_set(reterr, ERR_BAD_QUERY, "nextPageToken is not one that was given here");
        if (page_size(q, LIMIT_PAGE_JOBS, &max, reterr) < 0 || reader_begin(v->store, &reader, reterr) < 0)
                return -1;
        struct named_query *list = arena_array(q->arena, struct named_query, (size_t)max + 1);
        ssize_t n = reader_named_queries(reader, q->arena, caller_of(q)->org, after, list, (size_t)max + 1, reterr);
        reader_end(reader);
        for (ssize_t i = 0; i < n && i < max; i++) {
                buf_char(b, i ? ',' : '[');
                write_query(b, &list[i]);
        }
        buf_z(b, n > 0 ? "]\n" : "[]\n");
        if (n > max) {
                struct buf token = { .max = 4 * LIMIT_QUERY_NAME_BYTES };
                percent_encode(&token, list[max - 1].name, "");
                reply_header(r, "Link", next_link(q, arena_str(q->arena, buf_view(&token))));
                buf_free(&token);
        }
        return n < 0 ? -1 : 0;
}

static void collection(struct request *q, void *app)
{
        struct err e = { 0 };
        struct reply r = { .status = 200, .content_type = epcis_type(q, &e) };
        struct buf b = { .max = ANSWER_BYTES_MAX };

        if (!r.content_type || list(q, app, &r, &b, &e) < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        answer(q, &r, &b);
}

/* ---- making one ---- */

struct making { int64_t org; struct str actor; struct named_query query; };

static int make(struct db *db, void *ctx, struct err *reterr)
{
        const struct making *m = ctx;
        return named_query_add(db, m->org, &m->query, m->actor, reterr);
}

static int wrong(struct err *reterr, const char *pointer, const char *why)
{
        err_set(reterr, ERR_BAD_QUERY, "%s", why);
        return err_at(reterr, pointer);
}

static int check_name(struct str name, struct err *reterr)
{
        if (!name.n || name.n > LIMIT_QUERY_NAME_BYTES || str_is(name, ".") || str_is(name, ".."))
                return wrong(reterr, "/name", "name is a text of 1 to 200 bytes, which an address can bear: not . or ..");
        for (size_t i = 0; i < name.n; i++)
                if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f)
                        return wrong(reterr, "/name", "a name holds no control characters");
        if (!query_is_predefined(name))
                return 0;
        return err_set(reterr, ERR_DUPLICATE_NAME, PREDEFINED " is the standard's own query; take another name");
}

static int kept(struct arena *a, struct buf *b, struct str *ret, struct err *reterr)
{
        bool whole = !b->overflow;

        *ret = whole ? arena_str(a, buf_view(b)) : STR_NONE;
        buf_free(b);
        return whole ? 0 : wrong(reterr, "/query", "with every prefix written out the query is too long; use shorter namespaces or fewer parameters");
}

static int read_definition(struct request *q, const struct service *v, struct named_query *ret, struct err *reterr)
{
        struct buf canonical = { .max = 64 * LIMIT_QUERY_BYTES }, sent = { .max = 2 * LIMIT_QUERY_BYTES };
        struct query_names names;
        struct query *query;
        const struct json *body = NULL, *definition;

        if (epcis_body(q, reterr) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &body, reterr) < 0)
                return -1;
        definition = json_get(body, "query");
        if (!json_is(body, JSON_OBJECT) || !json_is(definition, JSON_OBJECT))
                return wrong(reterr, "/query", "a named query is {\"name\":…,\"query\":{…}}");
        ret->name = json_str(body, "name");
        if (check_name(ret->name, reterr) < 0 || query_names_of(q, &names, reterr) < 0 ||
            query_from_json(q->arena, definition, &names, store_origins(v->store), &query, reterr) < 0)
                return -1;
        query_write(&canonical, query);
        json_write(&sent, definition);
        ret->created_us = clock_now_us();
        int rc = kept(q->arena, &canonical, &ret->query, reterr);
        return kept(q->arena, &sent, &ret->sent, reterr) < 0 ? -1 : rc;
}

static const char *location(struct arena *a, struct str name)
{
        struct buf b = { .max = 16 * 1024 };

        buf_z(&b, "/epcis/queries/");
        percent_encode(&b, name, "");
        const char *z = arena_cstr(a, buf_view(&b));
        buf_free(&b);
        return z;
}

static int has_home(const struct request *q, struct err *reterr)
{
        return caller_of(q)->org ? 0 : err_set(reterr, ERR_FORBIDDEN, "named queries belong to an organisation, and you to none");
}

static void create(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        struct reply r = { .status = 201, .content_type = epcis_type(q, &e) };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct making m = { .org = caller_of(q)->org, .actor = caller_of(q)->actor };

        if (!r.content_type || has_home(q, &e) < 0 || read_definition(q, v, &m.query, &e) < 0 || ledger_act(v->ledger, make, &m, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        reply_header(&r, "Location", location(q->arena, m.query.name));
        write_query(&b, &m.query);
        buf_char(&b, '\n');
        answer(q, &r, &b);
}

/* ---- one of them ---- */

struct dropping { int64_t org; struct str name; };

/* With its subscriptions: nobody is told of a query that is no more. */
static int drop(struct db *db, void *ctx, struct err *reterr)
{
        const struct dropping *d = ctx;
        return named_query_drop(db, d->org, d->name, reterr) < 0 ? -1 : push_end_query(db, d->org, d->name, reterr);
}

static int delete(struct request *q, const struct service *v, struct str name, struct err *reterr)
{
        struct reply r = { .status = 204 };
        struct dropping d = { caller_of(q)->org, name };
        struct named_query n;

        if (query_is_predefined(name))
                return err_set(reterr, ERR_FORBIDDEN, PREDEFINED " is the standard's own query and stays");
        if (query_of_name(q, v, name, &n, reterr) < 0 || ledger_act(v->ledger, drop, &d, reterr) < 0)
                return -1;
        push_reload(v->push);
        epcis_headers(&r);
        exchange_answer(q->exchange, &r);
        return 0;
}

static int options(struct request *q, const char *allow)
{
        struct reply r = { .status = 204 };

        epcis_options_headers(q, &r, allow);
        exchange_answer(q->exchange, &r);
        return 0;
}

static int one(struct request *q, const struct service *v, struct str name, const char *type, struct err *reterr)
{
        struct reply r = { .status = 200, .content_type = type };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct named_query n;

        if (q->method == METHOD_POST)
                return err_set(reterr, ERR_BAD_METHOD, "POST to /epcis/queries makes a query");
        if (q->method == METHOD_DELETE)
                return delete(q, v, name, reterr);
        if (query_of_name(q, v, name, &n, reterr) < 0)
                return -1;
        if (q->method == METHOD_OPTIONS)
                return options(q, "GET, HEAD, DELETE, OPTIONS");
        write_query(&b, &n);
        buf_char(&b, '\n');
        answer(q, &r, &b);
        return 0;
}

/* The kept query, and what the URL asks beside it. */
static int run(struct request *q, const struct service *v, struct str name, struct err *reterr)
{
        struct named_query n;
        struct query *own, *asked;

        if (q->method == METHOD_POST || q->method == METHOD_DELETE)
                return err_set(reterr, ERR_BAD_METHOD, "the events of a query are read only");
        if (query_of_name(q, v, name, &n, reterr) < 0)
                return -1;
        if (q->method == METHOD_OPTIONS)
                return options(q, "GET, HEAD, OPTIONS");
        if (query_of_text(q, v, n.query, &own, reterr) < 0 || events_query(q, v, &asked, reterr) < 0)
                return -1;
        struct query *both = query_both(q->arena, own, asked);
        if (stream_asked(q))
                return stream_begin(q, v, both, name, reterr);
        events_answer(q, v, both, arena_cstr(q->arena, name));
        return 0;
}

static bool str_ends(struct str s, const char *end)
{
        size_t n = strlen(end);
        return s.n > n && !memcmp(s.p + s.n - n, end, n);
}

static int act(struct request *q, const struct service *v, struct err *reterr)
{
        struct str rest = q->rest, part, name, word;
        struct named_query n;
        const char *type = stream_asked(q) && str_ends(q->rest, "/events") ? "text/event-stream" : epcis_type(q, reterr);

        if (!type)
                return -1;
        if (!str_split(&rest, '/', &part) || !part.n)
                return err_set(reterr, ERR_NOT_FOUND, "there is nothing at this address");
        if (!percent_decode(q->arena, part, &name))
                return err_set(reterr, ERR_BAD_INPUT, "the address has a broken escape");
        if (!rest.p)
                return one(q, v, name, type, reterr);
        str_split(&rest, '/', &word);
        if (str_is(word, "events") && !rest.p)
                return run(q, v, name, reterr);
        if (str_is(word, "subscriptions"))
                return query_of_name(q, v, name, &n, reterr) < 0 ? -1 : subscriptions_act(q, v, &n, rest, type, reterr);
        return err_set(reterr, ERR_NOT_FOUND, "there is nothing at this address");
}

static void below(struct request *q, void *app)
{
        struct err e = { 0 };

        if (act(q, app, &e) < 0 && !stream_failed(q, &e))
                exchange_problem(q->exchange, &e, NULL);
}

const struct route route_queries = {
        .methods = METHOD_GET, .pattern = "/epcis/queries", .name = "queries", .needs = MAY_QUERY, .handle = collection,
};
const struct route route_queries_add = {
        .methods = METHOD_POST, .pattern = "/epcis/queries", .name = "queries.add", .needs = MAY_SUBSCRIBE, .max_body = LIMIT_QUERY_BYTES, .handle = create,
};
const struct route route_query = {
        .methods = METHOD_GET | METHOD_OPTIONS, .pattern = "/epcis/queries/*", .name = "query", .needs = MAY_QUERY, .handle = below,
};
const struct route route_query_change = {
        .methods = METHOD_POST | METHOD_DELETE, .pattern = "/epcis/queries/*", .name = "query.change", .needs = MAY_SUBSCRIBE,
        .max_body = LIMIT_SUBSCRIPTION_BYTES, .handle = below,
};
