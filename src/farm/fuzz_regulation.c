/* Goal: no bytes break the reader of the regulation; what it takes can be judged by, and reads again from what is kept. */
#include <assert.h>
#include <stdint.h>

#include "farm/regulation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge_all(const struct regulation *r)
{
        for (size_t i = 0; i < r->n_bans; i++)
                for (int day = 0; day < 40000; day += 9999)
                        ban_judge(&r->bans[i], r->bans[i].scopes, r->bans[i].n_scopes, day);
        for (size_t i = 0; i < r->n_intervals; i++)
                regulation_interval(r, r->intervals[i].substance, &r->intervals[i].crop, 1, r->intervals[i].target, r->intervals[i].from_day);
        for (size_t i = 0; i < r->n_limits; i++)
                regulation_limit(r, r->limits[i].substance, &r->limits[i].commodity, 1, r->limits[i].from_day);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct regulation_file f;

        if (regulation_read(a, (struct str){ (const char *)data, size }, &f, NULL) == 0) {
                const struct regulation *r = regulation_of(a, f.rows, f.n);
                assert(f.kind == REGULATION_LIMIT ? r->n_limits >= f.n : r->n_bans + r->n_intervals == f.n);
                judge_all(r);
        }
        arena_free(a);
        return 0;
}
