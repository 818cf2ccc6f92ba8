#ifndef SUYUAN_EPCIS_PARTIES_H
#define SUYUAN_EPCIS_PARTIES_H

#include "epcis/event.h"

/* Whom an event names as source, destination, owner or recipient: canonical ids of parties and of the places that stand for
 * them.  Not where it happened: who works on another's land does not thereby tell them. */
size_t event_parties(struct arena *a, const struct event *e, const struct origins *own, struct str *ret, size_t max);

#endif
