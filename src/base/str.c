#include "base/str.h"

int str_cmp(struct str a, struct str b)
{
        size_t n = a.n < b.n ? a.n : b.n;
        int c = n ? memcmp(a.p, b.p, n) : 0;

        if (c)
                return c < 0 ? -1 : 1;
        return (a.n > b.n) - (a.n < b.n);
}
