#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/oom.h"
#include "ingest/door_hj212_impl.h"

struct inbox *inbox_new(void)
{
        struct inbox *x = or_abort(calloc(1, sizeof *x));

        pthread_mutex_init(&x->lock, NULL);
        x->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        x->last = &x->first;
        return x;
}

static void inbox_free(struct inbox *x)
{
        pthread_mutex_destroy(&x->lock);
        close(x->fd);
        free(x);
}

static void free_list(struct hand *h)
{
        for (struct hand *next; h; h = next) {
                next = h->next;
                free(h);
        }
}

void inbox_close(struct inbox *x)
{
        free_list(inbox_take(x));
        pthread_mutex_lock(&x->lock);
        x->closed = true;
        bool last = x->out == 0;
        pthread_mutex_unlock(&x->lock);
        if (last)
                inbox_free(x);
}

struct hand *hand_new(struct inbox *x, struct str answer, struct str refusal)
{
        struct hand *h = or_abort(malloc(sizeof *h + answer.n + refusal.n + 1));

        *h = (struct hand){ .inbox = x, .n = answer.n, .n_refusal = refusal.n };
        memcpy(h->answer, answer.n ? answer.p : "", answer.n);
        memcpy(h->answer + answer.n, refusal.n ? refusal.p : "", refusal.n);
        pthread_mutex_lock(&x->lock);
        x->out++;
        pthread_mutex_unlock(&x->lock);
        return h;
}

void hand_back(struct hand *h)
{
        pthread_mutex_lock(&h->inbox->lock);
        h->inbox->out--;
        pthread_mutex_unlock(&h->inbox->lock);
        free(h);
}

void inbox_tell(void *ctx, enum told what)
{
        struct hand *h = ctx;
        struct inbox *x = h->inbox;

        h->told = what;
        pthread_mutex_lock(&x->lock);
        bool first = !x->first, nobody = x->closed, last = --x->out == 0;
        if (!nobody) {
                *x->last = h;
                x->last = &h->next;
                if (first)
                        eventfd_write(x->fd, 1);
        }
        pthread_mutex_unlock(&x->lock);
        if (nobody)
                free(h);
        if (nobody && last)
                inbox_free(x);
}

struct hand *inbox_take(struct inbox *x)
{
        eventfd_t n;

        eventfd_read(x->fd, &n);
        pthread_mutex_lock(&x->lock);
        struct hand *list = x->first;
        x->first = NULL;
        x->last = &x->first;
        pthread_mutex_unlock(&x->lock);
        return list;
}
