#ifndef SUYUAN_SERIES_NAMES_H
#define SUYUAN_SERIES_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Names to numbers, in an arena.  Not for sharing between threads while it grows. */
struct names {
        struct arena *a;
        struct name_slot { struct str name; uint32_t id; } *slots;      /* open addressing, a power of two, at most half full; name.p NULL: free */
        size_t n, cap;
};

/* [A-Za-z0-9._:-]{1,64}: of a device, of a channel. */
bool series_name_is(struct str s);

/* 0: unknown.  Numbers are given by the caller, from 1. */
uint32_t names_find(const struct names *t, struct str name);
/* `name` must live as long as the table, and not be in it. */
void names_add(struct names *t, struct str name, uint32_t id);

#endif
