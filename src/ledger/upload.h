#ifndef SUYUAN_LEDGER_UPLOAD_H
#define SUYUAN_LEDGER_UPLOAD_H

#include "ledger/ledger.h"
#include "store/part.h"

/* Files that come in parts, until they are stored and in the log (docs/ref/blobs.md).  Writing a part to the kernel is quick and done where it came
 * in; what waits for the disk, the digest and the log is done by a few threads of its own, which give way to others (base/background.h). */
struct uploads;

enum upload_end {
        UPLOAD_GOES_ON,         /* taken; `at` says how far it is */
        UPLOAD_STORED,          /* complete, durable and in the organisation's log */
        UPLOAD_KNOWN            /* it was there already; nothing was taken */
};

struct upload {                 /* lives until `done` was called, and what it points at */
        struct part_send part;

        /* results */
        enum upload_end end;
        struct part_state at;
        struct err err;

        void (*done)(struct upload *u, void *ctx);      /* on the caller's thread or one of ours */
        void *ctx;

        /* our own */
        struct upload *next;
};

/* Ends what was whole when the process died, before it returns.  `stored` (may be NULL) is told of each file that was stored. */
typedef void upload_stored(void *ctx, const struct hash *h);
int uploads_start(struct store *s, struct ledger *l, upload_stored *stored, void *ctx, struct uploads **ret, struct err *reterr);
void uploads_stop(struct uploads *x);   /* ends what is queued first; NULL is fine */

void uploads_put(struct uploads *x, struct upload *u);

/* What the organisation has of a file: 2 all of it (`ret->length` is its size), 1 some, 0 nothing, -1. */
int uploads_look(struct uploads *x, int64_t org, const struct hash *h, struct part_state *ret, struct err *reterr);
/* Its log says that it has this file, and it is stored: 1 / 0 / -1. */
int blob_owned(struct store *s, int64_t org, const struct hash *h, struct err *reterr);
/* The same for who has a reader already. */
int blob_owned_seen(const struct store *s, struct reader *r, int64_t org, const struct hash *h, struct err *reterr);

#endif
