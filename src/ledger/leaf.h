#ifndef SUYUAN_LEDGER_LEAF_H
#define SUYUAN_LEDGER_LEAF_H

#include "ledger/ledger.h"
#include "ledger/views.h"
#include "merkle/leaf.h"

/* The log's end of the write path (docs/design/proof.md): what is recorded becomes a leaf in the transaction that stores it.
 * The writer's thread only. */

/* The log's turn is one more "organisation" of db_turn, above all real ones: it is taken last, so nobody waits in a ring. */
#define LOG_TURN (INT64_C(1) << 40)

/* A leaf to be: whoever makes it fills the first line. */
struct new_leaf {
        int64_t org, type, ref, record_us; struct hash hash;
        struct hash salt, commitment;   /* by leaves_seal */
};
/* Draws salts and commits.  Needs no turn. */
void leaves_seal(struct arena *a, struct new_leaf *list, size_t n);
/* Until the transaction ends nobody else gives indexes. */
int log_take_turn(struct views *v, struct err *reterr);
/* The next indexes and their rows; after log_take_turn. */
int leaves_write(struct views *v, struct arena *a, const struct new_leaf *list, size_t n, struct err *reterr);
/* After a transaction that is gone. */
void log_forget(struct views *v);

/* Leaves of the kept entries of a transaction, in order: its last act. */
int batch_leaves(struct views *v, struct batch *b, struct err *reterr);
/* The record hash of an event whose predecessor's is `before`. */
struct hash event_record_hash(struct arena *a, const struct org *org, int64_t seq, const struct hash *before, int64_t time_us, const struct hash *signature,
                              const struct hash *digest);
struct hash statement_hash(struct arena *a, struct str org_code, uint8_t type, int64_t n, struct str subject, struct str detail);

/* It has a type of its own, and each part is one line. */
bool statement_is_sound(const struct ledger_statement *s);
/* A statement and its leaf, within a transaction; 0 or -1.  `now_us` is when it was recorded. */
int statement_record(struct views *v, const struct ledger_statement *s, int64_t now_us, int64_t *ret_n, struct err *reterr);

/* Leaves of the events that were there before the log, which knows of them from `now_us` on; within a transaction that holds all organisations' turns. */
int leaves_of_earlier(struct views *v, ledger_progress *progress, void *ctx, int64_t now_us, struct err *reterr);
/* And of the photos and reports of this directory, said by the organisation that all of them belonged to; after leaves_of_earlier. */
int statements_of_earlier_blobs(struct store *s, struct views *v, int64_t now_us, struct err *reterr);

#endif
