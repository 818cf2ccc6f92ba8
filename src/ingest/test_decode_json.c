#include "base/limits.h"
#include "ingest/test_decode.h"

extern const struct decoder decoder_json;

static void one_object_with_both_kinds_of_time(void **state)
{
        (void)state;
        assert_str(decoded(&decoder_json, said(STR("{\"t\":1780000123456,\"values\":{\"a34004\":22.50,\"a01001\":-3}}")), NULL),
                   "a34004 1780000123456 22.5\na01001 1780000123456 -3\n");
        assert_str(decoded(&decoder_json, said(STR("{\"t\":\"2026-06-01T08:00:00.25+08:00\",\"values\":{\"x\":1e2},\"seq\":7}")), NULL), "x 1780272000250 100 #7\n");
}

static void a_list_and_the_time_of_receipt(void **state)
{
        (void)state;
        assert_str(decoded(&decoder_json, said(STR("[{\"values\":{\"x\":1}},{\"t\":1,\"values\":{\"x\":null,\"y\":2}}]")), NULL), "x 1780000000000 1\ny 1 2\n");
        assert_str(decoded(&decoder_json, said(STR("[]")), NULL), "");
}

static void what_a_program_made_of_a_binary_number_is_rounded(void **state)
{
        (void)state;
        assert_str(decoded(&decoder_json, said(STR("{\"t\":5,\"values\":{\"x\":0.30000000000000004,\"y\":21.300000000000000711,\"z\":-1e-20}}")), NULL), "x 5 0.3\ny 5 21.3\nz 5 0\n");
}

static void below_an_address_that_names_the_channel(void **state)
{
        (void)state;
        struct message m = said(STR("{\"t\":5,\"value\":1.5}"));
        m.channel = STR("soil");
        assert_str(decoded(&decoder_json, m, NULL), "soil 5 1.5\n");
        m.bytes = STR("-4.25");
        assert_str(decoded(&decoder_json, m, NULL), "soil 1780000000000 -4.25\n");
}

static void the_description_renames_and_scales(void **state)
{
        struct message m = said(STR("{\"t\":5,\"values\":{\"温度\":193,\"b\":2}}"));
        (void)state;
        assert_int_equal(mapping_read(a, STR("{\"channels\":[{\"code\":\"air-t\",\"from\":\"温度\",\"scale\":0.1,\"offset\":-1}]}"), &m.mapping, NULL), 0);
        assert_str(decoded(&decoder_json, m, NULL), "air-t 5 18.3\nb 5 2\n");
        assert_int_equal(mapping_read(a, STR("{\"channels\":{\"air-t\":{\"from\":\"温度\"},\"c\":{\"from\":\"b\",\"scale\":2}}}"), &m.mapping, NULL), 0);
        assert_str(decoded(&decoder_json, m, NULL), "air-t 5 193\nc 5 4\n");
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
        static const struct { const char *text, *says; } cases[] = {
                { "{", "" }, { "7", "object with `values`" }, { "{\"t\":1}", "/values" }, { "[{\"t\":1,\"values\":{}},3]", "/1" },
                { "{\"t\":1,\"values\":{\"x\":\"1\"}}", "/values/x" }, { "{\"t\":1,\"values\":{\"x\":true}}", "/values/x" },
                { "{\"t\":1,\"values\":{\"x\":1e30}}", "at most 18 digits" }, { "{\"t\":1,\"values\":{\"x y\":1}}", "can be no channel" },
                { "{\"t\":1,\"values\":{\"\":1}}", "can be no channel" },
                { "{\"t\":1.5,\"values\":{}}", "/t" }, { "{\"t\":\"2026-06-01T08:00:00\",\"values\":{}}", "RFC 3339" }, { "{\"t\":-1,\"values\":{}}", "/t" },
                { "{\"t\":null,\"values\":{}}", "/t" }, { "{\"t\":1,\"seq\":-1,\"values\":{}}", "/seq" }, { "[[{\"t\":1,\"values\":{}}]]", "/0" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++)
                assert_refused(&decoder_json, said(str_of(cases[i].text)), cases[i].says);
}

static void a_value_that_does_not_fit_after_scaling_is_refused(void **state)
{
        struct message m = said(STR("{\"t\":5,\"values\":{\"x\":999999999999999999}}"));
        (void)state;
        assert_int_equal(mapping_read(a, STR("{\"channels\":[{\"code\":\"x\",\"scale\":1000}]}"), &m.mapping, NULL), 0);
        assert_refused(&decoder_json, m, "does not fit");
}

static void descriptions_that_make_no_sense_are_refused(void **state)
{
        static const char *const cases[] = {
                "{\"channels\":7}", "{\"channels\":[{}]}", "{\"channels\":{\"a b\":{}}}", "{\"channels\":[{\"code\":\"a b\"}]}", "{\"channels\":[{\"code\":\"a\",\"scale\":0}]}",
                "{\"channels\":[{\"code\":\"a\",\"scale\":\"1\"}]}", "{\"channels\":[{\"code\":\"a\",\"offset\":[]}]}", "{\"channels\":[{\"code\":\"a\"},{\"code\":\"b\",\"from\":\"a\"}]}", "{",
        };
        const struct mapping *m;
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++)
                assert_int_equal(mapping_read(a, str_of(cases[i]), &m, NULL), -1);
        assert_int_equal(mapping_read(a, STR_NONE, &m, NULL), 0);
        assert_null(mapping_find(m, STR("a")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_object_with_both_kinds_of_time),
                cmocka_unit_test(a_list_and_the_time_of_receipt),
                cmocka_unit_test(what_a_program_made_of_a_binary_number_is_rounded), cmocka_unit_test(below_an_address_that_names_the_channel),
                cmocka_unit_test(the_description_renames_and_scales),
                cmocka_unit_test(what_is_wrong_is_told_with_its_place),
                cmocka_unit_test(a_value_that_does_not_fit_after_scaling_is_refused),
                cmocka_unit_test(descriptions_that_make_no_sense_are_refused),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
