#ifndef SUYUAN_INGEST_MAPPING_H
#define SUYUAN_INGEST_MAPPING_H

#include "series/batch.h"

/* How a device's own names and numbers become the channels that the registry knows: `channels` of its description (docs/ref/formats.md).
 * Pure.  A device without one, or a name that is not in it, is taken as it says. */
struct mapped_channel {
        struct str code;                /* our name */
        struct str from;                /* the device's */
        struct decimal scale, offset;   /* value = said * scale + offset, exactly */
};

struct mapping;
/* `detail` is the description as JSON, "" for none.  -1: ERR_BAD_JSON, or ERR_BAD_INPUT with a JSON Pointer to what is wrong. */
int mapping_read(struct arena *a, struct str detail, const struct mapping **ret, struct err *reterr);
/* NULL: not in it.  `m` may be NULL. */
const struct mapped_channel *mapping_find(const struct mapping *m, struct str from);
/* Renames and scales a reading whose channel is the device's name.  False: the value no longer fits exactly, and nothing is changed. */
bool mapping_apply(const struct mapping *m, struct reading *r);

/* Of the description's `channels`, a list or an object by code: the i-th. */
struct json;
const struct json *channel_at(const struct json *list, uint32_t i, struct str *ret_code);

/* [A-Za-z0-9._:-]{1,64}: what a channel may be called. */
bool channel_name(struct str s);

#endif
