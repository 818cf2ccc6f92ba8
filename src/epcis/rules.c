#include "epcis/reader.h"

/* Rules of the schema across members, and the textual rules of the standard that are findings only. */

/* Has the list at least `least` entries? */
static bool has(const struct json *event, const char *list, uint32_t least)
{
        const struct json *v = json_get(event, list);

        return json_is(v, JSON_ARRAY) && v->n >= least;
}

static bool acts(const struct json *event, const char *action)
{
        struct str s = json_str(event, "action");

        return s.p && str_is(s, action);
}

static void rules_object(struct reader *r, const struct path *at, const struct json *v)
{
        if (!has(v, "epcList", 0) && !has(v, "quantityList", 1) &&
            !(has(v, "sensorElementList", 1) && json_is(json_get(v, "readPoint"), JSON_OBJECT)))
                fault_add(r, at, CODE_MISSING_ITEMS,
                          "an ObjectEvent needs epcList, a quantityList with entries, or sensorElementList and readPoint");
        if (json_get(v, "ilmd") && !acts(v, "ADD"))
                fault_at(r, at, "ilmd", CODE_ILMD_NOT_ALLOWED, "ilmd describes new things: it goes with action ADD only");
}

/* Aggregation and association. */
static void rules_children(struct reader *r, const struct path *at, const struct json *v)
{
        if (!has(v, "childEPCs", 1) && !has(v, "childQuantityList", 1) && !acts(v, "DELETE"))
                fault_add(r, at, CODE_MISSING_ITEMS,
                          "the event needs childEPCs or childQuantityList with entries, unless its action is DELETE");
        if (r->events == 1U << EVENT_AGGREGATION && !json_get(v, "parentID") && !acts(v, "OBSERVE"))
                fault_add(r, at, CODE_PARENT_MISSING, "say with parentID what the children were put into or taken from");
}

static void rules_transaction(struct reader *r, const struct path *at, const struct json *v)
{
        if (!has(v, "epcList", 0) && !has(v, "quantityList", 1) && !acts(v, "DELETE"))
                fault_add(r, at, CODE_MISSING_ITEMS,
                          "a TransactionEvent needs epcList or a quantityList with entries, unless its action is DELETE");
}

static void rules_transformation(struct reader *r, const struct path *at, const struct json *v)
{
        bool in = has(v, "inputEPCList", 1) || has(v, "inputQuantityList", 1);
        bool out = has(v, "outputEPCList", 1) || has(v, "outputQuantityList", 1);

        if (!(in && out) && !((in || out) && json_get(v, "transformationID")))
                fault_add(r, at, CODE_MISSING_ITEMS,
                          "a TransformationEvent needs inputs and outputs, or one of them and a transformationID");
}

void rules_event(struct reader *r, const struct path *at, const struct json *v)
{
        switch (r->events) {
        case 1 << EVENT_OBJECT: rules_object(r, at, v); break;
        case 1 << EVENT_AGGREGATION:
        case 1 << EVENT_ASSOCIATION: rules_children(r, at, v); break;
        case 1 << EVENT_TRANSACTION: rules_transaction(r, at, v); break;
        case 1 << EVENT_TRANSFORMATION: rules_transformation(r, at, v); break;
        default: break;
        }
}

void rules_persistent_disposition(struct reader *r, const struct path *at, const struct json *v)
{
        if (!json_get(v, "set") && !json_get(v, "unset"))
                fault_add(r, at, CODE_MISSING_MEMBER, "persistentDisposition needs the member set or unset");
}

void rules_sensor_metadata(struct reader *r, const struct path *at, const struct json *v)
{
        struct stamp start, end;
        struct str from = json_str(v, "startTime"), to = json_str(v, "endTime");

        if (from.p && to.p && stamp_read(from, &start) && stamp_read(to, &end) && start.us > end.us)
                fault_at(r, at, "startTime", CODE_SENSOR_ORDER, "startTime is after endTime");
}

/* What sensorMetadata says holds for all its reports, so none may say it again (EPCIS 2.0 §7.3.7). */
void rules_sensor_element(struct reader *r, const struct path *at, const struct json *v)
{
        static const char *const shared[] = {
                "time", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules",
        };
        const struct json *metadata = json_get(v, "sensorMetadata"), *reports = json_get(v, "sensorReport");
        const struct path list = { at, STR("sensorReport"), 0 };

        if (!json_is(metadata, JSON_OBJECT) || !json_is(reports, JSON_ARRAY))
                return;
        for (size_t k = 0; k < sizeof shared / sizeof shared[0]; k++) {
                if (!json_get(metadata, shared[k]))
                        continue;
                for (uint32_t i = 0; i < reports->n; i++) {
                        const struct path report = { &list, STR_NONE, i };

                        if (json_get(&reports->items[i], shared[k]))
                                fault_at(r, &report, shared[k], CODE_SENSOR_REPEATED,
                                         "%s stands in sensorMetadata already, for all its reports", shared[k]);
                }
        }
}
