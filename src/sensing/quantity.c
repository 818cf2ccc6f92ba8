#include "sensing/quantity.h"

enum which {
#define QUANTITY(symbol, ...) QUANTITY_##symbol,
#include "sensing/quantities.def"
#undef QUANTITY
        QUANTITIES
};

const struct quantity quantities[] = {
#define QUANTITY(symbol, name, measurement, unit, sign, hans, hant, en, lowest, highest, rate, still) \
        [QUANTITY_##symbol] = { name, measurement, unit, sign, { hans, hant, en }, lowest, highest, rate, still },
#include "sensing/quantities.def"
#undef QUANTITY
};
const size_t n_quantities = QUANTITIES;

static const struct { const char *code; enum which quantity; } channels[] = {
#define CHANNEL(code, quantity) { code, QUANTITY_##quantity },
#include "sensing/channels.def"
#undef CHANNEL
};

const struct quantity *quantity_find(struct str name)
{
        for (size_t i = 0; i < n_quantities; i++)
                if (str_is(name, quantities[i].name))
                        return &quantities[i];
        return NULL;
}

const struct quantity *quantity_of_channel(struct str code)
{
        for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
                if (str_is(code, channels[i].code))
                        return &quantities[channels[i].quantity];
        const char *dot = code.n ? memchr(code.p, '.', code.n) : NULL;
        return quantity_find(dot ? (struct str){ code.p, (size_t)(dot - code.p) } : code);
}
