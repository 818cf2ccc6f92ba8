#ifndef SUYUAN_SENSING_SENSING_IMPL_H
#define SUYUAN_SENSING_SENSING_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "access/access.h"
#include "sensing/sensing.h"
#include "store/store_impl.h"

/* Devices live in memory: who hands in readings, and whether they may, is asked for each message.  Rows come from the database in the order of their changes, so that
 * several servers follow each other; what is heard of a device is written now and then. */
enum { SLOTS = 288, SLOT_MS = 5 * 60 * 1000, SLOT_BYTES = SLOTS / 8, BUCKETS = 16384 };

struct live_value { char channel[65]; struct decimal value; int64_t t_ms, at /* live number */; };
struct device {
        struct device *next;
        struct device_row row;          /* its texts are in `memory`; under the book's lock */
        char *memory;
        /* What is heard; under `hot`. */
        int64_t last_ms;
        int64_t slot;                   /* number of the newest of the slots */
        uint8_t slots[SLOT_BYTES];      /* bit `number % SLOTS` */
        bool heard;                     /* since it was written */
        double readings, messages;      /* left of its allowance */
        int64_t allowed_us;             /* monotonic, when that was */
        int64_t live_at;                /* the newest live number of its values */
        struct live_value *values;
        size_t n_values;
};

struct listener { sensing_live *on; void *ctx; struct listener *next; };
struct notes;
struct hours;
struct live;
struct copy;
struct retention;
struct watch;
struct teller;
struct sensing {
        struct store *store;
        struct ledger *ledger;
        struct access *access;
        struct series *series;
        pthread_rwlock_t lock;          /* the table and its rows */
        struct device *table[BUCKETS];
        size_t n_devices;
        int64_t change;                 /* up to which the table is */
        pthread_mutex_t hot;            /* what is heard; taken within `lock` */
        pthread_rwlock_t listening;
        struct listener *listeners;
        struct notes *notes;
        struct hours *hours;
        struct live *live;
        struct copy *copy;              /* or NULL */
        struct retention *retention;    /* or NULL */
        int64_t keep_days_least;
        struct watch *watch;
        _Atomic(sensing_stage *) stage; /* or NULL */
        void *stage_ctx;
        struct teller *teller;          /* or NULL */
        pthread_t keeper;
        pthread_mutex_t mutex;
        pthread_cond_t wake;
        bool stop, keeping;
};

/* ---- book.c ---- */
struct device *book_find(struct sensing *g, struct str id);    /* under the lock */
void book_take(struct sensing *g, const struct device_row *row);
int book_refresh(struct sensing *g, struct err *reterr);
void book_end(struct sensing *g);
/* Of all that there are, removed ones too; how many. */
size_t book_ids(struct sensing *g, struct arena *a, struct str **ret);
bool book_copy(struct sensing *g, struct arena *a, struct str id, struct device_row *ret);
void device_row_read(struct arena *a, const struct db_row *row, struct device_row *ret);
bool device_secret_right(const struct device_row *d, struct str secret);

/* ---- registry.c: a change of one row, with its audit row ---- */
int device_write_row(struct db *db, struct device_row *row, struct err *reterr);
struct str device_place_of(struct sensing *g, struct arena *a, struct str org, struct str text);

/* ---- statement.c ---- */
struct str device_code(struct arena *a, struct str id);
int device_state_thing(struct sensing *g, struct request *q, const struct device_row *d, struct err *reterr);
/* ADD or DELETE of a device at a place; nothing where the place is no identifier. */
struct device_move { const struct device_row *device; struct str place; bool add; };
int device_state_moves(struct sensing *g, struct request *q, const struct device_move *list, size_t n, struct err *reterr);

/* ---- seen.c ---- */
void seen_take(struct sensing *g, const struct batch_view *v, int64_t received_ms);
int seen_load(struct sensing *g, struct err *reterr);
int seen_flush(struct sensing *g, struct err *reterr);
struct heard { int64_t last_ms; double online; /* share of the last 24 h, or of its life where that is shorter; -1: never */ };
void seen_of(struct sensing *g, const struct device_row *d, struct heard *ret);

/* ---- notes.c: findings and notices on their way ---- */
struct notes *notes_new(void);
void notes_free(struct notes *n);
int notes_flush(struct sensing *g, struct err *reterr);
int notes_fade(struct sensing *g, struct err *reterr);  /* what the doors noticed and did not for a day is over */
uint64_t notes_dropped(struct sensing *g);
bool device_model_known(const struct device_row *d, const struct json *detail);

/* ---- live.c ---- */
struct live *live_start(struct sensing *g);
void live_stop(struct live *l);         /* NULL is fine */
bool live_wanted(struct sensing *g);
int64_t live_number(struct sensing *g);        /* of a commit: grows */
void live_news(struct sensing *g);

/* ---- hours.c ---- */
int hours_start(struct sensing *g, struct err *reterr);
void hours_stop(struct sensing *g);

/* ---- retention.c ---- */
int retention_start(struct sensing *g, struct err *reterr);
void retention_stop(struct sensing *g);

/* ---- copy.c ---- */
int copy_start(struct sensing *g, const char *url, struct err *reterr);
void copy_stop(struct sensing *g);

#endif
