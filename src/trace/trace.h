#ifndef SUYUAN_TRACE_TRACE_H
#define SUYUAN_TRACE_TRACE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "base/lang.h"
#include "store/store.h"

/* The way of a thing: back to all its origins, forward to all that was made of it.
 * Breadth-first, a level at a time, bounded by nodes, minding time (docs/design/trace.md).  Reads one snapshot; knows no HTTP. */
enum trace_direction { TRACE_BACK, TRACE_FORWARD };

struct trace_node {
        int64_t item;
        struct str id;          /* canonical */
        uint8_t kind;           /* enum ident_kind */
        uint32_t depth;         /* steps from the start */
        struct str quantity, uom; /* how much of it took part, where one sum in one unit can be said */
        int64_t from_us, until_us; /* back: when it was on the way; an ancestor until it was used, the start for ever */
        bool container;         /* only carried it (containers_too); its other contents are not on the way */
};

/* Always from origin to product, whichever way the walk went. */
struct trace_edge {
        uint32_t from, to;      /* indices of nodes */
        uint32_t event;         /* index into events */
        const char *role;       /* "input", "input-after", "transformation", "aggregation" … (docs/ref/trace.md) */
};

struct trace {
        struct str item;        /* canonical */
        enum trace_direction direction;
        struct trace_node *nodes;       /* [0] is the start */
        struct trace_edge *edges;
        struct event_head *events;      /* every event that touches the way, by time: also observations, shipments */
        size_t n_nodes, n_edges, n_events;
        /* Every item whose rows decided something, also those left aside (a crate that carried it at another time):
         * while none of them changes, the same walk gives the same result. */
        int64_t *looked;
        size_t n_looked;
        bool truncated;
};

struct trace_options {
        uint32_t max_nodes;
        bool containers_too;
        /* Of one organisation, only its records up to this number, each counted also where a later one declared it wrong: what the
         * way was then, the same for ever.  0: all, as they stand now. */
        int64_t through;
};

/* ERR_NOT_FOUND when no event names the item. */
int trace_walk(struct arena *a, struct reader *r, int64_t org, struct str canonical, enum trace_direction d,
               const struct trace_options *o, struct trace **ret, struct err *reterr);

void trace_json(struct buf *b, const struct trace *t, const struct origins *own);
/* For a terminal; Chinese unless said otherwise. */
void trace_text(struct buf *b, const struct trace *t, const struct origins *own);
void trace_text_in(struct buf *b, const struct trace *t, const struct origins *own, enum lang l);
void trace_dot(struct buf *b, const struct trace *t, const struct origins *own);

/* What came in (made, bought), went out (used, destroyed, sold off), was lost (the part of what was used that its
 * transformation declares in suyuan:loss; it is within `out`) and is still there (in - out), of one lot, in
 * each unit it was counted in.  `exact` is false where an event names the lot without a number. */
struct balance { struct str uom; struct decimal in, out, lost, on_hand; bool exact; };
int trace_balance(struct arena *a, struct reader *r, int64_t org, struct str canonical,
                  struct balance **ret, size_t *ret_n, struct err *reterr);

#endif
