#ifndef SUYUAN_PAGES_CACHE_H
#define SUYUAN_PAGES_CACHE_H

#include <stdbool.h>

#include "http/http.h"
#include "store/store.h"

/* Rendered pages that are still true.  A page keeps the change number it was begun at and the items it looked at; it is
 * served while none of them bears a later mark (store.h), so nothing has to be thrown out when a lot changes.  At most
 * LIMIT_PAGE_CACHE_BYTES; the longest unused go first.  For any thread; a look-up never waits for the database. */
struct cache;
struct cache *cache_new(const struct store *s);
void cache_free(struct cache *c);

/* A true page: its body with one reference more, and its ETag; NULL otherwise. */
struct shared_body *cache_get(struct cache *c, struct str key, char ret_etag[40]);
/* `items` are marks (reader_marks) and are copied.  What no mark tells of, such as readings, makes a page old after `keep_s` seconds; 0: never. */
struct cache_life { uint64_t begun; const int64_t *items; size_t n_items; int keep_s; };
void cache_put(struct cache *c, struct str key, struct shared_body *body, size_t bytes, const char *etag, const struct cache_life *l);

#endif
