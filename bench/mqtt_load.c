/* A device that publishes as fast as the broker takes it.  usage: mqtt_load PORT USER PASSWORD FIRST N
 * Waits for a line on standard input, sends messages FIRST … FIRST+N-1 of QoS 1, prints one when the broker has them all. */
#include <mosquitto.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WINDOW = 1000 };

static atomic_long taken;
static atomic_bool connected;

static void on_connect(struct mosquitto *m, void *ctx, int rc)
{
        (void)m;
        (void)ctx;
        if (rc)
                exit(1);
        connected = true;
}

static void on_publish(struct mosquitto *m, void *ctx, int id)
{
        (void)m;
        (void)ctx;
        (void)id;
        taken++;
}

static void send_one(struct mosquitto *m, const char *topic, long n)
{
        char text[160];
        int size = snprintf(text, sizeof text, "{\"t\": %lld, \"seq\": %ld, \"values\": {\"ta\": %ld.5, \"rh\": %ld, \"co2\": %ld}}",
                            1780000000000 + n * 1000LL, n + 1, n % 40, 60 + n % 30, 400 + n % 200);
        if (mosquitto_publish(m, NULL, topic, size, text, 1, false))
                exit(1);
}

int main(int argc, char **argv)
{
        char topic[128], line[16];
        if (argc != 6)
                return 2;
        long first = atol(argv[4]), n = atol(argv[5]);
        snprintf(topic, sizeof topic, "suyuan/%s/readings", argv[2]);
        mosquitto_lib_init();
        struct mosquitto *m = mosquitto_new(argv[2], true, NULL);
        if (!m || mosquitto_username_pw_set(m, argv[2], argv[3]))
                return 1;
        mosquitto_connect_callback_set(m, on_connect);
        mosquitto_publish_callback_set(m, on_publish);
        mosquitto_max_inflight_messages_set(m, WINDOW);
        if (mosquitto_connect(m, "127.0.0.1", atoi(argv[1]), 60) || mosquitto_loop_start(m))
                return 1;
        while (!connected)
                usleep(1000);
        if (!fgets(line, sizeof line, stdin))
                return 1;
        for (long i = 0; i < n; i++) {
                while (i - taken > WINDOW)
                        usleep(200);
                send_one(m, topic, first + i);
        }
        while (taken < n)
                usleep(500);
        puts("sent");
        mosquitto_disconnect(m);
        mosquitto_loop_stop(m, false);
        mosquitto_destroy(m);
        return 0;
}
