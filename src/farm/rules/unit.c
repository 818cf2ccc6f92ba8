#include "base/text.h"
#include "farm/rules/rules_impl.h"

/* Units, to what can be compared. */

static const struct { const char *code; enum dimension dimension; struct decimal factor; } codes[] = {
        { "KGM", DIM_MASS, { 1, 0 } }, { "GRM", DIM_MASS, { 1, 3 } }, { "MGM", DIM_MASS, { 1, 6 } }, { "TNE", DIM_MASS, { 1000, 0 } },
        { "LTR", DIM_VOLUME, { 1, 0 } }, { "MLT", DIM_VOLUME, { 1, 3 } }, { "MTQ", DIM_VOLUME, { 1000, 0 } },
};

/* How people write it beside what the forms offer. */
static const struct { const char *code, *written; int64_t mantissa; int8_t scale; const char *hans, *hant; } units[] = {
#define UNIT(code, written, mantissa, scale, hans, hant, en) { code, written, mantissa, scale, hans, hant },
#include "farm/units.def"
        { "KGM", "千克", 1, 0, "", "" },
};

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
                if (s.n && (str_ieq(s, str_of(units[i].code)) || str_ieq(s, str_of(units[i].written)) || str_is(s, units[i].hans) || str_is(s, units[i].hant)))
                        return of_code(str_of(units[i].code), (struct decimal){ units[i].mantissa, units[i].scale }, ret);
        return false;
}

bool amounts_sum(const struct fact_amount *list, size_t n, enum dimension *ret_dimension, struct decimal *ret)
{
        struct decimal sum = { 0, 0 }, one;
        struct str uom = STR_NONE;
        enum dimension d = DIM_NONE;
        for (size_t i = 0; i < n; i++) {
                struct unit u = { .dimension = DIM_COUNT, .factor = { 1, 0 } };
                if (!list[i].counted && (!unit_read(list[i].uom, &u) || u.dimension == DIM_DILUTION))
                        return false;
                if (i && (u.dimension != d || (d == DIM_COUNT && !str_eq(uom, list[i].uom))))
                        return false;
                d = u.dimension;
                uom = list[i].uom;
                if (!decimal_mul(list[i].quantity, u.factor, &one) || !decimal_add(sum, one, &sum))
                        return false;
        }
        *ret_dimension = d;
        *ret = sum;
        return n > 0;
}
