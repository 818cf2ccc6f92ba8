#ifndef SUYUAN_SERIES_BATCH_IMPL_H
#define SUYUAN_SERIES_BATCH_IMPL_H

#include "series/batch.h"
#include "series/pack.h"

/* For the implementers of series/: a batch's readings by number instead of by name.  docs/ref/series.md has the bytes. */

#define READING_T_MAX INT64_C(253402300799999)  /* the last millisecond of the year 9999 */
#define READING_M_END INT64_C(1000000000000000000)      /* |mantissa| is below it (base/decimal.h) */
enum { READING_SCALE_MAX = 15 };

struct batch_view {
        struct str bytes;
        struct batch_device { struct str name, section; size_t n; uint32_t *said; size_t n_said; } *devices;         /* said: its channels, each once, by batch_open */
        struct str *channels;
        size_t n_devices, n_channels, n;
        int64_t from_ms, to_ms;         /* first and last moment, by batch_open; without readings: from > to */
        size_t turns;                   /* how often the next reading of a device is of another hour than the one before */
};

/* The tables at the front alone: nothing of the sections was looked at but their bounds. */
int batch_front(struct arena *a, struct str bytes, struct batch_view *ret, struct err *reterr);

struct batch_item {
        int64_t t_ms, mantissa;
        uint32_t channel, seq;          /* channel: in the view's table */
        int8_t scale;
        uint8_t flag;
};
struct batch_cursor {
        struct unpack u;
        size_t left;
        int64_t t_ms;
        uint32_t seq;
};
static inline struct batch_cursor batch_begin(const struct batch_device *d)
{
        return (struct batch_cursor){ .u = unpack_of(d->section), .left = d->n };
}
/* The next reading of a section; false at its end, or where the bytes are none (c->u.bad). */
bool batch_next(struct batch_cursor *c, const struct batch_view *v, struct batch_item *ret);

#endif
