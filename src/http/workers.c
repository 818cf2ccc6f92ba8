#include <assert.h>
#include <stdlib.h>

#include "base/background.h"
#include "http/http_impl.h"

struct workers {
        pthread_mutex_t lock;
        pthread_cond_t wake;
        struct exchange *head, **tail;
        size_t queued, max_queued;
        bool background, ending;
        int n;
        pthread_t threads[];
};

static struct exchange *take(struct workers *w)
{
        pthread_mutex_lock(&w->lock);
        while (!w->head && !w->ending)
                pthread_cond_wait(&w->wake, &w->lock);
        struct exchange *x = w->head;
        if (x) {
                w->head = x->next;
                if (!w->head)
                        w->tail = &w->head;
                w->queued--;
        }
        pthread_mutex_unlock(&w->lock);
        return x;
}

static void *work(void *arg)
{
        struct workers *w = arg;
        struct exchange *x;

        if (w->background)
                background_thread();
        while ((x = take(w)))
                front_handle(x);
        return NULL;
}

bool workers_give(struct workers *w, struct exchange *x)
{
        pthread_mutex_lock(&w->lock);
        bool room = w->queued < w->max_queued && !w->ending;
        if (room) {
                x->next = NULL;
                *w->tail = x;
                w->tail = &x->next;
                w->queued++;
                pthread_cond_signal(&w->wake);
        }
        pthread_mutex_unlock(&w->lock);
        return room;
}

struct workers *workers_new(int threads, size_t max_queued, bool background)
{
        struct workers *w = calloc(1, sizeof *w + (size_t)threads * sizeof *w->threads);

        assert(threads > 0);
        if (!w)
                abort();
        pthread_mutex_init(&w->lock, NULL);
        pthread_cond_init(&w->wake, NULL);
        w->tail = &w->head;
        w->max_queued = max_queued;
        w->background = background;
        for (; w->n < threads; w->n++)
                if (pthread_create(&w->threads[w->n], NULL, work, w) != 0)
                        break;
        if (!w->n)
                abort();        /* a server without hands: as good as out of memory */
        return w;
}

void workers_free(struct workers *w)
{
        pthread_mutex_lock(&w->lock);
        w->ending = true;
        pthread_cond_broadcast(&w->wake);
        pthread_mutex_unlock(&w->lock);
        for (int i = 0; i < w->n; i++)
                pthread_join(w->threads[i], NULL);
        assert(!w->head);
        pthread_cond_destroy(&w->wake);
        pthread_mutex_destroy(&w->lock);
        free(w);
}
