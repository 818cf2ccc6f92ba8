#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/oom.h"

enum { FIRST_CAP = 128 };

void buf_init(struct buf *b, size_t max)
{
        *b = (struct buf){ .max = max };
        buf_reserve(b, 0);
}

void buf_free(struct buf *b)
{
        if (!b)
                return;
        free(b->p);
        *b = (struct buf){ .max = b->max };
}

void buf_clear(struct buf *b)
{
        b->n = 0;
        b->overflow = false;
        if (b->p)
                b->p[0] = '\0';
}

/* `cap` leaves room for the NUL; `want` <= max. */
static void grow(struct buf *b, size_t want)
{
        size_t cap = b->cap ? b->cap : FIRST_CAP;

        while (cap < want + 1)
                cap *= 2;
        if (cap > b->max + 1)
                cap = b->max + 1;
        b->p = or_abort(realloc(b->p, cap));
        b->cap = cap;
        b->p[b->n] = '\0';
}

/* Makes room for `n` more bytes, or sets `overflow`. */
static bool fits(struct buf *b, size_t n)
{
        assert(b->max > 0 && b->max < SIZE_MAX / 4);
        if (b->overflow || n > b->max - b->n) {
                b->overflow = true;
                return false;
        }
        if (b->n + n + 1 > b->cap)
                grow(b, b->n + n);
        return true;
}

void buf_reserve(struct buf *b, size_t more)
{
        assert(b->max > 0 && b->max < SIZE_MAX / 4);
        size_t room = b->max - b->n;

        if (more > room)
                more = room;
        if (b->n + more + 1 > b->cap)
                grow(b, b->n + more);
}

void buf_add(struct buf *b, const void *p, size_t n)
{
        if (!fits(b, n))
                return;
        if (n)
                memcpy(b->p + b->n, p, n);
        b->n += n;
        b->p[b->n] = '\0';
}

void buf_str(struct buf *b, struct str s)
{
        buf_add(b, s.p, s.n);
}

void buf_z(struct buf *b, const char *z)
{
        buf_add(b, z, strlen(z));
}

void buf_char(struct buf *b, char c)
{
        if (!fits(b, 1))
                return;
        b->p[b->n++] = c;
        b->p[b->n] = '\0';
}

static void number(struct buf *b, uint64_t v, bool minus)
{
        char digits[24], *end = digits + sizeof digits, *p = end;

        do
                *--p = (char)('0' + v % 10);
        while (v /= 10);
        if (minus)
                *--p = '-';
        buf_add(b, p, (size_t)(end - p));
}

void buf_u64(struct buf *b, uint64_t v)
{
        number(b, v, false);
}

void buf_i64(struct buf *b, int64_t v)
{
        number(b, v < 0 ? -(uint64_t)v : (uint64_t)v, v < 0);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
        char small[256];
        va_list ap, again;

        va_start(ap, fmt);
        va_copy(again, ap);
        int n = vsnprintf(small, sizeof small, fmt, ap);
        assert(n >= 0);
        if ((size_t)n < sizeof small) {
                buf_add(b, small, (size_t)n);
        } else if (fits(b, (size_t)n)) {
                vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
                b->n += (size_t)n;
        }
        va_end(again);
        va_end(ap);
}

void buf_hex(struct buf *b, const void *p, size_t n)
{
        static const char hex[] = "0123456789abcdef";
        const unsigned char *in = p;

        if (!fits(b, n < SIZE_MAX / 2 ? 2 * n : n))
                return;
        for (size_t i = 0; i < n; i++) {
                b->p[b->n++] = hex[in[i] >> 4];
                b->p[b->n++] = hex[in[i] & 15];
        }
        b->p[b->n] = '\0';
}

char *buf_take(struct buf *b, size_t *ret_n)
{
        buf_reserve(b, 0);      /* even an untouched buffer hands over "" */
        char *p = b->p;

        if (ret_n)
                *ret_n = b->n;
        *b = (struct buf){ .max = b->max };
        return p;
}
