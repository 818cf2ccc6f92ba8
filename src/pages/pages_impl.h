#ifndef SUYUAN_PAGES_PAGES_IMPL_H
#define SUYUAN_PAGES_PAGES_IMPL_H

#include "access/access.h"
#include "pages/cache.h"
#include "pages/html.h"
#include "pages/pages.h"
#include "trace/story.h"

/* What the pages share. */

struct cache *pages_cache(void);
struct excerpts *pages_excerpts(void);

/* The frame of every page: <!doctype> … <main> and its end.  `title` is plain text.  `path` is this page's own, for the language links. */
void shell_begin(struct buf *b, const struct request *q, struct str title);
void shell_header(struct buf *b, const struct request *q, struct str title, struct str line, enum words note);
void shell_end(struct buf *b);
void shell_start(void);
/* A reply with the frame's policy: nothing but our own style and pictures. */
void shell_reply(const struct request *q, struct reply *r, int status);
/* The same where our own script may run and ask here. */
void shell_reply_with_script(const struct request *q, struct reply *r, int status);

/* Above a page that stands in for a code that is not recorded (`unknown` in the query, of resolver_redirect). */
void shell_stands_in(struct buf *b, const struct request *q);
/* 0: nothing stands in; else the kind of code that is not recorded: 's' or 'l'. */
char shell_unknown(const struct request *q);

enum icon { ICON_CHECK, ICON_ALERT, ICON_STOP, ICON_UNKNOWN, ICON_SHIELD };
void shell_icon(struct buf *b, enum icon i);

/* The parts of an item's page (item_verdict.c, item_timeline.c, item_tables.c, item_growing.c, item_check.c). */
enum { ITEM_ORGS = 32 };                        /* an organisation beyond is told by its code */
struct item_org { struct str code, name[LANGS]; };
struct item_page {
        const struct request *q;
        const struct store *store;
        const struct origins *own;
        int64_t org;            /* whose records the reader sees */
        const struct story *s;
        enum lang l;
        struct buf *b;
        struct reader *reader;
        struct pictures *pictures;      /* NULL: none are shown */
        bool *waits;            /* set when something that is to be shown has not come yet */
        struct sensing *sensing;        /* NULL: no curves */
        int *keep_s;            /* set where the page shows what changes without a mark: how long it may be kept; 0: as long as no mark says otherwise */
        bool season;            /* a season has a way and no verdict: nobody buys it */
        struct item_org orgs[ITEM_ORGS];        /* who recorded the entries */
        size_t n_orgs;
};
void item_verdict(const struct item_page *p);
void item_numbers(const struct item_page *p);
void item_season(const struct item_page *p);
void item_timeline(const struct item_page *p);
void item_inputs(const struct item_page *p);
void item_tests(const struct item_page *p);
void item_growing(const struct item_page *p);
void item_gaps(const struct item_page *p);
void item_json(const struct item_page *p);      /* the same facts for machines */
int item_check_orgs(struct item_page *p, struct reader *r, struct err *reterr);         /* fills p->orgs */
void item_check(const struct item_page *p);
void item_row_claims(const struct item_page *p, const struct story_entry *e);           /* attributes of a row */
void item_proves(const struct item_page *p);
void item_script(const struct item_page *p);

/* Plain pages: an organisation, a place, a device, a kind of goods (page_thing.c); and no such code (page_unknown.c). */
void thing_page(struct request *q, const struct story_name *n, const struct origins *own, bool data);
void unknown_page(struct request *q, const struct err *e, bool data);
void write_code(struct buf *b, const struct request *q, struct str canonical);  /* plain text: "批次 R1" */

/* Words of a name in the page's language. */
struct str name_in(const struct story_name *n, enum lang l);
/* "12.5 公斤" */
void write_amount(const struct item_page *p, struct str quantity, struct str uom);
/* The one verdict, decided in one place for people and machines. */
enum verdict { VERDICT_CLEAR, VERDICT_PART, VERDICT_HELD, VERDICT_RECALLED, VERDICT_FAILED, VERDICT_INTERVAL, VERDICT_DESTROYED };
enum verdict story_verdict(const struct story *s);
const char *verdict_name(enum verdict v);       /* "clear", … */

/* /photo/{sha256}?k=…: only a page that shows a photo can make its address (photo.c).  Small, or large with &w=1280. */
void photo_href(struct buf *b, const struct hash *h, bool large);      /* as an attribute's text */
void photo_key_start(void);

/* /verify/… (page_verify.c): the script's version is in its address. */
void verify_start(void);
void verify_stop(void);
const char *verify_version(void);

#endif
