#include "query/query_impl.h"

#include <math.h>

#include "base/decimal.h"

enum dimension {
        TEMPERATURE, MASS, VOLUME, LENGTH, AREA, PRESSURE, RATIO, DURATION, SPEED, FREQUENCY, VOLTAGE, CURRENT, POWER, ENERGY, CONCENTRATION
};

static const struct unit { const char *code; enum dimension dimension; double factor, offset; } units[] = {
#define UNIT(code, dimension, factor, offset) { code, dimension, factor, offset },
#include "query/units.def"
#undef UNIT
};

static const struct unit *unit_find(struct str code)
{
        for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
                if (str_is(code, units[i].code))
                        return &units[i];
        return NULL;
}

bool unit_convert(struct decimal value, struct str uom, struct str to, bool difference, double *ret)
{
        const struct unit *from = unit_find(uom), *into = unit_find(to);
        double v = decimal_double(value);
        *ret = v;
        if (str_eq(uom, to))
                return true;
        if (!from || !into || from->dimension != into->dimension)
                return false;
        *ret = difference ? v * from->factor / into->factor : (v * from->factor + from->offset - into->offset) / into->factor;
        return true;
}

/* A conversion is not exact to the last bit: 25.5 Cel is 298.65 Kel. */
static int order_of(double a, double b)
{
        double room = 1e-9 * fmax(fabs(a), fabs(b));
        return fabs(a - b) <= room ? 0 : a < b ? -1 : 1;
}

bool order_fits(enum comparison op, int order)
{
        switch (op) {
        case COMPARE_EQ: return order == 0;
        case COMPARE_GT: return order > 0;
        case COMPARE_GE: return order >= 0;
        case COMPARE_LT: return order < 0;
        default: return order <= 0;
        }
}

bool measure_fits(const struct condition *c, struct str value, struct str uom, bool difference)
{
        struct decimal d, asked;
        double v;
        if (!decimal_read(value, &d))
                return false;
        bool convert = c->uom.n && !str_eq(c->uom, uom);
        if (convert && !unit_convert(d, uom, c->uom, difference, &v))
                return false;
        for (size_t i = 0; i < c->n; i++)
                if (decimal_read(c->values[i], &asked) &&
                    order_fits(c->op, convert ? order_of(v, decimal_double(asked)) : decimal_cmp(d, asked)))
                        return true;
        return false;
}
