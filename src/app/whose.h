#ifndef SUYUAN_APP_WHOSE_H
#define SUYUAN_APP_WHOSE_H

#include "app/command.h"
#include "store/store.h"

/* The organisation that --org names, the installation's own without it.  ERR_NOT_FOUND. */
int whose(const struct settings *s, const struct store *store, int64_t *ret_org, struct err *reterr);

#endif
