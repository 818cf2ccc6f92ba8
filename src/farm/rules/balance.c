#include "base/limits.h"
#include "farm/rules/rules_impl.h"

/* More harvested than the area can bear; of a lot: more out of an act than went in, more taken than ever came.  Exact decimals, and what is counted in different units is not compared. */

static void judge_yield(struct judging *j)
{
        const struct fact *last = NULL;
        struct decimal sum = { 0, 0 }, most;
        struct pile one;
        for (size_t i = 0; i < j->season->n; i++) {
                const struct fact *f = &j->season->acts[i];
                if (f->act != ACT_HARVEST || f->wrong || !amounts_sum(f->out, f->n_out, &one) || one.dimension != DIM_MASS || !decimal_add(sum, one.quantity, &sum))
                        continue;
                last = f;
        }
        if (!last || j->season->area_mu.mantissa <= 0 || j->season->yield_kg_mu.mantissa <= 0 || !decimal_mul(j->season->area_mu, j->season->yield_kg_mu, &most) || decimal_cmp(sum, most) <= 0)
                return;
        tell(j, &rule_balance, SEVERITY_WARNS, last, STR("yield"), SAY_BALANCE_YIELD,
             SAID_ARGS(said_same(decimal_text(j->arena, sum)), said_same(decimal_text(j->arena, most)), said_same(decimal_text(j->arena, j->season->area_mu)),
                       said_same(decimal_text(j->arena, j->season->yield_kg_mu))));
}

/* ---- a lot ---- */

/* An act that gives more than went in.  Of one that is not ours something may have gone in that nobody listed (water, brine). */
static void judge_act(struct judging *j, const struct lot_fact *f)
{
        struct pile had, made;
        if (f->copy || !amounts_sum(f->in, f->n_in, &had) || had.dimension == DIM_COUNT)
                return;
        made = (struct pile){ 0 };
        for (size_t i = 0; i < f->n_out; i++) {
                struct pile one = { 0 };
                if (pile_put(&one, &f->out[i]) == PILE_PUT && one.dimension == had.dimension && pile_put(&made, &f->out[i]) != PILE_PUT)
                        return;
        }
        if (pile_exceeds(&made, &had))
                tell_of_lot(j, &rule_balance, f->act == ACT_OTHER ? SEVERITY_WARNS : SEVERITY_BLOCKS, f, key_of_lot(j, f, "act"), SAY_BALANCE_OUT,
                            SAID_ARGS(said_deed(j, f), said_moment(j, f->time_us), said_pile(j, &made), said_pile(j, &had), said_same(f->event_id)));
}

/* What came between two counts, and what leaves act by act. */
struct flow { struct judging *j; struct pile came, left, joined; };

static void tell_more(struct flow *w, const struct lot_fact *f, const struct pile *taken, const char *what, enum words words)
{
        struct judging *j = w->j;
        tell_of_lot(j, &rule_balance, f->on_season ? SEVERITY_WARNS : SEVERITY_BLOCKS, f, key_of_lot(j, f, what), words,
                    SAID_ARGS(said_deed(j, f), said_moment(j, f->time_us), said_same(j->lot->canonical), said_pile(j, taken), said_pile(j, &w->came), said_same(f->event_id)));
}

/* False: how much came cannot be known. */
static bool all_that_came(struct flow *w, const struct lot_fact *list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < list[i].n_came && !list[i].copy; k++)
                        if (pile_put(&w->came, &list[i].came[k]) != PILE_PUT)
                                return false;
        return w->came.n > 0;
}

static void judge_taking(struct flow *w, const struct lot_fact *f)
{
        struct pile before = w->left;
        bool stated = true;
        for (size_t i = 0; i < f->n_left; i++) {
                struct pile one = w->came;      /* of another kind than what came: not compared */
                stated &= f->left[i].stated;
                if (pile_put(&one, &f->left[i]) == PILE_PUT)
                        pile_put(&w->left, &f->left[i]);
        }
        if (w->left.n > before.n && pile_exceeds(&w->left, &w->came))
                tell_more(w, f, &w->left, "more", SAY_BALANCE_LOT);
        else if (f->n_left && !stated && before.n && decimal_cmp(before.quantity, w->came.quantity) >= 0)
                tell_more(w, f, &before, "used-up", SAY_BALANCE_USED_UP);
}

static void judge_joining(struct flow *w, const struct lot_fact *f)
{
        for (size_t i = 0; i < f->n_left; i++) {
                struct fact_amount one = f->left[i];
                struct pile same = w->came;
                if (pile_put(&same, &one) != PILE_PUT)
                        continue;
                if (f->deed == DEED_PARTED)
                        one.quantity.mantissa = -one.quantity.mantissa;
                pile_put(&w->joined, &one);
        }
        if (f->deed == DEED_JOINED && f->n_left && pile_exceeds(&w->joined, &w->came))
                tell_more(w, f, &w->joined, "joined", SAY_BALANCE_JOINED);
}

/* From one count to the next: what was counted, and all that came, is the most that can leave; in which order is another rule's. */
static void judge_between(struct judging *j, const struct lot_fact **ended, size_t from, size_t to)
{
        struct flow w = { .j = j };
        const struct lot_fact *list = &j->lot->acts[from];
        if (!all_that_came(&w, list, to - from))
                return;
        for (size_t i = 0; i < to - from; i++) {
                if (list[i].copy || (ended[from + i] && ended[from + i]->deed == DEED_DESTROYED))
                        continue;               /* after the end of the lot: order-of-time tells it */
                if (list[i].deed == DEED_JOINED || list[i].deed == DEED_PARTED)
                        judge_joining(&w, &list[i]);
                else
                        judge_taking(&w, &list[i]);
        }
}

/* Goods of which nothing says where they came from: perhaps the record is on its way. */
static void judge_origin(struct judging *j)
{
        const struct lot_fact *first = NULL;
        for (size_t i = 0; i < j->lot->n; i++) {
                const struct lot_fact *f = &j->lot->acts[i];
                if (lot_gives(f) || f->deed == DEED_COUNTED)
                        return;
                if (!first && !f->copy && !f->on_season && (f->deed == DEED_USED || f->deed == DEED_SHIPPED || f->deed == DEED_SOLD || f->deed == DEED_JOINED))
                        first = f;
        }
        if (first)
                tell_of_lot(j, &rule_balance, SEVERITY_INFORMS, first, STR("origin"), SAY_BALANCE_ORIGIN,
                            SAID_ARGS(said_deed(j, first), said_moment(j, first->time_us), said_same(j->lot->canonical), said_same(first->event_id)))->unsure = true;
}

static void judge_lot(struct judging *j)
{
        const struct lot_fact **ended = lot_ended(j);
        size_t from = 0;
        for (size_t i = 0; i < j->lot->n; i++) {
                judge_act(j, &j->lot->acts[i]);
                if (j->lot->acts[i].deed != DEED_COUNTED || j->lot->acts[i].copy)
                        continue;
                judge_between(j, ended, from, i);
                from = i;
        }
        judge_between(j, ended, from, j->lot->n);
        judge_origin(j);
}

/* Nobody counts them: who runs the farm is told that. */
static void tell_too_many(struct judging *j)
{
        tell(j, &rule_balance, SEVERITY_INFORMS, NULL, STR("too-many"), SAY_LOT_TOO_MANY, SAID_ARGS(said_same(j->lot->canonical), said_number(j, LIMIT_LOT_EVENTS)))->unsure = true;
}

void judge_balance(struct judging *j)
{
        judge_yield(j);
        if (j->lot && j->lot->too_many)
                tell_too_many(j);
        else if (j->lot)
                judge_lot(j);
}
