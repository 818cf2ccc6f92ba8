#include "query/query_impl.h"

#include "epcis/context.h"

/* Extension fields of an event: by their full name under whatever prefix the event writes them, and at any depth with INNER. */

static const struct root { const char *word, *member, *below; } roots[] = {
#define FIELD(name, word, member, below) { word, member, below },
#include "query/fields.def"
#undef FIELD
};
enum {
#define FIELD(name, word, member, below) FIELD_##name,
#include "query/fields.def"
#undef FIELD
};

static const char *const operators[] = { "EQ_", "GT_", "GE_", "LT_", "LE_", "EXISTS_" };

bool field_name_read(struct str name, struct field *ret)
{
        struct str rest = STR_NONE;
        *ret = (struct field){ 0 };
        for (int i = 0; i <= COMPARE_EXISTS && !rest.p; i++)
                if (str_starts(name, str_of(operators[i]))) {
                        ret->op = (enum comparison)i;
                        rest = str_from(name, strlen(operators[i]));
                }
        if (!rest.p)
                return false;
        ret->inner = str_starts(rest, STR("INNER_"));
        if (ret->inner)
                rest = str_from(rest, strlen("INNER_"));
        while (!str_starts(rest, str_of(roots[ret->root].word)))
                ret->root++;
        ret->name = str_from(rest, strlen(roots[ret->root].word));
        /* Without a namespace only what stands inside an extension can be meant: anything else is a parameter written wrongly. */
        return ret->name.n && (ret->inner || memchr(ret->name.p, ':', ret->name.n));
}

struct str field_name_write(struct arena *a, const struct field *f)
{
        return arena_printf(a, "%s%s%s%.*s", operators[f->op], f->inner ? "INNER_" : "", roots[f->root].word, STR_ARG(f->name));
}

/* ---- values ---- */

static bool same(const struct query *q, struct arena *a, struct str asked, struct str told)
{
        struct decimal x, y;
        struct stamp s, t;
        struct ident i, k;
        if (str_eq(asked, told))
                return true;
        if (decimal_read(asked, &x) && decimal_read(told, &y))
                return decimal_cmp(x, y) == 0;
        if (stamp_read(asked, &s) && stamp_read(told, &t))
                return s.us == t.us;
        ident_read(a, asked, q->own, &i);
        if (i.source == IDENT_FROM_VERBATIM)
                return false;
        ident_read(a, told, q->own, &k);
        return str_eq(i.canonical, k.canonical);
}

/* Numbers by size, times by instant; what is neither has no order. */
static bool ordered(enum comparison op, struct str asked, struct str told)
{
        struct decimal x, y;
        struct stamp s, t;
        if (decimal_read(asked, &x) && decimal_read(told, &y))
                return order_fits(op, decimal_cmp(y, x));
        if (stamp_read(asked, &s) && stamp_read(told, &t))
                return order_fits(op, (t.us > s.us) - (t.us < s.us));
        return false;
}

static bool text_fits(const struct query *q, const struct condition *c, struct arena *a, struct str told)
{
        enum comparison op = c->field ? c->field->op : COMPARE_EQ;
        for (size_t i = 0; told.p && i < c->n; i++)
                if (op == COMPARE_EQ ? same(q, a, c->values[i], told) : ordered(op, c->values[i], told))
                        return true;
        return false;
}

bool value_fits(const struct query *q, const struct condition *c, struct arena *a, const struct json *v)
{
        if (c->field && c->field->op == COMPARE_EXISTS)
                return true;
        for (uint32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
                if (value_fits(q, c, a, &v->items[i]))
                        return true;
        if (json_is(v, JSON_OBJECT)) {
                static const char *const says[] = { "@value", "@id", "id" };
                for (size_t i = 0; i < sizeof says / sizeof *says; i++)
                        if (text_fits(q, c, a, json_text(json_get(v, says[i]))))
                                return true;
                return false;
        }
        return text_fits(q, c, a, json_is(v, JSON_TRUE) ? STR("true") : json_is(v, JSON_FALSE) ? STR("false") : json_text(v));
}

/* ---- where ---- */

struct seeking { const struct query *q; const struct condition *c; struct arena *a; const struct event *e; };

bool name_is(const struct context *context, struct str name, struct str want)
{
        struct str space, local;
        if (!context_split(context, name, &space, &local))
                return str_eq(name, want);
        return want.n == space.n + local.n && !memcmp(want.p, space.p, space.n) && str_eq(str_from(want, space.n), local);
}

static bool named_here(const struct seeking *s, const struct json *o)
{
        for (uint32_t i = 0; json_is(o, JSON_OBJECT) && i < o->n; i++)
                if (name_is(s->e->context, o->members[i].name, s->c->field->name) && value_fits(s->q, s->c, s->a, &o->members[i].value))
                        return true;
        return false;
}

/* As deep as documents may be (LIMIT_JSON_DEPTH). */
static bool named_below(const struct seeking *s, const struct json *v)
{
        if (json_is(v, JSON_OBJECT) && named_here(s, v))
                return true;
        for (uint32_t i = 0; json_is(v, JSON_OBJECT) && i < v->n; i++)
                if (named_below(s, &v->members[i].value))
                        return true;
        for (uint32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
                if (named_below(s, &v->items[i]))
                        return true;
        return false;
}

static bool at_root(const struct seeking *s, const struct json *o)
{
        if (!s->c->field->inner)
                return named_here(s, o);
        for (uint32_t i = 0; json_is(o, JSON_OBJECT) && i < o->n; i++)
                if (memchr(o->members[i].name.p, ':', o->members[i].name.n) && named_below(s, &o->members[i].value))
                        return true;
        return false;
}

static bool at_roots(const struct seeking *s, const struct json *v, const char *below)
{
        for (uint32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
                if (at_roots(s, &v->items[i], below))
                        return true;
        if (!json_is(v, JSON_OBJECT))
                return false;
        return below ? at_roots(s, json_get(v, below), NULL) : at_root(s, v);
}

bool field_holds(const struct query *q, const struct condition *c, struct arena *a, const struct event *e)
{
        const struct root *root = &roots[c->field->root];
        struct seeking s = { q, c, a, e };
        return at_roots(&s, root->member ? json_get(e->json, root->member) : e->json, root->below);
}
