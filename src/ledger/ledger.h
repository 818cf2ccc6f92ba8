#ifndef SUYUAN_LEDGER_LEDGER_H
#define SUYUAN_LEDGER_LEDGER_H

#include "epcis/read.h"
#include "store/store.h"

/* The one write path.  Whatever the door, a record ends in ledger_submit: digested where the
 * caller runs, then one writer thread takes what has queued, up to LIMIT_WRITE_BATCH events, commits once
 * (synchronous=FULL) and only then tells each caller. */
struct ledger;

enum door { DOOR_CAPTURE = 1, DOOR_EVENTS, DOOR_IMPORT, DOOR_DEMO, DOOR_FIELD,
            DOOR_SHARED /* a copy of another organisation's record that names this one; actor "org:CODE" */,
            DOOR_DEVICE /* an alarm that readings raised; actor "device:ID" */ };     /* stored: append only */

/* Starts the writer thread.  `s` was opened for writing. */
int ledger_open(struct store *s, struct ledger **ret, struct err *reterr);
/* Drains what has queued, commits it, ends the thread. */
void ledger_close(struct ledger *l);

enum outcome {
        OUTCOME_CAPTURED,       /* new, durable */
        OUTCOME_KNOWN,          /* the same record was there: nothing written */
        OUTCOME_CONFLICT,       /* another record bears this eventID, and the job refuses that */
        OUTCOME_REFUSED         /* not valid, or rolled back with the others */
};

struct recorded {
        enum outcome outcome;
        int64_t seq;            /* its number in the organisation (of the known one too); 0 when refused */
        char event_id[256];     /* as given out, cut at 255 bytes; full text is in the store */
        bool same_event_id;     /* captured beside another record with its eventID: a finding */
        const struct fault *fault;      /* refused though the document is right (the key of its signature); in the job's arena */
};

/* One job: some events that are answered together.  Lives until `done` has been called; everything it
 * points at too (its arena is the caller's). */
struct share_step;
struct ledger_job {
        int64_t org;
        enum door door;
        struct str actor;               /* staff, key or "open" */
        const struct document *doc;     /* events and master data; refused events are left out */
        bool refuse_known_event_id;     /* POST /events: 409 */
        bool keep_job;                  /* store a capture job with its report: POST /capture */
        bool only_known;                /* nothing new is recorded: for copies of what stands already */
        const struct share_step *share; /* NULL, or the share job whose row goes on in the transaction of this one's copies */
        bool all_or_nothing;            /* rollback: one conflict or refused event undoes the job */
        struct arena *arena;

        /* results, filled before `done` */
        struct recorded *recorded;      /* one an event of the document */
        size_t captured, known, refused;
        char capture_id[40];            /* with keep_job */
        struct str report;              /* with keep_job: its report as kept, see ledger_capture_report */
        bool undone;                    /* all_or_nothing, and one event was refused or in conflict: nothing is stored */
        struct err err;                 /* kind != 0: nothing of the job is stored (disk full …) */

        void (*done)(struct ledger_job *job, void *ctx);        /* on the writer thread: be short */
        void *ctx;

        /* the ledger's own */
        struct ledger_job *next;
        void *prepared;
};

/* Canonicalises and digests on the calling thread, then queues.  -1 with ERR_BUSY when the queue is full, and then
 * `done` is not called. */
int ledger_submit(struct ledger *l, struct ledger_job *job, struct err *reterr);
/* The same, waiting for the answer.  For commands and tests. */
int ledger_record(struct ledger *l, struct ledger_job *job, struct err *reterr);

/* The report of a kept capture job as JSON; 1 / 0 unknown / -1. */
int ledger_capture_report(struct store *s, struct arena *a, int64_t org, struct str capture_id,
                          struct str *ret_json, struct err *reterr);

/* Recreates every view from the events.  Progress: called now and then, may be NULL. */
typedef void ledger_progress(void *ctx, const char *stage, int64_t done, int64_t total);
int ledger_rebuild(struct store *s, ledger_progress *progress, void *ctx, struct err *reterr);

/* Database integrity, gapless numbers, every digest recomputed, every blob's bytes, every view against its rebuild.
 * Calls `say` for each fault found; returns how many, -1 when it could not run. */
typedef void ledger_say(void *ctx, const char *what, const char *detail);
int64_t ledger_check(struct store *s, ledger_say *say, ledger_progress *progress, void *ctx, struct err *reterr);

/* Any other change of the database: accounts, named queries, subscriptions.  `act` runs on the writer's thread in a transaction of
 * its own, between groups; what it wrote is durable when this returns 0, and gone when it gave -1.  With a database server it may be
 * run again from the beginning (the connection was lost), so it must not build upon what an earlier run left in `ctx`. */
struct db;
typedef int ledger_change(struct db *db, void *ctx, struct err *reterr);
int ledger_act(struct ledger *l, ledger_change *act, void *ctx, struct err *reterr);

/* Puts something that is no event into the log (docs/design/proof.md): a leaf whose hash is that of the statement.  With `once`, a statement of the
 * type with this subject and detail that stands already is taken instead.  `ret_n` (may be NULL) is its number in the organisation and type.
 * Durable when it returns 0. */
struct ledger_statement { int64_t org; uint8_t type; /* enum leaf_type */ struct str subject, detail; bool once; };
int ledger_state(struct ledger *l, const struct ledger_statement *s, int64_t *ret_n, struct err *reterr);
/* The same within a ledger_change, as its last act: what the change wrote and the leaf are stored together or not at all. */
int ledger_state_in(struct ledger *l, const struct ledger_statement *s, int64_t *ret_n, struct err *reterr);

/* Stores a photo or report and puts it into the organisation's log, once: every door that takes one comes here. */
int ledger_blob(struct ledger *l, struct store *s, int64_t org, const void *p, size_t n, struct hash *ret, struct err *reterr);
/* The same for one that another process has stored; ERR_NOT_FOUND. */
int ledger_state_blob(struct ledger *l, struct store *s, int64_t org, const struct hash *h, struct err *reterr);
/* Within a ledger_change: erases the sealed members of the records that bear `event_id`, and of the copies of them that others were given, and puts a statement
 * into the log for each (docs/design/digests.md).  What is left reads as before; done again it finds nothing to do.  ERR_NOT_FOUND: no such record. */
enum erased { ERASED, ERASED_BEFORE, ERASED_NOTHING /* it has no sealed members */ };
struct erased_record { int64_t org, seq; enum erased outcome; int64_t members; };
struct ledger_erasure {
        int64_t org;
        struct str event_id, reason;    /* `reason`: a word */
        struct arena *arena;
        struct erased_record *records;  /* results, the arena's */
        size_t n;
};
int ledger_erase_in(struct ledger *l, struct ledger_erasure *x, struct err *reterr);

/* Copies for `org` of what others recorded about it before it, or one of its identifiers, was registered.  Looks at some `max_events` of others
 * from `*at` on ({0}: the beginning): 1 there are more and `*at` says where, 0 done, -1.  Again does no harm.  `job` is the share job (store/shares.h)
 * whose place and copies are kept in the transactions of the copies; 0: none.  Where nothing was copied the row is for the caller to bring forward. */
struct share_place { int64_t org, seq; };
struct share_step { int64_t org, job; struct share_place at; };
int ledger_share_earlier(struct ledger *l, struct store *s, int64_t org, int64_t job, struct share_place *at, int64_t max_events, struct err *reterr);

/* Figures for /metrics. */
struct ledger_stats { uint64_t commits, events, known, refused, queue_jobs, batch_events_max, commit_us_total; };
void ledger_stats(struct ledger *l, struct ledger_stats *ret);

#endif
