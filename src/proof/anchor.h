#ifndef SUYUAN_PROOF_ANCHOR_H
#define SUYUAN_PROOF_ANCHOR_H

#include "proof/proof.h"

/* Once a day the newest checkpoint is stamped by an RFC 3161 authority: a bound on when it was there that rests on nobody of ours and on no witness.
 *
 *   DIR/log/anchors/SIZE.note    the checkpoint as it was stamped
 *   DIR/log/anchors/SIZE.tsr     the reply: `openssl ts -verify -data SIZE.note -in SIZE.tsr -CAfile CA`
 *
 * and a leaf of type 8 says SHA-256 of SIZE.tsr (docs/design/proof.md). */

/* Now, of what `p` has published.  ERR_CONFLICT when this size is anchored already. */
struct anchored { int64_t size, time_s; };
int anchor_now(struct proof *p, struct ledger *l, const char *dir, const char *tsa, const char *ca, struct anchored *ret, struct err *reterr);
/* When the newest one was made, seconds since 1970; 0: none yet. */
int64_t anchor_last_s(const char *dir);

/* A thread that does so once a day, and soon again after a failure.  `tsa` and `ca` live as long. */
struct anchors;
struct anchors *anchors_start(struct proof *p, struct ledger *l, const char *dir, const char *tsa, const char *ca);
void anchors_stop(struct anchors *x);   /* NULL is fine */

#endif
