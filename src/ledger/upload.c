#include "ledger/upload.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/background.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "merkle/leaf.h"
#include "store/log.h"

enum { THREADS = 2, EXPIRE_EVERY_S = 3600 };

struct uploads {
        struct store *store;
        struct ledger *ledger;
        struct parts *parts;
        upload_stored *stored;
        void *ctx;
        pthread_mutex_t mutex;
        pthread_cond_t come;
        struct upload *first, **last;
        int64_t expire_us;
        bool ends;
        pthread_t threads[THREADS];
        int n_threads;
};

int blob_owned_seen(const struct store *s, struct reader *r, int64_t org, const struct hash *h, struct err *reterr)
{
        struct buf subject = { .max = 100 };
        int64_t n;
        if (!blob_has(s, h))
                return 0;
        struct arena *a = arena_new();
        buf_z(&subject, "ni:///sha-256;");
        buf_hex(&subject, h->b, sizeof h->b);
        ssize_t found = reader_log_about(r, a, org, LEAF_BLOB, buf_view(&subject), &n, 1, reterr);
        buf_free(&subject);
        arena_free(a);
        return found > 0 ? 1 : (int)found;
}

int blob_owned(struct store *s, int64_t org, const struct hash *h, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(s, &r, reterr) < 0)
                return -1;
        int rc = blob_owned_seen(s, r, org, h, reterr);
        reader_end(r);
        return rc;
}

static int64_t size_of(struct store *s, const struct hash *h)
{
        int fd;
        int64_t size;
        if (blob_open(s, h, &fd, &size, NULL) < 0)
                return 0;
        close(fd);
        return size;
}

int uploads_look(struct uploads *x, int64_t org, const struct hash *h, struct part_state *ret, struct err *reterr)
{
        *ret = parts_look(x->parts, org, h);
        if (ret->length)
                return 1;
        int owned = blob_owned(x->store, org, h, reterr);
        if (owned != 1)
                return owned;
        ret->have = ret->length = size_of(x->store, h);
        return 2;
}

/* What is whole on the disk becomes a blob and is stated; it stays a part until both are durable. */
static int store_whole(struct uploads *x, int64_t org, const struct hash *h, struct err *reterr)
{
        if (parts_adopt(x->parts, org, h, reterr) < 0 || ledger_state_blob(x->ledger, x->store, org, h, reterr) < 0) {
                parts_release(x->parts, org, h);
                return -1;
        }
        parts_drop(x->parts, org, h);
        if (x->stored)
                x->stored(x->ctx, h);
        return 0;
}

static void go_on(struct uploads *x, struct upload *u)
{
        int rc = parts_go_on(x->parts, &u->part, &u->at, &u->err);
        if (rc == 1 && store_whole(x, u->part.org, &u->part.hash, &u->err) == 0) {
                u->end = UPLOAD_STORED;
                if (u->at.length == PART_OPEN)
                        u->at.length = u->at.have;
                u->at.have = u->at.length;
        }
        u->done(u, u->ctx);
}

/* The process died between the last byte and the log.  `open`: what may have been whole. */
static void end_whole_ones(struct uploads *x, bool open)
{
        struct part_send p = { 0 };
        while (parts_whole(x->parts, open, &p.org, &p.hash)) {
                struct part_state at = parts_look(x->parts, p.org, &p.hash);
                struct err e = { 0 };
                p.offset = at.have;
                int rc = parts_go_on(x->parts, &p, &at, &e);
                if ((rc == 0 && open) || (rc == 1 && store_whole(x, p.org, &p.hash, &e) == 0))
                        continue;
                log_err(LOG_WARN, "upload.end", &e);
                parts_drop(x->parts, p.org, &p.hash);   /* it is sent again */
        }
}

/* ---- the threads that wait ---- */

static struct upload *next(struct uploads *x)
{
        pthread_mutex_lock(&x->mutex);
        while (!x->first && !x->ends)
                pthread_cond_wait(&x->come, &x->mutex);
        struct upload *u = x->first;
        if (u && !(x->first = u->next))
                x->last = &x->first;
        bool expire = u && clock_mono_us() > x->expire_us;
        if (expire)
                x->expire_us = clock_mono_us() + EXPIRE_EVERY_S * INT64_C(1000000);
        pthread_mutex_unlock(&x->mutex);
        if (expire)
                parts_expire(x->parts, clock_now_us());
        return u;
}

static void *work(void *ctx)
{
        background_thread();
        end_whole_ones(ctx, true);      /* reading them takes a while: nobody's start waits for it */
        for (struct upload *u; (u = next(ctx));)
                go_on(ctx, u);
        return NULL;
}

static void enqueue(struct uploads *x, struct upload *u)
{
        u->next = NULL;
        pthread_mutex_lock(&x->mutex);
        *x->last = u;
        x->last = &u->next;
        pthread_cond_signal(&x->come);
        pthread_mutex_unlock(&x->mutex);
}

void uploads_put(struct uploads *x, struct upload *u)
{
        u->end = UPLOAD_GOES_ON;
        u->at = parts_look(x->parts, u->part.org, &u->part.hash);
        int rc = u->at.length ? 0 : uploads_look(x, u->part.org, &u->part.hash, &u->at, &u->err);
        if (rc == 2)
                u->end = UPLOAD_KNOWN;
        else if (rc >= 0 && (rc = parts_take(x->parts, &u->part, &u->at, &u->err)) == PART_SYNCS) {
                enqueue(x, u);
                return;
        }
        u->done(u, u->ctx);
}

/* ---- beginning and end ---- */

int uploads_start(struct store *s, struct ledger *l, upload_stored *stored, void *ctx, struct uploads **ret, struct err *reterr)
{
        struct uploads *x = calloc(1, sizeof *x);
        if (!x)
                abort();
        *x = (struct uploads){ .store = s, .ledger = l, .stored = stored, .ctx = ctx, .last = &x->first };
        pthread_mutex_init(&x->mutex, NULL);
        pthread_cond_init(&x->come, NULL);
        if (parts_open(s, &x->parts, reterr) < 0) {
                uploads_stop(x);
                return -1;
        }
        end_whole_ones(x, false);
        while (x->n_threads < THREADS && pthread_create(&x->threads[x->n_threads], NULL, work, x) == 0)
                x->n_threads++;
        if (x->n_threads == 0) {
                uploads_stop(x);
                return err_set(reterr, ERR_INTERNAL, "no thread could be started");
        }
        *ret = x;
        return 0;
}

void uploads_stop(struct uploads *x)
{
        if (!x)
                return;
        pthread_mutex_lock(&x->mutex);
        x->ends = true;
        pthread_cond_broadcast(&x->come);
        pthread_mutex_unlock(&x->mutex);
        for (int i = 0; i < x->n_threads; i++)
                pthread_join(x->threads[i], NULL);
        parts_close(x->parts);
        pthread_mutex_destroy(&x->mutex);
        pthread_cond_destroy(&x->come);
        free(x);
}
