#include "merkle/tree.h"

#include <assert.h>

struct hash tree_leaf(const void *entry, size_t n)
{
        static const uint8_t mark = 0x00;

        return sha256_2(&mark, 1, entry, n);
}

struct hash tree_node(const struct hash *left, const struct hash *right)
{
        uint8_t b[1 + 2 * sizeof left->b];

        b[0] = 0x01;
        memcpy(b + 1, left->b, sizeof left->b);
        memcpy(b + 1 + sizeof left->b, right->b, sizeof right->b);
        return sha256(b, sizeof b);
}

struct hash tree_empty(void)
{
        return sha256(NULL, 0);
}

/* ---- appending ---- */

void frontier_add_many(struct frontier *t, const struct hash *leaves, size_t n, frontier_whole *whole, void *ctx)
{
        for (size_t i = 0; i < n; i++) {
                struct hash h = leaves[i];
                int level = 0;

                assert(t->size < TREE_MAX);
                for (; t->size >> level & 1; level++) {
                        h = tree_node(&t->f[level], &h);
                        if (whole && (level + 1) % 8 == 0)
                                whole(ctx, level + 1, &h);
                }
                t->f[level] = h;
                t->size++;
        }
}

void frontier_add(struct frontier *t, const struct hash *leaf)
{
        frontier_add_many(t, leaf, 1, NULL, NULL);
}

/* The lowest bit that is set: the smallest of the complete subtrees. */
static int lowest(int64_t size)
{
        return __builtin_ctzll((unsigned long long)size);
}

struct hash frontier_root(const struct frontier *t)
{
        if (t->size == 0)
                return tree_empty();

        int level = lowest(t->size);
        struct hash root = t->f[level];
        for (level++; t->size >> level; level++)
                if (t->size >> level & 1)
                        root = tree_node(&t->f[level], &root);
        return root;
}

/* ---- proving ---- */

/* Some leaves, [at, at + n), where `at` is a multiple of a power of two that is not below n, as every part of a split is. */
struct part { int64_t at, n; };

/* The largest power of two below n, n > 1. */
static int64_t split(int64_t n)
{
        return INT64_C(1) << (63 - __builtin_clzll((unsigned long long)(n - 1)));
}

/* Folds the complete subtrees of a part, the smallest (rightmost) first. */
static int part_root(struct part p, tree_read *read, void *ctx, struct hash *ret)
{
        int level = lowest(p.n);
        struct hash left;

        if (read(ctx, level, ((p.at + p.n) >> level) - 1, ret) < 0)
                return -1;
        for (level++; p.n >> level; level++) {
                if (!(p.n >> level & 1))
                        continue;
                if (read(ctx, level, ((p.at + p.n) >> level) - 1, &left) < 0)
                        return -1;
                *ret = tree_node(&left, ret);
        }
        return 0;
}

int tree_root(int64_t size, tree_read *read, void *ctx, struct hash *ret)
{
        if (size < 0 || size > TREE_MAX)
                return -1;
        if (size == 0) {
                *ret = tree_empty();
                return 0;
        }
        return part_root((struct part){ 0, size }, read, ctx, ret);
}

/* Cuts a part in two, keeps the half where leaf `index` lies and gives the root of the other one. */
static int descend(struct part *p, int64_t index, tree_read *read, void *ctx, struct hash *ret)
{
        int64_t k = split(p->n);
        struct part left = { p->at, k }, right = { p->at + k, p->n - k };
        bool is_left = index < right.at;

        *p = is_left ? left : right;
        return part_root(is_left ? right : left, read, ctx, ret);
}

/* Found from the root down, wanted from the leaf up. */
static int reversed(struct hash *p, int n)
{
        for (int i = 0; i < n / 2; i++) {
                struct hash h = p[i];
                p[i] = p[n - 1 - i];
                p[n - 1 - i] = h;
        }
        return n;
}

int tree_prove(int64_t index, int64_t size, tree_read *read, void *ctx, struct hash ret[PROOF_MAX])
{
        struct part p = { 0, size };
        int n = 0;

        if (index < 0 || index >= size || size > TREE_MAX)
                return -1;
        while (p.n > 1)
                if (descend(&p, index, read, ctx, &ret[n++]) < 0)
                        return -1;
        return reversed(ret, n);
}

int tree_prove_consistency(int64_t old, int64_t size, tree_read *read, void *ctx, struct hash ret[PROOF_MAX])
{
        struct part p = { 0, size };
        int n = 0;

        if (old <= 0 || old > size || size > TREE_MAX)
                return -1;
        while (p.at + p.n != old)
                if (descend(&p, old - 1, read, ctx, &ret[n++]) < 0)
                        return -1;
        /* The part that ends where the old tree ends.  Where it is all of the old tree, the asker has its root. */
        if (p.at > 0 && part_root(p, read, ctx, &ret[n++]) < 0)
                return -1;
        return reversed(ret, n);
}

/* ---- verifying ---- */

/* A place on the way up: a node's number in its level (fn) and that of the level's last node (sn). */
struct place { int64_t fn, sn; };

static void up(struct place *p)
{
        p->fn >>= 1;
        p->sn >>= 1;
}

/* Whether the next hash stands to our left.  Then we are, or were carried to, a right child: up to where that is so. */
static bool is_right(struct place *p)
{
        if (!(p->fn & 1) && p->fn != p->sn)
                return false;
        while (p->fn && !(p->fn & 1))
                up(p);
        return true;
}

static bool hash_eq(const struct hash *a, const struct hash *b)
{
        return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool tree_verify(int64_t index, int64_t size, const struct hash *leaf, const struct hash *proof, size_t n, const struct hash *root)
{
        struct place p = { index, size - 1 };
        struct hash r = *leaf;

        if (index < 0 || index >= size || size > TREE_MAX)
                return false;
        for (size_t i = 0; i < n; i++) {
                if (p.sn == 0)
                        return false;
                r = is_right(&p) ? tree_node(&proof[i], &r) : tree_node(&r, &proof[i]);
                up(&p);
        }
        return p.sn == 0 && hash_eq(&r, root);
}

/* From where the two trees part: `first` is what both have there. */
static bool climb(struct place p, const struct hash *first, const struct hash *proof, size_t n, const struct hash *old_root, const struct hash *root)
{
        struct hash fr = *first, sr = *first;

        while (p.fn & 1)
                up(&p);
        for (size_t i = 0; i < n; i++) {
                if (p.sn == 0)
                        return false;
                if (is_right(&p)) {
                        fr = tree_node(&proof[i], &fr);
                        sr = tree_node(&proof[i], &sr);
                } else {
                        sr = tree_node(&sr, &proof[i]);
                }
                up(&p);
        }
        return p.sn == 0 && hash_eq(&fr, old_root) && hash_eq(&sr, root);
}

bool tree_verify_consistency(int64_t old, int64_t size, const struct hash *old_root, const struct hash *root,
                             const struct hash *proof, size_t n)
{
        struct place p = { old - 1, size - 1 };

        if (old <= 0 || old > size || size > TREE_MAX)
                return false;
        if (old == size)
                return n == 0 && hash_eq(old_root, root);
        if (n == 0)
                return false;
        /* A complete old tree is itself a node of the new one. */
        return (old & (old - 1)) == 0 ? climb(p, old_root, proof, n, old_root, root) : climb(p, &proof[0], proof + 1, n - 1, old_root, root);
}
