#ifndef SUYUAN_BASE_STR_H
#define SUYUAN_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A run of bytes that belongs to somebody else (an arena, a request, a literal).
 * Not NUL-terminated in general; `p` may be NULL only when `n` is 0. */
struct str {
        const char *p;
        size_t n;
};

#define STR(literal) ((struct str){ .p = (literal), .n = sizeof(literal) - 1 })
#define STR_NONE ((struct str){ .p = NULL, .n = 0 })
/* For printf: printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_of(const char *z)
{
        return (struct str){ .p = z, .n = z ? strlen(z) : 0 };
}

static inline bool str_eq(struct str a, struct str b)
{
        return a.n == b.n && (a.n == 0 || (a.p && b.p && memcmp(a.p, b.p, a.n) == 0));
}

static inline bool str_is(struct str a, const char *z)
{
        return str_eq(a, str_of(z));
}

static inline bool str_starts(struct str a, struct str prefix)
{
        return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

/* The part of `a` from byte `from` on; empty when `from` is past the end. */
static inline struct str str_from(struct str a, size_t from)
{
        return from >= a.n ? STR_NONE : (struct str){ a.p + from, a.n - from };
}

/* Orders by bytes, which for UTF-8 is the order of code points. */
int str_cmp(struct str a, struct str b);

#endif
