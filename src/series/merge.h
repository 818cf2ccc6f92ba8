#ifndef SUYUAN_SERIES_MERGE_H
#define SUYUAN_SERIES_MERGE_H

#include "series/batch_impl.h"
#include "series/block.h"

/* Readings on their way into blocks: gathered by device and hour and channel in the order in which they came, then merged into what stands.  Pure. */

struct gathered_column {
        uint32_t id;            /* of the channel */
        uint32_t n, cap;
        bool sorted;            /* by time so far, no moment twice */
        struct point *p;        /* in the order in which they came */
};
struct gathered_hour {
        uint32_t device;
        int64_t hour;           /* since 1970 */
        int64_t received_ms;    /* of its first reading */
        struct gathered_column *columns;
        uint32_t n, cap, last;  /* last: where the last reading went */
};
struct gathering {
        struct arena *a;
        struct gathered_hour **slots;   /* open addressing, a power of two, at most half full */
        size_t cap, n_hours, n;         /* slots, hours, readings */
};
void gathering_begin(struct gathering *g, struct arena *a);
/* All readings of a batch.  `devices`, `channels`: the numbers of the names in the view's tables. */
void gather(struct gathering *g, const struct batch_view *v, const uint32_t *devices, const uint32_t *channels, int64_t received_ms);
/* Of one channel of one device, which both get the number 1. */
void gather_channel(struct gathering *g, const struct batch_view *v, struct str device, struct str channel, int64_t received_ms);
/* By device, then hour; in the arena. */
struct gathered_hour **gathered(struct gathering *g, size_t *ret_n);

/* What a reading is marked with that came at `received_ms`: its own flag, or FLAG_CLOCK. */
uint8_t flag_judged(uint8_t flag, int64_t t_ms, int64_t received_ms);

/* Counts, and what is told of readings that did not get in. */
struct merging {
        struct arena *a;
        uint64_t added, duplicates, conflicts, expired; /* expired: the readings of that hour were dropped before (series_retain) */
        void (*conflict)(void *ctx, const struct point *said, const struct point *stands);
        void *ctx;
};
/* Adds what was gathered to a column; the first statement of a moment stands, unless it was FLAG_CLOCK and the later is not.  True when the column changed. */
bool merge_column(struct merging *m, struct column *into, struct gathered_column *from);

#endif
