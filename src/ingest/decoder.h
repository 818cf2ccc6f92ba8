#ifndef SUYUAN_INGEST_DECODER_H
#define SUYUAN_INGEST_DECODER_H

#include "base/arena.h"
#include "base/err.h"
#include "ingest/mapping.h"
#include "series/batch.h"

struct aliases;         /* aliases.h: what a Sparkplug device's BIRTH named */

/* What a device's message says: bytes in, readings out.  Pure: no clock, no store, no socket.  A new format is one file decode_NAME.c
 * and one line in decoders.def; decode_json.c is the one to imitate.  Each has a fuzz target, a limit and a sample in its corpus. */
struct message {
        struct str device;              /* who sent it: from the topic, the path, the connection's login; never from the bytes */
        struct str channel;             /* where the address already names one (a topic below readings/), or STR_NONE */
        struct str bytes;
        int64_t received_ms;            /* for messages that bear no time */
        int32_t zone_min;               /* of times that bear no zone: +480 */
        const struct mapping *mapping;  /* of the device's description; NULL: its names and numbers are ours */
        struct aliases *aliases;        /* of formats that name once and number afterwards: the device's own, read and renewed; NULL: none are known */
};

struct decoder {
        const char *name;               /* as written in --format and in a model's mapping */
        const char *about_zh, *about;   /* one line each for `suyuan collect --list` */
        const char *media_types;        /* that choose it over HTTP, separated by spaces */
        size_t max_bytes;               /* more is refused unread */
        /* Adds each reading to `ret`.  0; -1 ERR_BAD_INPUT with what is wrong and where: then nothing of the message counts. */
        int (*decode)(struct arena *a, const struct message *m, struct batch *ret, struct err *reterr);
};

/* The way in for doors: refuses what is empty (ERR_BAD_INPUT) or larger than max_bytes (ERR_TOO_LARGE), then decodes. */
int decoder_run(const struct decoder *d, struct arena *a, const struct message *m, struct batch *ret, struct err *reterr);

extern const struct decoder *const decoders[];      /* by name */
extern const size_t n_decoders;
const struct decoder *decoder_find(struct str name);            /* NULL */
const struct decoder *decoder_of_media(struct str media_type);  /* NULL */

/* ---- for decoders ---- */
/* One value as the device says it: `r->channel` is its own name, in any characters; the device is the message's.  Renamed and scaled by the mapping, then added.
 * -1 ERR_BAD_INPUT: no channel can be called so, the value does not fit, or the message has too many. */
int decoded_add(const struct message *m, struct batch *b, const struct reading *r, struct err *reterr);
/* A binary number as the shortest decimal that reads back as itself; what stands beyond 15 places is rounded away.  False: not finite, or too large. */
bool decimal_of_double(double v, struct decimal *ret);
bool decimal_of_float(float v, struct decimal *ret);
/* A number as a device wrote it, exactly where it fits; what a program made of a binary number (0.30000000000000004) is rounded as above. */
bool decimal_of_text(struct str s, struct decimal *ret);
/* Milliseconds since 1970, to the year 9999. */
bool moment_fine(int64_t t_ms);

#endif
