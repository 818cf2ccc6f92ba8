#ifndef SUYUAN_DAYBOOK_DAYBOOK_H
#define SUYUAN_DAYBOOK_DAYBOOK_H

#include "access/access.h"
#include "farm/rule.h"
#include "ledger/service.h"

/* Follows what was committed and keeps the views of the farm's day (docs/design/farm.md); answers what the day asks. */
struct daybook;

int daybook_start(struct store *s, struct ledger *l, struct daybook **ret, struct err *reterr);         /* one thread */
void daybook_stop(struct daybook *d);           /* NULL is fine */
void daybook_wake(struct daybook *d);           /* new events are durable: any thread, cheap */

/* How many records, seasons and lots the day book went on past (farm_passed); -1. */
int64_t daybook_passed(struct daybook *d, struct err *reterr);

/* Follows an organisation up to what is committed now; who is under way is waited for.  Workers. */
int daybook_catch_up(struct daybook *d, int64_t org, struct err *reterr);

/* As daybook_catch_up, without judging what was touched: alarms come with the next one. */
int daybook_follow(struct daybook *d, int64_t org, struct err *reterr);

/* ---- things ---- */
/* As daybook_catch_up, but follows master data alone: who puts a thing does not wait for a long history, nor for judging. */
int daybook_catch_up_things(struct daybook *d, int64_t org, struct err *reterr);
struct thing { enum thing_kind kind; struct str code, canonical, body; int64_t n, record_us; };
/* The newest statement; 1, 0, -1.  `org` is one organisation. */
int daybook_thing(struct daybook *d, struct arena *a, int64_t org, enum thing_kind k, struct str code, struct thing *ret, struct err *reterr);
int daybook_thing_named(struct daybook *d, struct arena *a, int64_t org, struct str canonical, struct thing *ret, struct err *reterr);
/* By code, those after `after`; count or -1. */
ssize_t daybook_things(struct daybook *d, struct arena *a, int64_t org, enum thing_kind k, struct str after, size_t max, struct thing *ret, struct err *reterr);
/* What was stated of a thing under the name that it has now, the newest first, before statement `before` (0: from the newest); count or -1. */
ssize_t daybook_thing_past(struct daybook *d, struct arena *a, int64_t org, const struct thing *now, int64_t before, size_t max, struct thing *ret, struct err *reterr);

/* ---- seasons and stock ---- */
/* All facts of a season with its plot and crop; 1, 0 unknown season, -1. */
int daybook_season(struct daybook *d, struct arena *a, int64_t org, struct str code, struct season_facts *ret, struct err *reterr);
/* What every event says of a lot; of a name that is no lot's, or that nobody knows, nothing.  0, -1. */
int daybook_lot_facts(struct daybook *d, struct arena *a, int64_t org, struct str lot, struct lot_facts *ret, struct err *reterr);
/* The lots that an event names; count or -1. */
ssize_t daybook_lots_of(struct daybook *d, struct arena *a, int64_t org, int64_t seq, const struct str **ret, struct err *reterr);
/* Balance of a good's lots, the first to expire first; count or -1. */
struct stock_lot { struct str lot, good, place, uom, expires; struct decimal balance; int64_t first_us, last_us; };
ssize_t daybook_stock(struct daybook *d, struct arena *a, int64_t org, struct str good /* canonical; empty: all */, struct stock_lot **ret, struct err *reterr);

/* What came into a good's lots, by time within a lot; count or -1. */
struct receipt { struct str lot, quantity, uom; int64_t time_us, seq; };
ssize_t daybook_receipts(struct daybook *d, struct arena *a, int64_t org, struct str good, struct receipt **ret, struct err *reterr);
/* The lot of a good to take from on a day ("2026-05-01"): the first to expire of those with a balance that have not; 1, 0 none, -1. */
int daybook_lot(struct daybook *d, struct arena *a, int64_t org, struct str good, struct str day, struct str *ret, struct err *reterr);
/* The season that was open on a plot at a time, the newest of several: its code; 1, 0, -1. */
int daybook_open_season(struct daybook *d, struct arena *a, int64_t org, struct str plot, int64_t time_us, struct str *ret, struct err *reterr);
/* The growth stage that was seen last, up to a time, of what is open on a plot then (BBCH, "65"); 1, 0 nobody said, -1. */
int daybook_stage(struct daybook *d, struct arena *a, int64_t org, struct str plot, int64_t time_us, struct str *ret, struct err *reterr);

/* ---- acts ---- */
/* What an act needs to know to become an event; a season, lot or event that is named and not known here is a fault.  May fill in the form's season and product. */
int daybook_surroundings(struct daybook *d, struct arena *a, int64_t org, struct act_form *form, struct act_surroundings *ret, struct faults *f, struct err *reterr);
/* Is the act recorded?  1 the same form, 0 not at all, -1; ERR_CONFLICT: something else bears its eventID.  `ret_seq`: its number. */
int daybook_recorded(struct daybook *d, struct arena *a, int64_t org, const struct act_form *form, int64_t *ret_seq, struct err *reterr);

/* ---- rules ---- */
/* Everything the rules need beside the season: the organisation's inputs and the regulation in force.  Kept in memory and shared; fill j->season afterwards. */
int daybook_judging(struct daybook *d, struct arena *a, int64_t org, struct judging *j, struct err *reterr);

#endif
