#ifndef SUYUAN_DAYBOOK_JUDGE_IMPL_H
#define SUYUAN_DAYBOOK_JUDGE_IMPL_H

#include "daybook/daybook_impl.h"

/* What judging shares between its files. */

/* The regulation as the table holds it now, kept until `a` ends; -1. */
int regulation_keep(struct daybook *d, struct arena *a, const struct regulation **ret, struct err *reterr);
/* Every season and lot is judged anew: within a change. */
int regulation_changed(struct db *db, struct err *reterr);
int regulation_version(struct db *db, int64_t *ret, struct err *reterr);

int regulation_look(struct db *db, struct arena *a, const struct regulation **ret, struct err *reterr);  /* in `a` */

/* ---- judge.c, on a connection that somebody holds ---- */
int judging_inputs(struct db *db, struct arena *a, int64_t org, struct judging *j, struct err *reterr);
/* The facts of a season or lot; none of one that nobody knows.  A lot's are read from its events. */
int subject_look(const struct looking *l, struct arena *a, int64_t org, struct str subject, struct season_facts *ret, struct lot_facts *ret_lot, struct err *reterr);

/* ---- alarms.c ---- */
struct decision { struct str rule, key, owner, by, reason; int64_t decided_us; bool closes; };
struct kept { struct str rule, key, words, pointer; int64_t severity, seq, opened_us, closed_us; bool found; };
ssize_t alarms_decided(struct db *db, struct arena *a, int64_t org, struct str subject, struct decision **ret, struct err *reterr);
ssize_t alarms_kept(struct db *db, struct arena *a, int64_t org, struct str subject, struct kept **ret, struct err *reterr);
/* The newest decision; the alarm that is this finding; NULL: none. */
const struct decision *decision_newest(const struct decision *list, size_t n, struct str rule, struct str key);
struct kept *kept_of(struct kept *list, ssize_t n, const struct finding *f);
struct str alarm_words(struct arena *a, const struct finding *f);
struct judged { struct str subject; const struct finding *found; const int64_t *record_us; size_t n; struct passed passed; /* what: 0, it was judged */ };
/* Within a change: what is found and was not is opened, what was and is no longer found is closed. */
int alarms_write(struct db *db, struct arena *a, int64_t org, const struct judged *j, int64_t now_us, struct err *reterr);

#endif
