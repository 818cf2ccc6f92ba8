#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/oom.h"
#include "cosigner/cosigner_impl.h"

/* A log asks once a checkpoint, a few times a second at most.  Slots are shared by keyed hash: memory is bounded, and nobody can aim at another's. */
struct pace { pthread_mutex_t mutex; uint8_t key[32]; struct bucket slots[LIMIT_WITNESS_PEERS]; };

struct pace *pace_new(void)
{
        struct pace *p = or_abort(calloc(1, sizeof *p));
        pthread_mutex_init(&p->mutex, NULL);
        random_bytes(p->key, sizeof p->key);
        return p;
}

void pace_free(struct pace *p)
{
        if (!p)
                return;
        pthread_mutex_destroy(&p->mutex);
        free(p);
}

/* `level` is what has been taken and not yet drained. */
bool bucket_take(struct bucket *b, double per_s, double burst)
{
        int64_t now = clock_mono_us();
        b->level -= (double)(now - b->us) * per_s / 1e6;
        b->us = now;
        if (b->level < 0)
                b->level = 0;
        if (b->level + 1 > burst)
                return false;
        b->level += 1;
        return true;
}

bool pace_peer(struct pace *p, const char *peer)
{
        struct hash h = hmac_sha256(p->key, sizeof p->key, peer, strlen(peer));
        pthread_mutex_lock(&p->mutex);
        bool ok = bucket_take(&p->slots[((size_t)h.b[0] << 8 | h.b[1]) % LIMIT_WITNESS_PEERS], LIMIT_WITNESS_PEER_PER_S, LIMIT_WITNESS_PEER_BURST);
        pthread_mutex_unlock(&p->mutex);
        return ok;
}
