#ifndef SUYUAN_STORE_QUERIES_H
#define SUYUAN_STORE_QUERIES_H

#include "store/store.h"

/* Named queries: an organisation's own. */
struct db;
struct named_query {
        struct str name;
        struct str query;       /* canonical JSON, every name in full (query_write) */
        struct str sent;        /* JSON as it was sent */
        int64_t created_us;
};

/* 1 / 0 / -1. */
int reader_named_query(struct reader *r, struct arena *a, int64_t org, struct str name, struct named_query *ret, struct err *reterr);
/* Those after the name `after`, by name; count or -1. */
ssize_t reader_named_queries(struct reader *r, struct arena *a, int64_t org, struct str after, struct named_query *ret, size_t max, struct err *reterr);

/* In a change of the writer (ledger_act), which may be made twice when nobody knows whether the first commit came through: the second finds
 * its own work and is content.  ERR_DUPLICATE_NAME: the name is another's. */
int named_query_add(struct db *db, int64_t org, const struct named_query *n, struct str actor, struct err *reterr);
int named_query_drop(struct db *db, int64_t org, struct str name, struct err *reterr);       /* none there: content too */
/* Whether the organisation's query of this name says this; 1 / 0 / -1.  What leans on a query is made in the same change. */
int named_query_is(struct db *db, int64_t org, struct str name, struct str query, struct err *reterr);

#endif
