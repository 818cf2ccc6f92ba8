#include "api/api_impl.h"
#include "base/json.h"
#include "base/text.h"

/* /api/orgs, /api/users, /api/keys, /api/audit: what `suyuan org|user|key` and administrators' pages ask. */

enum { ACCOUNT_BYTES = 16 * 1024 };

static int read_body(struct request *q, const struct json **ret, struct err *reterr)
{
        if (epcis_body(q, reterr) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, ret, reterr) < 0)
                return -1;
        return json_is(*ret, JSON_OBJECT) ? 0 : err_set(reterr, ERR_BAD_INPUT, "send a JSON object");
}

static void answer_ok(struct request *q, int rc, int status, const struct err *e)
{
        struct reply r = { .status = status };
        if (rc < 0) {
                exchange_problem(q->exchange, e, NULL);
                return;
        }
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

static void answer_list(struct request *q, const struct service *v, void (*write)(struct access *x, const struct request *q, struct buf *b))
{
        struct buf b = { .max = ANSWER_BYTES_MAX };
        write(v->access, q, &b);
        answer_buf(q, 200, "application/json", &b, "the list");
}

/* ---- organisations ---- */

static int parties_of(struct request *q, const struct service *v, const struct json *list, struct access_org *o, struct err *reterr)
{
        struct str *parties = arena_array(q->arena, struct str, (list ? list->n : 0) + 1);
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                struct ident id;
                if (ident_parse_any(q->arena, json_text(&list->items[i]), store_origins(v->store), &id, reterr) < 0)
                        return -1;
                parties[o->n_parties++] = id.canonical;
        }
        o->parties = parties;
        return 0;
}

/* A member that is not there leaves it as it is; an empty one takes it away. */
static struct str said(const struct json *j, const char *name)
{
        struct str s = json_str(j, name);
        return json_is(json_get(j, name), JSON_STRING) && !s.n ? STR("") : s;
}

static int put(struct request *q, const struct service *v, struct str code, bool add, struct err *reterr)
{
        const struct json *j;
        if (read_body(q, &j, reterr) < 0)
                return -1;
        const struct json *published = json_get(j, "published"), *disabled = json_get(j, "disabled");
        struct access_org o = { .code = add ? json_str(j, "code") : code, .name = json_str(j, "name"), .kind = json_str(j, "kind"), .district = json_str(j, "district"),
                                .published = published ? json_is(published, JSON_TRUE) : -1, .disabled = disabled ? json_is(disabled, JSON_TRUE) : -1 };
        o.card = (struct access_card){ said(j, "creditCode"), said(j, "nameHant"), said(j, "nameEn"), said(j, "address"), said(j, "contact") };
        return parties_of(q, v, json_get(j, "parties"), &o, reterr) < 0 ? -1 : access_org_put(v->access, q, &o, add, reterr);
}

static void orgs(struct request *q, void *app)
{
        answer_list(q, app, access_write_orgs);
}

static void org_add(struct request *q, void *app)
{
        struct err e = { 0 };
        answer_ok(q, put(q, app, STR_NONE, true, &e), 201, &e);
}

static void org_set(struct request *q, void *app)
{
        struct err e = { 0 };
        struct str code;
        bool good = percent_decode(q->arena, q->rest, &code);
        answer_ok(q, good ? put(q, app, code, false, &e) : err_set(&e, ERR_BAD_INPUT, "the code has a broken escape"), 204, &e);
}

/* ---- users ---- */

static void users(struct request *q, void *app)
{
        answer_list(q, app, access_write_users);
}

static void user_add(struct request *q, void *app)
{
        const struct service *v = app;
        const struct json *j;
        struct err e = { 0 };
        int rc = read_body(q, &j, &e);
        if (rc == 0)
                rc = access_user_add(v->access, q, json_str(j, "name"), json_str(j, "org"), json_str(j, "role"), json_str(j, "password"), &e);
        answer_ok(q, rc, 201, &e);
}

static void user_set(struct request *q, void *app)
{
        const struct service *v = app;
        const struct json *j;
        struct err e = { 0 };
        struct str name = STR_NONE;
        int rc = percent_decode(q->arena, q->rest, &name) ? read_body(q, &j, &e) : err_set(&e, ERR_BAD_INPUT, "the name has a broken escape");
        if (rc == 0) {
                const struct json *disabled = json_get(j, "disabled");
                rc = access_user_set(v->access, q, name, disabled ? json_is(disabled, JSON_TRUE) : -1, json_str(j, "password"), &e);
        }
        answer_ok(q, rc, 204, &e);
}

/* ---- keys ---- */

static void keys(struct request *q, void *app)
{
        answer_list(q, app, access_write_keys);
}

static void key_add(struct request *q, void *app)
{
        const struct service *v = app;
        const struct json *j;
        struct err e = { 0 };
        struct str key = STR_NONE;
        int64_t id = 0;
        int rc = read_body(q, &j, &e);
        if (rc == 0) {
                struct access_key k = { json_str(j, "org"), json_str(j, "scope"), json_str(j, "name"), STR_NONE, json_int(json_get(j, "days"), 0) };
                struct ident device = { 0 };
                if (json_str(j, "device").n)
                        rc = ident_parse_any(q->arena, json_str(j, "device"), store_origins(v->store), &device, &e);
                k.device = device.canonical;
                rc = rc < 0 ? rc : access_key_add(v->access, q, &k, &key, &id, &e);
        }
        if (rc < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        struct reply r = { .status = 201, .content_type = "application/json" };
        r.body = arena_printf(q->arena, "{\"id\":%lld,\"key\":\"%.*s\"}\n", (long long)id, STR_ARG(key));
        reply_header(&r, "Cache-Control", "no-store");
        exchange_answer(q->exchange, &r);
}

static void key_revoke(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        int64_t id = 0;
        for (size_t i = 0; i < q->rest.n && id < 1000000000; i++)
                id = q->rest.p[i] >= '0' && q->rest.p[i] <= '9' ? id * 10 + q->rest.p[i] - '0' : 1000000000;
        answer_ok(q, access_key_revoke(v->access, q, id, &e), 204, &e);
}

/* ---- the trail ---- */

static void audit(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str code = STR_NONE;
        int64_t after, limit, org;
        if (request_param(q, "org", &code) < 0)
                code = STR("?");
        if (number_param(q, "after", 0, 99999999999, 0, &after, &e) < 0 || number_param(q, "limit", 1, 200, 100, &limit, &e) < 0 ||
            !(org = access_org_of(v->access, q, code, &e)) || access_audit_page(v->access, q->arena, org, after, (int)limit, &b, &e) < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        answer_buf(q, 200, "application/json", &b, "the trail");
}

static void about(struct request *q, void *app)
{
        (void)app;
        struct reply r = { .status = 200, .content_type = "application/json",
                           .body = STR("{\"name\":\"suyuan 溯源\",\"api\":1,\"versioning\":\"by addition only: members, parameters and resources are added, none is changed or taken away; ignore what you do not know\"}\n") };
        exchange_answer(q->exchange, &r);
}

const struct route route_about = { .methods = METHOD_GET, .pattern = "/api", .name = "api", .needs = MAY_PUBLIC, .inline_ok = true, .handle = about };
const struct route route_orgs = { .methods = METHOD_GET, .pattern = "/api/orgs", .name = "orgs", .needs = MAY_USERS, .handle = orgs };
const struct route route_org_add = { .methods = METHOD_POST, .pattern = "/api/orgs", .name = "org.add", .needs = MAY_ORGS, .max_body = ACCOUNT_BYTES, .handle = org_add };
const struct route route_org_set = { .methods = METHOD_POST, .pattern = "/api/orgs/*", .name = "org.set", .needs = MAY_ORGS, .max_body = ACCOUNT_BYTES, .handle = org_set };
const struct route route_users = { .methods = METHOD_GET, .pattern = "/api/users", .name = "users", .needs = MAY_USERS, .unpacked = true, .handle = users };
const struct route route_user_add = { .methods = METHOD_POST, .pattern = "/api/users", .name = "user.add", .needs = MAY_USERS, .max_body = ACCOUNT_BYTES, .handle = user_add };
const struct route route_user_set = { .methods = METHOD_POST, .pattern = "/api/users/*", .name = "user.set", .needs = MAY_USERS, .max_body = ACCOUNT_BYTES, .handle = user_set };
const struct route route_keys = { .methods = METHOD_GET, .pattern = "/api/keys", .name = "keys", .needs = MAY_USERS, .unpacked = true, .handle = keys };
const struct route route_key_add = { .methods = METHOD_POST, .pattern = "/api/keys", .name = "key.add", .needs = MAY_USERS, .max_body = ACCOUNT_BYTES, .handle = key_add };
const struct route route_key_revoke = { .methods = METHOD_DELETE, .pattern = "/api/keys/*", .name = "key.revoke", .needs = MAY_USERS, .handle = key_revoke };
const struct route route_audit = { .methods = METHOD_GET, .pattern = "/api/audit", .name = "audit", .needs = MAY_AUDIT, .handle = audit };
