#ifndef SUYUAN_LEDGER_LEDGER_IMPL_H
#define SUYUAN_LEDGER_LEDGER_IMPL_H

#include "ledger/ledger.h"
#include "ledger/views.h"

/* The inside of the write path, shared by its files. */

/* A job as its caller's thread prepared it: what is in its arena while it waits. */
struct prepared {
        struct entry *entries;          /* the events that are not refused, in document order */
        struct prepared_event {
                uint32_t index;         /* in the document */
                struct str body;        /* the event, compactly, for event_body */
                uint32_t next_once, next_name;  /* chains of the batch: index + 1 of an earlier event */
                size_t entry;           /* in the batch */
                int64_t known_seq;      /* the same record in the database, 0: none */
                struct str known_id;
                bool known_erased;      /* the same record, whose sealed members were erased */
                enum { KEY_UNKNOWN, KEY_GOOD, KEY_REVOKED } key;        /* of its signature, where it has one and is not known */
        } *events;
        size_t n;
        struct copy *copies;            /* for the organisations that the events name (share.c) */
        size_t n_copies, cap_copies;
        size_t bytes;                   /* what the job holds in memory, about */
};

struct copy { struct entry entry; struct prepared_event event; size_t of; int64_t org; };       /* `of`: in the job's entries */
struct shared { size_t original; int64_t from_seq; };   /* `original`: in the batch */

/* Jobs that are committed together. */
struct group {
        struct views *views;
        struct batch batch;
        struct ledger_job **jobs;
        size_t n_jobs;
        struct ledger_job **job_of;     /* of each entry of the batch */
        struct prepared_event **event_of;
        size_t n_own;                   /* the first entries of the batch are the jobs' own, the others copies … */
        struct shared *shared;          /* … of these */
        uint32_t *once, *name;          /* heads of chains: index of an entry + 1 */
        size_t mask;
        int64_t now_us;
        bool has_master;
        struct err *err;
};

/* Canonicalises and digests on the calling thread. */
void job_prepare(struct store *s, const struct views *v, const struct org *org, struct ledger_job *job);
/* Copies of the job's last prepared event for whom it names. */
void share_prepare(struct store *s, const struct views *v, const struct org *from, struct ledger_job *job, struct prepared *p,
                   struct arena *scratch);
void share_decide(struct group *g);
int share_write(struct group *g);

/* May the keys that signed the group's events sign?  After known records were found. */
int signed_find_keys(struct group *g);
/* False, with `r->fault`: it may not. */
bool signed_may(struct group *g, size_t i, struct recorded *r);

/* Decides what becomes of every event of the group: fills `recorded`, kept, seq and flags.  Reads only. */
int group_decide(struct group *g);
uint32_t group_earlier_same(const struct group *g, const struct entry *e);     /* its index + 1 */
void group_remember(struct group *g, size_t i);
/* The whole transaction but begin and commit. */
int group_write(struct group *g);
/* Takes back what group_decide decided, so that it may decide again. */
void group_undecided(struct group *g);
/* Nothing of it is stored: every job says so. */
void group_failed(struct group *g, const struct err *e);
/* Tells the readers of this process which items changed. */
int group_items_changed(struct group *g, struct store *s);

/* The capture job's report (EPCIS 2.0 §12: captureJob), in the job's arena. */
struct str capture_report(const struct ledger_job *job, int64_t now_us);
/* The pointer of a fault as seen from its event: what stands before "/eventList/N" goes. */
struct str pointer_in_event(struct str pointer);

#endif
