#include <pthread.h>

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
        struct arena *given;            /* what the writer was given of it: its thread may allocate there, and counts it as what waits.  NULL: nothing was */
        struct ledger_job job;
        int rc;                         /* 0, or -1 with faults or `err` */
        bool known;
        int64_t seq;
        struct findings findings;
};

/* Acts on their way.  Each is given to the writer as soon as its event is made, so that one commit takes what stands there; what was committed is followed once
 * for all of them.  Only where an act rests upon those before it is it kept until they were followed: the lot that the store chooses, the season that was open on
 * a plot, a correction. */
struct acts {
        struct request *q;
        const struct service *v;
        struct acting **list;           /* recorded or about to be, their findings not told */
        size_t n;
        int64_t org;                    /* theirs; 0: none yet */
        bool moves, clears;             /* one of them changes what the store holds; which season is open */
        pthread_mutex_t mutex;
        pthread_cond_t answered;
        size_t waiting;                 /* the writer's answers that are missing; under the mutex */
};

/* ---- the writer ---- */

static void answered(struct ledger_job *job, void *ctx)
{
        struct acts *a = ctx;
        (void)job;
        pthread_mutex_lock(&a->mutex);
        a->waiting--;
        pthread_cond_signal(&a->answered);
        pthread_mutex_unlock(&a->mutex);
}

static void submit(struct acts *a, struct acting *x, const struct document *d)
{
        x->job = (struct ledger_job){ .org = x->org, .door = DOOR_FIELD, .actor = caller_of(x->q)->actor, .doc = d, .refuse_known_event_id = true,
                                      .all_or_nothing = true, .arena = x->given, .done = answered, .ctx = a };
        pthread_mutex_lock(&a->mutex);
        a->waiting++;
        pthread_mutex_unlock(&a->mutex);
        x->rc = ledger_submit(x->v->ledger, &x->job, &x->err);
        if (x->rc < 0)
                answered(&x->job, a);
}

static void wait_for_writer(struct acts *a)
{
        pthread_mutex_lock(&a->mutex);
        while (a->waiting)
                pthread_cond_wait(&a->answered, &a->mutex);
        pthread_mutex_unlock(&a->mutex);
}

/* What became of an act that was given to the writer. */
static int outcome(struct acting *x)
{
        if (x->job.err.kind) {
                x->err = x->job.err;
                return -1;
        }
        if (x->job.undone) {    /* another connection was quicker, or one before it in the list: with this form, or with another */
                int rc = daybook_recorded(x->v->daybook, x->q->arena, x->org, &x->form, &x->seq, &x->err);
                if (rc == 0)
                        return err_set(&x->err, ERR_CONFLICT, "the act could not be recorded under this id");
                x->known = rc == 1;
                return rc < 0 ? -1 : 0;
        }
        x->known = x->job.recorded[0].outcome == OUTCOME_KNOWN;
        x->seq = x->job.recorded[0].seq;
        return 0;
}

/* ---- following ---- */

/* Each as it stood when it was recorded: without those of the list that came after it. */
static void tell_findings(struct acts *a)
{
        int64_t *later = arena_array(a->q->arena, int64_t, a->n + 1);
        size_t n = 0;
        struct basis *basis = basis_new(a->v->daybook, a->q->arena, a->org);
        for (size_t i = a->n; i-- > 0;) {
                struct acting *x = a->list[i];
                if (x->rc == 0)
                        x->rc = act_findings(basis, &x->form, x->seq, later, n, &x->findings, &x->err);
                if (x->rc == 0 && !x->known)
                        later[n++] = x->seq;
        }
}

/* Waits for what is under way, follows it and tells what it brought.  At the end alarms are kept too. */
static void settle(struct acts *a, bool end)
{
        struct err e = { 0 };
        if (!a->n)
                return;
        wait_for_writer(a);
        for (size_t i = 0; i < a->n; i++)
                if (a->list[i]->rc == 0 && a->list[i]->job.doc)
                        a->list[i]->rc = outcome(a->list[i]);
        int rc = end ? daybook_catch_up(a->v->daybook, a->org, &e) : daybook_follow(a->v->daybook, a->org, &e);
        for (size_t i = 0; i < a->n && rc < 0; i++)
                if (a->list[i]->rc == 0) {
                        a->list[i]->rc = -1;
                        a->list[i]->err = e;
                }
        tell_findings(a);
        a->n = 0;
        a->moves = a->clears = false;
}

/* ---- recording one ---- */

/* Does it rest upon what is under way? */
static bool rests(const struct acts *a, const struct act_form *f)
{
        if (!a->n)
                return false;
        return f->corrects.n || (a->moves && act_takes_stock(f->act) && f->product.n && !f->lot.n) || (a->clears && act_on_season(f->act) && !f->season.n);
}

/* From the form to its event. */
static int write_down(struct acts *a, struct acting *x)
{
        struct act_surroundings s;
        struct buf b = { .max = 2 * LIMIT_ACT_BYTES + 2 * LIMIT_EVENT_BYTES };
        struct document *d = NULL;
        if (daybook_surroundings(x->v->daybook, x->q->arena, x->org, &x->form, &s, &x->faults, &x->err) < 0 || x->faults.refused)
                return -1;
        act_document(&b, x->q->arena, &x->form, &s);
        x->given = arena_new();
        int rc = b.overflow ? err_set(&x->err, ERR_TOO_LARGE, "the act says too much for one event")
                            : document_read(x->given, b.p, b.n, store_origins(x->v->store), &d, &x->err);
        buf_free(&b);
        if (rc == 0 && d->faults.refused) {
                x->faults = d->faults;
                rc = -1;
        }
        if (rc == 0)
                submit(a, x, d);
        return rc < 0 ? -1 : x->rc;
}

/* Lets it wait for those before it where it must, and brings the day up to now for the first of an organisation. */
static int make_room(struct acts *a, struct acting *x)
{
        if (a->n && (x->org != a->org || rests(a, &x->form)))
                settle(a, x->org != a->org);
        if (a->org != x->org && daybook_catch_up(x->v->daybook, x->org, &x->err) < 0)
                return -1;
        a->org = x->org;
        return 0;
}

/* Its outcome stands in x->rc after the next settle(). */
static void record(struct acts *a, struct acting *x, const struct json *body)
{
        struct str home = store_org_code(x->v->store, x->q->arena, caller_of(x->q)->org);
        x->rc = act_read(x->q->arena, body, home, &x->form, &x->faults);
        if (x->rc < 0)
                return;
        x->org = access_org_of(x->v->access, x->q, x->form.org, &x->err);
        x->rc = !x->org || make_room(a, x) < 0 ? -1 : daybook_recorded(x->v->daybook, x->q->arena, x->org, &x->form, &x->seq, &x->err);
        x->known = x->rc == 1;
        if (x->rc >= 0)
                x->rc = x->rc == 1 ? 0 : write_down(a, x);
        if (x->rc < 0)
                return;
        a->list[a->n++] = x;
        a->moves |= act_uses_input(x->form.act) || !act_on_season(x->form.act) || x->form.corrects.n;
        a->clears |= x->form.act == ACT_CLEAR || x->form.corrects.n;
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

static int status_of(const struct acting *x)
{
        if (x->rc == 0)
                return x->known ? 200 : 201;
        return x->faults.refused ? err_status(ERR_BAD_INPUT) : err_status(x->err.kind);
}

static void write_one_of_many(struct buf *b, const struct acting *x)
{
        buf_printf(b, "{\"status\":%d,\"id\":", status_of(x));
        json_write_str(b, json_str(x->form.json, "id"));
        if (x->rc == 0) {
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
static void record_all(struct request *q, const struct service *v, const struct json *items, size_t n, struct acting *ret)
{
        struct acts a = { .q = q, .v = v, .list = arena_array(q->arena, struct acting *, n), .mutex = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER };
        for (size_t i = 0; i < n; i++) {
                ret[i] = (struct acting){ .q = q, .v = v };
                record(&a, &ret[i], &items[i]);
        }
        settle(&a, true);
}

static void post_many(struct request *q, const struct service *v, const struct json *list)
{
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        if (!list->n || list->n > LIMIT_ACTS) {
                err_set(&e, ERR_BAD_INPUT, "a list holds 1 to %d acts", LIMIT_ACTS);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        struct acting *all = arena_array(q->arena, struct acting, list->n);
        record_all(q, v, list->items, list->n, all);
        for (uint32_t i = 0; i < list->n; i++) {
                buf_z(&b, i ? "," : "[");
                write_one_of_many(&b, &all[i]);
        }
        buf_z(&b, "]\n");
        for (uint32_t i = 0; i < list->n; i++)
                arena_free(all[i].given);
        answer_buf(q, 200, "application/json", &b, "the list");
}

static void post(struct request *q, void *app)
{
        const struct json *body;
        struct acting x = { 0 };
        if (epcis_body(q, &x.err) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &body, &x.err) < 0) {
                exchange_problem(q->exchange, &x.err, NULL);
                return;
        }
        request_drop_body(q);
        if (json_is(body, JSON_ARRAY)) {
                post_many(q, app, body);
                return;
        }
        record_all(q, app, body, 1, &x);
        if (x.rc == 0)
                answer_one(&x);
        else if (x.faults.refused)
                answer_list_of_faults(q, &x.faults);
        else
                exchange_problem(q->exchange, &x.err, NULL);
        arena_free(x.given);
}

const struct route route_act_kinds = { .methods = METHOD_GET, .pattern = "/api/acts/kinds", .name = "acts.kinds", .needs = MAY_PUBLIC, .inline_ok = true, .handle = kinds };
const struct route route_acts = { .methods = METHOD_POST, .pattern = "/api/acts", .name = "acts", .needs = MAY_CAPTURE, .max_body = LIMIT_ACT_BYTES, .bulk = true, .handle = post };
