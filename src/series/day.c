#include "series/day.h"

enum { VERSION = 1, ALL_RAW = 0, MASKS = 1, MASK_BYTES = 3 };
#define ALL_HOURS ((1u << DAY_HOURS) - 1)

static void pack_mask(struct pack *k, uint32_t mask)
{
        for (int i = 0; i < 8 * MASK_BYTES; i += 8)
                pack_byte(k, (uint8_t)(mask >> i));
}

static uint32_t unpack_mask(struct unpack *u)
{
        uint32_t mask = 0;
        for (int i = 0; i < 8 * MASK_BYTES; i += 8)
                mask |= (uint32_t)unpack_byte(u) << i;
        return mask & ALL_HOURS;
}

static void pack_channel(struct pack *k, const struct day_channel *c)
{
        const struct sums *before = NULL;
        bool plain = c->raw == c->counted && c->minutes == 0;
        pack_byte(k, plain ? ALL_RAW : MASKS);
        pack_mask(k, c->counted);
        if (!plain) {
                pack_mask(k, c->raw);
                pack_mask(k, c->minutes);
        }
        for (int h = 0; h < DAY_HOURS; h++)
                if (c->counted >> h & 1) {
                        sums_pack(k, &c->hours[h], before);
                        before = &c->hours[h];
                }
}

void day_pack(struct pack *k, struct day_channel *const *c, size_t n)
{
        uint32_t before = 0;
        pack_byte(k, VERSION);
        pack_u(k, n);
        for (size_t i = 0; i < n; i++) {
                struct pack body = { .a = k->a };
                pack_channel(&body, c[i]);
                pack_u(k, c[i]->id - before);
                pack_str(k, pack_view(&body));
                before = c[i]->id;
        }
}

static int damaged(struct err *reterr)
{
        return err_set(reterr, ERR_STORE, "the figures of a day are damaged; run `suyuan check` and restore a copy");
}

int day_open(struct arena *a, struct str bytes, struct day *ret, struct err *reterr)
{
        struct unpack u = unpack_of(bytes);
        uint64_t id = 0;
        if (unpack_byte(&u) != VERSION)
                return damaged(reterr);
        ret->n = unpack_count(&u, unpack_left(&u) / 3);
        ret->entries = arena_array(a, struct day_entry, ret->n + 1);
        for (size_t i = 0; i < ret->n; i++) {
                uint64_t more = unpack_u(&u);
                id += more;
                if (more == 0 || more > UINT32_MAX || id > UINT32_MAX)
                        return damaged(reterr);
                ret->entries[i] = (struct day_entry){ (uint32_t)id, unpack_str(&u, unpack_left(&u)) };
        }
        return u.bad || unpack_left(&u) ? damaged(reterr) : 0;
}

int day_unpack(const struct day_entry *e, struct day_channel *ret, struct err *reterr)
{
        struct unpack u = unpack_of(e->body);
        const struct sums *before = NULL;
        *ret = (struct day_channel){ .id = e->id };
        uint8_t form = unpack_byte(&u);
        ret->counted = ret->raw = unpack_mask(&u);
        if (form != ALL_RAW) {
                ret->raw = unpack_mask(&u);
                ret->minutes = unpack_mask(&u);
        }
        for (int h = 0; h < DAY_HOURS; h++)
                if (ret->counted >> h & 1) {
                        sums_unpack(&u, before, &ret->hours[h]);
                        before = &ret->hours[h];
                }
        return form > MASKS || u.bad || unpack_left(&u) ? damaged(reterr) : 0;
}

int day_find(const struct day *d, uint32_t id, struct day_channel *ret, struct err *reterr)
{
        size_t low = 0, high = d->n;
        while (low < high) {
                size_t mid = (low + high) / 2;
                if (d->entries[mid].id < id)
                        low = mid + 1;
                else
                        high = mid;
        }
        if (low == d->n || d->entries[low].id != id) {
                *ret = (struct day_channel){ .id = id };
                return 0;
        }
        return day_unpack(&d->entries[low], ret, reterr) < 0 ? -1 : 1;
}
