#include "sensing/quality/quality_impl.h"

/* A value that the air, the soil or this probe cannot have.  Twice in a row: one is a spike that a curve shows by itself. */
void look_range(const struct look *k)
{
        const struct channel_spec *s = &k->channel->spec;
        struct evidence e = { .say = SAY_RANGE, .value = k->value, .limit = k->value < s->lowest ? s->lowest : s->highest, .from_ms = k->t_ms, .to_ms = k->t_ms };
        bool is_unit = k->channel->standing[CHECK_unit].wrong > 0;     /* then that says it better */
        if (!k->late && !is_unit)
                quality_stand(k, CHECK_range, &k->channel->standing[CHECK_range], spec_holds(s, k->value) ? FINE : WRONG, 2, 3, &e);
}
