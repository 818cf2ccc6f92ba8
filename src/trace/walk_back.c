#include "trace/walk_impl.h"

/* To the origins: what went into the transformations that put this out, and what was in it as a container. */

/* One input reference of an event becomes a node and an edge to `node`. */
static int input_edge(struct walk *w, uint32_t node, uint32_t event, uint32_t ref, bool after)
{
        const struct event_ref *in = &w->seen[event].head.refs[ref];
        int64_t at = w->seen[event].head.time_us;
        uint32_t from;
        if (in->item == w->nodes[node].item)
                return 0;
        struct entry e = { in->item, w->nodes[node].depth + 1, at, at, at,
                           after ? HOW_SHOWN : HOW_LIST | HOW_WALK | HOW_CLIMB };
        if (walk_enter(w, &e, &from) < 0)
                return -1;
        if (from == NOWHERE)
                return 0;
        walk_edge(w, from, node, event, after ? TRACE_INPUT_AFTER : TRACE_INPUT);
        if (!after)
                walk_count(w, from, event, ref);
        return 0;
}

static int inputs_of(struct walk *w, uint32_t node, uint32_t event, bool after)
{
        for (uint32_t r = 0; r < w->seen[event].head.n_refs; r++)
                if (is_input(w->seen[event].head.refs[r].role) && input_edge(w, node, event, r, after) < 0)
                        return -1;
        return 0;
}

/* All partial events of a transformation: what went in until `until` is an origin, the rest went in later. */
static int joined_inputs(struct walk *w, uint32_t node, int64_t transformation, int64_t until)
{
        uint32_t t, e;
        if (walk_thing(w, transformation, &t) < 0)
                return -1;
        for (uint32_t i = 0; i < w->things[t].n_rows; i++) {
                struct row row = w->things[t].rows[i];
                if (row.role != ROLE_TRANSFORMATION)
                        continue;
                if (walk_event(w, t, i, &e) < 0)
                        return -1;
                if (walk_holds(w, e) && inputs_of(w, node, e, row.time_us > until) < 0)
                        return -1;
        }
        return 0;
}

/* The transformation as a node above its output, listed with its own events: the growth records of a season. */
static int season_edge(struct walk *w, uint32_t node, int64_t transformation, uint32_t event)
{
        uint32_t from;
        int64_t at = w->seen[event].head.time_us;
        struct entry e = { transformation, w->nodes[node].depth + 1, TIME_MIN, TIME_MAX, at, HOW_LIST };
        if (walk_enter(w, &e, &from) < 0)
                return -1;
        if (from != NOWHERE && from != node)
                walk_edge(w, from, node, event, TRACE_TRANSFORMATION);
        return 0;
}

/* Joins each transformation once, at this node's latest output of it: earlier outputs' inputs are among those. */
struct joined { int64_t transformation, until; };

static struct joined *join(struct arena *a, struct joined *list, uint32_t *n, uint32_t *cap, int64_t id, int64_t at)
{
        for (uint32_t i = 0; i < *n; i++)
                if (list[i].transformation == id) {
                        list[i].until = at > list[i].until ? at : list[i].until;
                        return list;
                }
        if (*n == *cap) {
                struct joined *wide = arena_raw(a, (*cap ? *cap * 2 : 4) * sizeof *wide);
                if (*n)
                        memcpy(wide, list, *n * sizeof *wide);
                list = wide;
                *cap = *cap ? *cap * 2 : 4;
        }
        list[(*n)++] = (struct joined){ id, at };
        return list;
}

/* A quantity of the start is how much of it was made: its own output references. */
static void count_made(struct walk *w, uint32_t event)
{
        const struct event_head *h = &w->seen[event].head;
        for (uint32_t r = 0; r < h->n_refs; r++)
                if (is_output(h->refs[r].role) && h->refs[r].item == w->nodes[0].item)
                        walk_count(w, 0, event, r);
}

static int made_by(struct walk *w, uint32_t node)
{
        const struct state s = w->states[node];
        bool once = kind_used_once(w->nodes[node].kind);
        struct joined *joins = NULL;
        uint32_t n = 0, cap = 0, e;
        for (uint32_t i = 0; i < w->things[s.thing].n_rows; i++) {
                struct row row = w->things[s.thing].rows[i];
                if (!is_output(row.role) || (!once && row.time_us > s.hi))
                        continue;
                if (walk_event(w, s.thing, i, &e) < 0)
                        return -1;
                if (!walk_holds(w, e))
                        continue;
                if (node == 0)
                        count_made(w, e);
                int64_t id = walk_transformation(&w->seen[e].head);
                if (id) {
                        joins = join(w->a, joins, &n, &cap, id, row.time_us);
                        if (season_edge(w, node, id, e) < 0)
                                return -1;
                } else if (inputs_of(w, node, e, false) < 0) {
                        return -1;
                }
        }
        for (uint32_t i = 0; i < n; i++)
                if (joined_inputs(w, node, joins[i].transformation, joins[i].until) < 0)
                        return -1;
        return 0;
}

static int contained(struct walk *w, uint32_t node)
{
        const struct state s = w->states[node];
        uint32_t from;
        if (walk_contents(w, s.thing) < 0)
                return -1;
        for (uint32_t i = 0; i < w->things[s.thing].n_contents; i++) {
                struct membership m = w->things[s.thing].contents[i];
                if (m.from > s.hi || m.to < s.lo || m.child == w->nodes[node].item)
                        continue;
                int64_t lo = m.from > s.lo ? m.from : s.lo, hi = m.to < s.hi ? m.to : s.hi;
                struct entry e = { m.child, w->nodes[node].depth + 1, lo, hi, hi, HOW_LIST | HOW_WALK };
                if (walk_enter(w, &e, &from) < 0)
                        return -1;
                if (from == NOWHERE)
                        continue;
                walk_edge(w, from, node, m.event, TRACE_AGGREGATION);
                walk_count(w, from, m.event, m.ref);
        }
        return 0;
}

/* Asked about the transformation itself: everything that went into it. */
static int whole_season(struct walk *w, uint32_t node)
{
        for (uint32_t i = 0; i < w->things[w->states[node].thing].n_rows; i++)
                if (w->things[w->states[node].thing].rows[i].role == ROLE_TRANSFORMATION)
                        return joined_inputs(w, node, w->nodes[node].item, TIME_MAX);
        return 0;
}

int walk_back(struct walk *w, uint32_t node)
{
        if (made_by(w, node) < 0 || contained(w, node) < 0)
                return -1;
        return whole_season(w, node);
}

int walk_climb(struct walk *w, uint32_t node)
{
        const struct state s = w->states[node];
        for (uint32_t i = 0; i < w->things[s.thing].n_rows; i++) {
                struct row row = w->things[s.thing].rows[i];
                uint32_t e, to;
                /* a part of an ancestor packed after we took ours went another way */
                if (!is_child(row.role) || row.time_us > s.until)
                        continue;
                if (walk_event(w, s.thing, i, &e) < 0)
                        return -1;
                struct membership m;
                int64_t parent;
                if (!walk_membership(w, e, w->nodes[node].item, &parent, &m)) {
                        if (w->err->kind != ERR_NONE)
                                return -1;
                        continue;
                }
                if (m.from > s.hi || m.to < s.lo || parent == m.child)
                        continue;
                struct entry in = { parent, w->nodes[node].depth + 1, m.from > s.lo ? m.from : s.lo,
                                    m.to < s.hi ? m.to : s.hi, m.to < s.hi ? m.to : s.hi, HOW_LIST | HOW_CONTAINER | HOW_CLIMB };
                if (walk_enter(w, &in, &to) < 0)
                        return -1;
                if (to != NOWHERE)
                        walk_edge(w, node, to, e, TRACE_AGGREGATION);
        }
        return 0;
}
