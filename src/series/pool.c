#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/oom.h"
#include "series/series_impl.h"

/* Connections for readers, each made when it is first needed.  The first in rank is taken first: its statements are prepared, its pages in memory. */

struct connection { int rank; struct db *db; struct connection *next; };
struct reading_pool {
        pthread_mutex_t mutex;
        pthread_cond_t freed;
        struct connection *free, *busy;         /* free: by rank */
        char *path;
        struct db_options options;
};

static void put(struct connection **list, struct connection *c)
{
        while (*list && (*list)->rank < c->rank)
                list = &(*list)->next;
        c->next = *list;
        *list = c;
}

static struct connection *take(struct connection **list)
{
        struct connection *c = *list;
        *list = c->next;
        return c;
}

/* `c` is the caller's; others look through the busy ones. */
static int connect_it(struct reading_pool *p, struct connection *c, struct err *reterr)
{
        struct db *db;
        if (c->db)
                return 0;
        if (db_open(p->path, &p->options, &db, reterr) < 0)
                return -1;
        pthread_mutex_lock(&p->mutex);
        c->db = db;
        pthread_mutex_unlock(&p->mutex);
        return 0;
}

int pool_open(const char *path, const struct db_options *o, int n, struct reading_pool **ret, struct err *reterr)
{
        struct reading_pool *p = or_abort(calloc(1, sizeof *p));
        pthread_mutex_init(&p->mutex, NULL);
        pthread_cond_init(&p->freed, NULL);
        p->path = or_abort(strdup(path));
        p->options = *o;
        for (int rank = n > 0 ? n : 1; rank-- > 0;) {
                struct connection *c = or_abort(calloc(1, sizeof *c));
                c->rank = rank;
                put(&p->free, c);
        }
        if (connect_it(p, p->free, reterr) < 0) {       /* what is wrong is told at the start */
                pool_close(p);
                return -1;
        }
        *ret = p;
        return 0;
}

void pool_close(struct reading_pool *p)
{
        if (!p)
                return;
        assert(!p->busy);
        while (p->free) {
                struct connection *c = take(&p->free);
                db_close(c->db);
                free(c);
        }
        pthread_mutex_destroy(&p->mutex);
        pthread_cond_destroy(&p->freed);
        free(p->path);
        free(p);
}

static struct connection *lend(struct reading_pool *p)
{
        pthread_mutex_lock(&p->mutex);
        while (!p->free)
                pthread_cond_wait(&p->freed, &p->mutex);
        struct connection *c = take(&p->free);
        put(&p->busy, c);
        pthread_mutex_unlock(&p->mutex);
        return c;
}

static void give_back(struct reading_pool *p, const struct connection *c, const struct db *db)
{
        pthread_mutex_lock(&p->mutex);
        struct connection **at = &p->busy;
        while (c ? *at != c : (*at)->db != db)
                at = &(*at)->next;
        put(&p->free, take(at));
        pthread_cond_signal(&p->freed);
        pthread_mutex_unlock(&p->mutex);
}

int pool_begin(struct reading_pool *p, struct db **ret, struct err *reterr)
{
        struct connection *c = lend(p);
        if (connect_it(p, c, reterr) < 0 || db_begin(c->db, reterr) < 0) {
                give_back(p, c, NULL);
                return -1;
        }
        *ret = c->db;
        return 0;
}

void pool_end(struct reading_pool *p, struct db *db)
{
        db_rollback(db);
        give_back(p, NULL, db);
}
