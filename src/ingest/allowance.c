#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/oom.h"
#include "base/spread.h"
#include "ingest/collector_impl.h"

/* A bucket for each device that spoke: it fills by the device's allowance a minute and holds some minutes of that (LIMIT_DEVICE_BURST_MINUTES), for what was kept over an outage.  Only devices of the list have one, so there are not more than those. */
enum { HEADS = 4096, MINUTE_US = 60 * 1000000, PER_MINUTE_MOST = 1000000000, TELL_US = MINUTE_US };

struct bucket {
        struct bucket *next;
        int64_t left;           /* in 1/MINUTE_US of a reading, so that a minute's allowance is exactly that however it is cut */
        int64_t at_us, told_us;
        size_t n;
        char device[];
};

struct allowances {
        pthread_mutex_t lock;
        struct bucket *heads[HEADS];
};

struct allowances *allowances_new(void)
{
        struct allowances *x = or_abort(calloc(1, sizeof *x));
        pthread_mutex_init(&x->lock, NULL);
        return x;
}

void allowances_free(struct allowances *x)
{
        if (!x)
                return;
        for (size_t i = 0; i < HEADS; i++)
                for (struct bucket *b = x->heads[i], *next; b; b = next) {
                        next = b->next;
                        free(b);
                }
        pthread_mutex_destroy(&x->lock);
        free(x);
}

static struct bucket *bucket_of(struct allowances *x, struct str device, int64_t most, int64_t now_us)
{
        struct bucket **at = &x->heads[spread_in(spread(device), HEADS)];
        for (struct bucket *b = *at; b; b = b->next)
                if (str_eq((struct str){ b->device, b->n }, device))
                        return b;
        struct bucket *b = or_abort(calloc(1, sizeof *b + device.n));
        *b = (struct bucket){ .next = *at, .left = most, .at_us = now_us, .told_us = now_us - TELL_US, .n = device.n };
        memcpy(b->device, device.p, device.n);
        *at = b;
        return b;
}

bool allowances_take(struct allowances *x, struct str device, int64_t per_minute, size_t n, int64_t now_us, bool *ret_tell)
{
        per_minute = per_minute > PER_MINUTE_MOST ? PER_MINUTE_MOST : per_minute;
        int64_t most = per_minute * LIMIT_DEVICE_BURST_MINUTES * MINUTE_US, want = (int64_t)n * MINUTE_US;
        pthread_mutex_lock(&x->lock);
        struct bucket *b = bucket_of(x, device, most, now_us);
        bool is_filled = per_minute > 0 && now_us - b->at_us >= (most - b->left) / per_minute;
        b->left = is_filled ? most : b->left + (now_us > b->at_us ? now_us - b->at_us : 0) * per_minute;
        b->at_us = now_us;
        bool good = b->left >= want || (b->left >= most && per_minute > 0);             /* a message larger than the bucket passes when that is full */
        if (good)
                b->left -= want;
        *ret_tell = !good && now_us - b->told_us >= TELL_US;
        if (*ret_tell)
                b->told_us = now_us;
        pthread_mutex_unlock(&x->lock);
        return good;
}
