#ifndef SUYUAN_SERIES_BATCH_H
#define SUYUAN_SERIES_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/str.h"

/* Readings on their way: what a door hands over, what the journal keeps until they are in blocks, byte for byte the same.  Pure.
 *
 * A reading is one value of one channel of one device at one moment.  Times are UTC milliseconds as the device says; values are
 * exact decimals as it sent them, in the channel's own unit.  The bytes name devices and channels once, in tables at the front, so
 * that who looks for one device sees at once whether it is there; docs/ref/series.md has the format. */
enum reading_flag {     /* stored: append only.  HJ 212-2017's letters where it has one */
        FLAG_NORMAL,            /* N, and whoever says nothing */
        FLAG_SUSPECT,           /* the device doubts it: D fault, B no contact, and any letter we do not know */
        FLAG_CALIBRATION,       /* C */
        FLAG_MAINTENANCE,       /* M */
        FLAG_OVER,              /* T, beyond what the device can measure */
        FLAG_MANUAL,            /* put in by hand, also from a file */
        FLAG_CLOCK,             /* the device's clock was beyond belief: later than LIMIT_SERIES_AHEAD_MS after it came, or before 2000; given here.
                                 * Any other statement of the same moment takes its place */
        FLAGS
};

struct reading {
        struct str device, channel;
        int64_t t_ms;
        struct decimal value;
        uint8_t flag;           /* enum reading_flag */
        uint32_t seq;           /* the device's own number of the message, 0: it has none; carried to here, not kept */
};

/* Grows in an arena; ends with it. */
struct batch;
struct batch *batch_new(struct arena *a);
/* False, and nothing added, when it would be more than LIMIT_BATCH_BYTES, _READINGS, _DEVICES, _CHANNELS or _HOURS, or a name is none: [A-Za-z0-9._:-]{1,64}. */
bool batch_add(struct batch *b, const struct reading *r);
size_t batch_n(const struct batch *b);
/* The bytes, in the arena; readings stand by device, within it in the order in which they were added. */
struct str batch_bytes(struct batch *b);

/* Reads what batch_bytes wrote, or a stranger: every offset is checked once, then the walk cannot fail. */
struct batch_view;
int batch_open(struct arena *a, struct str bytes, struct batch_view **ret, struct err *reterr);        /* ERR_BAD_INPUT */
size_t batch_view_n(const struct batch_view *v);
/* Each reading, in order; `device` STR_NONE: of all.  The names point into `bytes`. */
typedef void batch_each_fn(void *ctx, const struct reading *r);
void batch_each(const struct batch_view *v, struct str device, batch_each_fn *each, void *ctx);

#endif
