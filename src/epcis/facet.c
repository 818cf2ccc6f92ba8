#include "epcis/facet.h"

#include <stdlib.h>

#include "base/limits.h"
#include "epcis/context.h"
#include "epcis/vocabulary.h"

/* Only what a query's index may lean on: an event that bears a value bears the facet.  Values are spelt as the query side spells them:
 * words bare where they are the standard's, identifiers in canonical form. */

struct gathering {
        struct arena *arena;
        const struct event *e;
        const struct origins *own;
        struct event_facet *list;
        size_t n, cap;
};

static void add(struct gathering *g, enum facet facet, struct str value)
{
        if (!value.n)
                return;
        if (g->n == g->cap) {
                struct event_facet *more = arena_array(g->arena, struct event_facet, g->cap = g->cap ? g->cap * 2 : 16);
                if (g->n)
                        memcpy(more, g->list, g->n * sizeof(*more));
                g->list = more;
        }
        g->list[g->n++] = (struct event_facet){ (uint8_t)facet, value };
}

static void add_identifier(struct gathering *g, enum facet facet, const struct json *v)
{
        struct str text = json_is(v, JSON_STRING) ? json_text(v) : STR_NONE;
        struct ident ident;
        if (!text.n || text.n > LIMIT_IDENTIFIER_BYTES)
                return;
        ident_read(g->arena, text, g->own, &ident);
        add(g, facet, ident.canonical);
}

/* One member of every object in a list: bizTransactionList, sourceList, destinationList. */
static void add_listed(struct gathering *g, enum facet facet, const char *list_name, const char *member)
{
        const struct json *list = json_get(g->e->json, list_name);
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                add_identifier(g, facet, json_get(&list->items[i], member));
}

static void add_words(struct gathering *g, enum facet facet, const struct json *list)
{
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                struct str text = json_is(&list->items[i], JSON_STRING) ? json_text(&list->items[i]) : STR_NONE, iri, bare;
                if (text.n && memchr(text.p, ':', text.n)) {
                        iri = context_expand(g->arena, g->e->context, text);
                        bare = vocabulary_word(VOC_DISPOSITION, iri);
                        text = bare.p ? bare : iri;
                }
                add(g, facet, text);
        }
}

static void add_devices(struct gathering *g)
{
        const struct json *elements = json_get(g->e->json, "sensorElementList");
        for (uint32_t i = 0; json_is(elements, JSON_ARRAY) && i < elements->n; i++) {
                const struct json *element = &elements->items[i], *reports = json_get(element, "sensorReport");
                add_identifier(g, FACET_DEVICE, json_get(json_get(element, "sensorMetadata"), "deviceID"));
                for (uint32_t k = 0; json_is(reports, JSON_ARRAY) && k < reports->n; k++)
                        add_identifier(g, FACET_DEVICE, json_get(&reports->items[k], "deviceID"));
        }
}

static int by_facet(const void *pa, const void *pb)
{
        const struct event_facet *a = pa, *b = pb;
        return a->facet != b->facet ? (int)a->facet - (int)b->facet : str_cmp(a->value, b->value);
}

static size_t each_once(struct event_facet *list, size_t n)
{
        size_t kept = 0;
        if (n)
                qsort(list, n, sizeof(*list), by_facet);
        for (size_t i = 0; i < n; i++)
                if (!kept || by_facet(&list[kept - 1], &list[i]) != 0)
                        list[kept++] = list[i];
        return kept;
}

size_t event_facets(struct arena *a, const struct event *e, const struct origins *own, struct event_facet **ret)
{
        struct gathering g = { .arena = a, .e = e, .own = own };
        const struct json *persistent = json_get(e->json, "persistentDisposition");
        add(&g, FACET_STEP, e->biz_step);
        add(&g, FACET_DISPOSITION, e->disposition);
        add(&g, FACET_READ_POINT, e->read_point);
        add(&g, FACET_LOCATION, e->biz_location);
        add_listed(&g, FACET_SOURCE, "sourceList", "source");
        add_listed(&g, FACET_DESTINATION, "destinationList", "destination");
        add_listed(&g, FACET_TRANSACTION, "bizTransactionList", "bizTransaction");
        add_words(&g, FACET_SET, json_get(persistent, "set"));
        add_words(&g, FACET_UNSET, json_get(persistent, "unset"));
        add_devices(&g);
        *ret = g.list;
        return each_once(g.list, g.n);
}
