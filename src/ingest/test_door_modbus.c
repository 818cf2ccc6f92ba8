#include <arpa/inet.h>
#include <fcntl.h>
#include <modbus/modbus.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/test.h"
#include "ingest/test_fake_collector.h"

/* The door against libmodbus's server (TCP) and against bytes written down by hand (RTU over TCP). */
extern const struct door door_modbus;
static struct collector *c;
static void *door;
static char details[8][400];
enum { PATIENCE_MS = 8000 };

static int setup(void **state) { (void)state; c = fake_new(); return 0; }

static int teardown(void **state)
{
        (void)state;
        fake_free(c);
        return 0;
}

static void begin(void)
{
        static const char *const allow[] = { "127.0.0.1" };
        assert_int_equal(door_modbus.start(c, &(struct settings_door){ .allow = allow, .n_allow = 1 }, &door, NULL), 0);
}

static void add(int i, const char *id, const char *model, int port, const char *more)
{
        snprintf(details[i], sizeof details[i], "{\"poll\":{\"host\":\"127.0.0.1\",\"port\":%d,\"everySeconds\":1,\"timeoutMs\":300%s}}", port, more);
        fake_device(c, (struct known_device){ .id = str_of(id), .model = str_of(model), .protocol = STR("modbus"), .detail = str_of(details[i]), .max_per_minute = 6000 });
}

static int count(const char *s, const char *part)
{
        int n = 0;
        for (; (s = strstr(s, part)); s++)
                n++;
        return n;
}

static void until(char *(*text)(struct collector *), const char *part, int times)
{
        char *s = NULL;
        for (int64_t end = clock_mono_us() + PATIENCE_MS * 1000; clock_mono_us() < end; usleep(5000)) {
                free(s);
                s = text(c);
                if (count(s, part) >= times)
                        break;
        }
        if (count(s, part) < times)
                fail_msg("'%s' never held '%s' %d times", s, part, times);
        free(s);
}

/* ---- a server that is not ours ---- */
struct server { pthread_t thread; int listen_fd, port; modbus_t *ctx; modbus_mapping_t *map; atomic_bool stop; };

static void *serve(void *arg)
{
        struct server *s = arg;
        uint8_t q[MODBUS_TCP_MAX_ADU_LENGTH];
        while (!s->stop && modbus_tcp_accept(s->ctx, &s->listen_fd) >= 0)
                for (int n; (n = modbus_receive(s->ctx, q)) >= 0;)
                        if (n > 0)
                                modbus_reply(s->ctx, q, n, s->map);
        return NULL;
}

static int listening(int *ret_port)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t n = sizeof at;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
        assert_int_equal(listen(fd, 4), 0);
        getsockname(fd, (struct sockaddr *)&at, &n);
        *ret_port = ntohs(at.sin_port);
        return fd;
}

static void server_start(struct server *s)
{
        *s = (struct server){ 0 };
        s->listen_fd = listening(&s->port);
        s->ctx = modbus_new_tcp("127.0.0.1", s->port);
        s->map = modbus_mapping_new(0, 0, 10, 10);
        s->map->tab_registers[0] = 305;
        s->map->tab_registers[1] = (uint16_t)-15;
        s->map->tab_registers[2] = 812;
        s->map->tab_registers[3] = 68;
        pthread_create(&s->thread, NULL, serve, s);
}

static void server_stop(struct server *s)
{
        s->stop = true;
        shutdown(s->listen_fd, SHUT_RDWR);
        if (modbus_get_socket(s->ctx) >= 0)
                shutdown(modbus_get_socket(s->ctx), SHUT_RDWR);
        pthread_join(s->thread, NULL);
        close(s->listen_fd);
        modbus_close(s->ctx);
        modbus_mapping_free(s->map);
        modbus_free(s->ctx);
}

static void libmodbus_is_asked_on_schedule_while_others_are_dead(void **state)
{
        struct server s;
        int silent_port;
        (void)state;
        int silent = listening(&silent_port);           /* takes connections, never answers */
        server_start(&s);
        add(0, "mute", "soil-4in1", silent_port, "");
        add(1, "gone", "soil-4in1", 1, "");             /* nobody listens there */
        add(2, "probe", "soil-4in1", s.port, "");
        int64_t from_us = clock_mono_us();
        begin();
        until(fake_given, "probe x-soil-moist ", 3);
        assert_true(clock_mono_us() - from_us < 5 * 1000000);
        char *given = fake_given(c);
        assert_non_null(strstr(given, " 30.5 0\nprobe x-soil-temp "));
        assert_non_null(strstr(given, " -1.5 0\nprobe x-soil-ec "));
        assert_non_null(strstr(given, " 812 0\nprobe x-soil-ph "));
        assert_null(strstr(given, "mute"));
        free(given);
        until(fake_noticed, "no-answer mute ", 1);
        until(fake_noticed, "no-answer gone ", 1);
        door_modbus.stop(door);
        server_stop(&s);
        close(silent);
}

static void what_leads_to_the_server_itself_is_not_connected_to(void **state)
{
        static const char *const hosts[] = { "127.0.0.1", "0.0.0.0", "::ffff:127.0.0.1", "::1", "::", "169.254.169.254", "224.0.0.1" }, *const other[] = { "127.0.0.1:1" };
        int port, fd = listening(&port);
        static char ids[8][4];
        char text[100];
        (void)state;
        for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
                snprintf(ids[i], sizeof ids[i], "d%zu", i);
                snprintf(details[i], sizeof details[i], "{\"poll\":{\"host\":\"%s\",\"port\":%d,\"everySeconds\":1}}", hosts[i], port);
                fake_device(c, (struct known_device){ .id = str_of(ids[i]), .model = STR("soil-4in1"), .protocol = STR("modbus"), .detail = str_of(details[i]), .max_per_minute = 60 });
        }
        assert_int_equal(door_modbus.start(c, &(struct settings_door){ .allow = other, .n_allow = 1 }, &door, NULL), 0);
        for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
                snprintf(text, sizeof text, "refused-address d%zu ", i);
                until(fake_noticed, text, 1);
        }
        usleep(1200000);        /* another try has come */
        char *told = fake_noticed(c);
        assert_int_equal(count(told, "refused-address"), sizeof hosts / sizeof *hosts);         /* once each */
        free(told);
        assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
        assert_int_equal(accept(fd, NULL, NULL), -1);           /* nobody called */
        door_modbus.stop(door);
        close(fd);
}

static void registers_that_are_not_there_are_told_and_a_server_that_comes_back_is_found(void **state)
{
        struct server s;
        (void)state;
        server_start(&s);
        snprintf(details[0], sizeof details[0], "{\"poll\":{\"host\":\"127.0.0.1\",\"port\":%d,\"everySeconds\":1},\"channels\":[{\"code\":\"x\",\"register\":{\"address\":500,\"type\":\"int16\"}}]}", s.port);
        fake_device(c, (struct known_device){ .id = STR("far"), .protocol = STR("modbus"), .detail = str_of(details[0]), .max_per_minute = 60 });
        fake_device(c, (struct known_device){ .id = STR("odd"), .protocol = STR("modbus"), .detail = STR("{\"poll\":{}}"), .max_per_minute = 60 });
        fake_device(c, (struct known_device){ .id = STR("not"), .protocol = STR("mqtt"), .detail = str_of(details[0]), .max_per_minute = 60 });
        begin();
        until(fake_noticed, "no-answer far exception 2", 1);
        until(fake_noticed, "no-answer odd `poll.host`", 1);
        door_modbus.stop(door);
        server_stop(&s);
}

/* ---- RTU over TCP: a gateway with two probes, by hand ---- */
static void *gateway(void *arg)
{
        static const char ask1[] = "\x01\x03\x00\x00\x00\x04\x44\x09", answer1[] = "\x01\x03\x08\x01\x31\xff\xf1\x03\x2c\x00\x44\xdc\xbc";
        static const char ask2[] = "\x02\x03\x00\x00\x00\x04\x44\x3a", answer2[] = "\x02\x03\x08\x00\x01\x00\x02\x00\x03\x00\x04\x02\x50";
        int listen_fd = *(int *)arg, fd;
        char q[8];
        while ((fd = accept(listen_fd, NULL, NULL)) >= 0) {
                while (recv(fd, q, 8, MSG_WAITALL) == 8) {
                        const char *x = memcmp(q, ask1, 8) == 0 ? answer1 : memcmp(q, ask2, 8) == 0 ? answer2 : "?";
                        send(fd, x, 5, MSG_NOSIGNAL);
                        usleep(20000);
                        send(fd, x + 5, 8, MSG_NOSIGNAL);
                }
                close(fd);
        }
        return NULL;
}

static void probes_behind_one_gateway_take_turns(void **state)
{
        pthread_t t;
        int port, fd = listening(&port);
        (void)state;
        pthread_create(&t, NULL, gateway, &fd);
        add(0, "p1", "soil-4in1", port, ",\"framing\":\"rtu\",\"unit\":1");
        add(1, "p2", "soil-4in1-ph100", port, ",\"framing\":\"rtu\",\"unit\":2");
        begin();
        until(fake_given, "p1 x-soil-ph ", 2);
        until(fake_given, "p2 x-soil-ph ", 2);
        char *given = fake_given(c);
        assert_non_null(strstr(given, " 6.8 0\n"));
        assert_non_null(strstr(given, " 0.04 0\n"));
        free(given);
        door_modbus.stop(door);
        shutdown(fd, SHUT_RDWR);
        pthread_join(t, NULL);
        close(fd);
}

static void what_the_server_did_not_keep_is_handed_over_again(void **state)
{
        struct server s;
        (void)state;
        server_start(&s);
        add(0, "probe", "soil-4in1", s.port, "");
        fake_manner(c, FAKE_LATER);
        begin();
        until(fake_given, "probe x-soil-moist ", 1);
        fake_manner(c, FAKE_LOST);
        fake_tell(c, TOLD_LATER);
        usleep(100000);
        fake_manner(c, FAKE_DURABLE);
        char *before = fake_given(c);
        char first[80];
        snprintf(first, sizeof first, "%.*s", (int)strcspn(before, "\n") + 1, before);
        free(before);
        until(fake_given, first, 2);            /* the same reading, the same moment */
        door_modbus.stop(door);
        server_stop(&s);
}

static void what_the_server_refuses_is_not_handed_over_again(void **state)
{
        struct server s;
        (void)state;
        server_start(&s);
        add(0, "probe", "soil-4in1", s.port, "");
        fake_manner(c, FAKE_REFUSED);
        begin();
        until(fake_given, "probe x-soil-moist ", 1);
        char *before = fake_given(c);
        char first[80];
        snprintf(first, sizeof first, "%.*s", (int)strcspn(before, "\n") + 1, before);
        free(before);
        until(fake_given, "probe x-soil-moist ", 4);            /* other moments */
        char *after = fake_given(c);
        assert_int_equal(count(after, first), 1);
        free(after);
        door_modbus.stop(door);
        server_stop(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(libmodbus_is_asked_on_schedule_while_others_are_dead, setup, teardown),
                cmocka_unit_test_setup_teardown(what_leads_to_the_server_itself_is_not_connected_to, setup, teardown),
                cmocka_unit_test_setup_teardown(registers_that_are_not_there_are_told_and_a_server_that_comes_back_is_found, setup, teardown),
                cmocka_unit_test_setup_teardown(probes_behind_one_gateway_take_turns, setup, teardown),
                cmocka_unit_test_setup_teardown(what_the_server_did_not_keep_is_handed_over_again, setup, teardown),
                cmocka_unit_test_setup_teardown(what_the_server_refuses_is_not_handed_over_again, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
