#include "api/api_impl.h"
#include "api/findings.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"

/* POST /api/acts: what was done on the farm, as forms of farm/acts.def (docs/ref/acts.md).  One act, or a list of which each is answered for itself.  The same
 * form again is known: a phone that lost the answer sends until it hears one. */

static void kinds(struct request *q, void *app)
{
        struct buf b = { .max = ANSWER_BYTES_MAX };
        (void)app;
        act_kinds_json(&b);
        answer_buf(q, 200, "application/json", &b, "the list");
}

struct acting {
        struct request *q;
        const struct service *v;
        int64_t org;
        struct act_form form;
        struct faults faults;           /* of the form; nothing is stored */
        struct err err;                 /* any other failure */
        bool known;
        int64_t seq;
        struct findings findings;
};

/* ---- recording one ---- */

static int submit(struct acting *x, const struct document *d)
{
        struct ledger_job job = { .org = x->org, .door = DOOR_FIELD, .actor = caller_of(x->q)->actor, .doc = d, .refuse_known_event_id = true,
                                  .all_or_nothing = true, .arena = x->q->arena };
        if (ledger_record(x->v->ledger, &job, &x->err) < 0)
                return -1;
        if (job.err.kind) {
                x->err = job.err;
                return -1;
        }
        if (job.undone) {       /* another connection was quicker: with this form, or with another */
                int rc = daybook_recorded(x->v->daybook, x->q->arena, x->org, &x->form, &x->seq, &x->err);
                if (rc == 0)
                        return err_set(&x->err, ERR_CONFLICT, "the act could not be recorded under this id");
                x->known = rc == 1;
                return rc < 0 ? -1 : 0;
        }
        x->known = job.recorded[0].outcome == OUTCOME_KNOWN;
        x->seq = job.recorded[0].seq;
        return 0;
}

/* From the form to its event. */
static int write_down(struct acting *x)
{
        struct act_surroundings s;
        struct buf b = { .max = 2 * LIMIT_ACT_BYTES + 2 * LIMIT_EVENT_BYTES };
        struct document *d = NULL;
        if (daybook_surroundings(x->v->daybook, x->q->arena, x->org, &x->form, &s, &x->faults, &x->err) < 0 || x->faults.refused)
                return -1;
        act_document(&b, x->q->arena, &x->form, &s);
        int rc = b.overflow ? err_set(&x->err, ERR_TOO_LARGE, "the act says too much for one event")
                            : document_read(x->q->arena, b.p, b.n, store_origins(x->v->store), &d, &x->err);
        buf_free(&b);
        if (rc == 0 && d->faults.refused) {
                x->faults = d->faults;
                rc = -1;
        }
        return rc < 0 ? -1 : submit(x, d);
}

/* 0, or -1 with faults or `err`. */
static int record(struct acting *x, const struct json *body)
{
        struct str home = store_org_code(x->v->store, x->q->arena, caller_of(x->q)->org);
        if (act_read(x->q->arena, body, home, &x->form, &x->faults) < 0)
                return -1;
        x->org = access_org_of(x->v->access, x->q, x->form.org, &x->err);
        if (!x->org || daybook_catch_up(x->v->daybook, x->org, &x->err) < 0)
                return -1;
        int rc = daybook_recorded(x->v->daybook, x->q->arena, x->org, &x->form, &x->seq, &x->err);
        x->known = rc == 1;
        if (rc < 0 || (rc == 0 && (write_down(x) < 0 || daybook_catch_up(x->v->daybook, x->org, &x->err) < 0)))
                return -1;
        return act_findings(x->v->daybook, x->q->arena, x->org, &x->form, x->seq, &x->findings, &x->err);
}

/* ---- answering ---- */

static void write_recorded(struct buf *b, const struct acting *x)
{
        buf_printf(b, "{\"outcome\":\"%s\",\"eventID\":", x->known ? "known" : "captured");
        json_write_str(b, x->form.event_id);
        buf_printf(b, ",\"seq\":%lld,\"findings\":", (long long)x->seq);
        findings_json(b, &x->findings);
        write_not_understood(b, &x->faults);
        buf_char(b, '}');
}

static void answer_one(struct acting *x)
{
        struct request *q = x->q;
        struct reply r = { .status = x->known ? 200 : 201, .content_type = "application/json" };
        struct buf b = { .max = ANSWER_BYTES_MAX }, where = { .max = 4096 };
        write_recorded(&b, x);
        buf_char(&b, '\n');
        buf_z(&where, "/epcis/events/");
        percent_encode(&where, x->form.event_id, "");
        reply_take(q, &r, &b);
        reply_header(&r, "Location", arena_cstr(q->arena, buf_view(&where)));
        reply_header(&r, "Cache-Control", "no-store");
        buf_free(&where);
        exchange_answer(q->exchange, &r);
}

static int status_of(const struct acting *x, int rc)
{
        if (rc == 0)
                return x->known ? 200 : 201;
        return x->faults.refused ? err_status(ERR_BAD_INPUT) : err_status(x->err.kind);
}

static void write_one_of_many(struct buf *b, const struct acting *x, int rc)
{
        buf_printf(b, "{\"status\":%d,\"id\":", status_of(x, rc));
        json_write_str(b, json_str(x->form.json, "id"));
        if (rc == 0) {
                buf_z(b, ",\"recorded\":");
                write_recorded(b, x);
        } else if (x->faults.refused) {
                buf_char(b, ',');
                write_faults(b, "errors", &x->faults, FAULT_REFUSED);
        } else {
                buf_z(b, ",\"type\":");
                json_write_str(b, arena_printf(x->q->arena, "/problems/%s", err_slug(x->err.kind)));
                buf_z(b, ",\"detail\":");
                struct str detail = str_of(x->err.detail);
                detail.n = utf8_valid_to(detail);
                json_write_str(b, detail);
        }
        buf_char(b, '}');
}

/* Each for itself: one that is refused does not stand in the way of the others. */
static void post_many(struct request *q, const struct service *v, const struct json *list)
{
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        if (!list->n || list->n > LIMIT_ACTS) {
                err_set(&e, ERR_BAD_INPUT, "a list holds 1 to %d acts", LIMIT_ACTS);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        for (uint32_t i = 0; i < list->n; i++) {
                struct acting *x = arena_alloc(q->arena, sizeof *x);
                *x = (struct acting){ .q = q, .v = v };
                int rc = record(x, &list->items[i]);
                buf_z(&b, i ? "," : "[");
                write_one_of_many(&b, x, rc);
        }
        buf_z(&b, "]\n");
        answer_buf(q, 200, "application/json", &b, "the list");
}

static void post(struct request *q, void *app)
{
        const struct json *body;
        struct acting x = { .q = q, .v = app };
        if (epcis_body(q, &x.err) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &body, &x.err) < 0) {
                exchange_problem(q->exchange, &x.err, NULL);
                return;
        }
        request_drop_body(q);
        if (json_is(body, JSON_ARRAY)) {
                post_many(q, app, body);
                return;
        }
        if (record(&x, body) == 0)
                answer_one(&x);
        else if (x.faults.refused)
                answer_list_of_faults(q, &x.faults);
        else
                exchange_problem(q->exchange, &x.err, NULL);
}

const struct route route_act_kinds = { .methods = METHOD_GET, .pattern = "/api/acts/kinds", .name = "acts.kinds", .needs = MAY_PUBLIC, .inline_ok = true, .handle = kinds };
const struct route route_acts = { .methods = METHOD_POST, .pattern = "/api/acts", .name = "acts", .needs = MAY_CAPTURE, .max_body = LIMIT_ACT_BYTES, .bulk = true, .handle = post };
