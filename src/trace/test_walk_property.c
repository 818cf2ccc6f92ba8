#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "trace/fake_reader.h"
#include "trace/trace.h"

/* Random small worlds, walked by trace_walk and by a naive model that reads every event again for every thing until
 * nothing changes.  The model says the rules in the plainest way; it knows no rows, maps, queues or caches. */

enum { ITEMS = 14, EVENTS = 26, WORLDS = 1500, FAR = 1000 };

struct model {
        const struct reader *f;
        bool back, containers;
        struct { bool node, list, walk, container, climb; int64_t lo, hi, until; } at[ITEMS + 1];
        bool edge[ITEMS + 1][ITEMS + 1][EVENTS + 1];
        const char *role[ITEMS + 1][ITEMS + 1][EVENTS + 1];
        bool listed[EVENTS + 1];
        bool changed;
};

static uint64_t seed;
static uint32_t pick(uint32_t n)
{
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return (uint32_t)(seed >> 33) % n;
}

/* ---- the world ---- */

static const int KINDS[] = { IDENT_LOT, IDENT_LOT, IDENT_LOT, IDENT_LOT, IDENT_ITEM, IDENT_ITEM, IDENT_UNIT, IDENT_UNIT,
                             IDENT_UNIT, IDENT_OTHER, IDENT_SEASON, IDENT_SEASON, IDENT_CLASS, IDENT_LOT };

static int64_t thing_not_season(void)
{
        int64_t i;
        do
                i = 1 + pick(ITEMS);
        while (KINDS[i - 1] == IDENT_SEASON);
        return i;
}

static void random_transformation(struct reader *f)
{
        int64_t e = fake_event(f, EVENT_TRANSFORMATION, ACTION_NONE, pick(20));
        bool partial = pick(2);
        int side = (int)pick(3);
        for (uint32_t n = 1 + pick(2); n-- && (!partial || side != 0);)
                fake_ref(f, e, ROLE_INPUT_QUANTITY, thing_not_season(), "1", "KGM");
        for (uint32_t n = 1 + pick(2); n-- && (!partial || side != 1);)
                fake_ref(f, e, ROLE_OUTPUT_QUANTITY, thing_not_season(), "1", "KGM");
        if (partial)
                fake_ref(f, e, ROLE_TRANSFORMATION, 11 + pick(2), NULL, NULL);
}

static void random_aggregation(struct reader *f)
{
        static const enum event_action actions[] = { ACTION_ADD, ACTION_ADD, ACTION_DELETE, ACTION_OBSERVE };
        int64_t e = fake_event(f, EVENT_AGGREGATION, actions[pick(4)], pick(20));
        fake_ref(f, e, ROLE_PARENT, pick(5) ? 7 + pick(3) : thing_not_season(), NULL, NULL);
        for (uint32_t n = pick(3); n--;)
                fake_ref(f, e, ROLE_CHILD, thing_not_season(), NULL, NULL);
}

static struct reader *random_world(struct arena *a)
{
        struct reader *f = fake_new(a);
        for (int i = 0; i < ITEMS; i++)
                fake_item(f, arena_cstr(a, arena_printf(a, "i%d", i + 1)), KINDS[i]);
        for (int i = 0; i < EVENTS; i++) {
                uint32_t what = pick(10);
                if (what < 5)
                        random_transformation(f);
                else if (what < 8)
                        random_aggregation(f);
                else
                        fake_ref(f, fake_event(f, EVENT_OBJECT, ACTION_OBSERVE, pick(20)), ROLE_EPC, 1 + pick(ITEMS),
                                 NULL, NULL);
                f->events[i]->head.declared_wrong = pick(12) == 0;
        }
        return f;
}

/* ---- the model ---- */

static bool in(uint8_t r) { return r == ROLE_INPUT || r == ROLE_INPUT_QUANTITY; }
static bool out(uint8_t r) { return r == ROLE_OUTPUT || r == ROLE_OUTPUT_QUANTITY; }
static bool child(uint8_t r) { return r == ROLE_CHILD || r == ROLE_CHILD_QUANTITY; }

static const struct event_head *ev(const struct model *m, int e) { return &m->f->events[e - 1]->head; }
static bool holds(const struct model *m, int e) { return !ev(m, e)->declared_wrong; }
static int kind(int i) { return KINDS[i - 1]; }
static bool whole(int i) { return kind(i) == IDENT_LOT || kind(i) == IDENT_SEASON || kind(i) == IDENT_CLASS; }
static bool once(int i) { return whole(i) || kind(i) == IDENT_ITEM; }

static bool has(const struct model *m, int e, int item, bool (*role)(uint8_t))
{
        for (size_t r = 0; r < ev(m, e)->n_refs; r++)
                if (ev(m, e)->refs[r].item == item && role(ev(m, e)->refs[r].role))
                        return true;
        return false;
}
static bool is_tid(uint8_t r) { return r == ROLE_TRANSFORMATION; }
static bool is_parent(uint8_t r) { return r == ROLE_PARENT; }

static int tid(const struct model *m, int e)
{
        for (int i = 1; i <= ITEMS; i++)
                if (has(m, e, i, is_tid))
                        return i;
        return 0;
}

#define RAISE(field, value) do { if (!(field)) { (field) = (value); m->changed |= (value); } } while (0)

enum { SHOW = 0, LIST = 1, CONTAINER = 2, WALK = 4, CLIMB = 8 };

static void enter(struct model *m, int i, int64_t lo, int64_t hi, int64_t until, unsigned how, bool start)
{
        if (kind(i) == IDENT_CLASS && !start)
                how &= ~(unsigned)WALK;
        RAISE(m->at[i].node, true);
        RAISE(m->at[i].list, (how & LIST) != 0);
        RAISE(m->at[i].container, (how & CONTAINER) != 0);
        RAISE(m->at[i].walk, (how & WALK) != 0);
        RAISE(m->at[i].climb, (how & CLIMB) != 0);
        if (how == SHOW)
                return;
        lo = whole(i) ? INT64_MIN : lo;
        hi = whole(i) ? INT64_MAX : hi;
        m->changed |= lo < m->at[i].lo || hi > m->at[i].hi || until > m->at[i].until;
        m->at[i].lo = lo < m->at[i].lo ? lo : m->at[i].lo;
        m->at[i].hi = hi > m->at[i].hi ? hi : m->at[i].hi;
        m->at[i].until = until > m->at[i].until ? until : m->at[i].until;
}

static void link(struct model *m, int from, int to, int e, const char *role)
{
        if (from == to)
                return;
        if (!m->edge[from][to][e] || strcmp(m->role[from][to][e], "input-after") == 0) {
                m->changed |= !m->edge[from][to][e] || strcmp(m->role[from][to][e], role) != 0;
                m->role[from][to][e] = role;
        }
        m->edge[from][to][e] = m->listed[e] = true;
}

/* a comes before b in a container's own time */
static bool before(const struct model *m, int a, int b)
{
        return ev(m, a)->time_us < ev(m, b)->time_us || (ev(m, a)->time_us == ev(m, b)->time_us && a < b);
}

static bool about(const struct model *m, int e, int parent)
{
        return ev(m, e)->type == EVENT_AGGREGATION && holds(m, e) && has(m, e, parent, is_parent);
}

static bool childless(const struct model *m, int e)
{
        for (int i = 1; i <= ITEMS; i++)
                if (has(m, e, i, child))
                        return false;
        return true;
}

static bool takes_out(const struct model *m, int e, int parent, int c)
{
        return about(m, e, parent) && ev(m, e)->action == ACTION_DELETE && (has(m, e, c, child) || childless(m, e));
}

/* When `c` left `parent` after event e put it in. */
static int64_t left_at(const struct model *m, int e, int parent, int c)
{
        int first = 0;
        for (int d = 1; d <= EVENTS; d++)
                if (takes_out(m, d, parent, c) && before(m, e, d) && (!first || before(m, d, first)))
                        first = d;
        return first ? ev(m, first)->time_us : INT64_MAX;
}

static bool inside_before(const struct model *m, int e, int parent, int c)
{
        for (int a = 1; a <= EVENTS; a++) {
                if (!about(m, a, parent) || ev(m, a)->action == ACTION_DELETE || !has(m, a, c, child) || !before(m, a, e))
                        continue;
                bool gone = false;
                for (int d = 1; d <= EVENTS; d++)
                        gone |= takes_out(m, d, parent, c) && before(m, a, d) && before(m, d, e);
                if (!gone)
                        return true;
        }
        return false;
}

/* Does event e begin a membership?  An observation does only where nothing was known. */
static bool begins(const struct model *m, int e, int parent, int c)
{
        if (!about(m, e, parent) || !has(m, e, c, child) || ev(m, e)->action == ACTION_DELETE)
                return false;
        return ev(m, e)->action == ACTION_ADD || !inside_before(m, e, parent, c);
}

static void list_own(struct model *m, int i)
{
        for (int e = 1; e <= EVENTS; e++) {
                int64_t t = ev(m, e)->time_us;
                for (size_t r = 0; r < ev(m, e)->n_refs; r++) {
                        uint8_t role = ev(m, e)->refs[r].role;
                        if (ev(m, e)->refs[r].item != i || (m->back ? in(role) : out(role)))
                                continue;
                        if (!once(i) && (t < m->at[i].lo || t > m->at[i].hi))
                                continue;
                        if (m->back && child(role) && t > m->at[i].until)
                                continue;
                        m->listed[e] = true;
                }
        }
}

static void into(struct model *m, int e, int to, bool after)
{
        int64_t t = ev(m, e)->time_us;
        for (int i = 1; i <= ITEMS && holds(m, e); i++)
                if (i != to && has(m, e, i, in)) {
                        enter(m, i, t, t, t, after ? SHOW : LIST | WALK | CLIMB, false);
                        link(m, i, to, e, after ? "input-after" : "input");
                }
}

static void back_one(struct model *m, int i)
{
        for (int s = 1; s <= ITEMS; s++) {              /* by each transformationID */
                int64_t last = INT64_MIN;
                for (int e = 1; e <= EVENTS; e++)
                        if (holds(m, e) && has(m, e, i, out) && tid(m, e) == s &&
                            (once(i) || ev(m, e)->time_us <= m->at[i].hi)) {
                                last = ev(m, e)->time_us > last ? ev(m, e)->time_us : last;
                                enter(m, s, INT64_MIN, INT64_MAX, ev(m, e)->time_us, LIST, false);
                                link(m, s, i, e, "transformation");
                        }
                for (int e = 1; e <= EVENTS; e++)
                        if (tid(m, e) == s && (last > INT64_MIN || s == i))
                                into(m, e, i, s != i && ev(m, e)->time_us > last);
        }
        for (int e = 1; e <= EVENTS; e++)
                if (holds(m, e) && has(m, e, i, out) && !tid(m, e) && (once(i) || ev(m, e)->time_us <= m->at[i].hi))
                        into(m, e, i, false);
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

/* Contents of container i, or the containers of i. */
static void containers_one(struct model *m, int i, bool down)
{
        for (int e = 1; e <= EVENTS; e++)
                for (int j = 1; j <= ITEMS; j++) {
                        int parent = down ? i : j, c = down ? j : i;
                        if (!begins(m, e, parent, c))
                                continue;
                        int64_t from = ev(m, e)->time_us, to = left_at(m, e, parent, c);
                        if (from > m->at[i].hi || to < m->at[i].lo || (m->back && !down && from > m->at[i].until))
                                continue;
                        if (i == j)
                                continue;
                        int64_t lo = most(from, m->at[i].lo), hi = least(to, m->at[i].hi);
                        if (down)
                                enter(m, j, lo, hi, hi, LIST | WALK, false);
                        else if (m->back)
                                enter(m, j, lo, hi, hi, LIST | CONTAINER | CLIMB, false);
                        else
                                enter(m, j, lo, hi, INT64_MAX, LIST | WALK, false);
                        link(m, c, parent, e, "aggregation");
                }
}

static void outof(struct model *m, int e, int from, int because, int season)
{
        for (int o = 1; o <= ITEMS && holds(m, e); o++)
                if (has(m, e, o, out) && o != from) {
                        enter(m, o, ev(m, e)->time_us, INT64_MAX, INT64_MAX, LIST | WALK, false);
                        if (because)
                                link(m, from, o, because, "input");
                        if (season)
                                link(m, season, o, e, "transformation");
                }
}

static void forward_one(struct model *m, int i)
{
        for (int e = 1; e <= EVENTS; e++) {
                int64_t t = ev(m, e)->time_us;
                if (tid(m, e) == i)
                        outof(m, e, i, 0, i);
                if (!holds(m, e) || !has(m, e, i, in) || (!once(i) && (t < m->at[i].lo || t > m->at[i].hi)))
                        continue;
                int s = tid(m, e);
                if (!s) {
                        outof(m, e, i, e, 0);
                        continue;
                }
                enter(m, s, INT64_MIN, INT64_MAX, INT64_MAX, LIST, false);
                link(m, i, s, e, "input");
                for (int x = 1; x <= EVENTS; x++)
                        if (tid(m, x) == s && ev(m, x)->time_us >= t)
                                outof(m, x, i, e, s);
        }
}

static void model_run(struct model *m, int start)
{
        for (int i = 1; i <= ITEMS; i++) {
                m->at[i].lo = INT64_MAX;
                m->at[i].hi = m->at[i].until = INT64_MIN;
        }
        enter(m, start, INT64_MIN, INT64_MAX, INT64_MAX, LIST | WALK | CLIMB, true);
        do {
                m->changed = false;
                for (int i = 1; i <= ITEMS; i++) {
                        if (m->at[i].list)
                                list_own(m, i);
                        if (m->at[i].walk && m->back)
                                back_one(m, i);
                        if (m->at[i].walk && !m->back)
                                forward_one(m, i);
                        if (m->at[i].walk)
                                containers_one(m, i, m->back);
                        if (m->at[i].climb && m->back && m->containers)
                                containers_one(m, i, false);
                }
        } while (m->changed);
}

/* ---- the comparison ---- */

static void same(const struct model *m, const struct trace *t, int world)
{
        size_t nodes = 0, edges = 0, events = 0;
        for (int i = 1; i <= ITEMS; i++) {
                nodes += m->at[i].node;
                for (int j = 1; j <= ITEMS; j++)
                        for (int e = 1; e <= EVENTS; e++)
                                edges += m->edge[i][j][e];
        }
        for (int e = 1; e <= EVENTS; e++)
                events += m->listed[e];
        for (size_t i = 0; i < t->n_nodes; i++)
                if (!m->at[t->nodes[i].item].node)
                        fail_msg("world %d: node i%d is not in the model", world, (int)t->nodes[i].item);
        for (size_t i = 0; i < t->n_edges; i++) {
                int from = (int)t->nodes[t->edges[i].from].item, to = (int)t->nodes[t->edges[i].to].item;
                int e = (int)t->events[t->edges[i].event].seq;
                if (!m->edge[from][to][e] || strcmp(m->role[from][to][e], t->edges[i].role) != 0)
                        fail_msg("world %d: edge i%d -> i%d by %d as %s, model %s", world, from, to, e, t->edges[i].role,
                                 m->edge[from][to][e] ? m->role[from][to][e] : "none");
        }
        for (size_t i = 0; i < t->n_events; i++)
                if (!m->listed[t->events[i].seq])
                        fail_msg("world %d: event %d is not in the model", world, (int)t->events[i].seq);
        if (nodes != t->n_nodes || edges != t->n_edges || events != t->n_events)
                fail_msg("world %d: nodes %zu/%zu edges %zu/%zu events %zu/%zu", world, t->n_nodes, nodes, t->n_edges,
                         edges, t->n_events, events);
}

static size_t one_world(int world)
{
        struct arena *a = arena_new();
        seed = (uint64_t)world * 2654435761u + 17;
        struct reader *f = random_world(a);
        struct model *m = arena_alloc(a, sizeof *m);
        struct trace *t;
        int start = 1 + (int)pick(ITEMS);
        m->f = f;
        m->back = pick(2);
        m->containers = m->back && pick(2);
        struct trace_options o = { .containers_too = m->containers };
        struct str name = arena_printf(a, "i%d", start);
        model_run(m, start);
        assert_int_equal(trace_walk(a, f, ORG_DEFAULT, name, m->back ? TRACE_BACK : TRACE_FORWARD, &o, &t, NULL), 0);
        same(m, t, world);
        size_t n = t->n_nodes;
        arena_free(a);
        return n;
}

static void walks_agree_with_the_model(void **state)
{
        size_t nodes = 0;
        (void)state;
        for (int world = 0; world < WORLDS; world++)
                nodes += one_world(world);
        assert_true(nodes > WORLDS * 3);        /* the worlds are connected enough to say something */
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(walks_agree_with_the_model) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
