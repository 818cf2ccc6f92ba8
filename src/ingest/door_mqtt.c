#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/oom.h"
#include "ingest/door_mqtt_impl.h"

enum { BACK_OFF_MIN_MS = 200, BACK_OFF_MAX_MS = 10000, OPEN_MS = 10000, SECRET_BYTES = 4096 };

/* ---- what it was told ---- */

/* mqtt://HOST[:PORT] or mqtts://…; an IPv6 address in brackets. */
static int read_url(struct door_mqtt *d, struct err *reterr)
{
        char *p = d->url;
        d->tls = strncmp(p, "mqtts://", 8) == 0;
        if (!d->tls && strncmp(p, "mqtt://", 7) != 0)
                return err_set(reterr, ERR_BAD_INPUT, "--mqtt is mqtt://HOST[:PORT] or mqtts://HOST[:PORT], not '%.80s'", d->url);
        p += d->tls ? 8 : 7;
        size_t n = strlen(p);
        if (n && p[n - 1] == '/')
                p[n - 1] = 0;
        bool bracket = *p == '[';
        char *end = bracket ? strchr(p, ']') : p + strcspn(p, ":/"), *rest = end ? end + bracket : p;
        d->host = p + bracket;
        d->port = *rest == ':' ? rest + 1 : d->tls ? "8883" : "1883";
        if (!end || end == d->host || (*rest && *rest != ':') || !*d->port || strspn(d->port, "0123456789") != strlen(d->port))
                return err_set(reterr, ERR_BAD_INPUT, "--mqtt is mqtt://HOST[:PORT] or mqtts://HOST[:PORT], not '%.80s'", d->url);
        *end = 0;
        return 0;
}

static void forget_password(struct door_mqtt *d)
{
        if (d->password)
                OPENSSL_cleanse(d->password, strlen(d->password));
        free(d->password);
        d->password = NULL;
}

/* Each time anew: it may be made, or changed, while we run. */
static int read_password(struct door_mqtt *d, struct err *reterr)
{
        struct str s;
        if (!*d->o.secret_file)
                return 0;
        struct arena *a = arena_new();
        int rc = file_read_private(a, d->o.secret_file, SECRET_BYTES, &s, reterr);
        forget_password(d);
        if (rc == 0) {
                size_t n = 0;
                while (n < s.n && s.p[n] != '\n' && s.p[n] != '\r')
                        n++;
                d->password = or_abort(strndup(s.p, n));
        }
        arena_free(a);
        return rc;
}

/* ---- the thread ---- */

static void pause_ms(struct door_mqtt *d, int ms)
{
        struct pollfd p = { .fd = d->stop_fd, .events = POLLIN };
        if (!d->stop)
                poll(&p, 1, ms);
}

static int connect_once(struct door_mqtt *d, bool *ret_stood, struct err *reterr)
{
        struct dial_options o = { .host = d->host, .port = d->port, .tls = d->tls, .ca = d->o.ca, .cert = d->o.cert, .key = d->o.key, .timeout_ms = OPEN_MS, .stop_fd = d->stop_fd };
        if (read_password(d, reterr) < 0 || dial_open(&o, &d->dial, reterr) < 0)
                return -1;
        int rc = mqtt_session(d, ret_stood, reterr);
        flights_forget(d->flights);
        dial_close(d->dial);
        d->dial = NULL;
        return rc;
}

static void *run(void *ctx)
{
        struct door_mqtt *d = ctx;
        char last[sizeof ((struct err *)0)->detail] = "";
        int wait = BACK_OFF_MIN_MS;
        while (!d->stop) {
                struct err e = { 0 };
                bool stood = false;
                if (connect_once(d, &stood, &e) == 0 || d->stop)
                        break;
                if (stood || strcmp(last, e.detail) != 0)       /* the same again and again is said once */
                        log_line(LOG_WARN, stood ? "mqtt.lost" : "mqtt.failed", "broker=%s:%s error=%s, trying again", d->host, d->port, log_quote(e.detail, strlen(e.detail)));
                snprintf(last, sizeof last, "%s", stood ? "" : e.detail);
                wait = stood ? BACK_OFF_MIN_MS : wait;
                pause_ms(d, wait + (int)(clock_mono_us() % (wait / 2)));        /* several do not come at once */
                wait = wait * 2 > BACK_OFF_MAX_MS ? BACK_OFF_MAX_MS : wait * 2;
        }
        return NULL;
}

static void door_free(struct door_mqtt *d)
{
        flights_free(d->flights);
        mqtt_reader_free(d->reader);
        arena_free(d->arena);
        buf_free(&d->out);
        forget_password(d);
        close(d->stop_fd);
        close(d->wake_fd);
        free(d->in);
        free(d->url);
        free(d);
}

static int start(struct collector *c, const struct settings_door *o, void **ret, struct err *reterr)
{
        struct door_mqtt *d = or_abort(calloc(1, sizeof *d));
        d->c = c;
        d->o = *o;
        d->url = or_abort(strdup(o->url));
        d->version = MQTT_5;
        d->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        d->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        d->flights = flights_new(d->wake_fd);
        d->reader = mqtt_reader_new(c, o->sparkplug);
        d->arena = arena_new();
        d->in = or_abort(malloc(MQTT_IN_BYTES));
        buf_init(&d->out, MQTT_OUT_BYTES);
        if (read_url(d, reterr) < 0) {
                door_free(d);
                return -1;
        }
        if (pthread_create(&d->thread, NULL, run, d) != 0)
                or_abort(NULL);
        pthread_setname_np(d->thread, "mqtt");
        *ret = d;
        return 0;
}

static void stop(void *door)
{
        struct door_mqtt *d = door;
        uint64_t one = 1;
        d->stop = true;
        if (write(d->stop_fd, &one, sizeof one) < 0)
                log_line(LOG_ERROR, "mqtt.stop", "eventfd, ignoring");
        pthread_join(d->thread, NULL);
        door_free(d);
}

const struct door door_mqtt = {
        .name = "mqtt",
        .about_zh = "MQTT 5（或 3.1.1）：从消息服务器订阅 suyuan/{设备}/readings",
        .about = "MQTT 5 (or 3.1.1): subscribes suyuan/{device}/readings at a broker",
        .start = start,
        .stop = stop,
};
