#ifndef SUYUAN_SENSING_QUALITY_QUALITY_IMPL_H
#define SUYUAN_SENSING_QUALITY_QUALITY_IMPL_H

#include "sensing/quality/quality.h"

enum { GAPS = 8 };              /* of a channel, that late readings may still fill */

struct hour { int64_t number, n; double sum; };
struct gap { int64_t from_ms, to_ms, missing, filled; };

/* A check's standing with a channel: how often in a row it said so, and what is open. */
struct standing { int wrong, fine; bool open; int64_t since_ms; };

enum which_check {
#define CHECK(symbol, ...) CHECK_##symbol,
#include "sensing/quality/checks.def"
#undef CHECK
        CHECKS
};

struct channel_memory {
        struct channel_spec spec;
        int64_t last_ms, still_since_ms, n;
        double last;
        double usual;           /* moves slowly towards what comes: what the unit check compares with */
        double step_ms;         /* how far apart readings are, usually */
        struct hour *hours;     /* MEAN_HOURS, by number; NULL: no alarm asks for a mean */
        struct gap gaps[GAPS];
        size_t n_gaps;
        struct standing standing[CHECKS];
        struct standing *alarms;        /* one for each of spec.alarms */
        struct channel_memory *next;
};

struct quality {
        struct arena *arena;
        struct device_spec *spec;
        struct channel_memory *channels;
        size_t n_channels;
        int64_t heard_ms;       /* by our clock */
        struct standing silent;
        char stage[64];
};

/* What a check looks at. */
struct look {
        struct quality *device;
        struct channel_memory *channel; /* NULL: the device itself */
        double value;
        int64_t t_ms, received_ms;
        bool late;              /* older than the newest of its channel */
        quality_on *on;
        void *ctx;
};

enum verdict { SAYS_NOTHING, FINE, WRONG };
enum say {
#define WORDS(symbol, hans, hant, en) SAY_##symbol,
#include "sensing/quality/words.def"
#undef WORDS
        SAYS
};
/* `key` and `text` outlive the look (static, or the description's).  Without a key, one that has a `count` is known by where it begins. */
struct evidence { enum say say; double value, limit; int64_t from_ms, to_ms, count; struct str key, text[LANGS]; };

/* Of a channel that nobody described. */
struct channel_spec channel_spec_of(struct arena *a, struct str code);
/* Opens after `opens_after` WRONG in a row, ends after `ends_after` FINE. */
void quality_stand(const struct look *k, enum which_check c, struct standing *s, enum verdict v, int opens_after, int ends_after, const struct evidence *e);
/* Tells one that opens (or ends) by itself. */
void quality_tell(const struct look *k, enum which_check c, bool opens, const struct evidence *e);
/* Its words, in the arena. */
void quality_say(struct arena *a, const struct look *k, const struct evidence *e, bool opens, struct str ret[LANGS]);

void look_clock(const struct look *k);
void look_unit(const struct look *k);
void look_range(const struct look *k);
void look_rate(const struct look *k);
void look_stuck(const struct look *k);
void look_gap(const struct look *k);
void look_alarm(const struct look *k);
/* On time alone. */
void time_gap(const struct look *k);
void time_silent(const struct look *k);

bool spec_holds(const struct channel_spec *s, double v);

#endif
