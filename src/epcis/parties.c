#include "epcis/parties.h"

struct found { struct arena *a; const struct origins *own; struct str *list; size_t n, max; };

static void take(struct found *f, const struct json *v)
{
        struct ident id;
        if (json_is(v, JSON_OBJECT))
                v = json_get(v, "id");
        if (!json_is(v, JSON_STRING) || f->n == f->max)
                return;
        ident_read(f->a, json_text(v), f->own, &id);
        for (size_t i = 0; i < f->n; i++)
                if (str_eq(f->list[i], id.canonical))
                        return;
        f->list[f->n++] = id.canonical;
}

/* sourceList, destinationList: every type of them (owning_party, possessing_party, location) names one side. */
static void take_list(struct found *f, const struct json *list, const char *member)
{
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                take(f, json_get(&list->items[i], member));
}

static void take_extension(struct found *f, const struct event *e, const char *iri)
{
        const struct json *v = event_extension(e, e->json, iri);
        if (!json_is(v, JSON_ARRAY))
                take(f, v);
        for (uint32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
                take(f, &v->items[i]);
}

size_t event_parties(struct arena *a, const struct event *e, const struct origins *own, struct str *ret, size_t max)
{
        static const char *const members[] = { SUYUAN_VOC "owner", SUYUAN_VOC "recipient", "https://gs1.org/voc/owner", "https://gs1.org/voc/recipient" };
        struct found f = { a, own, ret, 0, max };
        take_list(&f, json_get(e->json, "sourceList"), "source");
        take_list(&f, json_get(e->json, "destinationList"), "destination");
        for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
                take_extension(&f, e, members[i]);
        return f.n;
}
