#include "farm/rules/rules_impl.h"

/* "May I?": judged with the act in its place, as if it had happened. */

/* The season with one act more, that has not happened and lacks nothing which only a real one can have. */
static const struct fact *put_in(struct judging *j, struct season_facts *s, const struct fact *act)
{
        struct fact *list = arena_array(j->arena, struct fact, s->n + 1);
        size_t at = 0;
        while (at < s->n && s->acts[at].time_us <= act->time_us)
                at++;
        if (at < s->n)          /* a season of which nothing is recorded has no list */
                memcpy(list + at + 1, s->acts + at, (s->n - at) * sizeof *list);
        if (at)
                memcpy(list, s->acts, at * sizeof *list);
        list[at] = *act;
        list[at].seq = 0;
        list[at].has_photo = true;
        list[at].wrong = false;
        list[at].clock = NULL;
        s->acts = list;
        s->n++;
        return &list[at];
}

static bool is_settled(const struct judging *j, const struct finding *f)
{
        for (size_t i = 0; i < j->n_settled; i++)
                if (str_is(j->settled[i].rule, f->rule->name) && str_eq(j->settled[i].key, f->key))
                        return true;
        return false;
}

/* What the act would add: a finding about it, or about a harvest that came after it. */
static bool is_added(const struct finding *f)
{
        return f->seq == 0 || (f->rule == &rule_interval && str_starts(f->key, STR("0-")));
}

/* What was put on the crop against the rules stands in the way of every harvest after it; asked of what was recorded alone. */
static bool stands_in_the_way(const struct judging *j, const struct finding *f, const struct fact *act)
{
        bool of_the_crop = f->rule == &rule_banned_input || f->rule == &rule_over_use || f->rule == &rule_dose;
        return act->act == ACT_HARVEST && f->severity == SEVERITY_BLOCKS && of_the_crop && f->time_us <= act->time_us && !is_settled(j, f);
}

/* What follows for the harvest from a use that is asked about. */
static void tell_after(struct judging *j, const struct use *u)
{
        struct finding *f;
        if (u->basis == BASIS_NONE)
                f = tell(j, &rule_interval, SEVERITY_INFORMS, u->fact, STR("0"), SAY_INTERVAL_AFTER_UNKNOWN, SAID_ARGS(u->name, said_day(j, u->fact->day), crop_said(j)));
        else
                f = tell(j, &rule_interval, SEVERITY_INFORMS, u->fact, STR("0"), SAY_INTERVAL_AFTER,
                         SAID_ARGS(u->name, said_day(j, u->fact->day), said_number(j, u->days_upper), basis_said(j, u->basis, u->source, u->confidence),
                                   said_day(j, u->fact->day + u->days_upper)));
        f->from_day = u->basis == BASIS_NONE ? 0 : u->fact->day + u->days_upper;
        f->unsure = u->unsure || u->basis == BASIS_NONE;
}

/* From which day on a harvest keeps every interval; 0: there was no use, or one of which nothing is known. */
static int harvest_from(const struct judging *j, const struct fact *harvest)
{
        int from = 0;
        for (size_t i = 0; i < j->n_uses && j->uses[i].fact < harvest; i++) {
                if (j->uses[i].basis == BASIS_NONE)
                        return 0;
                int day = j->uses[i].fact->day + j->uses[i].days_upper;
                from = day > from ? day : from;
        }
        return from;
}

static void conclude(struct judging *j, const struct fact *act, struct advice *ret)
{
        struct finding *list = arena_array(j->arena, struct finding, j->n + 1);
        bool blocked = false, blocked_for_good = false, unsure = false;
        for (size_t i = 0; i < j->n; i++) {
                const struct finding *f = &j->found[i];
                if (!is_added(f) && !stands_in_the_way(j, f, act))
                        continue;
                list[ret->n++] = *f;
                blocked |= f->severity == SEVERITY_BLOCKS;
                blocked_for_good |= f->severity == SEVERITY_BLOCKS && f->rule != &rule_interval;
                unsure |= f->unsure;
        }
        ret->findings = list;
        ret->allowed = blocked ? 0 : unsure ? -1 : 1;
        ret->from_day = act->act == ACT_HARVEST && !blocked_for_good ? harvest_from(j, act) : 0;
}

void season_advise(struct judging *j, const struct fact *act, struct advice *ret)
{
        struct season_facts with = *j->season;
        const struct season_facts *without = j->season;
        const struct fact *asked = put_in(j, &with, act);
        *ret = (struct advice){ 0 };
        j->season = &with;
        season_judge(j);
        for (size_t i = 0; i < j->n_uses && asked->act != ACT_HARVEST; i++)
                if (j->uses[i].fact == asked)
                        tell_after(j, &j->uses[i]);
        conclude(j, asked, ret);
        j->season = without;
}
