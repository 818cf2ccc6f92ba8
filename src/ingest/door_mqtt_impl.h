#ifndef SUYUAN_INGEST_DOOR_MQTT_IMPL_H
#define SUYUAN_INGEST_DOOR_MQTT_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "ingest/collector.h"
#include "ingest/dial.h"
#include "ingest/mqtt_flights.h"
#include "ingest/mqtt_message.h"

/* The door: a thread that connects, works (mqtt_session.c) until the connection or the door ends, and connects again. */
struct door_mqtt {
        struct collector *c;
        struct settings_door o;         /* texts of our own */
        char *url, *host;
        const char *port;
        bool tls;
        char *password;
        pthread_t thread;
        int stop_fd, wake_fd;
        atomic_bool stop;
        enum mqtt_version version;
        struct flights *flights;
        struct mqtt_reader *reader;
        struct arena *arena;            /* of the message that is read */

        /* of one connection */
        struct dial *dial;
        uint8_t *in;
        size_t in_at, in_n;             /* of `in`: what is read and not yet done */
        struct buf out;
        size_t out_at;
        int64_t arrived_us, said_us, ping_us;   /* last bytes in and out; a ping that waits for its answer, or 0 */
        int keep_alive_s;
        bool blocked;                   /* the collector has no room, or a name is being looked up: nothing is read */
        struct { const struct reading *r; size_t n; uint16_t id; bool is; } held;       /* decoded, and not taken yet */
        uint64_t messages;
};

/* One connection, from CONNECT to its end: -1 with the reason; 0: the door is to stop.  `ret_stood`: it was once accepted. */
int mqtt_session(struct door_mqtt *d, bool *ret_stood, struct err *reterr);

enum { MQTT_IN_BYTES = 1280 * 1024, MQTT_OUT_BYTES = 1024 * 1024 };

#endif
