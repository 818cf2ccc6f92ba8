#ifndef SUYUAN_SERIES_FLUSH_IMPL_H
#define SUYUAN_SERIES_FLUSH_IMPL_H

#include "series/series_impl.h"

/* Between flush.c and flush_rows.c: one moving of the journal into blocks. */

struct rows { struct db_value *values; size_t per_row, n, cap; struct arena *a; };

struct last {           /* of one channel of a device, what this flush brings */
        uint32_t device, channel;
        int64_t n, first_ms, last_ms;   /* last_ms -1: none that is believed */
        struct point point;
};

struct conflict { struct reading said; struct decimal stands; struct conflict *next; };

struct flush {
        struct series *x;
        struct arena *scratch;          /* of some hours */
        struct gathering g;
        struct merging m;

        struct gathered_hour *hour;     /* under work */
        uint32_t channel;
        bool changed;                   /* the hour */
        uint64_t late;

        struct day_channel **day;       /* of the day under work, ascending by id */
        size_t n_day, cap_day;
        bool day_changed;

        struct rows blocks, days, opens;
        struct last *lasts;             /* by device; within it in order of first sight */
        size_t n_lasts, cap_lasts, first_last;  /* first_last: where the device under work begins */
        size_t at_last;

        struct conflict *conflicts, **last_conflict;
        size_t n_conflicts;
};

/* ---- flush_rows.c ---- */
void flush_rows_begin(struct flush *f);
void row_add(struct rows *r, const struct db_value *values, size_t n);
int rows_put(struct flush *f, struct rows *r, int sql, struct err *reterr);
struct last *last_of(struct flush *f, uint32_t device, uint32_t channel);
int lasts_put(struct flush *f, struct err *reterr);

int day_begin(struct flush *f, struct str packed, struct err *reterr);
void day_note(struct flush *f, const struct column *c);        /* of f->hour */
void day_end(struct flush *f, int64_t slot);

#endif
