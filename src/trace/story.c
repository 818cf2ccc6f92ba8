#include <stdlib.h>

#include "base/limits.h"
#include "trace/story_impl.h"
#include "trace/walk_impl.h"

enum { STORY_BYTES = 64 * 1024 * 1024 };

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

static int64_t season_of(const struct teller *t, const struct event_head *h, uint32_t node)
{
        int64_t id = walk_transformation(h);
        uint32_t n = id ? story_node(t, id) : node;
        return n != UINT32_MAX && t->t->nodes[n].kind == IDENT_SEASON ? t->t->nodes[n].item : 0;
}

/* An event that may belong to the story, with where its body lies in the text that is parsed at once. */
struct chosen { uint32_t event, node; struct str context; };

static int read_excerpt(struct teller *t, int64_t seq, struct buf *all, struct str last_context, struct str *ret_context)
{
        struct str body;
        if (t->kept && excerpts_get(t->kept, t->scratch, t->org, seq, all, last_context, ret_context))
                return 0;
        if (reader_body(t->r, t->scratch, t->org, seq, &body, ret_context, t->err) < 0)
                return -1;
        size_t from = all->n;
        story_skim(all, body);
        if (t->kept && !all->overflow)
                excerpts_put(t->kept, t->org, seq, (struct str){ all->p + from, all->n - from }, *ret_context);
        return 0;
}

/* Reads the bodies of those events that may matter, one after the other, as one JSON array: to begin a parse costs as much
 * as a small event. */
static int read_bodies(struct teller *t, struct buf *all, struct chosen *list, size_t *ret_n)
{
        *ret_n = 0;
        buf_char(all, '[');
        for (uint32_t i = 0; i < t->t->n_events; i++) {
                const struct event_head *h = &t->t->events[i];
                const struct part *p = &t->parts[i];
                struct chosen c = { .event = i, .node = subject(t, h) };
                if (c.node == UINT32_MAX || h->error_declaration)
                        continue;
                if (h->type == EVENT_TRANSFORMATION && !p->input && !p->output && !p->plain && !h->declared_wrong)
                        continue;               /* another harvest of the same season: not read at all */
                if (*ret_n)
                        buf_char(all, ',');
                if (read_excerpt(t, h->seq, all, *ret_n ? list[*ret_n - 1].context : STR_NONE, &c.context) < 0)
                        return -1;
                list[(*ret_n)++] = c;
        }
        buf_char(all, ']');
        return all->overflow ? err_set(t->err, ERR_TOO_LARGE, "the story is too long to tell") : 0;
}

static int tell_event(struct teller *t, const struct chosen *c, const struct json *body)
{
        const struct event_head *h = &t->t->events[c->event];
        const struct context *context = story_context(t, c->context, body);
        struct parts p;
        int64_t season = season_of(t, h, c->node);
        story_parts(t, context, body, &p);
        enum story_kind k = story_kind_of(h, &p, season != 0);
        /* a step without a word of ours is told of the item itself: partners' events, whatever they call them */
        if (k == STORY_OTHER && (c->node != 0 || h->type == EVENT_AGGREGATION))
                return 0;
        if (!belongs(t, c->event, c->node, k))
                return 0;
        struct story_entry *x = &t->s->entries[t->s->n_entries];
        *x = (struct story_entry){ .kind = k, .time_us = h->time_us, .event_id = h->event_id, .node = c->node,
                                   .event = c->event, .season = season, .declared_wrong = h->declared_wrong };
        if (!story_fill(t, h, context, &p, x))
                return -1;
        t->s->n_entries++;
        return 0;
}

static int tell_events(struct teller *t)
{
        static const struct json_limits limits = { LIMIT_JSON_DEPTH + 1, LIMIT_JSON_NUMBER_BYTES, LIMIT_JSON_NODES };
        struct chosen *list = arena_raw(t->scratch, (t->t->n_events + 1) * sizeof *list);
        const struct json *bodies = NULL;
        struct buf all;
        size_t n;
        buf_init(&all, STORY_BYTES);
        int rc = read_bodies(t, &all, list, &n);
        if (rc == 0)
                rc = json_read(t->a, all.p, all.n, &limits, &bodies, t->err);
        buf_free(&all);
        t->s->entries = arena_raw(t->a, (n + 1) * sizeof *t->s->entries);
        for (size_t i = 0; rc == 0 && i < n; i++)
                rc = tell_event(t, &list[i], &bodies->items[i]);
        return rc;
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
               struct excerpts *kept, struct story **ret, struct err *reterr)
{
        struct err here = { 0 };
        struct story *s = arena_alloc(a, sizeof *s);
        struct teller w = { .a = a, .r = r, .org = org, .err = reterr ? reterr : &here, .t = t, .s = s, .origins = own, .kept = kept };
        w.parts = arena_array(a, struct part, t->n_events + 1);
        w.main = arena_array(a, bool, t->n_nodes + 1);
        w.used_on_crop = arena_array(a, bool, t->n_nodes + 1);
        for (uint32_t i = 0; i < t->n_nodes; i++)
                index_map_put(a, &w.by_item, t->nodes[i].item, i);
        s->trace = t;
        read_edges(&w);
        find_main(&w);
        w.scratch = arena_new();        /* bodies as text: gone when they are parsed */
        int rc = tell_events(&w);
        arena_free(w.scratch);
        if (rc < 0)
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
