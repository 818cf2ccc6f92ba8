#include "api/api_impl.h"
#include "base/limits.h"
#include "base/text.h"
#include "daybook/alarms.h"
#include "daybook/daybook.h"

/* /api/alarms: what the rules found, and decisions upon it. */

enum { DECISION_BYTES = 16 * 1024 };

static void member(struct buf *b, const char *name, struct str s)
{
        if (!s.n)
                return;
        buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, s);
}

/* "org/code" of a season's name; STR_NONE: it is a lot. */
static struct str season_of(struct str subject)
{
        return str_starts(subject, STR("/season/")) ? str_from(subject, strlen("/season/")) : STR_NONE;
}

static void write_alarm(struct buf *b, struct request *q, const struct service *v, struct str org, const struct alarm *x)
{
        buf_z(b, "{\"id\":");
        json_write_str(b, x->id);
        member(b, "org", org);
        member(b, "subject", ident_uri(q->arena, x->subject, store_origins(v->store)));
        member(b, "season", season_of(x->subject));
        member(b, "rule", x->rule);
        member(b, "key", x->key);
        buf_printf(b, ",\"severity\":\"%s\",\"state\":\"%s\",\"words\":", severity_name(x->severity), x->closed_us ? "closed" : "open");
        buf_str(b, x->words);
        if (x->seq)
                buf_printf(b, ",\"seq\":%lld", (long long)x->seq);
        member(b, "eventID", x->event_id);
        member(b, "pointer", x->pointer);
        member(b, "openedAt", stamp_utc(q->arena, x->opened_us));
        int64_t until = x->closed_us ? x->closed_us : clock_now_us();
        buf_printf(b, ",\"ageHours\":%lld", (long long)((until - x->opened_us) / INT64_C(3600000000)));
        if (x->closed_us) {
                member(b, "closedAt", stamp_utc(q->arena, x->closed_us));
                member(b, "closedBy", x->closed_by_decision ? STR("decision") : STR("rule"));
        }
        member(b, "owner", x->owner);
        if (x->by.n) {
                buf_z(b, ",\"decision\":{\"by\":");
                json_write_str(b, x->by);
                member(b, "at", stamp_utc(q->arena, x->decided_us));
                member(b, "reason", x->reason);
                buf_char(b, '}');
        }
        buf_char(b, '}');
}

struct asked { int64_t org; bool open; struct str after; int max; };

static int read_question(struct request *q, const struct service *v, struct asked *ret, struct err *reterr)
{
        struct str org = STR_NONE, state = STR_NONE;
        if (request_param(q, "org", &org) < 0 || request_param(q, "state", &state) < 0 || request_param(q, "after", &ret->after) < 0)
                return err_set(reterr, ERR_BAD_QUERY, "a parameter has a broken escape");
        if (state.n && !str_is(state, "open") && !str_is(state, "closed"))
                return err_set(reterr, ERR_BAD_QUERY, "state is open or closed");
        ret->open = !str_is(state, "closed");
        ret->org = access_org_seen(v->access, q, org, reterr);
        return !ret->org || page_size(q, LIMIT_ALARMS_PAGE, &ret->max, reterr) < 0 || daybook_catch_up(v->daybook, ret->org, reterr) < 0 ? -1 : 0;
}

static void list(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct asked k = { 0 };
        struct alarm *alarms;
        struct str next;
        struct err e = { 0 };
        ssize_t n = read_question(q, v, &k, &e) < 0 ? -1 : alarms_page(v->store, q->arena, k.org, k.open, k.after, (size_t)k.max, &alarms, &next, &e);
        if (n < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        struct str org = store_org_code(v->store, q->arena, k.org);
        buf_z(&b, "{\"alarms\":[");
        for (ssize_t i = 0; i < n; i++) {
                buf_z(&b, i ? "," : "");
                write_alarm(&b, q, v, org, &alarms[i]);
        }
        buf_char(&b, ']');
        member(&b, "next", next);
        buf_z(&b, "}\n");
        answer_buf(q, 200, "application/json", &b, "the alarms");
}

/* `rest`: "{id}/decisions". */
static int decide_asked(struct request *q, const struct service *v, struct err *reterr)
{
        const struct json *j;
        struct str rest = q->rest, id, org = STR_NONE;
        if (!str_split(&rest, '/', &id) || !str_is(rest, "decisions"))
                return err_set(reterr, ERR_NOT_FOUND, "没有这个资源 / there is no such resource");
        if (epcis_body(q, reterr) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &j, reterr) < 0)
                return -1;
        if (!json_is(j, JSON_OBJECT))
                return err_set(reterr, ERR_BAD_INPUT, "send a JSON object");
        if (request_param(q, "org", &org) < 0)
                return err_set(reterr, ERR_BAD_QUERY, "org has a broken escape");
        int64_t of = access_org_of(v->access, q, org.n ? org : json_str(j, "org"), reterr);
        struct alarm_decision x = { json_str(j, "owner"), json_str(j, "reason"), json_is(json_get(j, "close"), JSON_TRUE) };
        return !of || daybook_catch_up(v->daybook, of, reterr) < 0 ? -1 : alarm_decide(v, q, of, id, &x, reterr);
}

static void decide(struct request *q, void *app)
{
        struct reply r = { .status = 204 };
        struct err e = { 0 };
        if (decide_asked(q, app, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

const struct route route_alarms = { .methods = METHOD_GET, .pattern = "/api/alarms", .name = "alarms", .needs = MAY_QUERY, .handle = list };
const struct route route_alarm_decide = { .methods = METHOD_POST, .pattern = "/api/alarms/*", .name = "alarm.decide", .needs = MAY_DECIDE, .max_body = DECISION_BYTES, .handle = decide };
