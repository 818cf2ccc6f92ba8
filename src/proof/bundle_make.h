#ifndef SUYUAN_PROOF_BUNDLE_MAKE_H
#define SUYUAN_PROOF_BUNDLE_MAKE_H

#include "proof/bundle.h"
#include "proof/seal.h"
#include "proof/seal_lists.h"
#include "store/log.h"

/* Between bundle_write.c, which gathers, and bundle_record.c, which writes one record. */
struct maker {
        struct reader *reader;
        struct arena *arena;
        struct seal_lists *lists;       /* what was made already */
        bool openings;
};

/* Each begins an object, `{"type":…`, and leaves it open: the proof follows.  ERR_BUSY while the record has no leaf yet. */
int make_event(const struct maker *m, int64_t org, int64_t seq, struct buf *b, struct log_opening *ret, struct str *ret_event, struct err *reterr);
int make_statement(const struct maker *m, int64_t org, uint8_t type, int64_t n, struct buf *b, struct log_opening *ret, struct str *ret_detail, struct err *reterr);
int make_seal(const struct maker *m, int64_t org, int64_t n, struct str item, struct buf *b, struct log_opening *ret, struct err *reterr);

#endif
