#ifndef SUYUAN_PROOF_MONITOR_H
#define SUYUAN_PROOF_MONITOR_H

#include "merkle/policy.h"
#include "proof/remote.h"

/* Follows a log from outside: each checkpoint must be signed, follow from the last one that was seen, and agree with what the witnesses have. */

enum monitor_found {
#define FOUND(name, word, hans, en) FOUND_##name,
#include "proof/found.def"
#undef FOUND
        FOUNDS
};
const char *found_word(enum monitor_found f);           /* "fork": for machines, never changes */
const char *found_sentence(enum monitor_found f);       /* for people: Chinese, then English */

struct monitor_options {
        struct str url;
        const struct vkey *keys;        /* of the log; one of them must have signed */
        size_t n_keys;
        const struct policy *policy;    /* quorum, and witnesses to ask; NULL: none */
        const char *state;              /* file; NULL or "": nothing is kept beyond this process */
        int64_t stale_s;                /* a log that shows nothing new for so long is stale; 0: never */
        int timeout_ms;
};
struct monitor;
int monitor_open(const struct monitor_options *o, struct monitor **ret, struct err *reterr);
void monitor_close(struct monitor *m);  /* NULL is fine */

/* One look.  What was found is as bad as the worst of it; the state is kept only when all is well. */
struct monitor_report {
        enum monitor_found found;       /* FOUND_OK: nothing is wrong */
        char why[400];                  /* in English, the particulars */
        int64_t size, before;           /* of the checkpoint, and of the one before */
        struct str origin, note, note_before;   /* evidence: both notes; in the arena */
        size_t cosigned, asked, heard;  /* by the policy's witnesses; witnesses asked, and that answered */
};
void monitor_look(struct monitor *m, struct arena *a, struct monitor_report *ret);

#endif
