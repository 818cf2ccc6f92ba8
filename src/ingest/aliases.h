#ifndef SUYUAN_INGEST_ALIASES_H
#define SUYUAN_INGEST_ALIASES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* The names that a Sparkplug B device gave its numbers, with the type of each: said in its BIRTH, needed for every DATA.  Whoever keeps the session keeps one for
 * each device and passes it to the decoder, which so stays a function of what it is given.  At most LIMIT_ALIASES; names are copied. */
struct aliases;
struct aliases *aliases_new(void);
void aliases_free(struct aliases *x);           /* NULL is fine */
/* False: there are too many, or the name is longer than a channel's mapping can be. */
bool aliases_set(struct aliases *x, uint64_t alias, struct str name, uint32_t datatype);
/* The name, STR_NONE when it was never said.  It lives until the alias is set again. */
struct str aliases_get(const struct aliases *x, uint64_t alias, uint32_t *ret_datatype);

#endif
