#ifndef SUYUAN_APP_HANDOVER_H
#define SUYUAN_APP_HANDOVER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

/* Hands a document to the server that is running on this data directory, over its Unix socket, as the organisation of code `org` ("": the
 * installation's own).  0 with the server's
 * status and answer (JSON, in the arena); -1 when nobody answers there. */
int handover_capture(struct arena *a, const char *data, const char *org, struct str body, bool proceed,
                     int *ret_status, struct str *ret_answer, struct err *reterr);

/* Any other request to it, with a body of a media type or none. */
int handover_ask(struct arena *a, const char *data, const char *method, const char *path, const char *type, struct str body,
                 int *ret_status, struct str *ret_answer, struct err *reterr);

#endif
