#ifndef SUYUAN_STORE_NAMES_H
#define SUYUAN_STORE_NAMES_H

#include <stdint.h>

#include "base/digest.h"
#include "base/str.h"

/* Small integers that stand for long texts in a lookup index.  They find candidates; the text itself decides. */

/* Of an eventID.  Random keys would dirty one page of a large index an event, so what arrives in order shall lie in
 * order: a UUID keeps its first 48 bits (the clock, in version 7, which is what we assign), then 16 bits of a hash of the
 * whole, so that nobody can make a thousand ids fall on one key by hand.  Any other text is hashed wholly. */
int64_t event_name_head(struct str event_id);

/* First 8 bytes of a digest. */
int64_t hash_head(const struct hash *h);

#endif
