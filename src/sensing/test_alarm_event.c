#include "base/test.h"
#include "epcis/read.h"
#include "sensing/alarm_event.h"

static struct alarm_event event(const struct channel_spec *c)
{
        return (struct alarm_event){ .device = STR("https://trace.example/device/farm/D1"), .place = STR("https://trace.example/place/farm/A1"), .channel = c, .alarm = STR("frost \"早\""), .opens = true,
                                     .t_ms = INT64_C(1795824000000), .value = -1.5, .limit = 2, .words = { STR("霜冻"), STR("霜凍"), STR("Frost\n") }, .zone_min = 480 };
}

static struct document *read_back(struct arena *a, const struct alarm_event *e)
{
        struct str origin = STR("https://trace.example");
        struct origins own = { .list = &origin, .n = 1 };
        struct document *doc = NULL;
        struct err err = { 0 };
        struct str s = alarm_event_write(a, e);
        if (document_read(a, s.p, s.n, &own, &doc, &err) < 0)
                fail_msg("%s: %.*s", err.detail, STR_ARG(s));
        for (size_t i = 0; i < doc->faults.n; i++)
                fail_msg("%.*s: %.*s", STR_ARG(doc->faults.list[i].pointer), STR_ARG(doc->faults.list[i].message));
        assert_int_equal(doc->n_events, 1);
        return doc;
}

static void it_is_an_event_without_a_fault(void **state)
{
        struct arena *a = arena_new();
        (void)state;
        struct channel_spec c = { .code = STR("a01001"), .quantity = quantity_of_channel(STR("a01001")) };
        struct alarm_event e = event(&c);
        const struct json *report = json_get(read_back(a, &e)->events[0].json, "sensorElementList");
        report = &json_get(&report->items[0], "sensorReport")->items[0];
        assert_str(json_str(report, "exception"), "ALARM_CONDITION");
        assert_str(json_str(report, "type"), "Temperature");
        assert_str(json_str(report, "uom"), "CEL");
        assert_str(json_text(json_get(report, "value")), "-1.5");
        c = (struct channel_spec){ .code = STR("own") };        /* nobody knows what it measures, and no place */
        e.place = STR_NONE;
        e.opens = false;
        report = &json_get(&json_get(read_back(a, &e)->events[0].json, "sensorElementList")->items[0], "sensorReport")->items[0];
        assert_null(json_get(report, "exception"));
        arena_free(a);
}

static void its_name_follows_from_what_it_says(void **state)
{
        struct arena *a = arena_new();
        (void)state;
        struct channel_spec c = { .code = STR("a01001") };
        struct alarm_event e = event(&c);
        struct str first = arena_str(a, read_back(a, &e)->events[0].event_id);
        e.value = 1;
        assert_true(str_eq(first, read_back(a, &e)->events[0].event_id));
        e.opens = false;
        assert_false(str_eq(first, read_back(a, &e)->events[0].event_id));
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(it_is_an_event_without_a_fault), cmocka_unit_test(its_name_follows_from_what_it_says) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
