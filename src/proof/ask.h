#ifndef SUYUAN_PROOF_ASK_H
#define SUYUAN_PROOF_ASK_H

#include "merkle/policy.h"
#include "merkle/tree.h"

/* The log's side of C2SP tlog-witness: each witness of a policy that has an address is asked after each checkpoint, on a thread of ours.  A slow or
 * dead one costs nobody anything; its line comes later or not at all.  Knows no store: what it needs it is given. */
struct ask;

enum { ASK_KEYS_MAX = 2 };

struct ask_options {
        const struct policy_witness *witnesses;         /* live as long as the ask */
        size_t n;
        /* On the ask's thread. */
        /* Our own keys as they are now (two while one is being changed): what a witness shows of us counts only under one of them.  How many. */
        size_t (*keys)(void *ctx, struct vkey ret[ASK_KEYS_MAX]);
        int (*consistency)(void *ctx, int64_t old, int64_t size, struct hash ret[PROOF_MAX], struct err *reterr);      /* how many, -1 */
        void (*came)(void *ctx, int64_t size, const struct policy_witness *w, struct str line, int64_t time_s);       /* its line holds */
        /* It has cosigned more than the checkpoint that it was asked for, or another tree: perhaps we were rolled back.  Its size and root, of a checkpoint that bears our
         * signature: nobody but us can have made that. */
        void (*ahead)(void *ctx, const struct policy_witness *w, int64_t their_size, const struct hash *root);
        /* It says that it has cosigned more, and shows no checkpoint of ours: anybody can say that.  NULL: nobody wants to know. */
        void (*claims)(void *ctx, const struct policy_witness *w, int64_t their_size);
        void *ctx;
        int timeout_ms;         /* of one exchange; 0: 2000 */
};
struct ask *ask_start(const struct ask_options *o);
/* A newer checkpoint (its note, signed by us): what is still to be asked of an older one is forgotten.  Copies. */
void ask_checkpoint(struct ask *a, int64_t size, struct str note);
void ask_stop(struct ask *a);   /* NULL is fine; waits for what is under way at most timeout_ms */

/* Before the first signature of a process: what each witness has of this origin (GET its checkpoint), under one of the log's keys.  ret[i]: size, 0 none, -1 not reached;
 * root only where size > 0.  Takes no longer than timeout_ms in all. */
struct witness_has { int64_t size; struct hash root; };
void ask_latest(const struct policy_witness *list, size_t n, struct str origin, const struct vkey *keys, size_t n_keys, int timeout_ms, struct witness_has *ret);

#endif
