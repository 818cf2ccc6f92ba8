#include <stdlib.h>

#include "trace/story_impl.h"
#include "trace/walk_impl.h"

/* Which events of the walk belong to the story, and in whose name. */

uint32_t story_node(const struct teller *t, int64_t item)
{
        uint32_t i = index_map_get(&t->by_item, item);
        return i;
}

/* Looks at every edge once: what an event did for this item. */
static void read_edges(struct teller *t)
{
        for (size_t i = 0; i < t->t->n_edges; i++) {
                const struct trace_edge *e = &t->t->edges[i];
                struct part *p = &t->parts[e->event];
                p->after |= e->role == TRACE_INPUT_AFTER;
                p->output |= e->role == TRACE_TRANSFORMATION;
                if (e->role != TRACE_INPUT)
                        continue;
                int64_t season = walk_transformation(&t->t->events[e->event]);
                uint32_t s = season ? story_node(t, season) : UINT32_MAX;
                bool on_crop = s != UINT32_MAX && t->t->nodes[s].kind == IDENT_SEASON;
                p->input |= on_crop;
                p->plain |= !on_crop;
                t->used_on_crop[e->from] |= on_crop;
        }
}

/* The way itself: the item, what it was made of, their seasons, and what carried them.  What was used on a crop (and
 * how that was made) is told as a use, not as a life of its own.  Depth grows along back edges, so sweeps settle it. */
static void find_main(struct teller *t)
{
        bool again = true;
        t->main[0] = true;
        while (again) {
                again = false;
                for (size_t i = 0; i < t->t->n_edges; i++) {
                        const struct trace_edge *e = &t->t->edges[i];
                        uint32_t on = e->to, off = e->from;
                        if (e->role == TRACE_AGGREGATION && t->t->nodes[e->to].container) {
                                on = e->from;
                                off = e->to;
                        }
                        bool leads = e->role == TRACE_TRANSFORMATION || e->role == TRACE_AGGREGATION ||
                                     (e->role == TRACE_INPUT && t->parts[e->event].plain);
                        if (leads && t->main[on] && !t->main[off])
                                again = t->main[off] = true;
                }
        }
}

/* The node that an event is about: one on the main way; a container only if nothing nearer. */
static uint32_t subject(const struct teller *t, const struct event_head *h)
{
        uint32_t best = UINT32_MAX;
        for (size_t i = 0; i < h->n_refs; i++) {
                uint32_t n = story_node(t, h->refs[i].item);
                if (n == UINT32_MAX)
                        continue;
                if (best == UINT32_MAX || (t->main[n] && !t->main[best]) ||
                    (t->main[n] == t->main[best] && t->t->nodes[best].container && !t->t->nodes[n].container))
                        best = n;
        }
        return best;
}

static bool told_of_ancestors(enum story_kind k)
{
        return k == STORY_TEST || k == STORY_HOLD || k == STORY_RELEASE || k == STORY_RECALL || k == STORY_DESTROY ||
               k == STORY_CERTIFICATE;
}

/* Does this event belong to the story of this item? */
static bool belongs(const struct teller *t, size_t event, uint32_t node, enum story_kind k)
{
        const struct event_head *h = &t->t->events[event];
        const struct part *p = &t->parts[event];
        if (h->error_declaration)
                return false;
        if (k == STORY_HOLD || k == STORY_RELEASE || k == STORY_RECALL)
                return true;            /* also of what was used on the crop */
        if (!t->main[node])
                return p->input;
        if (h->type == EVENT_TRANSFORMATION)
                return p->input || p->output || p->plain || h->declared_wrong;
        if (node == 0 || told_of_ancestors(k))
                return true;
        return h->time_us <= t->t->nodes[node].until_us;
}

static struct story_entry *entry_new(struct teller *t)
{
        struct story *s = t->s;
        if (s->n_entries == t->cap_entries) {
                size_t cap = t->cap_entries ? t->cap_entries * 2 : 64;
                struct story_entry *wide = arena_raw(t->a, cap * sizeof *wide);
                if (s->n_entries)
                        memcpy(wide, s->entries, s->n_entries * sizeof *wide);
                s->entries = wide;
                t->cap_entries = cap;
        }
        s->entries[s->n_entries] = (struct story_entry){ 0 };
        return &s->entries[s->n_entries];
}

static int64_t season_of(const struct teller *t, const struct event_head *h, uint32_t node)
{
        int64_t id = walk_transformation(h);
        uint32_t n = id ? story_node(t, id) : node;
        return n != UINT32_MAX && t->t->nodes[n].kind == IDENT_SEASON ? t->t->nodes[n].item : 0;
}

static int tell_event(struct teller *t, size_t i)
{
        const struct event_head *h = &t->t->events[i];
        struct event e = { 0 };
        uint32_t node = subject(t, h);
        if (node == UINT32_MAX)
                return 0;
        const struct part *p = &t->parts[i];
        if (h->type == EVENT_TRANSFORMATION && !p->input && !p->output && !p->plain && !h->declared_wrong)
                return 0;               /* another harvest of the same season: not read at all */
        if (!story_read(t, h, &e))
                return -1;
        int64_t season = season_of(t, h, node);
        enum story_kind k = story_kind_of(h, &e, season != 0);
        if (k == STORY_OTHER || !belongs(t, i, node, k))
                return 0;
        struct story_entry *x = entry_new(t);
        *x = (struct story_entry){ .kind = k, .time_us = h->time_us, .event_id = h->event_id, .node = node, .event = (uint32_t)i,
                                   .season = season, .declared_wrong = h->declared_wrong };
        if (!story_fill(t, h, &e, x))
                return -1;
        t->s->n_entries++;
        return 0;
}

static const struct story_name *producer(const struct teller *t)
{
        const struct story_name *any = NULL;
        for (size_t i = 0; i < t->s->n_entries; i++) {
                const struct story_entry *x = &t->s->entries[i];
                if (x->org && x->kind == STORY_HARVEST && !x->declared_wrong)
                        return x->org;
                if (x->org && !any)
                        any = x->org;
        }
        return any;
}

static const struct story_name *crop_place(const struct teller *t)
{
        for (size_t i = 0; i < t->s->n_entries; i++) {
                const struct story_entry *x = &t->s->entries[i];
                if (x->season && x->place && x->place->named)
                        return x->place;
        }
        return NULL;
}

int story_tell(struct arena *a, struct reader *r, int64_t org, const struct trace *t, const struct origins *own,
               struct story **ret, struct err *reterr)
{
        struct err here = { 0 };
        struct story *s = arena_alloc(a, sizeof *s);
        struct teller w = { .a = a, .r = r, .org = org, .err = reterr ? reterr : &here, .t = t, .s = s, .origins = own };
        w.parts = arena_array(a, struct part, t->n_events + 1);
        w.main = arena_array(a, bool, t->n_nodes + 1);
        w.used_on_crop = arena_array(a, bool, t->n_nodes + 1);
        for (uint32_t i = 0; i < t->n_nodes; i++)
                index_map_put(a, &w.by_item, t->nodes[i].item, i);
        s->trace = t;
        read_edges(&w);
        find_main(&w);
        for (size_t i = 0; i < t->n_events; i++)
                if (tell_event(&w, i) < 0)
                        return err_while(reterr, "telling of %.*s", STR_ARG(t->item));
        s->item = story_name(&w, t->item);
        s->producer = producer(&w);
        if (!s->producer)
                s->producer = story_owner(&w, t->item);
        s->crop_place = crop_place(&w);
        story_judge(&w);
        if (w.broken)
                return err_while(reterr, "telling of %.*s", STR_ARG(t->item));
        *ret = s;
        return 0;
}
