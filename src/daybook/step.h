#ifndef SUYUAN_DAYBOOK_STEP_H
#define SUYUAN_DAYBOOK_STEP_H

#include "daybook/daybook_impl.h"

/* Follows some records more: 1 there may be more, 0 all is followed, -1.  With the organisation's turn. */
int step_follow(struct daybook *d, int64_t org, struct err *reterr);
/* The organisations that have things or master data not looked at yet; count or -1. */
ssize_t step_orgs(struct daybook *d, struct arena *a, int64_t **ret, struct err *reterr);

#endif
