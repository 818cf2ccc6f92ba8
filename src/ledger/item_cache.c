#include "ledger/item_cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/digest.h"
#include "base/oom.h"

enum { WAYS = 4, ID_BITS = 40 };

/* 88 bits of the key beside a 40-bit number; the newest of a set stands first. */
struct way { uint64_t key; uint64_t key_and_id; };
struct set { struct way ways[WAYS]; };         /* one cache line */

struct item_cache {
        uint64_t secret[2];
        uint64_t mask;
        struct set *sets;
};

static size_t bytes_of(const struct item_cache *c)
{
        return (c->mask + 1) * sizeof(struct set);
}

/* Zero pages of the system, so that a small place pays for what it uses: filling tens of MB took most of the time of opening one. */
struct item_cache *item_cache_new(size_t entries)
{
        assert(entries >= 2 * WAYS && (entries & (entries - 1)) == 0);
        struct item_cache *c = or_abort(calloc(1, sizeof(*c)));
        random_bytes(c->secret, sizeof(c->secret));
        c->mask = entries / WAYS - 1;
        void *p = mmap(NULL, bytes_of(c), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        c->sets = or_abort(p == MAP_FAILED ? NULL : p);
        return c;
}

void item_cache_free(struct item_cache *c)
{
        if (c)
                munmap(c->sets, bytes_of(c));
        free(c);
}

void item_cache_clear(struct item_cache *c)
{
        if (madvise(c->sets, bytes_of(c), MADV_DONTNEED) != 0)
                memset(c->sets, 0, bytes_of(c));
}

/* ---- SipHash-2-4 with 128 bits of result (Aumasson and Bernstein) ---- */

static inline uint64_t rotl(uint64_t v, int n)
{
        return v << n | v >> (64 - n);
}

static inline void rounds(uint64_t v[4], int n)
{
        while (n--) {
                v[0] += v[1]; v[1] = rotl(v[1], 13); v[1] ^= v[0]; v[0] = rotl(v[0], 32);
                v[2] += v[3]; v[3] = rotl(v[3], 16); v[3] ^= v[2];
                v[0] += v[3]; v[3] = rotl(v[3], 21); v[3] ^= v[0];
                v[2] += v[1]; v[1] = rotl(v[1], 17); v[1] ^= v[2]; v[2] = rotl(v[2], 32);
        }
}

static inline void word(uint64_t v[4], uint64_t m)
{
        v[3] ^= m;
        rounds(v, 2);
        v[0] ^= m;
}

struct text_key item_cache_key(const struct item_cache *c, int64_t org, struct str text)
{
        uint64_t v[4] = { UINT64_C(0x736f6d6570736575) ^ c->secret[0], UINT64_C(0x646f72616e646f6d) ^ c->secret[1] ^ 0xee,
                          UINT64_C(0x6c7967656e657261) ^ c->secret[0], UINT64_C(0x7465646279746573) ^ c->secret[1] };
        word(v, (uint64_t)org);
        size_t i = 0;
        for (; i + 8 <= text.n; i += 8) {
                uint64_t m;
                memcpy(&m, text.p + i, 8);
                word(v, m);
        }
        uint64_t last = (uint64_t)(text.n + 8) << 56;
        for (size_t k = 0; i + k < text.n; k++)
                last |= (uint64_t)(unsigned char)text.p[i + k] << (8 * k);
        word(v, last);
        struct text_key key;
        v[2] ^= 0xee;
        rounds(v, 4);
        key.h[0] = v[0] ^ v[1] ^ v[2] ^ v[3];
        v[1] ^= 0xdd;
        rounds(v, 4);
        key.h[1] = v[0] ^ v[1] ^ v[2] ^ v[3];
        return key;
}

/* ---- the table: h[1] chooses the set with its low bits, its high 24 and h[0] are compared ---- */

static uint64_t high(const struct text_key *k)
{
        return k->h[1] & ~((UINT64_C(1) << ID_BITS) - 1);
}

static void move_first(struct set *s, int at, struct way w)
{
        for (; at > 0; at--)
                s->ways[at] = s->ways[at - 1];
        s->ways[0] = w;
}

int64_t item_cache_get(struct item_cache *c, const struct text_key *k)
{
        struct set *s = &c->sets[k->h[1] & c->mask];
        for (int i = 0; i < WAYS; i++) {
                struct way w = s->ways[i];
                if (w.key == k->h[0] && (w.key_and_id ^ high(k)) >> ID_BITS == 0) {
                        int64_t id = (int64_t)(w.key_and_id & ((UINT64_C(1) << ID_BITS) - 1));
                        if (i && id)
                                move_first(s, i, w);
                        return id;
                }
        }
        return 0;
}

void item_cache_put(struct item_cache *c, const struct text_key *k, int64_t id)
{
        assert(id > 0 && id < INT64_C(1) << ID_BITS);
        struct set *s = &c->sets[k->h[1] & c->mask];
        move_first(s, WAYS - 1, (struct way){ k->h[0], high(k) | (uint64_t)id });
}
