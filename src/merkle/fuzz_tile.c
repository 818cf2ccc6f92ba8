/* Any bytes: as the path of a tile either refused or spelt as we spell it; as a bundle of entries taken apart and put together again; as a leaf, the header
 * of a record and a statement as well. */
#include <assert.h>
#include <stdint.h>

#include "merkle/leaf.h"
#include "merkle/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(struct str s)
{
        struct tile t;
        struct buf b = { .max = 200 };

        if (tile_read_path(s, &t, NULL) == 0) {
                assert(t.level >= TILE_ENTRIES && t.level <= 63 && t.n >= 0 && t.width >= 1 && t.width <= TILE_HASHES);
                tile_path(&b, t);
                assert(str_eq(str_from(buf_view(&b), 5), s));
                assert(tile_width(TREE_MAX, t.level, t.n) <= TILE_HASHES);
                buf_free(&b);
        }
}

static void check_bundle(struct str s)
{
        struct buf b = { .max = s.n + 1 };
        struct str rest = s, entry;

        while (bundle_next(&rest, &entry))
                bundle_add(&b, entry);
        buf_str(&b, rest);
        assert(str_eq(buf_view(&b), s));
        buf_free(&b);
}

static void check_texts(struct arena *a, struct str s)
{
        uint8_t again[LEAF_BYTES];
        struct record_header h;
        struct statement t;
        struct leaf l;

        if (leaf_read(s.p, s.n, &l, NULL) == 0) {
                leaf_write(again, &l);
                assert(memcmp(again, s.p, LEAF_BYTES) == 0);
        }
        if (record_header_read(s, &h, NULL) == 0)
                assert(str_eq(record_header_write(a, &h), s));
        if (statement_read(s, &t, NULL) == 0)
                assert(str_eq(statement_write(a, &t), s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct str s = { (const char *)data, size };

        check_path(s);
        check_bundle(s);
        check_texts(a, s);
        arena_free(a);
        return 0;
}
