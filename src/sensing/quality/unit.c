#include "sensing/quality/quality_impl.h"

#include <math.h>

/* Units mistaken: a value that cannot be, and that another common unit of the quantity would make what it usually is.  A logger set to hPa, a probe that
 * says a share of 1 for per cent, a register that lost its factor. */
static const struct { double factor, offset; const char *words[LANGS]; } guesses[] = {
        { 0.1, 0,         { "除以 10", "除以 10", "divided by 10" } },
        { 0.01, 0,        { "除以 100", "除以 100", "divided by 100" } },
        { 0.001, 0,       { "除以 1000", "除以 1000", "divided by 1000" } },
        { 10, 0,          { "乘以 10", "乘以 10", "multiplied by 10" } },
        { 100, 0,         { "乘以 100", "乘以 100", "multiplied by 100" } },
        { 1000, 0,        { "乘以 1000", "乘以 1000", "multiplied by 1000" } },
        { 1, -273.15,     { "从开尔文换算", "從克耳文換算", "from kelvin" } },
        { 5.0 / 9, -160.0 / 9, { "从华氏度换算", "從華氏度換算", "from degrees Fahrenheit" } },
};

/* So near to the usual that it is rather this than chance. */
static bool is_usual(const struct channel_memory *m, double v)
{
        double room = fabs(m->usual) * 0.25 + (m->spec.highest - m->spec.lowest) * 0.01;
        return spec_holds(&m->spec, v) && fabs(v - m->usual) <= room;
}

static bool guess(const struct channel_memory *m, double v, struct evidence *ret)
{
        bool degrees = m->spec.sign.n && str_is(m->spec.sign, "°C");
        for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
                double w = v * guesses[i].factor + guesses[i].offset;
                if ((guesses[i].offset == 0 || degrees) && is_usual(m, w)) {
                        ret->limit = w;
                        for (int l = 0; l < LANGS; l++)
                                ret->text[l] = str_of(guesses[i].words[l]);
                        return true;
                }
        }
        return false;
}

void look_unit(const struct look *k)
{
        struct channel_memory *m = k->channel;
        struct evidence e = { .say = SAY_UNIT, .value = k->value, .from_ms = k->t_ms, .to_ms = k->t_ms };
        bool known = m->n >= 20 && isfinite(m->spec.highest) && isfinite(m->spec.lowest);
        if (known && !k->late)
                quality_stand(k, CHECK_unit, &m->standing[CHECK_unit], spec_holds(&m->spec, k->value) ? FINE : guess(m, k->value, &e) ? WRONG : SAYS_NOTHING, 3, 3, &e);
}
