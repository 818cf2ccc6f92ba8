#ifndef SUYUAN_STORE_POSTGRES_PG_LISTENER_H
#define SUYUAN_STORE_POSTGRES_PG_LISTENER_H

#include "base/err.h"
#include "store/db.h"
#include "store/stamps.h"

/* A thread with a connection of its own that hears of the commits of other processes and then marks everything as changed: pages
 * rendered before are stale.  While it cannot hear, everything is stale always.  `writer` (or NULL) is our own connection, whose commits are
 * marked item by item by who made them. */
struct pg_listener;
int pg_listener_start(const char *url, const struct db *writer, struct stamps *stamps, struct pg_listener **ret, struct err *reterr);
void pg_listener_stop(struct pg_listener *l);   /* NULL is fine */

#endif
