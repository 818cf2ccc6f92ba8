/* Goal: no bytes break the unpacking of an hour or of a day's figures; what comes out is in order and within bounds, and packed again it unpacks the same.
 * The first byte says which of the two. */
#include <assert.h>
#include <stdint.h>

#include "series/batch_impl.h"
#include "series/day.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 200000 };         /* points, so that a small input does not take all memory */

static bool is_bomb(struct arena *a, struct block *b)
{
        size_t n = 0;
        for (size_t i = 0; i < b->n; i++)
                if (b->entries[i].kind == COLUMN_RAW) {
                        struct unpack u = unpack_of(b->times[b->entries[i].time]);
                        n += (size_t)unpack_count(&u, HOUR_MS);
                }
        (void)a;
        return n > MOST;
}

static void look_at_block(struct arena *a, struct str bytes)
{
        struct block b, again;
        if (block_open(a, bytes, &b, NULL) < 0 || is_bomb(a, &b))
                return;
        struct column *c = arena_array(a, struct column, b.n + 1), back;
        for (size_t i = 0; i < b.n; i++) {
                if (block_column(a, &b, &b.entries[i], &c[i], NULL) < 0)
                        return;
                for (uint32_t j = 0; j < c[i].n && c[i].kind == COLUMN_RAW; j++)
                        assert(c[i].p[j].t < HOUR_MS && c[i].p[j].flag < FLAGS && (j == 0 || c[i].p[j - 1].t < c[i].p[j].t));
                if (c[i].kind == COLUMN_RAW)
                        c[i].mixed = !points_align(c[i].p, c[i].n);
        }
        struct pack k = { .a = a };
        block_pack(&k, c, b.n);
        assert(block_open(a, pack_view(&k), &again, NULL) == 0 && again.n == b.n);
        for (size_t i = 0; i < b.n; i++) {
                assert(block_column(a, &again, &again.entries[i], &back, NULL) == 0 && back.n == c[i].n && back.kind == c[i].kind);
                for (uint32_t j = 0; j < back.n && back.kind == COLUMN_RAW; j++)
                        assert(back.p[j].t == c[i].p[j].t && back.p[j].m == c[i].p[j].m && back.p[j].scale == c[i].p[j].scale && back.p[j].flag == c[i].p[j].flag);
        }
}

static void look_at_day(struct arena *a, struct str bytes)
{
        struct day d;
        struct day_channel c;
        double min, max, sum, squares;
        if (day_open(a, bytes, &d, NULL) < 0)
                return;
        for (size_t i = 0; i < d.n; i++)
                if (day_unpack(&d.entries[i], &c, NULL) == 0)
                        for (int h = 0; h < DAY_HOURS; h++)
                                sums_doubles(&c.hours[h], &min, &max, &sum, &squares);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct str rest = { (const char *)data + 1, size - 1 };
        if (size && data[0] == 'd')
                look_at_day(a, rest);
        else if (size)
                look_at_block(a, rest);
        arena_free(a);
        return 0;
}
