#ifndef SUYUAN_MERKLE_WITNESS_H
#define SUYUAN_MERKLE_WITNESS_H

#include "merkle/checkpoint.h"
#include "merkle/tree.h"

/* C2SP tlog-witness, the pure half: a request taken apart, and what is to be answered. */
struct witness_request {
        int64_t old;
        struct hash proof[PROOF_MAX];
        size_t n;
        struct str note;
};
enum { WITNESS_BYTES_MAX = 256 * 1024 };
int witness_read(struct str body, struct witness_request *ret, struct err *reterr);
void witness_write(struct buf *out, const struct witness_request *q);

struct witness_known { const struct vkey *keys; size_t n_keys; int64_t size; struct hash root; };     /* of an origin; size 0, root of the empty tree: none yet */
struct witness_answer {
        int status;                     /* 200, 400, 403, 409, 422: in the order of the protocol's checks (404 is the caller's: no such origin) */
        int64_t size;                   /* 409: what is stored */
        struct checkpoint checkpoint;   /* 200: to be stored before it is cosigned */
};
/* `n` is the note of the request, read.  The caller stores and cosigns, atomically with the look at `known`. */
struct witness_answer witness_decide(const struct witness_request *q, const struct note *n, const struct checkpoint *c, const struct witness_known *known);

#endif
