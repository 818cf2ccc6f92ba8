#ifndef SUYUAN_TRACE_STORY_H
#define SUYUAN_TRACE_STORY_H

#include "base/clock.h"
#include "base/lang.h"
#include "trace/excerpts.h"
#include "trace/trace.h"

/* What a page tells of an item: the facts of its way from seed to shelf, gathered from a walk back with its containers, and
 * as plainly what is not recorded.  Knows no words and no HTML.  Takes only public members of events (epcis/public.def):
 * no worker, no position, no telephone number can come out of here. */

enum story_kind {
        STORY_SOW, STORY_FERTILISE, STORY_SPRAY, STORY_IRRIGATE, STORY_INPUT, STORY_TEND, STORY_GROWTH, STORY_HARVEST,
        STORY_PROCESS, STORY_STORE, STORY_PACK, STORY_TEST, STORY_CERTIFICATE, STORY_HOLD, STORY_RELEASE, STORY_RECALL,
        STORY_SHIP, STORY_ARRIVE, STORY_SHELF, STORY_SOLD, STORY_DESTROY,
        STORY_ORDER, STORY_LOAD, STORY_DEPART, STORY_TRANSPORT, STORY_RECEIVE, STORY_OTHER, STORY_KINDS
};

/* A thing, place or organisation and what master data call it.  text[l] is never empty: where a language is missing
 * another stands in, at last the code itself; named tells. */
struct story_name {
        struct str canonical;
        struct str text[LANGS];
        struct str detail[LANGS];       /* net content, address of an organisation …; may be empty */
        bool named;
        bool own;                       /* by a statement about itself, not about its kind of goods */
        bool demonstration;             /* master data mark it as such: no real goods */
};

/* Things that bear one name and are counted in one unit, added up: a thousand bags of a packing are one line. */
struct story_amount { const struct story_name *what; struct str quantity, uom; size_t count; };

struct story_photo { struct hash hash; struct stamp taken; };

enum story_result { RESULT_NONE, RESULT_PASSED, RESULT_FAILED };

/* One measured value of a test or of a journey. */
struct story_report { struct str what, value, uom, limit, method; enum story_result result; };

struct story_entry {
        enum story_kind kind;
        int64_t time_us;
        struct str event_id;
        const struct story_name *place, *org;   /* NULL when not recorded */
        const struct story_name *from, *to;     /* of a journey, NULL when not recorded */
        struct story_amount *in, *out, *seen;   /* what was used or put in, what came out, what was looked at or moved */
        size_t n_in, n_out, n_seen;
        struct str dose, target, stage, ingredient, registration;      /* as recorded, may be empty */
        int interval_days;                      /* of a spray: required before harvest, -1 not recorded */
        enum story_result result;               /* of a test */
        struct story_report *reports;
        size_t n_reports;
        struct str temperature_min, temperature_max, temperature_mean;
        bool alarm;                             /* a sensor report says ALARM_CONDITION */
        struct str certificate;
        bool declared_wrong;                    /* corrected later: shown struck out, not counted */
        const struct story_photo *photos;
        size_t n_photos;
        uint32_t node;                          /* of the trace: which thing it is about */
        uint32_t event;                         /* of the trace */
        int64_t season;                         /* item of the season, 0 for none */
};

enum story_state { STATE_CLEAR, STATE_HELD, STATE_RECALLED };

enum story_gap {                                /* what is not recorded */
        GAP_ORIGIN = 1, GAP_SOW = 2, GAP_SPRAY = 4, GAP_INTERVAL = 8, GAP_HARVEST = 16, GAP_TEST = 32, GAP_TRANSPORT = 64,
        GAP_TEMPERATURE = 128, GAP_SHELF = 256, GAP_PHOTO = 512, GAP_TEST_RESULT = 1024
};

struct story {
        const struct trace *trace;
        const struct story_name *item, *producer, *crop_place;
        struct str variety, crop;
        struct story_entry *entries;            /* by time */
        size_t n_entries;
        size_t n_photos;

        enum story_state state;
        const struct story_name *state_of;      /* whose state it is: the item's, an ancestor's or a container's */
        int64_t state_since_us;
        bool failed;                            /* a failed test that no release answered */
        bool destroyed;

        int64_t harvest_us, shelf_us;           /* INT64_MIN when not recorded: the first harvest, the first shelf after it */
        int spray_days, spray_required;         /* of the harvest that came closest to its interval; -1 not recorded */
        bool interval_broken;
        size_t n_sprays;
        size_t tests_passed, tests_failed, tests_open; /* open: no result stated */
        unsigned gaps;                          /* enum story_gap */
};

/* `kept`: what earlier stories read, for the next; NULL is fine. */
int story_tell(struct arena *a, struct reader *r, int64_t org, const struct trace *t, const struct origins *own,
               struct excerpts *kept, struct story **ret, struct err *reterr);

/* Days from a spray to the first harvest of its season after it, as intervals are counted; -1: none is recorded. */
int story_days_to_harvest(const struct story *s, const struct story_entry *spray);

/* The name of one thing by itself, for plain pages. */
int story_name_of(struct arena *a, struct reader *r, int64_t org, struct str canonical, struct story_name *ret,
                  struct err *reterr);
/* The day number in the district's time zone, in which intervals are counted. */
int64_t story_day(int64_t us);
enum { STORY_OFFSET_MIN = 480 };                /* Asia/Shanghai */

#endif
