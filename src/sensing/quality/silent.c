#include "sensing/quality/quality_impl.h"

/* No word at all, by our clock: the device, its power or its way to us. */
void time_silent(const struct look *k)
{
        struct quality *q = k->device;
        struct evidence e = { .say = SAY_SILENT, .value = (double)(k->t_ms - q->heard_ms) / 60000, .limit = (double)q->spec->silent_ms / 60000, .from_ms = q->heard_ms, .to_ms = k->t_ms };
        quality_stand(k, CHECK_silent, &q->silent, !q->heard_ms ? SAYS_NOTHING : k->t_ms - q->heard_ms > q->spec->silent_ms ? WRONG : FINE, 1, 1, &e);
}
