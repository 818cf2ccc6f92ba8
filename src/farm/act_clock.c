#include "farm/act_impl.h"

#include <stdlib.h>

/* How far the time of an act is believed (MODEL.md §4).  What a phone says of its clock: the time that the server told it last and the uptime at
 * which it did; since then the uptime has counted on, which no setting of the clock changes. */

enum { SYNCED_MS = 2 * 60 * 1000, SLACK_MS = 5 * 60 * 1000 };

static bool ms_of(const struct json *clock, const char *name, int64_t *ret)
{
        struct stamp t;
        if (!time_of(json_get(clock, name), &t))
                return false;
        *ret = t.us / 1000;
        return true;
}

/* Offsets and uptimes come as numbers with a fraction (performance.now()). */
static bool number_ms(const struct json *clock, const char *name, int64_t *ret)
{
        struct decimal d;
        if (!json_is(json_get(clock, name), JSON_NUMBER) || !number_of(json_get(clock, name), &d))
                return false;
        for (; d.scale > 0; d.scale--)
                d.mantissa /= 10;
        *ret = d.mantissa;
        return *ret > -INT64_C(100000000000000) && *ret < INT64_C(100000000000000);
}

const char *act_clock_grade(const struct json *clock, struct stamp at, int64_t now_us)
{
        int64_t at_ms = at.us / 1000, now_ms = now_us / 1000, device, server, uptime, server_uptime, offset;
        bool has_device = ms_of(clock, "deviceTime", &device), has_server = ms_of(clock, "serverTime", &server);
        if (!json_is(clock, JSON_OBJECT))
                return NULL;
        if (at_ms > now_ms + SLACK_MS)
                return "impossible";            /* after its arrival */
        if (has_server && server > now_ms + SLACK_MS)
                return "impossible";            /* a time that we cannot have told */
        if (has_server && number_ms(clock, "uptimeMs", &uptime) && number_ms(clock, "serverUptimeMs", &server_uptime) && uptime >= server_uptime) {
                int64_t then = server + (uptime - server_uptime);       /* when it was written, whatever the clock shows */
                if (at_ms > then + SLACK_MS || then > now_ms + SLACK_MS)
                        return "impossible";
                if (llabs(at_ms - then) <= SYNCED_MS)
                        return "synced";
                return !has_device || llabs(device - then) <= SYNCED_MS ? "plausible" : "unproven";
        }
        bool set_back = has_server && has_device && device < server - SLACK_MS;         /* it stands before what it was told */
        if (set_back)
                return llabs(at_ms - device) <= SLACK_MS ? "impossible" : "unproven";   /* the time is the clock's, or the device knew better */
        if (number_ms(clock, "offsetMs", &offset))
                return llabs(offset) <= SYNCED_MS ? "plausible" : "unproven";
        return has_server && has_device && at_ms >= server - SLACK_MS ? "plausible" : "unproven";
}
