#include "api/api_impl.h"
#include "base/json.h"

/* /api/device-keys: the keys with which devices sign what they record (docs/ref/signing.md). */

enum { KEY_BODY_BYTES = 16 * 1024 };

static struct str org_param(const struct request *q)
{
        struct str org = STR_NONE;
        return request_param(q, "org", &org) < 0 ? STR("?") : org;
}

static void list(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        int64_t after;
        if (number_param(q, "after", 0, 99999999999, 0, &after, &e) < 0 || access_write_device_keys(v->access, q, org_param(q), after, &b, &e) < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        answer_buf(q, 200, "application/json", &b, "the list");
}

static int register_key(struct request *q, const struct service *v, int64_t *ret_n, struct err *reterr)
{
        const struct json *j;
        if (epcis_body(q, reterr) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &j, reterr) < 0)
                return -1;
        struct access_device_key k = { json_str(j, "org"), json_str(j, "name"), json_str(j, "key"), json_str(j, "proof") };
        return access_device_key_add(v->access, q, &k, ret_n, reterr);
}

static void add(struct request *q, void *app)
{
        struct err e = { 0 };
        int64_t n = 0;
        if (register_key(q, app, &n, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        struct reply r = { .status = 201, .content_type = "application/json", .body = arena_printf(q->arena, "{\"n\":%lld}\n", (long long)n) };
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

static void revoke(struct request *q, void *app)
{
        const struct service *v = app;
        struct reply r = { .status = 204 };
        struct err e = { 0 };
        int64_t n = 0;
        for (size_t i = 0; i < q->rest.n && n < 1000000000; i++)
                n = q->rest.p[i] >= '0' && q->rest.p[i] <= '9' ? n * 10 + q->rest.p[i] - '0' : 1000000000;
        if (access_device_key_revoke(v->access, q, org_param(q), n, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        else
                exchange_answer(q->exchange, &r);
}

const struct route route_device_keys = { .methods = METHOD_GET, .pattern = "/api/device-keys", .name = "device-keys", .needs = MAY_CAPTURE, .unpacked = true, .handle = list };
const struct route route_device_key_add = { .methods = METHOD_POST, .pattern = "/api/device-keys", .name = "device-key.add", .needs = MAY_CAPTURE, .max_body = KEY_BODY_BYTES, .handle = add };
const struct route route_device_key_revoke = { .methods = METHOD_DELETE, .pattern = "/api/device-keys/*", .name = "device-key.revoke", .needs = MAY_CAPTURE, .handle = revoke };
