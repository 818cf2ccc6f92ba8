#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "trace/walk_impl.h"

const char TRACE_INPUT[] = "input", TRACE_INPUT_AFTER[] = "input-after";
const char TRACE_TRANSFORMATION[] = "transformation", TRACE_AGGREGATION[] = "aggregation";

/* ---- growing arrays and the map ---- */

/* Room for one more of `size` bytes.  The old block stays in the arena, so it grows in large steps. */
static void *room(struct arena *a, void *old, uint32_t n, uint32_t *cap, size_t size)
{
        if (n < *cap)
                return old;
        *cap = *cap ? *cap * 4 : 64;
        void *fresh = arena_raw(a, *cap * size);
        if (n)
                memcpy(fresh, old, n * size);
        return fresh;
}

static uint32_t spread(uint64_t key)
{
        key *= 0x9E3779B97F4A7C15u;
        return (uint32_t)(key >> 32);
}

uint32_t index_map_get(const struct index_map *m, int64_t key)
{
        if (!m->cap)
                return NOWHERE;
        for (uint32_t i = spread((uint64_t)key) & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
                if (m->slots[i].key == key)
                        return m->slots[i].value;
                if (!m->slots[i].key)
                        return NOWHERE;
        }
}

static void index_map_set(struct index_map *m, int64_t key, uint32_t value)
{
        uint32_t i = spread((uint64_t)key) & (m->cap - 1);
        while (m->slots[i].key)
                i = (i + 1) & (m->cap - 1);
        m->slots[i] = (struct index_slot){ key, value };
}

void index_map_put(struct arena *a, struct index_map *m, int64_t key, uint32_t value)
{
        if (m->n * 2 >= m->cap) {
                struct index_map wide = { .cap = m->cap ? m->cap * 4 : 256, .n = m->n };
                wide.slots = arena_array(a, struct index_slot, wide.cap);
                for (uint32_t i = 0; i < m->cap; i++)
                        if (m->slots[i].key)
                                index_map_set(&wide, m->slots[i].key, m->slots[i].value);
                *m = wide;
        }
        index_map_set(m, key, value);
        m->n++;
}

/* ---- what the store knows, read once ---- */

static int by_time(const void *x, const void *y)
{
        const struct row *a = x, *b = y;
        if (a->time_us != b->time_us)
                return a->time_us < b->time_us ? -1 : 1;
        return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Appends a page of index rows, growing the list. */
static void take_rows(struct walk *w, struct thing *t, const struct item_event *page, uint32_t n, uint32_t *cap)
{
        if (t->n_rows + n > *cap || !t->rows) {
                *cap = *cap ? (t->n_rows + n) * 4 : n + 1;
                struct row *wide = arena_raw(w->a, *cap * sizeof *wide);
                if (t->n_rows)
                        memcpy(wide, t->rows, t->n_rows * sizeof *wide);
                t->rows = wide;
        }
        for (uint32_t i = 0; i < n && (!w->o.through || page[i].seq <= w->o.through); i++) {
                t->rows[t->n_rows++] = (struct row){ page[i].seq, page[i].time_us, NOWHERE, page[i].role };
                t->has_child_rows |= is_child(page[i].role);
        }
}

/* All index rows of an item, by time.  Most items have a handful, so the first page is small and on the stack.  A page may
 * end within one event's rows (at most one a role) and is then cut back to the event before. */
static int read_rows(struct walk *w, struct thing *t)
{
        struct item_event first[64], *page = first;
        uint32_t max = 64, cap = 0;
        int64_t after = 0;
        for (bool more = true; more;) {
                ssize_t got = reader_item_events(w->r, w->org, t->item, after, page, max, w->err);
                if (got < 0)
                        return -1;
                uint32_t n = (uint32_t)got;
                more = n == max;
                while (more && n > 0 && page[n - 1].seq == page[max - 1].seq)
                        n--;
                take_rows(w, t, page, n, &cap);
                after = n ? page[n - 1].seq : after;
                if (more && max == 64)
                        page = arena_raw(w->a, (max = 4096) * sizeof *page);
        }
        for (uint32_t i = 1; i < t->n_rows; i++)
                if (by_time(&t->rows[i - 1], &t->rows[i]) > 0) {
                        qsort(t->rows, t->n_rows, sizeof *t->rows, by_time);
                        break;
                }
        return 0;
}

static uint32_t thing_of(struct walk *w, int64_t item)
{
        uint32_t i = index_map_get(&w->by_item, item);
        if (i == NOWHERE) {
                w->things = room(w->a, w->things, w->n_things, &w->cap_things, sizeof *w->things);
                i = w->n_things++;
                w->things[i] = (struct thing){ .item = item, .node = NOWHERE };
                index_map_put(w->a, &w->by_item, item, i);
        }
        return i;
}

int walk_thing(struct walk *w, int64_t item, uint32_t *ret_thing)
{
        *ret_thing = thing_of(w, item);
        struct thing *t = &w->things[*ret_thing];
        return t->rows ? 0 : read_rows(w, t);
}

static int decode(struct walk *w, int64_t seq, uint32_t *ret)
{
        w->seen = room(w->a, w->seen, w->n_seen, &w->cap_seen, sizeof *w->seen);
        struct seen *s = &w->seen[w->n_seen];
        *s = (struct seen){ 0 };
        int found = reader_event(w->r, w->a, w->org, seq, &s->head, w->err);
        if (found < 0)
                return -1;
        if (!found)
                return err_set(w->err, ERR_INTERNAL, "the item index names event %lld, which is not there", (long long)seq);
        s->head.declared_wrong = s->head.declared_wrong && !w->o.through;
        *ret = w->n_seen++;
        index_map_put(w->a, &w->by_seq, seq, *ret);
        return 0;
}

int walk_event(struct walk *w, uint32_t thing, uint32_t row, uint32_t *ret_event)
{
        struct row *r = &w->things[thing].rows[row];
        if (r->event == NOWHERE && (r->event = index_map_get(&w->by_seq, r->seq)) == NOWHERE &&
            decode(w, r->seq, &r->event) < 0)
                return -1;
        *ret_event = r->event;
        return 0;
}

int64_t walk_transformation(const struct event_head *h)
{
        for (size_t i = 0; i < h->n_refs; i++)
                if (h->refs[i].role == ROLE_TRANSFORMATION)
                        return h->refs[i].item;
        return 0;
}

/* ---- nodes and edges ---- */

bool kind_used_once(uint8_t kind)
{
        return kind == IDENT_LOT || kind == IDENT_ITEM || kind == IDENT_SEASON || kind == IDENT_CLASS ||
               kind == IDENT_DOCUMENT;
}

bool kind_joins(uint8_t kind)
{
        return kind != IDENT_CLASS;
}

static void enqueue(struct walk *w, uint32_t node)
{
        if (w->states[node].queued)
                return;
        w->queue = room(w->a, w->queue, w->n_queue, &w->cap_queue, sizeof *w->queue);
        w->queue[w->n_queue++] = node;
        w->states[node].queued = true;
}

static int node_new(struct walk *w, const struct entry *e, uint32_t thing, uint32_t *ret)
{
        *ret = NOWHERE;
        if (w->n_nodes >= w->o.max_nodes) {
                w->truncated = true;
                return 0;
        }
        w->states = room(w->a, w->states, w->n_nodes, &w->cap_states, sizeof *w->states);
        w->nodes = room(w->a, w->nodes, w->n_nodes, &w->cap_nodes, sizeof *w->nodes);
        *ret = w->n_nodes++;
        w->nodes[*ret] = (struct trace_node){ .item = e->item, .kind = KIND_UNKNOWN, .depth = e->depth };
        w->states[*ret] = (struct state){ .thing = thing, .lo = TIME_MAX, .hi = TIME_MIN, .until = TIME_MIN };
        w->things[thing].node = *ret;
        return 0;
}

/* A name used once means the same at any time; a class ends the walk, unless it is what was asked for. */
static void settle(struct walk *w, uint32_t node)
{
        struct state *s = &w->states[node];
        uint8_t kind = w->nodes[node].kind;
        if (s->how != HOW_SHOWN && (kind == IDENT_LOT || kind == IDENT_SEASON || kind == IDENT_CLASS)) {
                s->lo = TIME_MIN;
                s->hi = TIME_MAX;
        }
        if (node > 0 && !kind_joins(kind))
                s->how &= ~(unsigned)HOW_WALK;
}

/* Names the nodes that were found since the last time, many to a question. */
static int name_nodes(struct walk *w)
{
        struct item_named some[256];
        while (w->n_named < w->n_nodes) {
                uint32_t n = 0;
                for (; n < 256 && w->n_named + n < w->n_nodes; n++)
                        some[n].item = w->nodes[w->n_named + n].item;
                if (reader_item_names(w->r, w->a, w->org, some, n, w->err) < 0)
                        return -1;
                for (uint32_t i = 0; i < n; i++, w->n_named++) {
                        if (!some[i].name.p)
                                return err_set(w->err, ERR_INTERNAL, "item %lld has no name", (long long)some[i].item);
                        w->nodes[w->n_named].id = some[i].name;
                        w->nodes[w->n_named].kind = (uint8_t)some[i].kind;
                        settle(w, w->n_named);
                }
        }
        return 0;
}

int walk_enter(struct walk *w, const struct entry *e, uint32_t *ret_node)
{
        uint32_t thing = thing_of(w, e->item);
        uint32_t n = w->things[thing].node;
        if (n == NOWHERE) {
                if (node_new(w, e, thing, &n) < 0)
                        return -1;
                if (n == NOWHERE) {
                        *ret_node = NOWHERE;
                        return 0;
                }
        }
        *ret_node = n;
        struct state *s = &w->states[n];
        struct state before = *s;
        s->how |= e->how;
        if (e->how != HOW_SHOWN) {      /* merely shown: nothing of its time is followed */
                s->lo = e->lo < s->lo ? e->lo : s->lo;
                s->hi = e->hi > s->hi ? e->hi : s->hi;
                s->until = e->until > s->until ? e->until : s->until;
        }
        if (w->nodes[n].kind != KIND_UNKNOWN)
                settle(w, n);
        if (s->how != before.how || s->lo < before.lo || s->hi > before.hi ||
            (s->until > before.until && w->things[thing].has_child_rows))
                enqueue(w, n);
        return 0;
}

static uint32_t edge_key(uint32_t from, uint32_t to, uint32_t event)
{
        return spread(((uint64_t)from << 32 | to) ^ (uint64_t)event * 0xC2B2AE3D27D4EB4Fu);
}

static void edge_slots_grow(struct walk *w)
{
        w->cap_edge_slots = w->cap_edge_slots ? w->cap_edge_slots * 4 : 256;
        w->edge_slots = arena_array(w->a, uint32_t, w->cap_edge_slots);
        for (uint32_t e = 0; e < w->n_edges; e++) {
                const struct trace_edge *x = &w->edges[e];
                uint32_t i = edge_key(x->from, x->to, x->event) & (w->cap_edge_slots - 1);
                while (w->edge_slots[i])
                        i = (i + 1) & (w->cap_edge_slots - 1);
                w->edge_slots[i] = e + 1;
        }
}

void walk_edge(struct walk *w, uint32_t from, uint32_t to, uint32_t event, const char *role)
{
        walk_list(w, event);
        if (w->n_edges * 2 >= w->cap_edge_slots)
                edge_slots_grow(w);
        uint32_t i = edge_key(from, to, event) & (w->cap_edge_slots - 1);
        for (; w->edge_slots[i]; i = (i + 1) & (w->cap_edge_slots - 1)) {
                struct trace_edge *x = &w->edges[w->edge_slots[i] - 1];
                if (x->from != from || x->to != to || x->event != event)
                        continue;
                if (x->role == TRACE_INPUT_AFTER)
                        x->role = role;
                return;
        }
        if (w->n_edges >= w->max_edges) {
                w->truncated = true;
                return;
        }
        w->edges = room(w->a, w->edges, w->n_edges, &w->cap_edges, sizeof *w->edges);
        w->edges[w->n_edges++] = (struct trace_edge){ from, to, event, role };
        w->edge_slots[i] = w->n_edges;
}

void walk_count(struct walk *w, uint32_t node, uint32_t event, uint32_t ref)
{
        struct seen *e = &w->seen[event];
        if (ref >= 64 && !e->counted_more)
                e->counted_more = arena_array(w->a, uint64_t, e->head.n_refs / 64);
        uint64_t *bits = ref < 64 ? &e->counted : &e->counted_more[ref / 64 - 1], bit = 1ull << ref % 64;
        if (*bits & bit)
                return;
        *bits |= bit;
        const struct event_ref *q = &e->head.refs[ref];
        struct state *s = &w->states[node];
        struct decimal d;
        if (!q->has_quantity || !decimal_read(q->quantity, &d)) {
                s->unsayable = true;
                return;
        }
        if (!s->summed) {
                s->summed = true;
                s->sum = d;
                s->uom = q->uom;
        } else if (!str_eq(s->uom, q->uom) || !decimal_add(s->sum, d, &s->sum)) {
                s->unsayable = true;
        }
}

/* ---- one node, and the walk ---- */

/* Lists the item's own events.  What was made from other parts of an ancestor (or from what else a product was
 * made) is not on the way: those rows are passed over unread, so a fertiliser used by all the district costs its rows only. */
static int list_rows(struct walk *w, uint32_t node)
{
        const struct state s = w->states[node];
        bool once = kind_used_once(w->nodes[node].kind);
        for (uint32_t i = 0; i < w->things[s.thing].n_rows; i++) {
                struct row row = w->things[s.thing].rows[i];
                if (w->dir == TRACE_BACK ? is_input(row.role) : is_output(row.role))
                        continue;
                if (!once && (row.time_us < s.lo || row.time_us > s.hi))
                        continue;
                if (w->dir == TRACE_BACK && is_child(row.role) && row.time_us > s.until)
                        continue;
                uint32_t e;
                if (walk_event(w, s.thing, i, &e) < 0)
                        return -1;
                walk_list(w, e);
        }
        return 0;
}

static int expand(struct walk *w, uint32_t node)
{
        struct thing *t = &w->things[w->states[node].thing];
        w->states[node].queued = false;
        if ((!t->rows && read_rows(w, t) < 0) || list_rows(w, node) < 0)
                return -1;
        unsigned how = w->states[node].how;
        if (how & HOW_WALK && (w->dir == TRACE_BACK ? walk_back(w, node) : walk_forward(w, node)) < 0)
                return -1;
        if (w->dir == TRACE_BACK && w->o.containers_too && how & HOW_CLIMB)
                return walk_climb(w, node);
        return 0;
}

static int walk_levels(struct walk *w, int64_t start)
{
        uint32_t node;
        struct entry e = { start, 0, TIME_MIN, TIME_MAX, TIME_MAX, HOW_LIST | HOW_WALK | HOW_CLIMB };
        if (walk_enter(w, &e, &node) < 0)
                return -1;
        for (uint32_t i = 0; i < w->n_queue;) {
                if (name_nodes(w) < 0)
                        return -1;
                for (uint32_t end = w->n_queue; i < end; i++)
                        if (expand(w, w->queue[i]) < 0)
                                return -1;
        }
        return name_nodes(w);
}

/* ---- the result ---- */

struct moment { int64_t time_us, seq; uint32_t at; };

static int by_moment(const void *x, const void *y)
{
        const struct moment *a = x, *b = y;
        if (a->time_us != b->time_us)
                return a->time_us < b->time_us ? -1 : 1;
        return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static void take_events(struct walk *w, struct trace *t)
{
        struct moment *order = arena_raw(w->a, (w->n_seen + 1) * sizeof *order);
        uint32_t *place = arena_raw(w->a, (w->n_seen + 1) * sizeof *place);
        uint32_t n = 0;
        for (uint32_t i = 0; i < w->n_seen; i++)
                if (w->seen[i].listed)
                        order[n++] = (struct moment){ w->seen[i].head.time_us, w->seen[i].head.seq, i };
        qsort(order, n, sizeof *order, by_moment);
        t->events = arena_raw(w->a, (n + 1) * sizeof *t->events);
        t->n_events = n;
        for (uint32_t i = 0; i < n; i++) {
                t->events[i] = w->seen[order[i].at].head;
                place[order[i].at] = i;
        }
        for (uint32_t i = 0; i < w->n_edges; i++)
                w->edges[i].event = place[w->edges[i].event];
}

static struct trace *take(struct walk *w)
{
        struct trace *t = arena_alloc(w->a, sizeof *t);
        take_events(w, t);
        for (uint32_t i = 0; i < w->n_nodes; i++) {
                struct trace_node *n = &w->nodes[i];
                const struct state *s = &w->states[i];
                n->from_us = s->lo;
                n->until_us = s->until;
                n->container = (s->how & HOW_CONTAINER) && !(s->how & HOW_WALK);
                if (s->summed && !s->unsayable) {
                        n->quantity = decimal_text(w->a, s->sum);
                        n->uom = s->uom;
                }
        }
        t->looked = arena_raw(w->a, (w->n_things + 1) * sizeof *t->looked);
        for (t->n_looked = 0; t->n_looked < w->n_things; t->n_looked++)
                t->looked[t->n_looked] = w->things[t->n_looked].item;
        t->item = w->nodes[0].id;
        t->direction = w->dir;
        t->nodes = w->nodes;
        t->n_nodes = w->n_nodes;
        t->edges = w->edges;
        t->n_edges = w->n_edges;
        t->truncated = w->truncated;
        return t;
}

int trace_walk(struct arena *a, struct reader *r, int64_t org, struct str canonical, enum trace_direction d,
               const struct trace_options *o, struct trace **ret, struct err *reterr)
{
        struct err here = { 0 };
        struct walk w = { .a = a, .r = r, .org = org, .dir = d, .err = reterr ? reterr : &here };
        if (o)
                w.o = *o;
        if (!w.o.max_nodes)
                w.o.max_nodes = LIMIT_TRACE_NODES;
        if (w.o.max_nodes > LIMIT_TRACE_NODES_MAX)
                w.o.max_nodes = LIMIT_TRACE_NODES_MAX;
        /* A season of a thousand inputs and a thousand harvests has a million edges; they tell nothing new. */
        w.max_edges = w.o.max_nodes < 1000 ? 20000 : w.o.max_nodes * 20;
        w.err->kind = ERR_NONE;
        int64_t item = reader_item(r, org, canonical, w.err);
        if (item <= 0)
                return w.err->kind != ERR_NONE ? -1
                       : err_set(reterr, ERR_NOT_FOUND, "no event names %.*s", STR_ARG(canonical));
        if (walk_levels(&w, item) < 0)
                return err_while(reterr, "tracing %.*s", STR_ARG(canonical));
        *ret = take(&w);
        return 0;
}
