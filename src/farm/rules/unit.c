#include <assert.h>

#include "base/text.h"
#include "farm/rules/rules_impl.h"

/* Units, to what can be compared. */

static const struct { const char *code; enum dimension dimension; struct decimal factor; } codes[] = {
        { "KGM", DIM_MASS, { 1, 0 } }, { "GRM", DIM_MASS, { 1, 3 } }, { "MGM", DIM_MASS, { 1, 6 } }, { "TNE", DIM_MASS, { 1000, 0 } },
        { "LTR", DIM_VOLUME, { 1, 0 } }, { "MLT", DIM_VOLUME, { 1, 3 } }, { "MTQ", DIM_VOLUME, { 1000, 0 } },
};

/* How people write it beside what the forms offer. */
static const struct { const char *code, *written; int64_t mantissa; int8_t scale; const char *hans, *hant, *en; } units[] = {
#define UNIT(code, written, mantissa, scale, hans, hant, en) { code, written, mantissa, scale, hans, hant, en },
#include "farm/units.def"
        { "KGM", "千克", 1, 0, "千克", "千克", "kg" },
};

static bool unit_is(struct str s, size_t i)
{
        return s.n && (str_ieq(s, str_of(units[i].code)) || str_ieq(s, str_of(units[i].written)) || str_is(s, units[i].hans) || str_is(s, units[i].hant));
}

/* "bags", "公斤"; the unit as it was written where nobody gave it a word. */
static struct str unit_word(struct str uom, enum lang l)
{
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
                if (unit_is(uom, i))
                        return str_of(l == LANG_HANS ? units[i].hans : l == LANG_HANT ? units[i].hant : units[i].en);
        return uom;
}

static bool ends(struct str s, const char *z)
{
        size_t n = strlen(z);
        return s.n > n && str_ieq(str_from(s, s.n - n), str_of(z));
}

/* Cuts "/mu", "每亩" … off. */
static struct str without_area(struct str s, bool *ret_per_ha)
{
        static const struct { const char *z; bool ha; } areas[] = {
                { "/mu", false }, { "/亩", false }, { "/畝", false }, { "/667m2", false }, { "/ha", true }, { "/hm2", true }, { "/hm²", true }, { "/公顷", true }, { "/公頃", true },
        };
        for (size_t i = 0; i < sizeof areas / sizeof *areas; i++)
                if (ends(s, areas[i].z)) {
                        *ret_per_ha = areas[i].ha;
                        return str_trim((struct str){ s.p, s.n - strlen(areas[i].z) });
                }
        return s;
}

static bool is_dilution(struct str s)
{
        return str_is(s, "倍") || str_is(s, "倍液") || ends(s, "倍") || ends(s, "倍液") || str_ieq(s, STR("mg/kg")) || str_ieq(s, STR("mg/L")) || str_is(s, "%");
}

static bool of_code(struct str code, struct decimal times, struct unit *ret)
{
        for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
                if (str_ieq(code, str_of(codes[i].code))) {
                        ret->dimension = codes[i].dimension;
                        return decimal_mul(codes[i].factor, times, &ret->factor);
                }
        ret->dimension = DIM_COUNT;
        ret->factor = times;
        return true;
}

bool unit_read(struct str text, struct unit *ret)
{
        *ret = (struct unit){ .dimension = DIM_NONE, .factor = { 1, 0 } };
        struct str s = without_area(str_trim(text), &ret->per_ha);
        if (is_dilution(s)) {
                ret->dimension = DIM_DILUTION;
                return true;
        }
        for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
                if (str_ieq(s, str_of(codes[i].code)))
                        return of_code(s, (struct decimal){ 1, 0 }, ret);
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
                if (unit_is(s, i))
                        return of_code(str_of(units[i].code), (struct decimal){ units[i].mantissa, units[i].scale }, ret);
        return false;
}

struct said said_amount(struct judging *j, struct str number, struct str uom)
{
        struct said s;
        for (int l = 0; l < LANGS; l++)
                s.in[l] = arena_printf(j->arena, "%.*s %.*s", STR_ARG(number), STR_ARG(unit_word(str_trim(uom), (enum lang)l)));
        return s;
}

struct said said_rate(struct judging *j, struct str number, struct str uom)
{
        static const char *const areas[2][LANGS] = { { "/亩", "/畝", "/mu" }, { "/公顷", "/公頃", "/ha" } };
        struct unit u;
        bool per_ha;
        if (!unit_read(uom, &u) || u.dimension == DIM_DILUTION)
                return said_amount(j, number, uom);
        struct said s = said_amount(j, number, without_area(str_trim(uom), &per_ha));
        for (int l = 0; l < LANGS; l++)
                s.in[l] = arena_printf(j->arena, "%.*s%s", STR_ARG(s.in[l]), areas[u.per_ha][l]);
        return s;
}

/* ---- piles ---- */

/* How much the second may be, in thousandths of the first, before it is told. */
static const int tolerances[] = {
#define TOLERANCE(dimension, thousandths) [DIM_##dimension] = thousandths,
#include "farm/rules/tolerance.def"
};

enum pile_put pile_put(struct pile *p, const struct fact_amount *x)
{
        struct unit u = { .dimension = DIM_COUNT, .factor = { 1, 0 } };
        struct decimal q, sum;
        if (!x->stated || (x->uom.n && (!unit_read(x->uom, &u) || u.dimension == DIM_DILUTION)) || !decimal_mul(x->quantity, u.factor, &q))
                return PILE_NOT_STATED;
        struct str uom = u.dimension != DIM_COUNT || str_is(x->uom, "C62") ? STR_NONE : x->uom;
        if (p->n && (p->dimension != u.dimension || !str_eq(p->uom, uom)))
                return PILE_OTHER_KIND;
        if (!decimal_add(p->quantity, q, &sum))
                return PILE_NOT_STATED;
        *p = (struct pile){ u.dimension, uom, sum, p->n + 1 };
        return PILE_PUT;
}

bool amounts_sum(const struct fact_amount *list, size_t n, struct pile *ret)
{
        *ret = (struct pile){ 0 };
        for (size_t i = 0; i < n; i++)
                if (pile_put(ret, &list[i]) != PILE_PUT)
                        return false;
        return n > 0;
}

bool pile_exceeds(const struct pile *p, const struct pile *most)
{
        assert(!p->n || (p->dimension == most->dimension && str_eq(p->uom, most->uom)));
        return p->n && decimal_exceeds(p->quantity, most->quantity, tolerances[most->dimension]);
}

struct said said_pile(struct judging *j, const struct pile *p)
{
        struct str n = decimal_text(j->arena, p->quantity);
        const char *before = p->dimension == DIM_MASS || p->dimension == DIM_VOLUME || p->uom.n ? " " : "";
        struct str unit = p->dimension == DIM_MASS ? STR("kg") : p->dimension == DIM_VOLUME ? STR("L") : p->uom;
        struct said s;
        for (size_t l = 0; l < LANGS; l++)
                s.in[l] = arena_printf(j->arena, "%.*s%s%.*s", STR_ARG(n), before, STR_ARG(p->dimension == DIM_COUNT ? unit_word(p->uom, (enum lang)l) : unit));
        return s;
}
