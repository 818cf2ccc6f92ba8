#include "pages/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/spread.h"

enum { BUCKETS = 4096 };

struct entry {
        struct entry *next;                     /* in its bucket */
        struct entry *newer, *older;            /* by last use */
        struct shared_body *body;
        uint64_t begun;
        int64_t until_us;                       /* monotonic; 0: for ever */
        size_t bytes, n_items, key_n;
        char etag[40];
        int64_t *items;
        char key[];
};

struct cache {
        const struct store *store;
        pthread_mutex_t lock;
        struct entry *bucket[BUCKETS];
        struct entry *newest, *oldest;
        size_t bytes;
};

struct cache *cache_new(const struct store *s)
{
        struct cache *c = calloc(1, sizeof *c);
        if (!c)
                abort();
        c->store = s;
        pthread_mutex_init(&c->lock, NULL);
        return c;
}

static struct entry **slot(struct cache *c, struct str key)
{
        struct entry **at = &c->bucket[spread_in(spread(key), BUCKETS)];
        while (*at && !str_eq((struct str){ (*at)->key, (*at)->key_n }, key))
                at = &(*at)->next;
        return at;
}

static void unlink_use(struct cache *c, struct entry *e)
{
        *(e->newer ? &e->newer->older : &c->newest) = e->older;
        *(e->older ? &e->older->newer : &c->oldest) = e->newer;
}

static void link_newest(struct cache *c, struct entry *e)
{
        e->newer = NULL;
        e->older = c->newest;
        *(c->newest ? &c->newest->newer : &c->oldest) = e;
        c->newest = e;
}

static void drop(struct cache *c, struct entry **at)
{
        struct entry *e = *at;
        *at = e->next;
        unlink_use(c, e);
        c->bytes -= e->bytes;
        shared_body_unref(e->body);
        free(e->items);
        free(e);
}

static bool is_true(const struct cache *c, const struct entry *e)
{
        if (store_master_changed(c->store) > e->begun)  /* names are on every page */
                return false;
        if (e->until_us && clock_mono_us() >= e->until_us)
                return false;
        for (size_t i = 0; i < e->n_items; i++)
                if (store_changed(c->store, e->items[i]) > e->begun)
                        return false;
        return true;
}

struct shared_body *cache_get(struct cache *c, struct str key, char ret_etag[40])
{
        struct shared_body *body = NULL;
        pthread_mutex_lock(&c->lock);
        struct entry **at = slot(c, key);
        if (*at && !is_true(c, *at)) {
                drop(c, at);
        } else if (*at) {
                if (c->newest != *at) {
                        unlink_use(c, *at);
                        link_newest(c, *at);
                }
                memcpy(ret_etag, (*at)->etag, sizeof (*at)->etag);
                body = shared_body_ref((*at)->body);
        }
        pthread_mutex_unlock(&c->lock);
        return body;
}

static struct entry *entry_new(struct str key, struct shared_body *body, const char *etag, const int64_t *items, size_t n)
{
        struct entry *e = calloc(1, sizeof *e + key.n);
        int64_t *copy = malloc((n ? n : 1) * sizeof *copy);
        if (!e || !copy)
                abort();
        memcpy(e->key, key.p, key.n);
        memcpy(copy, items, n * sizeof *copy);
        strncpy(e->etag, etag, sizeof e->etag - 1);
        e->key_n = key.n;
        e->items = copy;
        e->n_items = n;
        e->body = shared_body_ref(body);
        return e;
}

void cache_put(struct cache *c, struct str key, struct shared_body *body, size_t bytes, const char *etag, const struct cache_life *l)
{
        struct entry *e = entry_new(key, body, etag, l->items, l->n_items);
        e->begun = l->begun;
        e->until_us = l->keep_s ? clock_mono_us() + l->keep_s * INT64_C(1000000) : 0;
        e->bytes = bytes + sizeof *e + key.n + l->n_items * sizeof *l->items;
        pthread_mutex_lock(&c->lock);
        struct entry **at = slot(c, key);
        if (*at)
                drop(c, at);
        at = slot(c, key);
        e->next = *at;
        *at = e;
        link_newest(c, e);
        c->bytes += e->bytes;
        while (c->bytes > LIMIT_PAGE_CACHE_BYTES && c->oldest != e)
                drop(c, slot(c, (struct str){ c->oldest->key, c->oldest->key_n }));
        pthread_mutex_unlock(&c->lock);
}

void cache_free(struct cache *c)
{
        if (!c)
                return;
        while (c->oldest)
                drop(c, slot(c, (struct str){ c->oldest->key, c->oldest->key_n }));
        pthread_mutex_destroy(&c->lock);
        free(c);
}
