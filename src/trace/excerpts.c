#include "trace/excerpts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

struct place {
        int64_t org, seq;
        uint32_t n, context_n;
        char text[];                    /* the excerpt, then the context */
};

struct excerpts {
        pthread_mutex_t lock;
        struct place *places[LIMIT_EXCERPTS];
};

struct excerpts *excerpts_new(void)
{
        struct excerpts *x = calloc(1, sizeof *x);
        if (!x)
                abort();
        pthread_mutex_init(&x->lock, NULL);
        return x;
}

void excerpts_free(struct excerpts *x)
{
        if (!x)
                return;
        for (size_t i = 0; i < LIMIT_EXCERPTS; i++)
                free(x->places[i]);
        pthread_mutex_destroy(&x->lock);
        free(x);
}

/* Neighbours in time lie side by side; organisations lie apart. */
static struct place **place_of(struct excerpts *x, int64_t org, int64_t seq)
{
        return &x->places[((uint64_t)seq + (uint64_t)(org + (seq >> 40)) * 0x9e3779b97f4a7c15u) % LIMIT_EXCERPTS];
}

bool excerpts_get(struct excerpts *x, struct arena *a, int64_t org, int64_t seq, struct buf *to, struct str last, struct str *ret_context)
{
        pthread_mutex_lock(&x->lock);
        const struct place *p = *place_of(x, org, seq);
        bool found = p && p->org == org && p->seq == seq;
        if (found) {
                struct str context = { p->text + p->n, p->context_n };
                buf_add(to, p->text, p->n);
                *ret_context = last.n && str_eq(context, last) ? last : arena_str(a, context);
        }
        pthread_mutex_unlock(&x->lock);
        return found;
}

void excerpts_put(struct excerpts *x, int64_t org, int64_t seq, struct str excerpt, struct str context)
{
        if (excerpt.n + context.n > LIMIT_EXCERPT_BYTES)
                return;
        struct place *p = malloc(sizeof *p + excerpt.n + context.n);
        if (!p)
                abort();
        *p = (struct place){ .org = org, .seq = seq, .n = (uint32_t)excerpt.n, .context_n = (uint32_t)context.n };
        memcpy(p->text, excerpt.p, excerpt.n);
        if (context.n)
                memcpy(p->text + excerpt.n, context.p, context.n);
        pthread_mutex_lock(&x->lock);
        struct place **at = place_of(x, org, seq), *old = *at;
        *at = p;
        pthread_mutex_unlock(&x->lock);
        free(old);
}
