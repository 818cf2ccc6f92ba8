#ifndef SUYUAN_PROOF_PLAIN_H
#define SUYUAN_PROOF_PLAIN_H

#include "merkle/policy.h"

/* A C2SP tlog-proof of any log: it bears no record of ours, and the leaf is the bytes of a file beside it. */

/* The proof says nothing that only this system's records have (an `extra` with a record); false also for what is no tlog-proof. */
bool proof_is_plain(struct arena *a, struct str proof);

struct plain_result { int64_t index; struct policy_seen seen; };
/* Is SHA-256(0x00 ‖ leaf) under the checkpoint, and the checkpoint believed?  1; 0 and `reterr` says why not; -1 no tlog-proof. */
int plain_verify(struct arena *a, struct str proof, struct str leaf, const struct policy *p, struct plain_result *ret, struct err *reterr);

#endif
