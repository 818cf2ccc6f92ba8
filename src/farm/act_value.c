#include "farm/act_impl.h"

#include "base/text.h"

/* Values as people enter them: numbers, units, times. */

const struct unit_row act_units[] = {
#define UNIT(code, entered, mantissa, scale, hans, hant, en) { code, entered, mantissa, scale, { hans, hant, en } },
#include "farm/units.def"
};
const size_t n_act_units = sizeof act_units / sizeof *act_units;

const struct unit_row *unit_of(struct str text)
{
        for (size_t i = 0; i < n_act_units; i++)        /* a code is one of its own */
                if (str_ieq(text, str_of(act_units[i].code)))
                        return &act_units[i];
        for (size_t i = 0; i < n_act_units; i++) {
                const struct unit_row *u = &act_units[i];
                if (str_ieq(text, str_of(u->entered)) || str_is(text, u->label[LANG_HANS]) || str_is(text, u->label[LANG_HANT]) || str_ieq(text, str_of(u->label[LANG_EN])))
                        return u;
        }
        if (str_is(text, "千克"))
                return &act_units[0];
        return str_ieq(text, STR("ea")) || str_ieq(text, STR("h87")) || str_is(text, "个") ? unit_of(STR("C62")) : NULL;
}

const char *unit_label(struct str code, enum lang l)
{
        for (size_t i = 0; i < n_act_units; i++)
                if (str_is(code, act_units[i].code))
                        return act_units[i].label[l];
        return NULL;
}

bool unit_amount(struct decimal entered, const struct unit_row *u, struct decimal *ret)
{
        int64_t m;
        if (__builtin_mul_overflow(entered.mantissa, (int64_t)u->mantissa, &m) || m >= 1000000000000000000 || entered.scale + u->scale > 15)
                return false;
        *ret = (struct decimal){ m, (int8_t)(entered.scale + u->scale) };
        return true;
}

bool number_of(const struct json *v, struct decimal *ret)
{
        return v && (v->kind == JSON_NUMBER || v->kind == JSON_STRING) && decimal_read(json_text(v), ret);
}

struct amount amount_of(const struct json *o)
{
        struct amount x = { 0 };
        struct decimal n;
        const struct unit_row *u = unit_of(json_str(o, "uom"));
        if (!number_of(json_get(o, "quantity"), &n))
                return x;
        x.given = u ? unit_amount(n, u, &x.quantity) : (x.quantity = n, true);
        x.uom = u ? str_of(u->code) : STR_NONE;
        return x;
}

bool time_of(const struct json *v, struct stamp *ret)
{
        enum { SHANGHAI_MIN = 480 };
        static const int64_t year_3000_ms = 32503680000000;
        if (json_is(v, JSON_STRING))
                return stamp_read(json_text(v), ret);
        struct decimal ms, low = { 0, 0 }, high = { year_3000_ms, 0 };
        if (!json_is(v, JSON_NUMBER) || !number_of(v, &ms) || decimal_cmp(ms, low) < 0 || decimal_cmp(ms, high) > 0)
                return false;
        for (; ms.scale > 3; ms.scale--)        /* clocks of browsers count fractions */
                ms.mantissa /= 10;
        for (; ms.scale < 3; ms.scale++)
                ms.mantissa *= 10;
        *ret = (struct stamp){ ms.mantissa, SHANGHAI_MIN };
        return true;
}

static struct str hash_text(struct str s)
{
        struct str head = STR("ni:///sha-256;");
        struct hash h;
        if (str_starts(s, head))
                s = str_from(s, head.n);
        if (s.n > 64 && s.p[64] == '?')
                s.n = 64;
        return hex_read(s, &h, sizeof h) ? s : STR_NONE;
}

struct str evidence_id(struct arena *a, const struct json *v)
{
        static const char *const names[] = { "id", "sha256", "hash" };
        struct str h = json_is(v, JSON_STRING) ? hash_text(json_text(v)) : STR_NONE;
        for (size_t i = 0; i < sizeof names / sizeof *names && !h.n; i++)
                h = hash_text(json_str(v, names[i]));
        if (!h.n)
                return STR_NONE;
        char low[64];
        for (size_t i = 0; i < 64; i++)
                low[i] = (char)(h.p[i] >= 'A' && h.p[i] <= 'F' ? h.p[i] + 32 : h.p[i]);
        return arena_printf(a, "ni:///sha-256;%.64s", low);
}
