#include "base/clock.h"
#include "epcis/event.h"
#include "trace/trace.h"
#include "trace/words.h"

/* For the terminal: the way as a tree, each thing once, under what it was first reached from; then the events by time. */

enum { INDENT_MAX = 24, NAME_COLUMNS = 64 };

/* Columns on a terminal: CJK and full-width forms take two. */
static size_t columns(struct str s)
{
        size_t n = 0;
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                if ((c & 0xC0) == 0x80)
                        continue;
                unsigned char d = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
                bool wide = (c >= 0xE3 && c <= 0xED) || (c == 0xE2 && d >= 0xBA) || c == 0xF0 ||
                            (c == 0xEF && (d >= 0xA4 && d <= 0xBE));
                n += wide ? 2 : 1;
        }
        return n;
}

static void pad(struct buf *b, size_t from, size_t to)
{
        for (buf_z(b, "  "); from < to; from++)
                buf_char(b, ' ');
}

/* First child and next sibling of each node in the tree of first edges. */
struct tree { uint32_t *child, *sibling; const struct trace_edge **by; };
#define NONE UINT32_MAX

static struct tree tree_of(struct arena *a, const struct trace *t)
{
        struct tree r = { arena_raw(a, (t->n_nodes + 1) * sizeof(uint32_t)),
                          arena_raw(a, (t->n_nodes + 1) * sizeof(uint32_t)),
                          arena_array(a, const struct trace_edge *, t->n_nodes + 1) };
        uint32_t *last = arena_raw(a, (t->n_nodes + 1) * sizeof *last);
        for (size_t i = 0; i < t->n_nodes; i++)
                r.child[i] = r.sibling[i] = last[i] = NONE;
        for (size_t i = 0; i < t->n_edges; i++) {
                const struct trace_edge *e = &t->edges[i];
                bool down = t->nodes[e->from].depth > t->nodes[e->to].depth;
                uint32_t over = down ? e->to : e->from, under = down ? e->from : e->to;
                if (under == 0 || r.by[under] || t->nodes[over].depth >= t->nodes[under].depth)
                        continue;
                r.by[under] = e;
                if (last[over] == NONE)
                        r.child[over] = under;
                else
                        r.sibling[last[over]] = under;
                last[over] = under;
        }
        return r;
}

static void write_node(struct buf *b, struct buf *line, const struct trace *t, const struct tree *tree, uint32_t n,
                       enum lang l)
{
        const struct trace_node *x = &t->nodes[n];
        buf_z(line, trace_word_kind(x->kind, l));
        buf_char(line, ' ');
        struct str gs1 = STR("https://id.gs1.org");
        buf_str(line, str_starts(x->id, gs1) ? str_from(x->id, gs1.n) : x->id);
        buf_str(b, buf_view(line));
        if (tree->by[n]) {
                const struct event_head *e = &t->events[tree->by[n]->event];
                struct civil c = civil_of(e->time_us, e->offset_min);
                pad(b, columns(buf_view(line)), NAME_COLUMNS);
                buf_printf(b, "%04d-%02d-%02d %02d:%02d  ", c.year, c.month, c.day, c.hour, c.minute);
                buf_z(b, trace_word_role(tree->by[n]->role, l));
        } else if (x->quantity.p) {
                pad(b, columns(buf_view(line)), NAME_COLUMNS);
        }
        if (x->quantity.p) {
                buf_z(b, "  ");
                buf_str(b, x->quantity);
                buf_char(b, ' ');
                buf_str(b, x->uom.n ? x->uom : str_of(trace_word(TRACE_WORD_PIECES, l)));
        }
        buf_char(b, '\n');
}

/* Depth first with a stack of our own: a chain may be ten thousand long. */
static void write_tree(struct arena *a, struct buf *b, const struct trace *t, const struct tree *tree, enum lang l)
{
        uint32_t *stack = arena_raw(a, (t->n_nodes + 1) * sizeof *stack);
        size_t depth = 0;
        struct buf line;
        buf_init(&line, 4096);
        stack[depth++] = 0;
        while (depth > 0) {
                uint32_t n = stack[depth - 1];
                buf_clear(&line);
                if (depth > INDENT_MAX)
                        buf_printf(&line, "… %zu ", depth - 1);
                for (size_t i = 1; i < depth && depth <= INDENT_MAX; i++) {
                        bool last = tree->sibling[stack[i]] == NONE;
                        buf_z(&line, i + 1 < depth ? (last ? "   " : "│  ") : (last ? "└─ " : "├─ "));
                }
                write_node(b, &line, t, tree, n, l);
                if (tree->child[n] != NONE) {
                        stack[depth++] = tree->child[n];
                        continue;
                }
                while (depth > 0 && tree->sibling[stack[depth - 1]] == NONE)
                        depth--;
                if (depth > 0)
                        stack[depth - 1] = tree->sibling[stack[depth - 1]];
        }
        buf_free(&line);
}

static void write_events(struct buf *b, const struct trace *t, enum lang l)
{
        for (size_t i = 0; i < t->n_events; i++) {
                const struct event_head *e = &t->events[i];
                struct civil c = civil_of(e->time_us, e->offset_min);
                struct str step = e->biz_step.n ? e->biz_step : STR("-");
                struct str voc = STR(SUYUAN_VOC);
                step = str_starts(step, voc) ? str_from(step, voc.n) : step;
                buf_printf(b, "%04d-%02d-%02d %02d:%02d  %-19s  ", c.year, c.month, c.day, c.hour, c.minute,
                           event_type_name(e->type));
                buf_str(b, step);
                pad(b, columns(step), 24);
                buf_str(b, e->event_id);
                if (e->declared_wrong || e->error_declaration)
                        buf_printf(b, "  (%s)", trace_word(TRACE_WORD_WRONG, l));
                buf_char(b, '\n');
        }
}

void trace_text_in(struct buf *b, const struct trace *t, const struct origins *own, enum lang l)
{
        struct arena *a = arena_new();
        struct tree tree = tree_of(a, t);
        buf_z(b, trace_word(t->direction == TRACE_BACK ? TRACE_WORD_BACK : TRACE_WORD_FORWARD, l));
        buf_z(b, "  ");
        buf_str(b, ident_uri(a, t->item, own));
        buf_z(b, "\n\n");
        write_tree(a, b, t, &tree, l);
        buf_printf(b, "\n%zu %s · %zu %s · %zu %s\n", t->n_nodes, trace_word(TRACE_WORD_NODES, l), t->n_edges,
                   trace_word(TRACE_WORD_EDGES, l), t->n_events, trace_word(TRACE_WORD_EVENTS, l));
        if (t->truncated)
                buf_printf(b, "%s\n", trace_word(TRACE_WORD_TRUNCATED, l));
        buf_char(b, '\n');
        write_events(b, t, l);
        arena_free(a);
}

void trace_text(struct buf *b, const struct trace *t, const struct origins *own)
{
        trace_text_in(b, t, own, LANG_HANS);
}
