#ifndef SUYUAN_STORE_SHARES_H
#define SUYUAN_STORE_SHARES_H

#include "store/store.h"

/* Share jobs (docs/design/sight.md, "Registered later"): who gets copies of what was recorded before, how far that has come.  One process at a time
 * holds a job, until a time; its epoch tells a later holder from an earlier one.  An organisation has at most one unfinished job of the first two
 * kinds, and one look that has not begun. */
struct db;
enum share_kind { SHARE_ASKED = 1, SHARE_REGISTERED /* its end asks for a look */, SHARE_LOOK };       /* stored: append only */

struct share_job {
        int64_t org, n;
        enum share_kind kind;
        struct str actor;
        int64_t asked_us, due_us, begun_us, done_us, until_us;
        int64_t replaced_by;            /* 0, or the job that looks at all of it once more */
        int64_t place;                  /* organisation << 40 | number: looked at up to here */
        int64_t copied;
        int64_t epoch;                  /* of who holds it */
};

/* A page of an organisation's jobs, by number.  Count or -1. */
ssize_t reader_share_jobs(struct reader *r, struct arena *a, int64_t org, int64_t after, struct share_job *ret, size_t max, struct err *reterr);
/* How many records of others there are, and how many of them lie before the job's place. */
int reader_share_progress(struct reader *r, const struct share_job *j, int64_t *ret_looked, int64_t *ret_of, struct err *reterr);
/* A job that nobody works at and that is due: org, n, epoch.  1, 0, -1. */
int reader_share_due(struct reader *r, int64_t now_us, struct share_job *ret, struct err *reterr);

/* ---- in a change of the writer (ledger_act), those that make jobs within the turn of the default organisation ---- */

/* Asked for: the one that is under way, or a new one. */
int share_job_ask(struct db *db, int64_t org, struct str actor, int64_t now_us, int64_t *ret_n, struct err *reterr);
/* With a registration, held by `me` from the first: takes the place of what is unfinished. */
int share_job_register(struct db *db, int64_t org, struct str actor, struct str me, int64_t now_us, int64_t until_us, struct share_job *ret, struct err *reterr);
/* Once more from the beginning at `due_us` or later; nothing where a registration's job is to end before its own look. */
int share_job_look(struct db *db, int64_t org, struct str actor, int64_t now_us, int64_t due_us, struct err *reterr);
/* The job becomes the caller's: the rest of `*j` is filled, without its actor.  0: another was first.  1, 0, -1. */
int share_job_take(struct db *db, struct share_job *j, struct str me, int64_t now_us, int64_t until_us, struct err *reterr);
/* Brings the place forward and holds the job on; `j->copied` is filled.  0: it is ours no more.  1, 0, -1. */
int share_job_keep(struct db *db, struct share_job *j, int64_t until_us, struct err *reterr);
/* Somebody may go on from `due_us` on. */
int share_job_let_go(struct db *db, const struct share_job *j, int64_t due_us, struct err *reterr);
/* The end; a registration's asks for a look at `look_us`.  `j->copied` is filled.  0: it was ours no more.  1, 0, -1. */
int share_job_end(struct db *db, struct share_job *j, int64_t now_us, int64_t look_us, struct err *reterr);
/* What an earlier process named `me` held is free; with `alone` what anybody held. */
int share_job_take_back(struct db *db, struct str me, bool alone, struct err *reterr);

#endif
