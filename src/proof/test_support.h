#ifndef SUYUAN_PROOF_TEST_SUPPORT_H
#define SUYUAN_PROOF_TEST_SUPPORT_H

#include "merkle/leaf.h"
#include "proof/fileio.h"

/* Leaves, and file calls that fail, for the tests of proof/. */

/* Leaf i of every test: its bytes. */
void test_leaf(int64_t i, uint8_t ret[LEAF_BYTES]);
/* n × 42 bytes from leaf `first` on; malloc'ed. */
uint8_t *test_leaves(int64_t first, size_t n);

/* What becomes of the n-th call (from 1) and, where it says so, of all after it. */
enum mishap {
        MISHAP_NONE,
        MISHAP_EIO,              /* that call says EIO and does nothing */
        MISHAP_ENOSPC,           /* it and all later writes say ENOSPC; the first writes a part */
        MISHAP_SHORT,            /* a write writes a part; nothing else is wrong */
        MISHAP_KILL,             /* the process ends before it */
        MISHAP_KILL_AFTER,       /* the process ends after it */
        MISHAP_POWER             /* the power goes before it: of what was not synced each write is there or not (by `seed`), and the process ends */
};
enum { TEST_KILLED = 77 };      /* exit code of a process that ended so */
extern const struct fileio test_fileio;
void test_mishap(enum mishap what, long nth, unsigned seed);
long test_calls(void);          /* since test_mishap */

#endif
