#include "api/api_impl.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

/* POST /epcis/events (EPCIS 2.0 §12.7): one bare event, answered when it is durable: 201, 200 when the same record was
 * there, 409 when another record bears its eventID. */

struct single {
        struct request *q;
        const char *type;
        struct ledger_job job;
};

static const char *location(struct arena *a, struct str id)
{
        struct buf b = { .max = 16 * 1024 };

        buf_z(&b, "/epcis/events/");
        percent_encode(&b, id, "");
        const char *z = arena_cstr(a, buf_view(&b));
        buf_free(&b);
        return z;
}

static void answer_recorded(struct single *s, const struct recorded *rec)
{
        struct request *q = s->q;
        bool known = rec->outcome == OUTCOME_KNOWN;
        struct str id = s->job.doc->events[0].event_id.n ? s->job.doc->events[0].event_id : str_of(rec->event_id);
        struct reply r = { .status = known ? 200 : 201, .content_type = s->type };
        struct buf b = { .max = ANSWER_BYTES_MAX };

        buf_printf(&b, "{\"outcome\":\"%s\",\"eventID\":", known ? "known" : "captured");
        json_write_str(&b, id);
        buf_printf(&b, ",\"seq\":%lld,", (long long)rec->seq);
        write_faults(&b, "findings", &s->job.doc->faults, FAULT_FINDING);
        buf_z(&b, "}\n");
        reply_take(q, &r, &b);
        epcis_headers(&r);
        reply_header(&r, "Location", location(q->arena, id));
        reply_header(&r, "Suyuan-Outcome", known ? "known" : "captured");
        exchange_answer(q->exchange, &r);
}

/* On the writer's thread, after the commit. */
static void done(struct ledger_job *job, void *ctx)
{
        struct single *s = ctx;
        struct err e = job->err;

        if (!e.kind && job->recorded[0].outcome == OUTCOME_CONFLICT) {
                err_set(&e, ERR_CONFLICT, "another record bears this eventID: leave eventID out, or declare the other one erroneous");
                err_at(&e, "/eventID");
        }
        if (e.kind)
                exchange_problem(s->q->exchange, &e, NULL);
        else if (job->recorded[0].fault)
                answer_refused(s->q, job);
        else
                answer_recorded(s, &job->recorded[0]);
}

static void submit(struct request *q, const struct service *v, const char *type, const struct document *d)
{
        struct single *s = arena_alloc(q->arena, sizeof *s);
        struct err e = { 0 };

        *s = (struct single){ .q = q, .type = type };
        s->job = (struct ledger_job){
                .org = caller_of(q)->org, .door = DOOR_EVENTS, .actor = caller_of(q)->actor, .doc = d,
                .refuse_known_event_id = true, .arena = q->arena, .done = done, .ctx = s,
        };
        if (ledger_submit(v->ledger, &s->job, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        /* Nothing may be touched here: the writer may have answered already. */
}

static void post(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        struct document *d;
        const char *type;

        if (epcis_read(q, v, &type, &d, &e) == 0 && d->kind != DOCUMENT_BARE_EVENT) {
                err_set(&e, ERR_BAD_EVENT, "this is a document: POST it to /epcis/capture");
                err_at(&e, "/type");
        }
        if (e.kind)
                exchange_problem(q->exchange, &e, NULL);
        else if (d->faults.refused)
                answer_faults(q, d);
        else
                submit(q, v, type, d);
}

const struct route route_events = {
        .methods = METHOD_POST, .pattern = "/epcis/events", .name = "events", .needs = MAY_CAPTURE, .max_body = LIMIT_EVENT_BYTES, .handle = post,
};
