#include "trace/walk_impl.h"

/* To the products: what came out of the transformations that took this in, at or after that time, and the
 * containers in which it went on. */

static int enter_output(struct walk *w, uint32_t node, uint32_t event, uint32_t ref, uint32_t *ret_to)
{
        const struct event_head *h = &w->seen[event].head;
        struct entry e = { h->refs[ref].item, w->nodes[node].depth + 1, h->time_us, TIME_MAX, TIME_MAX,
                           HOW_LIST | HOW_WALK };
        if (walk_enter(w, &e, ret_to) < 0)
                return -1;
        if (*ret_to != NOWHERE)
                walk_count(w, *ret_to, event, ref);
        return 0;
}

/* Every output of `event` is a product of `node`, by what went in with `in_event`; and of `season`, where it is on the way. */
static int outputs_of(struct walk *w, uint32_t node, uint32_t in_event, uint32_t event, uint32_t season)
{
        for (uint32_t r = 0; r < w->seen[event].head.n_refs; r++) {
                uint32_t to;
                const struct event_ref *out = &w->seen[event].head.refs[r];
                if (!is_output(out->role) || out->item == w->nodes[node].item)
                        continue;
                if (enter_output(w, node, event, r, &to) < 0)
                        return -1;
                if (to == NOWHERE)
                        continue;
                if (node != season)
                        walk_edge(w, node, to, in_event, TRACE_INPUT);
                if (season != NOWHERE && season != to)
                        walk_edge(w, season, to, event, TRACE_TRANSFORMATION);
        }
        return 0;
}

/* All outputs of a transformation from `since` on. */
static int joined_outputs(struct walk *w, uint32_t node, uint32_t in_event, int64_t transformation, int64_t since,
                          uint32_t season)
{
        uint32_t t, e;
        if (walk_thing(w, transformation, &t) < 0)
                return -1;
        for (uint32_t i = 0; i < w->things[t].n_rows; i++) {
                struct row row = w->things[t].rows[i];
                if (row.role != ROLE_TRANSFORMATION || row.time_us < since)
                        continue;
                if (walk_event(w, t, i, &e) < 0)
                        return -1;
                if (walk_holds(w, e) && outputs_of(w, node, in_event, e, season) < 0)
                        return -1;
        }
        return 0;
}

/* A season that took this in is shown even before its first harvest: where did that pesticide go? */
static int used_in_season(struct walk *w, uint32_t node, uint32_t event, int64_t transformation)
{
        uint32_t season;
        struct entry e = { transformation, w->nodes[node].depth + 1, TIME_MIN, TIME_MAX, TIME_MAX, HOW_LIST };
        if (walk_enter(w, &e, &season) < 0)
                return -1;
        if (season != NOWHERE && season != node)
                walk_edge(w, node, season, event, TRACE_INPUT);
        return joined_outputs(w, node, event, transformation, w->seen[event].head.time_us, season);
}

static int used_by(struct walk *w, uint32_t node, uint32_t event)
{
        const struct event_head *h = &w->seen[event].head;
        if (node == 0)
                for (uint32_t r = 0; r < h->n_refs; r++)
                        if (is_input(h->refs[r].role) && h->refs[r].item == w->nodes[0].item)
                                walk_count(w, 0, event, r);
        int64_t id = walk_transformation(h);
        return id ? used_in_season(w, node, event, id) : outputs_of(w, node, event, event, NOWHERE);
}

/* The container carries what we follow from this ADD to its DELETE, and no longer: it may be used again. */
static int packed_by(struct walk *w, uint32_t node, uint32_t event)
{
        const struct state s = w->states[node];
        struct membership m;
        int64_t parent;
        uint32_t to;
        if (!walk_membership(w, event, w->nodes[node].item, &parent, &m))
                return w->err->kind != ERR_NONE ? -1 : 0;
        if (m.from > s.hi || m.to < s.lo || parent == m.child)
                return 0;
        struct entry e = { parent, w->nodes[node].depth + 1, m.from > s.lo ? m.from : s.lo,
                           m.to < s.hi ? m.to : s.hi, TIME_MAX, HOW_LIST | HOW_WALK };
        if (walk_enter(w, &e, &to) < 0)
                return -1;
        if (to != NOWHERE)
                walk_edge(w, node, to, event, TRACE_AGGREGATION);
        return 0;
}

int walk_forward(struct walk *w, uint32_t node)
{
        const struct state s = w->states[node];
        bool once = kind_used_once(w->nodes[node].kind), season = false;
        for (uint32_t i = 0; i < w->things[s.thing].n_rows; i++) {
                struct row row = w->things[s.thing].rows[i];
                uint32_t e;
                season |= row.role == ROLE_TRANSFORMATION;
                if (!is_input(row.role) && !is_child(row.role))
                        continue;
                if (is_input(row.role) && !once && (row.time_us < s.lo || row.time_us > s.hi))
                        continue;
                if (walk_event(w, s.thing, i, &e) < 0)
                        return -1;
                if (!walk_holds(w, e))
                        continue;
                if ((is_input(row.role) ? used_by(w, node, e) : packed_by(w, node, e)) < 0)
                        return -1;
        }
        return season ? joined_outputs(w, node, NOWHERE, w->nodes[node].item, TIME_MIN, node) : 0;
}
