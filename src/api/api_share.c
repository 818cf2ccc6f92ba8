#include "api/api_impl.h"

/* POST /api/share?org=CODE: copies of earlier records for an organisation, or an identifier of one, that was registered since.  A bounded
 * part a request; the answer says where the next one goes on. */

enum { EVENTS_A_REQUEST = 64 * 1024 };

static void share(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str code;
        struct share_place at = { 0 };
        int64_t org = request_param(q, "org", &code) == 1 ? store_org_number(v->store, code) : 0;

        if (!org)
                err_set(&e, ERR_NOT_FOUND, "org is the code of a registered organisation");
        else if (number_param(q, "fromOrg", 0, INT64_C(1) << 22, 0, &at.org, &e) == 0)
                number_param(q, "fromSeq", 0, INT64_C(1) << 40, 0, &at.seq, &e);
        int more = e.kind ? -1 : ledger_share_earlier(v->ledger, v->store, org, &at, EVENTS_A_REQUEST, &e);
        if (more < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        if (more)
                buf_printf(&b, "{\"next\":\"/api/share?org=%.*s&fromOrg=%lld&fromSeq=%lld\"}\n", STR_ARG(code), (long long)at.org, (long long)at.seq);
        else
                buf_z(&b, "{\"next\":null}\n");
        answer_buf(q, 200, "application/json", &b, "the answer");
}

const struct route route_share = { .methods = METHOD_POST, .pattern = "/api/share", .name = "share", .needs = MAY_ORGS, .bulk = true, .handle = share };
