#include "api/api_impl.h"
#include "base/text.h"

/* GET /epcis/capture/{id}: the report of a capture as it was kept. */
static void job(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        struct reply r = { .status = 200, .content_type = epcis_type(q, &e) };
        struct str id;
        int found = -1;

        if (!r.content_type)
                ;
        else if (!percent_decode(q->arena, q->rest, &id))
                err_set(&e, ERR_BAD_INPUT, "the capture's id has a broken escape");
        else
                found = ledger_capture_report(v->store, q->arena, caller_of(q)->org, id, &r.body, &e);
        if (found == 0)
                err_set(&e, ERR_NOT_FOUND, "no capture bears this id");
        if (found != 1) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        epcis_headers(&r);
        exchange_answer(q->exchange, &r);
}

const struct route route_capture_job = {
        .methods = METHOD_GET, .pattern = "/epcis/capture/*", .name = "capture.job", .needs = MAY_QUERY, .handle = job,
};
