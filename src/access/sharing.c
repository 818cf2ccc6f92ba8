#include <stdlib.h>

#include "access/access_impl.h"
#include "base/clock.h"
#include "base/oom.h"

/* What others recorded about an organisation before it, or an identifier of it, was registered (docs/design/sight.md).  The first part is shared before the
 * registration is answered; a longer rest by the keeper, part by part.  Once more after SECOND_LOOK_S, for what was prepared before the identifier was known; and
 * each other process on the same database looks too, LOOK_S after it hears of it. */
enum { PART_EVENTS = 64 * 1024, SECOND_LOOK_S = 8, LOOK_S = 1 };

struct share { int64_t org, due_us; struct share_place at; bool again; };
struct shares { pthread_mutex_t lock; struct share *list; size_t n, cap; };

struct shares *shares_new(void)
{
        struct shares *s = or_abort(calloc(1, sizeof *s));
        pthread_mutex_init(&s->lock, NULL);
        return s;
}

void shares_free(struct shares *s)
{
        if (!s)
                return;
        pthread_mutex_destroy(&s->lock);
        free(s->list);
        free(s);
}

/* One entry an organisation: a new one begins anew. */
static void put(struct shares *s, const struct share *one)
{
        pthread_mutex_lock(&s->lock);
        size_t i = 0;
        while (i < s->n && s->list[i].org != one->org)
                i++;
        if (i == s->n && s->n == s->cap)
                s->list = or_abort(realloc(s->list, (s->cap = s->cap ? s->cap * 2 : 8) * sizeof *s->list));
        s->n += i == s->n;
        s->list[i] = *one;
        pthread_mutex_unlock(&s->lock);
}

static bool take_due(struct shares *s, struct share *ret)
{
        bool found = false;
        pthread_mutex_lock(&s->lock);
        for (size_t i = 0; i < s->n && !found; i++)
                if (s->list[i].due_us <= clock_mono_us()) {
                        *ret = s->list[i];
                        s->list[i] = s->list[--s->n];
                        found = true;
                }
        pthread_mutex_unlock(&s->lock);
        return found;
}

bool shares_unfinished(const struct access *x)
{
        struct shares *s = x->shares;
        bool found = false;
        pthread_mutex_lock(&s->lock);
        for (size_t i = 0; i < s->n; i++)
                found |= !s->list[i].again;
        pthread_mutex_unlock(&s->lock);
        return found;
}

/* One part, and what is left of it to the list. */
static int share_part(struct access *x, struct share *one, struct err *reterr)
{
        int rc = ledger_share_earlier(x->ledger, x->store, one->org, &one->at, PART_EVENTS, reterr);
        struct share next = *one;
        next.due_us = clock_mono_us() + (rc < 0 ? INT64_C(1000000) : 0);
        if (rc == 0)
                next = (struct share){ .org = one->org, .due_us = next.due_us + SECOND_LOOK_S * INT64_C(1000000), .again = true };
        if (rc != 0 || !one->again)
                put(x->shares, &next);
        return rc;
}

void shares_begin(struct access *x, int64_t org, bool patient)
{
        struct share one = { .org = org };
        struct err e = { 0 };
        while (share_part(x, &one, &e) > 0 && patient)
                ;
}

void shares_look(struct access *x, int64_t org)
{
        put(x->shares, &(struct share){ .org = org, .due_us = clock_mono_us() + LOOK_S * INT64_C(1000000), .again = true });
}

int shares_go_on(struct access *x, struct err *reterr)
{
        struct share one;
        return take_due(x->shares, &one) ? share_part(x, &one, reterr) : 0;
}
