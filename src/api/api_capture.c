#include "api/api_impl.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

/* POST /epcis/capture (EPCIS 2.0 §12.6): a document, answered when it is durable.  The worker reads, checks and digests; the
 * writer's thread answers after the commit, so no worker ever waits for a disk. */

struct capture {
        struct request *q;
        const char *type;
        struct ledger_job job;
};

static int read_behaviour(const struct request *q, bool *ret_rollback, struct err *reterr)
{
        struct str said = str_trim(request_header(q, "GS1-Capture-Error-Behaviour"));

        *ret_rollback = !said.n || str_ieq(said, STR("rollback"));
        if (*ret_rollback || str_ieq(said, STR("proceed")))
                return 0;
        return err_set(reterr, ERR_BAD_INPUT, "GS1-Capture-Error-Behaviour is rollback or proceed");
}

static const char *outcome_name(enum outcome o)
{
        switch (o) {
        case OUTCOME_CAPTURED: return "captured";
        case OUTCOME_KNOWN: return "known";
        case OUTCOME_CONFLICT: return "conflict";
        case OUTCOME_REFUSED: return "refused";
        }
        return "refused";
}

static void write_events(struct buf *b, const struct ledger_job *job)
{
        buf_z(b, "\"events\":[");
        for (size_t i = 0; i < job->doc->n_events; i++) {
                const struct recorded *r = &job->recorded[i];
                struct str id = job->doc->events[i].event_id;
                buf_printf(b, "%s{\"index\":%zu,\"outcome\":\"%s\"", i ? "," : "", i, outcome_name(r->outcome));
                if (r->seq > 0) {
                        buf_z(b, ",\"eventID\":");
                        json_write_str(b, id.n ? id : str_of(r->event_id));
                }
                buf_char(b, '}');
        }
        buf_char(b, ']');
}

/* On the writer's thread, after the commit. */
static void done(struct ledger_job *job, void *ctx)
{
        struct capture *c = ctx;
        struct request *q = c->q;
        struct reply r = { .status = 202, .content_type = c->type };
        struct buf b = { .max = ANSWER_BYTES_MAX };

        if (job->err.kind) {
                exchange_problem(q->exchange, &job->err, NULL);
                return;
        }
        if (job->undone && answer_refused(q, job))
                return;
        /* The report as kept, and what became of each event, which the events themselves say later. */
        buf_add(&b, job->report.p, job->report.n - 1);
        buf_char(&b, ',');
        write_events(&b, job);
        buf_z(&b, "}\n");
        reply_take(q, &r, &b);
        epcis_headers(&r);
        reply_header(&r, "Location", arena_printf(q->arena, "/epcis/capture/%s", job->capture_id).p);
        exchange_answer(q->exchange, &r);
}

static void submit(struct request *q, const struct service *v, const char *type, const struct document *d, bool rollback)
{
        struct capture *c = arena_alloc(q->arena, sizeof *c);
        struct err e = { 0 };

        *c = (struct capture){ .q = q, .type = type };
        c->job = (struct ledger_job){
                .org = caller_of(q)->org, .door = DOOR_CAPTURE, .actor = caller_of(q)->actor, .doc = d,
                .keep_job = true, .all_or_nothing = rollback, .arena = q->arena, .done = done, .ctx = c,
        };
        if (ledger_submit(v->ledger, &c->job, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        /* Nothing may be touched here: the writer may have answered already. */
}

static int check_kind(const struct document *d, struct err *reterr)
{
        if (d->kind != DOCUMENT_BARE_EVENT)
                return 0;
        err_set(reterr, ERR_BAD_EVENT, "this is one event by itself: POST it to /epcis/events, or put it into an EPCISDocument");
        return err_at(reterr, "/type");
}

static bool document_refused(const struct document *d)
{
        for (size_t i = 0; i < d->faults.n; i++)
                if (d->faults.list[i].severity == FAULT_REFUSED && d->faults.list[i].event < 0)
                        return true;
        return false;
}

static void capture(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        struct document *d;
        const char *type;
        bool rollback;

        if (read_behaviour(q, &rollback, &e) < 0 || epcis_read(q, v, &type, &d, &e) < 0 || check_kind(d, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        else if (d->faults.refused && (rollback || document_refused(d)))
                answer_faults(q, d);
        else
                submit(q, v, type, d, rollback);
}

const struct route route_capture = {
        .methods = METHOD_POST, .pattern = "/epcis/capture", .name = "capture", .needs = MAY_CAPTURE, .max_body = LIMIT_BODY_BYTES, .bulk = true, .handle = capture,
};
