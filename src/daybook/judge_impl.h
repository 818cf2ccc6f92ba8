#ifndef SUYUAN_DAYBOOK_JUDGE_IMPL_H
#define SUYUAN_DAYBOOK_JUDGE_IMPL_H

#include "daybook/daybook_impl.h"

/* What judging shares between its files. */

/* The regulation as the table holds it now, kept until `a` ends; -1. */
int regulation_keep(struct daybook *d, struct arena *a, const struct regulation **ret, struct err *reterr);
/* Every season and lot is judged anew: within a change. */
int regulation_changed(struct db *db, struct err *reterr);
int regulation_version(struct db *db, int64_t *ret, struct err *reterr);

/* ---- alarms.c ---- */
struct judged { struct str subject; const struct finding *found; const int64_t *record_us; size_t n; };
/* Within a change: what is found and was not is opened, what was and is no longer found is closed. */
int alarms_write(struct db *db, struct arena *a, int64_t org, const struct judged *j, int64_t now_us, struct err *reterr);

#endif
