#include "store/stamps.h"

#include <stddef.h>

static size_t slot(int64_t org, int64_t item)
{
        uint64_t h = ((uint64_t)org << 40 ^ (uint64_t)item) * UINT64_C(0x9e3779b97f4a7c15);
        return h >> 48;         /* 64 Ki marks */
}
_Static_assert(STAMPS == 1 << 16, "slot() takes 16 bits");

uint64_t stamps_next(const struct stamps *s)
{
        return atomic_load(&s->now) + 1;
}

void stamps_mark(struct stamps *s, uint64_t number, int64_t org, int64_t item)
{
        atomic_store(&s->marks[slot(org, item)], number);
}

/* Two threads number changes: `now` must not go back, or a page made from then on would be stale for ever. */
static void reach(_Atomic uint64_t *v, uint64_t number)
{
        uint64_t was = atomic_load(v);
        while (was < number && !atomic_compare_exchange_weak(v, &was, number))
                ;
}

void stamps_publish(struct stamps *s, uint64_t number)
{
        reach(&s->now, number);
}

void stamps_mark_all(struct stamps *s)
{
        uint64_t number = stamps_next(s);
        reach(&s->all, number);
        reach(&s->now, number);
}

void stamps_blind(struct stamps *s, bool blind)
{
        stamps_mark_all(s);
        atomic_store(&s->blind, blind);
}

static uint64_t latest(const struct stamps *s, uint64_t mark)
{
        uint64_t all = atomic_load(&s->all);
        return atomic_load(&s->blind) ? UINT64_MAX : mark > all ? mark : all;
}

uint64_t stamps_master(const struct stamps *s)
{
        return latest(s, atomic_load(&s->master));
}

uint64_t stamps_of(const struct stamps *s, int64_t org, int64_t item)
{
        return latest(s, atomic_load(&s->marks[slot(org, item)]));
}
