#include "store/refs.h"

#include <assert.h>

enum { WITH_QUANTITY = 0x10, WITH_UOM = 0x20, ROLE_MASK = 0x0f };

static void put_number(struct buf *b, uint64_t v)
{
        for (; v >= 0x80; v >>= 7)
                buf_char(b, (char)(v | 0x80));
        buf_char(b, (char)v);
}

static void put_text(struct buf *b, struct str s)
{
        put_number(b, s.n);
        buf_str(b, s);
}

void refs_pack(struct buf *b, const struct event_ref *refs, size_t n)
{
        int64_t last = 0;
        put_number(b, n);
        for (size_t i = 0; i < n; i++) {
                const struct event_ref *r = &refs[i];
                assert(r->role <= ROLE_MASK && r->item > 0);
                int64_t step = r->item - last;
                last = r->item;
                put_number(b, (uint64_t)step << 1 ^ (uint64_t)(step >> 63));
                buf_char(b, (char)(r->role | (r->has_quantity ? WITH_QUANTITY : 0) | (r->uom.n ? WITH_UOM : 0)));
                if (r->has_quantity)
                        put_text(b, r->quantity);
                if (r->uom.n)
                        put_text(b, r->uom);
        }
}

static bool take_number(struct str *s, uint64_t *ret)
{
        uint64_t v = 0;
        for (unsigned shift = 0; s->n && shift < 64; shift += 7) {
                uint8_t byte = (uint8_t)*s->p++;
                s->n--;
                v |= (uint64_t)(byte & 0x7f) << shift;
                if (byte < 0x80) {
                        *ret = v;
                        return true;
                }
        }
        return false;
}

static bool take_text(struct str *s, struct str *ret)
{
        uint64_t n;
        if (!take_number(s, &n) || n > s->n)
                return false;
        *ret = (struct str){ s->p, n };
        s->p += n;
        s->n -= n;
        return true;
}

static bool take_ref(struct str *s, int64_t *last, struct event_ref *r)
{
        uint64_t step;
        if (!take_number(s, &step) || !s->n)
                return false;
        r->item = *last = (int64_t)((uint64_t)*last + (step >> 1 ^ -(step & 1)));
        uint8_t how = (uint8_t)*s->p++;
        s->n--;
        r->role = how & ROLE_MASK;
        r->has_quantity = how & WITH_QUANTITY;
        return (!r->has_quantity || take_text(s, &r->quantity)) && (!(how & WITH_UOM) || take_text(s, &r->uom));
}

ssize_t refs_unpack(struct arena *a, struct str blob, const struct event_ref **ret)
{
        uint64_t n;
        if (!take_number(&blob, &n) || n > blob.n)      /* a reference takes two bytes at least */
                return -1;
        struct event_ref *refs = arena_array(a, struct event_ref, n);
        int64_t last = 0;
        for (uint64_t i = 0; i < n; i++)
                if (!take_ref(&blob, &last, &refs[i]))
                        return -1;
        *ret = refs;
        return blob.n ? -1 : (ssize_t)n;
}
