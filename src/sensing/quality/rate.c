#include "sensing/quality/quality_impl.h"

#include <math.h>

/* A change that the thing measured cannot make in the time.  Readings closer together than a minute count as a minute apart: noise is no change. */
void look_rate(const struct look *k)
{
        struct channel_memory *m = k->channel;
        if (k->late || !m->n || !m->spec.rate || !spec_holds(&m->spec, k->value) || !spec_holds(&m->spec, m->last))
                return;
        double minutes = fmax(1, (double)(k->t_ms - m->last_ms) / 60000), change = fabs(k->value - m->last) / minutes;
        struct evidence e = { .say = SAY_RATE, .value = change, .limit = m->spec.rate, .from_ms = m->last_ms, .to_ms = k->t_ms };
        quality_stand(k, CHECK_rate, &m->standing[CHECK_rate], change > m->spec.rate ? WRONG : FINE, 1, 5, &e);
}
