#ifndef SUYUAN_EPCIS_FACET_H
#define SUYUAN_EPCIS_FACET_H

#include "epcis/event.h"

/* What events are searched by beside their items: few words, places, parties and papers that repeat.  The numbers are stored:
 * append only. */
enum facet {
        FACET_STEP = 1,         /* bizStep, as in struct event */
        FACET_DISPOSITION = 2,
        FACET_READ_POINT = 3,   /* canonical */
        FACET_LOCATION = 4,     /* bizLocation, canonical */
        FACET_SOURCE = 5,       /* canonical, whatever its type */
        FACET_DESTINATION = 6,
        FACET_TRANSACTION = 7,  /* bizTransaction, canonical, whatever its type */
        FACET_SET = 8,          /* persistentDisposition.set */
        FACET_UNSET = 9,
        FACET_DEVICE = 10,      /* deviceID of metadata or report, canonical */
        FACETS
};
struct event_facet { uint8_t facet; struct str value; };
/* Each pair once, in the arena; how many. */
size_t event_facets(struct arena *a, const struct event *e, const struct origins *own, struct event_facet **ret);

#endif
