#include "epcis/reader.h"
#include "epcis/uri.h"

/* Rows are few and names differ in length: looking along them is quicker than hashing. */
static const struct member *find(const struct shape *s, struct str name, unsigned events, bool *ret_known)
{
        const struct member *other = NULL;

        for (size_t i = 0; i < s->n; i++) {
                const struct member *m = &s->members[i];

                if (m->name.n != name.n || memcmp(m->name.p, name.p, name.n) != 0)
                        continue;
                if (m->allowed & events)
                        return m;
                other = m;
        }
        *ret_known = other != NULL;
        return NULL;
}

/* A name with a namespace.  Its prefix should be declared, or nobody knows what it means. */
static void check_extension(struct reader *r, const struct path *at, const struct shape *s)
{
        struct str iri, local;

        if (!uri_valid(at->name)) {
                fault_add(r, at, CODE_UNKNOWN_MEMBER,
                          "%s has no member '%.*s'; an extension needs a namespace, as in prefix:%.*s", s->name,
                          SHOWN(at->name), SHOWN(at->name));
                return;
        }
        if (context_split(r->context, at->name, &iri, &local) || r->context->unknown)
                return;
        const char *colon = memchr(at->name.p, ':', at->name.n);

        if (!str_starts(str_from(at->name, (size_t)(colon - at->name.p) + 1), STR("//")) &&
            !str_starts(at->name, STR("urn:")))
                fault_add(r, at, CODE_PREFIX_UNDECLARED, "declare the prefix of '%.*s' in @context", SHOWN(at->name));
}

static void check_other(struct reader *r, const struct path *at, const struct shape *s, bool known)
{
        if (s->others == OTHERS_ANY)
                return;
        if (known)
                fault_add(r, at, CODE_NOT_ALLOWED_HERE, "this type of event has no %.*s", SHOWN(at->name));
        else if (s->others == OTHERS_NONE)
                fault_add(r, at, CODE_UNKNOWN_MEMBER, "%s has no member '%.*s', and takes no extensions", s->name,
                          SHOWN(at->name));
        else
                check_extension(r, at, s);
}

static void check_list(struct reader *r, const struct path *at, const struct json *v, const struct member *m)
{
        if (!json_is(v, JSON_ARRAY)) {
                fault_add(r, at, CODE_WRONG_KIND, "%.*s must be a list [ … ]", SHOWN(m->name));
                return;
        }
        if (v->n == 0 && (m->list == LIST_SOME || m->list == LIST_SOME_UNIQUE))
                fault_add(r, at, CODE_EMPTY_LIST, "%.*s needs at least one entry", SHOWN(m->name));
        for (uint32_t i = 0; i < v->n && !r->stop; i++) {
                const struct path item = { at, STR_NONE, i };

                m->check(r, &item, &v->items[i], m);
        }
        if (m->list == LIST_UNIQUE || m->list == LIST_SOME_UNIQUE)
                check_unique(r, at, v);
}

void shape_check(struct reader *r, const struct path *at, const struct json *v, const struct shape *s)
{
        uint64_t seen = 0;

        for (uint32_t i = 0; i < v->n && !r->stop; i++) {
                const struct json_member *j = &v->members[i];
                const struct path here = { at, j->name, 0 };
                bool known = false;
                const struct member *m = find(s, j->name, r->events, &known);

                if (!m) {
                        check_other(r, &here, s, known);
                        continue;
                }
                seen |= UINT64_C(1) << (m - s->members);
                if (m->list == NO_LIST)
                        m->check(r, &here, &j->value, m);
                else
                        check_list(r, &here, &j->value, m);
        }
        for (size_t i = 0; i < s->n; i++)
                if ((s->members[i].needed & r->events) && !(seen & (UINT64_C(1) << i)))
                        fault_add(r, at, CODE_MISSING_MEMBER, "%s needs the member %.*s", s->name,
                                  SHOWN(s->members[i].name));
        if (s->rules && !r->stop)
                s->rules(r, at, v);
}
