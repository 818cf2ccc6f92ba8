#include "farm/rules/rules_impl.h"

/* More uses of a product in one season than its label allows, else than the dated table does for its ingredient. */

struct most { int uses; enum basis basis; struct str source; enum confidence confidence; };

static struct most most_of(const struct judging *j, const struct use *u)
{
        struct most m = { 0 };
        if (u->label && u->label->max_uses > 0)
                return (struct most){ .uses = u->label->max_uses, .basis = BASIS_LABEL };
        for (size_t i = 0; i < u->n_ingredients; i++) {
                const struct interval *x = regulation_interval(j->regulation, u->ingredients[i], j->season->crop_categories, j->season->n_crop_categories, u->fact->target, u->fact->day);
                if (x && x->max_uses && (!m.uses || x->max_uses < m.uses))
                        m = (struct most){ x->max_uses, BASIS_TABLE, x->source, x->confidence };
        }
        return m;
}

/* What makes two uses those of one product. */
static struct str identity(const struct use *u)
{
        const struct fact *f = u->fact;
        return u->input ? u->input->canonical : f->input.n ? f->input : f->registration.n ? f->registration : u->n_ingredients ? u->ingredients[0] : STR_NONE;
}

static void tell_over(struct judging *j, const struct use *u, struct str product, int count, const struct most *m)
{
        bool sure = m->basis == BASIS_LABEL || m->confidence > CONFIDENCE_LOW;
        tell(j, &rule_over_use, sure ? SEVERITY_BLOCKS : SEVERITY_INFORMS, u->fact, product, u->fact->seq ? SAY_OVER_USE : SAY_OVER_USE_NEXT,
             SAID_ARGS(u->name, said_number(j, count), said_number(j, m->uses), basis_said(j, m->basis, m->source, m->confidence), said_day(j, u->fact->day)))->unsure = !sure;
}

void judge_over_use(struct judging *j)
{
        bool *counted = arena_array(j->arena, bool, j->n_uses + 1);
        for (size_t i = 0; i < j->n_uses; i++) {
                struct str product = identity(&j->uses[i]);
                const struct use *last = &j->uses[i];
                int count = 1;
                if (counted[i] || !product.n)
                        continue;
                for (size_t k = i + 1; k < j->n_uses; k++) {
                        if (counted[k] || !str_eq(identity(&j->uses[k]), product))
                                continue;
                        counted[k] = true;
                        count++;
                        last = last->fact->seq ? &j->uses[k] : last;    /* what has not happened is what is asked about */
                }
                struct most m = most_of(j, last);
                if (m.uses && count > m.uses)
                        tell_over(j, last, product, count, &m);
        }
}
