#include <math.h>

#include "ingest/aliases.h"
#include "ingest/test_decode.h"
#include "sparkplug.pb-c.h"

extern const struct decoder decoder_sparkplug;

static struct str packed(SpMetric *metrics, size_t n, uint64_t timestamp)
{
        SpMetric **list = arena_array(a, SpMetric *, n + 1);
        for (size_t i = 0; i < n; i++)
                list[i] = &metrics[i];
        SpPayload p = SP_PAYLOAD__INIT;
        p.has_timestamp = true;
        p.timestamp = timestamp;
        p.n_metrics = n;
        p.metrics = list;
        size_t size = sp_payload__get_packed_size(&p);
        char *bytes = arena_raw(a, size + 1);
        sp_payload__pack(&p, (uint8_t *)bytes);
        return (struct str){ bytes, size };
}

static SpMetric metric(const char *name, int alias, uint32_t type)
{
        SpMetric m = SP_METRIC__INIT;
        m.name = (char *)name;
        m.has_alias = alias > 0;
        m.alias = (uint64_t)alias;
        m.has_datatype = type > 0;
        m.datatype = type;
        return m;
}

static SpMetric with_int(SpMetric m, uint32_t v) { m.value_case = SP_METRIC__VALUE_INT_VALUE; m.int_value = v; return m; }
static SpMetric with_long(SpMetric m, uint64_t v) { m.value_case = SP_METRIC__VALUE_LONG_VALUE; m.long_value = v; return m; }
static SpMetric with_float(SpMetric m, float v) { m.value_case = SP_METRIC__VALUE_FLOAT_VALUE; m.float_value = v; return m; }
static SpMetric with_double(SpMetric m, double v) { m.value_case = SP_METRIC__VALUE_DOUBLE_VALUE; m.double_value = v; return m; }
static SpMetric with_bool(SpMetric m, bool v) { m.value_case = SP_METRIC__VALUE_BOOLEAN_VALUE; m.boolean_value = v; return m; }

static void every_type_of_number(void **state)
{
        SpMetric m[] = {
                with_int(metric("i8", 0, 1), 0xFFFFFFFF), with_int(metric("i16", 0, 2), (uint32_t)-2), with_int(metric("i32", 0, 3), (uint32_t)-3), with_int(metric("u32", 0, 7), 4000000000u),
                with_long(metric("i64", 0, 4), (uint64_t)-5), with_float(metric("Line 1/temp", 0, 9), 19.3f), with_double(metric("d", 0, 10), 0.1 + 0.2), with_bool(metric("b", 0, 11), true),
                with_float(metric("nan", 0, 9), NAN), metric("text", 0, 12), with_long(metric("bdSeq", 0, 4), 1), with_bool(metric("Node Control/Rebirth", 0, 11), false),
        };
        (void)state;
        assert_str(decoded(&decoder_sparkplug, said(packed(m, COUNT(m), 1780000000123)), NULL),
                   "i8 1780000000123 -1\ni16 1780000000123 -2\ni32 1780000000123 -3\nu32 1780000000123 4000000000\ni64 1780000000123 -5\n"
                   "Line_1.temp 1780000000123 19.3\nd 1780000000123 0.3\nb 1780000000123 1\n");
}

static void aliases_are_known_from_the_birth_that_was_passed_in(void **state)
{
        struct aliases *names = aliases_new();
        SpMetric birth[] = { with_int(metric("soil/moist", 7, 2), 300), with_int(metric("soil/temp", 8, 2), (uint32_t)-15) };
        SpMetric data[] = { with_int(metric(NULL, 8, 0), (uint32_t)-20), with_int(metric(NULL, 7, 2), 301) };
        SpMetric unknown[] = { with_int(metric(NULL, 9, 0), 1) };
        (void)state;
        data[0].has_timestamp = true;
        data[0].timestamp = 5;
        data[1].has_is_null = data[1].is_null = true;

        struct message m = said(packed(birth, 2, 1));
        m.aliases = names;
        assert_str(decoded(&decoder_sparkplug, m, NULL), "soil.moist 1 300\nsoil.temp 1 -15\n");
        m.bytes = packed(data, 2, 2);
        assert_str(decoded(&decoder_sparkplug, m, NULL), "soil.temp 5 -20\n");
        m.bytes = packed(unknown, 1, 2);
        assert_refused(&decoder_sparkplug, m, "no BIRTH");
        m.bytes = packed(data, 2, 2);
        m.aliases = NULL;
        assert_refused(&decoder_sparkplug, m, "no BIRTH");
        aliases_free(names);
}

static void the_description_sees_the_name_as_it_was_said(void **state)
{
        SpMetric x = with_int(metric("Line 1/temp", 0, 3), 193);
        struct message m = said(packed(&x, 1, 9));
        (void)state;
        assert_int_equal(mapping_read(a, STR("{\"channels\":[{\"code\":\"air-t\",\"from\":\"Line 1/temp\",\"scale\":0.1}]}"), &m.mapping, NULL), 0);
        assert_str(decoded(&decoder_sparkplug, m, NULL), "air-t 9 19.3\n");
}

static void what_is_no_payload_is_refused(void **state)
{
        SpMetric late = with_int(metric("x", 0, 3), 1), large = with_long(metric("x", 0, 8), UINT64_MAX);
        (void)state;
        assert_refused(&decoder_sparkplug, said(STR("\x08")), "no Sparkplug");
        assert_refused(&decoder_sparkplug, said(STR("{\"t\":1}")), "no Sparkplug");
        assert_refused(&decoder_sparkplug, said(packed(&late, 1, UINT64_MAX)), "range");
        assert_refused(&decoder_sparkplug, said(packed(&large, 1, 5)), "does not fit");
}

static void aliases_are_bounded(void **state)
{
        struct aliases *x = aliases_new();
        uint32_t type;
        (void)state;
        for (uint64_t i = 2000; i > 0; i--)
                assert_true(aliases_set(x, i, STR("n"), 1));
        assert_false(aliases_set(x, 2001, STR("n"), 1));
        assert_true(aliases_set(x, 1, STR("again"), 2));
        assert_str(aliases_get(x, 1, &type), "again");
        assert_int_equal(type, 2);
        assert_str(aliases_get(x, 1999, &type), "n");
        aliases_free(x);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_type_of_number),
                cmocka_unit_test(aliases_are_known_from_the_birth_that_was_passed_in),
                cmocka_unit_test(the_description_sees_the_name_as_it_was_said),
                cmocka_unit_test(what_is_no_payload_is_refused),
                cmocka_unit_test(aliases_are_bounded),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
