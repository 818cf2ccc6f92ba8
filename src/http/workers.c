#include <assert.h>
#include <stdlib.h>

#include "base/background.h"
#include "http/http_impl.h"

/* The first that is idle is woken, so that what comes now and then is always done by the same one, in memory that it has already: taking turns made the
 * first four renderings after a start twice as slow, each in an arena of malloc's that nobody had touched. */
struct worker { struct workers *of; pthread_t thread; pthread_cond_t wake; bool idle; };
struct workers {
        pthread_mutex_t lock;
        struct exchange *head, **tail;
        size_t queued, max_queued;
        bool background, ending;
        int n;
        struct worker list[];
};

static struct exchange *take(struct worker *me)
{
        struct workers *w = me->of;
        pthread_mutex_lock(&w->lock);
        while (!w->head && !w->ending) {
                me->idle = true;
                pthread_cond_wait(&me->wake, &w->lock);
        }
        me->idle = false;
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
        struct worker *me = arg;
        struct exchange *x;

        if (me->of->background)
                background_thread();
        while ((x = take(me)))
                front_handle(x);
        return NULL;
}

static void wake_one(struct workers *w)
{
        for (int i = 0; i < w->n; i++)
                if (w->list[i].idle) {
                        w->list[i].idle = false;        /* the next exchange wakes another */
                        pthread_cond_signal(&w->list[i].wake);
                        return;
                }
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
                wake_one(w);
        }
        pthread_mutex_unlock(&w->lock);
        return room;
}

struct workers *workers_new(int threads, size_t max_queued, bool background)
{
        struct workers *w = calloc(1, sizeof *w + (size_t)threads * sizeof *w->list);

        assert(threads > 0);
        if (!w)
                abort();
        pthread_mutex_init(&w->lock, NULL);
        w->tail = &w->head;
        w->max_queued = max_queued;
        w->background = background;
        for (int i = 0; i < threads; i++) {
                struct worker *one = &w->list[w->n];
                one->of = w;
                pthread_cond_init(&one->wake, NULL);
                if (pthread_create(&one->thread, NULL, work, one) != 0) {
                        pthread_cond_destroy(&one->wake);
                        break;
                }
                w->n++;
        }
        if (!w->n)
                abort();        /* a server without hands: as good as out of memory */
        return w;
}

void workers_free(struct workers *w)
{
        pthread_mutex_lock(&w->lock);
        w->ending = true;
        for (int i = 0; i < w->n; i++)
                pthread_cond_signal(&w->list[i].wake);
        pthread_mutex_unlock(&w->lock);
        for (int i = 0; i < w->n; i++) {
                pthread_join(w->list[i].thread, NULL);
                pthread_cond_destroy(&w->list[i].wake);
        }
        assert(!w->head);
        pthread_mutex_destroy(&w->lock);
        free(w);
}
