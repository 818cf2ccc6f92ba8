#include "epcis/reader.h"

/* Master data: epcisHeader.epcisMasterData of a capture document, resultsBody of a query document. */

static const struct json *vocabulary_list(const struct document *d)
{
        const struct json *v = d->kind == DOCUMENT_QUERY ?
                json_get(json_get(json_get(d->json, "epcisBody"), "queryResults"), "resultsBody") :
                json_get(json_get(d->json, "epcisHeader"), "epcisMasterData");
        const struct json *list = json_get(v, "vocabularyList");

        return json_is(list, JSON_ARRAY) ? list : NULL;
}

static const struct json *elements(const struct json *vocabulary)
{
        const struct json *list = json_get(vocabulary, "vocabularyElementList");

        return json_is(list, JSON_ARRAY) ? list : NULL;
}

static size_t take(struct reader *r, const struct json *vocabulary, struct master_element *ret)
{
        const struct json *list = elements(vocabulary);
        size_t n = 0;

        for (uint32_t i = 0; list && i < list->n; i++) {
                struct str id = json_str(&list->items[i], "id");
                struct ident ident;

                if (!id.n)
                        continue;
                ident_read(r->arena, id, r->own, &ident);
                ret[n++] = (struct master_element){ json_str(vocabulary, "type"), ident.canonical, &list->items[i] };
        }
        return n;
}

void master_fill(struct reader *r)
{
        struct document *d = r->document;
        const struct json *list = vocabulary_list(d);
        size_t n = 0;

        for (uint32_t i = 0; list && i < list->n; i++)
                n += elements(&list->items[i]) ? elements(&list->items[i])->n : 0;
        if (!n)
                return;
        struct master_element *master = arena_array(r->arena, struct master_element, n);

        for (uint32_t i = 0; i < list->n; i++)
                d->n_master += take(r, &list->items[i], master + d->n_master);
        d->master = master;
}
