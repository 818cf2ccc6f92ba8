#include "query/query_impl.h"

#include "epcis/facet.h"

static int facet_of(enum param p)
{
        switch (p) {
        case PARAM_STEP: return FACET_STEP;
        case PARAM_DISPOSITION: return FACET_DISPOSITION;
        case PARAM_READ_POINT: return FACET_READ_POINT;
        case PARAM_WD_READ_POINT: return FACET_READ_POINT;
        case PARAM_LOCATION: return FACET_LOCATION;
        case PARAM_WD_LOCATION: return FACET_LOCATION;
        case PARAM_SOURCE: return FACET_SOURCE;
        case PARAM_DESTINATION: return FACET_DESTINATION;
        case PARAM_TRANSACTION: return FACET_TRANSACTION;
        case PARAM_SET: return FACET_SET;
        case PARAM_UNSET: return FACET_UNSET;
        case PARAM_DEVICE: return FACET_DEVICE;
        default: return 0;
        }
}

static const struct str *all_values(const struct condition *c, struct arena *a, size_t *ret_n)
{
        struct str *all = arena_array(a, struct str, c->n + c->n_wide + 1);
        for (size_t i = 0; i < c->n; i++)
                all[i] = c->values[i];
        for (size_t i = 0; i < c->n_wide; i++)
                all[c->n + i] = c->wide[i];
        *ret_n = c->n + c->n_wide;
        return all;
}

/* What the facet holds is what the condition asks for, no more: sources, say, stand in one facet whatever their type. */
static bool facet_tells(enum param p)
{
        return p == PARAM_STEP || p == PARAM_DISPOSITION || p == PARAM_READ_POINT || p == PARAM_WD_READ_POINT || p == PARAM_LOCATION || p == PARAM_WD_LOCATION;
}

static bool bound_time(const struct condition *c, struct query_bounds *b)
{
        if (c->param == PARAM_TIME_FROM && c->us > b->time_from_us)
                b->time_from_us = c->us;
        else if (c->param == PARAM_TIME_BEFORE && c->us < b->time_before_us)
                b->time_before_us = c->us;
        else if (c->param == PARAM_RECORD_FROM && c->us > b->record_from_us)
                b->record_from_us = c->us;
        else if (c->param == PARAM_RECORD_BEFORE && c->us < b->record_before_us)
                b->record_before_us = c->us;
        return c->param == PARAM_TIME_FROM || c->param == PARAM_TIME_BEFORE || c->param == PARAM_RECORD_FROM || c->param == PARAM_RECORD_BEFORE;
}

static unsigned type_bit(struct str name)
{
        for (int t = 0; t < EVENT_EXTENDED; t++)
                if (str_is(name, event_type_name((enum event_type)t)))
                        return 1u << t;
        return 0;
}

/* A type of somebody's own has no number: then the body tells.  Two conditions on types hold together. */
static bool bound_types(const struct condition *c, struct query_bounds *b)
{
        unsigned types = 0;
        for (size_t i = 0; i < c->n; i++) {
                unsigned bit = type_bit(c->values[i]);
                if (!bit)
                        return false;
                types |= bit;
        }
        b->never |= b->types && !(b->types & types);
        b->types = b->types ? b->types & types : types;
        return true;
}

static bool bound_actions(const struct condition *c, struct query_bounds *b)
{
        unsigned actions = 0;
        for (size_t i = 0; i < c->n; i++)
                actions |= 1u << (str_is(c->values[i], "ADD") ? ACTION_ADD : str_is(c->values[i], "DELETE") ? ACTION_DELETE : ACTION_OBSERVE);
        b->never |= b->actions && !(b->actions & actions);
        b->actions = b->actions ? b->actions & actions : actions;
        return true;
}

/* Whether the bounds say all of the condition. */
static bool bound(const struct condition *c, struct arena *a, struct query_bounds *b)
{
        int facet = facet_of(c->param);
        if (bound_time(c, b))
                return true;
        if (c->param == PARAM_TYPE)
                return bound_types(c, b);
        if (c->param == PARAM_ACTION)
                return bound_actions(c, b);
        if (c->param == PARAM_EVENT_ID) {
                bool first = !b->n_event_ids;
                b->event_ids = c->values;
                b->n_event_ids = c->n;
                return first;
        }
        if (param_roles(c->param) && !c->patterned) {
                b->items[b->n_items++] = (struct item_bound){ param_roles(c->param), c->values, c->n };
                return true;
        }
        if (facet) {
                struct facet_bound *f = &b->facets[b->n_facets++];
                f->facet = facet;
                f->values = all_values(c, a, &f->n);
        }
        return facet && facet_tells(c->param);
}

void query_bounds(const struct query *q, struct arena *a, struct query_bounds *ret)
{
        *ret = (struct query_bounds){ .time_from_us = INT64_MIN, .time_before_us = INT64_MAX,
                                      .record_from_us = INT64_MIN, .record_before_us = INT64_MAX, .exact = true };
        ret->facets = arena_alloc(a, sizeof(*ret->facets) * (q->n + 1));
        ret->items = arena_alloc(a, sizeof(*ret->items) * (q->n + 1));
        for (size_t i = 0; i < q->n; i++)
                ret->exact &= bound(&q->list[i], a, ret);
        ret->never |= ret->time_from_us >= ret->time_before_us || ret->record_from_us >= ret->record_before_us;
}

static void write_condition(struct buf *b, const struct condition *c)
{
        const struct param_row *row = &param_rows[c->param];
        json_write_str(b, c->name);
        buf_char(b, ':');
        if (row->reading == READ_NOTHING || (c->field && c->field->op == COMPARE_EXISTS))
                buf_z(b, "true");
        else if (row->reading == READ_TIME)
                json_write_str(b, c->values[0]);
        else {
                for (size_t i = 0; i < c->n; i++) {
                        buf_char(b, i ? ',' : '[');
                        json_write_str(b, c->values[i]);
                }
                buf_char(b, ']');
        }
        buf_char(b, ',');
}

void query_write(struct buf *b, const struct query *q)
{
        const struct query_shape *s = &q->shape;
        buf_char(b, '{');
        for (size_t i = 0; i < q->n; i++)
                write_condition(b, &q->list[i]);
        if (s->event_count_limit)
                buf_printf(b, "\"eventCountLimit\":%lld,", (long long)s->event_count_limit);
        if (s->max_event_count)
                buf_printf(b, "\"maxEventCount\":%lld,", (long long)s->max_event_count);
        if (s->ordered) {
                buf_z(b, "\"orderBy\":");
                json_write_str(b, s->by == ORDER_EXTENSION ? s->extension : s->by == ORDER_EVENT_TIME ? STR("eventTime") : STR("recordTime"));
                buf_char(b, ',');
        }
        buf_printf(b, "\"orderDirection\":\"%s\"}", s->ascending ? "ASC" : "DESC");
}
