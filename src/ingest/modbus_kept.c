#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "ingest/door_modbus_impl.h"

/* A device that is polled says nothing twice by itself, so what was read is kept here until the server has it: bounded, and what is beyond is a gap. */
struct kept { struct kept *next; struct kept_box *box; struct arena *arena; struct reading *r; size_t n; };
struct kept_box {
        pthread_mutex_t lock;
        struct collector *c;
        struct kept *again;
        size_t n, out;          /* in `again`; on their way */
        bool closed, full;
};

struct kept_box *kept_new(struct collector *c)
{
        struct kept_box *x = or_abort(calloc(1, sizeof *x));

        pthread_mutex_init(&x->lock, NULL);
        x->c = c;
        return x;
}

static void kept_free(struct kept *k)
{
        arena_free(k->arena);
        free(k);
}

static void box_free(struct kept_box *x)
{
        pthread_mutex_destroy(&x->lock);
        free(x);
}

static void free_list(struct kept *k)
{
        for (struct kept *next; k; k = next) {
                next = k->next;
                kept_free(k);
        }
}

void kept_close(struct kept_box *x)
{
        pthread_mutex_lock(&x->lock);
        struct kept *list = x->again;
        x->again = NULL;
        x->closed = true;
        bool last = x->out == 0;
        pthread_mutex_unlock(&x->lock);
        free_list(list);
        if (last)
                box_free(x);
}

/* Under the lock.  False: there is no room. */
static bool put_back(struct kept_box *x, struct kept *k)
{
        if (x->closed || x->n >= LIMIT_MODBUS_KEPT)
                return false;
        k->next = x->again;
        x->again = k;
        x->n++;
        return true;
}

static void not_kept(struct kept_box *x, struct kept *k)
{
        if (!x->full)
                log_line(LOG_WARN, "modbus.lost", "messages=%zu wait for the server, further ones are a gap", x->n);
        x->full = true;
        kept_free(k);
}

/* What is refused was noticed, and goes. */
static void told(void *ctx, enum told what)
{
        struct kept *k = ctx;
        struct kept_box *x = k->box;

        pthread_mutex_lock(&x->lock);
        bool done = what != TOLD_LATER, over = done || !put_back(x, k), last = --x->out == 0 && x->closed;
        if (done)
                x->full = false;
        pthread_mutex_unlock(&x->lock);
        if (done)
                kept_free(k);
        else if (over)
                not_kept(x, k);
        if (last)
                box_free(x);
}

static void give(struct kept_box *x, struct kept *k)
{
        pthread_mutex_lock(&x->lock);
        x->out++;
        pthread_mutex_unlock(&x->lock);
        if (!collector_give(x->c, k->r, k->n, told, k))
                told(k, TOLD_LATER);
}

void kept_give(struct kept_box *x, const struct reading *r, size_t n)
{
        struct kept *k = or_abort(calloc(1, sizeof *k));

        k->box = x;
        k->arena = arena_new();
        k->r = arena_array(k->arena, struct reading, n + 1);
        k->n = n;
        for (size_t i = 0; i < n; i++) {
                k->r[i] = r[i];
                k->r[i].device = arena_str(k->arena, r[i].device);
                k->r[i].channel = arena_str(k->arena, r[i].channel);
        }
        give(x, k);
}

void kept_again(struct kept_box *x)
{
        pthread_mutex_lock(&x->lock);
        struct kept *list = x->again;
        x->again = NULL;
        x->n = 0;
        pthread_mutex_unlock(&x->lock);
        for (struct kept *next; list; list = next) {
                next = list->next;
                give(x, list);
        }
}
