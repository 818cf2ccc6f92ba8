#ifndef SUYUAN_QUERY_QUERY_H
#define SUYUAN_QUERY_QUERY_H

#include "base/decimal.h"
#include "base/json.h"
#include "epcis/event.h"
#include "store/store.h"

/* SimpleEventQuery (EPCIS 2.0 §8.2.7 and the REST binding's query schema): read from a URL or from JSON, matched against
 * one event, run over a store.  Reading and matching are pure; running is in query/run.h.
 *
 * All conditions of a query hold together; the values of one condition are alternatives. */
struct query;                   /* immutable, in the arena it was read into */

/* Where names with a prefix come from ("ex:temperature"): GS1-Extensions of the request, @context of a JSON query. */
struct query_names { const struct context *context; };

/* The query string as sent (percent-encoded, '|' between alternatives).  Paging parameters (perPage, nextPageToken) and those in
 * `ignore` (a list ended by NULL; may be NULL) are left out.  ERR_BAD_QUERY names the parameter. */
int query_from_url(struct arena *a, struct str query_string, const struct query_names *names, const struct origins *own,
                   const char *const *ignore, struct query **ret, struct err *reterr);
/* The `query` object of POST /queries, or its text kept. */
int query_from_json(struct arena *a, const struct json *object, const struct query_names *names, const struct origins *own,
                    struct query **ret, struct err *reterr);
/* The same query with one more condition ("MATCH_anyEPC", "EQ_bizStep" …): what a sub-resource implies. */
int query_and(struct arena *a, const struct query *q, struct str name, struct str value, const struct origins *own,
              struct query **ret, struct err *reterr);
/* Both conditions of two queries (a named query with parameters of a URL). */
struct query *query_both(struct arena *a, const struct query *x, const struct query *y);
/* Canonical JSON: members sorted, every value in full.  Equal queries give equal bytes. */
void query_write(struct buf *b, const struct query *q);

/* ---- order and size ---- */
enum query_order { ORDER_RECORD_TIME, ORDER_EVENT_TIME, ORDER_EXTENSION };
struct query_shape {
        bool ordered;                   /* orderBy was given */
        enum query_order by;            /* RECORD_TIME unless ordered */
        struct str extension;           /* expanded IRI, with ORDER_EXTENSION */
        bool ascending;                 /* orderDirection; DESC by default */
        int64_t event_count_limit;      /* the first so many, 0: all */
        int64_t max_event_count;        /* more is an error (QueryTooLargeException), 0: none */
};
const struct query_shape *query_shape(const struct query *q);

/* ---- what an index can use.  Every match fulfils all of it; not everything that fulfils it matches. ---- */
struct query_bounds {
        int64_t time_from_us, time_before_us;           /* INT64_MIN, INT64_MAX: open */
        int64_t record_from_us, record_before_us;
        unsigned types, actions;                        /* bits 1 << enum; 0: any */
        struct facet_bound { int facet; const struct str *values; size_t n; } *facets;  /* enum facet (epcis/facet.h) */
        size_t n_facets;
        struct item_bound { unsigned roles; const struct str *canonical; size_t n; } *items;    /* roles: bits 1 << enum item_role */
        size_t n_items;
        const struct str *event_ids;
        size_t n_event_ids;
        bool never;                                     /* contradicts itself */
        bool exact;                                     /* and everything that fulfils it matches: no body need be read to tell */
};
void query_bounds(const struct query *q, struct arena *a, struct query_bounds *ret);

/* ---- one event ---- */
struct query_event {
        const struct event *event;
        struct str event_id;            /* as given out */
        int64_t record_us;
        /* Master data of a canonical id: the newest vocabulary element, or NULL.  May be NULL: nothing is known of anything. */
        const struct json *(*master)(void *ctx, struct str canonical);
        void *ctx;
};
/* `scratch` may be reset afterwards. */
bool query_matches(const struct query *q, struct arena *scratch, const struct query_event *e);
/* WD_ conditions name places: all ids whose descendants are asked for.  Before matching or bounds, the runner
 * tells the descendants of each (canonical, the place itself included) with query_widen. */
size_t query_wide_places(const struct query *q, struct arena *a, const struct str **ret);
void query_widen(struct query *q, struct str place, const struct str *descendants, size_t n);

/* ---- units: UN/ECE Recommendation 20 ---- */
/* `value` in `uom` told in `to` (units.def); false when they measure different things or one is unknown and they differ.
 * A `difference` (a deviation) has no zero point: only the size of the units counts. */
bool unit_convert(struct decimal value, struct str uom, struct str to, bool difference, double *ret);

#endif
