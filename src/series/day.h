#ifndef SUYUAN_SERIES_DAY_H
#define SUYUAN_SERIES_DAY_H

#include "series/block.h"

/* The figures of one device's day (UTC), packed: for each channel where its hours are to be found, and their sums.  Pure. */
#define DAY_MS (DAY_HOURS * HOUR_MS)

struct day_channel {
        uint32_t id;
        uint32_t raw, minutes, counted; /* bit h: the block of hour h has its readings; its minutes; readings that count, in `hours` */
        struct sums hours[DAY_HOURS];
};
/* `c` ascending by id, as pointers: one is large. */
void day_pack(struct pack *k, struct day_channel *const *c, size_t n);

struct day {
        size_t n;
        struct day_entry { uint32_t id; struct str body; } *entries;
};
int day_open(struct arena *a, struct str bytes, struct day *ret, struct err *reterr);  /* ERR_STORE: damaged */
int day_unpack(const struct day_entry *e, struct day_channel *ret, struct err *reterr);
/* 1; 0 and `ret` empty: the channel said nothing that day; -1. */
int day_find(const struct day *d, uint32_t id, struct day_channel *ret, struct err *reterr);

#endif
