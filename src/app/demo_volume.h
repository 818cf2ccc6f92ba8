#ifndef SUYUAN_APP_DEMO_VOLUME_H
#define SUYUAN_APP_DEMO_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Plausible events in any number, deterministic: document k can be made without k-1.  Farms sow, fertilise, spray, harvest,
 * pack bags into cartons, cartons onto pallets, and ship; a run of VOLUME_RUN events is one season of one farm, and the runs of
 * VOLUME_FARMS farms are interleaved, as they arrive in life.  An event is about 1.2 KB and names about six items. */
enum { VOLUME_RUN = 25, VOLUME_FARMS = 40 };

/* Appends an EPCISDocument of events first … first + n - 1 of the volume `seed`. */
void volume_document(struct buf *out, uint64_t seed, uint64_t first, unsigned n);

/* One bare event, with its own @context. */
void volume_event(struct buf *out, uint64_t seed, uint64_t number);

/* The worst case: event times anywhere in the year, items drawn at random from the `known` events' items. */
void volume_document_shuffled(struct buf *out, uint64_t seed, uint64_t first, unsigned n, uint64_t known);

#endif
