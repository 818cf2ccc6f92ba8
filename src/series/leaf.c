#include "merkle/tree.h"
#include "series/batch_impl.h"
#include "series/block.h"

/* The canonical text of what a channel said in an hour: what the tree of the hour, and so the log, stands for. */

enum { LINE_MAX = 14 + 1 + 20 + 2 + READING_SCALE_MAX + 2 + 1 };

static char *put_digits(char *at, uint64_t v)
{
        char text[20], *p = text + sizeof text;
        do
                *--p = (char)('0' + v % 10);
        while (v /= 10);
        size_t n = (size_t)(text + sizeof text - p);
        memcpy(at, p, n);
        return at + n;
}

/* As decimal_text: no zeros at the end, no point without digits behind it. */
static char *put_value(char *at, int64_t mantissa, int scale)
{
        uint64_t m = mantissa < 0 ? -(uint64_t)mantissa : (uint64_t)mantissa, unit = 1;
        if (mantissa < 0)
                *at++ = '-';
        for (; scale > 0 && m % 10 == 0; scale--)
                m /= 10;
        for (int i = 0; i < scale; i++)
                unit *= 10;
        at = put_digits(at, m / unit);
        if (scale == 0)
                return at;
        *at++ = '.';
        m %= unit;
        for (unit /= 10; unit; unit /= 10)
                *at++ = (char)('0' + m / unit % 10);
        return at;
}

static char *put_line(char *at, int64_t hour_ms, const struct point *p)
{
        at = put_digits(at, (uint64_t)(hour_ms + p->t));
        *at++ = ' ';
        at = put_value(at, p->m, p->scale);
        if (p->flag) {
                *at++ = ' ';
                *at++ = (char)('0' + p->flag);
        }
        *at++ = '\n';
        return at;
}

struct str column_text(struct arena *a, struct str device, struct str channel, int64_t hour_ms, const struct point *p, size_t n)
{
        struct str front = arena_printf(a, "suyuan series hour 1\n%.*s\n%.*s\n%lld\n", STR_ARG(device), STR_ARG(channel), (long long)hour_ms);
        char *text = arena_raw(a, front.n + n * LINE_MAX + 1), *at = text + front.n;
        memcpy(text, front.p, front.n);
        for (size_t i = 0; i < n; i++)
                at = put_line(at, hour_ms, &p[i]);
        return (struct str){ text, (size_t)(at - text) };
}

struct hash column_leaf(struct arena *a, struct str device, struct str channel, int64_t hour_ms, const struct point *p, size_t n)
{
        struct str text = column_text(a, device, channel, hour_ms, p, n);
        return tree_leaf(text.p, text.n);
}
