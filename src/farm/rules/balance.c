#include "farm/rules/rules_impl.h"

/* More out than in, more harvested than the area can bear, more used of a lot than was made.  Exact decimals; what is counted in different units is not compared. */

static bool transforms(enum act k)
{
        return k == ACT_SORT || k == ACT_MILL || k == ACT_DRY || k == ACT_PACK;
}

static void judge_act(struct judging *j, const struct fact *f)
{
        enum dimension in, out;
        struct decimal had, made;
        if (f->wrong || !transforms(f->act) || !amounts_sum(f->in, f->n_in, &in, &had) || !amounts_sum(f->out, f->n_out, &out, &made))
                return;
        if (in != out || in == DIM_COUNT || decimal_cmp(made, had) <= 0)
                return;
        tell(j, &rule_balance, SEVERITY_BLOCKS, f, key_seq(j, f), SAY_BALANCE_OUT,
             SAID_ARGS(said_act(f->act), said_day(j, f->day), said_amount(j, out, made), said_amount(j, in, had)));
}

static void judge_yield(struct judging *j)
{
        const struct fact *last = NULL;
        struct decimal sum = { 0, 0 }, most, one;
        enum dimension d;
        for (size_t i = 0; i < j->season->n; i++) {
                const struct fact *f = &j->season->acts[i];
                if (f->act != ACT_HARVEST || f->wrong || !amounts_sum(f->out, f->n_out, &d, &one) || d != DIM_MASS || !decimal_add(sum, one, &sum))
                        continue;
                last = f;
        }
        if (!last || j->season->area_mu.mantissa <= 0 || j->season->yield_kg_mu.mantissa <= 0 || !decimal_mul(j->season->area_mu, j->season->yield_kg_mu, &most) || decimal_cmp(sum, most) <= 0)
                return;
        tell(j, &rule_balance, SEVERITY_WARNS, last, STR("yield"), SAY_BALANCE_YIELD,
             SAID_ARGS(said_same(decimal_text(j->arena, sum)), said_same(decimal_text(j->arena, most)), said_same(decimal_text(j->arena, j->season->area_mu)),
                       said_same(decimal_text(j->arena, j->season->yield_kg_mu))));
}

struct flow { struct str lot; struct fact_amount *made, *used; size_t n_made, n_used; const struct fact *last; };

static struct flow *flow_of(struct flow *list, size_t *n, struct str lot)
{
        for (size_t i = 0; i < *n; i++)
                if (str_eq(list[i].lot, lot))
                        return &list[i];
        list[*n] = (struct flow){ .lot = lot };
        return &list[(*n)++];
}

static void put(struct arena *a, struct fact_amount **list, size_t *n, const struct fact_amount *one)
{
        if ((*n & (*n - 1)) == 0) {
                struct fact_amount *more = arena_array(a, struct fact_amount, *n ? *n * 2 : 1);
                if (*n)
                        memcpy(more, *list, *n * sizeof *more);
                *list = more;
        }
        (*list)[(*n)++] = *one;
}

static void judge_flow(struct judging *j, const struct flow *w)
{
        enum dimension in, out;
        struct decimal used, made;
        if (!amounts_sum(w->used, w->n_used, &in, &used) || !amounts_sum(w->made, w->n_made, &out, &made) || in != out || decimal_cmp(used, made) <= 0)
                return;
        tell(j, &rule_balance, SEVERITY_BLOCKS, w->last, w->lot, SAY_BALANCE_LOT, SAID_ARGS(said_same(w->lot), said_amount(j, in, used), said_amount(j, out, made)));
}

/* Lots that came out of this season's acts, against what later acts took of them. */
static void judge_lots(struct judging *j)
{
        size_t most = 0, n = 0;
        bool processed = false;
        for (size_t i = 0; i < j->season->n; i++) {
                most += j->season->acts[i].n_out;
                processed |= transforms(j->season->acts[i].act);
        }
        if (!processed || !most)
                return;
        struct flow *list = arena_array(j->arena, struct flow, most);
        for (size_t i = 0; i < j->season->n; i++)
                for (size_t k = 0; k < j->season->acts[i].n_out && !j->season->acts[i].wrong; k++) {
                        struct flow *w = flow_of(list, &n, j->season->acts[i].out[k].lot);
                        put(j->arena, &w->made, &w->n_made, &j->season->acts[i].out[k]);
                }
        for (size_t i = 0; i < j->season->n; i++)
                for (size_t k = 0; k < j->season->acts[i].n_in && !j->season->acts[i].wrong && transforms(j->season->acts[i].act); k++)
                        for (size_t w = 0; w < n; w++)
                                if (str_eq(list[w].lot, j->season->acts[i].in[k].lot)) {
                                        put(j->arena, &list[w].used, &list[w].n_used, &j->season->acts[i].in[k]);
                                        list[w].last = &j->season->acts[i];
                                }
        for (size_t w = 0; w < n; w++)
                judge_flow(j, &list[w]);
}

void judge_balance(struct judging *j)
{
        for (size_t i = 0; i < j->season->n; i++)
                judge_act(j, &j->season->acts[i]);
        judge_yield(j);
        judge_lots(j);
}
