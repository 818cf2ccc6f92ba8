#ifndef SUYUAN_BASE_JSON_NAMES_H
#define SUYUAN_BASE_JSON_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

/* For json_read.c: finds a name that an object already has.  A few names are compared one by one;
 * from NAMES_FEW on they are hashed under a key a stranger does not know.
 * An all-zero struct is ready; `begin` starts the next object in the same memory. */
enum { NAMES_FEW = 16 };

struct names {
        uint32_t *slots;        /* 1 + the index of a member, 0 for a free slot */
        uint32_t cap;           /* slots in use by this object: a power of two, 0 while they are few */
        uint32_t room;          /* slots allocated */
};

void names_begin(struct names *s);
/* Whether the last of the `n` members bears the name of one before it; remembers it if not.
 * To be asked after each member. */
bool names_repeated(struct names *s, const struct json_member *members, uint32_t n);
void names_free(struct names *s);

#endif
