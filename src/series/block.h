#ifndef SUYUAN_SERIES_BLOCK_H
#define SUYUAN_SERIES_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/decimal.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"
#include "series/pack.h"

/* What one device said in one hour, packed (docs/ref/series.md has the bytes), and its figures.  Pure. */

#define HOUR_MS INT64_C(3600000)
enum { MINUTE_MS = 60000, HOUR_MINUTES = 60, DAY_HOURS = 24 };
/* A device and an hour as one number. */
static inline int64_t block_slot(uint32_t device, int64_t hour) { return hour << 32 | device; }

struct point {
        int64_t m;              /* the mantissa */
        uint32_t t;             /* ms within the hour */
        int8_t scale;
        uint8_t flag;           /* enum reading_flag */
};

/* Of the readings that count (point_counts).  As long as 64 bits hold them, sums are exact: of x - min, in units of 10^-scale; so they do not
 * depend on an order of adding, and are the same whoever makes them again. */
struct sums {
        int64_t n;
        bool rough;             /* the numbers are `x`, not the integers */
        int8_t scale;
        int64_t min;
        uint64_t range, sum, squares;   /* max - min, Σ(x - min), Σ(x - min)² */
        struct { double min, max, sum, squares; } x;
};
static inline bool flag_counts(uint8_t flag) { return flag == 0 /* FLAG_NORMAL */ || flag == 5 /* FLAG_MANUAL */; }
/* Of points [0, n); the scale is the largest of theirs. */
void sums_of(const struct point *p, size_t n, struct sums *ret);
/* As doubles: min, max, Σx, Σx². */
void sums_doubles(const struct sums *s, double *min, double *max, double *sum, double *squares);
/* `before`: the sums packed just before of the same channel, or NULL: similar ones take few bytes. */
void sums_pack(struct pack *k, const struct sums *s, const struct sums *before);
void sums_unpack(struct unpack *u, const struct sums *before, struct sums *ret);

enum column_kind {      /* stored: append only */
        COLUMN_RAW,             /* every reading */
        COLUMN_MINUTES,         /* sums of minutes; the readings were dropped, their leaf is kept */
        COLUMN_HOUR             /* the leaf alone: the figures stand in the day row */
};

struct column {
        uint32_t id;            /* of the channel */
        uint8_t kind;
        uint32_t n;             /* readings, also those that were dropped */
        struct point *p;        /* COLUMN_RAW: ascending t, each once; all of one scale unless `mixed` */
        bool mixed;
        struct hash leaf;       /* of what was dropped */
        struct minute { uint8_t minute; struct sums sums; } *minutes;   /* ascending */
        size_t n_minutes;
};

/* Brings the points to one scale, the largest of theirs; false where one would not fit: then each keeps its own. */
bool points_align(struct point *p, size_t n);

/* `c` ascending by id, no two of one. */
void block_pack(struct pack *k, const struct column *c, size_t n);

/* A block's table of contents: what a channel said is unpacked when it is asked for. */
struct block {
        size_t n_times, n;
        struct str *times;
        struct entry { uint32_t id; uint8_t kind; uint32_t time; struct str body; } *entries;     /* ascending by id */
        struct ticks { uint32_t n; uint32_t *t; } *ticks;       /* of each column of times, once it was needed */
};
int block_open(struct arena *a, struct str bytes, struct block *ret, struct err *reterr);      /* ERR_STORE: damaged */
/* NULL: the channel said nothing. */
const struct entry *block_find(const struct block *b, uint32_t id);
int block_column(struct arena *a, struct block *b, const struct entry *e, struct column *ret, struct err *reterr);

/* Replaces the readings of a column by sums of minutes, or by nothing; `leaf` stands for them from now on. */
void column_reduce(struct arena *a, struct column *c, enum column_kind to, const struct hash *leaf);

/* The leaf of what a channel said in an hour: SHA-256 of 0x00 and a text that docs/ref/series.md describes. */
struct hash column_leaf(struct arena *a, struct str device, struct str channel, int64_t hour_ms, const struct point *p, size_t n);
/* That text. */
struct str column_text(struct arena *a, struct str device, struct str channel, int64_t hour_ms, const struct point *p, size_t n);

#endif
