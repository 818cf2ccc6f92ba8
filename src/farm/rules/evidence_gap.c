#include "farm/rules/rules_impl.h"

/* A spray or harvest without a photo where the enterprise promised one. */

void judge_evidence_gap(struct judging *j)
{
        for (size_t i = 0; i < j->season->n && j->season->wants_photos; i++) {
                const struct fact *f = &j->season->acts[i];
                if (f->seq && !f->wrong && !f->has_photo && (f->act == ACT_SPRAY || f->act == ACT_HARVEST))
                        tell(j, &rule_evidence_gap, SEVERITY_WARNS, f, key_seq(j, f), SAY_NO_PHOTO, SAID_ARGS(said_act(f->act), said_day(j, f->day)));
        }
}
