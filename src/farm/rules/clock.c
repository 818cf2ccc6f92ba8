#include "farm/rules/rules_impl.h"

/* The server found that the device's clock cannot be right. */

void judge_clock(struct judging *j)
{
        for (size_t i = 0; i < j->season->n; i++) {
                const struct fact *f = &j->season->acts[i];
                if (!f->wrong && f->clock && strcmp(f->clock, "impossible") == 0)
                        tell(j, &rule_clock, SEVERITY_WARNS, f, key_seq(j, f), SAY_CLOCK_IMPOSSIBLE, SAID_ARGS(said_act(f->act), said_day(j, f->day)));
        }
}
