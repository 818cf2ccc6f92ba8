#include "api/api_impl.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "epcis/digest.h"

/* GET /epcis/events/{eventID}: an EPCISQueryDocument of all records that bear the id, the event and its error declarations,
 * each as it was sent (never translated) with our recordTime, and the eventID where the server gave it. */

enum { RECORDS_MAX = 256 };

#define EPCIS_CONTEXT "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

struct record {
        struct event event;
        struct str context;             /* JSON text of its document's @context, "" when it had none */
        int64_t record_us;
        struct str event_id;
};

struct found {
        struct record *list;
        size_t n;
};

static int load(struct reader *r, struct arena *a, int64_t org, const struct origins *own, int64_t seq, struct record *ret, struct err *reterr)
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

static int load_all(struct reader *r, struct arena *a, int64_t org, const struct origins *own, struct str id, struct found *f, struct err *reterr)
{
        int64_t seqs[RECORDS_MAX];
        ssize_t n = reader_event_id(r, org, id, seqs, RECORDS_MAX, reterr);

        if (n < 0)
                return -1;
        f->list = arena_array(a, struct record, n + 1);
        for (f->n = 0; f->n < (size_t)n; f->n++)
                if (load(r, a, org, own, seqs[f->n], &f->list[f->n], reterr) < 0)
                        return -1;
        return 0;
}

/* The id may come raw, with its "?ver=CBV2.0" taken for a query. */
static int find(struct request *q, const struct service *v, struct found *f, struct err *reterr)
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

static bool one_context(const struct found *f)
{
        for (size_t i = 1; i < f->n; i++)
                if (!str_eq(f->list[i].context, f->list[0].context))
                        return false;
        return f->list[0].context.n > 0;
}

/* The entries of a context, which is an array or a single one, without brackets. */
static void add_entries(struct buf *b, struct str context, bool *more)
{
        if (context.n >= 2 && context.p[0] == '[')
                context = (struct str){ context.p + 1, context.n - 2 };
        if (!context.n)
                return;
        if (*more)
                buf_char(b, ',');
        *more = true;
        buf_str(b, context);
}

/* An event that must bring its document's context itself: what it had of its own comes after, as it did there. */
static struct json with_context(struct arena *a, const struct record *rec)
{
        const struct json *json = rec->event.json, *own = json_get(json, "@context"), *context;
        struct json_member *members = arena_array(a, struct json_member, json->n + 1);
        struct buf text = { .max = ANSWER_BYTES_MAX }, own_text = { .max = ANSWER_BYTES_MAX };
        uint32_t n = 0;
        bool more = false;

        if (own)
                json_write(&own_text, own);
        buf_char(&text, '[');
        add_entries(&text, rec->context, &more);
        add_entries(&text, buf_view(&own_text), &more);
        buf_char(&text, ']');
        static const struct json_limits limits = { LIMIT_JSON_DEPTH + 2, LIMIT_JSON_NUMBER_BYTES, LIMIT_JSON_NODES };
        if (json_read(a, text.p, text.n, &limits, &context, NULL) == 0)
                members[n++] = (struct json_member){ STR("@context"), *context };
        for (uint32_t i = 0; i < json->n; i++)
                if (!str_is(json->members[i].name, "@context"))
                        members[n++] = json->members[i];
        buf_free(&text);
        buf_free(&own_text);
        return (struct json){ .kind = JSON_OBJECT, .n = n, .members = members };
}

static void write_record(struct buf *b, struct arena *a, const struct record *rec, bool shared)
{
        struct event e = rec->event;
        struct json whole;

        if (!shared && rec->context.n) {
                whole = with_context(a, rec);
                e.json = &whole;
        }
        event_write(b, &e, rec->record_us, rec->event_id);
}

static void write_document(struct buf *b, struct arena *a, const struct found *f)
{
        bool shared = one_context(f);

        buf_z(b, "{\"@context\":");
        if (shared)
                buf_str(b, f->list[0].context);
        else
                buf_z(b, "[\"" EPCIS_CONTEXT "\"]");
        buf_z(b, ",\"type\":\"EPCISQueryDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":");
        json_write_str(b, stamp_utc(a, clock_now_us()));
        buf_z(b, ",\"epcisBody\":{\"queryResults\":{\"queryName\":\"SimpleEventQuery\",\"resultsBody\":{\"eventList\":[");
        for (size_t i = 0; i < f->n; i++) {
                if (i)
                        buf_char(b, ',');
                write_record(b, a, &f->list[i], shared);
        }
        buf_z(b, "]}}}}\n");
}

static void get(struct request *q, void *app)
{
        struct err e = { 0 };
        struct reply r = { .status = 200, .content_type = epcis_type(q, &e) };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct found f = { 0 };

        if (!r.content_type || find(q, app, &f, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        write_document(&b, q->arena, &f);
        if (b.overflow) {
                buf_free(&b);
                err_set(&e, ERR_TOO_LARGE, "the records of this eventID are too large for one answer");
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        reply_take(q, &r, &b);
        epcis_headers(&r);
        reply_header(&r, "GS1-EPC-Format", "Never_Translates");
        exchange_answer(q->exchange, &r);
}

const struct route route_event = {
        .methods = METHOD_GET, .pattern = "/epcis/events/*", .name = "event", .needs = MAY_QUERY, .handle = get,
};
