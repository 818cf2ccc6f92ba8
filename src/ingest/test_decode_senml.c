#include "ingest/test_decode.h"

extern const struct decoder decoder_senml;

static void base_fields_and_sums(void **state)
{
        (void)state;
        assert_str(decoded(&decoder_senml, said(STR("[{\"bn\":\"urn:dev:ow:10e2073a01080063:\",\"bt\":1.276020076001e+09,\"bu\":\"A\",\"bver\":5,\"n\":\"voltage\",\"u\":\"V\",\"v\":120.1},"
                                                     "{\"n\":\"current\",\"t\":-5,\"v\":1.2},{\"n\":\"current\",\"t\":-4,\"v\":1.3}]")), NULL),
                   "voltage 1276020076001 120.1\ncurrent 1276020071001 1.2\ncurrent 1276020072001 1.3\n");
        assert_str(decoded(&decoder_senml, said(STR("[{\"bv\":10,\"bs\":100,\"bt\":1276020076,\"n\":\"x\",\"v\":1,\"s\":5},{\"n\":\"y\",\"s\":1}]")), NULL),
                   "x 1276020076000 11\nx.sum 1276020076000 105\ny.sum 1276020076000 101\n");
}

static void times_below_2_to_the_28_are_relative(void **state)
{
        (void)state;
        assert_str(decoded(&decoder_senml, said(STR("[{\"n\":\"x\",\"v\":1},{\"n\":\"x\",\"t\":-1.5,\"v\":2},{\"n\":\"x\",\"t\":268435455,\"v\":3},{\"n\":\"x\",\"t\":268435456,\"v\":4}]")), NULL),
                   "x 1780000000000 1\nx 1779999998500 2\nx 2048435455000 3\nx 268435456000 4\n");
}

static void booleans_count_and_texts_do_not(void **state)
{
        (void)state;
        assert_str(decoded(&decoder_senml, said(STR("[{\"bn\":\"urn:x:\",\"bt\":1276020076},{\"n\":\"pump\",\"vb\":true},{\"n\":\"label\",\"vs\":\"abc\"},{\"n\":\"raw\",\"vd\":\"aGk\"},{\"v\":5}]")), NULL),
                   "pump 1276020076000 1\nurn:x: 1276020076000 5\n");
}

static void what_cannot_be_read_is_refused(void **state)
{
        static const struct { const char *text, *says; } cases[] = {
                { "[]", "list" }, { "{}", "list" }, { "[1]", "/0" }, { "[{\"n\":\"x\",\"v\":\"1\"}]", "/0/v" }, { "[{\"bver\":11,\"n\":\"x\",\"v\":1}]", "version" },
                { "[{\"n\":\"x\",\"v\":1,\"new_\":2}]", "understood" }, { "[{\"bn\":\"a\",\"n\":\"x\",\"v\":1},{\"bn\":\"b\",\"n\":\"x\",\"v\":1}]", "/1/bn" },
                { "[{\"n\":\"a/b\",\"v\":1}]", "can be no channel" }, { "[{\"n\":\"x\",\"v\":1,\"t\":1e17}]", "range" }, { "[{\"v\":1}]", "can be no channel" },
                { "[{\"n\":1,\"v\":1}]", "/0/n" }, { "[{\"n\":\"x\",\"bv\":900000000000000000,\"v\":900000000000000000}]", "do not fit" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++)
                assert_refused(&decoder_senml, said(str_of(cases[i].text)), cases[i].says);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(base_fields_and_sums),
                cmocka_unit_test(times_below_2_to_the_28_are_relative),
                cmocka_unit_test(booleans_count_and_texts_do_not),
                cmocka_unit_test(what_cannot_be_read_is_refused),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
