#include "query/query_impl.h"

#include "base/limits.h"

unsigned param_roles(enum param p)
{
        switch (p) {
        case PARAM_EPC: return 1u << ROLE_EPC | 1u << ROLE_CHILD;
        case PARAM_PARENT: return 1u << ROLE_PARENT;
        case PARAM_INPUT: return 1u << ROLE_INPUT;
        case PARAM_OUTPUT: return 1u << ROLE_OUTPUT;
        case PARAM_ANY_EPC: return 1u << ROLE_EPC | 1u << ROLE_CHILD | 1u << ROLE_PARENT | 1u << ROLE_INPUT | 1u << ROLE_OUTPUT;
        case PARAM_CLASS: return 1u << ROLE_QUANTITY | 1u << ROLE_CHILD_QUANTITY;
        case PARAM_INPUT_CLASS: return 1u << ROLE_INPUT_QUANTITY;
        case PARAM_OUTPUT_CLASS: return 1u << ROLE_OUTPUT_QUANTITY;
        case PARAM_ANY_CLASS: return 1u << ROLE_QUANTITY | 1u << ROLE_CHILD_QUANTITY | 1u << ROLE_INPUT_QUANTITY | 1u << ROLE_OUTPUT_QUANTITY;
        case PARAM_TRANSFORMATION: return 1u << ROLE_TRANSFORMATION;
        default: return 0;
        }
}

static bool among(const struct str *list, size_t n, struct str v)
{
        for (size_t i = 0; v.n && i < n; i++)
                if (str_eq(list[i], v))
                        return true;
        return false;
}

static bool asked(const struct condition *c, struct str v)
{
        return among(c->values, c->n, v) || among(c->wide, c->n_wide, v);
}

static bool fits_pattern(const struct condition *c, struct arena *a, struct str canonical)
{
        for (size_t i = 0; i < c->n; i++)
                if (ident_fits_pattern(a, c->values[i], canonical))
                        return true;
        return false;
}

static bool has_item(const struct condition *c, struct arena *a, const struct event *e)
{
        unsigned roles = param_roles(c->param);
        for (size_t i = 0; i < e->n_items; i++) {
                struct str canonical = e->items[i].canonical;
                if ((roles & 1u << e->items[i].role) && (asked(c, canonical) || (c->patterned && fits_pattern(c, a, canonical))))
                        return true;
        }
        return false;
}

static bool has_word(const struct condition *c, struct arena *a, const struct event *e, const char *member)
{
        const struct json *list = json_get(json_get(e->json, "persistentDisposition"), member);
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                struct str text = json_text(&list->items[i]);
                if (text.n && asked(c, query_word(a, e->context, VOC_DISPOSITION, text)))
                        return true;
        }
        return false;
}

static bool has_listed(const struct query *q, const struct condition *c, struct arena *a, const struct event *e,
                       const char *list_name, const char *member)
{
        const struct json *list = json_get(e->json, list_name);
        enum vocabulary v = param_rows[c->param].vocabulary;
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                struct str type = json_str(&list->items[i], "type"), value = json_str(&list->items[i], member);
                struct ident ident;
                if (!type.n || !value.n || !str_eq(query_word(a, e->context, v, type), c->word))
                        continue;
                ident_read(a, value, q->own, &ident);
                if (asked(c, ident.canonical))
                        return true;
        }
        return false;
}

static struct str action_text(enum event_action action)
{
        switch (action) {
        case ACTION_ADD: return STR("ADD");
        case ACTION_OBSERVE: return STR("OBSERVE");
        case ACTION_DELETE: return STR("DELETE");
        default: return STR_NONE;
        }
}

static bool has_quantity(const struct condition *c, const struct event *e)
{
        for (size_t i = 0; i < e->n_items; i++)
                if (e->items[i].quantity.n && measure_fits(c, e->items[i].quantity, e->items[i].uom, false))
                        return true;
        return false;
}

static bool error_holds(const struct condition *c, struct arena *a, const struct event *e)
{
        const struct json *d = json_get(e->json, "errorDeclaration"), *ids = json_get(d, "correctiveEventIDs");
        struct str reason = json_str(d, "reason");
        struct stamp t;
        if (c->param == PARAM_ERROR_REASON)
                return reason.n && asked(c, query_word(a, e->context, VOC_ERROR_REASON, reason));
        for (uint32_t i = 0; c->param == PARAM_CORRECTIVE && json_is(ids, JSON_ARRAY) && i < ids->n; i++)
                if (asked(c, json_text(&ids->items[i])))
                        return true;
        if (c->param == PARAM_CORRECTIVE || !stamp_read(json_str(d, "declarationTime"), &t))
                return false;
        return c->param == PARAM_ERROR_FROM || c->param == PARAM_ERROR_FROM_ ? t.us >= c->us : t.us < c->us;
}

static bool holds(const struct query *q, const struct condition *c, struct arena *a, const struct query_event *qe)
{
        const struct event *e = qe->event;
        switch (c->param) {
        case PARAM_TYPE: return asked(c, e->type_name);
        case PARAM_TIME_FROM: return e->time.us >= c->us;
        case PARAM_TIME_BEFORE: return e->time.us < c->us;
        case PARAM_RECORD_FROM: return qe->record_us >= c->us;
        case PARAM_RECORD_BEFORE: return qe->record_us < c->us;
        case PARAM_ACTION: return asked(c, action_text(e->action));
        case PARAM_STEP: return asked(c, e->biz_step);
        case PARAM_DISPOSITION: return asked(c, e->disposition);
        case PARAM_SET: return has_word(c, a, e, "set");
        case PARAM_UNSET: return has_word(c, a, e, "unset");
        case PARAM_READ_POINT:
        case PARAM_WD_READ_POINT: return asked(c, e->read_point);
        case PARAM_LOCATION:
        case PARAM_WD_LOCATION: return asked(c, e->biz_location);
        case PARAM_EVENT_ID: return asked(c, qe->event_id);
        case PARAM_TRANSACTION: return has_listed(q, c, a, e, "bizTransactionList", "bizTransaction");
        case PARAM_SOURCE: return has_listed(q, c, a, e, "sourceList", "source");
        case PARAM_DESTINATION: return has_listed(q, c, a, e, "destinationList", "destination");
        case PARAM_ERROR_FROM:
        case PARAM_ERROR_FROM_:
        case PARAM_ERROR_BEFORE:
        case PARAM_ERROR_BEFORE_:
        case PARAM_ERROR_REASON:
        case PARAM_CORRECTIVE: return error_holds(c, a, e);
        case PARAM_QUANTITY: return has_quantity(c, e);
        case PARAM_ERROR: return e->has_error_declaration;
        case PARAM_HAS_ATTRIBUTE:
        case PARAM_ATTRIBUTE:
        case PARAM_ATTRIBUTE_: return attribute_holds(q, c, a, qe);
        case PARAM_FIELD: return field_holds(q, c, a, e);
        case PARAM_SENSOR: return json_get(e->json, "sensorElementList") != NULL;
        default: return param_roles(c->param) ? has_item(c, a, e) : sensor_holds(q, c, a, e);
        }
}

bool query_matches(const struct query *q, struct arena *scratch, const struct query_event *e)
{
        for (size_t i = 0; i < q->n; i++)
                if (!holds(q, &q->list[i], scratch, e))
                        return false;
        return true;
}

static bool is_wide(const struct condition *c)
{
        return c->param == PARAM_WD_READ_POINT || c->param == PARAM_WD_LOCATION;
}

size_t query_wide_places(const struct query *q, struct arena *a, const struct str **ret)
{
        size_t n = 0, room = 1;
        struct str *places;
        for (size_t i = 0; i < q->n; i++)
                room += is_wide(&q->list[i]) ? q->list[i].n : 0;
        places = arena_array(a, struct str, room);
        for (size_t i = 0; i < q->n; i++)
                for (size_t k = 0; is_wide(&q->list[i]) && k < q->list[i].n; k++)
                        if (!among(places, n, q->list[i].values[k]))
                                places[n++] = q->list[i].values[k];
        *ret = places;
        return n;
}

void query_widen(struct query *q, struct str place, const struct str *descendants, size_t n)
{
        for (size_t i = 0; i < q->n; i++) {
                struct condition *c = &q->list[i];
                struct str *all;
                if (!is_wide(c) || !among(c->values, c->n, place))
                        continue;
                all = arena_array(q->arena, struct str, c->n_wide + n + 1);
                if (c->n_wide)
                        memcpy(all, c->wide, c->n_wide * sizeof(*all));
                for (size_t k = 0; k < n; k++)
                        all[c->n_wide++] = arena_str(q->arena, descendants[k]);
                c->wide = all;
        }
}
