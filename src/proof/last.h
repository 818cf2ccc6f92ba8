#ifndef SUYUAN_PROOF_LAST_H
#define SUYUAN_PROOF_LAST_H

#include "merkle/checkpoint.h"
#include "proof/fileio.h"

/* The last signed checkpoint, kept outside the database (DIR/log/signed, and a second copy elsewhere where one is named): written and durable before the
 * checkpoint counts, so that a database that was put back to an older copy is found out.
 *
 * Two slots of 4096 bytes, written in turn: a write that a power cut tears leaves the other one.  Each is a note with zeros after it. */
struct last;

/* `path` is made where it is missing. */
int last_open(const char *path, const struct fileio *io, struct last **ret, struct err *reterr);
void last_close(struct last *l);        /* NULL is fine */
/* The checkpoint of this origin with the greatest size whose signature of one of the keys holds: 1; 0 there is none; -1 there are bytes and none that holds. */
int last_read(struct last *l, struct arena *a, struct str origin, const struct vkey *keys, size_t n_keys, struct checkpoint *ret, struct err *reterr);
int last_write(struct last *l, struct str note, struct err *reterr);

#endif
