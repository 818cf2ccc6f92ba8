#ifndef SUYUAN_APP_CHECKING_H
#define SUYUAN_APP_CHECKING_H

#include "store/store.h"

/* Everything that `suyuan check` checks, one line a fault on stdout, with progress.  How many faults, -1 when it could not run. */
int64_t check_everything(struct store *s, struct err *reterr);

#endif
