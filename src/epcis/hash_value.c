#include "epcis/hash_value.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/text.h"
#include "gs1/ident.h"

struct rewrite { struct str from, to; };

#define REWRITE(from, to) { { (from), sizeof(from) - 1 }, { (to), sizeof(to) - 1 } }

/* Old URNs and CURIEs of the standard's own vocabularies. */
static const struct rewrite rewrites[] = {
        REWRITE("urn:epcglobal:cbv:bizstep:", "https://ref.gs1.org/cbv/BizStep-"),
        REWRITE("urn:epcglobal:cbv:disp:", "https://ref.gs1.org/cbv/Disp-"),
        REWRITE("urn:epcglobal:cbv:btt:", "https://ref.gs1.org/cbv/BTT-"),
        REWRITE("urn:epcglobal:cbv:sdt:", "https://ref.gs1.org/cbv/SDT-"),
        REWRITE("urn:epcglobal:cbv:er:", "https://ref.gs1.org/cbv/ER-"),
        REWRITE("urn:epcglobal:cbv:comp:", "https://ref.gs1.org/cbv/Comp-"),
        REWRITE("gs1:", "https://ref.gs1.org/voc/"),
        REWRITE("cbv:", "https://ref.gs1.org/cbv/"),
        REWRITE("epcis:", "https://ref.gs1.org/epcis/"),
};

/* The namespaces of undeclared prefixes.  cbvmda has no colon at its end here, though it has in the standard's
 * context: that is how every published hash was made. */
static const struct rewrite prefixes[] = {
        REWRITE("cbvmda", "urn:epcglobal:cbv:mda"),
        REWRITE("gs1", "https://ref.gs1.org/voc/"),
        REWRITE("cbv", "https://ref.gs1.org/cbv/"),
        REWRITE("epcis", "https://ref.gs1.org/epcis/"),
};

bool hash_split(const struct context *c, struct str name, struct str *ret_iri, struct str *ret_local)
{
        const char *colon = name.n ? memchr(name.p, ':', name.n) : NULL;

        if (!colon)
                return false;
        struct str prefix = { name.p, (size_t)(colon - name.p) }, local = str_from(name, prefix.n + 1);

        if (str_starts(local, STR("//")))
                return false;
        struct str iri = context_declared(c, prefix);

        for (size_t i = 0; !iri.p && i < sizeof prefixes / sizeof prefixes[0]; i++)
                if (str_eq(prefixes[i].from, prefix))
                        iri = prefixes[i].to;
        if (!iri.p)
                return false;
        *ret_iri = iri;
        *ret_local = local;
        return true;
}

/* White space as Unicode has it (U+3000, the blank of Chinese text, among it): bytes of it at the start, or 0. */
static size_t blank(const char *p, size_t n)
{
        unsigned char c = (unsigned char)p[0];

        if (c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x1f))
                return 1;
        if (n >= 2 && c == 0xc2 && ((unsigned char)p[1] == 0x85 || (unsigned char)p[1] == 0xa0))
                return 2;
        if (n < 3)
                return 0;
        unsigned long u = (unsigned long)c << 16 | (unsigned long)(unsigned char)p[1] << 8 | (unsigned char)p[2];

        return u == 0xe19a80 || (u >= 0xe28080 && u <= 0xe2808a) || u == 0xe280a8 || u == 0xe280a9 || u == 0xe280af ||
               u == 0xe2819f || u == 0xe38080 ? 3 : 0;
}

static struct str trim(struct str s)
{
        size_t n;

        while (s.n && (n = blank(s.p, s.n)) > 0)
                s = str_from(s, n);
        for (;;) {
                size_t back = 0;

                for (size_t k = 1; k <= 3 && k <= s.n && !back; k++)
                        back = blank(s.p + s.n - k, k) == k ? k : 0;
                if (!back)
                        return s;
                s.n -= back;
        }
}

static size_t digits(struct str s, size_t at)
{
        size_t n = 0;

        while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
                n++;
        return n;
}

/* A decimal without exponent in ASCII digits loses '+' and idle zeros, whatever it means: so the standard has it,
 * for texts too.  Any length. */
static bool decimal(struct arena *a, struct str s, struct str *ret)
{
        size_t sign = s.n && (s.p[0] == '+' || s.p[0] == '-');
        size_t whole = digits(s, sign), point = sign + whole;
        size_t part = point < s.n && s.p[point] == '.' ? digits(s, point + 1) : 0;
        size_t end = point < s.n && s.p[point] == '.' ? point + 1 + part : point;

        if (end != s.n || whole + part == 0)
                return false;
        const char *w = s.p + sign, *f = s.p + point + 1;

        for (; whole > 1 && *w == '0'; whole--)
                w++;
        while (part && f[part - 1] == '0')
                part--;
        *ret = arena_printf(a, "%s%.*s%s%.*s", sign && s.p[0] == '-' ? "-" : "", whole ? (int)whole : 1, whole ? w : "0",
                            part ? "." : "", (int)part, part ? f : "");
        return true;
}

/* A JSON number goes through a double in the reference; the shortest text that reads back the same. */
static struct str number(struct arena *a, struct str s)
{
        struct str ret;
        char text[32], plain[400];

        if (s.n <= 15 && decimal(a, s, &ret))
                return ret;
        if (!memchr(s.p, '.', s.n) && !memchr(s.p, 'e', s.n) && !memchr(s.p, 'E', s.n) && decimal(a, s, &ret))
                return ret;
        double d = strtod(arena_cstr(a, s), NULL);

        for (int precision = 15; precision <= 17; precision++) {
                snprintf(text, sizeof text, "%.*g", precision, d);
                if (strtod(text, NULL) == d)
                        break;
        }
        if (d > 1e300 || d < -1e300)
                return arena_str(a, str_of(text));
        /* Without exponent: the digits are those of the shortest text. */
        struct str shortest = decimal_canonical(a, str_of(text));

        if (shortest.p && !memchr(shortest.p, 'e', shortest.n))
                return shortest;
        snprintf(plain, sizeof plain, "%.0f", d);
        return arena_str(a, d > -1 && d < 1 ? str_of(text) : str_of(plain));
}

/* Half up at the fourth digit: later ones cannot change that, and would only be rounded twice. */
static struct str time_text(struct arena *a, struct str s)
{
        const char *point = memchr(s.p, '.', s.n);
        struct stamp t;
        struct str cut = s;

        if (point) {
                size_t at = (size_t)(point - s.p) + 1, n = digits(s, at);

                if (n > 4)
                        cut = arena_printf(a, "%.*s%.*s", (int)at + 4, s.p, (int)(s.n - at - n), s.p + at + n);
        }
        if (!stamp_read(cut, &t))
                return s;
        int64_t us = t.us + 500, ms = us / 1000 - (us % 1000 < 0);

        return stamp_utc(a, ms * 1000);
}

static struct str text_value(struct arena *a, struct str s, enum hash_kind kind, enum vocabulary vocabulary)
{
        struct str form;

        s = trim(s);
        if (!s.n || kind == HASH_VERBATIM)
                return s;
        if (kind == HASH_TIME)
                return time_text(a, s);
        if (kind == HASH_WORD && vocabulary_has(vocabulary, s))
                return arena_printf(a, "%.*s%.*s", STR_ARG(vocabulary_iri(vocabulary)), STR_ARG(s));
        if (decimal(a, s, &form))
                return form;
        for (size_t i = 0; i < sizeof rewrites / sizeof rewrites[0]; i++)
                if (str_starts(s, rewrites[i].from))
                        return arena_printf(a, "%.*s%.*s", STR_ARG(rewrites[i].to),
                                            STR_ARG(str_from(s, rewrites[i].from.n)));
        if ((str_starts(s, STR("urn:epc:")) || str_starts(s, STR("http"))) && ident_hash_form(a, s, &form))
                return form;
        return s;
}

struct str hash_value(struct arena *a, const struct json *v, enum hash_kind kind, enum vocabulary vocabulary)
{
        if (!v)
                return STR_NONE;
        switch (v->kind) {
        case JSON_STRING: return text_value(a, json_text(v), kind, vocabulary);
        case JSON_NUMBER: return number(a, json_text(v));
        case JSON_TRUE: return STR("true");
        case JSON_FALSE: return STR("false");
        case JSON_NULL: return STR("None");
        default: return STR_NONE;
        }
}
