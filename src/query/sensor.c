#include "query/query_impl.h"

#include "epcis/event.h"

/* What sensor elements say.  Metadata stand in sensorMetadata or in each sensorReport, as the sender liked: both are looked at. */

typedef bool part_fits(const struct query *q, const struct condition *c, struct arena *a, const struct event *e, const struct json *part);

static bool any_part(const struct query *q, const struct condition *c, struct arena *a, const struct event *e, part_fits *fits)
{
        const struct json *list = json_get(e->json, "sensorElementList");
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                const struct json *metadata = json_get(&list->items[i], "sensorMetadata");
                const struct json *reports = json_get(&list->items[i], "sensorReport");
                if (metadata && fits(q, c, a, e, metadata))
                        return true;
                for (uint32_t k = 0; json_is(reports, JSON_ARRAY) && k < reports->n; k++)
                        if (fits(q, c, a, e, &reports->items[k]))
                                return true;
        }
        return false;
}

static const char *member_of(const struct condition *c)
{
        return c->param == PARAM_SENSOR_TIME_FROM || c->param == PARAM_SENSOR_TIME_BEFORE ? "time" :
               c->param == PARAM_SENSOR_START_FROM || c->param == PARAM_SENSOR_START_BEFORE ? "startTime" :
               c->param == PARAM_SENSOR_END_FROM || c->param == PARAM_SENSOR_END_BEFORE ? "endTime" :
               param_rows[c->param].reading == READ_MEASURE ? param_rows[c->param].name : param_rows[c->param].name + strlen("EQ_");
}

static bool says(const struct query *q, const struct condition *c, struct arena *a, const struct event *e, const struct json *part)
{
        const struct json *v = json_get(part, member_of(c));
        struct str text = json_is(v, JSON_TRUE) ? STR("true") : json_is(v, JSON_FALSE) ? STR("false") : json_text(v);
        struct ident ident;
        if (!text.n)
                return false;
        if (param_rows[c->param].reading == READ_WORDS)
                text = query_word(a, e->context, param_rows[c->param].vocabulary, text);
        else if (param_rows[c->param].reading == READ_IDENTS) {
                ident_read(a, text, q->own, &ident);
                text = ident.canonical;
        }
        for (size_t i = 0; i < c->n; i++)
                if (str_eq(c->values[i], text))
                        return true;
        return false;
}

static bool at_time(const struct query *q, const struct condition *c, struct arena *a, const struct event *e, const struct json *part)
{
        struct stamp t;
        bool from = c->param == PARAM_SENSOR_TIME_FROM || c->param == PARAM_SENSOR_START_FROM || c->param == PARAM_SENSOR_END_FROM;
        (void)q, (void)a, (void)e;
        if (!stamp_read(json_str(part, member_of(c)), &t))
                return false;
        return from ? t.us >= c->us : t.us < c->us;
}

static bool measures(const struct query *q, const struct condition *c, struct arena *a, const struct event *e, const struct json *part)
{
        (void)q, (void)a, (void)e;
        /* A rank is no measure of the thing, and a deviation has no zero point: 1 Cel apart is 1.8 Fah apart. */
        struct str uom = c->param == PARAM_PERC_RANK ? STR_NONE : json_str(part, "uom");
        return measure_fits(c, json_text(json_get(part, member_of(c))), uom, c->param == PARAM_DEVIATION);
}

bool sensor_holds(const struct query *q, const struct condition *c, struct arena *a, const struct event *e)
{
        switch (param_rows[c->param].reading) {
        case READ_TIME: return any_part(q, c, a, e, at_time);
        case READ_MEASURE: return any_part(q, c, a, e, measures);
        default: return any_part(q, c, a, e, says);
        }
}
