#ifndef SUYUAN_SERIES_SERIES_IMPL_H
#define SUYUAN_SERIES_SERIES_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "series/day.h"
#include "series/merge.h"
#include "series/names.h"
#include "series/series.h"
#include "store/store_impl.h"

/* For the implementers of series/.  One thread writes; it alone touches what is not said to be guarded. */

#define SLOT_DEVICE INT64_C(0xffffffff)
static inline int64_t day_slot(uint32_t device, int64_t day) { return (int64_t)device << 32 | day; }

struct change {                         /* on the stack of who waits for it */
        series_change *act;
        void *ctx;
        struct err *err;
        int rc;
        bool done;
        struct change *next;
};

/* Names by number and numbers by name, as far as they are committed, or are being written. */
struct name_table {
        struct arena *a;
        struct names ids;
        struct str *names;              /* by number */
        uint32_t n, cap;                /* the greatest number */
};

/* What said.c knows. */
struct said_device;
struct said {
        struct arena *a;                /* NULL: nothing yet */
        struct names devices, channels;
        struct said_device **list;      /* by number of the device, from 1 */
        uint32_t n, cap, n_channels;
};

struct reading_pool;

struct series {
        struct store *store;            /* outlives us */
        struct series_options o;
        struct db *db;
        struct log_keeper *keeper;      /* SQLite */
        struct reading_pool *pool;
        pthread_t thread;

        pthread_rwlock_t names_lock;    /* the writer's thread writes, callers of series_submit look */
        struct name_table devices, channels;

        bool loaded;                    /* names and journal are as the database has them */
        int64_t turn;
        uint64_t others;                /* how often another process may have written */
        struct said said;
        int64_t journal_n, journal_rows, journal_readings, journal_since_us;    /* since: clock_mono_us of the oldest row */
        int64_t flush_wait_us;          /* the journal could not be moved: how long it waits between tries; 0: it could */
        _Atomic int64_t flush_again_us; /* not before; 0 as above.  Any thread may look */
        int64_t seal_at_us;             /* when to look for hours that are due */
        struct arena *arena;            /* of what is being written */

        pthread_mutex_t mutex;          /* guards the queue */
        pthread_cond_t queued, changed;
        struct series_job *first, **last;
        struct change *changes, **last_change;
        size_t queue_bytes;
        bool stop;

        _Atomic uint64_t commits, batches, readings, duplicates, conflicts, late, expired, queue_jobs, queue_journal, queue_readings, flushes, flush_failures, flush_us, commit_us;
};

int64_t series_now_ms(const struct series *x);

/* ---- writer.c ---- */
void *series_write(void *series);       /* the thread */
/* Runs `act` in a transaction, again where the engine says that it may help; what is known of the database is brought up to date before, and forgotten
 * when it failed. */
typedef int writing(struct series *x, void *ctx, struct err *reterr);
int series_transact(struct series *x, writing *act, void *ctx, struct err *reterr);

/* ---- known.c: what the writer knows of the database ---- */
void name_table_clear(struct name_table *t);
void name_table_add(struct name_table *t, uint32_t id, struct str name);
int known_follow(struct series *x, struct err *reterr);
void known_forget(struct series *x);
void known_end(struct series *x);
/* Numbers of a view's names, in the arena; new names are added to the database. */
int known_numbers(struct series *x, struct arena *a, const struct batch_view *v, uint32_t **ret_devices, uint32_t **ret_channels, struct err *reterr);
/* Any thread: would these names be too many? */
bool known_room(struct series *x, const struct batch_view *v);

/* ---- said.c: which channels each device has said; the writer's thread ---- */
/* Counts what an earlier life left in the journal; once. */
int said_begin(struct series *x, struct err *reterr);
void said_end(struct series *x);
/* 1: no device of the batch says more than LIMIT_SERIES_DEVICE_CHANNELS with it, and they count now, also if the batch cannot be written; 0: one would, *ret_refused
 * says which; -1.  Of several processes on one server each counts what it took itself and what is in blocks.  A channel that the table of a batch names twice
 * counts twice. */
int said_take(struct series *x, const struct batch_view *v, struct err *ret_refused, struct err *reterr);

/* ---- journal.c ---- */
int64_t journal_bit(struct str device);
int journal_add(struct series *x, struct series_job *const *jobs, size_t n, struct err *reterr);
/* Calls for each batch of a row, as far as its front. */
typedef int journal_batch(void *ctx, const struct batch_view *v, int64_t received_ms, struct err *reterr);
int journal_row_each(struct arena *a, struct str batches, int64_t received_ms, journal_batch *each, void *ctx, struct err *reterr);

/* ---- flush.c ---- */
struct flush;
void flush_begin(struct series *x, struct flush *f);
/* The journal and after it these jobs, into blocks; once after flush_begin. */
int flush_all(struct flush *f, struct series_job *const *jobs, size_t n, struct err *reterr);
void flush_told(struct flush *f);       /* after the commit: the journal is empty; counts, conflicts */

/* ---- seal.c ---- */
/* At most `max` of the hours that are due; how many, -1. */
int64_t seal_due(struct series *x, int64_t max, struct err *reterr);
int seal_pending(struct series *x, struct err *reterr);        /* is there any: 1, 0, -1 */
/* The tree of what a block holds. */
struct tree_of { struct hash root; int64_t n; int channels; };
typedef struct str channel_name(void *ctx, uint32_t id);        /* STR_NONE: unknown */
int block_tree(struct arena *a, struct str packed, struct str device, int64_t hour, channel_name *name, void *ctx, struct tree_of *ret, struct err *reterr);

/* ---- states.c ---- */
int stored_root(struct db *db, struct arena *a, struct str device, int64_t hour, struct tree_of *ret, struct err *reterr);        /* ERR_NOT_FOUND */

/* ---- pool.c ---- */
int pool_open(const char *path, const struct db_options *o, int n, struct reading_pool **ret, struct err *reterr);
void pool_close(struct reading_pool *p);
/* A snapshot of its own on a connection of its own; waits for a free one. */
int pool_begin(struct reading_pool *p, struct db **ret, struct err *reterr);
void pool_end(struct reading_pool *p, struct db *db);

/* ---- look.c: what reading has in common ---- */
/* The number of a name; 0: there is none, -1. */
int64_t look_number(struct db *db, int sql, struct str name, struct err *reterr);
/* Readings of one channel that are still in the journal, by time, each moment once. */
struct journal_part { struct gathered_hour **hours; size_t n; };
int look_journal(struct db *db, struct arena *a, struct str device, struct str channel, int64_t from_ms, int64_t to_ms, struct journal_part *ret, struct err *reterr);
/* Each hour of [from, to) in which the channel said something, in order. */
struct look_hour {
        int64_t hour;
        const struct sums *sums;        /* of the day row, good for the whole hour; NULL: the journal has more of it, or nothing counts */
        struct column column;           /* points, when `packed` was asked for */
};
typedef int on_hour(void *ctx, const struct look_hour *h, struct err *reterr);
/* Are points wanted, or are the sums enough? */
typedef bool wants_points(void *ctx, int64_t hour, bool has_sums);
struct looking { struct str device, channel; int64_t from_ms, to_ms; wants_points *wants; on_hour *on; void *ctx; };
int look_hours(struct series *x, const struct looking *l, struct err *reterr);

#endif
