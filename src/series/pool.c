#include <stdlib.h>

#include "base/oom.h"
#include "series/series_impl.h"

/* Connections for readers. */

struct connection { struct db *db; struct connection *next; };
struct reading_pool {
        pthread_mutex_t mutex;
        pthread_cond_t freed;
        struct connection *free, *busy;         /* busy: without a connection, to be used again */
};

static void put(struct connection **list, struct connection *c)
{
        c->next = *list;
        *list = c;
}

static struct connection *take(struct connection **list)
{
        struct connection *c = *list;
        *list = c->next;
        return c;
}

int pool_open(const char *path, const struct db_options *o, int n, struct reading_pool **ret, struct err *reterr)
{
        struct reading_pool *p = or_abort(calloc(1, sizeof *p));
        pthread_mutex_init(&p->mutex, NULL);
        pthread_cond_init(&p->freed, NULL);
        for (int i = 0; i < (n > 0 ? n : 1); i++) {
                struct db *db;
                if (db_open(path, o, &db, reterr) < 0) {
                        pool_close(p);
                        return -1;
                }
                struct connection *c = or_abort(calloc(1, sizeof *c));
                c->db = db;
                put(&p->free, c);
        }
        *ret = p;
        return 0;
}

void pool_close(struct reading_pool *p)
{
        if (!p)
                return;
        while (p->free) {
                struct connection *c = take(&p->free);
                db_close(c->db);
                free(c);
        }
        while (p->busy)
                free(take(&p->busy));
        pthread_mutex_destroy(&p->mutex);
        pthread_cond_destroy(&p->freed);
        free(p);
}

static struct db *lend(struct reading_pool *p)
{
        pthread_mutex_lock(&p->mutex);
        while (!p->free)
                pthread_cond_wait(&p->freed, &p->mutex);
        struct connection *c = take(&p->free);
        put(&p->busy, c);
        pthread_mutex_unlock(&p->mutex);
        return c->db;
}

static void give_back(struct reading_pool *p, struct db *db)
{
        pthread_mutex_lock(&p->mutex);
        struct connection *c = take(&p->busy);
        c->db = db;
        put(&p->free, c);
        pthread_cond_signal(&p->freed);
        pthread_mutex_unlock(&p->mutex);
}

int pool_begin(struct reading_pool *p, struct db **ret, struct err *reterr)
{
        struct db *db = lend(p);
        if (db_begin(db, reterr) < 0) {
                give_back(p, db);
                return -1;
        }
        *ret = db;
        return 0;
}

void pool_end(struct reading_pool *p, struct db *db)
{
        db_rollback(db);
        give_back(p, db);
}
