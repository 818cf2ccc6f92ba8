#ifndef SUYUAN_LEDGER_ITEM_CACHE_H
#define SUYUAN_LEDGER_ITEM_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* From a text (an item, a term) of an organisation to its number, for those met lately: in front of the database's
 * index, which costs a search over long texts.  Texts are not kept: they stand as a 128-bit SipHash under a random key
 * of this process, which nobody outside can aim at, so two texts never share a number in practice
 * (2^-97 a lookup).  Fixed memory; the longest unused of four is forgotten.  Hashing is for any thread, the rest for
 * the writer's. */
struct item_cache;

struct text_key { uint64_t h[2]; };

struct item_cache *item_cache_new(size_t entries);      /* a power of two, 8 at least; 16 bytes an entry */
void item_cache_free(struct item_cache *c);
struct text_key item_cache_key(const struct item_cache *c, int64_t org, struct str text);
int64_t item_cache_get(struct item_cache *c, const struct text_key *k);         /* 0: not here */
void item_cache_put(struct item_cache *c, const struct text_key *k, int64_t id);       /* 0 < id < 2^40 */
void item_cache_clear(struct item_cache *c);            /* after a rollback: numbers given in it are void */

#endif
