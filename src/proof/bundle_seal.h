#ifndef SUYUAN_PROOF_BUNDLE_SEAL_H
#define SUYUAN_PROOF_BUNDLE_SEAL_H

#include "epcis/event.h"
#include "proof/bundle_impl.h"

/* What a checker knows while it goes over a file (bundle_verify.c), and the lot seals in it (bundle_seal.c). */
struct opened { bool tried, ok; int64_t size, time_s; struct hash root; char why[300]; };

struct facts {                          /* of a record, from its bytes */
        bool known;                     /* the hashes are made */
        struct hash hash, commitment, leaf;
        struct record_header header;    /* type 1 */
        struct event event;             /* type 1; .json NULL where it could not be read */
        struct statement statement;     /* the others */
};

struct verifying {
        struct arena *arena;
        const struct policy *policy;
        struct bundle_file file;
        struct bundle_result *ret;
        struct opened *checkpoints;     /* as in the file */
        struct facts *facts;            /* as the records */
        struct name_of *names;          /* what the events that hold name; sorted */
        size_t n_names;
};

typedef void seal_fault(struct verifying *v, size_t i, enum bundle_step step, const char *fmt, ...);
/* Every lot seal that holds, against the records of the file; to be called when all else is done. */
void seals_check(struct verifying *v, seal_fault *fail);
/* Does an event that holds name the thing?  After seals_check. */
bool seals_name(const struct verifying *v, struct str canonical);

#endif
