#ifndef SUYUAN_BASE_SPREAD_H
#define SUYUAN_BASE_SPREAD_H

#include <stdint.h>

#include "base/str.h"

/* FNV-1a, 64 bits: for tables in memory whose names a stranger does not choose, or of which there are few.  Stored too: series_journal (docs/ref/series.md). */
static inline uint64_t spread_more(uint64_t h, struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
        return h;
}

static inline uint64_t spread(struct str s)
{
        return spread_more(UINT64_C(14695981039346656037), s);
}

/* A place in a table of `n`. */
static inline size_t spread_in(uint64_t h, size_t n)
{
        return (size_t)((h ^ h >> 32) % n);
}

#endif
