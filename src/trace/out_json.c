#include "base/json.h"
#include "trace/trace.h"

/* The form that scripts rely on: see docs/ref/trace.md.  Names go out as full URIs. */

static void member(struct buf *b, const char *name, struct str value)
{
        buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, value);
}

static void write_node(struct buf *b, const struct trace_node *n, struct str uri)
{
        buf_z(b, "{\"id\":");
        json_write_str(b, uri);
        member(b, "kind", str_of(ident_kind_name(n->kind)));
        buf_z(b, ",\"depth\":");
        buf_u64(b, n->depth);
        if (n->quantity.p) {
                buf_z(b, ",\"quantity\":");
                buf_str(b, n->quantity);        /* plain decimal text is a JSON number */
                if (n->uom.n)
                        member(b, "uom", n->uom);
        }
        buf_char(b, '}');
}

static void write_edge(struct buf *b, const struct trace *t, const struct trace_edge *e, const struct str *uris)
{
        buf_z(b, "{\"from\":");
        json_write_str(b, uris[e->from]);
        member(b, "to", uris[e->to]);
        member(b, "event", t->events[e->event].event_id);
        member(b, "role", str_of(e->role));
        buf_char(b, '}');
}

/* An error declaration bears its target's eventID and time: one name, one mention. */
static bool mentioned(const struct trace *t, size_t i)
{
        const struct event_head *e = &t->events[i];
        for (size_t j = i; e->error_declaration && j-- > 0 && t->events[j].time_us == e->time_us;)
                if (str_eq(t->events[j].event_id, e->event_id))
                        return true;
        return false;
}

static void write_events(struct buf *b, const struct trace *t)
{
        const char *between = "";
        for (size_t i = 0; i < t->n_events; i++) {
                if (mentioned(t, i))
                        continue;
                buf_z(b, between);
                json_write_str(b, t->events[i].event_id);
                between = ",";
        }
}

void trace_json(struct buf *b, const struct trace *t, const struct origins *own)
{
        struct arena *a = arena_new();
        struct str *uris = arena_array(a, struct str, t->n_nodes + 1);
        for (size_t i = 0; i < t->n_nodes; i++)
                uris[i] = ident_uri(a, t->nodes[i].id, own);
        buf_z(b, "{\"item\":");
        json_write_str(b, ident_uri(a, t->item, own));
        member(b, "direction", t->direction == TRACE_BACK ? STR("back") : STR("forward"));
        buf_z(b, ",\"nodes\":[");
        for (size_t i = 0; i < t->n_nodes; i++) {
                buf_z(b, i ? "," : "");
                write_node(b, &t->nodes[i], uris[i]);
        }
        buf_z(b, "],\"edges\":[");
        for (size_t i = 0; i < t->n_edges; i++) {
                buf_z(b, i ? "," : "");
                write_edge(b, t, &t->edges[i], uris);
        }
        buf_z(b, "],\"events\":[");
        write_events(b, t);
        buf_z(b, "],\"truncated\":");
        buf_z(b, t->truncated ? "true}" : "false}");
        arena_free(a);
}
