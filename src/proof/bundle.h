#ifndef SUYUAN_PROOF_BUNDLE_H
#define SUYUAN_PROOF_BUNDLE_H

#include "merkle/leaf.h"
#include "proof/proof.h"

/* A file of proof ("suyuan-proof/1", docs/design/proof.md): made from a data directory, checked from its bytes alone. */

/* The records about an item, as the reader sees them (reader_see…), with their proofs: those that its page tells of, what they name as evidence, and
 * the seals of those who shipped it.  `openings`: the sealed members too, for an auditor.  ERR_NOT_FOUND; ERR_BUSY while the newest of them is not
 * under a checkpoint yet, which takes a second at most. */
int bundle_of_item(struct proof *p, struct reader *r, struct arena *a, int64_t org, struct str item, bool openings, struct buf *out, struct err *reterr);
/* One record as C2SP tlog-proof; `extra` is the record as in a bundle, without its proof. */
int proof_of_event(struct proof *p, struct reader *r, struct arena *a, int64_t org, int64_t seq, bool openings, struct buf *out, struct err *reterr);

/* Any leaf by its index, as C2SP tlog-proof without `extra`.  ERR_NOT_FOUND beyond the log, ERR_BUSY while no checkpoint covers it. */
int proof_of_leaf(struct proof *p, struct arena *a, int64_t index, struct buf *out, struct err *reterr);

/* What is done with a record, in this order. */
enum bundle_step {
        STEP_NONE,
#define STEP(name, en, hans, hant) STEP_##name,
#include "proof/bundle_steps.def"
#undef STEP
        STEPS
};

/* What was found of one record, for a table or a page. */
struct bundle_record {
        int64_t index, number;          /* leaf; number in its organisation (of a statement: in its type as well) */
        uint8_t type;
        bool ok;
        enum bundle_step step;          /* which failed first */
        char why[200];                  /* "" when ok: the same as a sentence in English, and the place in the file */
        struct str org, event_id;       /* of a statement its subject stands in event_id */
        int64_t time_us, recorded_ms, witnessed_s;      /* claimed (INT64_MIN: a statement claims none), recorded, first witnessed (0: not) */
        bool is_signed;                 /* by a device, and it holds */
        const struct hash *missing;     /* of a lot seal: commitments that it counts and no record of the file has */
        size_t n_missing;
};
struct bundle_result {
        bool ok;                        /* all of it */
        struct str item;                /* empty: a .tlog-proof of one record */
        struct policy_seen seen;        /* where the checkpoint holds */
        struct bundle_record *records;
        size_t n;
        /* Records that seals count and the file lacks: no failure, since a reader may not see all, but to be said.  The item's own seals: one was left out, or is not this
         * reader's to see.  Seals of what the item came with or from: records of its siblings stand among them. */
        size_t n_missing, n_related;
        char why[500];                  /* "" when ok: the first thing that fails, in English; names the place */
};
/* Reads and checks a bundle or a .tlog-proof.  0: `ret` says what was found, also when it does not hold; -1 (ERR_BAD_INPUT): no file of proof at all. */
int bundle_verify(struct arena *a, struct str file, const struct policy *p, struct bundle_result *ret, struct err *reterr);
/* The result in one sentence. */
void bundle_sentence(struct buf *out, const struct bundle_result *r, enum lang l);
/* Is `event` (JSON as anybody keeps it: an event, or a document) the one of this proof?  Member by member, a sealed one as far as the file opens it.
 * 1 yes; 0 no, and `reterr` says at which member; -1 it cannot be read. */
int bundle_is_of(struct arena *a, struct str file, struct str event, struct err *reterr);

#endif
