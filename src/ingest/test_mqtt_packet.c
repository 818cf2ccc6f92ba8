#include "base/test.h"

#include "ingest/mqtt_packet.h"

#define BYTES(literal) (const uint8_t *)(literal), sizeof(literal) - 1

static long reads(enum mqtt_version v, const uint8_t *p, size_t n, struct mqtt_packet *ret)
{
        return mqtt_read(v, p, n, 1000, ret, NULL);
}

#define PUBLISH "\x32\x12\x00\x03" "a/b" "\x01\x02\x05\x03\x00\x02" "cc" "value"        /* QoS 1, id 258, content type "cc" */

static void a_message_is_read_whole_or_waits(void **state)
{
        struct mqtt_packet k;
        (void)state;
        assert_int_equal(reads(MQTT_5, BYTES(PUBLISH "\xd0"), &k), sizeof PUBLISH - 1);
        assert_int_equal(k.type, MQTT_PUBLISH);
        assert_int_equal(k.qos, 1);
        assert_int_equal(k.id, 0x102);
        assert_str(k.topic, "a/b");
        assert_str(k.content_type, "cc");
        assert_str(k.payload, "value");
        for (size_t n = 0; n < sizeof PUBLISH - 1; n++)
                assert_int_equal(reads(MQTT_5, (const uint8_t *)PUBLISH, n, &k), 0);
}

static void what_no_subscriber_gets_is_broken(void **state)
{
        struct mqtt_packet k;
        (void)state;
        assert_int_equal(reads(MQTT_3, BYTES("\x34\x06\x00\x01" "a\x00\x01x"), &k), -1);                 /* QoS 2 was not granted */
        assert_int_equal(reads(MQTT_3, BYTES("\x32\x06\x00\x01" "a\x00\x00x"), &k), -1);                 /* QoS 1 without an id */
        assert_int_equal(reads(MQTT_3, BYTES("\x30\x03\x00\x01+"), &k), -1);
        assert_int_equal(reads(MQTT_3, BYTES("\x30\x02\x00\x00"), &k), -1);                              /* no topic */
        assert_int_equal(reads(MQTT_3, BYTES("\x30\x03\x00\x05x"), &k), -1);                             /* longer than its packet */
        assert_int_equal(reads(MQTT_5, BYTES("\x30\x07\x00\x01" "a\x03\x23\x00\x01"), &k), -1);          /* an alias: we allow none */
        assert_int_equal(reads(MQTT_5, BYTES("\x30\x06\x00\x01" "a\x02\x7f\x00"), &k), -1);              /* no such property */
        assert_int_equal(reads(MQTT_5, BYTES("\x20\x09\x00\x00\x06\x13\x00\x01\x13\x00\x01"), &k), -1);  /* the same twice */
        assert_int_equal(reads(MQTT_5, BYTES("\x10\x00"), &k), -1);
        assert_int_equal(reads(MQTT_5, BYTES("\xd1\x00"), &k), -1);                                      /* flags where none may be */
        assert_int_equal(reads(MQTT_3, BYTES("\xe0\x00"), &k), -1);
        assert_int_equal(reads(MQTT_5, BYTES("\xd0\x80\x80\x80\x80"), &k), -1);
        assert_int_equal(reads(MQTT_5, BYTES("\xd0\x80\x00"), &k), -1);
}

static void a_long_one_is_refused_at_its_first_bytes(void **state)
{
        struct mqtt_packet k;
        (void)state;
        assert_int_equal(reads(MQTT_5, BYTES("\x30\xe5\x07"), &k), 0);          /* 3 + 997 */
        assert_int_equal(reads(MQTT_5, BYTES("\x30\xe6\x07"), &k), -1);         /* 3 + 998 */
}

static void a_broker_says_how_it_stands(void **state)
{
        struct mqtt_packet k;
        (void)state;
        assert_int_equal(reads(MQTT_5, BYTES("\x20\x06\x01\x00\x03\x13\x00\x1e"), &k), 8);
        assert_true(k.session_present && k.reason == 0 && k.keep_alive_s == 30);
        assert_int_equal(reads(MQTT_5, BYTES("\x20\x02\x00\x01"), &k), 4);      /* of 3.1.1, to a CONNECT of 5 */
        assert_int_equal(k.reason, MQTT_OLD_VERSION);
        assert_int_equal(reads(MQTT_3, BYTES("\x20\x02\x01\x00"), &k), 4);
        assert_true(k.session_present && k.keep_alive_s == -1);
        assert_int_equal(reads(MQTT_5, BYTES("\x90\x05\x00\x07\x00\x01\x87"), &k), 7);
        assert_int_equal(k.id, 7);
        assert_int_equal(k.n_codes, 2);
        assert_int_equal(k.codes[1], MQTT_NOT_AUTHORIZED);
        assert_int_equal(reads(MQTT_5, BYTES("\xe0\x07\x8e\x05\x1f\x00\x02no"), &k), 9);
        assert_int_equal(k.reason, 0x8e);
        assert_str(k.reason_text, "no");
}

static void wrote(struct buf *b, const char *want, size_t n)
{
        assert_int_equal(b->n, n);
        assert_memory_equal(b->p, want, n);
        buf_clear(b);
}

#define WROTE(b, literal) wrote(b, literal, sizeof(literal) - 1)

static void what_we_say_has_the_form_of_the_standard(void **state)
{
        struct buf b;
        (void)state;
        buf_init(&b, 1000);
        struct mqtt_connect c = { .version = MQTT_5, .client = STR("me"), .user = STR("u"), .password = STR("pw"), .keep_alive_s = 30, .session_expiry_s = 0x1020304,
                                  .max_packet = 0x10000, .receive_maximum = 1000 };
        mqtt_write_connect(&b, &c);
        WROTE(&b, "\x10\x23\x00\x04MQTT\x05\xc0\x00\x1e\x0d\x11\x01\x02\x03\x04\x21\x03\xe8\x27\x00\x01\x00\x00\x00\x02me\x00\x01u\x00\x02pw");
        c = (struct mqtt_connect){ .version = MQTT_3, .client = STR("me"), .keep_alive_s = 30 };
        mqtt_write_connect(&b, &c);
        WROTE(&b, "\x10\x0e\x00\x04MQTT\x04\x00\x00\x1e\x00\x02me");
        struct str topics[] = { STR("s/+/r"), STR("x") };
        mqtt_write_subscribe(&b, MQTT_5, 1, topics, 2);
        WROTE(&b, "\x82\x0f\x00\x01\x00\x00\x05s/+/r\x01\x00\x01x\x01");
        mqtt_write_puback(&b, MQTT_5, 258, MQTT_SUCCESS);
        WROTE(&b, "\x40\x02\x01\x02");
        mqtt_write_puback(&b, MQTT_5, 258, MQTT_QUOTA_EXCEEDED);
        WROTE(&b, "\x40\x03\x01\x02\x97");
        mqtt_write_puback(&b, MQTT_3, 258, MQTT_QUOTA_EXCEEDED);
        WROTE(&b, "\x40\x02\x01\x02");
        mqtt_write_pingreq(&b);
        mqtt_write_disconnect(&b);
        WROTE(&b, "\xc0\x00\xe0\x00");
        buf_free(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_message_is_read_whole_or_waits),
                cmocka_unit_test(what_no_subscriber_gets_is_broken),
                cmocka_unit_test(a_long_one_is_refused_at_its_first_bytes),
                cmocka_unit_test(a_broker_says_how_it_stands),
                cmocka_unit_test(what_we_say_has_the_form_of_the_standard),
        };
        return cmocka_run_group_tests_name("ingest/mqtt_packet", tests, NULL, NULL);
}
