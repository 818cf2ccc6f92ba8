#include "daybook/daybook_impl.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/background.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/oom.h"
#include "daybook/step.h"
#include "store/sql_names.h"

/* The thread looks, a moment after each commit, who has something new, and follows.  Whoever needs it at once (an act's findings) catches up by
 * itself; both are the same step, one at a time. */

enum { LOOK_MS = 250 };

/* Lets go between steps: who waits is not kept by a long history. */
static int follow(struct daybook *d, int64_t org, bool judge, struct err *reterr)
{
        pthread_mutex_t *turn = &d->turns[org % DAYBOOK_TURNS];
        int more = 1;
        int64_t judged = 0;
        while (more == 1 && judged >= 0 && !d->stop) {
                pthread_mutex_lock(turn);
                more = step_follow(d, org, reterr);
                judged = more == 0 && judge ? judge_due(d, org, reterr) : 0;
                pthread_mutex_unlock(turn);
        }
        return more < 0 || judged < 0 ? -1 : 0;
}

int daybook_catch_up(struct daybook *d, int64_t org, struct err *reterr)
{
        return follow(d, org, true, reterr);
}

int daybook_follow(struct daybook *d, int64_t org, struct err *reterr)
{
        return follow(d, org, false, reterr);
}

int64_t daybook_passed(struct daybook *d, struct err *reterr)
{
        const struct db_row *row;
        struct reader *r;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        int64_t n = db_one(reader_db(r), SQL_farm_passed_count, DB_NO_ARGS, &row, reterr) == 1 ? db_int(row, 0) : -1;
        db_done(reader_db(r), SQL_farm_passed_count);
        reader_end(r);
        return n;
}

/* ---- the thread ---- */

/* Says a trouble once, and that it is over. */
static void tell(struct daybook *d, int rc, const struct err *e)
{
        if (rc < 0 && !d->trouble)
                log_err(LOG_ERROR, "daybook.follow", e);
        else if (rc == 0 && d->trouble)
                log_line(LOG_INFO, "daybook.follow", "trouble=over");
        d->trouble = rc < 0;
}

static void follow_all(struct daybook *d)
{
        struct arena *a = arena_new();
        struct err e = { 0 };
        int64_t *orgs;
        ssize_t n = step_orgs(d, a, &orgs, &e);
        int rc = n < 0 ? -1 : 0;
        for (ssize_t i = 0; i < n && !d->stop; i++) {   /* one organisation's trouble is not another's */
                struct err one = { 0 };
                if (daybook_catch_up(d, orgs[i], &one) < 0) {
                        rc = -1;
                        e = one;
                }
        }
        tell(d, rc, &e);
        arena_free(a);
}

static void rest(struct daybook *d)
{
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        int64_t ns = until.tv_nsec + LOOK_MS * INT64_C(1000000);
        until.tv_sec += ns / 1000000000;
        until.tv_nsec = ns % 1000000000;
        pthread_mutex_lock(&d->sleep);
        if (!d->stop)
                pthread_cond_timedwait(&d->woken, &d->sleep, &until);
        pthread_mutex_unlock(&d->sleep);
}

static void *run(void *ctx)
{
        struct daybook *d = ctx;
        uint64_t seen = 0;
        bool first = true;
        background_thread();
        while (!d->stop) {
                uint64_t now = store_change_now(d->store);
                if (atomic_exchange(&d->asked, false) || first || now != seen || d->trouble)
                        follow_all(d);
                seen = now;
                first = false;
                rest(d);
        }
        return NULL;
}

/* ---- beginning and end ---- */

int daybook_start(struct store *s, struct ledger *l, struct daybook **ret, struct err *reterr)
{
        struct daybook *d = or_abort(calloc(1, sizeof *d));
        d->store = s;
        d->ledger = l;
        for (size_t i = 0; i < DAYBOOK_TURNS; i++)
                pthread_mutex_init(&d->turns[i], NULL);
        pthread_mutex_init(&d->sleep, NULL);
        pthread_mutex_init(&d->judge_mutex, NULL);
        pthread_cond_init(&d->woken, NULL);
        int rc = pthread_create(&d->thread, NULL, run, d);
        if (rc != 0) {
                free(d);
                errno = rc;
                return err_set(reterr, ERR_STORE, "the thread of the day book cannot start");
        }
        pthread_setname_np(d->thread, "daybook");
        *ret = d;
        return 0;
}

void daybook_wake(struct daybook *d)
{
        d->asked = true;
        pthread_mutex_lock(&d->sleep);
        pthread_cond_signal(&d->woken);
        pthread_mutex_unlock(&d->sleep);
}

void daybook_stop(struct daybook *d)
{
        if (!d)
                return;
        d->stop = true;
        daybook_wake(d);
        pthread_join(d->thread, NULL);
        judge_free(d->judge);
        for (size_t i = 0; i < DAYBOOK_TURNS; i++)
                pthread_mutex_destroy(&d->turns[i]);
        pthread_mutex_destroy(&d->sleep);
        pthread_mutex_destroy(&d->judge_mutex);
        pthread_cond_destroy(&d->woken);
        free(d);
}
