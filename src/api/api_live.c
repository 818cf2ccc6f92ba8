#include "api/devices.h"
#include "base/limits.h"
#include "base/text.h"

/* GET /api/live?device=ID[,ID…]: newest values as they come, for a browser's EventSource (docs/ref/devices.md). */

static int read_devices(struct request *q, const struct service *v, struct live_request *r, struct err *reterr)
{
        struct str list, one, *ids = arena_array(q->arena, struct str, LIMIT_LIVE_DEVICES);
        struct device_row d;
        if (request_param(q, "device", &list) != 1 || !list.n)
                return err_set(reterr, ERR_BAD_QUERY, "device is the id of a device, or of several with commas");
        while (str_split(&list, ',', &one)) {
                if (r->n == LIMIT_LIVE_DEVICES)
                        return err_set(reterr, ERR_BAD_QUERY, "at most %d devices are followed at once", LIMIT_LIVE_DEVICES);
                if (sensing_device_seen(v->sensing, q, str_trim(one), false, &d, reterr) < 0)
                        return -1;
                ids[r->n++] = d.id;
        }
        r->devices = ids;
        return 0;
}

static void live(struct request *q, void *app)
{
        const struct service *v = app;
        struct live_request r = { .request = q, .org = caller_of(q)->org };
        struct err e = { 0 };
        struct str after = str_trim(request_header(q, "Last-Event-ID"));
        int64_t seconds = 0;
        int rc = devices_here(v, &e) < 0 || read_devices(q, v, &r, &e) < 0 ||
                 number_param(q, "wait", 1, LIMIT_STREAM_WAIT_MS / 1000, LIMIT_STREAM_WAIT_MS / 1000, &seconds, &e) < 0 ? -1 : 0;
        if (rc == 0 && after.n && !number_read(after, &r.after))
                rc = err_set(&e, ERR_BAD_QUERY, "Last-Event-ID is not one that was given here");
        r.wait_ms = seconds * 1000;
        if (rc < 0 || sensing_live_wait(v->sensing, &r, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
}

const struct route route_live = { .methods = METHOD_GET, .pattern = "/api/live", .name = "live", .needs = MAY_QUERY, .handle = live };
