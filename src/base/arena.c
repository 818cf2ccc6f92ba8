#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/oom.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif

/* Under AddressSanitizer what is not handed out is poisoned, with a gap after every allocation,
 * so that an overrun inside a block is seen as if each allocation were its own malloc. */
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#define HIDE(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define SHOW(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
enum { GAP = 0 };
#define HIDE(p, n) ((void)(p), (void)(n))
#define SHOW(p, n) ((void)(p), (void)(n))
#endif

/* Blocks double up to BLOCK_MAX.  What is larger than a quarter of that gets a block of its own, so
 * that the room left in the current block is not thrown away. */
enum { BLOCK_MIN = 8 * 1024, BLOCK_MAX = 256 * 1024, LARGE = BLOCK_MAX / 4 };

struct block {
        struct block *prev;
        size_t size;
        alignas(max_align_t) char data[];
};

struct hook {
        struct hook *prev;
        void (*fn)(void *);
        void *obj;
};

struct arena {
        char *at, *end;         /* the free part of the newest block */
        struct block *blocks;   /* newest first */
        struct block *large;    /* each holds one allocation */
        struct hook *hooks;
        size_t used;
};

struct arena *arena_new(void)
{
        return or_abort(calloc(1, sizeof(struct arena)));
}

static struct block *block_new(struct block **list, size_t size)
{
        struct block *b = or_abort(malloc(sizeof *b + size));

        b->prev = *list;
        b->size = size;
        return *list = b;
}

static void use_block(struct arena *a, struct block *b)
{
        a->at = b->data;
        a->end = b->data + b->size;
        HIDE(b->data, b->size);
}

static void grow(struct arena *a, size_t need)
{
        size_t size = a->blocks ? a->blocks->size * 2 : BLOCK_MIN;

        if (size > BLOCK_MAX)
                size = BLOCK_MAX;
        while (size < need)
                size *= 2;
        use_block(a, block_new(&a->blocks, size));
}

void *arena_raw(struct arena *a, size_t size)
{
        const size_t step = alignof(max_align_t);

        assert(size < SIZE_MAX / 2);
        size_t room = (size + GAP + step - 1) & ~(step - 1);

        a->used += room;
        if (room > LARGE)
                return block_new(&a->large, size)->data;
        if (room > (size_t)(a->end - a->at))
                grow(a, room);

        char *p = a->at;
        a->at += room;
        SHOW(p, size);
        return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
        return memset(arena_raw(a, size), 0, size);
}

char *arena_cstr(struct arena *a, struct str s)
{
        char *p = arena_raw(a, s.n + 1);

        if (s.n)
                memcpy(p, s.p, s.n);
        p[s.n] = '\0';
        return p;
}

struct str arena_str(struct arena *a, struct str s)
{
        return (struct str){ arena_cstr(a, s), s.n };
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
        char small[256];
        va_list ap, again;

        va_start(ap, fmt);
        va_copy(again, ap);
        int n = vsnprintf(small, sizeof small, fmt, ap);
        assert(n >= 0);
        char *s = arena_raw(a, (size_t)n + 1);
        if ((size_t)n < sizeof small)
                memcpy(s, small, (size_t)n + 1);
        else
                vsnprintf(s, (size_t)n + 1, fmt, again);
        va_end(again);
        va_end(ap);
        return (struct str){ s, (size_t)n };
}

void arena_at_exit(struct arena *a, void (*fn)(void *), void *obj)
{
        struct hook *h = arena_alloc(a, sizeof *h);

        *h = (struct hook){ .prev = a->hooks, .fn = fn, .obj = obj };
        a->hooks = h;
}

size_t arena_used(const struct arena *a)
{
        return a->used;
}

/* A hook may itself use the arena, so each is taken off the list before it runs. */
static void run_hooks(struct arena *a)
{
        for (struct hook *h; (h = a->hooks);) {
                a->hooks = h->prev;
                h->fn(h->obj);
        }
}

static void free_list(struct block *b)
{
        for (struct block *prev; b; b = prev) {
                prev = b->prev;
                SHOW(b->data, b->size);
                free(b);
        }
}

void arena_reset(struct arena *a)
{
        run_hooks(a);
        free_list(a->large);
        a->large = NULL;
        a->used = 0;
        if (!a->blocks)
                return;
        free_list(a->blocks->prev);
        a->blocks->prev = NULL;
        use_block(a, a->blocks);
}

void arena_free(struct arena *a)
{
        if (!a)
                return;
        run_hooks(a);
        free_list(a->large);
        free_list(a->blocks);
        free(a);
}
