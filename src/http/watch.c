#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "http/http_impl.h"

enum { LOOK_EVERY_MS = 250 };

struct watch {
        pthread_mutex_t lock;
        pthread_cond_t wake;
        bool ending;
        struct watched list;    /* a ring */
        pthread_t thread;
};

/* Shutting down, not closing: the descriptor stays its owner's, who sees the end of the stream and cleans up. */
static void cut_late(struct watch *w)
{
        int64_t now = clock_mono_us();

        for (struct watched *c = w->list.next; c != &w->list; c = c->next)
                if (c->deadline_us <= now) {
                        shutdown(c->fd, SHUT_RDWR);
                        c->deadline_us = INT64_MAX;
                }
}

static struct timespec from_now(int ms)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        t.tv_nsec += (long)ms * 1000000;
        t.tv_sec += t.tv_nsec / 1000000000;
        t.tv_nsec %= 1000000000;
        return t;
}

static void *look(void *arg)
{
        struct watch *w = arg;

        pthread_mutex_lock(&w->lock);
        while (!w->ending) {
                struct timespec until = from_now(LOOK_EVERY_MS);
                if (w->list.next == &w->list)
                        pthread_cond_wait(&w->wake, &w->lock);  /* nobody there: no need to wake up */
                else
                        pthread_cond_timedwait(&w->wake, &w->lock, &until);
                cut_late(w);
        }
        pthread_mutex_unlock(&w->lock);
        return NULL;
}

struct watch *watch_new(void)
{
        struct watch *w = calloc(1, sizeof *w);
        pthread_condattr_t attr;

        if (!w)
                abort();
        w->list.next = w->list.prev = &w->list;
        pthread_mutex_init(&w->lock, NULL);
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        pthread_cond_init(&w->wake, &attr);
        pthread_condattr_destroy(&attr);
        if (pthread_create(&w->thread, NULL, look, w) != 0)
                abort();
        return w;
}

void watch_add(struct watch *w, struct watched *c)
{
        pthread_mutex_lock(&w->lock);
        bool first = w->list.next == &w->list;
        c->next = &w->list;
        c->prev = w->list.prev;
        c->prev->next = c;
        w->list.prev = c;
        if (first)
                pthread_cond_signal(&w->wake);
        pthread_mutex_unlock(&w->lock);
}

void watch_remove(struct watch *w, struct watched *c)
{
        pthread_mutex_lock(&w->lock);
        c->prev->next = c->next;
        c->next->prev = c->prev;
        pthread_mutex_unlock(&w->lock);
}

void watch_free(struct watch *w)
{
        pthread_mutex_lock(&w->lock);
        w->ending = true;
        pthread_cond_signal(&w->wake);
        pthread_mutex_unlock(&w->lock);
        pthread_join(w->thread, NULL);
        pthread_cond_destroy(&w->wake);
        pthread_mutex_destroy(&w->lock);
        free(w);
}
