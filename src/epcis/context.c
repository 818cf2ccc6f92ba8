#include "epcis/context.h"

#include <stdlib.h>

#include "base/limits.h"

#define LIT(z) { (z), sizeof(z) - 1 }

static const struct str addresses[] = {
#define CONTEXT(address) LIT(address),
#include "epcis/contexts.def"
#undef CONTEXT
};

static const struct prefix defaults[] = {
#define PREFIX(name, iri) { LIT(name), LIT(iri) },
#include "epcis/prefixes.def"
#undef PREFIX
};

static const struct context empty;

bool context_is_standard(struct str url)
{
        for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
                if (str_eq(addresses[i], url))
                        return true;
        return false;
}

struct str context_default(struct str prefix)
{
        for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
                if (str_eq(defaults[i].name, prefix))
                        return defaults[i].iri;
        return STR_NONE;
}

/* A term's definition is an IRI or an object with @id (JSON-LD 1.1 §9.15). */
static struct str definition(const struct json *v)
{
        return json_is(v, JSON_STRING) ? json_text(v) : json_str(v, "@id");
}

static size_t count_prefixes(const struct json *v)
{
        if (json_is(v, JSON_OBJECT))
                return v->n;
        size_t n = 0;

        if (json_is(v, JSON_ARRAY))
                for (uint32_t i = 0; i < v->n; i++)
                        n += json_is(&v->items[i], JSON_OBJECT) ? v->items[i].n : 0;
        return n;
}

/* A namespace of a megabyte under a prefix of one letter would make a small document huge: such are not taken. */
static size_t take_object(const struct json *v, struct prefix *list, size_t n)
{
        for (uint32_t i = 0; i < v->n; i++) {
                struct str name = v->members[i].name, iri = definition(&v->members[i].value);

                if (name.n && name.p[0] != '@' && iri.n && iri.n <= LIMIT_IDENTIFIER_BYTES && iri.p[0] != '@')
                        list[n++] = (struct prefix){ name, iri };
        }
        return n;
}

static void take_address(struct context *c, struct str url)
{
        if (context_is_standard(url))
                c->standard = true;
        else
                c->unknown = true;
}

static size_t take(struct context *c, const struct json *v, struct prefix *list, size_t n)
{
        if (json_is(v, JSON_STRING))
                take_address(c, json_text(v));
        else if (json_is(v, JSON_OBJECT))
                n = take_object(v, list, n);
        return n;
}

/* The place in the list goes along, so that the last declaration of a name can win. */
struct placed { struct prefix prefix; size_t place; };

static int by_name_and_place(const void *x, const void *y)
{
        const struct placed *a = x, *b = y;
        int d = str_cmp(a->prefix.name, b->prefix.name);

        return d ? d : (a->place > b->place) - (a->place < b->place);
}

static size_t sort(struct arena *a, struct prefix *list, size_t n)
{
        struct placed *p = arena_array(a, struct placed, n);
        size_t kept = 0;

        for (size_t i = 0; i < n; i++)
                p[i] = (struct placed){ list[i], i };
        qsort(p, n, sizeof *p, by_name_and_place);
        for (size_t i = 0; i < n; i++)
                if (i + 1 == n || !str_eq(p[i].prefix.name, p[i + 1].prefix.name))
                        list[kept++] = p[i].prefix;
        return kept;
}

const struct context *context_read(struct arena *a, const struct json *v, const struct context *up)
{
        if (!v)
                return up ? up : &empty;
        struct context *c = arena_alloc(a, sizeof *c);
        struct prefix *list = arena_array(a, struct prefix, count_prefixes(v) + 1);
        size_t n = 0;

        if (up)
                *c = (struct context){ .up = up, .standard = up->standard, .unknown = up->unknown };
        if (json_is(v, JSON_ARRAY))
                for (uint32_t i = 0; i < v->n; i++)
                        n = take(c, &v->items[i], list, n);
        else
                n = take(c, v, list, n);
        c->list = list;
        c->n = n > 1 ? sort(a, list, n) : n;
        return c;
}

static struct str find_here(const struct context *c, struct str name)
{
        size_t low = 0, high = c->n;

        while (low < high) {
                size_t mid = (low + high) / 2;
                int d = str_cmp(c->list[mid].name, name);

                if (d == 0)
                        return c->list[mid].iri;
                if (d < 0)
                        low = mid + 1;
                else
                        high = mid;
        }
        return STR_NONE;
}

struct str context_declared(const struct context *c, struct str name)
{
        for (; c; c = c->up) {
                struct str iri = find_here(c, name);

                if (iri.p)
                        return iri;
        }
        return STR_NONE;
}

struct str context_find(const struct context *c, struct str name)
{
        struct str iri = context_declared(c, name);

        return iri.p ? iri : context_default(name);
}

bool context_split(const struct context *c, struct str name, struct str *ret_iri, struct str *ret_local)
{
        const char *colon = name.n ? memchr(name.p, ':', name.n) : NULL;

        if (!colon)
                return false;
        size_t n = (size_t)(colon - name.p);
        struct str local = str_from(name, n + 1);

        /* "https://…" is never a CURIE, whatever is declared (JSON-LD 1.1 §5.2 IRI expansion). */
        if (str_starts(local, STR("//")))
                return false;
        struct str iri = context_find(c, (struct str){ name.p, n });

        if (!iri.p)
                return false;
        *ret_iri = iri;
        *ret_local = local;
        return true;
}

struct str context_expand(struct arena *a, const struct context *c, struct str name)
{
        struct str iri, local;

        if (!context_split(c, name, &iri, &local))
                return name;
        char *p = arena_raw(a, iri.n + local.n + 1);

        memcpy(p, iri.p, iri.n);
        if (local.n)
                memcpy(p + iri.n, local.p, local.n);
        p[iri.n + local.n] = '\0';
        return (struct str){ p, iri.n + local.n };
}

const struct json *event_extension(const struct event *e, const struct json *object, const char *iri)
{
        struct str want = str_of(iri);

        if (!json_is(object, JSON_OBJECT))
                return NULL;
        for (uint32_t i = 0; i < object->n; i++) {
                struct str name = object->members[i].name, space, local;

                if (context_split(e->context, name, &space, &local) ?
                    space.n + local.n == want.n && str_starts(want, space) && str_eq(str_from(want, space.n), local) :
                    str_eq(name, want))
                        return &object->members[i].value;
        }
        return NULL;
}
