/* A subscription's schedule and destination, as a stranger sends them: the first byte says which. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "push/guard.h"
#include "push/schedule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void schedule(struct arena *a, const char *p, size_t n)
{
        const struct json *j;
        struct schedule s;
        struct err e = { 0 };
        if (json_read(a, p, n, NULL, &j, &e) < 0 || schedule_read(j, &s, &e) < 0)
                return;
        int64_t first = schedule_next(&s, 0), second = schedule_next(&s, first);
        if (first <= 0 || (second && second <= first) || schedule_next(&s, first - 1) != first)
                abort();
}

static void destination(struct arena *a, const char *p, size_t n)
{
        struct guard g = { NULL, 0 };
        struct destination d;
        struct err e = { 0 };
        if (destination_read(a, (struct str){ p, n }, &g, &d, &e) < 0)
                return;
        if (d.allowed || !d.host || !d.url || d.port < 1 || d.port > 65535)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size < 1)
                return 0;
        struct arena *a = arena_new();
        if (data[0] == 'd')
                destination(a, (const char *)data + 1, size - 1);
        else
                schedule(a, (const char *)data + 1, size - 1);
        arena_free(a);
        return 0;
}
