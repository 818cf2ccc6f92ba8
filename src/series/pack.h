#ifndef SUYUAN_SERIES_PACK_H
#define SUYUAN_SERIES_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

/* The numbers of this folder's formats: LEB128 varints (7 bits a byte, low ones first), signed ones in zigzag (0, -1, 1, -2 …).
 *
 * Written into a run of bytes that grows in an arena; read with every end checked: what is no varint, or lies beyond the end, is 0 and sets
 * `bad`, which the reader looks at once at the end. */
enum { VARINT_MAX = 10 };

struct pack {
        struct arena *a;
        uint8_t *p;
        size_t n, cap;
};

/* Room for `more` bytes, which the caller then writes at p + n. */
static inline uint8_t *pack_room(struct pack *k, size_t more)
{
        if (k->cap - k->n < more) {
                size_t cap = 2 * k->cap + more + 64;
                uint8_t *p = arena_raw(k->a, cap);
                if (k->n)
                        memcpy(p, k->p, k->n);
                k->p = p;
                k->cap = cap;
        }
        return k->p + k->n;
}

static inline uint8_t *put_u(uint8_t *p, uint64_t v)
{
        for (; v >= 0x80; v >>= 7)
                *p++ = (uint8_t)(v | 0x80);
        *p++ = (uint8_t)v;
        return p;
}

static inline uint64_t zigzag(int64_t v) { return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63); }
static inline int64_t unzigzag(uint64_t v) { return (int64_t)(v >> 1) ^ -(int64_t)(v & 1); }

static inline void pack_u(struct pack *k, uint64_t v) { k->n = (size_t)(put_u(pack_room(k, VARINT_MAX), v) - k->p); }
static inline void pack_i(struct pack *k, int64_t v) { pack_u(k, zigzag(v)); }
static inline void pack_byte(struct pack *k, uint8_t b)
{
        *pack_room(k, 1) = b;
        k->n++;
}
static inline void pack_bytes(struct pack *k, const void *p, size_t n)
{
        uint8_t *at = pack_room(k, n);
        if (n)
                memcpy(at, p, n);
        k->n += n;
}
/* With its length before it. */
static inline void pack_str(struct pack *k, struct str s)
{
        pack_u(k, s.n);
        pack_bytes(k, s.p, s.n);
}
static inline struct str pack_view(const struct pack *k) { return (struct str){ (const char *)k->p, k->n }; }

struct unpack {
        const uint8_t *p, *end;
        bool bad;
};

static inline struct unpack unpack_of(struct str s)
{
        const uint8_t *p = (const uint8_t *)s.p;
        return (struct unpack){ p, s.n ? p + s.n : p, false };
}

/* What a varint of more than 64 bits says is no number. */
static inline uint64_t unpack_long(struct unpack *u)
{
        uint64_t v = 0;
        for (int shift = 0; u->p < u->end && shift < 64; shift += 7) {
                uint8_t b = *u->p++;
                v |= (uint64_t)(b & 0x7f) << shift;
                if (b < 0x80) {
                        if (shift < 63 || b < 2)
                                return v;
                        break;
                }
        }
        u->bad = true;
        u->p = u->end;
        return 0;
}

static inline uint64_t unpack_u(struct unpack *u)
{
        if (__builtin_expect(u->p < u->end && *u->p < 0x80, 1))
                return *u->p++;
        return unpack_long(u);
}
static inline int64_t unpack_i(struct unpack *u) { return unzigzag(unpack_u(u)); }

static inline uint8_t unpack_byte(struct unpack *u)
{
        if (u->p < u->end)
                return *u->p++;
        u->bad = true;
        return 0;
}

/* Never more than `max`: for counts, before memory is taken by them. */
static inline size_t unpack_count(struct unpack *u, size_t max)
{
        uint64_t v = unpack_u(u);
        if (v > max) {
                u->bad = true;
                u->p = u->end;
                return 0;
        }
        return (size_t)v;
}

static inline size_t unpack_left(const struct unpack *u) { return (size_t)(u->end - u->p); }

static inline struct str unpack_bytes(struct unpack *u, size_t n)
{
        if (n > unpack_left(u)) {
                u->bad = true;
                u->p = u->end;
                return STR_NONE;
        }
        struct str s = { (const char *)u->p, n };
        u->p += n;
        return s;
}
static inline struct str unpack_str(struct unpack *u, size_t max) { return unpack_bytes(u, unpack_count(u, max)); }

#endif
