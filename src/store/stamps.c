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

void stamps_publish(struct stamps *s, uint64_t number)
{
        atomic_store(&s->now, number);
}

uint64_t stamps_of(const struct stamps *s, int64_t org, int64_t item)
{
        return atomic_load(&s->marks[slot(org, item)]);
}
