#include "access/access.h"
#include "api/api_impl.h"
#include "base/clock.h"
#include "base/json.h"
#include "proof/proof.h"

/* GET /healthz: the process answers.  Asks nobody, so that a slow disk does not look like a dead server.  Which server this is, and how it is, is told
 * to whom /metrics is. */

static void answer(struct request *q, struct str body)
{
        struct reply r = { .status = 200, .content_type = "application/json", .body = body };
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

/* ,"log":{…}: how far it is signed; with why it isn't, and what to do. */
static void write_log(struct buf *b, struct proof *p)
{
        struct proof_figures f;
        if (!p)
                return;
        proof_figures(p, &f);
        buf_printf(b, ",\"log\":{\"leaves\":%lld,\"size\":%lld,\"signedMs\":%lld,\"witnesses\":%lld,\"cosigned\":%lld", (long long)f.leaves, (long long)f.size,
                   (long long)f.signed_ms, (long long)f.witnesses, (long long)f.cosigned);
        if (*f.refusal) {
                buf_z(b, ",\"refusal\":");
                json_write_str(b, str_of(f.refusal));
        }
        if (*f.doubt) {
                buf_z(b, ",\"doubt\":");
                json_write_str(b, str_of(f.doubt));
        }
        if (f.follows) {
                buf_z(b, ",\"follows\":");
                json_write_str(b, str_of(f.follows));
        }
        buf_char(b, '}');
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
        struct buf log = { .max = 4096 };
        write_log(&log, v->proof);
        answer(q, arena_printf(q->arena, "{\"status\":\"ok\",\"version\":\"%s\",\"store\":\"%s\",\"time\":\"%.*s\",\"writeQueueJobs\":%llu,\"commits\":%llu,\"eventsCaptured\":%llu%.*s}\n",
                               SUYUAN_VERSION, store_shared(v->store) ? "postgresql" : "sqlite", STR_ARG(stamp_utc(q->arena, clock_now_us())),
                               (unsigned long long)s.queue_jobs, (unsigned long long)s.commits, (unsigned long long)s.events, (int)log.n, log.n ? log.p : ""));
        buf_free(&log);
}

const struct route route_health = {
        .methods = METHOD_GET, .pattern = "/healthz", .name = "healthz", .needs = MAY_PUBLIC, .inline_ok = true, .handle = health,
};
