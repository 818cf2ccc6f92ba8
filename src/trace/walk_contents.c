#include <stdlib.h>

#include "trace/walk_impl.h"

/* What was in a container, and when: from each ADD to the DELETE that took it out. */

/* What one event says of one child; `order` is the event's place in the container's own time. */
struct statement { int64_t child; uint32_t order, event, ref; };

static int by_child(const void *x, const void *y)
{
        const struct statement *a = x, *b = y;
        if (a->child != b->child)
                return a->child < b->child ? -1 : 1;
        return a->order < b->order ? -1 : a->order > b->order;
}

struct gather {
        struct statement *list;
        uint32_t n, cap;
        struct emptying { uint32_t order; int64_t at; } *emptyings;     /* DELETE without children: all out */
        uint32_t n_emptyings;
};

static void gather_children(struct walk *w, struct gather *g, uint32_t event, uint32_t order)
{
        const struct event_head *h = &w->seen[event].head;
        uint32_t before = g->n;
        while (g->n + h->n_refs > g->cap) {
                g->cap = g->cap ? g->cap * 2 : 64;
                struct statement *wide = arena_raw(w->a, g->cap * sizeof *wide);
                if (g->n)
                        memcpy(wide, g->list, g->n * sizeof *wide);
                g->list = wide;
        }
        for (uint32_t r = 0; r < h->n_refs; r++)
                if (is_child(h->refs[r].role))
                        g->list[g->n++] = (struct statement){ h->refs[r].item, order, event, r };
        if (g->n == before && h->action == ACTION_DELETE)
                g->emptyings[g->n_emptyings++] = (struct emptying){ order, h->time_us };
}

static int gather(struct walk *w, uint32_t thing, struct gather *g)
{
        *g = (struct gather){ 0 };
        g->emptyings = arena_raw(w->a, (w->things[thing].n_rows + 1) * sizeof *g->emptyings);
        for (uint32_t i = 0; i < w->things[thing].n_rows; i++) {
                uint32_t e;
                if (w->things[thing].rows[i].role != ROLE_PARENT)
                        continue;
                if (walk_event(w, thing, i, &e) < 0)
                        return -1;
                if (w->seen[e].head.type == EVENT_AGGREGATION && walk_holds(w, e))
                        gather_children(w, g, e, i);
        }
        if (g->n)
                qsort(g->list, g->n, sizeof *g->list, by_child);
        return 0;
}

/* The first emptying after `order`, or NULL. */
static const struct emptying *emptied_after(const struct gather *g, uint32_t order)
{
        uint32_t lo = 0, hi = g->n_emptyings;
        while (lo < hi) {
                uint32_t mid = (lo + hi) / 2;
                if (g->emptyings[mid].order <= order)
                        lo = mid + 1;
                else
                        hi = mid;
        }
        return lo < g->n_emptyings ? &g->emptyings[lo] : NULL;
}

/* How much of a quantity of a lot is still inside: a part taken out does not end the membership. */
struct inside { bool open, counted; struct decimal left; uint32_t order; };

static void put_in(struct inside *in, const struct event_ref *q, uint32_t order)
{
        struct decimal d;
        bool fits = q->has_quantity && decimal_read(q->quantity, &d);
        if (!in->open)
                *in = (struct inside){ .open = true, .counted = fits, .left = fits ? d : (struct decimal){ 0, 0 } };
        else if (!fits || !in->counted || !decimal_add(in->left, d, &in->left))
                in->counted = false;
        in->order = order;
}

/* True when nothing is left. */
static bool take_out(struct inside *in, const struct event_ref *q)
{
        struct decimal d;
        if (!in->counted || !q->has_quantity || !decimal_read(q->quantity, &d) || !decimal_sub(in->left, d, &in->left))
                return true;
        return in->left.mantissa <= 0;
}

/* The memberships of one child: statements [i, end), in time. */
static uint32_t sweep(struct walk *w, const struct gather *g, uint32_t i, uint32_t end, struct membership *out)
{
        struct inside in = { 0 };
        uint32_t n = 0, run = 0;        /* out[run..n) are open and end together */
        for (; i < end; i++) {
                const struct statement *s = &g->list[i];
                const struct event_head *h = &w->seen[s->event].head;
                const struct emptying *gone = in.open ? emptied_after(g, in.order) : NULL;
                if (gone && gone->order < s->order) {
                        while (run < n)
                                out[run++].to = gone->at;
                        in.open = false;
                }
                if (h->action == ACTION_DELETE) {
                        if (in.open && take_out(&in, &h->refs[s->ref])) {
                                while (run < n)
                                        out[run++].to = h->time_us;
                                in.open = false;
                        }
                        continue;
                }
                if (h->action == ACTION_OBSERVE && in.open)
                        continue;
                put_in(&in, &h->refs[s->ref], s->order);
                out[n++] = (struct membership){ s->child, h->time_us, TIME_MAX, s->event, s->ref };
        }
        const struct emptying *gone = in.open ? emptied_after(g, in.order) : NULL;
        while (gone && run < n)
                out[run++].to = gone->at;
        return n;
}

int walk_contents(struct walk *w, uint32_t thing)
{
        struct gather g;
        if (w->things[thing].contents_known)
                return 0;
        if (gather(w, thing, &g) < 0)
                return -1;
        struct membership *out = g.n ? arena_raw(w->a, g.n * sizeof *out) : NULL;
        uint32_t n = 0;
        for (uint32_t i = 0, end; i < g.n; i = end) {
                for (end = i + 1; end < g.n && g.list[end].child == g.list[i].child; end++)
                        ;
                n += sweep(w, &g, i, end, out + n);
        }
        w->things[thing].contents = out;
        w->things[thing].n_contents = n;
        w->things[thing].contents_known = true;
        return 0;
}

bool walk_membership(struct walk *w, uint32_t event, int64_t child, int64_t *ret_parent, struct membership *ret)
{
        const struct event_head *h = &w->seen[event].head;
        uint32_t thing;
        if (h->type != EVENT_AGGREGATION || !walk_holds(w, event))
                return false;
        *ret_parent = 0;
        for (size_t i = 0; i < h->n_refs && !*ret_parent; i++)
                if (h->refs[i].role == ROLE_PARENT)
                        *ret_parent = h->refs[i].item;
        if (!*ret_parent || walk_thing(w, *ret_parent, &thing) < 0 || walk_contents(w, thing) < 0)
                return false;
        const struct thing *t = &w->things[thing];
        uint32_t lo = 0, hi = t->n_contents;
        while (lo < hi) {
                uint32_t mid = (lo + hi) / 2;
                if (t->contents[mid].child < child)
                        lo = mid + 1;
                else
                        hi = mid;
        }
        for (; lo < t->n_contents && t->contents[lo].child == child; lo++)
                if (t->contents[lo].event == event) {
                        *ret = t->contents[lo];
                        return true;
                }
        return false;
}
