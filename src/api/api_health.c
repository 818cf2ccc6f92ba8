#include "api/api_impl.h"

/* GET /healthz: the process answers.  Asks nobody, so that a slow disk does not look like a dead server. */
static void health(struct request *q, void *app)
{
        struct reply r = { .status = 200, .content_type = "application/json", .body = STR("{\"status\":\"ok\"}\n") };

        (void)app;
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

const struct route route_health = {
        .methods = METHOD_GET, .pattern = "/healthz", .name = "healthz", .needs = MAY_PUBLIC, .inline_ok = true, .handle = health,
};
