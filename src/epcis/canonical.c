#include "epcis/canonical.h"

#include <stdlib.h>

#include "base/decimal.h"
#include "base/limits.h"

/* UTF-8 sorts by code point.  UTF-16 differs only beyond U+FFFF, whose surrogates sort before U+E000…U+FFFF: those
 * begin with EE and EF in UTF-8, the others with F0 and up. */
int name_order(struct str a, struct str b)
{
        size_t n = a.n < b.n ? a.n : b.n, i = 0;
        int d = n ? memcmp(a.p, b.p, n) : 0;

        if (d == 0)
                return (a.n > b.n) - (a.n < b.n);
        while (a.p[i] == b.p[i])
                i++;
        unsigned char x = (unsigned char)a.p[i], y = (unsigned char)b.p[i];

        if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0))
                return x >= 0xf0 ? -1 : 1;
        return d;
}

static int by_name(const void *x, const void *y)
{
        const struct json_member *const *a = x, *const *b = y;

        return name_order((*a)->name, (*b)->name);
}

static void put(struct arena *a, struct buf *b, const struct json *v);

static void put_object(struct arena *a, struct buf *b, const struct json *v)
{
        const struct json_member **m = arena_raw(a, (v->n + 1) * sizeof *m);

        for (uint32_t i = 0; i < v->n; i++)
                m[i] = &v->members[i];
        qsort(m, v->n, sizeof *m, by_name);
        buf_char(b, '{');
        for (uint32_t i = 0; i < v->n; i++) {
                if (i)
                        buf_char(b, ',');
                json_write_str(b, m[i]->name);
                buf_char(b, ':');
                put(a, b, &m[i]->value);
        }
        buf_char(b, '}');
}

static void put(struct arena *a, struct buf *b, const struct json *v)
{
        switch (v->kind) {
        case JSON_NUMBER:
                buf_str(b, decimal_canonical(a, json_text(v)));
                break;
        case JSON_ARRAY:
                buf_char(b, '[');
                for (uint32_t i = 0; i < v->n; i++) {
                        if (i)
                                buf_char(b, ',');
                        put(a, b, &v->items[i]);
                }
                buf_char(b, ']');
                break;
        case JSON_OBJECT:
                put_object(a, b, v);
                break;
        default:
                json_write(b, v);
        }
}

struct str json_canonical(struct arena *a, const struct json *v)
{
        struct buf b;

        buf_init(&b, 2 * LIMIT_BODY_BYTES);
        put(a, &b, v);
        struct str s = arena_str(a, buf_view(&b));

        buf_free(&b);
        return s;
}
