#include "ingest/hj212.h"

#include "base/limits.h"
#include "ingest/test_decode.h"

#define PUBLIC_354 "##0354QN=20230803171130538;ST=31;CN=2011;PW=123456;MN=88888880000001234567;Flag=5;CP=&&DataTime=20230803165500;w01001-Rtd=0.000,w01001-Flag=N;w21003-Rtd=0.000,w21003-Flag=N;" \
        "w01018-Rtd=0.000,w01018-Flag=N;e01002-Rtd=0.000,e01002-Flag=N;w01010-Rtd=0.000,w01010-Flag=N;e01001-Rtd=0.000,e01001-Flag=N;w01003-Rtd=0.000,w01003-Flag=N;w21011-Rtd=0.000,w21011-Flag=N&&A141\r\n"
#define AIR "##0200QN=20160801085857223;ST=22;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&DataTime=20160801085857;a01001-Rtd=19.3,a01001-Flag=N;a01002-Rtd=78.0,a01002-Flag=N;a34004-Rtd=22.0,a34004-Flag=N&&2F80\r\n"

static struct str framed(const char *data)
{
        struct buf b = { .max = 4096 };
        hj212_frame_write(&b, str_of(data));
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

/* What comes out of a stream that arrives in pieces: F for a frame, B for a bad one. */
static struct str found_in(struct str s, size_t piece)
{
        struct buf out = { .max = 4096 };
        bool skipping = false;
        size_t from = 0, have = 0;
        struct hj212_frame f;

        while (have < s.n) {
                have = have + piece < s.n ? have + piece : s.n;
                do {
                        hj212_next((struct str){ s.p + from, have - from }, &skipping, &f);
                        from += f.used;
                        if (f.found != HJ212_MORE)
                                buf_char(&out, f.found == HJ212_FRAME ? 'F' : 'B');
                } while (f.found != HJ212_MORE || f.used);
        }
        struct str text = arena_str(a, buf_view(&out));
        buf_free(&out);
        return text;
}

static struct str read_all(const char *data, struct err *e)
{
        struct buf b = { .max = 1 << 16 };
        struct reading *r;
        struct hj212 h;
        size_t n, left;

        if (hj212_read(str_of(data), &h, e) < 0 || hj212_readings(a, &h, &r, &n, &left, e) < 0)
                return STR("refused");
        for (size_t i = 0; i < n; i++)
                write_reading(&b, &r[i]);
        if (left)
                buf_printf(&b, "left out %zu\n", left);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

static void the_published_vectors_are_good_frames(void **state)
{
        static const char *const vectors[] = { PUBLIC_354, AIR };
        (void)state;
        for (size_t i = 0; i < COUNT(vectors); i++)
                for (size_t piece = 1; piece < 400; piece += 7)
                        assert_str(found_in(str_of(vectors[i]), piece), "F");
        assert_int_equal(hj212_crc(STR("QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&")), 0x1C80);
        assert_int_equal(hj212_crc(STR("")), 0xFFFF);
}

static void several_in_a_packet_and_resync_after_garbage(void **state)
{
        static const struct { const char *text, *want; } cases[] = {
                { AIR AIR PUBLIC_354, "FFF" },
                { "GET / HTTP/1.1\r\n\r\n" AIR, "BF" },
                { "\r\n  \n" AIR "\r\n" AIR, "FF" },
                { "##" AIR, "F" }, { "#" AIR, "F" }, { "x#" AIR, "BF" },
                { "##0100QN=2016;ST=22\r\n" AIR, "BF" },                        /* its length is too large: seen at the line's end */
                { "##0010QN=20160801085857223;ST=22;CN=2011&&ABCD\r\n" AIR, "BF" }, /* too small */
                { "##9999QN=1\r\n" AIR, "BF" }, { "##00a1QN=1\r\n" AIR, "BF" },
                { "##0009QN=1;CN=2FFFF\r\n" AIR, "BF" },                        /* CRC */
                { "##0100QN=2016;ST=2" AIR, "BF" },                             /* broken off, the next one follows */
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++)
                for (size_t piece = 1; piece < 500; piece += 31)
                        assert_str(found_in(str_of(cases[i].text), piece), cases[i].want);
}

static void lower_case_hex_and_no_line_end_are_tolerated(void **state)
{
        (void)state;
        char *s = arena_cstr(a, STR(AIR)), *crc = s + strlen(s) - 6;
        memcpy(crc, "2f80", 4);
        assert_str(found_in(str_of(s), 9999), "F");
        struct str twice = arena_printf(a, "%.*s%.*s", (int)strlen(AIR) - 2, AIR, (int)strlen(AIR) - 2, AIR);
        assert_str(found_in(twice, 100), "FF");
}

static void the_length_is_bounded(void **state)
{
        char data[LIMIT_HJ212_DATA_BYTES + 2];
        (void)state;
        memset(data, 'x', sizeof data);
        data[LIMIT_HJ212_DATA_BYTES] = 0;
        assert_str(found_in(framed(data), 100), "F");
        data[LIMIT_HJ212_DATA_BYTES] = 'x';
        data[LIMIT_HJ212_DATA_BYTES + 1] = 0;
        assert_str(found_in(framed(data), 100), "B");
}

#define HEAD "QN=20160801085857223;ST=22;CN=2011;PW=123456;MN=M1;Flag=5;CP=&&DataTime=20160801085857;"
static void real_time_data_have_the_factor_code_as_channel(void **state)
{
        (void)state;
        assert_str(read_all(HEAD "a34004-Rtd=22.0,a34004-Flag=N;a01001-Flag=D,a01001-Rtd=-19.30;LA-Rtd=50.1,LA-Flag=T&&", NULL),
                   "a34004 1470013137000 22\na01001 1470013137000 -19.3 f1\nLA 1470013137000 50.1 f4\n");
        assert_str(read_all(HEAD "a21026-Rtd=1.5,a21026-ZsRtd=2.5,a21026-Flag=M;w1-SampleTime=20160801080000,w1-Rtd=3&&", NULL),
                   "a21026 1470013137000 1.5 f3\na21026.zsrtd 1470013137000 2.5 f3\nw1 1470009600000 3\n");
        assert_str(read_all("ST=22;CN=2011;PW=1;MN=M1;CP=&&&&", NULL), "");
}

static void averages_have_channels_of_their_own(void **state)
{
        static const struct { const char *cn, *want; } cases[] = {
                { "2051", "a34004.m.min 1470012600000 1\na34004.m.avg 1470012600000 2\na34004.m.max 1470012600000 3\na34004.m.cou 1470012600000 4\n" },
                { "2061", "a34004.h.min 1470012600000 1\na34004.h.avg 1470012600000 2\na34004.h.max 1470012600000 3\na34004.h.cou 1470012600000 4\n" },
                { "2031", "a34004.d.min 1470012600000 1\na34004.d.avg 1470012600000 2\na34004.d.max 1470012600000 3\na34004.d.cou 1470012600000 4\n" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++)
                assert_str(read_all(arena_printf(a, "ST=22;CN=%s;PW=1;MN=M1;CP=&&DataTime=20160801085000;a34004-Min=1,a34004-Avg=2,a34004-Max=3,a34004-Cou=4&&", cases[i].cn).p, NULL), cases[i].want);
        assert_str(read_all("ST=23;CN=2061;PW=1;MN=M1;CP=&&DataTime=20160801080000;Leq-Data=51.2;L10-DayData=3&&", NULL), "Leq.h.data 1470009600000 51.2\nL10.h.daydata 1470009600000 3\n");
        assert_str(read_all("ST=22;CN=2021;PW=1;MN=M1;CP=&&DataTime=20160801080000;SB1-RS=1&&", NULL), "SB1.rs 1470009600000 1\n");
}

static void what_real_devices_do_is_understood(void **state)
{
        (void)state;
        assert_str(read_all("QN=20191122100900943 ;ST=22;CN=2011;PW=123456;MN= M1;Flag=5;CP=&&DataTime=20160801085857 ;a34004-Rtd=34.2,a34004-Flag=N ;a21004- Rtd=20.9,a21004-Flag=N,;&&", NULL),
                   "a34004 1470013137000 34.2\na21004 1470013137000 20.9\n");
        assert_str(read_all("ST=39;CN=2011;PW=1;MN=M1;CP=&DataTime=20160801085857;a34004-Rtd=-00999.000;a34002-Rtd=1;Flag=D&&", NULL), "a34004 1470013137000 -999 f1\na34002 1470013137000 1 f1\n");
        assert_str(read_all(HEAD "a34004-Rtd=,a34004-Flag=B;a01001-Rtd=-;a01002-Rtd=12x;a01006-Ori=5;s100=3&&", NULL), "left out 1\n");
        assert_str(read_all("ST=25;CN=2011;PW=1;MN=M1;Flag=7;CP=&&DataTime=20160801085857123;x-soil-moist-Rtd=3&&", NULL), "x-soil-moist 1470013137123 3\n");
}

static void nothing_is_guessed(void **state)
{
        static const struct { const char *data, *says; } cases[] = {
                { "ST=22;CN=2011;PW=1;MN=M1;CP=&&a34004-Rtd=1&&", "DataTime" }, { "ST=22;CN=2011;PW=1;MN=M1;CP=&&DataTime=2024112320423050;a34004-Rtd=1&&", "DataTime" },
                { "ST=22;CN=2011;PW=1;MN=M1;CP=&&DataTime=20160231000000;a34004-Rtd=1&&", "DataTime" }, { "ST=22;CN=2011;PW=1;CP=&&&&", "MN" }, { "ST=22;PW=1;MN=M1;CP=&&&&", "CN" },
                { "CN=2011;MN=M1;MN=M2;CP=&&&&", "twice" }, { "CN=x;MN=M1;CP=&&&&", "CN" }, { "CN=2011;MN=M\x01;CP=&&&&", "control" },
                { HEAD "w1-SampleTime=2016,w1-Rtd=3&&", "SampleTime" },
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                struct err e = { 0 };
                assert_str(read_all(cases[i].data, &e), "refused");
                assert_non_null(strstr(e.detail, cases[i].says));
        }
}

static void the_members_of_a_frame_are_bounded(void **state)
{
        (void)state;
        for (int over = 0; over < 2; over++) {
                struct buf b = { .max = 1 << 16 };
                struct err e = { 0 };
                buf_z(&b, "CN=2011;MN=M1;CP=&&DataTime=20160801085857");
                for (int i = 0; i < LIMIT_HJ212_VALUES + over; i++)
                        buf_printf(&b, ";a%d-Rtd=1", i);
                buf_z(&b, "&&");
                assert_int_equal(str_is(read_all(b.p, &e), "refused"), over);
                buf_free(&b);
        }
}

/* Each part in turn: what it gives, and whether its answer waits. */
static struct str joined(struct hj212_parts *p, const char *data)
{
        struct buf b = { .max = 1 << 16 };
        struct reading *r;
        struct hj212 h;
        size_t n, left;

        assert_int_equal(hj212_read(str_of(data), &h, NULL), 0);
        int rc = hj212_join(p, a, &h, NULL);
        if (rc < 0 || hj212_readings(a, &h, &r, &n, &left, NULL) < 0)
                return STR("refused");
        for (size_t i = 0; i < n; i++)
                write_reading(&b, &r[i]);
        if (rc)
                buf_z(&b, "waits\n");
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

static void a_message_has_so_many_parts(void **state)
{
        (void)state;
        for (int over = 0; over < 2; over++) {
                struct hj212_parts p = { 0 };
                assert_int_equal(str_is(joined(&p, arena_printf(a, "CN=2011;MN=M1;PNUM=%d;PNO=1;CP=&&DataTime=20160801085857;a-Rtd=1&&", LIMIT_HJ212_PARTS + over).p), "refused"), over);
        }
}

#define PART(pno) "QN=1;ST=22;CN=2011;PW=1;MN=M1;Flag=7;PNUM=2;PNO=" pno ";CP=&&"
static void parts_are_joined(void **state)
{
        struct hj212_parts p = { 0 };
        (void)state;
        assert_str(joined(&p, PART("1") "DataTime=20160801085857;a-Rtd=1&&"), "a 1470013137000 1\n");
        assert_str(joined(&p, PART("2") "b-Rtd=2,b-Flag=D&&"), "b 1470013137000 2 f1\n");
        assert_str(joined(&p, PART("2") "b-Rtd=2,b-Flag=D&&"), "b 1470013137000 2 f1\n");       /* again: nobody answered */
        p = (struct hj212_parts){ 0 };
        assert_str(joined(&p, PART("1") "DataTime=20160801085857;a-Rtd=1;b-Rt"), "a 1470013137000 1\nwaits\n");
        assert_str(joined(&p, PART("2") "d=2&&"), "b 1470013137000 2\n");
        assert_str(joined(&p, PART("2") "d=2&&"), "refused");
        p = (struct hj212_parts){ 0 };
        assert_str(joined(&p, PART("2") "b-Rtd=2&&"), "refused");
        assert_str(joined(&p, PART("2") "DataTime=20160801085857;b-Rtd=2&&"), "b 1470013137000 2\n");
        assert_str(joined(&p, PART("3") "DataTime=20160801085857;b-Rtd=2&&"), "refused");
        assert_str(joined(&p, "CN=2011;MN=M1;Flag=7;CP=&&DataTime=20160801085857;b-Rtd=2&&"), "b 1470013137000 2\n");   /* announced, not there */
}

static struct str answer(const char *data, int cn, const char *cp)
{
        struct buf b = { .max = 1024 };
        struct hj212 h;
        assert_int_equal(hj212_read(str_of(data), &h, NULL), 0);
        hj212_answer(&b, &h, cn, cp);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

static void answers_are_frames_themselves(void **state)
{
        (void)state;
        struct str want = framed("QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=M1;Flag=4;CP=&&&&");
        assert_str(answer(HEAD "&&", CN_DATA_ANSWER, ""), want.p);
        want = framed("QN=20160801085857223;ST=91;CN=9011;PW=123456;MN=M1;Flag=4;CP=&&QnRtn=3&&");
        assert_str(answer(HEAD "&&", CN_REQUEST_ANSWER, "QnRtn=3"), want.p);
        want = framed("QN=7;ST=91;CN=9014;PW=1;MN=M1;Flag=0;CP=&&QN=7;CN=2051&&");
        assert_str(answer("QN=7;ST=32;CN=2051;PW=1;MN=M1;Flag=1;CP=&&&&", CN_DATA_ANSWER, ""), want.p);
        struct buf b = { .max = 1024 };
        struct hj212 h;
        assert_int_equal(hj212_read(STR("QN=7;ST=22;CN=1013;PW=1;MN=M1;Flag=5;CP=&&PolId=a34004&&"), &h, NULL), 0);
        hj212_set_time(&b, &h, 1470013137223);
        want = framed("QN=20160801085857223;ST=22;CN=1012;PW=1;MN=M1;Flag=5;CP=&&SystemTime=20160801085857&&");
        assert_str(buf_view(&b), want.p);
        buf_free(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_published_vectors_are_good_frames),
                cmocka_unit_test(several_in_a_packet_and_resync_after_garbage),
                cmocka_unit_test(lower_case_hex_and_no_line_end_are_tolerated),
                cmocka_unit_test(the_length_is_bounded),
                cmocka_unit_test(real_time_data_have_the_factor_code_as_channel),
                cmocka_unit_test(averages_have_channels_of_their_own),
                cmocka_unit_test(what_real_devices_do_is_understood),
                cmocka_unit_test(nothing_is_guessed),
                cmocka_unit_test(parts_are_joined),
                cmocka_unit_test(the_members_of_a_frame_are_bounded),
                cmocka_unit_test(a_message_has_so_many_parts),
                cmocka_unit_test(answers_are_frames_themselves),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
