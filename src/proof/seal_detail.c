#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proof/seal.h"

struct str seal_detail_write(struct arena *a, const struct seal_detail *d)
{
        struct buf b = { .max = 256 };
        buf_printf(&b, "%lld %lld ", (long long)d->through, (long long)d->count);
        buf_hex(&b, d->hash.b, sizeof d->hash.b);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

bool seal_detail_read(struct str text, struct seal_detail *ret)
{
        struct str through, count;
        if (!str_split(&text, ' ', &through) || !str_split(&text, ' ', &count) || !text.p || !hex_read(text, ret->hash.b, sizeof ret->hash.b))
                return false;
        for (size_t i = 0; i < text.n; i++)
                if (text.p[i] >= 'A' && text.p[i] <= 'F')
                        return false;
        return number_read(through, &ret->through) && number_read(count, &ret->count);
}

static int by_bytes(const void *x, const void *y)
{
        return memcmp(x, y, sizeof(struct hash));
}

struct hash seal_hash_of(struct hash *commitments, size_t n)
{
        if (n)
                qsort(commitments, n, sizeof *commitments, by_bytes);
        return sha256(n ? commitments->b : NULL, n * sizeof *commitments);
}
