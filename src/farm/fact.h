#ifndef SUYUAN_FARM_FACT_H
#define SUYUAN_FARM_FACT_H

#include "base/decimal.h"
#include "farm/act.h"

/* What rules know of a season: facts of its events, whichever door they came through.  Read from an event (fact_of_event), kept as small JSON in
 * season_act.facts (fact_write, fact_read), judged by farm/rules/.  Texts in the arena. */

struct fact_amount { struct str lot /* canonical */, good /* canonical of the input or product, may be empty */; struct decimal quantity; struct str uom /* empty: pieces */; bool stated /* with a quantity */; };
struct fact {
        enum act act;
        int64_t seq, time_us;
        int16_t offset_min;
        int day;                                /* day number in the place's time zone (Asia/Shanghai): story_day() */
        struct fact_amount *in, *out;
        size_t n_in, n_out;
        struct str input;                       /* suyuan:input: canonical; of a spray or fertilising */
        struct str registration, target;
        const struct str *ingredients;          /* as the event says */
        size_t n_ingredients;
        int interval_days;                      /* as the event says; -1 */
        struct decimal dose; struct str dose_uom;       /* per mu; dose_uom empty: not stated */
        struct decimal area_mu;                 /* 0: not stated */
        struct position at;
        const char *clock;                      /* grade, or NULL */
        bool has_photo, wrong;                  /* wrong: an error declaration is known for it; rules pass over it */
};
struct season_facts {
        struct str org, code, canonical, plot, crop, variety;
        const struct str *crop_categories;      /* of the crop: from narrow to wide */
        size_t n_crop_categories;
        struct outline *outline;                /* of the plot, or NULL */
        struct decimal area_mu;                 /* of the season, else of the plot; 0 unknown */
        struct decimal yield_kg_mu;             /* what a mu may yield at most, of the crop; 0 unknown */
        bool wants_photos;                      /* the enterprise promised a photo with every spray and harvest */
        struct fact *acts;                      /* by (time, seq) */
        size_t n;
};
/* False: the event is none of a season's day (no act, no season).  `ret_season`: canonical. */
bool fact_of_event(struct arena *a, const struct event *e, struct str *ret_season, struct fact *ret);
/* What an event adds to lots or takes from them; the follower leaves out what is declared wrong.  In the arena; how many. */
struct lot_move {
        struct str lot, good, place;    /* canonical; good and place may be empty */
        struct decimal quantity;        /* in the unit: below 0 what left; a mass in KGM, a volume in LTR */
        struct str uom;                 /* empty: pieces */
        bool counted;                   /* stock-taking: so much there is, whatever was before */
        struct str expires;             /* day, of what came in; may be empty */
};
size_t moves_of_event(struct arena *a, const struct event *e, const struct lot_move **ret);
/* The event is this act, whichever door it came through: by its step, and by its kind and what it names where acts share a step. */
bool fact_is_act(const struct event *e, enum act k);

/* ---- a lot: what the rules know of it, from every event that names it ---- */
enum lot_deed {
        DEED_SEEN,                      /* named, and nothing follows from it */
        DEED_MADE,                      /* came out of something, or was put into the books */
        DEED_RECEIVED,
        DEED_COUNTED,                   /* so much there is, whatever was before */
        DEED_USED,                      /* went into something; a rest of it may have come back in the same act */
        DEED_SHIPPED, DEED_SOLD,
        DEED_JOINED, DEED_PARTED,       /* put into a carton, taken out again */
        DEED_RETURNED,                  /* sent back, also because it is recalled */
        DEED_DESTROYED, DEED_RECALLED,
        DEED_RELEASED                   /* the recall is taken back */
};
struct lot_fact {
        enum lot_deed deed;
        enum act act;                   /* with which it was made or used; ACT_OTHER: not one of ours */
        bool on_season;                 /* the act is one of a season's */
        bool copy;                      /* a partner's record of which we were given a copy: it tells when, and moves nothing of ours */
        int64_t seq, time_us;
        struct str event_id;
        const struct fact_amount *came, *left;  /* of this lot; what was joined or parted is in `left`, what was counted in `came` */
        size_t n_came, n_left;
        const struct fact_amount *in, *out;     /* the whole of a transformation without season; at one of its lots alone, so that it is told once */
        size_t n_in, n_out;
};
struct lot_facts {
        struct str canonical;
        const struct lot_fact *acts;    /* by (time, seq), none that is declared wrong */
        size_t n;
        bool too_many;                  /* more than LIMIT_LOT_EVENTS events name it: then there are none here */
};
/* Without seq, event_id and copy, which the record has.  False: the event does not name the lot. */
bool lot_fact_of_event(struct arena *a, const struct event *e, struct str lot, struct lot_fact *ret);
/* The lots that an event names, each once, at most LIMIT_EVENT_LOTS: in the arena; how many. */
size_t lots_of_event(struct arena *a, const struct event *e, const struct str **ret);

/* What was used over the act's area, rounded to 6 places; its unit, which is empty where that is not known: then `*ret` is untouched. */
struct str fact_used_per_mu(const struct fact *f, struct decimal *ret);

void fact_write(struct buf *out, const struct fact *f);
int fact_read(struct arena *a, struct str facts, struct fact *ret, struct err *reterr);

#endif
