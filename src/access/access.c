#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "access/access_impl.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/oom.h"
#include "store/sql_names.h"

enum { KEEP_S = 30, FOLLOW_S = 2 };

/* ---- the book in use ---- */

/* A later state never gives way to an earlier one, whoever comes with it. */
static void use_book(struct access *x, struct book *b)
{
        pthread_rwlock_wrlock(&x->lock);
        struct book *old = x->book;
        bool newer = !old || b->change >= old->change;
        if (newer) {
                book_keep_seen(b, old);
                x->book = b;
        }
        pthread_rwlock_unlock(&x->lock);
        book_free(newer ? old : b);
}

struct changing { ledger_change *act; void *ctx; struct book *book; };

static int change(struct db *db, void *ctx, struct err *reterr)
{
        struct changing *c = ctx;
        int64_t turn;
        book_free(c->book);     /* of a try that did not succeed */
        c->book = NULL;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 || c->act(db, c->ctx, reterr) < 0 ||
            db_run(db, SQL_access_changed, DB_NO_ARGS, reterr) < 0)
                return -1;
        return book_load(db, &c->book, reterr);
}

int access_act(struct access *x, ledger_change *act, void *ctx, struct err *reterr)
{
        struct changing c = { .act = act, .ctx = ctx };
        if (ledger_act(x->ledger, change, &c, reterr) < 0) {
                book_free(c.book);
                return -1;
        }
        use_book(x, c.book);
        return 0;
}

static int reload(struct db *db, void *ctx, struct err *reterr)
{
        struct book **ret = ctx;
        book_free(*ret);
        *ret = NULL;
        return book_load(db, ret, reterr);
}

static int changed_elsewhere(struct db *db, void *ctx, struct err *reterr)
{
        int64_t *ret = ctx;
        const struct db_row *row;
        int rc = db_one(db, SQL_access_change_now, DB_NO_ARGS, &row, reterr);
        *ret = rc == 1 ? db_int(row, 0) : 0;
        db_done(db, SQL_access_change_now);
        return rc;
}

/* Another process registered somebody: until this moment our captures did not know them. */
static int look_for_the_new(struct access *x, const struct book *b, struct err *reterr)
{
        int64_t *orgs = or_abort(calloc(b->n_orgs + 1, sizeof *orgs));
        size_t n = 0;
        pthread_rwlock_rdlock(&x->lock);
        for (size_t i = 0; i < b->n_orgs; i++) {
                const struct book_org *was = book_org(x->book, b->orgs[i].id);
                if (!was || was->n_parties < b->orgs[i].n_parties)
                        orgs[n++] = b->orgs[i].id;
        }
        pthread_rwlock_unlock(&x->lock);
        int rc = n ? shares_look(x, orgs, n, reterr) : 0;
        free(orgs);
        return rc;
}

int access_refresh(struct access *x, struct err *reterr)
{
        int64_t now = 0, have;
        struct book *b = NULL;
        pthread_rwlock_rdlock(&x->lock);
        have = x->book ? x->book->change : -1;
        pthread_rwlock_unlock(&x->lock);
        if (ledger_act(x->ledger, changed_elsewhere, &now, reterr) < 0)
                return -1;
        if (now == have)
                return 0;
        /* The book in use is exchanged last: what fails before it is done again. */
        if (ledger_act(x->ledger, reload, &b, reterr) < 0 || store_orgs_load(x->store, reterr) < 0 || look_for_the_new(x, b, reterr) < 0) {
                book_free(b);
                return -1;
        }
        use_book(x, b);
        return 0;
}

/* ---- what is written lazily ---- */

struct seen { size_t n_keys, n_logins; struct { int64_t id, us; } *keys; struct { struct hash hash; int64_t us; } *logins; };

static int write_seen(struct db *db, void *ctx, struct err *reterr)
{
        const struct seen *s = ctx;
        for (size_t i = 0; i < s->n_keys; i++)
                if (db_run(db, SQL_api_key_used, DB_ARGS(db_i(s->keys[i].us), db_i(s->keys[i].id)), reterr) < 0)
                        return -1;
        for (size_t i = 0; i < s->n_logins; i++)
                if (db_run(db, SQL_login_seen, DB_ARGS(db_i(s->logins[i].us), db_b(&s->logins[i].hash, sizeof(struct hash))), reterr) < 0)
                        return -1;
        return 0;
}

static int flush_seen(struct access *x, int64_t since, struct err *reterr)
{
        struct arena *a = arena_new();
        struct seen s = { 0 };
        pthread_rwlock_rdlock(&x->lock);
        const struct book *b = x->book;
        s.keys = arena_alloc(a, (b->n_keys + 1) * sizeof *s.keys);
        s.logins = arena_alloc(a, (b->n_logins + 1) * sizeof *s.logins);
        for (size_t i = 0; i < b->n_keys; i++)
                if (b->keys[i].used_us >= since)
                        s.keys[s.n_keys].id = b->keys[i].id, s.keys[s.n_keys++].us = b->keys[i].used_us;
        for (size_t i = 0; i < b->n_logins; i++)
                if (b->logins[i].seen_us >= since)
                        s.logins[s.n_logins].hash = b->logins[i].hash, s.logins[s.n_logins++].us = b->logins[i].seen_us;
        pthread_rwlock_unlock(&x->lock);
        int rc = s.n_keys + s.n_logins ? ledger_act(x->ledger, write_seen, &s, reterr) : 0;
        arena_free(a);
        return rc;
}

static void *keep(void *ctx)
{
        struct access *x = ctx;
        int64_t flushed = x->opened_us;         /* not this thread's start: somebody may have come before it */
        bool stop = false;
        while (!stop) {
                struct timespec until;
                struct err e = { 0 };
                clock_gettime(CLOCK_REALTIME, &until);
                until.tv_sec += FOLLOW_S;
                pthread_mutex_lock(&x->mutex);
                while (!x->stop && pthread_cond_timedwait(&x->wake, &x->mutex, &until) != ETIMEDOUT)
                        ;
                stop = x->stop;
                pthread_mutex_unlock(&x->mutex);
                int64_t now = clock_now_us();
                bool due = stop || now - flushed > KEEP_S * INT64_C(1000000);
                if ((!stop && store_shared(x->store) && access_refresh(x, &e) < 0) || (due && (refusals_flush(x, &e) < 0 || flush_seen(x, flushed, &e) < 0)))
                        log_err(LOG_WARN, "access.keep", &e);
                if (due)
                        flushed = now;
        }
        return NULL;
}

/* ---- beginning and end ---- */

int access_open(struct store *s, struct ledger *l, struct access **ret, struct err *reterr)
{
        struct access *x = or_abort(calloc(1, sizeof *x));
        const struct origins *o = store_origins(s);
        x->store = s;
        x->ledger = l;
        x->opened_us = clock_now_us();
        x->secure = o->n && str_starts(o->list[0], STR("https://"));
        x->throttle = throttle_new();
        x->refusals = refusals_new();
        x->shares = shares_new(x);
        pthread_rwlock_init(&x->lock, NULL);
        pthread_mutex_init(&x->mutex, NULL);
        pthread_cond_init(&x->wake, NULL);
        if (ledger_act(l, reload, &x->book, reterr) < 0) {
                book_free(x->book);
                throttle_free(x->throttle);
                refusals_free(x->refusals);
                shares_free(x->shares);
                free(x);
                return -1;
        }
        if (pthread_create(&x->keeper, NULL, keep, x) != 0)
                or_abort(NULL);
        *ret = x;
        return 0;
}

void access_close(struct access *x)
{
        if (!x)
                return;
        shares_free(x->shares);
        pthread_mutex_lock(&x->mutex);
        x->stop = true;
        pthread_cond_signal(&x->wake);
        pthread_mutex_unlock(&x->mutex);
        pthread_join(x->keeper, NULL);
        book_free(x->book);
        throttle_free(x->throttle);
        refusals_free(x->refusals);
        pthread_rwlock_destroy(&x->lock);
        pthread_mutex_destroy(&x->mutex);
        pthread_cond_destroy(&x->wake);
        free(x);
}
