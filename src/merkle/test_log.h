#ifndef SUYUAN_MERKLE_TEST_LOG_H
#define SUYUAN_MERKLE_TEST_LOG_H

#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "merkle/tile.h"

/* For tests: a log of the leaves "leaf 0", "leaf 1" … kept as a server keeps one: the entries, and a run of hashes for each level of tiles. */
enum { TEST_LEVELS = 4 };
struct test_log {
        int64_t size;
        struct frontier frontier;
        struct hash *level[TEST_LEVELS];
        int64_t n[TEST_LEVELS];
        struct buf entries;
        size_t *entry_at;               /* of each 256th entry, and the end */
};

static inline struct str test_leaf(char text[32], int64_t i)
{
        return (struct str){ text, (size_t)snprintf(text, 32, "leaf %lld", (long long)i) };
}

static inline void test_log_whole(void *ctx, int level, const struct hash *root)
{
        struct test_log *l = ctx;

        l->level[level / 8][l->n[level / 8]++] = *root;
}

static inline struct test_log *test_log_new(int64_t size)
{
        struct test_log *l = calloc(1, sizeof *l);

        l->size = size;
        buf_init(&l->entries, 1 << 26);
        l->entry_at = calloc((size_t)size / 256 + 2, sizeof *l->entry_at);
        for (int i = 0; i < TEST_LEVELS; i++)
                l->level[i] = calloc((size_t)(size >> (8 * i)) + 1, sizeof **l->level);
        for (int64_t i = 0; i < size; i++) {
                char text[32];
                struct str entry = test_leaf(text, i);
                if (i % 256 == 0)
                        l->entry_at[i / 256] = l->entries.n;
                bundle_add(&l->entries, entry);
                l->level[0][i] = tree_leaf(entry.p, entry.n);
                l->n[0]++;
        }
        l->entry_at[(size + 255) / 256] = l->entries.n;
        frontier_add_many(&l->frontier, l->level[0], (size_t)size, test_log_whole, l);
        return l;
}

static inline void test_log_free(struct test_log *l)
{
        for (int i = 0; i < TEST_LEVELS; i++)
                free(l->level[i]);
        free(l->entry_at);
        buf_free(&l->entries);
        free(l);
}

/* The bytes of the tile as this log has it; full ones also of partial names. */
static inline struct str test_log_tile(const struct test_log *l, struct tile t)
{
        if (t.level == TILE_ENTRIES)
                return (struct str){ l->entries.p + l->entry_at[t.n], l->entry_at[t.n + 1] - l->entry_at[t.n] };
        return (struct str){ (const char *)(l->level[t.level] + t.n * TILE_HASHES), (size_t)t.width * sizeof(struct hash) };
}

static inline int test_log_fetch(void *ctx, struct tile t, const uint8_t **ret)
{
        assert_in_range(t.width, 1, TILE_HASHES);
        *ret = (const uint8_t *)test_log_tile(ctx, t).p;
        return 0;
}

#endif
