#include "proof/seal_lists.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/oom.h"

/* A hash has one place; who comes later takes it.  When the room is used up all begins anew: what is asked for is soon here again. */

enum { PLACES = 4096 };

struct kept { struct hash key; struct hash *list; size_t n; };
struct seal_lists { pthread_mutex_t mutex; size_t bytes; struct kept places[PLACES]; };

static struct kept *place_of(struct seal_lists *l, const struct hash *h)
{
        return &l->places[(h->b[0] << 8 | h->b[1]) % PLACES];
}

static void empty(struct seal_lists *l, struct kept *k)
{
        l->bytes -= k->n * sizeof *k->list;
        free(k->list);
        *k = (struct kept){ 0 };
}

static void empty_all(struct seal_lists *l)
{
        for (size_t i = 0; i < PLACES; i++)
                empty(l, &l->places[i]);
}

struct seal_lists *seal_lists_new(void)
{
        struct seal_lists *l = or_abort(calloc(1, sizeof *l));
        pthread_mutex_init(&l->mutex, NULL);
        return l;
}

void seal_lists_free(struct seal_lists *l)
{
        if (!l)
                return;
        empty_all(l);
        pthread_mutex_destroy(&l->mutex);
        free(l);
}

bool seal_lists_find(struct seal_lists *l, struct arena *a, const struct hash *h, struct hash **ret, size_t *ret_n)
{
        pthread_mutex_lock(&l->mutex);
        const struct kept *k = place_of(l, h);
        bool here = k->list && memcmp(&k->key, h, sizeof *h) == 0;
        if (here) {
                *ret = arena_raw(a, k->n * sizeof *k->list);
                memcpy(*ret, k->list, k->n * sizeof *k->list);
                *ret_n = k->n;
        }
        pthread_mutex_unlock(&l->mutex);
        return here;
}

void seal_lists_keep(struct seal_lists *l, const struct hash *h, const struct hash *list, size_t n)
{
        size_t bytes = n * sizeof *list;
        if (!n || bytes > LIMIT_SEAL_LISTS_BYTES)
                return;
        struct hash *copy = or_abort(malloc(bytes));
        memcpy(copy, list, bytes);
        pthread_mutex_lock(&l->mutex);
        empty(l, place_of(l, h));
        if (l->bytes + bytes > LIMIT_SEAL_LISTS_BYTES)
                empty_all(l);
        *place_of(l, h) = (struct kept){ *h, copy, n };
        l->bytes += bytes;
        pthread_mutex_unlock(&l->mutex);
}

size_t seal_lists_bytes(struct seal_lists *l)
{
        pthread_mutex_lock(&l->mutex);
        size_t bytes = l->bytes;
        pthread_mutex_unlock(&l->mutex);
        return bytes;
}
