#include "series/names.h"

#include <string.h>

#include "base/limits.h"
#include "base/spread.h"

enum { FIRST_SLOTS = 32 };

bool series_name_is(struct str s)
{
        static const bool may[256] = { ['.'] = true, ['_'] = true, [':'] = true, ['-'] = true };
        if (s.n == 0 || s.n > LIMIT_SERIES_NAME)
                return false;
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
                if (!letter && !(c >= '0' && c <= '9') && !may[c])
                        return false;
        }
        return true;
}

/* Who chooses names to collide finds at most LIMIT_SERIES_NAMES of them, and only after they were registered. */
static struct name_slot *slot_of(const struct names *t, struct str name)
{
        size_t i = spread_in(spread(name), t->cap);
        while (t->slots[i].name.p && !str_eq(t->slots[i].name, name))
                i = (i + 1) & (t->cap - 1);
        return &t->slots[i];
}

uint32_t names_find(const struct names *t, struct str name)
{
        return t->cap ? slot_of(t, name)->id : 0;
}

static void grow(struct names *t)
{
        struct names old = *t;
        t->cap = old.cap ? 2 * old.cap : FIRST_SLOTS;
        t->slots = arena_array(t->a, struct name_slot, t->cap);
        for (size_t i = 0; i < old.cap; i++)
                if (old.slots[i].name.p)
                        *slot_of(t, old.slots[i].name) = old.slots[i];
}

void names_add(struct names *t, struct str name, uint32_t id)
{
        if (2 * (t->n + 1) > t->cap)
                grow(t);
        *slot_of(t, name) = (struct name_slot){ name, id };
        t->n++;
}
