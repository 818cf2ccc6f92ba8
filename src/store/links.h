#ifndef SUYUAN_STORE_LINKS_H
#define SUYUAN_STORE_LINKS_H

#include "store/store.h"

/* Links that organisations gave to the addresses of their own things (docs/ref/resolver.md). */
struct db;
struct resolver_link { int64_t org; struct str type, lang, media, href, title; };

/* All links of a thing that its owner gave; those of who is its owner no more are passed over.  Count or -1. */
ssize_t reader_links(struct reader *r, struct arena *a, struct str canonical, struct resolver_link **ret, struct err *reterr);
/* Is a thing the organisation's own: by its name, or, where nobody owns the name, since it recorded it first (and nobody else did). 1, 0, -1. */
int reader_owns(struct reader *r, int64_t org, struct str canonical, struct err *reterr);

/* In a change of the writer (ledger_act).  One link an organisation, thing, type, language and media type. */
int link_set(struct db *db, struct str canonical, const struct resolver_link *l, struct err *reterr);
int link_drop(struct db *db, struct str canonical, const struct resolver_link *l, struct err *reterr);

#endif
