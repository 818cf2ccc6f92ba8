#ifndef SUYUAN_SENSING_WATCH_H
#define SUYUAN_SENSING_WATCH_H

#include "sensing/alarm_queue.h"
#include "sensing/quality/quality.h"
#include "sensing/sensing_impl.h"

/* Who looks at what devices say: one thread behind the series, which asks the checks (sensing/quality/) about each reading, and now and then about what is not said.  What they tell
 * becomes rows of device_finding; an alarm is recorded as an event too, and told (teller.c). */
struct watch;
int watch_start(struct sensing *g, struct err *reterr);
void watch_stop(struct sensing *g);     /* looks at what is waiting, then ends */

/* ---- what its files share ---- */
enum { WATCH_BUCKETS = 4096 };
struct watched {
        struct watched *next;
        struct arena *arena;
        struct str id, place;           /* canonical place, or empty */
        int64_t org, change;
        struct quality *quality;
};
struct watch {
        struct sensing *g;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t wake;
        bool stop;
        struct chunk *first, **last;    /* what was stored and not yet looked at */
        size_t waiting;                 /* readings in it */
        _Atomic uint64_t dropped;       /* readings that were not looked at, since too many were waiting */
        void *listener;
        struct alarm_queue *alarms;
        struct watched *table[WATCH_BUCKETS];
        int64_t staged_ms;              /* when growth stages were asked for last */
        int64_t began_us;
        int64_t compared_hour;          /* number of the last hour whose neighbours were compared */
};
/* ---- watch_tell.c ---- */
int watch_record(void *watch, const struct alarm_row *row, struct err *reterr);
struct telling { struct watch *w; struct watched *d; int64_t now_ms; };
void watch_tell(void *telling, const struct happening *h);
/* What stands open: it is not opened again.  `first`: in this life; an alarm of an earlier one that a kill kept from the ledger goes on its way again. */
int watch_resume(struct watch *w, struct watched *d, bool first, struct err *reterr);
/* Ids of the devices that stand alarmed, at most `max`, in the arena; how many, -1. */
ssize_t watch_alarmed(struct watch *w, struct arena *a, struct str *ret, size_t max, struct err *reterr);
/* ---- watch_compare.c ---- */
void watch_compare(struct watch *w, int64_t hour_ms);

/* ---- teller.c: letters ---- */
struct teller;
int teller_start(struct sensing *g, const struct sensing_options *o, struct teller **ret, struct err *reterr);      /* NULL in `ret`: no mail server is named */
void teller_stop(struct teller *t);     /* NULL is fine */

#endif
