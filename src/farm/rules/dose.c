#include "farm/rules/rules_impl.h"

/* More, or less, of a product on a mu than its label says for the crop.  Grams and millilitres, and dilutions, cannot be compared: that is said. */

static const struct decimal mu_per_ha = { 15, 0 };

/* In kg or L a mu, times 15: so that a hectare's fifteenth stays exact. */
static bool fifteenfold(struct decimal q, const struct unit *u, struct decimal *ret)
{
        return decimal_mul(q, u->factor, ret) && (u->per_ha || decimal_mul(*ret, mu_per_ha, ret));
}

/* A dose a mu, or, where `area_mu` is not 0, what was used on so much. */
struct doses { const struct use *use; struct decimal value, area_mu; struct str uom; struct unit unit; };

static bool stated_dose(const struct use *u, struct doses *ret)
{
        struct decimal reckoned;
        if (!u->fact->dose_uom.n || !unit_read(u->fact->dose_uom, &ret->unit))
                return false;
        if (str_eq(u->fact->dose_uom, fact_used_per_mu(u->fact, &reckoned)) && decimal_cmp(u->fact->dose, reckoned) == 0)
                return false;           /* rounded: what it was reckoned from is exact */
        ret->value = u->fact->dose;
        ret->uom = u->fact->dose_uom;
        return true;
}

/* How it stands to a bound of the label: quantity against limit times area, which needs no division.  0 also where the label has no such bound, or words
 * for it.  False: too large to be reckoned with. */
static bool compare(const struct doses *d, struct str bound, const struct unit *u, int *ret)
{
        struct decimal is, may, area = d->area_mu.mantissa ? d->area_mu : (struct decimal){ 1, 0 };
        *ret = 0;
        if (!decimal_read(bound, &may))
                return true;
        if (!fifteenfold(d->value, &d->unit, &is) || !fifteenfold(may, u, &may) || !decimal_mul(may, area, &may))
                return false;
        *ret = decimal_cmp(is, may);
        return true;
}

/* About how much that is on the area of the label's unit `u`, for its reader alone. */
static struct said about(struct judging *j, const struct doses *d, const struct unit *u)
{
        double rate = decimal_double(d->value) * decimal_double(d->unit.factor) / decimal_double(d->area_mu) * (u->per_ha ? 15 : 1) / decimal_double(u->factor);
        return said_rate(j, arena_printf(j->arena, "%.*f", rate < 1 ? 3 : rate < 10 ? 2 : rate < 100 ? 1 : 0, rate), d->use->label->dose_uom);
}

static bool comparable(const struct unit *a, const struct unit *b)
{
        return a->dimension == b->dimension && a->dimension != DIM_DILUTION && a->dimension != DIM_COUNT;
}

/* "20 克/亩", or "0.26 公斤 ÷ 30.35 亩 ≈ 8.57 克/亩". */
static struct said said_dose(struct judging *j, const struct doses *d, const struct unit *label)
{
        static const char *const mu[LANGS] = { "亩", "畝", "mu" };
        struct str n = decimal_text(j->arena, d->value), area = decimal_text(j->arena, d->area_mu);
        if (!d->area_mu.mantissa)
                return said_rate(j, n, d->uom);
        struct said s = said_amount(j, n, d->uom), rate = comparable(label, &d->unit) ? about(j, d, label) : said_same(STR_NONE);
        for (int l = 0; l < LANGS; l++)
                s.in[l] = arena_printf(j->arena, "%.*s ÷ %.*s %s%s%.*s", STR_ARG(s.in[l]), STR_ARG(area), mu[l], rate.in[l].n ? " ≈ " : "", STR_ARG(rate.in[l]));
        return s;
}

static void tell_dose(struct judging *j, const struct doses *d, const struct unit *label, enum severity s, enum words w, struct str bound)
{
        tell(j, &rule_dose, s, d->use->fact, key_seq(j, d->use->fact), w,
             SAID_ARGS(d->use->name, said_dose(j, d, label), said_rate(j, bound, d->use->label->dose_uom), said_day(j, d->use->fact->day)));
}

static void judge_bounds(struct judging *j, const struct doses *d)
{
        const struct input_label *l = d->use->label;
        struct unit u;
        int most = 0, least = 0;
        if (!unit_read(l->dose_uom, &u) || !comparable(&u, &d->unit) || !compare(d, l->dose_max, &u, &most) || !compare(d, l->dose_min, &u, &least))
                tell_dose(j, d, &u, SEVERITY_INFORMS, SAY_DOSE_INCOMPARABLE, l->dose_max.n ? l->dose_max : l->dose_min);
        else if (most > 0)
                tell_dose(j, d, &u, SEVERITY_BLOCKS, SAY_DOSE_OVER, l->dose_max);
        else if (least < 0)
                tell_dose(j, d, &u, SEVERITY_INFORMS, SAY_DOSE_UNDER, l->dose_min);
}

static struct decimal area_of(const struct judging *j, const struct fact *f)
{
        return f->area_mu.mantissa > 0 ? f->area_mu : j->season->area_mu;
}

/* Where no dose a mu is stated, what was used over the area. */
static void judge_use(struct judging *j, const struct use *u)
{
        struct doses d = { .use = u };
        struct decimal area = area_of(j, u->fact);
        if (!u->label || !(u->label->dose_max.n || u->label->dose_min.n))
                return;
        if (stated_dose(u, &d)) {
                judge_bounds(j, &d);
        } else if (u->fact->n_in && area.mantissa > 0 && u->fact->in[0].stated && unit_read(u->fact->in[0].uom, &d.unit)) {
                d.value = u->fact->in[0].quantity;
                d.uom = u->fact->in[0].uom;
                d.area_mu = area;
                judge_bounds(j, &d);
        }
}

void judge_dose(struct judging *j)
{
        for (size_t i = 0; i < j->n_uses; i++)
                judge_use(j, &j->uses[i]);
}
