#ifndef SUYUAN_APP_CHILDREN_H
#define SUYUAN_APP_CHILDREN_H

#include "app/command.h"

/* The collecting process of `suyuan serve`: this program again, as `suyuan collect`, with the options that concern it.  One that ends is started again, with
 * back-off; it ends with its parent, however that ends (its standard input is a pipe that nobody else holds). */
struct children;
/* `ret` is NULL when the options ask for no door.  Waits a while until it is ready, so that who reads our address finds its doors open; a child that cannot
 * begin is logged and tried again: readings from elsewhere and the pages do not wait for it. */
int children_start(const struct settings *s, struct children **ret, struct err *reterr);
/* SIGTERM; killed when it is not gone after 9 s.  To be called while the server still answers: what the child has is handed over.  NULL is fine. */
void children_stop(struct children *x);

#endif
