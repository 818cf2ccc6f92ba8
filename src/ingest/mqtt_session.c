#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "ingest/door_mqtt_impl.h"

enum { CONNECT_MS = 10000, KEEP_ALIVE_S = 30, SESSION_EXPIRY_S = 7 * 24 * 3600, BLOCKED_MS = 5, SUBSCRIBE_ID = 1, TOPICS = 4, FLUSH_MS = 1000 };

/* ---- bytes ---- */

static int flush_out(struct door_mqtt *d, struct err *reterr)
{
        while (d->out_at < d->out.n) {
                long n = dial_write(d->dial, d->out.p + d->out_at, d->out.n - d->out_at, reterr);
                if (n < 0)
                        return -1;
                if (n == 0)
                        return 0;
                d->out_at += (size_t)n;
                d->said_us = clock_mono_us();
        }
        buf_clear(&d->out);
        d->out_at = 0;
        return 0;
}

static int read_in(struct door_mqtt *d, struct err *reterr)
{
        if (d->in_at) {
                memmove(d->in, d->in + d->in_at, d->in_n - d->in_at);
                d->in_n -= d->in_at;
                d->in_at = 0;
        }
        if (d->in_n == MQTT_IN_BYTES)
                return 0;
        long n = dial_read(d->dial, d->in + d->in_n, MQTT_IN_BYTES - d->in_n, reterr);
        if (n < 0)
                return -1;
        if (n > 0) {
                d->in_n += (size_t)n;
                d->arrived_us = clock_mono_us();
        }
        return 0;
}

/* Until something may go on: the connection, a told message, the end, or so many milliseconds. */
static int wait_a_while(struct door_mqtt *d, int ms, struct err *reterr)
{
        short events = d->blocked ? 0 : dial_waits(d->dial) | POLLIN;
        if (d->out_at < d->out.n)
                events |= POLLOUT;
        struct pollfd p[3] = { { .fd = dial_fd(d->dial), .events = events }, { .fd = d->wake_fd, .events = POLLIN }, { .fd = d->stop_fd, .events = POLLIN } };
        if (!d->blocked && dial_has_more(d->dial))
                ms = 0;
        if (poll(p, 3, ms) < 0 && errno != EINTR)
                return err_set(reterr, ERR_INTERNAL, "poll: %s", strerror(errno));
        uint64_t n;
        if (p[1].revents && read(d->wake_fd, &n, sizeof n) < 0 && errno != EAGAIN)
                return err_set(reterr, ERR_INTERNAL, "eventfd: %s", strerror(errno));
        return 0;
}

/* The packet at the front; 1, 0: none yet, -1. */
static int front_packet(struct door_mqtt *d, struct mqtt_packet *ret, size_t *ret_n, struct err *reterr)
{
        long n = mqtt_read(d->version, d->in + d->in_at, d->in_n - d->in_at, LIMIT_MQTT_PACKET_BYTES, ret, reterr);
        *ret_n = n > 0 ? (size_t)n : 0;
        return n < 0 ? -1 : n > 0;
}

/* ---- beginning ---- */

static int await_packet(struct door_mqtt *d, enum mqtt_type type, struct mqtt_packet *ret, struct err *reterr)
{
        int64_t until = clock_mono_us() + CONNECT_MS * INT64_C(1000);
        size_t n;
        for (;;) {
                int rc = front_packet(d, ret, &n, reterr);
                if (rc < 0)
                        return -1;
                if (rc == 1 && ret->type != type)
                        return err_set(reterr, ERR_STORE, "the broker answered with a packet of kind %d", ret->type);
                d->in_at += n;
                if (rc == 1)
                        return 0;
                if (clock_mono_us() > until || d->stop)
                        return err_set(reterr, ERR_STORE, "the broker does not answer");
                if (flush_out(d, reterr) < 0 || wait_a_while(d, 200, reterr) < 0 || read_in(d, reterr) < 0)
                        return -1;
        }
}

static const char *reason_text(const struct mqtt_packet *k)
{
        switch (k->reason) {
        case 4: case 0x86: return "the name or the password is wrong";
        case 2: case 0x85: return "our client's name is not taken";
        case 5: case MQTT_NOT_AUTHORIZED: return "we are not authorised";
        case 0x8e: return "another client took our name over";
        default: return "no reason we know";
        }
}

static int be_greeted(struct door_mqtt *d, struct err *reterr)
{
        struct mqtt_connect c = { .version = d->version, .client = str_of(d->o.client), .user = str_of(d->o.user), .password = str_of(d->password),
                                  .keep_alive_s = KEEP_ALIVE_S, .session_expiry_s = SESSION_EXPIRY_S, .max_packet = LIMIT_MQTT_PACKET_BYTES,
                                  .receive_maximum = LIMIT_MQTT_IN_FLIGHT };
        struct mqtt_packet k;
        mqtt_write_connect(&d->out, &c);
        if (await_packet(d, MQTT_CONNACK, &k, reterr) < 0)
                return -1;
        if (d->version == MQTT_5 && (k.reason == MQTT_OLD_VERSION || k.reason == MQTT_UNSUPPORTED_VERSION)) {
                d->version = MQTT_3;
                return err_set(reterr, ERR_STORE, "the broker does not speak MQTT 5; going on with 3.1.1");
        }
        if (k.reason)
                return err_set(reterr, ERR_STORE, "the broker refuses us: %s (%d)", reason_text(&k), k.reason);
        d->keep_alive_s = k.keep_alive_s > 0 ? k.keep_alive_s : KEEP_ALIVE_S;
        log_line(LOG_INFO, "mqtt.connected", "broker=%s:%s version=%s session=%s", d->host, d->port, d->version == MQTT_5 ? "5" : "3.1.1", k.session_present ? "kept" : "new");
        return 0;
}

/* Told each time: a session that the broker lost has no subscriptions, and saying it twice changes nothing.  Messages may come before the answer. */
static void subscribe(struct door_mqtt *d)
{
        static const char *const all[TOPICS] = { "suyuan/+/readings", "suyuan/+/readings/+", BROKER_LOG_TOPIC, "spBv1.0/#" };
        char text[TOPICS][512];
        struct str topics[TOPICS];
        size_t n = d->o.sparkplug ? TOPICS : TOPICS - 1;
        for (size_t i = 0; i < n; i++) {
                snprintf(text[i], sizeof text[i], "%s%s%s%s", *d->o.group ? "$share/" : "", d->o.group, *d->o.group ? "/" : "", all[i]);
                topics[i] = str_of(text[i]);
        }
        mqtt_write_subscribe(&d->out, d->version, SUBSCRIBE_ID, topics, n);
}

/* ---- packets ---- */

static void suback(const struct mqtt_packet *k)
{
        if (k->codes[0] <= 2)
                log_line(LOG_INFO, "mqtt.subscribed", "topics=%zu", k->n_codes);
        for (size_t i = 0; i < k->n_codes; i++)
                if (k->codes[i] > 2)
                        log_line(i ? LOG_INFO : LOG_ERROR, "mqtt.subscribe", "topic=%zu code=%d, the broker refuses it, ignoring", i, k->codes[i]);
}

static void answer_refused(struct door_mqtt *d, uint16_t id, enum mqtt_outcome what)
{
        static const enum mqtt_reason reasons[] = {
                [OUTCOME_NONE] = MQTT_SUCCESS, [OUTCOME_STRANGER] = MQTT_NOT_AUTHORIZED, [OUTCOME_BROKEN] = MQTT_PAYLOAD_INVALID, [OUTCOME_THROTTLED] = MQTT_QUOTA_EXCEEDED,
        };
        if (id)
                flights_add_answered(d->flights, id, reasons[what]);
}

static bool give_held(struct door_mqtt *d)
{
        struct flight *f = flights_add(d->flights, d->held.id);
        if (!collector_give(d->c, d->held.r, d->held.n, flight_told, f)) {
                flights_drop_last(d->flights);
                return false;
        }
        d->held.is = false;
        return true;
}

/* False: not now; the packet is looked at again. */
static bool take_message(struct door_mqtt *d, const struct mqtt_packet *k)
{
        if (flights_n(d->flights) > LIMIT_MQTT_IN_FLIGHT)       /* of QoS 0, which nothing else bounds */
                return false;
        arena_reset(d->arena);
        enum mqtt_outcome what = mqtt_message_read(d->reader, d->arena, k, d->arrived_us, &d->held.r, &d->held.n);
        if (what == OUTCOME_LATER)
                return false;
        d->messages++;
        if (what != OUTCOME_READINGS) {
                answer_refused(d, k->id, what);
                return true;
        }
        d->held.id = k->id;
        d->held.is = true;
        d->blocked = !give_held(d);
        return true;
}

/* True: it is done with. */
static int take_packet(struct door_mqtt *d, const struct mqtt_packet *k, bool *ret_done, struct err *reterr)
{
        *ret_done = true;
        switch (k->type) {
        case MQTT_PUBLISH:
                *ret_done = take_message(d, k);
                return 0;
        case MQTT_SUBACK:
                suback(k);
                return 0;
        case MQTT_PINGRESP:
                d->ping_us = 0;
                return 0;
        case MQTT_DISCONNECT:
                return err_set(reterr, ERR_STORE, "the broker ends the connection: %s (%d)", reason_text(k), k->reason);
        default:
                return err_set(reterr, ERR_STORE, "the broker sends a packet of kind %d", k->type);
        }
}

static int take_packets(struct door_mqtt *d, struct err *reterr)
{
        struct mqtt_packet k;
        bool done = true;
        size_t n;
        d->blocked = d->held.is && !give_held(d);
        while (!d->blocked) {
                int rc = front_packet(d, &k, &n, reterr);
                if (rc <= 0)
                        return rc;
                if (take_packet(d, &k, &done, reterr) < 0)
                        return -1;
                if (!done)
                        d->blocked = true;
                else
                        d->in_at += n;
        }
        return 0;
}

/* What has become durable, or never will, is acknowledged, in the order of receipt.  What was given up comes again only on a new connection (MQTT 5 §4.4). */
static int answer_told(struct door_mqtt *d, struct err *reterr)
{
        uint16_t id;
        enum mqtt_reason reason;
        int rc;
        while (d->out.n < MQTT_OUT_BYTES - 8 && (rc = flights_take(d->flights, &id, &reason)) != 0) {
                if (rc < 0)
                        return err_set(reterr, ERR_STORE, "readings did not become durable; the broker sends them again");
                if (id)
                        mqtt_write_puback(&d->out, d->version, id, reason);
        }
        return 0;
}

static int keep_alive(struct door_mqtt *d, struct err *reterr)
{
        int64_t now = clock_mono_us(), each = d->keep_alive_s * INT64_C(1000000);
        if (d->ping_us && now - d->ping_us > each && now - d->arrived_us > each)
                return err_set(reterr, ERR_STORE, "the broker is silent");
        if (now - d->said_us > each / 2 && !d->ping_us) {
                mqtt_write_pingreq(&d->out);
                d->ping_us = d->said_us = now;
        }
        return 0;
}

static int round_once(struct door_mqtt *d, struct err *reterr)
{
        if (wait_a_while(d, d->blocked ? BLOCKED_MS : 1000, reterr) < 0)
                return -1;
        if (!d->blocked && read_in(d, reterr) < 0)
                return -1;
        return take_packets(d, reterr) < 0 || answer_told(d, reterr) < 0 || keep_alive(d, reterr) < 0 || flush_out(d, reterr) < 0 ? -1 : 0;
}

/* Everything was told before the door is stopped: what became durable is acknowledged, so that it does not come again. */
static void say_goodbye(struct door_mqtt *d)
{
        int64_t until = clock_mono_us() + FLUSH_MS * INT64_C(1000);
        if (answer_told(d, NULL) == 0)
                mqtt_write_disconnect(&d->out);
        d->blocked = true;
        while (flush_out(d, NULL) == 0 && d->out_at < d->out.n && clock_mono_us() < until)
                if (wait_a_while(d, 50, NULL) < 0)
                        break;
}

int mqtt_session(struct door_mqtt *d, bool *ret_stood, struct err *reterr)
{
        d->in_at = d->in_n = d->out_at = 0;
        buf_clear(&d->out);
        d->held.is = d->blocked = false;
        d->ping_us = 0;
        d->arrived_us = d->said_us = clock_mono_us();
        if (be_greeted(d, reterr) < 0)
                return -1;
        *ret_stood = true;
        subscribe(d);
        while (!d->stop)
                if (round_once(d, reterr) < 0)
                        return -1;
        say_goodbye(d);
        return 0;
}
