#include "ingest/test_decode.h"

extern const struct decoder decoder_csv;

static void tables_of_several_loggers(void **state)
{
        static const struct { const char *text, *want; } cases[] = {
                { "\xef\xbb\xbftime,a01001,a01002\r\n2026-06-01 08:00:00,19.3,78\r\n2026-06-01 08:01:00,,79.5\r\n", "a01001 1780272000000 19.3 f5\na01002 1780272000000 78 f5\na01002 1780272060000 79.5 f5\n" },
                { "Logger 12\nserial,77\n序号,日期,时间,t1\n1,2026/6/1,8:00,19.3\n", "t1 1780272000000 19.3 f5\n" },
                { "Date;Time;t1\n2026.06.01;08:00:00,5;19,3\n", "t1 1780272000500 19.3 f5\n" },
                { "timestamp\tt1\n2026-06-01T00:00:00Z\t-1.50\n1780272000001\tNaN\n", "t1 1780272000000 -1.5 f5\n" },
                { "采集时间,t1\n2026年6月1日 8时5分6秒,1\n20260601080507,2\n", "t1 1780272306000 1 f5\nt1 1780272307000 2 f5\n" },
                { "date,rain\n2026-06-01,3\n", "rain 1780243200000 3 f5\n" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++)
                assert_str(decoded(&decoder_csv, said(str_of(cases[i].text)), NULL), cases[i].want);
}

static void gbk_is_read_and_chinese_headings_are_renamed(void **state)
{
        struct message m = said(STR("\xca\xb1\xbc\xe4,\xce\xc2\xb6\xc8\n2026-06-01 08:00,193\n"));      /* 时间,温度 */
        (void)state;
        assert_refused(&decoder_csv, m, "column 2");
        assert_int_equal(mapping_read(a, STR("{\"channels\":[{\"code\":\"air-t\",\"from\":\"温度\",\"scale\":0.1}]}"), &m.mapping, NULL), 0);
        assert_str(decoded(&decoder_csv, m, NULL), "air-t 1780272000000 19.3 f5\n");
}

static void a_fault_says_row_and_column(void **state)
{
        static const struct { const char *text; int line, column; const char *says; } cases[] = {
                { "time,x,y\n2026-06-01 08:00,1,2\n2026-06-01 08:01,1,zwei\n", 3, 3, "row 3, column 3 (y)" },
                { "time,x\n01/02/2026 08:00,1\n", 2, 1, "this is no time" },
                { "time,x\n2026-02-30 08:00,1\n", 2, 1, "this is no time" },
                { "time,x\n2026-06-01 08:00 PM,1\n", 2, 1, "this is no time" },
                { "time,x\n2026-06-01 08:00,1,2\n", 2, 2, "more fields" },
                { "time;x\n2026-06-01 08:00;1.234,5\n", 2, 2, "no number" },
                { "time,x,x\n2026-06-01 08:00,1,2\n", 1, 3, "twice" },
                { "time,x y\n2026-06-01 08:00,1\n", 1, 2, "can be no channel" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                struct err e = { 0 };
                assert_str(decoded(&decoder_csv, said(str_of(cases[i].text)), &e), "refused");
                assert_int_equal(e.line, cases[i].line);
                assert_int_equal(e.column, cases[i].column);
                assert_non_null(strstr(e.detail, cases[i].says));
        }
}

static void a_table_without_a_time_or_in_no_known_script_is_refused(void **state)
{
        (void)state;
        assert_refused(&decoder_csv, said(STR("a,b\n1,2\n")), "headings");
        assert_refused(&decoder_csv, said(STR("time\n1\n")), "headings");
        assert_refused(&decoder_csv, said(STR("time,x\n\xff\xff\xff,1\n")), "neither UTF-8");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(tables_of_several_loggers),
                cmocka_unit_test(gbk_is_read_and_chinese_headings_are_renamed),
                cmocka_unit_test(a_fault_says_row_and_column),
                cmocka_unit_test(a_table_without_a_time_or_in_no_known_script_is_refused),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
