#ifndef SUYUAN_QUERY_RUN_H
#define SUYUAN_QUERY_RUN_H

#include "query/query.h"

/* Runs a query over what a caller may see.  One page at a time by keyset: a page is the events after the last one of the page
 * before, among those that were recorded when the first page was asked for; so nothing is skipped or repeated while
 * events arrive. */

struct query_page_from {        /* where a page begins */
        bool first;
        int64_t high_record_us; /* nothing recorded later belongs */
        int64_t key_us;         /* of the last event told, by the query's order */
        struct str key_text;    /* with ORDER_EXTENSION */
        int64_t org, seq;       /* of the last event told */
        int64_t told;           /* events of earlier pages, for eventCountLimit */
};

struct query_found { int64_t org, seq; struct str event_id, body, context; int64_t record_us; bool event_id_given_here; };

struct query_result {
        struct query_found *list;
        size_t n;
        bool more;
        struct query_page_from next;    /* with `more` */
        int64_t looked;                 /* events that had to be read, for logs and tests */
        const char *plan;               /* which index: "item", "facet", "time", "record" … */
};

struct query_run_options {
        int per_page;
        int64_t deadline_us;            /* monotonic (clock_mono_us); ERR_QUERY_COMPLEX when it passes first; 0: none */
};

/* `org` is what reader_see gave.  ERR_QUERY_LARGE: more than maxEventCount match. */
int query_run(struct arena *a, struct reader *r, int64_t org, struct query *q, const struct query_page_from *from,
              const struct query_run_options *o, struct query_result *ret, struct err *reterr);

/* A kept query (query_write) held against events one by one as they come, with what the reader's master data say: for subscriptions.
 * Lives no longer than the reader and the arena. */
struct query_watch;
int query_watch_begin(struct arena *a, struct reader *r, int64_t org, struct str text, struct query_watch **ret, struct err *reterr);
bool query_watch_matches(struct query_watch *w, struct arena *scratch, const struct event *e, struct str event_id, int64_t record_us);
void query_watch_end(struct query_watch *w);    /* NULL is fine */

/* Tokens: a place in a result, sealed with a key of this installation together with the query, the caller and the time it
 * expires.  ERR_BAD_QUERY when it is forged, expired, another query's or another caller's. */
struct str page_token(struct arena *a, const uint8_t key[32], struct str bound_to, const struct query_page_from *at, int64_t expires_us);
int page_token_read(struct arena *a, const uint8_t key[32], struct str bound_to, struct str token, int64_t now_us,
                    struct query_page_from *ret, struct err *reterr);

#endif
