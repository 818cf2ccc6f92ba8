#ifndef SUYUAN_SENSING_RETENTION_H
#define SUYUAN_SENSING_RETENTION_H

#include "base/json.h"
#include "epcis/read.h"
#include "series/series.h"

/* How long readings are kept: `keepDays` of a channel, else of its device; 0, or nothing said: for ever.  What is older goes but for the figures of its hours and days and the root of each
 * sealed hour.  Evidence is never kept for less than `least` days, whatever a description says. */
int64_t keep_days(const struct json *detail, struct str channel, int64_t least);        /* 0: for ever */
/* Faults at /keepDays and /channels/N/keepDays, where a description asks for less. */
void keep_days_check(struct arena *a, const struct json *detail, int64_t least, struct faults *f);

/* A channel that does not keep its readings for ever, and what of it would go at `now_ms`. */
struct kept_channel { struct str channel; int64_t days, before_ms; struct series_due due; };
int retention_due(struct series *x, struct arena *a, struct str device, const struct json *detail, int64_t least, int64_t now_ms, struct kept_channel **ret, size_t *ret_n, struct err *reterr);
/* Lets it go; hours whose readings did, -1. */
int64_t retention_apply(struct series *x, struct str device, const struct kept_channel *list, size_t n, struct err *reterr);

/* Whether the pass that began at `mark_ms` (0: none) was another day's.  A server whose clock is behind does not make again what was made after its midnight; a mark of days to come was
 * a wrong clock's. */
bool retention_day_over(int64_t mark_ms, int64_t now_ms);

#endif
