#include "api/api_impl.h"
#include "api/devices.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "daybook/daybook.h"

/* /api/devices: the registry (docs/ref/devices.md).  Readings are handed in at /api/devices/{id}/readings: api_readings.c. */

static void answer_made(struct request *q, int status, struct buf *b)
{
        struct reply r = { .status = status, .content_type = "application/json" };
        struct err e = { 0 };
        if (b->overflow) {
                buf_free(b);
                err_set(&e, ERR_TOO_LARGE, "the answer is too large; ask for less");
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        reply_take(q, &r, b);
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

int devices_here(const struct service *v, struct err *reterr)
{
        return v->sensing ? 0 : err_set(reterr, ERR_STORE, "devices are not served here");
}

/* ---- telling ---- */

static void list(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str org = STR_NONE, after = STR_NONE, next = STR_NONE;
        int max = 0, rc = devices_here(v, &e);
        if (rc == 0 && (request_param(q, "org", &org) < 0 || request_param(q, "after", &after) < 0))
                rc = err_set(&e, ERR_BAD_QUERY, "a parameter has a broken escape");
        if (rc == 0)
                rc = page_size(q, LIMIT_PAGE_THINGS, &max, &e);
        if (rc == 0)
                rc = sensing_devices_write(v->sensing, q, org, after, max, &b, &next, &e);
        if (rc < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        struct reply r = { .status = 200, .content_type = "application/json" };
        reply_take(q, &r, &b);
        reply_header(&r, "Cache-Control", "no-store");
        if (next.n)
                reply_header(&r, "Link", next_link_by(q, "after", next));
        exchange_answer(q->exchange, &r);
}

/* "{id}" or "{id}/{what}" of the path. */
static int path_device(struct request *q, struct str *ret_id, struct str *ret_what, struct err *reterr)
{
        struct str rest = q->rest, id = STR_NONE;
        *ret_what = STR_NONE;
        if (!str_split(&rest, '/', &id) || !percent_decode(q->arena, id, ret_id) || !ret_id->n)
                return err_set(reterr, ERR_NOT_FOUND, "没有这个资源 / there is no such resource");
        *ret_what = rest;
        return 0;
}

static int tell_history(struct request *q, const struct service *v, struct str id, struct buf *b, struct err *reterr)
{
        struct device_row d;
        struct thing now, *past = arena_array(q->arena, struct thing, 100);
        if (sensing_device_seen(v->sensing, q, id, false, &d, reterr) < 0)
                return -1;
        int rc = daybook_thing(v->daybook, q->arena, d.org, THING_DEVICE, d.code, &now, reterr);
        ssize_t n = rc == 1 ? daybook_thing_past(v->daybook, q->arena, d.org, &now, 0, 100, past, reterr) : rc;
        buf_z(b, "{\"history\":[");
        for (ssize_t i = 0; i < n; i++) {
                buf_printf(b, "%s{\"n\":%lld,\"recordTime\":", i ? "," : "", (long long)past[i].n);
                json_write_str(b, stamp_utc(q->arena, past[i].record_us));
                buf_z(b, past[i].body.n > 2 ? "," : "");
                buf_str(b, str_from(past[i].body, 1));
        }
        buf_z(b, "]}\n");
        return n < 0 ? -1 : 0;
}

static int tell_hours(struct request *q, const struct service *v, struct str id, struct buf *b, struct err *reterr)
{
        struct device_row d;
        struct span s;
        if (sensing_device_seen(v->sensing, q, id, false, &d, reterr) < 0 || span_asked(q, &s, reterr) < 0)
                return -1;
        buf_z(b, "{\"hours\":");
        if (sensing_hours_write(v->sensing, q->arena, d.id, s.from_ms, s.to_ms, LIMIT_PAGE_THINGS, b, reterr) < 0)
                return -1;
        buf_z(b, "}\n");
        return 0;
}

static int tell_notices(struct request *q, const struct service *v, struct str id, struct buf *b, struct err *reterr)
{
        struct device_row d;
        if (sensing_device_seen(v->sensing, q, id, false, &d, reterr) < 0)
                return -1;
        buf_z(b, "{\"notices\":");
        if (sensing_notices_write(v->sensing, q->arena, d.id, 100, b, reterr) < 0)
                return -1;
        buf_z(b, "}\n");
        return 0;
}

static int tell_what(struct request *q, const struct service *v, struct buf *b, struct err *reterr)
{
        struct str id, what;
        if (devices_here(v, reterr) < 0 || path_device(q, &id, &what, reterr) < 0)
                return -1;
        if (!what.p)
                return sensing_device_write(v->sensing, q, id, b, reterr);
        if (str_is(what, "history"))
                return tell_history(q, v, id, b, reterr);
        if (str_is(what, "hours"))
                return tell_hours(q, v, id, b, reterr);
        if (str_is(what, "notices"))
                return tell_notices(q, v, id, b, reterr);
        if (str_is(what, "retention"))
                return sensing_retention(v->sensing, q, id, false, b, reterr);
        return err_set(reterr, ERR_NOT_FOUND, "没有这个资源 / there is no such resource");
}

static void tell(struct request *q, void *app)
{
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        if (tell_what(q, app, &b, &e) < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        answer_made(q, 200, &b);
}

/* ---- putting ---- */

static int read_object(struct request *q, const struct json **ret, struct err *reterr)
{
        if (epcis_body(q, reterr) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, ret, reterr) < 0)
                return -1;
        return json_is(*ret, JSON_OBJECT) ? 0 : err_set(reterr, ERR_BAD_INPUT, "send a JSON object");
}

static void write_credentials(struct buf *b, struct request *q, const struct service *v, const struct device_row *d, struct str secret)
{
        buf_z(b, "{\"id\":");
        json_write_str(b, d->id);
        buf_z(b, ",\"org\":");
        json_write_str(b, store_org_code(v->store, q->arena, d->org));
        buf_z(b, ",\"protocol\":");
        json_write_str(b, d->protocol);
        if (d->mn.n) {
                buf_z(b, ",\"mn\":");
                json_write_str(b, d->mn);
        }
        buf_z(b, ",\"uri\":");
        json_write_str(b, ident_uri(q->arena, sensing_canonical(v->sensing, q->arena, d), store_origins(v->store)));
        if (secret.n) {
                buf_z(b, ",\"secret\":");
                json_write_str(b, secret);
        }
}

static void answer_put(struct request *q, const struct service *v, struct str id, struct str secret, bool is_new, const struct faults *f)
{
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct device_row d;
        if (sensing_device_seen(v->sensing, q, id, true, &d, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        daybook_catch_up_things(v->daybook, d.org, NULL);
        write_credentials(&b, q, v, &d, secret);
        write_not_understood(&b, f);
        buf_z(&b, ",\"findings\":");
        sensing_findings_write(v->sensing, &d, &b, NULL);
        buf_z(&b, "}\n");
        answer_made(q, is_new ? 201 : 200, &b);
}

static void put_device(struct request *q, const struct service *v, struct str id, bool add)
{
        struct device_put d = { .add = add };
        struct faults f = { 0 };
        struct str secret = STR_NONE;
        struct err e = { 0 };
        bool is_new = false;
        int rc = devices_here(v, &e) < 0 || read_object(q, &d.body, &e) < 0 ? -1 : 0;
        d.id = id.n ? id : json_str(d.body, "id");
        d.org = json_str(d.body, "org");
        d.secret = json_str(d.body, "secret");
        if (rc == 0)
                rc = sensing_device_put(v->sensing, q, &d, &secret, &is_new, &f, &e);
        if (rc < 0)
                exchange_problem(q->exchange, &e, NULL);
        else if (f.refused)
                answer_list_of_faults(q, &f);
        else
                answer_put(q, v, d.id, secret, is_new, &f);
}

static void add(struct request *q, void *app)
{
        put_device(q, app, STR_NONE, true);
}

static void put(struct request *q, void *app)
{
        struct err e = { 0 };
        struct str id, what;
        if (path_device(q, &id, &what, &e) == 0 && what.p)
                err_set(&e, ERR_NOT_FOUND, "put a device at /api/devices/{id}");
        if (e.kind)
                exchange_problem(q->exchange, &e, NULL);
        else
                put_device(q, app, id, false);
}

/* ---- acts ---- */

static int renew(struct request *q, const struct service *v, struct str id, const struct json *body, struct buf *b, struct err *reterr)
{
        struct device_row d;
        struct str secret;
        if (sensing_device_renew(v->sensing, q, id, json_str(body, "secret"), &secret, reterr) < 0 || sensing_device_seen(v->sensing, q, id, true, &d, reterr) < 0)
                return -1;
        write_credentials(b, q, v, &d, secret);
        buf_z(b, "}\n");
        return 0;
}

static int act_on(struct request *q, const struct service *v, struct str id, struct str what, struct buf *b, struct err *reterr)
{
        const struct json *body = NULL;
        if (!caller_may(caller_of(q), MAY_CAPTURE))
                return err_set(reterr, ERR_FORBIDDEN, "a device hands in readings and does nothing else");
        if (q->body.n && read_object(q, &body, reterr) < 0)
                return -1;
        if (str_is(what, "revoke"))
                return sensing_device_revoke(v->sensing, q, id, reterr);
        if (str_is(what, "renew"))
                return renew(q, v, id, body, b, reterr);
        if (str_is(what, "retention"))
                return sensing_retention(v->sensing, q, id, true, b, reterr);
        if (str_is(what, "remove"))
                return sensing_device_remove(v->sensing, q, id, STR_NONE, reterr);
        if (str_is(what, "replace"))
                return json_str(body, "successor").n ? sensing_device_remove(v->sensing, q, id, json_str(body, "successor"), reterr)
                                                     : err_set(reterr, ERR_BAD_INPUT, "successor is the id of the device that stands there now");
        return err_set(reterr, ERR_NOT_FOUND, "没有这个资源 / there is no such resource");
}

static void act(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = 64 * 1024 };
        struct reply r = { .status = 204 };
        struct err e = { 0 };
        struct str id, what;
        int rc = devices_here(v, &e) < 0 ? -1 : path_device(q, &id, &what, &e);
        if (rc == 0 && str_is(what, "readings")) {
                readings_push(q, v, id);
                return;
        }
        rc = rc < 0 ? -1 : act_on(q, v, id, what, &b, &e);
        if (rc < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
        } else if (b.n) {
                answer_made(q, 200, &b);
        } else {
                exchange_answer(q->exchange, &r);
        }
}

const struct route route_devices = { .methods = METHOD_GET, .pattern = "/api/devices", .name = "devices", .needs = MAY_QUERY, .handle = list };
const struct route route_device_add = { .methods = METHOD_POST, .pattern = "/api/devices", .name = "device.add", .needs = MAY_CAPTURE, .bulk = true, .max_body = LIMIT_DEVICE_BODY_BYTES, .handle = add };
const struct route route_device = { .methods = METHOD_GET, .pattern = "/api/devices/*", .name = "device", .needs = MAY_QUERY, .handle = tell };
const struct route route_device_put = { .methods = METHOD_PUT, .pattern = "/api/devices/*", .name = "device.put", .needs = MAY_CAPTURE, .bulk = true, .max_body = LIMIT_DEVICE_BODY_BYTES, .handle = put };
const struct route route_device_act = { .methods = METHOD_POST, .pattern = "/api/devices/*", .name = "device.act", .needs = MAY_PUSH, .bulk = true, .max_body = LIMIT_READINGS_BYTES, .handle = act };
