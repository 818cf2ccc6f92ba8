#include "farm/rules/rules_impl.h"

/* A harvest before the interval after a use has passed: from day d + n on it is allowed.  A use after the harvest is none of this harvest's; a season's later harvest
 * (ratoon rice, leaf vegetables) has its own uses before it. */

static struct str key_pair(struct judging *j, const struct use *u, const struct fact *harvest)
{
        return arena_printf(j->arena, "%lld-%lld", (long long)u->fact->seq, (long long)harvest->seq);
}

static void tell_unknown(struct judging *j, const struct use *u, const struct fact *harvest)
{
        tell(j, &rule_interval, SEVERITY_INFORMS, harvest, key_pair(j, u, harvest), SAY_INTERVAL_UNKNOWN,
             SAID_ARGS(u->name, said_day(j, u->fact->day), crop_said(j), said_day(j, harvest->day)))->unsure = true;
}

static void judge_pair(struct judging *j, const struct use *u, const struct fact *harvest)
{
        int kept = harvest->day - u->fact->day;
        bool sure = kept < u->days, asked_and_unsure = u->unsure && harvest->seq == 0;
        if (kept >= u->days_upper && !asked_and_unsure)
                return;
        enum words w = !sure ? SAY_INTERVAL_UNSURE : harvest->seq ? SAY_INTERVAL_BROKEN : SAY_INTERVAL_NOT_YET;
        enum severity s = sure ? SEVERITY_BLOCKS : u->unsure ? SEVERITY_INFORMS : SEVERITY_WARNS;
        struct finding *f = tell(j, &rule_interval, s, harvest, key_pair(j, u, harvest), w,
                                 SAID_ARGS(u->name, said_day(j, u->fact->day), said_number(j, u->days_upper), basis_said(j, u->basis, u->source, u->confidence),
                                           said_day(j, u->fact->day + u->days_upper), said_day(j, harvest->day), said_number(j, kept)));
        f->from_day = u->fact->day + u->days_upper;
        f->unsure = !sure;
}

void judge_interval(struct judging *j)
{
        bool *told = arena_array(j->arena, bool, j->n_uses + 1);       /* that nothing is known of a use is said once, not with each harvest */
        for (size_t i = 0; i < j->season->n; i++) {
                const struct fact *f = &j->season->acts[i];
                if (f->act != ACT_HARVEST || f->wrong)
                        continue;
                for (size_t k = 0; k < j->n_uses && j->uses[k].fact < f; k++) {
                        if (j->uses[k].basis != BASIS_NONE)
                                judge_pair(j, &j->uses[k], f);
                        else if (!told[k] || f->seq == 0)
                                tell_unknown(j, &j->uses[k], f);
                        told[k] = true;
                }
        }
}
