#ifndef SUYUAN_INGEST_DECODER_H
#define SUYUAN_INGEST_DECODER_H

#include "base/arena.h"
#include "base/err.h"
#include "series/batch.h"

/* What a device's message says: bytes in, readings out.  Pure: no clock, no store, no socket.  A new format is one file decode_NAME.c
 * and one line in decoders.def; decode_json.c is the one to imitate.  Each has a fuzz target, a limit and a sample in its corpus. */
struct message {
        struct str device;              /* who sent it: from the topic, the path, the connection's login; never from the bytes */
        struct str channel;             /* where the address already names one (a topic below readings/), or STR_NONE */
        struct str bytes;
        int64_t received_ms;            /* for messages that bear no time */
        int32_t zone_min;               /* of times that bear no zone: +480 */
};

struct decoder {
        const char *name;               /* as written in --format and in a model's mapping */
        const char *about_zh, *about;   /* one line each for `suyuan collect --list` */
        const char *media_types;        /* that choose it over HTTP, separated by spaces */
        size_t max_bytes;               /* more is refused unread */
        /* Adds each reading to `ret`.  0; -1 ERR_BAD_INPUT with what is wrong and where: then nothing of the message counts. */
        int (*decode)(struct arena *a, const struct message *m, struct batch *ret, struct err *reterr);
};

extern const struct decoder *const decoders[];
extern const size_t n_decoders;
const struct decoder *decoder_find(struct str name);            /* NULL */
const struct decoder *decoder_of_media(struct str media_type);  /* NULL */

#endif
