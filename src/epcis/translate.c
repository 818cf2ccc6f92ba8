#include "epcis/translate.h"

/* Where identifiers stand in an event: a text, a list of texts, or objects that have one under a member. */
static const struct place { const char *member, *within, *id; } places[] = {
        { "epcList", NULL, NULL }, { "childEPCs", NULL, NULL }, { "inputEPCList", NULL, NULL }, { "outputEPCList", NULL, NULL },
        { "parentID", NULL, NULL }, { "transformationID", NULL, NULL },
        { "quantityList", NULL, "epcClass" }, { "childQuantityList", NULL, "epcClass" }, { "inputQuantityList", NULL, "epcClass" },
        { "outputQuantityList", NULL, "epcClass" }, { "readPoint", NULL, "id" }, { "bizLocation", NULL, "id" },
        { "bizTransactionList", NULL, "bizTransaction" }, { "sourceList", NULL, "source" }, { "destinationList", NULL, "destination" },
        { "sensorElementList", "sensorMetadata", "deviceID" }, { "sensorElementList", "sensorReport", "deviceID" },
};

/* Where nothing fixes the length the commonest is taken: it names the same thing, since read back any length gives the same key. */
static int prefix_digits(struct arena *a, struct str canonical)
{
        enum { COMMONEST = 7 };
        struct ident_parts parts;
        ident_parts(a, canonical, &parts);
        int known = company_prefix_digits(company_digits(&parts));
        return known ? known : COMMONEST;
}

static bool says_more(struct str text)
{
        return memchr(text.p, '?', text.n) || memchr(text.p, '#', text.n);
}

struct str epc_translate(struct arena *a, enum epc_format f, struct str text, const struct origins *own)
{
        struct ident i, back;
        struct str urn;
        if (f == EPC_AS_SENT || !text.n)
                return text;
        ident_read(a, text, own, &i);
        if (i.bad_check_digit)
                return text;
        if (f == EPC_DIGITAL_LINK)
                return i.source == IDENT_FROM_URN && !(i.pattern && str_eq(i.canonical, text)) ? i.canonical : text;
        if (i.source != IDENT_FROM_DIGITAL_LINK || says_more(text) || ident_urn(a, i.canonical, prefix_digits(a, i.canonical), &urn, NULL) < 0)
                return text;
        ident_read(a, urn, own, &back);
        return str_eq(back.canonical, i.canonical) ? urn : text;
}

/* ---- trees: a changed member makes its parents anew, the rest is shared ---- */

struct work { struct arena *a; enum epc_format f; const struct origins *own; };

typedef bool change(const struct work *w, const struct json *v, const void *ctx, struct json *ret);

static bool change_text(const struct work *w, const struct json *v, const void *ctx, struct json *ret)
{
        (void)ctx;
        if (!json_is(v, JSON_STRING))
                return false;
        struct str text = json_text(v), said = epc_translate(w->a, w->f, text, w->own);
        if (str_eq(text, said))
                return false;
        *ret = (struct json){ .kind = JSON_STRING, .n = (uint32_t)said.n, .text = arena_cstr(w->a, said) };
        return true;
}

/* The value itself, or each entry where it is a list. */
static bool change_each(const struct work *w, const struct json *v, change *how, const void *ctx, struct json *ret)
{
        struct json *items = NULL, one;
        if (!json_is(v, JSON_ARRAY))
                return how(w, v, ctx, ret);
        for (uint32_t i = 0; i < v->n; i++) {
                if (!how(w, &v->items[i], ctx, &one))
                        continue;
                if (!items) {
                        items = arena_array(w->a, struct json, v->n);
                        memcpy(items, v->items, v->n * sizeof(*items));
                }
                items[i] = one;
        }
        *ret = (struct json){ .kind = JSON_ARRAY, .n = v->n, .items = items };
        return items != NULL;
}

static bool change_member(const struct work *w, const struct json *v, const char *name, change *how, const void *ctx, struct json *ret)
{
        struct json_member *members = NULL;
        struct json one;
        for (uint32_t i = 0; json_is(v, JSON_OBJECT) && i < v->n; i++) {
                if (!str_is(v->members[i].name, name) || !change_each(w, &v->members[i].value, how, ctx, &one))
                        continue;
                members = arena_array(w->a, struct json_member, v->n);
                memcpy(members, v->members, v->n * sizeof(*members));
                members[i].value = one;
                break;
        }
        *ret = (struct json){ .kind = JSON_OBJECT, .n = v ? v->n : 0, .members = members };
        return members != NULL;
}

static bool change_id(const struct work *w, const struct json *v, const void *ctx, struct json *ret)
{
        const struct place *p = ctx;
        return change_member(w, v, p->id, change_text, NULL, ret);
}

static bool change_place(const struct work *w, const struct json *v, const void *ctx, struct json *ret)
{
        const struct place *p = ctx;
        if (p->within)
                return change_member(w, v, p->within, change_id, p, ret);
        return p->id ? change_id(w, v, p, ret) : change_text(w, v, NULL, ret);
}

const struct json *event_translate(struct arena *a, enum epc_format f, const struct json *event, const struct origins *own)
{
        struct work w = { a, f, own };
        for (size_t i = 0; f != EPC_AS_SENT && i < sizeof places / sizeof *places; i++) {
                struct json *changed = arena_alloc(a, sizeof(*changed));
                if (change_member(&w, event, places[i].member, change_place, &places[i], changed))
                        event = changed;
        }
        return event;
}
