#ifndef SUYUAN_MERKLE_TREE_H
#define SUYUAN_MERKLE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

/* The Merkle tree of RFC 6962 §2.1 over SHA-256.  Pure: no files, no clock, nothing allocated.
 *
 *   leaf(entry)       = SHA-256(0x00 ‖ entry)
 *   node(left, right) = SHA-256(0x01 ‖ left ‖ right)
 *   empty tree        = SHA-256("")
 *
 * A tree of n leaves splits at the largest power of two below n.  Sizes are up to 2^62. */

#define TREE_MAX (INT64_C(1) << 62)
enum { PROOF_MAX = 63 };        /* hashes of a proof at most, inclusion or consistency */

struct hash tree_leaf(const void *entry, size_t n);
struct hash tree_node(const struct hash *left, const struct hash *right);
struct hash tree_empty(void);

/* What is enough to append: the roots of the complete subtrees that the binary digits of `size` name, highest first is
 * the leftmost: f[b] covers 2^b leaves and is set where bit b of size is. */
struct frontier {
        int64_t size;
        struct hash f[63];
};
void frontier_add(struct frontier *t, const struct hash *leaf);
/* Many, in order.  Each subtree of 2^8, 2^16, 2^24 … leaves that becomes complete is told (`whole` may be NULL), the lower one first: what the
 * higher tiles are made of (merkle/tile.h: level / 8 is the tile's). */
typedef void frontier_whole(void *ctx, int level, const struct hash *root);
void frontier_add_many(struct frontier *t, const struct hash *leaves, size_t n, frontier_whole *whole, void *ctx);
struct hash frontier_root(const struct frontier *t);

/* Where the hashes of a tree come from: the root of the complete subtree that covers leaves [index·2^level, (index+1)·2^level).
 * Asked only for subtrees that are complete in the tree of the size named.  0, or -1 (and the proof is given up). */
typedef int tree_read(void *ctx, int level, int64_t index, struct hash *ret);

/* The root of the first `size` leaves. */
int tree_root(int64_t size, tree_read *read, void *ctx, struct hash *ret);
/* Inclusion of leaf `index` in the tree of `size`, leaf side first; how many hashes, -1 when the reader failed or index ≥ size. */
int tree_prove(int64_t index, int64_t size, tree_read *read, void *ctx, struct hash ret[PROOF_MAX]);
/* Consistency of `old` with `size`, 0 < old ≤ size (RFC 6962 §2.1.2); how many, -1. */
int tree_prove_consistency(int64_t old, int64_t size, tree_read *read, void *ctx, struct hash ret[PROOF_MAX]);

/* RFC 9162 §2.1.3.2 and §2.1.4.2.  A proof of old = 0 means nothing and is refused (a witness decides about that itself). */
bool tree_verify(int64_t index, int64_t size, const struct hash *leaf, const struct hash *proof, size_t n, const struct hash *root);
bool tree_verify_consistency(int64_t old, int64_t size, const struct hash *old_root, const struct hash *root,
                             const struct hash *proof, size_t n);

#endif
