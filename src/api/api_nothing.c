#include "api/api_impl.h"

/* What is under /epcis/ or /api/ and is nothing yet: a problem that says so, never a page. */
static void nothing(struct request *q, void *app)
{
        struct err e = { 0 };

        (void)app;
        err_set(&e, ERR_NOT_FOUND, "no resource of the API is here; docs/ref/api.md lists them");
        exchange_problem(q->exchange, &e, NULL);
}

#define ANY (METHOD_GET | METHOD_POST | METHOD_PUT | METHOD_DELETE)
const struct route route_epcis_nothing = {
        .methods = ANY, .pattern = "/epcis/*", .name = "epcis.nothing", .needs = MAY_ACCOUNT, .inline_ok = true, .handle = nothing,
};
const struct route route_api_nothing = {
        .methods = ANY, .pattern = "/api/*", .name = "api.nothing", .needs = MAY_ACCOUNT, .inline_ok = true, .handle = nothing,
};
