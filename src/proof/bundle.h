#ifndef SUYUAN_PROOF_BUNDLE_H
#define SUYUAN_PROOF_BUNDLE_H

#include "merkle/leaf.h"
#include "proof/proof.h"

/* A file of proof ("suyuan-proof/1", docs/design/proof.md): made from a data directory, checked from its bytes alone. */

/* The records about an item, as the reader sees them (reader_see…), with their proofs.  `openings`: the sealed members too, for an auditor. */
int bundle_of_item(struct proof *p, struct reader *r, struct arena *a, int64_t org, struct str item, bool openings, struct buf *out, struct err *reterr);
/* One record as C2SP tlog-proof. */
int proof_of_event(struct proof *p, struct reader *r, struct arena *a, int64_t org, int64_t seq, struct buf *out, struct err *reterr);

/* What was found of one record, for a table or a page. */
struct bundle_record {
        int64_t index, number;          /* leaf; number in its organisation, 0: a statement */
        uint8_t type;
        bool ok;
        char why[200];                  /* "" when ok: which step failed, in English; names the place */
        struct str org, event_id;
        int64_t time_us, recorded_ms, witnessed_s;      /* claimed, recorded, first witnessed (0: not) */
        bool is_signed;                 /* by a device, and it holds */
};
struct bundle_result {
        bool ok;                        /* all of it */
        struct str item;
        struct policy_seen seen;
        struct bundle_record *records;
        size_t n;
        char sentence[400];             /* the result in one sentence */
};
/* Reads and checks a bundle or a .tlog-proof.  0: `ret` says what was found, also when it does not hold; -1 (ERR_BAD_INPUT): no file of proof at all. */
int bundle_verify(struct arena *a, struct str file, const struct policy *p, struct bundle_result *ret, struct err *reterr);

#endif
