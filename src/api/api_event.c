#include "api/api_impl.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "epcis/digest.h"

/* GET /epcis/events/{eventID}: an EPCISQueryDocument of all records that bear the id, the event and its error declarations,
 * each as it was sent (never translated) with our recordTime, and the eventID where the server gave it. */

enum { RECORDS_MAX = 256 };

static int load(struct reader *r, struct arena *a, int64_t org, const struct origins *own, int64_t seq, struct told_event *ret, struct err *reterr)
{
        struct event_head head;
        struct str body;

        if (reader_event(r, a, org, seq, &head, reterr) != 1 || reader_body(r, a, org, seq, &body, &ret->context, reterr) != 1 ||
            event_reread(a, body, ret->context, own, &ret->event, reterr) < 0)
                return err_while(reterr, "reading event %lld", (long long)seq);
        ret->record_us = head.record_us;
        ret->event_id = head.event_id;
        return 0;
}

static int load_all(struct reader *r, struct arena *a, int64_t org, const struct origins *own, struct str id, struct told_events *f, struct err *reterr)
{
        int64_t seqs[RECORDS_MAX];
        ssize_t n = reader_event_id(r, org, id, seqs, RECORDS_MAX, reterr);

        if (n < 0)
                return -1;
        f->list = arena_array(a, struct told_event, n + 1);
        for (f->n = 0; f->n < (size_t)n; f->n++)
                if (load(r, a, org, own, seqs[f->n], &f->list[f->n], reterr) < 0)
                        return -1;
        return 0;
}

/* The id may come raw, with its "?ver=CBV2.0" taken for a query. */
static int find(struct request *q, const struct service *v, struct told_events *f, struct err *reterr)
{
        struct str id = STR_NONE, with_query = STR_NONE;
        struct reader *r;

        if (!percent_decode(q->arena, q->rest, &id) ||
            (q->query.n && !percent_decode(q->arena, arena_printf(q->arena, "%.*s?%.*s", STR_ARG(q->rest), STR_ARG(q->query)), &with_query)))
                return err_set(reterr, ERR_BAD_INPUT, "the eventID has a broken escape");
        if (reader_begin(v->store, &r, reterr) < 0)
                return -1;
        const struct caller *c = caller_of(q);
        int64_t org = reader_see(r, c->sees, c->n_sees, c->sees_all);
        int rc = with_query.n ? load_all(r, q->arena, org, store_origins(v->store), with_query, f, reterr) : 0;
        if (rc == 0 && !f->n)
                rc = load_all(r, q->arena, org, store_origins(v->store), id, f, reterr);
        reader_end(r);
        if (rc == 0 && !f->n)
                return err_set(reterr, ERR_NOT_FOUND, "no event bears the eventID %.*s", (int)(id.n < 300 ? id.n : 300), id.p);
        return rc;
}

static void get(struct request *q, void *app)
{
        struct err e = { 0 };
        struct reply r = { .status = 200, .content_type = epcis_type(q, &e) };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct told_events f = { 0 };
        enum epc_format format;

        if (!r.content_type || epc_format_asked(q, &format, &e) < 0 || find(q, app, &f, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        translate_events(q, app, format, &f);
        query_document(&b, q->arena, &f, "SimpleEventQuery");
        if (b.overflow) {
                buf_free(&b);
                err_set(&e, ERR_TOO_LARGE, "the records of this eventID are too large for one answer");
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        reply_take(q, &r, &b);
        epcis_headers(&r);
        epc_format_header(&r, format);
        exchange_answer(q->exchange, &r);
}

const struct route route_event = {
        .methods = METHOD_GET, .pattern = "/epcis/events/*", .name = "event", .needs = MAY_QUERY, .handle = get,
};
