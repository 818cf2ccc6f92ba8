#include "access/access.h"
#include "api/api_impl.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "push/stream.h"

/* GET /epcis/queries/{name}/events with Accept: text/event-stream: what the query finds from now on, for a browser's EventSource
 * (docs/ref/subscriptions.md). */

bool stream_asked(const struct request *q)
{
        static const char *const types[] = { "application/json", "application/ld+json", "text/event-stream" };
        return q->method == METHOD_GET && request_prefers(q, types, 3) == 2;
}

static int read_since(const struct request *q, int64_t *ret, struct err *reterr)
{
        struct str text;
        struct stamp t;
        int found = request_param(q, "initialRecordTime", &text);

        *ret = 0;
        if (found == 0)
                return 0;
        if (found < 0 || !stamp_read(text, &t))
                return err_set(reterr, ERR_BAD_QUERY, "initialRecordTime is a date-time with an offset");
        *ret = t.us;
        return 0;
}

static void headers(struct reply *r)
{
        epcis_headers(r);
        epc_format_header(r, EPC_AS_SENT);
        reply_header(r, "Cache-Control", "no-store");
}

bool stream_failed(struct request *q, const struct err *e)
{
        struct reply r = { 0 };

        if (e->kind != ERR_STORE || !stream_asked(q))
                return false;
        log_err(LOG_ERROR, "stream.begin", e);
        headers(&r);
        push_stream_later(q, &r);
        return true;
}

int stream_begin(struct request *q, const struct service *v, const struct query *query, struct str name, struct err *reterr)
{
        const struct caller *c = caller_of(q);
        struct stream_request s = { .request = q, .org = c->org, .sees = c->sees, .n_sees = c->n_sees, .query_name = name, .after = str_trim(request_header(q, "Last-Event-ID")) };
        struct buf b = { .max = 64 * LIMIT_QUERY_BYTES };
        int64_t seconds = 0;

        if (!v->push)
                return err_set(reterr, ERR_STORE, "nothing is delivered here");
        if (!s.org)
                return err_set(reterr, ERR_FORBIDDEN, "a stream is of an organisation's events, and you belong to none");
        if (epcis_versions(q, reterr) < 0 || query_may_follow(query, reterr) < 0 || read_since(q, &s.since_us, reterr) < 0 ||
            number_param(q, "wait", 1, LIMIT_STREAM_WAIT_MS / 1000, LIMIT_STREAM_WAIT_MS / 1000, &seconds, reterr) < 0)
                return -1;
        query_write(&b, query);
        bool whole = !b.overflow;
        s.query = arena_str(q->arena, buf_view(&b));
        buf_free(&b);
        if (!whole)
                return err_set(reterr, ERR_BAD_QUERY, "with every prefix written out the query is too long");
        s.wait_ms = seconds * 1000;
        headers(&s.reply);
        return push_stream(v->push, &s, reterr);
}
