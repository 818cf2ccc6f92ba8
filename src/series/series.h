#ifndef SUYUAN_SERIES_SERIES_H
#define SUYUAN_SERIES_SERIES_H

#include "base/digest.h"
#include "series/batch.h"

/* The curves of devices: durable when acknowledged, small on disk, quick to draw (docs/design/sensing.md).
 *
 *   journal   batches as they came, one row a commit: what makes an acknowledgement true
 *   block     one row for each device and hour (UTC): every channel's times, values and flags, packed; first statement of a
 *             moment wins, a later one that differs is counted and told (on_conflict)
 *   day       one row for each device and day of the hours' figures: n, min, max, sum, sum of squares
 *   sealed    an hour that is over and was given its grace: revision, digest; a late reading makes the next revision
 *
 * On SQLite a file of its own, DIR/series.db, so that readings and events do not wait for each other; only one process writes it: who holds the data
 * directory.  With a database server the same tables in a namespace of their own; several processes may append there, a turn a commit. */
struct series;
struct store;

struct series_options {
        int readers;                    /* connections of the reading pool */
        int64_t cache_kib;
        int64_t grace_ms;               /* after an hour's end until it is sealed */
        int64_t (*now_ms)(void *ctx);   /* NULL: the clock */
        /* On the writer's thread, after the commit: be short.  What came, and how much of it was new. */
        void (*on_stored)(void *ctx, const struct batch_view *v, int64_t received_ms);
        /* A moment that has a value was said again with another one. */
        void (*on_conflict)(void *ctx, const struct reading *r, struct decimal stands);
        void *ctx;
};

/* `s` was opened for writing.  Makes or upgrades its tables, reads the journal that an earlier life left, starts the writer. */
int series_open(struct store *s, const struct series_options *o, struct series **ret, struct err *reterr);
void series_close(struct series *x);

/* ---- writing ---- */
/* One handing over.  `bytes` and the job live until `done`, on the writer's thread: err.kind 0 means durable. */
struct series_job {
        struct str bytes;               /* of a batch */
        struct arena *arena;
        struct err err;
        void (*done)(struct series_job *job, void *ctx);
        void *ctx;
        struct series_job *next;        /* the series' own */
        struct batch_view *view;
};
/* Checks the bytes on the caller's thread, then queues.  -1: ERR_BAD_INPUT, ERR_BUSY (the queue is full, or so much could not be moved into blocks that no more
 * is taken); `done` is not called.  Later, in job->err: ERR_BAD_INPUT, a device would have more than LIMIT_SERIES_DEVICE_CHANNELS channels, so nothing of the
 * batch was taken, and no other batch suffers; ERR_STORE. */
int series_submit(struct series *x, struct series_job *job, struct err *reterr);
int series_append(struct series *x, struct str bytes, struct err *reterr);      /* the same, waiting */
/* Any other change of these tables, in a transaction of the writer's own. */
struct db;
typedef int series_change(struct db *db, void *ctx, struct err *reterr);
int series_act(struct series *x, series_change *act, void *ctx, struct err *reterr);
/* Moves the journal into blocks and seals what is due, now; for tests, backup and the end. */
int series_settle(struct series *x, struct err *reterr);
/* Drops raw values of a channel from before `before_ms`, leaving per-minute figures (n, min, max, sum), or those too. */
enum series_keep { KEEP_RAW, KEEP_MINUTES, KEEP_HOURS };
int series_retain(struct series *x, struct str device, struct str channel, int64_t before_ms, enum series_keep keep, struct err *reterr);
/* What KEEP_HOURS would drop now: how many hours that are over before `before_ms` have readings or minutes, and when the first of them begins. */
struct series_due { int64_t hours, first_ms; };
int series_due(struct series *x, struct str device, struct str channel, int64_t before_ms, struct series_due *ret, struct err *reterr);
/* When the last hour of [from, to) ends of which there are figures and no readings any more; 0: there is none. */
int series_dropped(struct series *x, struct str device, struct str channel, int64_t from_ms, int64_t to_ms, int64_t *ret_end_ms, struct err *reterr);

/* ---- reading: any thread; what was acknowledged before the call is seen ---- */
struct sample { int64_t t_ms; struct decimal value; uint8_t flag; };
/* Of [from, to), in order of time, each moment once.  -1 to stop. */
typedef int series_on_sample(void *ctx, const struct sample *v);
int series_read(struct series *x, struct str device, struct str channel, int64_t from_ms, int64_t to_ms, series_on_sample *on, void *ctx, struct err *reterr);

/* Figures of steps of `step_ms` that begin at multiples of it since `from_ms`; steps without a value are not told.  Suspect readings
 * (flag > FLAG_NORMAL but FLAG_MANUAL) do not count.  Whole hours come from the day rows.  [begin_ms, end_ms) is what figures are of: their step, and more
 * than it where an hour that the step or the span cuts has figures alone; those stand whole where the hour begins. */
struct figures { int64_t t_ms, begin_ms, end_ms, n; double min, max, sum, squares; };
double figures_mean(const struct figures *f);
double figures_sdev(const struct figures *f);   /* of the sample (n - 1); 0 for n < 2 */
typedef int series_on_figures(void *ctx, const struct figures *f);
int series_figures(struct series *x, struct str device, struct str channel, int64_t from_ms, int64_t to_ms, int64_t step_ms,
                   series_on_figures *on, void *ctx, struct err *reterr);

/* What a device has said at all: channels with the last sample of each. */
/* last.t_ms is -1 where every moment was beyond belief (FLAG_CLOCK). */
struct channel_state { struct str channel; struct sample last; int64_t first_ms, n; };
int series_channels(struct series *x, struct arena *a, struct str device, struct channel_state **ret, size_t *ret_n, struct err *reterr);

/* Sealed hours in the order of sealing: `at` is gapless from 1.  `root` is the root of a tree (merkle/tree.h) of one leaf for each channel
 * in order of its code: docs/ref/series.md says over which bytes.  `on` as above. */
struct sealed_hour { int64_t at, hour_ms, revision, n; struct str device; struct hash root; int channels; };
typedef int series_on_sealed(void *ctx, const struct sealed_hour *h);
int series_sealed(struct series *x, int64_t after, int64_t max, series_on_sealed *on, void *ctx, struct err *reterr);
/* The hour's root made anew from what is in blocks: what `suyuan check` compares.  ERR_NOT_FOUND: the device said nothing in it. */
int series_root(struct series *x, struct arena *a, struct str device, int64_t hour_ms, struct hash *ret, int64_t *ret_n, struct err *reterr);

/* The same beside whoever writes, for what checks a statement elsewhere; one thread.  `ret` NULL: the installation never had readings. */
struct series_roots;
int series_roots_open(struct store *s, struct series_roots **ret, struct err *reterr);
int series_roots_of(struct series_roots *r, struct arena *a, struct str device, int64_t hour_ms, struct hash *ret, int64_t *ret_n, struct err *reterr);
void series_roots_close(struct series_roots *r);        /* NULL is fine */

/* duplicates, conflicts, late (came after their hour was over and had its grace), expired (of hours whose readings were dropped before): counted when the journal moves.
 * The rest from the beginning of the process; the newest two as they are. */
struct series_stats { uint64_t commits, batches, readings, duplicates, conflicts, late, expired, flushes, flush_failures, flush_us_total, commit_us_total, queue_jobs, journal_rows; };
void series_stats(struct series *x, struct series_stats *ret);

/* Reads all of it, also beside a running server: the pages of the file, the journal, every block, the figures of every day against the blocks, the root of every sealed
 * hour.  Calls `say` for each fault; how many, or -1.  An installation that never had readings has none. */
typedef void series_say(void *ctx, const char *what, const char *detail);
typedef void series_progress(void *ctx, const char *stage, int64_t done, int64_t total);
int64_t series_check(struct store *s, series_say *say, series_progress *progress, void *ctx, struct err *reterr);

#endif
