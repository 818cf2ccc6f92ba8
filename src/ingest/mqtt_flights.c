#include "ingest/mqtt_flights.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/oom.h"

enum state { WAITS, ANSWERED, GIVEN_UP };

struct flight {
        struct flights *of;
        struct flight *next, *before;
        enum state state;
        enum mqtt_reason reason;
        uint16_t id;
        bool forgotten;                 /* in no list any more: whoever tells it frees it */
};

struct flights {
        pthread_mutex_t lock;
        int wake_fd;
        bool woken;
        struct flight *first, *last;
        size_t n;
};

struct flights *flights_new(int wake_fd)
{
        struct flights *x = or_abort(calloc(1, sizeof *x));
        pthread_mutex_init(&x->lock, NULL);
        x->wake_fd = wake_fd;
        return x;
}

void flights_free(struct flights *x)
{
        if (!x)
                return;
        flights_forget(x);
        pthread_mutex_destroy(&x->lock);
        free(x);
}

static struct flight *append(struct flights *x, uint16_t id, enum state state, enum mqtt_reason reason)
{
        struct flight *f = or_abort(calloc(1, sizeof *f));
        *f = (struct flight){ .of = x, .state = state, .reason = reason, .id = id };
        pthread_mutex_lock(&x->lock);
        f->before = x->last;
        if (x->last)
                x->last->next = f;
        else
                x->first = f;
        x->last = f;
        x->n++;
        pthread_mutex_unlock(&x->lock);
        return f;
}

struct flight *flights_add(struct flights *x, uint16_t id)
{
        return append(x, id, WAITS, MQTT_SUCCESS);
}

void flights_add_answered(struct flights *x, uint16_t id, enum mqtt_reason reason)
{
        append(x, id, ANSWERED, reason);
}

void flights_drop_last(struct flights *x)
{
        pthread_mutex_lock(&x->lock);
        struct flight *f = x->last;
        x->last = f->before;
        if (x->last)
                x->last->next = NULL;
        else
                x->first = NULL;
        x->n--;
        pthread_mutex_unlock(&x->lock);
        free(f);
}

static void wake(struct flights *x)
{
        uint64_t one = 1;
        if (!x->woken && write(x->wake_fd, &one, sizeof one) == sizeof one)
                x->woken = true;
}

void flight_told(void *flight, enum told what)
{
        struct flight *f = flight;
        struct flights *x = f->of;
        pthread_mutex_lock(&x->lock);
        f->state = what == TOLD_LATER ? GIVEN_UP : ANSWERED;
        f->reason = what == TOLD_REFUSED ? MQTT_PAYLOAD_INVALID : MQTT_SUCCESS;
        if (f->forgotten)
                free(f);
        else
                wake(x);
        pthread_mutex_unlock(&x->lock);
}

int flights_take(struct flights *x, uint16_t *ret_id, enum mqtt_reason *ret_reason)
{
        pthread_mutex_lock(&x->lock);
        struct flight *f = x->first;
        int rc = !f || f->state == WAITS ? 0 : f->state == ANSWERED ? 1 : -1;
        x->woken = false;
        if (rc == 1) {
                *ret_id = f->id;
                *ret_reason = f->reason;
                x->first = f->next;
                if (x->first)
                        x->first->before = NULL;
                else
                        x->last = NULL;
                x->n--;
                free(f);
        }
        pthread_mutex_unlock(&x->lock);
        return rc;
}

size_t flights_n(struct flights *x)
{
        pthread_mutex_lock(&x->lock);
        size_t n = x->n;
        pthread_mutex_unlock(&x->lock);
        return n;
}

void flights_forget(struct flights *x)
{
        pthread_mutex_lock(&x->lock);
        for (struct flight *f = x->first, *next; f; f = next) {
                next = f->next;
                f->forgotten = true;
                if (f->state != WAITS)
                        free(f);
        }
        x->first = x->last = NULL;
        x->n = 0;
        pthread_mutex_unlock(&x->lock);
}
