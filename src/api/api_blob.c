#include "api/api_impl.h"
#include "base/text.h"

/* POST /api/blob?sha256=HEX: a file that was put into the data directory beside the running server goes into the log. */

static void state_blob(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str hex = STR_NONE, code = STR_NONE;
        struct hash h;
        int64_t org = ORG_DEFAULT;
        if (request_param(q, "sha256", &hex) != 1 || !hex_read(hex, h.b, sizeof(h.b)))
                err_set(&e, ERR_BAD_INPUT, "sha256 is the name of a stored file: 64 hex digits");
        else if (request_param(q, "org", &code) == 1)
                org = access_org_of(v->access, q, code, &e);
        if (e.kind || ledger_state_blob(v->ledger, v->store, org, &h, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_z(&b, "{\"logged\":true}\n");
        answer_buf(q, 200, "application/json", &b, "the answer");
}

const struct route route_blob = { .methods = METHOD_POST, .pattern = "/api/blob", .name = "blob", .needs = MAY_ORGS, .handle = state_blob };
