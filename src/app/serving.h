#ifndef SUYUAN_APP_SERVING_H
#define SUYUAN_APP_SERVING_H

#include <signal.h>

#include "base/err.h"

/* What commands that stay and answer have in common. */
int serving_log_level(const char *name, struct err *reterr);    /* sets it */
/* The signals are blocked before any thread starts, so that only the caller takes them (sigwait). */
void serving_block_signals(sigset_t *ret);
void serving_want_descriptors(unsigned n);      /* as many as the system gives, up to `n` */

#endif
