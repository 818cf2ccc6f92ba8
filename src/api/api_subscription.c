#include "access/access.h"
#include "api/api_impl.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "push/push.h"

/* /epcis/queries/{name}/subscriptions and …/{id} (EPCIS 2.0 §12.8.3): an organisation's own.  The signature token goes in and never
 * comes out. */

struct asked {
        struct request *q;
        const struct service *v;
        int64_t org;
        struct str name, query, id;     /* id: "" for the collection */
        const char *type;
};

/* What follows …/subscriptions: nothing, or one id. */
static int read_path(struct asked *x, struct str rest, struct err *reterr)
{
        struct str id = STR_NONE;
        if (rest.p && (!str_split(&rest, '/', &id) || rest.p || !id.n))
                return err_set(reterr, ERR_NOT_FOUND, "there is nothing at this address");
        if (!percent_decode(x->q->arena, id, &x->id))
                return err_set(reterr, ERR_BAD_INPUT, "the address has a broken escape");
        return 0;
}

static void member(struct buf *b, const char *name, struct str value)
{
        buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, value);
}

static void write_one(struct buf *b, struct arena *a, const struct subscription *s)
{
        buf_z(b, "{\"subscriptionID\":");
        json_write_str(b, s->id);
        member(b, "queryName", s->query_name);
        member(b, "dest", s->dest);
        member(b, "createdAt", stamp_utc(a, s->created_us));
        if (s->schedule.n) {
                buf_z(b, ",\"schedule\":");
                buf_str(b, s->schedule);
                buf_printf(b, ",\"reportIfEmpty\":%s", s->report_if_empty ? "true" : "false");
                member(b, "nextRunAt", stamp_utc(a, s->next_us));
        } else {
                buf_z(b, ",\"stream\":true");
        }
        if (s->from_us)
                member(b, "initialRecordTime", stamp_utc(a, s->from_us));
        if (s->sent_us)
                member(b, "lastNotifiedAt", stamp_utc(a, s->sent_us));
        buf_printf(b, ",\"delivered\":%lld,\"failures\":%lld", (long long)s->delivered, (long long)s->failures);
        if (s->last_error.n)
                member(b, "lastError", s->last_error);
        buf_char(b, '}');
}

static const char *location(struct asked *x, const char *before, struct str id, const char *after)
{
        struct buf b = { .max = 16 * 1024 };
        buf_z(&b, before);
        buf_z(&b, "/epcis/queries/");
        percent_encode(&b, x->name, "");
        buf_z(&b, "/subscriptions");
        buf_str(&b, id);
        buf_z(&b, after);
        const char *z = arena_cstr(x->q->arena, buf_view(&b));
        buf_free(&b);
        return z;
}

static void answer(struct asked *x, struct reply *r, struct buf *b)
{
        reply_take(x->q, r, b);
        epcis_headers(r);
        exchange_answer(x->q->exchange, r);
}

static int create(struct asked *x, struct err *reterr)
{
        struct request *q = x->q;
        const struct json *body;
        struct query *query;
        struct subscription s;
        struct reply r = { .status = 201, .content_type = x->type };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        if (x->id.n)
                return err_set(reterr, ERR_BAD_METHOD, "POST to the collection, without an id");
        if (query_of_text(q, x->v, x->query, &query, reterr) < 0 || query_may_follow(query, reterr) < 0 || epcis_body(q, reterr) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &body, reterr) < 0 ||
            push_subscribe(x->v->push, q->arena, x->org, caller_of(q)->actor, x->name, x->query, !query_is_predefined(x->name), body, &s, reterr) < 0)
                return -1;
        write_one(&b, q->arena, &s);
        buf_char(&b, '\n');
        reply_header(&r, "Location", location(x, "", arena_printf(q->arena, "/%.*s", STR_ARG(s.id)), ""));
        answer(x, &r, &b);
        return 0;
}

static int list(struct asked *x, struct err *reterr)
{
        enum { PER_PAGE = 30, PER_PAGE_MAX = 1000 };
        struct request *q = x->q;
        struct reply r = { .status = 200, .content_type = x->type };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct str after = STR_NONE;
        int64_t max;
        if (number_param(q, "perPage", 1, PER_PAGE_MAX, PER_PAGE, &max, reterr) < 0)
                return -1;
        if (request_param(q, "nextPageToken", &after) < 0 || after.n > 64)
                return err_set(reterr, ERR_BAD_QUERY, "nextPageToken is not one of ours");
        struct subscription *found = arena_array(q->arena, struct subscription, max + 1);
        ssize_t n = push_list(x->v->push, q->arena, x->org, x->name, after, (size_t)max + 1, found, reterr);
        if (n < 0)
                return -1;
        bool more = n > max;
        buf_char(&b, '[');
        for (ssize_t i = 0; i < (more ? max : n); i++) {
                if (i)
                        buf_char(&b, ',');
                write_one(&b, q->arena, &found[i]);
        }
        buf_z(&b, "]\n");
        if (more)
                reply_header(&r, "Link", location(x, "<", arena_printf(q->arena, "?perPage=%lld&nextPageToken=%.*s", (long long)max,
                                                                      STR_ARG(found[max - 1].id)), ">; rel=\"next\""));
        answer(x, &r, &b);
        return 0;
}

static int one(struct asked *x, bool options, struct err *reterr)
{
        struct request *q = x->q;
        struct subscription s;
        struct reply r = { .status = options ? 204 : 200, .content_type = x->type };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        int64_t since;
        int rc = push_find(x->v->push, q->arena, x->org, x->name, x->id, &s, reterr);
        if (rc == 0)
                return err_set(reterr, ERR_NOT_FOUND, "this query has no subscription with this id");
        if (rc < 0 || push_told_until(x->v->push, q->arena, &s, &since, reterr) < 0)
                return -1;
        if (since)
                reply_header(&r, "GS1-Query-Min-Record-Time", arena_cstr(q->arena, stamp_utc(q->arena, since)));
        if (options)
                epcis_options_headers(q, &r, "GET, HEAD, DELETE, OPTIONS");
        else
                write_one(&b, q->arena, &s);
        reply_take(q, &r, &b);
        if (!options)
                epcis_headers(&r);
        exchange_answer(q->exchange, &r);
        return 0;
}

static int drop(struct asked *x, struct err *reterr)
{
        struct reply r = { .status = 204, .content_type = x->type };
        if (!x->id.n)
                return err_set(reterr, ERR_BAD_METHOD, "DELETE one subscription, with its id");
        int rc = push_end(x->v->push, x->org, x->name, x->id, reterr);
        if (rc == 0)
                return err_set(reterr, ERR_NOT_FOUND, "this query has no subscription with this id");
        if (rc < 0)
                return -1;
        epcis_headers(&r);
        exchange_answer(x->q->exchange, &r);
        return 0;
}

static int collection_options(struct asked *x)
{
        struct reply r = { .status = 204, .content_type = x->type };
        epcis_options_headers(x->q, &r, "GET, HEAD, POST, OPTIONS");
        exchange_answer(x->q->exchange, &r);
        return 0;
}

static int act(struct asked *x, struct err *reterr)
{
        switch (x->q->method) {
        case METHOD_POST:
                return create(x, reterr);
        case METHOD_DELETE:
                return drop(x, reterr);
        case METHOD_OPTIONS:
                return x->id.n ? one(x, true, reterr) : collection_options(x);
        default:
                return x->id.n ? one(x, false, reterr) : list(x, reterr);
        }
}

int subscriptions_act(struct request *q, const struct service *v, const struct named_query *query, struct str rest, const char *type, struct err *reterr)
{
        struct asked x = { .q = q, .v = v, .org = caller_of(q)->org, .name = query->name, .query = query->query, .type = type };
        if (!v->push)
                return err_set(reterr, ERR_STORE, "nothing is delivered here");
        if (!x.org)
                return err_set(reterr, ERR_FORBIDDEN, "subscriptions belong to an organisation, and you to none");
        return read_path(&x, rest, reterr) < 0 ? -1 : act(&x, reterr);
}
