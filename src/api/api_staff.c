#include "api/api_impl.h"
#include "base/json.h"
#include "base/limits.h"

/* /api/staff: people of an organisation, for who administers it; never public, erased when asked (docs/ref/things.md). */

enum { STAFF_BYTES = 16 * 1024 };

static void answer(struct request *q, int status, struct buf *b, struct str next)
{
        struct reply r = { .status = status, .content_type = "application/json" };
        reply_take(q, &r, b);
        reply_header(&r, "Cache-Control", "no-store");
        if (next.n)
                reply_header(&r, "Link", next_link_by(q, "after", next));
        exchange_answer(q->exchange, &r);
}

static int page(struct request *q, const struct service *v, int64_t org, struct buf *b, struct str *ret_next, struct err *reterr)
{
        struct str after = STR_NONE;
        int max;
        if (request_param(q, "after", &after) < 0)
                return err_set(reterr, ERR_BAD_QUERY, "after has a broken escape");
        return page_size(q, LIMIT_PAGE_THINGS, &max, reterr) < 0 ? -1 : access_staff_page(v->access, q->arena, org, after, max, b, ret_next, reterr);
}

static int one(struct request *q, const struct service *v, int64_t org, struct str code, struct buf *b, struct err *reterr)
{
        struct str body;
        int rc = access_staff(v->access, q->arena, org, code, &body, reterr);
        if (rc != 1)
                return rc < 0 ? -1 : err_set(reterr, ERR_NOT_FOUND, "没有这个人员 / there is no such person");
        buf_z(b, "{\"code\":");
        json_write_str(b, code);
        buf_char(b, ',');
        buf_str(b, str_from(body, 1));
        buf_char(b, '\n');
        return 0;
}

/* The organisation of the path or of ?org=, which the asker administers. */
static int64_t whose(struct request *q, const struct service *v, struct str *ret_code, struct str *ret_rest, struct err *reterr)
{
        struct str code = STR_NONE;
        *ret_code = *ret_rest = STR_NONE;
        if (q->rest.p)
                return path_org(q, v, true, ret_code, ret_rest, reterr);
        return access_org_of(v->access, q, request_param(q, "org", &code) < 0 ? STR("?") : code, reterr);
}

static void tell(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str code, rest, next = STR_NONE;
        int64_t org = whose(q, v, &code, &rest, &e);
        int rc = !org ? -1 : rest.p ? err_set(&e, ERR_NOT_FOUND, "没有这个人员 / there is no such person") :
                 code.n ? one(q, v, org, code, &b, &e) : page(q, v, org, &b, &next, &e);
        if (rc < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
        } else {
                answer(q, 200, &b, next);
        }
}

static int read_person(struct request *q, struct str *ret, struct err *reterr)
{
        const struct json *j;
        if (epcis_body(q, reterr) < 0 || json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &j, reterr) < 0)
                return -1;
        return staff_read(q->arena, j, ret, reterr);
}

static void put(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str code, rest, body;
        int64_t org = whose(q, v, &code, &rest, &e);
        struct str org_code = org ? store_org_code(v->store, q->arena, org) : STR_NONE;
        int rc = !org ? -1 : !code.n || rest.p ? err_set(&e, ERR_NOT_FOUND, "put a person at /api/staff/{org}/{code}") : things_code(org_code, code, &e);
        if (rc == 0)
                rc = read_person(q, &body, &e) < 0 ? -1 : access_staff_put(v->access, q, org, code, body, &e);
        if (rc < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_z(&b, "{\"code\":");
        json_write_str(&b, code);
        buf_z(&b, ",\"uri\":");         /* what an event's operator is */
        json_write_str(&b, ident_uri(q->arena, arena_printf(q->arena, "/staff/%.*s/%.*s", STR_ARG(org_code), STR_ARG(code)), store_origins(v->store)));
        buf_z(&b, "}\n");
        answer(q, rc ? 201 : 200, &b, STR_NONE);
}

static void erase(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str code, rest;
        bool wiped;
        int64_t org = whose(q, v, &code, &rest, &e);
        if (!org || access_staff_erase(v->access, q, org, rest.p ? STR("") : code, &wiped, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_printf(&b, "{\"erased\":true,\"remains\":[%s\"backups made before\"]}\n", wiped ? "" : "\"the write-ahead log, which a reader of an older state holds: ask again\",");
        answer(q, 200, &b, STR_NONE);
}

const struct route route_staff = { .methods = METHOD_GET, .pattern = "/api/staff", .name = "staff", .needs = MAY_USERS, .handle = tell };
const struct route route_person = { .methods = METHOD_GET, .pattern = "/api/staff/*", .name = "person", .needs = MAY_USERS, .handle = tell };
const struct route route_person_put = { .methods = METHOD_PUT, .pattern = "/api/staff/*", .name = "person.put", .needs = MAY_USERS, .max_body = STAFF_BYTES, .handle = put };
const struct route route_person_erase = { .methods = METHOD_DELETE, .pattern = "/api/staff/*", .name = "person.erase", .needs = MAY_USERS, .handle = erase };
