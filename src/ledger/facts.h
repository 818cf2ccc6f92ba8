#ifndef SUYUAN_LEDGER_FACTS_H
#define SUYUAN_LEDGER_FACTS_H

#include "ledger/ledger.h"
#include "ledger/views.h"

/* A walk over all events in order of capture, each read again from its body and prepared as capture would have prepared it,
 * in batches that go into views: what rebuild and check have in common. */
struct facts {
        const struct store *store;
        struct db *from;
        struct views *views;            /* gives the numbers and takes the rows */
        ledger_progress *progress;      /* may be NULL */
        void *progress_ctx;
        const char *stage;

        bool doubting;                  /* signatures and erased records are held against their digests */
        bool facets_only;               /* the other views stand: an older database is brought up to date */

        /* Writes the events' own rows of a batch whose other rows are written. */
        int (*events)(void *ctx, struct batch *b, struct err *reterr);
        /* Something about a stored event that no view can show: a gap, a body that is gone or cannot be read, an eventID that
         * is not the body's.  -1 stops the walk. */
        int (*fault)(void *ctx, int64_t seq, const char *what, struct err *reterr);
        void *ctx;
};
int facts_run(struct facts *f, struct err *reterr);

#endif
