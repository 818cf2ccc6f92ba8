#include <stdlib.h>

#include "access/access_impl.h"
#include "base/clock.h"
#include "base/oom.h"

/* Five tries are free; then each failure doubles the wait: by name up to a minute, so that a stranger's guessing keeps nobody out for long, by address up to
 * fifteen.  An hour of silence forgets.  Slots are shared by keyed hash: memory is bounded, and nobody can aim at another's slot. */
enum { SLOTS = 8192, FREE_TRIES = 5, NAME_MAX_S = 60, ADDRESS_MAX_S = 900 };
#define FORGET_US (3600 * INT64_C(1000000))

struct slot { int failures; int64_t last_us, until_us; };
struct throttle { pthread_mutex_t lock; unsigned char key[32]; struct slot slots[SLOTS]; };

struct throttle *throttle_new(void)
{
        struct throttle *t = or_abort(calloc(1, sizeof *t));
        pthread_mutex_init(&t->lock, NULL);
        random_bytes(t->key, sizeof t->key);
        return t;
}

void throttle_free(struct throttle *t)
{
        if (!t)
                return;
        pthread_mutex_destroy(&t->lock);
        free(t);
}

static struct slot *slot_of(struct throttle *t, struct str s, size_t half)
{
        struct hash h = hmac_sha256(t->key, sizeof t->key, s.p ? s.p : "", s.n);
        return &t->slots[half * SLOTS / 2 + (((size_t)h.b[0] << 8 | h.b[1]) % (SLOTS / 2))];
}

static int left(struct slot *s, int64_t now)
{
        return s->until_us > now ? (int)((s->until_us - now + 999999) / 1000000) : 0;
}

int throttle_wait(struct throttle *t, struct str name, struct str address)
{
        int64_t now = clock_mono_us();
        pthread_mutex_lock(&t->lock);
        int a = left(slot_of(t, name, 0), now), b = left(slot_of(t, address, 1), now);
        pthread_mutex_unlock(&t->lock);
        return a > b ? a : b;
}

static void fail(struct slot *s, int64_t now, int max_s, int free_tries)
{
        if (now - s->last_us > FORGET_US)
                s->failures = 0;
        s->last_us = now;
        int over = ++s->failures - free_tries;
        int wait = over <= 0 ? 0 : over > 10 ? max_s : 1 << (over - 1);
        s->until_us = now + (int64_t)(wait > max_s ? max_s : wait) * 1000000;
}

void throttle_failed(struct throttle *t, struct str name, struct str address)
{
        int64_t now = clock_mono_us();
        pthread_mutex_lock(&t->lock);
        fail(slot_of(t, name, 0), now, NAME_MAX_S, FREE_TRIES);
        fail(slot_of(t, address, 1), now, ADDRESS_MAX_S, 4 * FREE_TRIES);       /* a farm's people share one address */
        pthread_mutex_unlock(&t->lock);
}

void throttle_good(struct throttle *t, struct str name)
{
        pthread_mutex_lock(&t->lock);
        *slot_of(t, name, 0) = (struct slot){ 0 };
        pthread_mutex_unlock(&t->lock);
}
