#include "access/access.h"
#include "api/api_impl.h"
#include "base/clock.h"

/* GET /healthz: the process answers.  Asks nobody, so that a slow disk does not look like a dead server.  Which server this is, and how it is, is told
 * to whom /metrics is. */

static void answer(struct request *q, struct str body)
{
        struct reply r = { .status = 200, .content_type = "application/json", .body = body };
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

static void health(struct request *q, void *app)
{
        const struct service *v = app;
        struct ledger_stats s;

        if (!access_may_watch(q)) {
                answer(q, STR("{\"status\":\"ok\"}\n"));
                return;
        }
        ledger_stats(v->ledger, &s);
        answer(q, arena_printf(q->arena, "{\"status\":\"ok\",\"version\":\"%s\",\"store\":\"%s\",\"time\":\"%.*s\",\"writeQueueJobs\":%llu,\"commits\":%llu,\"eventsCaptured\":%llu}\n",
                               SUYUAN_VERSION, store_shared(v->store) ? "postgresql" : "sqlite", STR_ARG(stamp_utc(q->arena, clock_now_us())),
                               (unsigned long long)s.queue_jobs, (unsigned long long)s.commits, (unsigned long long)s.events));
}

const struct route route_health = {
        .methods = METHOD_GET, .pattern = "/healthz", .name = "healthz", .needs = MAY_PUBLIC, .inline_ok = true, .handle = health,
};
