#include "sensing/quality/quality_impl.h"

#include "base/clock.h"

/* Findings in words.  Times are the place's: China has one zone. */
enum { ZONE_MIN = 480 };

static const char *const templates[SAYS][LANGS] = {
#define WORDS(symbol, hans, hant, en) [SAY_##symbol] = { hans, hant, en },
#include "sensing/quality/words.def"
#undef WORDS
};

static struct str moment(struct arena *a, int64_t ms)
{
        struct civil c = civil_of(ms * 1000, ZONE_MIN);
        return arena_printf(a, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

static struct str amount(struct arena *a, const struct channel_spec *s, double v)
{
        return arena_printf(a, s && s->sign.n ? "%.4g %.*s" : "%.4g", v, s ? (int)s->sign.n : 0, s && s->sign.n ? s->sign.p : "");
}

static struct str bounds(struct arena *a, const struct channel_spec *s)
{
        return arena_printf(a, "%.*s … %.*s", STR_ARG(amount(a, s, s->lowest)), STR_ARG(amount(a, s, s->highest)));
}

static struct str name_of(const struct channel_spec *s, int lang)
{
        if (!s)
                return STR_NONE;
        return s->name[lang].n ? s->name[lang] : s->quantity ? str_of(s->quantity->title[lang]) : s->code;
}

void quality_say(struct arena *a, const struct look *k, const struct evidence *e, bool opens, struct str ret[LANGS])
{
        const struct channel_spec *s = k->channel ? &k->channel->spec : NULL;
        struct str value = amount(a, s, e->value), limit = e->say == SAY_RANGE ? bounds(a, s) : amount(a, s, e->limit), from = moment(a, e->from_ms), to = moment(a, e->to_ms);
        for (int l = 0; l < LANGS; l++) {
                struct str added = e->count ? arena_printf(a, "%lld", (long long)e->count) : e->text[l];
                const struct str args[] = { name_of(s, l), value, limit, from, to, added };
                struct str what = lang_fill(a, templates[e->say][l], args, sizeof args / sizeof *args);
                struct str over = opens ? STR_NONE : lang_fill(a, templates[SAY_OVER][l], args, sizeof args / sizeof *args);
                ret[l] = opens ? what : arena_printf(a, "%.*s%s%.*s", STR_ARG(what), l == LANG_EN ? " " : "", STR_ARG(over));
        }
}
