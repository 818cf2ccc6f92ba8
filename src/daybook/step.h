#ifndef SUYUAN_DAYBOOK_STEP_H
#define SUYUAN_DAYBOOK_STEP_H

#include "daybook/daybook_impl.h"

/* Follows some records more: 1 there may be more, 0 all is followed, -1.  With the organisation's turn. */
int step_follow(struct daybook *d, int64_t org, struct err *reterr);
/* For check: makes the rows of what comes after s->seq and s->master, up to their last ones, in another database, from s->reader.  1 there may be more, 0 all, -1. */
int step_make(struct step *s, struct db *into, struct err *reterr);
/* The organisations that have things or master data not looked at yet; count or -1. */
ssize_t step_orgs(struct daybook *d, struct arena *a, int64_t **ret, struct err *reterr);

#endif
