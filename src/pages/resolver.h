#ifndef SUYUAN_PAGES_RESOLVER_H
#define SUYUAN_PAGES_RESOLVER_H

#include "gs1/ident.h"
#include "http/http.h"
#include "ledger/service.h"

/* The GS1-conformant resolver on the addresses of things: which links there are, and which of them an asker means
 * (docs/ref/resolver.md).  Every link of ours is a view of what this server answers anyway; the others are statements of the thing's
 * owner. */

struct link {
        const char *type;               /* "gs1:pip" */
        struct str href;                /* absolute; ours: also what the asker is sent to, from `path` on */
        struct str path;                /* ours: on whatever host was asked */
        struct str title;
        const char *langs[LANGS];       /* hreflang; NULL: none said */
        struct str by;                  /* not ours: the organisation whose statement it is */
        const char *media;
        bool passes_query;              /* the asker's other parameters go along */
};

struct link_set {                       /* of one thing */
        struct str canonical;
        bool ours;              /* something is recorded here: there is a page */
        struct link *list;
        size_t n;
};

/* The address that was asked for and, where nothing is known of it, what it is a part of: serial, lot, kind of goods. */
enum { LEVELS_MAX = 6 };
struct levels {
        struct ident list[LEVELS_MAX];
        size_t n;
        struct str dropped[LEVELS_MAX]; /* the key qualifier ("21") that the next level leaves out */
};
/* ERR_BAD_IDENTIFIER names the character. */
int resolver_levels(struct request *q, const struct origins *own, struct levels *ret, struct err *reterr);

/* Does the request ask for anything but the page? On the network thread; cheap. */
bool resolver_is_asked(const struct request *q);
/* Answers it; -1 with ERR_NOT_FOUND when no level is known. */
int resolver_answer(struct request *q, const struct service *v, struct err *reterr);

/* Of one thing; none when nothing is known of it.  `in_events`: an event names it; `named`: master data does. */
int resolver_links(struct request *q, const struct service *v, struct reader *r, struct str canonical, bool in_events, bool named,
                   struct link_set *ret, struct err *reterr);
/* Among the links of a type the one that fits language and media type best; NULL when there is none. */
const struct link *resolver_choose(const struct request *q, const struct link_set *s, struct str type);
void resolver_linkset(struct buf *b, const struct request *q, const struct link_set *sets, size_t n, const struct origins *own);

/* What every answer at a thing's address bears: Link, CORS. */
void resolver_headers(const struct request *q, struct reply *r);
/* To the thing's own spelling of its address, or to what it is a part of; `without`: the qualifier that is not known, or empty. */
void resolver_redirect(struct request *q, struct str path, struct str without);
void resolver_options(struct request *q);

/* The path of a canonical name on this server. */
struct str resolver_path(struct arena *a, struct str canonical, const struct origins *own);

#endif
