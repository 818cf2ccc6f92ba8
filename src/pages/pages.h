#ifndef SUYUAN_PAGES_PAGES_H
#define SUYUAN_PAGES_PAGES_H

#include "base/err.h"
#include "http/http.h"
#include "ledger/service.h"

/* What people see: the front page, and each item's page at the item's own address.  Reads the store, never writes. */
extern const struct route *const pages_routes[];        /* pages.def */
extern const size_t pages_n_routes;
extern const struct route pages_fallback;               /* /01/…, /00/…, /lot/… */

/* Before the routes are served: the cache of rendered pages.  One server a process. */
int pages_start(const struct service *v, struct err *reterr);
void pages_stop(void);

#endif
