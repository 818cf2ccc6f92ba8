#include "farm/rules/rules_impl.h"

/* What cannot have been in this order: harvested before sown, worked after the plot was cleared, a lot used before it was made, done tomorrow. */

static bool on_the_crop(enum act k)
{
        return k == ACT_FERTILISE || k == ACT_SPRAY || k == ACT_IRRIGATE || k == ACT_WEED || k == ACT_PRUNE || k == ACT_GROWTH || k == ACT_HARVEST;
}

static const struct fact *first_of(const struct judging *j, enum act a, enum act b)
{
        for (size_t i = 0; i < j->season->n; i++)
                if (!j->season->acts[i].wrong && (j->season->acts[i].act == a || j->season->acts[i].act == b))
                        return &j->season->acts[i];
        return NULL;
}

static void tell_order(struct judging *j, const struct fact *f, const char *what, enum words w, struct said other, int other_day)
{
        tell(j, &rule_order_of_time, SEVERITY_WARNS, f, key_seq_text(j, f, str_of(what)), w, SAID_ARGS(said_act(f->act), said_day(j, f->day), other, said_day(j, other_day)));
}

static void judge_season(struct judging *j)
{
        const struct fact *sown = first_of(j, ACT_SOW, ACT_TRANSPLANT), *cleared = first_of(j, ACT_CLEAR, ACT_CLEAR), *seed = first_of(j, ACT_SOW, ACT_SOW);
        for (size_t i = 0; i < j->season->n; i++) {
                const struct fact *f = &j->season->acts[i];
                if (f->wrong)
                        continue;
                if (f->act == ACT_HARVEST && sown && f->day < sown->day)
                        tell_order(j, f, "before-sowing", SAY_ORDER_BEFORE, said_act(sown->act), sown->day);
                if (f->act == ACT_TRANSPLANT && seed && f->day < seed->day)
                        tell_order(j, f, "before-sowing", SAY_ORDER_BEFORE, said_act(seed->act), seed->day);
                if (on_the_crop(f->act) && cleared && f->day > cleared->day)
                        tell_order(j, f, "after-clearing", SAY_ORDER_AFTER, said_act(cleared->act), cleared->day);
                if (f->seq && f->day > j->today)
                        tell_order(j, f, "future", SAY_ORDER_FUTURE, said_day(j, j->today), j->today);
        }
}

/* The act out of which the lot first came; NULL: not one of this season's. */
static const struct fact *maker_of(const struct judging *j, struct str lot)
{
        for (size_t i = 0; i < j->season->n; i++)
                for (size_t k = 0; k < j->season->acts[i].n_out && !j->season->acts[i].wrong; k++)
                        if (str_eq(j->season->acts[i].out[k].lot, lot))
                                return &j->season->acts[i];
        return NULL;
}

static bool is_processing(enum act k)
{
        return k == ACT_SORT || k == ACT_MILL || k == ACT_DRY || k == ACT_PACK || k == ACT_AGGREGATE;
}

void judge_order_of_time(struct judging *j)
{
        judge_season(j);
        for (size_t i = 0; i < j->season->n; i++) {
                const struct fact *f = &j->season->acts[i];
                for (size_t k = 0; k < f->n_in && !f->wrong && is_processing(f->act); k++) {
                        const struct fact *maker = maker_of(j, f->in[k].lot);
                        if (maker && maker > f && maker->time_us > f->time_us)
                                tell(j, &rule_order_of_time, SEVERITY_WARNS, f, key_seq_text(j, f, f->in[k].lot), SAY_ORDER_LOT,
                                     SAID_ARGS(said_act(f->act), said_day(j, f->day), said_same(f->in[k].lot), said_day(j, maker->day)));
                }
        }
}
