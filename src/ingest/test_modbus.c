#include "base/limits.h"
#include "ingest/modbus_plan.h"
#include "ingest/test_decode.h"

/* Frames and plans of Modbus, against bytes that were not made by this code. */
static const struct modbus_ask rtu = { MODBUS_RTU, 0, 1, 3, 0, 4 }, tcp = { MODBUS_TCP, 7, 1, 3, 0, 4 };
#define RTU_ANSWER "\x01\x03\x08\x01\x31\xff\xf1\x03\x2c\x00\x44\xdc\xbc"
#define TCP_ANSWER "\x00\x07\x00\x00\x00\x0b\x01\x03\x08\x01\x31\xff\xf1\x03\x2c\x00\x44"

static void the_probe_is_asked_as_its_manual_says(void **state)
{
        uint8_t q[MODBUS_REQUEST_BYTES];
        (void)state;
        assert_int_equal(modbus_request(&rtu, q), 8);
        assert_memory_equal(q, "\x01\x03\x00\x00\x00\x04\x44\x09", 8);
        assert_int_equal(modbus_request(&tcp, q), 12);
        assert_memory_equal(q, "\x00\x07\x00\x00\x00\x06\x01\x03\x00\x00\x00\x04", 12);
}

static void answers_come_in_pieces(void **state)
{
        struct modbus_answer x;
        (void)state;
        for (size_t n = 0; n < sizeof RTU_ANSWER - 1; n++) {
                modbus_next(&rtu, (struct str){ RTU_ANSWER, n }, &x);
                assert_int_equal(x.found, MODBUS_MORE);
        }
        modbus_next(&rtu, STR(RTU_ANSWER), &x);
        assert_int_equal(x.found, MODBUS_ANSWER);
        assert_memory_equal(x.registers, "\x01\x31\xff\xf1", 4);
        for (size_t n = 0; n < sizeof TCP_ANSWER - 1; n++) {
                modbus_next(&tcp, (struct str){ TCP_ANSWER, n }, &x);
                assert_int_equal(x.found, MODBUS_MORE);
        }
        modbus_next(&tcp, STR(TCP_ANSWER), &x);
        assert_int_equal(x.found, MODBUS_ANSWER);
        assert_int_equal(x.used, sizeof TCP_ANSWER - 1);
        modbus_next(&tcp, STR("\x00\x06\x00\x00\x00\x0b\x01\x03\x08\x01\x31\xff\xf1\x03\x2c\x00\x44" TCP_ANSWER), &x);        /* to an earlier question */
        assert_int_equal(x.found, MODBUS_MORE);
        assert_int_equal(x.used, 17);
}

static void what_does_not_answer_the_question_is_refused(void **state)
{
        static const struct { const struct modbus_ask *q; struct str in; enum modbus_found found; } cases[] = {
                { &rtu, { "\x01\x83\x02\xc0\xf1", 5 }, MODBUS_EXCEPTION }, { &tcp, { "\x00\x07\x00\x00\x00\x03\x01\x83\x02", 9 }, MODBUS_EXCEPTION },
                { &rtu, { "\x01\x03\x08\x01\x31\xff\xf1\x03\x2c\x00\x44\xde\x23", 13 }, MODBUS_WRONG }, { &rtu, { "\x02\x03\x08", 3 }, MODBUS_WRONG }, { &rtu, { "\x01\x04\x08", 3 }, MODBUS_WRONG },
                { &tcp, { "\x00\x07\x00\x01\x00\x0b", 6 }, MODBUS_WRONG }, { &tcp, { "\x00\x07\x00\x00\xff\xff", 6 }, MODBUS_WRONG }, { &tcp, { "HTTP/1.1 400", 12 }, MODBUS_WRONG },
                { &tcp, { "\x00\x07\x00\x00\x00\x05\x01\x03\x02\x01\x31", 11 }, MODBUS_WRONG }, { &tcp, { "\x00\x07\x00\x00\x00\x03\x02\x83\x02", 9 }, MODBUS_WRONG },
        };
        struct modbus_answer x;
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                modbus_next(cases[i].q, cases[i].in, &x);
                assert_int_equal(x.found, cases[i].found);
                if (x.found == MODBUS_EXCEPTION)
                        assert_int_equal(x.exception, 2);
        }
}

static struct str value(const char *type, const char *order, const char *rest, const char *bytes)
{
        struct modbus_plan p;
        struct decimal v;
        struct str detail = arena_printf(a, "{\"poll\":{\"host\":\"127.0.0.1\"},\"channels\":[{\"code\":\"x\",\"register\":{\"address\":5,\"type\":\"%s\"%s%s%s}%s}]}", type,
                                         *order ? ",\"order\":\"" : "", order, *order ? "\"" : "", rest);
        assert_int_equal(modbus_plan_read(a, STR_NONE, detail, &p, NULL), 0);
        assert_int_equal(p.n_blocks, 1);
        assert_int_equal(p.blocks[0].count, strchr(type, '3') ? 2 : 1);
        return modbus_value(&p.registers[0], &p.blocks[0], (const uint8_t *)bytes, &v) ? decimal_text(a, v) : STR("none");
}

static void every_type_and_order(void **state)
{
        (void)state;
        assert_str(value("int16", "", ",\"scale\":0.1", "\xff\xf1"), "-1.5");
        assert_str(value("uint16", "", "", "\xff\xf1"), "65521");
        assert_str(value("uint16", "BA", "", "\xf1\xff"), "65521");
        assert_str(value("int32", "", "", "\xff\xff\xff\xfe"), "-2");
        assert_str(value("uint32", "ABCD", "", "\x00\x01\x02\x03"), "66051");
        assert_str(value("uint32", "CDAB", "", "\x02\x03\x00\x01"), "66051");
        assert_str(value("uint32", "BADC", "", "\x01\x00\x03\x02"), "66051");
        assert_str(value("uint32", "DCBA", "", "\x03\x02\x01\x00"), "66051");
        assert_str(value("float32", "", ",\"scale\":10,\"offset\":-40", "\x41\x9a\x66\x66"), "153");     /* 19.3 */
        assert_str(value("float32", "CDAB", "", "\x66\x66\x41\x9a"), "19.3");
        assert_str(value("float32", "", "", "\x7f\xc0\x00\x00"), "none");
}

static void a_model_alone_is_enough_for_the_soil_probe(void **state)
{
        struct modbus_plan p;
        struct decimal v;
        (void)state;
        assert_int_equal(modbus_plan_read(a, STR("soil-4in1"), STR("{\"poll\":{\"host\":\"127.0.0.1\",\"framing\":\"rtu\",\"everySeconds\":5}}"), &p, NULL), 0);
        assert_int_equal(p.n, 4);
        assert_int_equal(p.n_blocks, 1);
        assert_int_equal(p.blocks[0].count, 4);
        assert_int_equal(p.framing, MODBUS_RTU);
        assert_int_equal(p.every_us, 5000000);
        static const char *const want[] = { "30.5", "-1.5", "812", "6.8" };
        for (size_t i = 0; i < 4; i++) {
                assert_true(modbus_value(&p.registers[i], &p.blocks[0], (const uint8_t *)"\x01\x31\xff\xf1\x03\x2c\x00\x44", &v));
                assert_str(decimal_text(a, v), want[i]);
        }
}

static void neighbours_are_asked_together_and_gaps_are_not(void **state)
{
        struct modbus_plan p;
        struct buf b = { .max = 1 << 16 };
        (void)state;
        buf_z(&b, "{\"poll\":{\"host\":\"::1\"},\"channels\":[{\"code\":\"other\",\"register\":{\"function\":4,\"address\":0,\"type\":\"int16\"}},{\"code\":\"far\",\"register\":{\"address\":1000,\"type\":\"int16\"}}");
        for (int i = 0; i < 130; i++)
                buf_printf(&b, ",{\"code\":\"c%d\",\"register\":{\"address\":%d,\"type\":\"int16\"}}", i, i);
        buf_z(&b, "]}");
        assert_int_equal(modbus_plan_read(a, STR_NONE, buf_view(&b), &p, NULL), 0);
        assert_int_equal(p.n_blocks, 4);
        assert_int_equal(p.blocks[0].count, LIMIT_MODBUS_REGISTERS);
        assert_int_equal(p.blocks[1].count, 5);
        assert_int_equal(p.blocks[2].address, 1000);
        assert_int_equal(p.blocks[3].function, 4);
        buf_free(&b);
}

static void plans_that_make_no_sense_are_refused(void **state)
{
        static const char *const cases[] = {
                "", "{}", "{\"poll\":{\"host\":\"plc.example\"}}", "{\"poll\":{\"host\":\"127.0.0.1\"}}", "{\"poll\":{\"host\":\"127.0.0.1\",\"port\":0},\"channels\":[]}",
                "{\"poll\":{\"host\":\"127.0.0.1\",\"everySeconds\":0}}", "{\"poll\":{\"host\":\"127.0.0.1\",\"framing\":\"ascii\"}}",
                "{\"poll\":{\"host\":\"127.0.0.1\"},\"channels\":[{\"code\":\"x\",\"register\":{\"address\":65535,\"type\":\"int32\"}}]}",
                "{\"poll\":{\"host\":\"127.0.0.1\"},\"channels\":[{\"code\":\"x\",\"register\":{\"address\":1,\"type\":\"int8\"}}]}",
                "{\"poll\":{\"host\":\"127.0.0.1\"},\"channels\":[{\"code\":\"x\",\"register\":{\"address\":1,\"type\":\"int16\",\"order\":\"AA\"}}]}",
                "{\"poll\":{\"host\":\"127.0.0.1\"},\"channels\":[{\"code\":\"x\",\"register\":{\"address\":1,\"type\":\"int16\",\"function\":6}}]}",
        };
        struct modbus_plan p;
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                struct err e = { 0 };
                assert_int_equal(modbus_plan_read(a, STR_NONE, str_of(cases[i]), &p, &e), -1);
                assert_true(e.pointer[0]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_probe_is_asked_as_its_manual_says),
                cmocka_unit_test(answers_come_in_pieces),
                cmocka_unit_test(what_does_not_answer_the_question_is_refused),
                cmocka_unit_test(every_type_and_order),
                cmocka_unit_test(a_model_alone_is_enough_for_the_soil_probe),
                cmocka_unit_test(neighbours_are_asked_together_and_gaps_are_not),
                cmocka_unit_test(plans_that_make_no_sense_are_refused),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
