/* Goal: no bytes break the reading of a batch; what is one is bounded, its walk gives as many readings as it says, and written again it reads the same. */
#include <assert.h>
#include <stdint.h>

#include "base/limits.h"
#include "series/batch_impl.h"
#include "series/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct walk { struct batch *again; size_t n; bool all; };

static void note(void *ctx, const struct reading *r)
{
        struct walk *w = ctx;
        w->n++;
        assert(series_name_is(r->device) && series_name_is(r->channel) && r->t_ms >= 0 && r->t_ms <= READING_T_MAX && r->flag < FLAGS);
        assert(r->value.mantissa < READING_M_END && r->value.mantissa > -READING_M_END && r->value.scale >= 0 && r->value.scale <= READING_SCALE_MAX);
        w->all &= batch_add(w->again, r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct batch_view *v;
        struct err e = { 0 };
        if (batch_open(a, (struct str){ (const char *)data, size }, &v, &e) < 0) {
                assert(e.kind == ERR_BAD_INPUT || e.kind == ERR_TOO_LARGE);
        } else {
                struct walk w = { batch_new(a), 0, true };
                assert(batch_view_n(v) <= LIMIT_BATCH_READINGS);
                batch_each(v, STR_NONE, note, &w);
                assert(w.n == batch_view_n(v));
                struct batch_view *back;
                assert(!w.all || (batch_open(a, batch_bytes(w.again), &back, &e) == 0 && batch_view_n(back) == w.n));
        }
        arena_free(a);
        return 0;
}
