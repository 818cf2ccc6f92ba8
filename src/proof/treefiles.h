#ifndef SUYUAN_PROOF_TREEFILES_H
#define SUYUAN_PROOF_TREEFILES_H

#include "merkle/leaf.h"
#include "merkle/tile.h"
#include "merkle/tree.h"
#include "proof/fileio.h"

/* The tree as flat files that only grow (docs/design/proof.md):
 *
 *   entries.bin   44 bytes a leaf: length and leaf; a bundle is a slice.  While a process adds, zeros follow
 *   level-0.bin   leaf hashes, level-1.bin roots of 256 of them …: a tile is a slice of 8192 bytes
 *   marked        "SIZE\n": so many leaves are on the disk in every file
 *
 * Knows no database and no signature: whoever opens it says how many leaves there are and brings those that the files lack.  One thread adds;
 * any thread reads what lies below a size that it was told of after it was added. */
struct treefiles;

/* `write` false: nothing is made and nothing changes. */
int treefiles_open(const char *folder, bool write, const struct fileio *io, struct treefiles **ret, struct err *reterr);
void treefiles_close(struct treefiles *t);      /* NULL is fine; syncs nothing */
/* Cuts the files to what is surely right of the first `size` leaves; treefiles_size says how many that are. */
int treefiles_recover(struct treefiles *t, int64_t size, struct err *reterr);
/* Without writing: takes the files as holding `size` leaves.  ERR_STORE when they are shorter. */
int treefiles_follow(struct treefiles *t, int64_t size, struct err *reterr);

int64_t treefiles_size(const struct treefiles *t);
/* Appends n × 42 bytes; on failure the size is what it was, and the same may be tried again. */
int treefiles_add(struct treefiles *t, const uint8_t *leaves, size_t n, struct err *reterr);
/* Makes the leaves durable; from time to time (and with `all`, an end) the levels too.  On failure the size goes back to what is surely on the disk: what lies
 * above must be added again. */
int treefiles_sync(struct treefiles *t, bool all, struct err *reterr);

/* `size` up to treefiles_size, or less once the files hold more. */
int treefiles_root(struct treefiles *t, int64_t size, struct hash *ret, struct err *reterr);
int treefiles_inclusion(struct treefiles *t, int64_t index, int64_t size, struct hash ret[PROOF_MAX], struct err *reterr);
int treefiles_consistency(struct treefiles *t, int64_t old, int64_t size, struct hash ret[PROOF_MAX], struct err *reterr);
/* Where a tile stands; false: no such tile in the tree of `size`.  The descriptor is the tree's. */
bool treefiles_slice(struct treefiles *t, struct tile tile, int64_t size, int *ret_fd, int64_t *ret_at, int64_t *ret_bytes);

#endif
