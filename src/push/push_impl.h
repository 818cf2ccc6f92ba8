#ifndef SUYUAN_PUSH_PUSH_IMPL_H
#define SUYUAN_PUSH_PUSH_IMPL_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "push/guard.h"
#include "push/push.h"
#include "push/schedule.h"
#include "store/db.h"

/* The thread's view of subscriptions.  Only the push thread touches a `struct sub`; the API works on the store and says so (`changed`). */

enum { BATCH_EVENTS = 500, BATCH_BYTES = 4 * 1024 * 1024, LOOK_EVENTS = 2000, IN_FLIGHT = 256 };

struct flight {                 /* one delivery under way */
        struct sub *sub;
        CURL *easy;
        struct curl_slist *headers;
        struct arena *arena;
        struct buf body;
        bool allowed;
        bool refused;           /* the address that was to be connected to is closed */
        int64_t upto;           /* the mark, once it is taken */
        size_t n;               /* events */
        size_t came;            /* bytes of the answer */
        char error[CURL_ERROR_SIZE];
};

struct sub {
        struct arena *arena;
        struct subscription s;          /* texts in the arena */
        struct str token;
        struct schedule schedule;
        int64_t looked;                 /* events up to here do not match or are in flight; ≥ s.mark */
        bool running;                   /* a scheduled run is under way */
        int64_t run_upto;               /* the last event it tells of */
        bool run_told;                  /* something was told in this run */
        bool look;                      /* there may be something to tell */
        int64_t retry_us;               /* monotonic; not before */
        size_t batch;                   /* events a delivery; smaller after a 413 */
        struct flight *flight;
        bool gone;
        struct sub *next;
};

/* What became of a delivery, to be made durable with the others of the round. */
struct outcome_row { struct sub *sub; bool sent; size_t n; struct outcome_row *next; };

struct push {
        struct store *store;
        struct ledger *ledger;
        struct guard guard;
        int64_t retry_us;
        char me[600];                   /* who delivers, among processes on one database */
        bool mine;
        int64_t mine_until_us;          /* monotonic */
        struct streams *streams;
        bool streams_ended;
        CURLM *multi;
        struct sub *subs;
        int in_flight;
        pthread_t thread;
        int64_t look_us;                /* monotonic: whether others changed something is looked for then */
        int64_t marks[4];               /* push_mark at the last load */
        atomic_bool stop, changed;
        uint64_t seen;                  /* store_change_now at the last look */
        _Atomic uint64_t n_sent, n_failed, n_events, n_subs, n_failing;
};

/* rows.c */
int rows_changed(struct push *p, struct err *reterr);                           /* since the last load, by whomever; 1 / 0 / -1 */
int rows_load(struct push *p, struct err *reterr);                              /* p->subs as the store has them */
int rows_keep(struct push *p, struct outcome_row *list, struct err *reterr);
int rows_turn(struct push *p, struct err *reterr);                              /* sets p->mine */
void sub_free(struct sub *s);

/* batch.c: 1 with a document in `f`, 0 nothing to tell, -1.  Moves s->looked. */
int batch_collect(struct push *p, struct sub *s, struct flight *f, struct err *reterr);
void batch_write_empty(struct flight *f, const struct sub *s);

/* stream.c */
struct streams *streams_new(struct push *p);
void streams_end(struct streams *x);    /* everybody is answered, nobody comes any more */
void streams_free(struct streams *x);
size_t streams_count(struct streams *x);

/* deliver.c */
int deliver_begin(struct push *p, struct sub *s, struct flight *f);
void flight_free(struct push *p, struct flight *f);

#endif
