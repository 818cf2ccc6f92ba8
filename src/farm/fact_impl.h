#ifndef SUYUAN_FARM_FACT_IMPL_H
#define SUYUAN_FARM_FACT_IMPL_H

#include "farm/fact.h"

/* Shared by the files that read facts. */
const char *fact_grade(struct str s);           /* one of the four, or NULL */
/* What the lot is, as the event says; `made`: which of what came out. */
struct str fact_good(struct arena *a, const struct event *e, const struct event_item *q, size_t made);

/* By its business step and members, whatever form it may have come from. */
enum act fact_act(const struct event *e);
bool fact_on_season(const struct event *e);
/* An event may state less than nothing (EPCIS sets no bound); that is no amount here, else it would take back what another stated. */
bool fact_quantity(struct str text, struct decimal *ret);
struct fact_amount fact_amount_of(struct arena *a, const struct event_item *q, struct str good);
/* What an event does to a thing that it lists. */
enum way { STAYS, COMES, LEAVES, COUNTED };
enum way way_of(const struct event *e, const struct event_item *q);
struct str fact_step(const struct event *e);    /* its business step in one word, empty: none */

#endif
