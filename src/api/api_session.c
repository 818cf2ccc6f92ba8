#include "api/api_impl.h"
#include "base/json.h"

/* /api/session: signing in and out. */

static void answer_self(struct request *q, const struct service *v, int status, const char *cookie)
{
        struct buf b = { .max = 64 * 1024 };
        struct reply r = { .status = status, .content_type = "application/json" };
        access_write_self(v->access, q, &b);
        reply_take(q, &r, &b);
        reply_header(&r, "Cache-Control", "no-store");
        if (cookie)
                reply_header(&r, "Set-Cookie", cookie);
        exchange_answer(q->exchange, &r);
}

static void answer_empty(struct request *q, const char *cookie)
{
        struct reply r = { .status = 204 };
        reply_header(&r, "Cache-Control", "no-store");
        reply_header(&r, "Set-Cookie", cookie);
        exchange_answer(q->exchange, &r);
}

static void enter(struct request *q, void *app)
{
        const struct service *v = app;
        const struct json *o;
        const char *cookie;
        struct err e = { 0 };
        if (epcis_body(q, &e) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &o, &e) < 0 ||
            access_login(v->access, q, json_str(o, "name"), json_str(o, "password"), &cookie, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        else
                answer_empty(q, cookie);
}

static void tell(struct request *q, void *app)
{
        const struct service *v = app;
        const char *cookie = NULL;
        struct err e = { 0 };
        if (access_rotate(v->access, q, &cookie, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        else
                answer_self(q, v, 200, cookie);
}

static void leave(struct request *q, void *app)
{
        const struct service *v = app;
        const char *cookie;
        struct err e = { 0 };
        if (access_logout(v->access, q, &cookie, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        else
                answer_empty(q, cookie);
}

const struct route route_session_enter = { .methods = METHOD_POST, .pattern = "/api/session", .name = "session.enter", .needs = MAY_PUBLIC, .max_body = 4096, .handle = enter };
const struct route route_session = { .methods = METHOD_GET, .pattern = "/api/session", .name = "session", .needs = MAY_ACCOUNT, .unpacked = true, .handle = tell };
const struct route route_session_leave = { .methods = METHOD_DELETE, .pattern = "/api/session", .name = "session.leave", .needs = MAY_ACCOUNT, .handle = leave };
