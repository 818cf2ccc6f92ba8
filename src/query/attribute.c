#include "query/query_impl.h"

#include "base/text.h"
#include "epcis/context.h"

/* HASATTR_field and EQATTR_field_attribute: what master data say of that which a field of the event names (EPCIS 2.0 §8.2.7.1). */

enum plain { PLAIN_READ_POINT, PLAIN_LOCATION, PLAIN_STEP, PLAIN_DISPOSITION, PLAIN_SOURCE, PLAIN_DESTINATION, PLAIN_TRANSACTION, PLAIN_CLASS, PLAINS };
static const char *const plain_names[PLAINS] = { "readPoint", "bizLocation", "bizStep", "disposition", "source", "destination", "bizTransaction", "epcClass" };

static enum plain plain_of(struct str field)
{
        enum plain p = 0;
        while (p < PLAINS && !str_is(field, plain_names[p]))
                p++;
        return p;
}

/* A name may bear '_' itself: a field of the standard ends where it ends; else the attribute begins behind the last '_' that leaves it
 * a namespace. */
static bool attribute_cut(struct str rest, struct str *ret_field, struct str *ret_attribute)
{
        for (enum plain p = 0; p < PLAINS; p++) {
                size_t n = strlen(plain_names[p]);
                if (rest.n > n + 1 && str_starts(rest, str_of(plain_names[p])) && rest.p[n] == '_') {
                        *ret_field = (struct str){ rest.p, n };
                        *ret_attribute = str_from(rest, n + 1);
                        return true;
                }
        }
        for (size_t at = rest.n; at-- > 1;) {
                struct str left = { rest.p, at }, right = str_from(rest, at + 1);
                if (rest.p[at] == '_' && memchr(left.p, ':', left.n) && right.n && memchr(right.p, ':', right.n)) {
                        *ret_field = left;
                        *ret_attribute = right;
                        return true;
                }
        }
        return false;
}

bool attribute_name_read(struct str rest, bool valued, struct str *ret_field, struct str *ret_attribute)
{
        *ret_field = rest;
        *ret_attribute = STR_NONE;
        if (valued && !attribute_cut(rest, ret_field, ret_attribute))
                return false;
        return plain_of(*ret_field) < PLAINS || memchr(ret_field->p, ':', ret_field->n);
}

/* ---- matching ---- */

struct describing { const struct query *q; const struct condition *c; struct arena *a; const struct query_event *qe; };

/* An element is kept without the @context it came with: a prefix that the standard does not know is compared by what follows it. */
static bool attribute_is(struct str id, struct str want)
{
        struct str local = id, prefix;
        if (name_is(NULL, id, want))
                return true;
        str_split(&local, ':', &prefix);
        return local.n && !str_starts(local, STR("//")) && !str_is(prefix, "urn") && !context_default(prefix).n &&
               want.n > local.n && !memcmp(want.p + want.n - local.n, local.p, local.n) && strchr(":/#", want.p[want.n - local.n - 1]);
}

static bool asked_for(const struct condition *c, struct str id)
{
        for (size_t i = 0; c->param == PARAM_HAS_ATTRIBUTE && i < c->n; i++)
                if (attribute_is(id, c->values[i]))
                        return true;
        return c->param != PARAM_HAS_ATTRIBUTE && attribute_is(id, c->attribute);
}

static bool described(const struct describing *d, struct str canonical)
{
        const struct json *element = canonical.n && d->qe->master ? d->qe->master(d->qe->ctx, canonical) : NULL, *list = json_get(element, "attributes");
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                const struct json *value = json_get(&list->items[i], "attribute");
                if (value && asked_for(d->c, json_str(&list->items[i], "id")) &&
                    (d->c->param == PARAM_HAS_ATTRIBUTE || value_fits(d->q, d->c, d->a, value)))
                        return true;
        }
        return false;
}

static bool text_described(const struct describing *d, struct str text)
{
        struct ident ident;
        if (!text.n)
                return false;
        ident_read(d->a, text, d->q->own, &ident);
        return described(d, ident.canonical);
}

static bool list_described(const struct describing *d, const char *list_name, const char *member)
{
        const struct json *list = json_get(d->qe->event->json, list_name);
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
                if (text_described(d, json_str(&list->items[i], member)))
                        return true;
        return false;
}

static bool class_described(const struct describing *d)
{
        const struct event *e = d->qe->event;
        for (size_t i = 0; i < e->n_items; i++)
                if ((param_roles(PARAM_ANY_CLASS) & 1u << e->items[i].role) && described(d, e->items[i].canonical))
                        return true;
        return false;
}

static bool extension_described(const struct describing *d)
{
        const struct event *e = d->qe->event;
        const struct json *v = event_extension(e, e->json, arena_cstr(d->a, d->c->word));
        for (uint32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
                if (text_described(d, json_text(&v->items[i])))
                        return true;
        return text_described(d, json_text(v));
}

bool attribute_holds(const struct query *q, const struct condition *c, struct arena *a, const struct query_event *qe)
{
        struct describing d = { q, c, a, qe };
        switch (plain_of(c->word)) {
        case PLAIN_READ_POINT: return described(&d, qe->event->read_point);
        case PLAIN_LOCATION: return described(&d, qe->event->biz_location);
        case PLAIN_STEP: return text_described(&d, json_str(qe->event->json, "bizStep"));
        case PLAIN_DISPOSITION: return text_described(&d, json_str(qe->event->json, "disposition"));
        case PLAIN_SOURCE: return list_described(&d, "sourceList", "source");
        case PLAIN_DESTINATION: return list_described(&d, "destinationList", "destination");
        case PLAIN_TRANSACTION: return list_described(&d, "bizTransactionList", "bizTransaction");
        case PLAIN_CLASS: return class_described(&d);
        default: return extension_described(&d);
        }
}
