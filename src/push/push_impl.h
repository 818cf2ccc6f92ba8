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
        size_t n;               /* events */
        size_t came;            /* bytes of the answer */
        char error[CURL_ERROR_SIZE];
};

/* How far one organisation's records are told; seqs. */
struct place {
        int64_t org;
        int64_t mark;           /* told, or not to be told */
        int64_t looked;         /* events up to here do not match or are in flight; ≥ mark */
        int64_t kept;           /* mark as the store has it */
        int64_t last;           /* the last there is */
        int64_t run_upto;       /* the last that a scheduled run tells of */
        int64_t next_us;        /* when the event behind `looked` was recorded, and 1; 0: not known */
};

struct sub {
        struct arena *arena;
        struct subscription s;          /* texts in the arena */
        struct str token;
        struct schedule schedule;
        struct place *places;           /* its own organisation's first; places[0].mark is s.mark */
        size_t n_places, cap_places;
        const int64_t *sees;            /* a stream's asker: whose events; of a subscription p->sees says it each time */
        size_t n_sees;
        uint64_t seen_sum;              /* of whom it told at the last look */
        bool running;                   /* a scheduled run is under way */
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
        size_t (*sees)(void *ctx, struct arena *a, int64_t org, const int64_t **ret);
        void *sees_ctx;
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

/* places.c */
struct place *place_of(struct sub *s, int64_t org);     /* NULL: none */
struct place *place_add(struct sub *s, int64_t org, int64_t mark);
int64_t place_end(const struct sub *s, const struct place *at);
bool places_changed(struct push *p, struct arena *a, struct sub *s);            /* others are to be told of than at the last look */
/* What there is of whom it tells of, in this snapshot; `ret_org` is what readers are given as `org`. */
int places_look(struct push *p, struct sub *s, struct reader *r, struct arena *a, int64_t *ret_org, struct err *reterr);
void places_run(struct sub *s);                         /* a scheduled run begins: it tells of what there is now */
bool places_over(const struct sub *s);                  /* all is looked at */
int64_t places_ahead(const struct sub *s);              /* events looked at and not marked */
int64_t places_sum(const struct sub *s);
void places_back(struct sub *s);                        /* not taken: look again from the marks */
void places_take(struct sub *s);                        /* taken: what is looked at is told */
int places_next(struct sub *s, struct reader *r, struct place **ret, struct err *reterr);
int places_load(struct db *db, struct sub *s, struct err *reterr);
int places_keep(struct db *db, const struct sub *s, struct err *reterr);
void places_kept(struct sub *s);
void places_write(struct buf *b, const struct sub *s);
bool places_read(struct sub *s, struct str text);       /* false: none of ours */

/* batch.c: 1 with a document in `f`, 0 nothing to tell, -1.  Moves on in its places. */
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
