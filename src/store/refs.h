#ifndef SUYUAN_STORE_REFS_H
#define SUYUAN_STORE_REFS_H

#include "base/buf.h"
#include "store/store.h"

/* The items of an event in one blob, so that a walk gets from an event to its items with the event's own row:
 *
 *   count, then for each: item as the zigzag difference to the one before · role | 0x10 with a quantity | 0x20 with a unit ·
 *   length and text of the quantity · length and text of the unit
 *
 * Numbers are LEB128.  The order is the event's own, and repetitions stay. */
void refs_pack(struct buf *b, const struct event_ref *refs, size_t n);

/* The texts point into `blob`.  Returns how many, -1 when the blob is damaged. */
ssize_t refs_unpack(struct arena *a, struct str blob, const struct event_ref **ret);

#endif
