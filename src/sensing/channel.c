#include "sensing/quantity.h"
#include "sensing/sensing.h"

/* What a channel measures: as its device's description says, else as a factor code of HJ 212 says. */

static const struct { const char *written, *code; } spellings[] = {
#define SPELLING(written, code) { written, code },
#include "sensing/units.def"
#undef SPELLING
};

static struct str unit_of(struct str s)
{
        for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
                if (str_is(s, spellings[i].written))
                        return str_of(spellings[i].code);
        return s;
}

/* HJ 212 says with a statistic's name what it is of: "a34004-Avg". */
static struct str factor_of(struct str code)
{
        for (size_t i = 0; i < code.n; i++)
                if (code.p[i] == '-')
                        return (struct str){ code.p, i };
        return code;
}

void channel_about(const struct json *detail, struct str code, struct channel_about *ret)
{
        const struct json *list = json_get(detail, "channels"), *told = NULL;
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                if (str_eq(json_str(&list->items[i], "code"), code))
                        told = &list->items[i];
        *ret = (struct channel_about){ .code = code, .name = json_str(told, "name"), .quantity = json_str(told, "quantity"), .unit = unit_of(json_str(told, "unit")) };
        const struct quantity *q = ret->quantity.n ? quantity_find(ret->quantity) : quantity_of_channel(factor_of(code));
        if (!q)
                return;
        ret->type = str_of(q->measurement);
        if (!ret->quantity.n)
                ret->quantity = str_of(q->name);
        if (!ret->unit.n)
                ret->unit = str_of(q->unit);
        if (!ret->name.n)
                ret->name = str_of(q->title[LANG_HANS]);
}
