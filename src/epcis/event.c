#include "epcis/reader.h"

#include "base/decimal.h"
#include "base/limits.h"

/* What the rest of the system asks of an event, taken as far as it is there: also from events that are
 * refused, whose faults are shown beside what they say. */

#define LIT(z) { (z), sizeof(z) - 1 }

static const struct str type_names[EVENT_TYPES] = {
        [EVENT_OBJECT] = LIT("ObjectEvent"), [EVENT_AGGREGATION] = LIT("AggregationEvent"),
        [EVENT_TRANSACTION] = LIT("TransactionEvent"), [EVENT_TRANSFORMATION] = LIT("TransformationEvent"),
        [EVENT_ASSOCIATION] = LIT("AssociationEvent"), [EVENT_EXTENDED] = LIT(""),
};

static const struct str role_names[ROLES] = {
        [0] = LIT(""), [ROLE_EPC] = LIT("epcList"), [ROLE_QUANTITY] = LIT("quantityList"), [ROLE_PARENT] = LIT("parentID"),
        [ROLE_CHILD] = LIT("childEPCs"), [ROLE_CHILD_QUANTITY] = LIT("childQuantityList"),
        [ROLE_INPUT] = LIT("inputEPCList"), [ROLE_INPUT_QUANTITY] = LIT("inputQuantityList"),
        [ROLE_OUTPUT] = LIT("outputEPCList"), [ROLE_OUTPUT_QUANTITY] = LIT("outputQuantityList"),
        [ROLE_TRANSFORMATION] = LIT("transformationID"),
};

const char *event_type_name(enum event_type t)
{
        return type_names[t].p;
}

const char *item_role_name(enum item_role role)
{
        return role_names[role].p;
}

enum event_type event_type_of(const struct json *event)
{
        struct str name = json_str(event, "type");

        for (int t = 0; t < EVENT_EXTENDED; t++)
                if (str_eq(type_names[t], name))
                        return (enum event_type)t;
        return EVENT_EXTENDED;
}

static enum item_role role_of(struct str name)
{
        for (int role = 1; role < ROLES; role++)
                if (str_eq(role_names[role], name))
                        return (enum item_role)role;
        return (enum item_role)0;
}

/* Room for the items of all lists, or the reader is stopped. */
static struct event_item *room(struct reader *r, const struct json *v)
{
        size_t n = 0;

        for (uint32_t i = 0; i < v->n; i++)
                if (role_of(v->members[i].name))
                        n += json_is(&v->members[i].value, JSON_ARRAY) ? v->members[i].value.n : 1;
        if (r->document && n > LIMIT_EVENT_ITEMS) {
                err_set(r->err, ERR_TOO_LARGE, "an event may name %d items, event %d names %zu", LIMIT_EVENT_ITEMS,
                        r->event + 1, n);
                r->stop = true;
                return NULL;
        }
        return n ? arena_raw(r->arena, n * sizeof(struct event_item)) : NULL;
}

/* The canonical form of an identifier, with a finding where its check digit is wrong. */
static bool identify(struct reader *r, const struct path *at, const struct json *v, struct ident *ret)
{
        struct str text = json_text(v);

        if (!json_is(v, JSON_STRING) || text.n == 0 || text.n > LIMIT_IDENTIFIER_BYTES)
                return false;
        ident_read(r->arena, text, r->own, ret);
        if (ret->bad_check_digit)
                fault_add(r, at, CODE_CHECK_DIGIT, "the check digit of '%.*s' is wrong", SHOWN(text));
        return true;
}

static void add_item(struct reader *r, const struct path *at, const struct json *v, enum item_role role,
                     struct event_item *list, size_t *n)
{
        bool element = json_is(v, JSON_OBJECT);
        const struct path id = { at, STR("epcClass"), 0 };
        struct ident ident;

        if (!identify(r, element ? &id : at, element ? json_get(v, "epcClass") : v, &ident))
                return;
        const struct json *quantity = element ? json_get(v, "quantity") : NULL;

        list[(*n)++] = (struct event_item){
                .canonical = ident.canonical, .role = (uint8_t)role, .kind = (uint8_t)ident.kind,
                .quantity = json_is(quantity, JSON_NUMBER) ? decimal_canonical(r->arena, json_text(quantity)) : STR_NONE,
                .uom = element ? json_str(v, "uom") : STR_NONE,
        };
}

static void fill_items(struct reader *r, const struct path *at, const struct json *v, struct event *e)
{
        struct event_item *list = room(r, v);
        size_t n = 0;

        if (!list)
                return;
        for (uint32_t i = 0; i < v->n; i++) {
                const struct json *value = &v->members[i].value;
                const struct path here = { at, v->members[i].name, 0 };
                enum item_role role = role_of(here.name);

                if (role && json_is(value, JSON_ARRAY))
                        for (uint32_t k = 0; k < value->n; k++) {
                                const struct path item = { &here, STR_NONE, k };

                                add_item(r, &item, &value->items[k], role, list, &n);
                        }
                else if (role)
                        add_item(r, &here, value, role, list, &n);
        }
        e->items = list;
        e->n_items = n;
}

static struct str place(struct reader *r, const struct path *at, const struct json *v, const char *member)
{
        const struct path here = { at, str_of(member), 0 }, id = { &here, STR("id"), 0 };
        struct ident ident;

        return identify(r, &id, json_get(json_get(v, member), "id"), &ident) ? ident.canonical : STR_NONE;
}

/* A standard value by its bare word, whichever way it is spelt; anything else as an IRI. */
static struct str word(struct reader *r, const struct json *v, const char *member, enum vocabulary vocabulary)
{
        struct str text = json_str(v, member);

        if (!text.n || !memchr(text.p, ':', text.n))
                return text;
        struct str iri = context_expand(r->arena, r->context, text), bare = vocabulary_word(vocabulary, iri);

        return bare.p ? bare : iri;
}

static enum event_action action_of(struct str s)
{
        return str_eq(s, STR("ADD")) ? ACTION_ADD : str_eq(s, STR("OBSERVE")) ? ACTION_OBSERVE :
               str_eq(s, STR("DELETE")) ? ACTION_DELETE : ACTION_NONE;
}

void event_fill(struct reader *r, const struct path *at, const struct json *v, struct event *e)
{
        e->json = v;
        e->context = r->context;
        e->type = event_type_of(v);
        e->client_record_time.us = INT64_MIN;
        if (!json_is(v, JSON_OBJECT))
                return;
        struct str record = json_str(v, "recordTime"), time = json_str(v, "eventTime");
        struct stamp t;

        e->type_name = json_str(v, "type");
        if (time.p && stamp_read(time, &t))
                e->time = t;
        if (record.p && stamp_read(record, &t))
                e->client_record_time = t;
        e->event_id = json_str(v, "eventID");
        e->action = action_of(json_str(v, "action"));
        e->biz_step = word(r, v, "bizStep", VOC_BIZ_STEP);
        e->disposition = word(r, v, "disposition", VOC_DISPOSITION);
        e->read_point = place(r, at, v, "readPoint");
        e->biz_location = place(r, at, v, "bizLocation");
        e->signature = signature_read(r, at, v);
        e->has_error_declaration = json_is(json_get(v, "errorDeclaration"), JSON_OBJECT);
        fill_items(r, at, v, e);
}
