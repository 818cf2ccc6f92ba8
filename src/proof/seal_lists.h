#ifndef SUYUAN_PROOF_SEAL_LISTS_H
#define SUYUAN_PROOF_SEAL_LISTS_H

#include "base/arena.h"
#include "base/digest.h"

/* The lists of commitments that lot seals stand for, kept in memory by their hash: to make one again is a walk over all of an organisation's records, and files
 * of proof ask for the same ones over and over.  A list is what its hash says, so none is ever stale.  At most LIMIT_SEAL_LISTS_BYTES; any thread. */
struct seal_lists;

struct seal_lists *seal_lists_new(void);
void seal_lists_free(struct seal_lists *l);     /* NULL is fine */
/* A copy in the arena; false: it is not here. */
bool seal_lists_find(struct seal_lists *l, struct arena *a, const struct hash *h, struct hash **ret, size_t *ret_n);
/* `list` is sorted and h its hash (seal_hash_of).  Copies. */
void seal_lists_keep(struct seal_lists *l, const struct hash *h, const struct hash *list, size_t n);
size_t seal_lists_bytes(struct seal_lists *l);

#endif
