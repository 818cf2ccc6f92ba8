#ifndef SUYUAN_SENSING_QUALITY_QUALITY_H
#define SUYUAN_SENSING_QUALITY_QUALITY_H

#include "base/arena.h"
#include "base/json.h"
#include "sensing/quantity.h"
#include "series/batch.h"

/* What is wrong with what devices say: pure, no clock, no store.  A check is one file in sensing/quality/ and one line in checks.def.  Nothing is refused and nothing is
 * changed: a reading that no air can have stays in the series, and a finding stands beside it. */

/* ---- what a device is described as (docs/ref/devices.md) ---- */
enum { AHEAD_MS = 5 * 60000 };   /* so far a device's clock may be ahead of ours */
enum { ALARM_STAGES = 8, ALARM_NAME = 48 /* bytes */, MEAN_HOURS = 24, NO_TIME = -1 };
struct alarm_rule {
        struct str name, title[LANGS];  /* within the channel, stored; as people read it */
        bool below;                     /* fires below `at`, else above */
        double at, clear;               /* ends only beyond `clear`: hysteresis */
        int64_t for_ms;                 /* it has to last so long */
        int mean_hours;                 /* of the mean over so many hours, MEAN_HOURS at most; 0: of each value */
        struct str stages[ALARM_STAGES];        /* only in these growth stages; none: always */
        size_t n_stages;
        int quiet_from, quiet_to;       /* minutes of the place's day in which nobody is woken; NO_TIME: none.  The finding is there all the same */
};
struct channel_spec {
        struct str code, name[LANGS];   /* its own name, as people read it; empty: nobody gave it one */
        const struct quantity *quantity;        /* NULL: unknown, and then only what is described is checked */
        struct str sign;                /* the unit as people read it */
        double lowest, highest;         /* HUGE_VAL: no bound */
        double rate;                    /* in a minute; 0: any */
        int64_t still_ms, every_ms;     /* 0: for ever; learnt from what comes */
        const struct alarm_rule *alarms;
        size_t n_alarms;
};
struct device_spec {
        struct str id;
        int64_t silent_ms;              /* after so long without a word it is silent */
        struct channel_spec *channels;
        size_t n;
};
/* From a device's detail, which may be NULL or lack anything; what cannot be read is as if it were not there. */
struct device_spec *device_spec_read(struct arena *a, struct str id, const struct json *detail);

/* After how long without a word a device is silent: `silentMinutes`, else three of its own intervals and at least a quarter of an hour, else an hour. */
int64_t device_silent_ms(const struct json *detail);

/* ---- findings ---- */
enum grade { GRADE_INFORMS = 1, GRADE_WARNS, GRADE_BLOCKS };    /* stored; as enum severity of farm/rule.h */
struct check;
struct quality;
struct happening {
        const struct quality *of;       /* the device's memory */
        const struct check *check;
        struct str channel;             /* STR_NONE: of the device */
        struct str key;                 /* within check, device and channel: the alarm's name, a gap's beginning */
        bool opens;                     /* else it is over */
        int64_t from_ms, t_ms;          /* since when; the moment that told it */
        double value, limit;            /* as `words` name them */
        struct str words[LANGS];        /* what is so, why, and what to do */
};
typedef void quality_on(void *ctx, const struct happening *h);

struct check {
        const char *name;
        enum grade grade;
        const char *title[LANGS];
};
extern const struct check *const checks[];
extern const size_t n_checks;
const struct check *check_of_name(struct str name);     /* NULL */

/* ---- the memory of one device: what was seen lately, what stands open ---- */
struct quality;
struct quality *quality_new(struct str id, const struct json *detail);
void quality_free(struct quality *q);
const struct device_spec *quality_spec(const struct quality *q);
/* After a start, or a new description: what stands open, so that it is not opened again and may end.  False: nobody watches for it any more. */
struct open_finding { struct str check, channel, key; int64_t from_ms, t_ms; double value; };   /* as in its happening */
bool quality_resume(struct quality *q, const struct open_finding *f);
/* After a start: when it was heard last, by our clock. */
void quality_heard(struct quality *q, int64_t ms);
/* The growth stage of what stands at its place, "" unknown: for alarms.  Kept until it is said anew. */
void quality_stage(struct quality *q, struct str stage);
bool quality_asks_stage(const struct quality *q);        /* one of its alarms belongs to a stage */

/* Readings in the order in which they came; older ones than the newest of their channel are looked at for what they are themselves, and may fill a gap. */
void quality_reading(struct quality *q, const struct reading *r, int64_t received_ms, quality_on *on, void *ctx);
/* Now and then, for what is not said. */
void quality_time(struct quality *q, int64_t now_ms, quality_on *on, void *ctx);

/* The channels that it spoke of: `on` for each with a known quantity. */
typedef void quality_channel(void *ctx, struct str code, const struct quantity *quantity);
void quality_channels(const struct quality *q, quality_channel *on, void *ctx);
/* What a channel is; NULL: it never spoke. */
const struct channel_spec *quality_channel_spec(const struct quality *q, struct str code);

/* Neighbours: means of the same quantity at one place over the same hour, three devices or more. */
struct neighbour { struct quality *device; struct str channel; double mean; };
void quality_neighbours(const struct neighbour *list, size_t n, int64_t hour_ms, quality_on *on, void *ctx);

/* Whether somebody may be woken by this now: not in the quiet hours of its rule. */
bool alarm_is_quiet(const struct alarm_rule *r, int64_t now_ms, int zone_min);
const struct alarm_rule *alarm_find(const struct quality *q, struct str channel, struct str name);

#endif
