#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/test.h"
#include "ingest/door_hj212_impl.h"
#include "ingest/test_fake_collector.h"

/* The door on a free port, with a collector that does what each test says. */
extern const struct door door_hj212;
static struct collector *c;
static void *door;
enum { PATIENCE_MS = 5000, SILENCE_MS = 300 };

static struct known_device station(const char *id, const char *mn)
{
        return (struct known_device){ .id = str_of(id), .mn = str_of(mn), .protocol = STR("hj212"), .secret = STR("123456"), .max_per_minute = 6000 };
}

static int setup(void **state)
{
        (void)state;
        c = fake_new();
        fake_device(c, station("d1", "M1"));
        fake_device(c, station("d2", "M2"));
        struct err e = { 0 };
        assert_int_equal(door_hj212.start(c, &(struct settings_door){ .listen = "127.0.0.1:0" }, &door, &e), 0);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        door_hj212.stop(door);
        fake_tell(c, TOLD_DURABLE);
        fake_free(c);
        return 0;
}

static int dial(void)
{
        const char *at = door_hj212.address(door);
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)strtol(strrchr(at, ':') + 1, NULL, 10)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
        return fd;
}

static void say(int fd, const char *data)
{
        struct buf b = { .max = 4096 };
        hj212_frame_write(&b, str_of(data));
        assert_int_equal(send(fd, b.p, b.n, MSG_NOSIGNAL), b.n);
        buf_free(&b);
}

/* The next answer, without its line end; "": the connection was closed; NULL: nothing came. */
static const char *hear_within(int fd, int ms)
{
        static char text[2048];
        size_t n = 0;
        while (n < sizeof text - 1) {
                struct pollfd p = { .fd = fd, .events = POLLIN };
                if (poll(&p, 1, ms) == 0)
                        return NULL;
                if (recv(fd, text + n, 1, 0) <= 0)
                        break;
                if (text[n++] == '\n')
                        break;
        }
        text[n >= 2 ? n - 2 : 0] = 0;
        return text;
}

static const char *hear(int fd) { return hear_within(fd, PATIENCE_MS); }

static void assert_hears(int fd, const char *part)
{
        const char *s = hear(fd);
        if (!s || !strstr(s, part))
                fail_msg("'%s' does not hold '%s'", s ? s : "nothing", part);
}

/* Waits until a text the collector keeps holds this. */
static void until(char *(*text)(struct collector *), const char *part)
{
        for (int64_t end = clock_mono_us() + PATIENCE_MS * 1000; clock_mono_us() < end; usleep(2000)) {
                char *s = text(c);
                bool there = strstr(s, part);
                free(s);
                if (there)
                        return;
        }
        char *s = text(c);
        fail_msg("'%s' never held '%s'", s, part);
}

#define DATA(mn, flag, cp) "QN=20160801085857223;ST=22;CN=2011;PW=123456;MN=" mn ";Flag=" flag ";CP=&&DataTime=20160801085857;" cp "&&"
#define ONE DATA("M1", "5", "a34004-Rtd=22.0,a34004-Flag=N")

static void data_are_answered_once_they_are_durable(void **state)
{
        (void)state;
        fake_manner(c, FAKE_LATER);
        int fd = dial();
        say(fd, ONE);
        until(fake_given, "d1 a34004 1470013137000 22 0\n");
        assert_null(hear_within(fd, SILENCE_MS));
        fake_tell(c, TOLD_DURABLE);
        assert_hears(fd, "QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=M1;Flag=4;CP=&&&&");
        say(fd, DATA("M1", "4", "a34004-Rtd=23"));      /* wants no answer */
        until(fake_given, " 23 0\n");
        fake_tell(c, TOLD_DURABLE);
        assert_null(hear_within(fd, SILENCE_MS));
        close(fd);
}

static void what_is_not_durable_is_not_answered_and_may_come_again(void **state)
{
        (void)state;
        fake_manner(c, FAKE_LOST);
        int fd = dial();
        say(fd, ONE);
        assert_null(hear_within(fd, SILENCE_MS));
        fake_manner(c, FAKE_DURABLE);
        say(fd, ONE);
        assert_hears(fd, "CN=9014");
        close(fd);
}

static void what_is_refused_for_good_is_answered_so_and_the_next_goes_on(void **state)
{
        (void)state;
        int fd = dial();
        for (int i = 0; i < LIMIT_HJ212_REFUSALS + LIMIT_HJ212_BAD_FRAMES; i++) {       /* no fault of its frames: it is not shown out */
                fake_manner(c, FAKE_REFUSED);
                say(fd, ONE);
                assert_hears(fd, "QN=20160801085857223;ST=91;CN=9011;PW=123456;MN=M1;Flag=4;CP=&&QnRtn=2&&");
                say(fd, DATA("M1", "4", "a34004-Rtd=23"));      /* wants no answer */
                until(fake_given, " 23 0\n");
                fake_manner(c, FAKE_DURABLE);
                say(fd, ONE);
                assert_hears(fd, "CN=9014");
        }
        close(fd);
}

static void pieces_several_at_once_and_a_full_collector(void **state)
{
        struct buf b = { .max = 8192 };
        (void)state;
        int fd = dial();
        hj212_frame_write(&b, STR(ONE));
        hj212_frame_write(&b, STR(DATA("M1", "5", "a01001-Rtd=1")));
        hj212_frame_write(&b, STR(DATA("M2", "5", "a01001-Rtd=2")));     /* a gateway speaks for several */
        fake_manner(c, FAKE_FULL);
        for (size_t i = 0; i < b.n; i += 37)
                send(fd, b.p + i, b.n - i < 37 ? b.n - i : 37, MSG_NOSIGNAL);
        assert_null(hear_within(fd, SILENCE_MS));
        fake_manner(c, FAKE_DURABLE);
        assert_hears(fd, "MN=M1");
        assert_hears(fd, "MN=M1");
        assert_hears(fd, "MN=M2");
        until(fake_given, "d1 a34004 1470013137000 22 0\nd1 a01001 1470013137000 1 0\nd2 a01001 1470013137000 2 0\n");
        buf_free(&b);
        close(fd);
}

static void parts_are_answered_each(void **state)
{
        (void)state;
        int fd = dial();
        say(fd, "QN=1;ST=22;CN=2011;PW=123456;MN=M1;Flag=7;PNUM=2;PNO=1;CP=&&DataTime=20160801085857;a-Rtd=1&&");
        assert_hears(fd, "QN=1;ST=91;CN=9014");
        say(fd, "QN=2;ST=22;CN=2011;PW=123456;MN=M1;Flag=7;PNUM=2;PNO=2;CP=&&b-Rtd=2&&");
        assert_hears(fd, "QN=2;ST=91;CN=9014");
        say(fd, "QN=3;ST=22;CN=2011;PW=123456;MN=M1;Flag=7;PNUM=2;PNO=1;CP=&&DataTime=20160801085857;a-Rtd=1;c-R");
        assert_null(hear_within(fd, SILENCE_MS));       /* its end is not kept yet */
        say(fd, "QN=4;ST=22;CN=2011;PW=123456;MN=M1;Flag=7;PNUM=2;PNO=2;CP=&&td=3&&");
        assert_hears(fd, "QN=3;");
        assert_hears(fd, "QN=4;");
        until(fake_given, "d1 c 1470013137000 3 0\n");
        close(fd);
}

static void a_wrong_password_is_refused_told_and_ends_the_connection(void **state)
{
        (void)state;
        int fd = dial(), other = dial();
        for (int i = 0; i < LIMIT_HJ212_REFUSALS; i++) {
                say(fd, "QN=1;ST=22;CN=2011;PW=000000;MN=M1;Flag=5;CP=&&DataTime=20160801085857;a-Rtd=1&&");
                assert_hears(fd, "CN=9011;PW=000000;MN=M1;Flag=4;CP=&&QnRtn=2&&");
        }
        assert_string_equal(hear(fd), "");
        until(fake_noticed, "wrong-secret d1 ");
        assert_int_equal(fake_n(c), 0);
        say(other, "QN=1;ST=22;CN=2011;PW=123456;MN=M9;Flag=5;CP=&&DataTime=20160801085857;a-Rtd=1&&");
        assert_hears(other, "QnRtn=2");
        until(fake_noticed, "unknown-device  MN M9");
        say(other, ONE);
        assert_hears(other, "CN=9014");
        close(fd);
        close(other);
}

static void a_device_made_known_a_moment_ago_is_not_turned_away(void **state)
{
        (void)state;
        fake_device_now(c, station("d3", "M3"));
        int fd = dial();
        say(fd, DATA("M3", "5", "a-Rtd=1"));
        assert_hears(fd, "CN=9014");
        close(fd);
}

static void revoked_and_other_protocols_do_not_speak(void **state)
{
        struct known_device gone = station("d4", "M4"), mqtt = station("d5", "M5");
        (void)state;
        gone.revoked = true;
        mqtt.protocol = STR("mqtt");
        fake_device(c, gone);
        fake_device(c, mqtt);
        int fd = dial();
        say(fd, DATA("M4", "5", "a-Rtd=1"));
        assert_hears(fd, "QnRtn=2");
        say(fd, DATA("M5", "5", "a-Rtd=1"));
        assert_hears(fd, "QnRtn=2");
        close(fd);
}

static void bad_frames_are_kept_and_never_answered(void **state)
{
        static const char bad[] = "##0091QN=20160801085857223;ST=22;CN=2011;PW=123456;MN=M1;Flag=5;CP=&&DataTime=20160801085857;a-Rtd=1&&0000\r\n";
        (void)state;
        int fd = dial();
        send(fd, bad, sizeof bad - 1, MSG_NOSIGNAL);
        assert_null(hear_within(fd, SILENCE_MS));
        until(fake_noticed, "bad-frame  ");
        say(fd, ONE);
        assert_hears(fd, "CN=9014");
        say(fd, "QN=1;ST=22;CN=2011;PW=123456;MN=M1;Flag=5;CP=&&a-Rtd=1&&");    /* no DataTime */
        assert_null(hear_within(fd, SILENCE_MS));
        until(fake_noticed, "bad-frame d1 DataTime");
        close(fd);
}

static void a_flood_fills_only_its_own_line(void **state)
{
        struct buf b = { .max = 1 << 20 };
        (void)state;
        int flood = dial(), calm = dial();
        say(flood, ONE);
        assert_hears(flood, "CN=9014");
        for (int i = 0; i < 3 * LIMIT_HJ212_FRAMES_BURST; i++)
                hj212_frame_write(&b, STR(DATA("M1", "4", "a34004-Rtd=22.0")));
        send(flood, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        say(calm, DATA("M2", "5", "a-Rtd=1"));
        assert_hears(calm, "CN=9014");
        assert_true(fake_n(c) < 2 * LIMIT_HJ212_FRAMES_BURST);
        fake_allow(c, 0);
        int fresh = dial();
        say(fresh, ONE);
        assert_null(hear_within(fresh, SILENCE_MS));    /* throttled: it waits, nothing is lost */
        fake_allow(c, -1);
        assert_hears(fresh, "CN=9014");
        buf_free(&b);
        close(flood);
        close(calm);
        close(fresh);
}

static void broken_frames_in_a_row_end_the_connection(void **state)
{
        (void)state;
        int fd = dial();
        for (int i = 0; i < LIMIT_HJ212_BAD_FRAMES - 1; i++)
                assert_int_equal(send(fd, "##0001x0000\r\n", 13, MSG_NOSIGNAL), 13);
        say(fd, ONE);
        assert_hears(fd, "CN=9014");
        for (int i = 0; i < LIMIT_HJ212_BAD_FRAMES; i++)
                assert_int_equal(send(fd, "##0001x0000\r\n", 13, MSG_NOSIGNAL), 13);
        const char *end = hear(fd);
        assert_true(end && !*end);
        close(fd);
}

static void who_guesses_is_slowed_down_and_who_is_known_goes_on(void **state)
{
        (void)state;
        int known = dial(), other = dial();
        say(known, ONE);
        assert_hears(known, "CN=9014");
        for (int i = 0; i <= LIMIT_HJ212_FREE_TRIES; i++) {
                int fd = dial();
                say(fd, "QN=1;ST=22;CN=2011;PW=000000;MN=M1;Flag=5;CP=&&&&");
                assert_hears(fd, "QnRtn=2");
                close(fd);
        }
        say(other, ONE);                /* right, but too soon */
        assert_hears(other, "QnRtn=2");
        say(known, ONE);
        assert_hears(known, "CN=9014");
        say(other, DATA("M2", "5", "a-Rtd=1"));
        assert_hears(other, "CN=9014");
        close(known);
        close(other);
}

static void requests_and_answers_of_devices(void **state)
{
        (void)state;
        int fd = dial();
        say(fd, "QN=1;ST=22;CN=1013;PW=123456;MN=M1;Flag=5;CP=&&PolId=a34004&&");
        assert_hears(fd, "QN=1;ST=91;CN=9013");
        assert_hears(fd, "ST=22;CN=1012;PW=123456;MN=M1;Flag=5;CP=&&SystemTime=20");
        say(fd, "QN=1;ST=91;CN=9011;PW=123456;MN=M1;Flag=4;CP=&&QnRtn=1&&");
        say(fd, "QN=5;ST=22;CN=3088;PW=123456;MN=M1;Flag=5;CP=&&&&");
        assert_hears(fd, "QN=5;ST=91;CN=9011;PW=123456;MN=M1;Flag=4;CP=&&QnRtn=8&&");
        say(fd, "QN=6;ST=22;CN=2081;PW=123456;MN=M1;Flag=5;CP=&&DataTime=20160801085857;RestartTime=20160801085857&&");
        assert_hears(fd, "QN=6;ST=91;CN=9014");
        assert_int_equal(fake_n(c), 0);
        close(fd);
}

static void the_description_renames_and_scales(void **state)
{
        struct known_device d = station("d6", "M6");
        (void)state;
        d.detail = STR("{\"channels\":[{\"code\":\"air-p\",\"from\":\"a01006\",\"scale\":0.1}]}");
        fake_device(c, d);
        int fd = dial();
        say(fd, DATA("M6", "5", "a01006-Rtd=1013;a01001-Rtd=5;a b-Rtd=1"));
        assert_hears(fd, "CN=9014");
        until(fake_given, "d6 air-p 1470013137000 101.3 0\nd6 a01001 1470013137000 5 0\n");
        until(fake_noticed, "left out");
        close(fd);
}

/* Within the door's next look at all connections, once a second. */
static void assert_hung_up(int fd)
{
        const char *s = hear(fd);
        if (!s || *s)
                fail_msg("'%s' is heard, not the end", s ? s : "nothing");
        close(fd);
}

static void who_says_nothing_good_in_time_is_hung_up_on(void **state)
{
        (void)state;
        int known = dial();
        say(known, ONE);
        assert_hears(known, "CN=9014");
        ((struct door_hj212 *)door)->login_us = 200 * 1000;
        int silent = dial(), dribbling = dial();
        for (int i = 0; i < 5; i++) {
                assert_int_equal(send(dribbling, "##0", 3, MSG_NOSIGNAL), 3);           /* bytes alone are no sign of a station */
                usleep(10 * 1000);
        }
        assert_hung_up(silent);
        assert_hung_up(dribbling);
        say(known, ONE);                        /* has all the time in the world */
        assert_hears(known, "CN=9014");
        close(known);
}

static void who_was_known_and_is_silent_for_long_is_hung_up_on(void **state)
{
        (void)state;
        int fd = dial(), stranger = dial();
        say(fd, ONE);
        assert_hears(fd, "CN=9014");
        ((struct door_hj212 *)door)->idle_us = 200 * 1000;
        assert_hung_up(fd);
        until(fake_noticed, "disconnected d1");
        assert_null(hear_within(stranger, SILENCE_MS));         /* his time is another */
        close(stranger);
}

static void it_ends_while_answers_are_awaited(void **state)
{
        (void)state;
        fake_manner(c, FAKE_LATER);
        int fd = dial(), gone = dial();
        say(fd, ONE);
        say(gone, DATA("M2", "5", "a-Rtd=1"));
        until(fake_given, "d1 a34004");
        until(fake_given, "d2 a ");
        close(gone);
        fake_tell(c, TOLD_DURABLE);
        assert_hears(fd, "CN=9014");
        say(fd, ONE);                   /* told only after the end: teardown */
        for (size_t was = 2; fake_n(c) <= was; usleep(1000))
                ;
        close(fd);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(data_are_answered_once_they_are_durable, setup, teardown),
                cmocka_unit_test_setup_teardown(what_is_not_durable_is_not_answered_and_may_come_again, setup, teardown),
                cmocka_unit_test_setup_teardown(what_is_refused_for_good_is_answered_so_and_the_next_goes_on, setup, teardown),
                cmocka_unit_test_setup_teardown(pieces_several_at_once_and_a_full_collector, setup, teardown),
                cmocka_unit_test_setup_teardown(parts_are_answered_each, setup, teardown),
                cmocka_unit_test_setup_teardown(a_wrong_password_is_refused_told_and_ends_the_connection, setup, teardown),
                cmocka_unit_test_setup_teardown(a_device_made_known_a_moment_ago_is_not_turned_away, setup, teardown),
                cmocka_unit_test_setup_teardown(revoked_and_other_protocols_do_not_speak, setup, teardown),
                cmocka_unit_test_setup_teardown(bad_frames_are_kept_and_never_answered, setup, teardown),
                cmocka_unit_test_setup_teardown(a_flood_fills_only_its_own_line, setup, teardown),
                cmocka_unit_test_setup_teardown(broken_frames_in_a_row_end_the_connection, setup, teardown),
                cmocka_unit_test_setup_teardown(who_guesses_is_slowed_down_and_who_is_known_goes_on, setup, teardown),
                cmocka_unit_test_setup_teardown(requests_and_answers_of_devices, setup, teardown),
                cmocka_unit_test_setup_teardown(the_description_renames_and_scales, setup, teardown),
                cmocka_unit_test_setup_teardown(who_says_nothing_good_in_time_is_hung_up_on, setup, teardown),
                cmocka_unit_test_setup_teardown(who_was_known_and_is_silent_for_long_is_hung_up_on, setup, teardown),
                cmocka_unit_test_setup_teardown(it_ends_while_answers_are_awaited, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
