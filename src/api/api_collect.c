#include "api/devices.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"

/* /api/collect: what the collecting process asks and tells beside readings (ingest/collector.h).  Over the Unix socket, or with a key of scope `collect`. */

static void devices(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct reply r = { .status = 204 };
        struct str since = STR_NONE, page = STR_NONE;
        int64_t max = 0;
        int rc = devices_here(v, &e);
        if (rc == 0 && request_param(q, "since", &since) < 0)
                rc = err_set(&e, ERR_BAD_QUERY, "since has a broken escape");
        if (rc == 0 && request_param(q, "page", &page) && (!number_read(page, &max) || max < 1 || max > LIMIT_COLLECT_PAGE))
                rc = err_set(&e, ERR_BAD_QUERY, "page is 1 to %d devices", LIMIT_COLLECT_PAGE);
        if (rc == 0)
                rc = max ? sensing_collect_changes(v->sensing, since, (int)max, &b, &e) : sensing_collect_write(v->sensing, since, &b, &e);
        if (rc < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        if (rc == 1) {
                r = (struct reply){ .status = 200, .content_type = "application/json" };
                reply_take(q, &r, &b);
        }
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

static int take_notice(struct request *q, const struct service *v, const struct json *j, struct err *reterr)
{
        int what = sensing_notice_of(json_str(j, "what"));
        struct str bytes = STR_NONE;
        if (what < 0)
                return err_set(reterr, ERR_BAD_INPUT, "what is none of the notices");
        base64_decode(q->arena, json_str(j, "bytes"), &bytes);
        sensing_notice(v->sensing, what, json_str(j, "device"), json_str(j, "from"), json_str(j, "detail"), bytes, json_int(json_get(j, "at"), clock_now_us() / 1000), json_int(json_get(j, "times"), 1));
        return 0;
}

static int take_notices(struct request *q, const struct service *v, struct err *reterr)
{
        const struct json *j;
        if (devices_here(v, reterr) < 0 || epcis_body(q, reterr) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &j, reterr) < 0)
                return -1;
        if (!json_is(j, JSON_ARRAY))
                return err_set(reterr, ERR_BAD_INPUT, "send a list of notices");
        for (uint32_t i = 0; i < j->n; i++)
                if (take_notice(q, v, &j->items[i], reterr) < 0)
                        return -1;
        return 0;
}

static void notices(struct request *q, void *app)
{
        struct reply r = { .status = 204 };
        struct err e = { 0 };
        if (take_notices(q, app, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        else
                exchange_answer(q->exchange, &r);
}

const struct route route_collect_devices = { .methods = METHOD_GET, .pattern = "/api/collect/devices", .name = "collect.devices", .needs = MAY_COLLECT, .unpacked = true, .handle = devices };
const struct route route_collect_notices = { .methods = METHOD_POST, .pattern = "/api/collect/notices", .name = "collect.notices", .needs = MAY_COLLECT, .max_body = LIMIT_NOTICES_BYTES, .handle = notices };
