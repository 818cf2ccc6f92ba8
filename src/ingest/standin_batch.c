/* Until series/batch.c is there: the same face, nothing on the wire. */
#include <stdlib.h>

#include "ingest/mapping.h"
#include "series/batch.h"

struct batch { struct arena *a; struct reading *r; size_t n, cap; };
struct batch_view { const struct batch *b; };

struct batch *batch_new(struct arena *a)
{
        struct batch *b = arena_alloc(a, sizeof *b);
        b->a = a;
        return b;
}

bool batch_add(struct batch *b, const struct reading *r)
{
        if (b->n >= 50000 || !channel_name(r->device) || !channel_name(r->channel))
                return false;
        if (b->n == b->cap) {
                b->cap = b->cap ? b->cap * 2 : 64;
                struct reading *more = arena_array(b->a, struct reading, b->cap);
                if (b->n)
                        memcpy(more, b->r, b->n * sizeof *more);
                b->r = more;
        }
        b->r[b->n] = *r;
        b->r[b->n].device = arena_str(b->a, r->device);
        b->r[b->n++].channel = arena_str(b->a, r->channel);
        return true;
}

size_t batch_n(const struct batch *b) { return b->n; }

struct str batch_bytes(struct batch *b) { return (struct str){ (const char *)b, sizeof *b }; }

int batch_open(struct arena *a, struct str bytes, struct batch_view **ret, struct err *reterr)
{
        (void)reterr;
        struct batch_view *v = arena_alloc(a, sizeof *v);
        v->b = (const struct batch *)(const void *)bytes.p;
        *ret = v;
        return 0;
}

size_t batch_view_n(const struct batch_view *v) { return v->b->n; }

void batch_each(const struct batch_view *v, struct str device, batch_each_fn *each, void *ctx)
{
        for (size_t i = 0; i < v->b->n; i++)
                if (!device.n || str_eq(device, v->b->r[i].device))
                        each(ctx, &v->b->r[i]);
}
