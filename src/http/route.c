#include <stdio.h>

#include "base/text.h"
#include "http/http_impl.h"

/* Which resource a path names, and what may be done with it.  The table is short and read in order: the first
 * row that fits names the resource, so that a catch-all row at its end takes only what nobody wanted. */

static const struct { const char *name; enum method method; } methods[] = {
        { "GET", METHOD_GET }, { "HEAD", METHOD_HEAD }, { "POST", METHOD_POST }, { "PUT", METHOD_PUT },
        { "DELETE", METHOD_DELETE }, { "OPTIONS", METHOD_OPTIONS },
};
enum { METHODS = sizeof methods / sizeof *methods };

enum method method_of(const char *name)
{
        for (size_t i = 0; i < METHODS; i++)
                if (!strcmp(name, methods[i].name))
                        return methods[i].method;
        return 0;
}

static bool fits(const char *pattern, struct str path, struct str *ret_rest)
{
        struct str p = str_of(pattern);

        *ret_rest = STR_NONE;
        if (p.n && p.p[p.n - 1] == '*') {
                p.n--;
                *ret_rest = str_from(path, p.n);
                return str_starts(path, p);
        }
        return str_eq(p, path);
}

static unsigned all_methods(const struct route *r)
{
        return r->methods | METHOD_OPTIONS | (r->methods & METHOD_GET ? METHOD_HEAD : 0u);
}

static char *allow_text(struct arena *a, unsigned allowed)
{
        char text[80] = "";

        for (size_t i = 0; i < METHODS; i++)
                if (allowed & methods[i].method)
                        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", *text ? ", " : "", methods[i].name);
        return arena_cstr(a, str_of(text));
}

struct match { const struct route *named, *route; unsigned allowed; };

static void consider(struct match *m, const struct route *r, const struct request *q, struct str *rest)
{
        struct str left;

        if (m->named ? strcmp(m->named->pattern, r->pattern) != 0 : !fits(r->pattern, q->path, &left))
                return;
        if (!m->named) {
                m->named = r;
                *rest = left;
        }
        m->allowed |= all_methods(r);
        /* OPTIONS belongs to the row that says so, or else to the first. */
        if (r->methods & q->method || (!m->route && all_methods(r) & q->method))
                m->route = r;
}

void route_find(struct exchange *x, struct err *reterr)
{
        const struct http_options *o = &x->front->o;
        struct request *q = &x->q;
        struct match m = { 0 };

        for (size_t i = 0; i < o->n_routes; i++)
                consider(&m, o->routes[i], q, &q->rest);
        if (!m.named && o->fallback) {
                m = (struct match){ .named = o->fallback, .allowed = all_methods(o->fallback) };
                m.route = m.allowed & q->method ? m.named : NULL;
                q->rest = q->path;
        }
        x->route = m.route ? m.route : m.named;
        x->route_number = metrics_route_number(x->front->metrics, o, x->route);
        x->allow = allow_text(q->arena, m.allowed);
        if (!m.named)
                err_set(reterr, ERR_NOT_FOUND, "nothing is at %.*s", (int)(q->path.n < 200 ? q->path.n : 200), q->path.p);
        else if (!m.route)
                err_set(reterr, ERR_BAD_METHOD, "this resource takes %s", x->allow);
}
