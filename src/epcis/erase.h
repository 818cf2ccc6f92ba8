#ifndef SUYUAN_EPCIS_ERASE_H
#define SUYUAN_EPCIS_ERASE_H

#include "base/err.h"
#include "epcis/event.h"

/* Erasing personal data (docs/design/digests.md): what is left of an event, and how it is held against the form that its digest was made of. */

/* The event as sent, without its sealed members and without the salt of its signature.  It reads again as an event, and nothing of it is sealed. */
void event_public(struct buf *b, const struct event *e);

/* The public members of a canonical form with seals, as text: the open canonical form of what event_public leaves. */
struct str form_public(struct arena *a, struct str form);

/* Does what is left of an erased record agree with its form: every public member, and nothing besides? */
bool erased_agrees(struct arena *a, const struct event *left, struct str form);

#endif
