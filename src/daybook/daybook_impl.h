#ifndef SUYUAN_DAYBOOK_DAYBOOK_IMPL_H
#define SUYUAN_DAYBOOK_DAYBOOK_IMPL_H

#include <pthread.h>

#include "daybook/daybook.h"
#include "store/store_impl.h"

struct db;

/* One step of following an organisation: some records in the order of their numbers.  Read and prepared on the caller's thread, written in one change
 * on the writer's. */
struct followed_event {
        struct event_head head;
        struct event event;
        bool copy;              /* another organisation's record, of which this one was given a copy */
};
struct followed_master { int64_t n, record_us; struct str canonical, type; const struct json *json; };
struct step {
        struct daybook *book;
        struct arena *arena;
        struct reader *reader;  /* while preparing; NULL in the change */
        int64_t org;
        int64_t seq, master;            /* followed before this step */
        int64_t seq_to, master_to;      /* and after it */
        struct followed_event *events;
        size_t n_events, bytes;
        struct followed_master *masters;
        size_t n_masters;
        struct str *due;        /* canonical names of seasons and lots to be judged anew */
        size_t n_due, cap_due;
};
/* May be said in either half; twice does no harm. */
void step_due(struct step *s, struct str subject);

/* Who makes rows of a step, in the order of daybook.c's list.  `write` may be run again from the beginning (ledger_act). */
struct follower {
        int (*prepare)(struct step *s, void **ret, struct err *reterr);
        int (*write)(struct step *s, void *prepared, struct db *db, struct err *reterr);
};
extern const struct follower follow_things, follow_acts;

/* Judges what is due of an organisation and keeps the alarms.  How many subjects were judged, -1. */
int64_t judge_due(struct daybook *d, int64_t org, struct err *reterr);

/* ---- lots.c ---- */
int lot_facts_read(struct reader *r, struct arena *a, int64_t org, struct str lot, struct lot_facts *ret, struct err *reterr);

/* What judging keeps in memory (judge.c); may be NULL until it is wanted. */
struct judge;
void judge_free(struct judge *j);

enum { DAYBOOK_TURNS = 16 };
struct daybook {
        struct store *store;
        struct ledger *ledger;
        pthread_t thread;
        pthread_mutex_t turns[DAYBOOK_TURNS];   /* one step of an organisation at a time: by its number */
        pthread_mutex_t sleep;
        pthread_cond_t woken;
        _Atomic bool stop;
        _Atomic bool asked;     /* look, whether or not something was committed */
        bool trouble;
        pthread_mutex_t judge_mutex;
        struct judge *judge;
};

#endif
