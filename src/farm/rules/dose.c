#include "farm/rules/rules_impl.h"

/* More, or less, of a product on a mu than its label says for the crop.  Grams and millilitres, and dilutions, cannot be compared: that is said. */

static const struct decimal mu_per_ha = { 15, 0 };

/* In kg or L a mu, times 15: so that a hectare's fifteenth stays exact. */
static bool fifteenfold(struct decimal q, const struct unit *u, struct decimal *ret)
{
        return decimal_mul(q, u->factor, ret) && (u->per_ha || decimal_mul(*ret, mu_per_ha, ret));
}

struct doses { const struct use *use; struct decimal value; struct unit unit; struct said said; };

static bool stated_dose(struct judging *j, const struct use *u, struct doses *ret)
{
        struct str n = decimal_text(j->arena, u->fact->dose);
        struct decimal reckoned;
        if (!u->fact->dose_uom.n || !unit_read(u->fact->dose_uom, &ret->unit))
                return false;
        if (str_eq(u->fact->dose_uom, fact_used_per_mu(u->fact, &reckoned)) && decimal_cmp(u->fact->dose, reckoned) == 0)
                return false;           /* rounded: what it was reckoned from is exact */
        ret->value = u->fact->dose;
        ret->said = said_same(arena_printf(j->arena, "%.*s %.*s", STR_ARG(n), STR_ARG(u->fact->dose_uom)));
        return true;
}

/* How it stands to a bound of the label: quantity against limit times area, which needs no division.  0 also where the label has no such bound, or words
 * for it.  False: too large to be reckoned with. */
static bool compare(const struct doses *d, struct str bound, const struct unit *u, struct decimal area, int *ret)
{
        struct decimal is, may;
        *ret = 0;
        if (!decimal_read(bound, &may))
                return true;
        if (!fifteenfold(d->value, &d->unit, &is) || !fifteenfold(may, u, &may) || !decimal_mul(may, area, &may))
                return false;
        *ret = decimal_cmp(is, may);
        return true;
}

static void tell_dose(struct judging *j, const struct doses *d, enum severity s, enum words w, struct str bound)
{
        struct str uom = d->use->label->dose_uom;
        tell(j, &rule_dose, s, d->use->fact, key_seq(j, d->use->fact), w,
             SAID_ARGS(d->use->name, d->said, said_same(arena_printf(j->arena, "%.*s %.*s", STR_ARG(bound), STR_ARG(uom))), said_day(j, d->use->fact->day)));
}

static void judge_bounds(struct judging *j, const struct doses *d, struct decimal area)
{
        const struct input_label *l = d->use->label;
        struct unit u;
        int most = 0, least = 0;
        if (!unit_read(l->dose_uom, &u) || u.dimension != d->unit.dimension || u.dimension == DIM_DILUTION || u.dimension == DIM_COUNT ||
            !compare(d, l->dose_max, &u, area, &most) || !compare(d, l->dose_min, &u, area, &least))
                tell_dose(j, d, SEVERITY_INFORMS, SAY_DOSE_INCOMPARABLE, l->dose_max.n ? l->dose_max : l->dose_min);
        else if (most > 0)
                tell_dose(j, d, SEVERITY_BLOCKS, SAY_DOSE_OVER, l->dose_max);
        else if (least < 0)
                tell_dose(j, d, SEVERITY_INFORMS, SAY_DOSE_UNDER, l->dose_min);
}

static struct decimal area_of(const struct judging *j, const struct fact *f)
{
        return f->area_mu.mantissa > 0 ? f->area_mu : j->season->area_mu;
}

/* Where no dose a mu is stated, what was used over the area. */
static void judge_use(struct judging *j, const struct use *u)
{
        struct doses d = { .use = u };
        struct decimal area = area_of(j, u->fact), one = { 1, 0 };
        if (!u->label || !(u->label->dose_max.n || u->label->dose_min.n))
                return;
        if (stated_dose(j, u, &d)) {
                judge_bounds(j, &d, one);
        } else if (u->fact->n_in && area.mantissa > 0 && u->fact->in[0].stated && unit_read(u->fact->in[0].uom, &d.unit)) {
                struct str n = decimal_text(j->arena, u->fact->in[0].quantity), mu = decimal_text(j->arena, area);
                d.value = u->fact->in[0].quantity;
                d.said = said_same(arena_printf(j->arena, "%.*s %.*s ÷ %.*s", STR_ARG(n), STR_ARG(u->fact->in[0].uom), STR_ARG(mu)));
                judge_bounds(j, &d, area);
        }
}

void judge_dose(struct judging *j)
{
        for (size_t i = 0; i < j->n_uses; i++)
                judge_use(j, &j->uses[i]);
}
