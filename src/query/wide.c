#include "base/limits.h"
#include "epcis/read.h"
#include "query/run_impl.h"

/* What master data says while a query runs.  The hierarchy of places stands in the elements themselves: `children` lists the ids right
 * below one (EPCIS 2.0 §6.5, VocabularyElement); a place may be reached twice or lie below itself. */

static const struct json *newest(struct reader *r, int64_t org, struct arena *a, struct str canonical, struct err *reterr, int *ret_rc)
{
        struct str type, text;
        const struct json *v = NULL;
        *ret_rc = reader_master(r, a, org, canonical, &type, &text, reterr);
        if (*ret_rc == 1 && json_read(a, text.p, text.n, NULL, &v, NULL) < 0)
                v = NULL;
        return v;
}

const struct json *masters_find(void *ctx, struct str canonical)
{
        struct masters *m = ctx;
        int rc;
        for (size_t i = 0; i < m->n; i++)
                if (str_eq(m->known[i].id, canonical))
                        return m->known[i].json;
        if (m->n == sizeof(m->known) / sizeof(*m->known)) {     /* what was given out lives while one event is matched */
                arena_reset(m->arena);
                m->n = 0;
        }
        const struct json *v = newest(m->reader, m->org, m->arena, canonical, NULL, &rc);
        m->known[m->n].id = arena_str(m->arena, canonical);
        m->known[m->n++].json = v;
        return v;
}

struct family { struct arena *arena; struct str *list; size_t n, cap; };

static bool join(struct family *f, struct str id)
{
        for (size_t i = 0; i < f->n; i++)
                if (str_eq(f->list[i], id))
                        return true;
        if (f->n == LIMIT_QUERY_DESCENDANTS)
                return false;
        if (f->n == f->cap) {
                struct str *more = arena_array(f->arena, struct str, f->cap = f->cap ? f->cap * 2 : 16);
                if (f->n)
                        memcpy(more, f->list, f->n * sizeof(*more));
                f->list = more;
        }
        f->list[f->n++] = id;
        return true;
}

static int widen(struct run *r, struct str place)
{
        struct family f = { .arena = r->arena };
        (void)join(&f, place);
        for (size_t at = 0; at < f.n; at++) {
                int rc;
                const struct json *element = newest(r->reader, r->org, r->arena, f.list[at], r->err, &rc), *list = json_get(element, "children");
                if (rc < 0 || run_deadline(r) < 0)
                        return -1;
                for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                        struct ident id;
                        if (!json_is(&list->items[i], JSON_STRING))
                                continue;
                        ident_read(r->arena, json_text(&list->items[i]), reader_origins(r->reader), &id);
                        if (!join(&f, id.canonical))
                                return err_set(r->err, ERR_QUERY_COMPLEX, "more than %d places lie below %.*s; ask for one further down",
                                               LIMIT_QUERY_DESCENDANTS, STR_ARG(place));
                }
        }
        query_widen(r->query, place, f.list, f.n);
        return 0;
}

int run_widen(struct run *r)
{
        const struct str *places;
        size_t n = query_wide_places(r->query, r->arena, &places);
        for (size_t i = 0; i < n; i++)
                if (widen(r, places[i]) < 0)
                        return -1;
        return 0;
}
