#include <math.h>

#include "farm/rules/rules_impl.h"

/* The phone's position is outside the plot by more than its accuracy. */

static bool on_the_plot(enum act k)
{
        return (k >= ACT_SOW && k <= ACT_HARVEST) || k == ACT_CLEAR;
}

void judge_place(struct judging *j)
{
        for (size_t i = 0; i < j->season->n && j->season->outline; i++) {
                const struct fact *f = &j->season->acts[i];
                if (f->wrong || !f->at.given || !on_the_plot(f->act))
                        continue;
                double away = outline_distance_m(j->season->outline, f->at);
                if (away > f->at.accuracy_m)
                        tell(j, &rule_place, SEVERITY_WARNS, f, key_seq(j, f), SAY_PLACE_AWAY,
                             SAID_ARGS(said_act(f->act), said_day(j, f->day), said_number(j, (int64_t)ceil(away)), said_number(j, (int64_t)ceil(f->at.accuracy_m))));
        }
}
