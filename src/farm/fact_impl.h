#ifndef SUYUAN_FARM_FACT_IMPL_H
#define SUYUAN_FARM_FACT_IMPL_H

#include "farm/fact.h"

/* Shared by the files that read facts. */
const char *fact_grade(struct str s);           /* one of the four, or NULL */
/* What the lot is, as the event says; `made`: which of what came out. */
struct str fact_good(struct arena *a, const struct event *e, const struct event_item *q, size_t made);

#endif
