#include "api/api_impl.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "epcis/context.h"

/* GET /epcis/events: SimpleEventQuery by URL parameters (EPCIS 2.0 §12.7), a page at a time. */

int page_size(const struct request *q, int64_t most, int *ret, struct err *reterr)
{
        int64_t n = 0;

        if (number_param(q, "perPage", 1, INT32_MAX, LIMIT_PAGE_DEFAULT, &n, reterr) < 0)
                return -1;
        *ret = (int)(n > most ? most : n);
        return 0;
}

/* What may stand in a query that was sent, but not in a URI between < and >. */
static void add_part(struct buf *b, struct str part)
{
        for (size_t i = 0; i < part.n; i++)
                if (strchr("<>\"\\^`{|}", part.p[i]))
                        buf_printf(b, "%%%02X", (unsigned char)part.p[i]);
                else
                        buf_char(b, part.p[i]);
}

const char *next_link(const struct request *q, struct str token)
{
        return next_link_by(q, "nextPageToken", token);
}

const char *next_link_by(const struct request *q, const char *name, struct str token)
{
        struct str prefix = arena_printf(q->arena, "%s=", name);
        struct str rest = q->query, part;
        struct buf b = { .max = 4 * LIMIT_URL_BYTES };

        buf_char(&b, '<');
        add_part(&b, q->path);
        buf_char(&b, '?');
        while (rest.n && str_split(&rest, '&', &part)) {
                if (!part.n || str_starts(part, prefix))
                        continue;
                add_part(&b, part);
                buf_char(&b, '&');
        }
        buf_str(&b, prefix);
        buf_str(&b, token);
        buf_z(&b, ">; rel=\"next\"");
        const char *z = arena_cstr(q->arena, buf_view(&b));
        buf_free(&b);
        return z;
}

/* A token is good for this question of this asker. */
static struct str bound_to(struct request *q, const struct query *query)
{
        struct buf b = { .max = 16 * LIMIT_BODY_BYTES };

        buf_printf(&b, "%lld ", (long long)caller_of(q)->org);
        buf_str(&b, caller_of(q)->actor);
        buf_char(&b, '\n');
        query_write(&b, query);
        struct str s = arena_str(q->arena, buf_view(&b));
        buf_free(&b);
        return s;
}

static int begin_at(struct request *q, const struct service *v, struct str bound, struct query_page_from *ret, struct err *reterr)
{
        struct hash key = store_key(v->store, "page token");
        struct str token;
        int found = request_param(q, "nextPageToken", &token);

        *ret = (struct query_page_from){ .first = true };
        if (found == 0)
                return 0;
        if (found < 0)
                return err_set(reterr, ERR_BAD_QUERY, "nextPageToken has a broken escape");
        return page_token_read(q->arena, key.b, bound, token, clock_now_us(), ret, reterr);
}

/* In whatever case: a URN's beginning has none (RFC 8141). */
static bool names_urn(struct str text)
{
        static const struct str family = { "epc:", 4 };
        const char *at = text.p, *end = text.p + text.n;

        while (at < end && (at = memchr(at, ':', (size_t)(end - at))) && end - ++at >= (ptrdiff_t)family.n)
                if (str_ieq((struct str){ at, family.n }, family))
                        return true;
        return false;
}

/* Whether the body as kept is the answer: no member to take out, no identifier to spell anew, no context to bring along.  A doubt costs
 * reading it. */
static bool as_kept(const struct query_found *x, enum epc_format format, bool one_context)
{
        return x->body.n > 2 && x->body.p[0] == '{' && x->body.p[x->body.n - 1] == '}' && (one_context || !x->context.n) &&
               (format == EPC_AS_SENT || (format == EPC_DIGITAL_LINK && !names_urn(x->body))) &&
               !memmem(x->body.p, x->body.n, "recordTime", strlen("recordTime")) && !memchr(x->body.p, '\\', x->body.n);
}

static int tell(struct request *q, const struct service *v, const struct query_result *found, enum epc_format format, struct told_events *f, struct err *reterr)
{
        bool one_context = true;

        f->list = arena_array(q->arena, struct told_event, found->n + 1);
        for (size_t i = 1; i < found->n; i++)
                one_context &= str_eq(found->list[i].context, found->list[0].context);
        for (size_t i = 0; i < found->n; i++) {
                const struct query_found *x = &found->list[i];
                struct told_event *e = &f->list[f->n++];
                *e = (struct told_event){ .context = x->context, .record_us = x->record_us, .event_id = x->event_id, .event_id_given_here = x->event_id_given_here };
                if (as_kept(x, format, one_context)) {
                        e->body = x->body;
                        continue;
                }
                if (event_reread(q->arena, x->body, x->context, store_origins(v->store), &e->event, reterr) < 0)
                        return -1;
                e->event.json = event_translate(q->arena, format, e->event.json, store_origins(v->store));
        }
        return 0;
}

static int run(struct request *q, const struct service *v, struct query *query, const struct query_page_from *from, int per_page,
               struct query_result *ret, struct err *reterr)
{
        const struct caller *c = caller_of(q);
        struct query_run_options o = { .per_page = per_page, .deadline_us = clock_mono_us() + (int64_t)LIMIT_QUERY_MS * 1000 };
        struct reader *r;

        if (reader_begin(v->store, &r, reterr) < 0)
                return -1;
        int rc = query_run(q->arena, r, reader_see(r, c->sees, c->n_sees, c->sees_all), query, from, &o, ret, reterr);
        reader_end(r);
        return rc;
}

static void add_next(struct request *q, const struct service *v, struct str bound, const struct query_result *found, struct reply *r)
{
        struct hash key = store_key(v->store, "page token");
        int64_t expires = clock_now_us() + (int64_t)LIMIT_TOKEN_HOURS * 3600 * 1000000;

        if (!found->more)
                return;
        reply_header(r, "Link", next_link(q, page_token(q->arena, key.b, bound, &found->next, expires)));
        reply_header(r, "GS1-Next-Page-Token-Expires", arena_cstr(q->arena, stamp_utc(q->arena, expires)));
}

void events_answer(struct request *q, const struct service *v, struct query *query, const char *query_name)
{
        struct err e = { 0 };
        struct reply r = { .status = 200, .content_type = epcis_type(q, &e) };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct query_page_from from;
        struct query_result found = { 0 };
        struct told_events f = { 0 };
        struct str bound = bound_to(q, query);
        int per_page = 0;
        enum epc_format format;

        if (!r.content_type || epc_format_asked(q, &format, &e) < 0 || page_size(q, LIMIT_PAGE_EVENTS, &per_page, &e) < 0 || begin_at(q, v, bound, &from, &e) < 0 ||
            run(q, v, query, &from, per_page, &found, &e) < 0 || tell(q, v, &found, format, &f, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        query_document(&b, q->arena, &f, query_name);
        reply_take(q, &r, &b);
        epcis_headers(&r);
        epc_format_header(&r, format);
        add_next(q, v, bound, &found, &r);
        exchange_answer(q->exchange, &r);
}

/* GS1-Extensions: ex=https://example.com/ns/, other=… : what prefixes of parameters stand for. */
int query_names_of(struct request *q, struct query_names *ret, struct err *reterr)
{
        struct str rest = request_header(q, "GS1-Extensions"), one, prefix;
        struct buf b = { .max = 64 * 1024 };
        const struct json *o;
        bool more = false;

        buf_char(&b, '{');
        while (rest.n && str_split(&rest, ',', &one)) {
                one = str_trim(one);
                if (!str_split(&one, '=', &prefix) || !one.n)
                        continue;
                buf_z(&b, more ? "," : "");
                more = true;
                json_write_str(&b, str_trim(prefix));
                buf_char(&b, ':');
                json_write_str(&b, str_trim(one));
        }
        buf_char(&b, '}');
        int rc = json_read(q->arena, b.p, b.n, NULL, &o, reterr);
        buf_free(&b);
        if (rc < 0)
                return err_set(reterr, ERR_BAD_INPUT, "GS1-Extensions is a list of prefix=address");
        ret->context = context_read(q->arena, o, NULL);
        return 0;
}

int events_query(struct request *q, const struct service *v, struct query **ret, struct err *reterr)
{
        static const char *const plain[] = { "l", NULL }, *const streamed[] = { "l", "stream", "initialRecordTime", "wait", NULL };
        struct query_names names;

        return query_names_of(q, &names, reterr) < 0 ? -1 : query_from_url(q->arena, q->query, &names, store_origins(v->store), stream_asked(q) ? streamed : plain, ret, reterr);
}

static void events(struct request *q, void *app)
{
        struct query *query;
        struct err e = { 0 };

        if (events_query(q, app, &query, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        else
                events_answer(q, app, query, "SimpleEventQuery");
}

const struct route route_events_query = {
        .methods = METHOD_GET, .pattern = "/epcis/events", .name = "events.query", .needs = MAY_QUERY, .handle = events,
};
