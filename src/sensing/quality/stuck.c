#include "sensing/quality/quality_impl.h"

/* A dead probe goes on saying its last value.  At a bound of the possible a value may stand (100 % in a wet night, no light at night, no rain for weeks). */
void look_stuck(const struct look *k)
{
        struct channel_memory *m = k->channel;
        if (!m->spec.still_ms || m->n < 10)
                return;
        bool at_bound = m->last <= m->spec.lowest || m->last >= m->spec.highest, still = m->last_ms - m->still_since_ms >= m->spec.still_ms;
        struct evidence e = { .say = SAY_STUCK, .value = m->last, .from_ms = m->still_since_ms, .to_ms = m->last_ms };
        quality_stand(k, CHECK_stuck, &m->standing[CHECK_stuck], still && !at_bound ? WRONG : FINE, 1, 1, &e);
}
