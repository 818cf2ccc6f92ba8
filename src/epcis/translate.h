#ifndef SUYUAN_EPCIS_TRANSLATE_H
#define SUYUAN_EPCIS_TRANSLATE_H

#include "base/json.h"
#include "gs1/ident.h"

/* How GS1 keys in an event are spelt (GS1-EPC-Format, EPCIS 2.0 §12.4).  Only where the standard puts identifiers: EPCs, classes, places, parties,
 * documents, devices; extensions and everything else stay byte for byte.  docs/design/epcis-formats.md. */
enum epc_format { EPC_AS_SENT, EPC_DIGITAL_LINK, EPC_URN };

/* One identifier, in the arena or the same.  What has no other spelling without loss stays: no GS1 key, one of our own addresses, a wrong check
 * digit, a Digital Link with a query, a pattern with more than its serial open. */
struct str epc_translate(struct arena *a, enum epc_format f, struct str text, const struct origins *own);
/* The event with all its identifiers so; what did not change is shared with `event`. */
const struct json *event_translate(struct arena *a, enum epc_format f, const struct json *event, const struct origins *own);

#endif
