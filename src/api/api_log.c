#include <fcntl.h>
#include <unistd.h>

#include "api/api_impl.h"
#include "proof/proof.h"

/* GET /log/checkpoint, /log/tile/…, /log/policy: the log as C2SP tlog-tiles, for everybody.  docs/ref/log.md. */

static void allow_pages(struct reply *r)
{
        reply_header(r, "Access-Control-Allow-Origin", "*");
}

/* A page of any origin may ask beforehand.  True: it was that. */
static bool asked_beforehand(struct request *q)
{
        struct reply r = { .status = 204 };
        if (q->method != METHOD_OPTIONS)
                return false;
        allow_pages(&r);
        reply_header(&r, "Allow", request_allow(q));
        reply_header(&r, "Access-Control-Allow-Methods", request_allow(q));
        reply_header(&r, "Access-Control-Max-Age", "86400");
        exchange_answer(q->exchange, &r);
        return true;
}

static int log_of(const struct service *v, struct proof **ret, struct err *reterr)
{
        *ret = v->proof;
        return v->proof ? 0 : err_set(reterr, ERR_NOT_FOUND, "this process serves no log");
}

/* What changes with the next checkpoint. */
static void answer_text(struct request *q, struct str body)
{
        struct reply r = { .status = 200, .content_type = "text/plain; charset=utf-8", .body = body };
        allow_pages(&r);
        reply_header(&r, "Cache-Control", "no-cache");
        exchange_answer(q->exchange, &r);
}

static void checkpoint(struct request *q, void *app)
{
        struct err e = { 0 };
        struct proof *p;
        struct str note;
        if (asked_beforehand(q))
                return;
        if (log_of(app, &p, &e) < 0 || proof_checkpoint(p, q->arena, &note, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        else
                answer_text(q, note);
}

static void policy(struct request *q, void *app)
{
        struct err e = { 0 };
        struct proof *p;
        struct buf b = { .max = 2 * POLICY_BYTES_MAX };
        if (asked_beforehand(q))
                return;
        if (log_of(app, &p, &e) < 0 || proof_policy(p, &b, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        else
                answer_text(q, arena_str(q->arena, buf_view(&b)));
        buf_free(&b);
}

/* The bytes leave from the file itself: the server copies nothing. */
static int answer_slice(struct request *q, int fd, int64_t at, int64_t bytes, struct err *reterr)
{
        struct reply r = { .status = 200, .content_type = "application/octet-stream", .fd = fcntl(fd, F_DUPFD_CLOEXEC, 3), .fd_at = at, .fd_size = bytes };
        if (r.fd < 0)
                return err_set(reterr, ERR_BUSY, "too many files are open; try again shortly");
        allow_pages(&r);
        reply_header(&r, "Cache-Control", "public, max-age=31536000, immutable");
        exchange_answer(q->exchange, &r);
        return 0;
}

static void tile(struct request *q, void *app)
{
        struct err e = { 0 };
        struct proof *p;
        struct tile t;
        int fd;
        int64_t at, bytes;
        if (asked_beforehand(q))
                return;
        if (log_of(app, &p, &e) < 0 || (tile_read_path(q->rest, &t, &e) < 0 && err_set(&e, ERR_NOT_FOUND, "a log has no tile of this name")) ||
            proof_tile(p, t, &fd, &at, &bytes, &e) < 0 || answer_slice(q, fd, at, bytes, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
}

const struct route route_log_checkpoint = {
        .methods = METHOD_GET | METHOD_OPTIONS, .pattern = "/log/checkpoint", .name = "log.checkpoint", .needs = MAY_PUBLIC, .inline_ok = true, .handle = checkpoint,
};
const struct route route_log_policy = {
        .methods = METHOD_GET | METHOD_OPTIONS, .pattern = "/log/policy", .name = "log.policy", .needs = MAY_PUBLIC, .inline_ok = true, .handle = policy,
};
const struct route route_log_tile = {
        .methods = METHOD_GET | METHOD_OPTIONS, .pattern = "/log/tile/*", .name = "log.tile", .needs = MAY_PUBLIC, .handle = tile,
};
