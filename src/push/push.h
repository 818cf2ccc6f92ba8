#ifndef SUYUAN_PUSH_PUSH_H
#define SUYUAN_PUSH_PUSH_H

#include "access/access.h"
#include "ledger/service.h"
#include "query/run.h"

/* Subscriptions (EPCIS 2.0 §8.2.5): a named query whose new answers are delivered by webhook, at least once, in order, advanced
 * only after the consumer's 2xx.  docs/design/push.md. */
struct push;

struct push_options {
        const char *const *allow;       /* destinations that may be closed addresses: "HOST", "HOST:PORT" */
        size_t n_allow;
        int64_t retry_ms;               /* the first wait after a failure; doubled up to five minutes */
        /* Whose events an organisation's subscriptions tell of: its own, and a regulator's district; in the arena, at least `org`.  Any thread.  NULL: its own. */
        size_t (*sees)(void *ctx, struct arena *a, int64_t org, const int64_t **ret);
        void *sees_ctx;
};

/* One thread of deliveries. */
int push_start(const struct service *v, const struct push_options *o, struct push **ret, struct err *reterr);
void push_stop(struct push *p);         /* NULL is fine; what is being sent is sent again after the next start */
/* New events are durable: whoever waits may look.  Any thread, cheap. */
void push_wake(struct push *p);

/* As it stands in the store; texts in the arena.  The token is never given back. */
struct subscription {
        int64_t org;
        struct str id, query_name, query, dest, schedule /* "": a stream */, last_error;
        bool report_if_empty;
        int64_t created_us, from_us, mark, next_us, sent_us, delivered, failures;
};

/* The body of POST …/subscriptions, judged.  ERR_BAD_SUBSCRIPTION points at the member.  `named`: the query is the organisation's own and must
 * still be there, saying the same. */
int push_subscribe(struct push *p, struct arena *a, int64_t org, struct str actor, struct str query_name, struct str query, bool named,
                   const struct json *body, struct subscription *ret, struct err *reterr);
/* 1, 0 none, -1. */
int push_find(struct push *p, struct arena *a, int64_t org, struct str query_name, struct str id, struct subscription *ret, struct err *reterr);
/* Those after the id `after`, by id; count or -1. */
ssize_t push_list(struct push *p, struct arena *a, int64_t org, struct str query_name, struct str after, size_t max,
                  struct subscription *ret, struct err *reterr);
/* The record time up to which all that it tells of was delivered. */
int push_told_until(struct push *p, struct arena *a, const struct subscription *s, int64_t *ret_us, struct err *reterr);
/* 1, 0 there was none, -1.  Nothing more is sent once this returns, but what is on its way. */
int push_end(struct push *p, int64_t org, struct str query_name, struct str id, struct err *reterr);
/* Within the change (ledger_act) that takes a named query away; call push_reload after it. */
int push_end_query(struct db *db, int64_t org, struct str query_name, struct err *reterr);
void push_reload(struct push *p);       /* NULL is fine */

void push_metrics(struct push *p, struct buf *out);     /* NULL is fine */

#endif
