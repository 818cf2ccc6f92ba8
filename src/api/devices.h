#ifndef SUYUAN_API_DEVICES_H
#define SUYUAN_API_DEVICES_H

#include "api/api_impl.h"
#include "sensing/sensing.h"

/* What the resources about devices do alike. */

int devices_here(const struct service *v, struct err *reterr);         /* ERR_STORE where no devices are served */
/* POST /api/devices/{id}/readings; answers. */
void readings_push(struct request *q, const struct service *v, struct str id);

/* `from` and `to` of the query: ms since 1970 or RFC 3339; without them the last day. */
struct span { int64_t from_ms, to_ms; };
int span_asked(const struct request *q, struct span *ret, struct err *reterr);
/* A body as it was before it was packed (Content-Encoding: gzip, or none), at most `max` bytes; ERR_TOO_LARGE, ERR_BAD_INPUT, ERR_MEDIA_TYPE. */
int body_unpacked(struct request *q, size_t max, struct str *ret, struct err *reterr);

/* A curve as an EPCIS document: one ObjectEvent for each so many steps, one sensorElement a step. */
struct curve { struct str device, place, channel, name, type, unit; const struct figures *list; size_t n; };
void curve_document(struct buf *b, struct request *q, const struct service *v, const struct curve *c);

#endif
