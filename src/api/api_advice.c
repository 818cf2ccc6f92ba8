#include "api/api_impl.h"
#include "api/findings.h"
#include "base/clock.h"
#include "daybook/alarms.h"
#include "daybook/daybook.h"

/* GET /api/seasons/{org}/{code}/advice?act=spray|harvest&product=…&on=DATE: "may I?", judged by the rules as if it had been done. */

enum { SHANGHAI_MIN = 480 };

struct question { enum act act; struct str product, target; int day; };

static int text_param(const struct request *q, const char *name, struct str *ret, struct err *reterr)
{
        *ret = STR_NONE;
        return request_param(q, name, ret) < 0 ? err_set(reterr, ERR_BAD_QUERY, "%s has a broken escape", name) : 0;
}

static int read_question(const struct request *q, struct question *ret, struct err *reterr)
{
        struct str act, on;
        if (text_param(q, "act", &act, reterr) < 0 || text_param(q, "on", &on, reterr) < 0 || text_param(q, "product", &ret->product, reterr) < 0 ||
            text_param(q, "target", &ret->target, reterr) < 0)
                return -1;
        ret->act = str_is(act, "harvest") ? ACT_HARVEST : str_is(act, "spray") ? ACT_SPRAY : ACT_OTHER;
        if (ret->act == ACT_OTHER)
                return err_set(reterr, ERR_BAD_QUERY, "act is spray or harvest");
        if (ret->act == ACT_SPRAY && !ret->product.n)
                return err_set(reterr, ERR_BAD_QUERY, "product is missing: the code of the input that is to be sprayed");
        ret->day = (int)civil_of(clock_now_us(), SHANGHAI_MIN).day_number;
        if (on.n && !day_read(on, &ret->day))
                return err_set(reterr, ERR_BAD_QUERY, "on is a day such as 2026-07-08");
        return 0;
}

/* At the end of its day: whatever was recorded on it comes first. */
static int fact_of_question(struct request *q, const struct service *v, int64_t org, const struct question *k, struct fact *ret, struct err *reterr)
{
        struct thing t;
        *ret = (struct fact){ .act = k->act, .day = k->day, .time_us = (k->day * INT64_C(24) + 24) * INT64_C(3600000000) - SHANGHAI_MIN * INT64_C(60000000) - 1, .offset_min = SHANGHAI_MIN,
                              .target = k->target, .interval_days = -1 };
        if (k->act != ACT_SPRAY)
                return 0;
        int rc = daybook_thing(v->daybook, q->arena, org, THING_INPUT, k->product, &t, reterr);
        if (rc == 0)
                return err_set(reterr, ERR_NOT_FOUND, "没有这个投入品 / there is no input %.*s", (int)(k->product.n < 80 ? k->product.n : 80), k->product.p);
        ret->input = rc == 1 ? t.canonical : STR_NONE;
        return rc < 0 ? -1 : 0;
}

static int advise(struct request *q, const struct service *v, int64_t org, struct str code, struct advice *ret, struct err *reterr)
{
        struct question k;
        struct judging j;
        struct season_facts s;
        struct settled *settled;
        struct fact f;
        if (read_question(q, &k, reterr) < 0 || daybook_catch_up(v->daybook, org, reterr) < 0)
                return -1;
        int rc = daybook_season(v->daybook, q->arena, org, code, &s, reterr);
        if (rc == 0)
                return err_set(reterr, ERR_NOT_FOUND, "没有这个茬次 / there is no such season");
        if (rc < 0 || daybook_judging(v->daybook, q->arena, org, &j, reterr) < 0 || fact_of_question(q, v, org, &k, &f, reterr) < 0)
                return -1;
        ssize_t n = alarms_settled(v->store, q->arena, org, s.canonical, &settled, reterr);
        if (n < 0)
                return -1;
        j.season = &s;
        j.settled = settled;
        j.n_settled = (size_t)n;
        season_advise(&j, &f, ret);
        return 0;
}

void season_advice(struct request *q, const struct service *v, int64_t org, struct str code)
{
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct advice x;
        struct err e = { 0 };
        if (advise(q, v, org, code, &x, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_printf(&b, "{\"allowed\":%s", x.allowed > 0 ? "true" : x.allowed == 0 ? "false" : "\"unknown\"");
        if (x.from_day)
                buf_printf(&b, ",\"from\":\"%.*s\"", STR_ARG(day_text(q->arena, x.from_day)));
        buf_z(&b, ",\"findings\":");
        findings_json(&b, &(struct findings){ x.findings, x.n });
        buf_z(&b, "}\n");
        answer_buf(q, 200, "application/json", &b, "the advice");
}
