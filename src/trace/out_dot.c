#include "trace/trace.h"

/* Graphviz: `suyuan trace ITEM --format dot | dot -Tsvg`.  Shape tells the kind, line style the role, so that a
 * print without colour says the same. */

static const char *shape(uint8_t kind)
{
        switch (kind) {
        case IDENT_LOT: return "box";
        case IDENT_ITEM: return "note";
        case IDENT_UNIT: return "box3d";
        case IDENT_SEASON: return "hexagon";
        case IDENT_PLACE: return "house";
        case IDENT_ORG: return "tab";
        case IDENT_CLASS: return "folder";
        case IDENT_DEVICE: return "component";
        default: return "ellipse";
        }
}

static void quoted(struct buf *b, struct str s)
{
        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] == '"' || s.p[i] == '\\')
                        buf_char(b, '\\');
                if ((unsigned char)s.p[i] >= 0x20)
                        buf_char(b, s.p[i]);
        }
}

/* What tells an item from its neighbours: the path without the host it shares with them. */
static struct str short_name(struct str canonical)
{
        struct str gs1 = STR("https://id.gs1.org");
        return str_starts(canonical, gs1) ? str_from(canonical, gs1.n) : canonical;
}

static void write_node(struct buf *b, const struct trace_node *n, size_t i, struct str uri)
{
        buf_printf(b, "  n%zu [shape=%s%s label=\"", i, shape(n->kind), i ? "" : " penwidth=3");
        quoted(b, str_of(ident_kind_name(n->kind)));
        buf_z(b, "\\n");
        quoted(b, short_name(n->id));
        if (n->quantity.p) {
                buf_z(b, "\\n");
                quoted(b, n->quantity);
                buf_char(b, ' ');
                quoted(b, n->uom);
        }
        buf_z(b, "\" tooltip=\"");
        quoted(b, uri);
        buf_z(b, "\"];\n");
}

static const char *style(const char *role)
{
        if (str_is(str_of(role), "input-after"))
                return "dashed";
        if (str_is(str_of(role), "transformation"))
                return "dotted";
        return str_is(str_of(role), "aggregation") ? "bold" : "solid";
}

void trace_dot(struct buf *b, const struct trace *t, const struct origins *own)
{
        struct arena *a = arena_new();
        buf_z(b, "digraph trace {\n  rankdir=LR;\n  node [fontname=\"Noto Sans CJK SC\" fontsize=10];\n"
                 "  edge [fontname=\"Noto Sans CJK SC\" fontsize=8];\n");
        for (size_t i = 0; i < t->n_nodes; i++)
                write_node(b, &t->nodes[i], i, ident_uri(a, t->nodes[i].id, own));
        for (size_t i = 0; i < t->n_edges; i++) {
                const struct trace_edge *e = &t->edges[i];
                buf_printf(b, "  n%u -> n%u [style=%s label=\"%s\" tooltip=\"", e->from, e->to, style(e->role), e->role);
                quoted(b, t->events[e->event].event_id);
                buf_z(b, "\"];\n");
        }
        if (t->truncated)
                buf_z(b, "  more [shape=plaintext label=\"…\"];\n");
        buf_z(b, "}\n");
        arena_free(a);
}
