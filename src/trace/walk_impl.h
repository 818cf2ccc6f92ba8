#ifndef SUYUAN_TRACE_WALK_IMPL_H
#define SUYUAN_TRACE_WALK_IMPL_H

#include "epcis/event.h"
#include "trace/trace.h"

/* The inside of a walk, shared by the files that expand a node in one direction.  Everything lives in the caller's
 * arena in a few growing arrays; there is no allocation a node.  Every item's index rows are read once, every event
 * is decoded once, whatever the number of nodes that meet it. */

#define NOWHERE UINT32_MAX
#define KIND_UNKNOWN UINT8_MAX          /* of a node until its level is expanded */
#define TIME_MIN INT64_MIN
#define TIME_MAX INT64_MAX

/* From 64-bit keys to dense indices; open addressing, never shrinks. */
struct index_map {
        struct index_slot { int64_t key; uint32_t value; } *slots;     /* keys are positive: 0 is free */
        uint32_t cap, n;
};
uint32_t index_map_get(const struct index_map *m, int64_t key);         /* NOWHERE when absent */
void index_map_put(struct arena *a, struct index_map *m, int64_t key, uint32_t value);

/* That `child` was in a container from the ADD in `event` (its reference `ref`) until `to`. */
struct membership {
        int64_t child;
        int64_t from, to;
        uint32_t event, ref;
};

/* One place where an event names an item; `event` is its place in walk.seen once it was decoded. */
struct row {
        int64_t seq, time_us;
        uint32_t event;
        uint8_t role;
};

/* What is known of an item, on the way or not. */
struct thing {
        int64_t item;
        struct row *rows;               /* by time, then seq; NULL until read */
        uint32_t n_rows;
        uint32_t node;                  /* its place on the way, or NOWHERE */
        const struct membership *contents;      /* by child, then from; when contents_known */
        uint32_t n_contents;
        bool contents_known;
        bool has_child_rows;
};

/* How a node has been entered so far.  Grows only, so the walk ends and its result does not depend on the order. */
struct state {
        uint32_t thing;
        int64_t lo, hi;         /* the time in which it carries what we follow; whole for names that are used once */
        int64_t until;          /* back: the last time it was used on the way */
        unsigned how;           /* HOW_… ored */
        bool queued;
        bool summed, unsayable; /* the sum of its quantities */
        struct decimal sum;
        struct str uom;
};

struct seen {
        struct event_head head;
        bool listed;
        uint64_t counted;       /* a reference's quantity counts once, however many edges it makes: one bit each … */
        uint64_t *counted_more; /* … and here from the 65th on */
};

struct walk {
        struct arena *a;
        struct reader *r;
        int64_t org;
        enum trace_direction dir;
        struct trace_options o;
        struct err *err;

        struct thing *things;
        struct state *states;           /* parallel to nodes */
        struct trace_node *nodes;
        struct trace_edge *edges;
        struct seen *seen;
        uint32_t n_things, cap_things, n_nodes, cap_nodes, cap_states, n_named, n_edges, cap_edges, n_seen, cap_seen;
        struct index_map by_item, by_seq;
        uint32_t *edge_slots;           /* open addressing over (from, to, event); holds edge + 1 */
        uint32_t cap_edge_slots, max_edges;
        uint32_t *queue;
        uint32_t n_queue, cap_queue;
        bool truncated;
};

extern const char TRACE_INPUT[], TRACE_INPUT_AFTER[], TRACE_TRANSFORMATION[], TRACE_AGGREGATION[];

/* Each returns -1 with the walk's err set when the store fails. */
int walk_thing(struct walk *w, int64_t item, uint32_t *ret_thing);
/* The event of row `row` of a thing.  One that is missing is a fault of the view, and fails. */
int walk_event(struct walk *w, uint32_t thing, uint32_t row, uint32_t *ret_event);
int walk_contents(struct walk *w, uint32_t thing);                      /* fills .contents */

/* The membership that the aggregation `event` began for `child`, and its container: false when it began none,
 * or with the walk's err set when the store fails. */
bool walk_membership(struct walk *w, uint32_t event, int64_t child, int64_t *ret_parent, struct membership *ret);

/* Puts an item on the way, or widens how it was entered.  `*ret_node` is NOWHERE when the limit of nodes is reached. */
enum {
        HOW_SHOWN = 0,          /* a node with an edge, no more: what was put on the crop after this harvest */
        HOW_LIST = 1,           /* its own events too: the season of a harvest */
        HOW_CONTAINER = 2,      /* back, containers_too: reached by climbing: its journey only, not its contents */
        HOW_WALK = 4,           /* follow its origins (or products) */
        HOW_CLIMB = 8           /* back, containers_too: enter its containers; not from a child, whose lot may fill
                                 * five hundred other cartons */
};
struct entry { int64_t item; uint32_t depth; int64_t lo, hi, until; unsigned how; };
int walk_enter(struct walk *w, const struct entry *e, uint32_t *ret_node);

/* One edge from origin to product; at most once for (from, to, event), where "input" outranks "input-after". */
void walk_edge(struct walk *w, uint32_t from, uint32_t to, uint32_t event, const char *role);
/* Adds the quantity of reference `ref` of `event` to a node, once. */
void walk_count(struct walk *w, uint32_t node, uint32_t event, uint32_t ref);

static inline void walk_list(struct walk *w, uint32_t event)
{
        w->seen[event].listed = true;
}

/* Makes edges: neither declared wrong nor itself the declaration. */
static inline bool walk_holds(const struct walk *w, uint32_t event)
{
        return !w->seen[event].head.declared_wrong && !w->seen[event].head.error_declaration;
}

static inline bool is_input(uint8_t role) { return role == ROLE_INPUT || role == ROLE_INPUT_QUANTITY; }
static inline bool is_output(uint8_t role) { return role == ROLE_OUTPUT || role == ROLE_OUTPUT_QUANTITY; }
static inline bool is_child(uint8_t role) { return role == ROLE_CHILD || role == ROLE_CHILD_QUANTITY; }

/* The transformationID of an event as an item, 0 when it has none. */
int64_t walk_transformation(const struct event_head *h);

/* A lot, a pack, a season is named once; a crate is used again, so its name means something else at another time. */
bool kind_used_once(uint8_t kind);
/* A class (GTIN without lot) names no thing: it ends the walk, or all rice would be one rice. */
bool kind_joins(uint8_t kind);

int walk_back(struct walk *w, uint32_t node);
int walk_forward(struct walk *w, uint32_t node);
/* Enters the containers in which the node's item was, for their journey. */
int walk_climb(struct walk *w, uint32_t node);

#endif
