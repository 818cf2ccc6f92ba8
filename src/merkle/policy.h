#ifndef SUYUAN_MERKLE_POLICY_H
#define SUYUAN_MERKLE_POLICY_H

#include "merkle/checkpoint.h"

/* C2SP tlog-policy: which logs are believed and how many witnesses must have cosigned.
 *
 *   log <vkey> [url]
 *   witness <name> <vkey> [url]
 *   group <name> <k|any|all> <member>…         members: witnesses or earlier groups
 *   quorum <name>|none
 *
 * A line that begins with `#` is a comment.  Names are bytes without blanks; a witness or group is a member of one group at most, so that it counts
 * once; no key stands there twice.  At most 1024 names.  Several log lines are several keys, of one log while its key is being changed or of several. */
struct policy_log { struct vkey vkey; struct str url; };
struct policy_witness { struct str name; struct vkey vkey; struct str url; };
struct policy;
enum { POLICY_BYTES_MAX = 64 * 1024 };
int policy_read(struct arena *a, struct str text, struct policy **ret, struct err *reterr);     /* err: line */
const struct policy_log *policy_logs(const struct policy *p, size_t *ret_n);
const struct policy_witness *policy_witnesses(const struct policy *p, size_t *ret_n);
const char *policy_quorum(const struct policy *p);      /* its name, "none" */

/* Opens a checkpoint under the policy: origin and signature of one of its logs (every line of a known key must hold), and the quorum.  What
 * is lacking stands in `reterr` as a sentence. */
struct policy_seen {
        const struct policy_log *log;
        struct signed_checkpoint checkpoint;
        size_t n_witnesses;             /* whose cosignatures hold */
        int64_t first_s, last_s;        /* the earliest and latest of their times; 0: none */
};
int policy_open(struct arena *a, const struct policy *p, struct str checkpoint_note, struct policy_seen *ret, struct err *reterr);

/* The earliest time that a witness of the policy gives to a checkpoint, whoever else signed it: its text, and so what is in its tree, was there by
 * then.  Only the line with that time is checked, since nothing is claimed from the others.  1 and its time; 0: no witness has a line; -1: it does not hold. */
int policy_first(const struct policy *p, const struct note *n, int64_t *ret_time_s);

#endif
