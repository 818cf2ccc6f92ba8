#ifndef SUYUAN_API_TEST_SUPPORT_H
#define SUYUAN_API_TEST_SUPPORT_H

#include "api/api.h"
#include "ledger/service.h"

/* The whole API on a store in a folder of its own, asked without sockets.  For tests and the fuzzer. */
struct world {
        struct service service;
        struct loopback *l;
        struct arena *a;
        char dir[64];
};
struct world *world_open(void);         /* aborts when it cannot */
void world_close(struct world *w);      /* removes the folder too */

#endif
