/* The reference of `./dev bench mqtt`: a subscriber on libmosquitto that only counts.  usage: bare_mqtt PORT USER PASSWORD N
 * Prints a line when it is subscribed, and one of JSON when N messages of QoS 1 have come. */
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long wanted, n;
static double first;

static double now(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_connect(struct mosquitto *m, void *ctx, int rc)
{
        (void)ctx;
        if (rc || mosquitto_subscribe(m, NULL, "suyuan/+/readings", 1))
                exit(1);
}

static void on_subscribe(struct mosquitto *m, void *ctx, int id, int qos_n, const int *qos)
{
        (void)m;
        (void)ctx;
        (void)id;
        (void)qos_n;
        (void)qos;
        puts("subscribed");
        fflush(stdout);
}

static void on_message(struct mosquitto *m, void *ctx, const struct mosquitto_message *msg)
{
        (void)ctx;
        (void)msg;
        if (!n++)
                first = now();
        if (n == wanted) {
                printf("{\"messages\": %ld, \"seconds\": %.6f}\n", n, now() - first);
                fflush(stdout);
                mosquitto_disconnect(m);
        }
}

int main(int argc, char **argv)
{
        if (argc != 5)
                return 2;
        wanted = atol(argv[4]);
        mosquitto_lib_init();
        struct mosquitto *m = mosquitto_new("bare", true, NULL);
        if (!m || mosquitto_username_pw_set(m, argv[2], argv[3]))
                return 1;
        mosquitto_connect_callback_set(m, on_connect);
        mosquitto_subscribe_callback_set(m, on_subscribe);
        mosquitto_message_callback_set(m, on_message);
        if (mosquitto_connect(m, "127.0.0.1", atoi(argv[1]), 60))
                return 1;
        int rc = mosquitto_loop_forever(m, -1, 1);
        mosquitto_destroy(m);
        return rc != 0;
}
